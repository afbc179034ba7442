"""A postal worker at the counters of the demonstration province; after every test the whole database must be sound."""

from __future__ import annotations

from tests.casework.conftest import start
from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound", "start"]
