"""What the form knows of the applicant before it is sent: read from the card, doubtful, handed in earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from api.context import Person
from api.pages.forms import Posted
from engine import documents
from engine.counter import citizens
from engine.counter.citizens import Card, Earlier
from engine.desk.places import day_of
from engine.documents import EarlierPaper
from engine.states.procedure import Procedure
from procedures.declaration import Text

APPLICANT = ("name", "id_number", "phone", "email", "address")
REACHED = ("phone", "email", "address")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """`read`: a card was just read into the form. `papers`: scans of the same person that may be used again, with the
    values of their boxes; `chosen` are those ticked.
    """

    read: Card | None
    doubts: list[Text]
    earlier: list[Earlier]
    papers: list[tuple[str, EarlierPaper, Text]]
    chosen: tuple[str, ...]


def known(caller: Person, posted: Posted, procedure: Procedure | None = None) -> Known:
    """With `procedure`, also what its papers may be taken from."""
    number, read, office = posted.text("applicant.id_number").replace(" ", ""), _card(posted), caller.office
    number = read.number if read else number
    papers = documents.earlier_papers(office, number, procedure, caller.actor, caller.now) if procedure else []
    names = procedure.declaration.documents if procedure else {}
    return Known(read=read, doubts=citizens.doubts(number, read, day_of(caller.now)),
                 earlier=citizens.earlier(office, office.catalogue(), number, caller.id, caller.now),
                 papers=[(f"{row.component}:{row.id}", row, names[row.component].name) for row in papers],
                 chosen=posted.many("reuse"))


def reused(posted: Posted) -> dict[str, UUID]:
    """The scan to be used again, by component; what cannot be read is nothing."""
    found = {}
    for component, _, text in (value.partition(":") for value in posted.many("reuse")):
        try:
            found[component] = UUID(text)
        except ValueError:
            continue
    return found


def completed(caller: Person, posted: Posted) -> Posted:
    """The form with the card's fields in their places, and what was taken over from an earlier dossier."""
    told = _from_card(posted) | _taken_over(caller, posted)
    if not told:
        return posted
    kept = [(name, value) for name, value in posted.data.multi_items() if name not in told]
    return Posted(FormData([*kept, *told.items()]))


def _card(posted: Posted) -> Card | None:
    """Wherever the reader typed it: it writes into the field that has the focus."""
    texts = [posted.text("subject"), *(posted.text(f"applicant.{name}") for name in APPLICANT), posted.text("card")]
    return next((found for text in texts if (found := citizens.card(text))), None)


def _from_card(posted: Posted) -> dict[str, Any]:
    read = _card(posted)
    if read is None:
        return {}
    told = {name: "" for name in ("subject", *(f"applicant.{field}" for field in APPLICANT))
            if citizens.card(posted.text(name))}
    told |= {"applicant.id_number": read.number, "applicant.name": read.name}
    if told.get("applicant.address", posted.text("applicant.address")) == "":
        told["applicant.address"] = read.address
    return told


def _taken_over(caller: Person, posted: Posted) -> dict[str, Any]:
    code = posted.text("use")
    if not code:
        return {}
    row = next((row for row in known(caller, posted).earlier if row.code == code), None)
    return {f"applicant.{name}": getattr(row, name) for name in REACHED} if row else {}
