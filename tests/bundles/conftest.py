"""Parts of bundles are dossiers like any other."""

from __future__ import annotations

from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound"]
