"""Who stands at the counter: read from the card, checked against it, known from earlier dossiers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from engine.casework.telling import STATUSES
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.office import Office
from procedures.declaration import Text
from storage import reception

SHOWN = 5
# What the QR code of a citizen's card holds: number|old number|name|born|sex|address|issued; readers type it.
_CARD = re.compile(r"(?P<number>\d{12})\|(?:\d{9}|\d{12})?\|(?P<name>[^|]{1,200})\|(?P<born>\d{8})\|"
                   r"(?P<sex>[^|]{0,10})\|(?P<address>[^|]{0,500})(?:\|\d{0,8})?(?:\|[^|]*)*")
# Codes of the place of registration of birth, as they were given to the 63 provinces.
_PROVINCES = (
    "001 002 004 006 008 010 011 012 014 015 017 019 020 022 024 025 026 027 030 031 033 034 035 036 037 038 040 042 "
    "044 045 046 048 049 051 052 054 056 058 060 062 064 066 067 068 070 072 074 075 077 079 080 082 083 084 086 087 "
    "089 091 092 093 094 095 096")
_SEX = {"nam": 0, "nữ": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    number: str
    name: str
    address: str
    born: date | None
    sex: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Earlier:
    """A dossier of the same ID number that the reader may see."""

    code: str
    procedure_name: Text
    status_name: Text
    submitted_at: datetime
    name: str
    phone: str
    email: str
    address: str


def card(text: str) -> Card | None:
    """What a card reader typed, wherever in the text it stands."""
    found = _CARD.search(text)
    if found is None:
        return None
    return Card(number=found["number"], name=found["name"].strip(), address=found["address"].strip(),
                born=_day(found["born"]), sex=found["sex"].strip())


def _day(text: str) -> date | None:
    try:
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    except ValueError:
        return None


def doubts(number: str, read: Card | None, today: date) -> list[Text]:
    """What is odd about an ID number of twelve digits; hints for the clerk, never a reason to refuse."""
    if not (number.isascii() and number.isdigit() and len(number) == 12):
        return []
    found = []
    if number[:3] not in _PROVINCES.split():
        found.append(Text(vi=f"ba chữ số đầu {number[:3]} không phải mã tỉnh", en=f"{number[:3]} is no province"))
    year = 1900 + int(number[3]) // 2 * 100 + int(number[4:6])
    if year > today.year:
        found.append(Text(vi=f"năm sinh {year} ở tương lai", en=f"the year of birth {year} is in the future"))
    if read is not None and read.number == number:
        if read.born is not None and read.born.year != year:
            found.append(Text(vi=f"số cho năm sinh {year}, thẻ ghi {read.born.year}",
                              en=f"the number says born {year}, the card {read.born.year}"))
        sex = _SEX.get(read.sex.casefold())
        if sex is not None and int(number[3]) % 2 != sex:
            found.append(Text(vi=f"số không hợp với giới tính “{read.sex}” trên thẻ",
                              en=f"the number does not fit the sex “{read.sex}” on the card"))
    return found


def earlier(office: Office, catalogue: Catalogue, id_number: str, person: int, now: datetime) -> list[Earlier]:
    """The latest first; nothing for a number nobody could have."""
    if not id_number.isdigit() or len(id_number) < 9:
        return []
    rows = reception.before(office.db, id_number, person, now.astimezone(ZONE).date(), SHOWN)
    return [Earlier(code=row.code, procedure_name=catalogue.procedures[row.version_id].declaration.name,
                    status_name=STATUSES[row.status], submitted_at=row.submitted_at, name=row.name, phone=row.phone,
                    email=row.email, address=row.address) for row in rows]
