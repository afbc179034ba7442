"""The names of the functions that procedures give work to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from procedures.declaration import Declaration
from procedures.entry import Entry, Id, Text
from procedures.reading import read, validated

PATH = Path(__file__).parent / "parties.yaml"


class Parties(Entry):
    """parties.yaml"""

    parties: dict[Id, Text] = Field(min_length=1)


@cache
def known() -> Mapping[str, Text]:
    """The common list, in its order."""
    return MappingProxyType(validated(Parties, read(PATH.read_text(encoding="utf-8"), str(PATH))).parties)


def name(declaration: Declaration, party: str) -> Text:
    """What people call the party: the procedure's own word first; one nobody named is called by its id."""
    return declaration.parties.get(party) or known().get(party) or Text(vi=party, en=party)
