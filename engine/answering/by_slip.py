"""A slip that came back on paper: found by its number, and entered by somebody of the unit that sent it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.answering import closing
from engine.answering.asked import OPEN, Asked, Stage, asked
from engine.answering.closing import Sent, Signer
from engine.casework.orders import Actor, Faults, reason_faults, unfit
from engine.casework.outside import Said, Voice
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotFound, NotPossibleHere
from engine.office import Office
from procedures.declaration import Role
from storage import links
from storage.links import Awaited, Unprinted
from storage.tables.links import Way

ROLES = frozenset({Role.CLERK, Role.OFFICER, Role.HEAD, Role.RECEPTIONIST, Role.MANAGER, Role.SIGNER})
# The answer that is none: the hand-off comes back.
REFUSAL = "refuse_handoff"
MOST_SHOWN = 200
LONGEST_POST = 130
# Unit and role, as whoever is signed in holds them today.
Posts = Sequence[tuple[int, str]]
_NUMBER = re.compile(r"(\S+?)-H(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """The answer as it stands on paper. `dated`: the day written there."""

    signer: Signer
    dated: date | None
    said: Said
    files: Sequence[Sent]


def mine(posts: Posts) -> list[int]:
    """The units for which this person may enter answers."""
    return sorted({unit for unit, role in posts if role in ROLES})


def unprinted(office: Office, posts: Posts) -> list[Unprinted]:
    return links.unprinted(office.db, mine(posts), MOST_SHOWN)


def awaited(office: Office, posts: Posts) -> list[Awaited]:
    return links.awaited(office.db, mine(posts), MOST_SHOWN)


def find(office: Office, text: str, posts: Posts, now: datetime) -> Asked:
    """By what a scanner reads or a person types. Raises NotFound also for slips of units that are not the person's."""
    told = _NUMBER.fullmatch("".join(text.split()).upper())
    standing = None if told is None or unfit(text) else links.of_slip(office.db, told[1], int(told[2]))
    if standing is None or standing.from_unit_id not in mine(posts):
        raise NotFound(what=f"phiếu trả lời {text[:60]}", what_en=f"the answer slip {text[:60]}")
    found = asked(office, standing, now, by_link=False)
    if found.receiver.reach not in tuple(Way) and found.stage in OPEN:
        raise NotPossibleHere(event="nhập trả lời", event_en="enter the answer",
                              where_vi="nơi nhận tự trả lời trên hệ thống của mình",
                              where_en="the receiver answers by a system of its own", possible="-", possible_en="-")
    return found


def enter(office: Office, found: Asked, paper: Paper, actor: Actor, now: datetime) -> None:
    """Closes the hand-off as if its people had answered here. Raises Invalid, NotPossibleHere when it was closed."""
    if found.content is None:
        raise NotPossibleHere(event="nhập trả lời", event_en="enter the answer", where_vi="phiếu đã khép lại",
                              where_en="the slip is closed", possible="-", possible_en="-")
    faults = {**closing.signer_faults(paper.signer), **_day_faults(found, paper.dated, now)}
    if paper.said.event == REFUSAL:
        faults |= _refusal_faults(found, paper.said)
    else:
        faults |= closing.said_faults(found.content, paper.said)
    if faults:
        raise Invalid(faults)
    voice = _voice(found, paper, actor)
    if paper.said.event == REFUSAL:
        closing.refuse(office, found, paper.signer, voice, paper.said.reason, now)
        return
    files = closing.inspected(office, paper.files, now)
    closing.answer(office, found, paper.signer, voice, paper.said, files, now)


def _refusal_faults(found: Asked, said: Said) -> Faults:
    if found.stage is not Stage.ASKED:
        return {"event": ("nơi nhận đã ký nhận, không thể ghi là không nhận",
                          "they signed for it: it cannot be refused any more")}
    return reason_faults(said.reason)


def _day_faults(found: Asked, dated: date | None, now: datetime) -> Faults:
    first, last = found.standing.made_at.astimezone(ZONE).date(), now.astimezone(ZONE).date()
    if dated is None:
        return {"dated": ("ghi ngày trên văn bản", "give the date on the paper")}
    if not first <= dated <= last:
        return {"dated": (f"ngày trên văn bản phải trong khoảng từ {first:%d/%m/%Y} đến hôm nay",
                          f"the date on the paper must be between {first:%d/%m/%Y} and today")}
    return {}


def _voice(found: Asked, paper: Paper, actor: Actor) -> Voice:
    """The record names who signed the paper and who typed it in."""
    post = f"{paper.signer.position.strip()}, {found.receiver.full_vi}"[:LONGEST_POST]
    assert paper.dated is not None, "it was checked"
    return Voice(name=paper.signer.name, where=f"{post}; theo văn bản giấy, do {actor.name} nhập", proof={
        "slip": found.slip, "entered_by": actor.id, "dated": paper.dated.isoformat()})
