"""Dossiers on their way; after every test the whole database is sound."""

from __future__ import annotations

from tests.casework.conftest import start
from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound", "start"]
