"""From a letter's text to its sheets, and what is seen of the signatures on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from engine.catalogue import UnitInfo
from engine.clocks.zone import ZONE
from engine.printing import typeset
from engine.printing.writing import dated, place
from engine.signing.port import AGENCY, PERSON, Place, with_fields

FOLDER = Path(__file__).parent / "templates"
# In points of an A4 sheet with the margins of letter.typ, from its lower left corner: the row of number and date on the
# first sheet, the room above the signer's name on the last.
AGENCY_BOX = (85, 693, 539, 725)
PERSON_BOX = (316, 79, 539, 149)


def sheets(content: Mapping[str, str], title: str, issuer: Mapping[str, str], code: str, signer: str = "", *,
           draft: bool = True) -> bytes:
    """PDF/A-2b. `issuer`: agency, above, place. A draft says that it is one; else room is left for both signatures."""
    data = {"title": title, "code": code, "draft": draft, "signer": signer, "agency": issuer["agency"],
            "above": issuer["above"], "place": issuer["place"], "symbol": content.get("symbol", ""),
            "recipient": content.get("recipient", ""),
            **{name: lines(content.get(name, "")) for name in ("basis", "body", "items", "closing", "copies",
                                                               "position")}}
    return typeset.pdf("letter.typ", data, folder=FOLDER)


def to_be_signed(pdf: bytes) -> bytes:
    """With an empty field for the person and one for the agency."""
    last = int(PdfFileReader(BytesIO(pdf)).root["/Pages"]["/Count"]) - 1
    return with_fields(pdf, [Place(PERSON, last, PERSON_BOX), Place(AGENCY, 0, AGENCY_BOX)])


def seen_of_person(name: str, told: Sequence[str], at: datetime) -> bytes:
    return _seen("person.typ", PERSON_BOX, {"name": name, "lines": list(told), "at": _second(at)})


def seen_of_agency(number: int, symbol: str, unit: UnitInfo, at: datetime) -> bytes:
    return _seen("agency.typ", AGENCY_BOX, {"number": f"{number:02d}", "symbol": symbol, "dated": dated(unit, at),
                                            "agency": unit.agency_vi, "at": _second(at)})


def issuer_of(unit: UnitInfo, above: str) -> dict[str, str]:
    return {"agency": unit.agency_vi, "above": above, "place": place(unit)}


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _seen(template: str, box: tuple[int, int, int, int], data: dict[str, Any]) -> bytes:
    size = {"width": box[2] - box[0], "height": box[3] - box[1]}
    return typeset.pdf(template, data | size, folder=FOLDER)


def _second(at: datetime) -> str:
    return at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M:%S")
