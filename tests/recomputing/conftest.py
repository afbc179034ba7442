"""Dossiers as in the tests of the case work; after every test the whole database must be sound."""

from tests.casework.conftest import start
from tests.sound import compiled, office, sound

__all__ = ["compiled", "office", "sound", "start"]
