"""How a member of staff wants to be told of things. Who chose nothing is told nothing outside these pages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.errors import Invalid
from engine.notifying.kinds import STAFF
from engine.office import Office
from storage import messages
from storage.messages import Wanted
from storage.tables.desk import Channel

_MAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
_PHONE = re.compile(r"\+?\d{9,14}")
_TIME = re.compile(r"([01]?\d|2[0-3])(?:[:hg]([0-5]\d)?)?")
NOTHING = Wanted(mail="", phone="", channels=[], unwanted=[], quiet_from=None, quiet_until=None)


def of(office: Office, person: int) -> Wanted:
    return messages.wanted(office.db, person) or NOTHING


def keep(office: Office, person: int, *, mail: str, phone: str, channels: Sequence[str], wanted: Sequence[str],
         quiet: tuple[str, str]) -> None:
    """`wanted`: the kinds that are. Raises Invalid with every field that is wrong."""
    phone = re.sub(r"[\s.-]", "", phone)
    begins, ends = (_minutes(said) for said in quiet)
    faults: dict[str, tuple[str, str]] = {}
    if mail and not _MAIL.fullmatch(mail):
        faults["mail"] = ("không phải địa chỉ thư điện tử", "is no mail address")
    elif not mail and Channel.MAIL in channels:
        faults["mail"] = ("cần có để nhận qua thư điện tử", "is needed to be told by mail")
    if phone and not _PHONE.fullmatch(phone):
        faults["phone"] = ("không phải số điện thoại", "is no telephone number")
    elif not phone and Channel.SMS in channels:
        faults["phone"] = ("cần có để nhận qua tin nhắn", "is needed to be told by text message")
    for name, said, found in (("quiet_from", quiet[0], begins), ("quiet_until", quiet[1], ends)):
        if said and found is None:
            faults[name] = ("không phải giờ trong ngày, ví dụ 21:00", "is no time of day, such as 21:00")
    if not faults and (begins is None) != (ends is None):
        missing = "quiet_from" if begins is None else "quiet_until"
        faults[missing] = ("cần có cả hai giờ, hoặc để trống cả hai", "give both times, or neither")
    if faults:
        raise Invalid(faults)
    messages.keep_wanted(office.db, person, Wanted(
        mail=mail, phone=phone, channels=[one.value for one in Channel if one in channels],
        unwanted=[kind for kind in STAFF if kind not in wanted], quiet_from=begins, quiet_until=ends))


def _minutes(said: str) -> int | None:
    found = _TIME.fullmatch(said.strip().lower())
    return int(found[1]) * 60 + int(found[2] or 0) if found else None


def clock_face(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02}:{minutes % 60:02}"
