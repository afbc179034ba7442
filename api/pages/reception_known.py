"""What the form knows of the applicant before it is sent: read from the card, doubtful, handed in earlier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from api.context import Person
from api.pages.forms import Posted
from engine.counter import citizens
from engine.counter.citizens import Card, Earlier
from engine.desk.places import day_of
from procedures.declaration import Text

APPLICANT = ("name", "id_number", "phone", "email", "address")
REACHED = ("phone", "email", "address")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """`read`: a card was just read into the form."""

    read: Card | None
    doubts: list[Text]
    earlier: list[Earlier]


def known(caller: Person, posted: Posted) -> Known:
    number, read = posted.text("applicant.id_number").replace(" ", ""), _card(posted)
    return Known(read=read, doubts=citizens.doubts(read.number if read else number, read, day_of(caller.now)),
                 earlier=citizens.earlier(caller.office, caller.office.catalogue(), read.number if read else number,
                                          caller.id, caller.now))


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
