"""Due dates after a change of calendars: what it would do, and doing it to every dossier in flight."""

from engine.recomputing.effect import Effect, Shift, preview

__all__ = ["Effect", "Shift", "preview"]
