"""Procedures in BPMN 2.0, for other tools: written out, and read in as drafts that people finish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from procedures.bpmn.drafting import drafted
from procedures.bpmn.reading import read
from procedures.bpmn.writing import written
from procedures.declaration import Declaration
from procedures.entry import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`data`: a draft with the keys of a procedure file, perhaps incomplete. `taken`, `left`: sentences for people."""

    data: Mapping[str, object]
    taken: tuple[Text, ...]
    left: tuple[Text, ...]


def export(declaration: Declaration) -> bytes:
    """UTF-8. What BPMN cannot say is written beside it, so that `import_bpmn` gives the same procedure again."""
    return written(declaration)


def import_bpmn(data: bytes, name: str) -> Imported:
    """`name`: of the file, for messages. DeclarationError: the file cannot be read, nothing is imported."""
    draft = drafted(read(data, name), name)
    return Imported(data=draft.data, taken=tuple(draft.taken), left=tuple(draft.left))
