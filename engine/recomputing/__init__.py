"""Due dates after a change of calendars: what it would do, and doing it to every dossier in flight."""

from engine.recomputing.effect import Effect, Shift, preview
from engine.recomputing.job import Recomputed, recompute

__all__ = ["Effect", "Recomputed", "Shift", "preview", "recompute"]
