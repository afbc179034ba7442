"""What a postal slip is known for: which line of a signed record it stands in, whether a result went out with it.

The signing of the hand-over record is when its dossiers were submitted (Decision 45/2016/QĐ-TTg).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.casework import steps
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.casework.postal import AT_THE_DESK, written
from engine.casework.submission import Submission
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Invalid, NotPossibleHere, WrongRole
from engine.office import Office
from procedures.declaration import Role
from storage import post
from storage.dossiers import Loaded
from storage.post import Line

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
SLIP = re.compile(r"[0-9A-Z][0-9A-Z./-]{3,39}")
USED = ("số phiếu gửi này đã dùng cho một hồ sơ khác", "this slip number was used for another item")
UNKNOWN = ("phiếu gửi này không có trong biên bản giao nhận nào đã ký của quầy",
           "this slip is in no signed hand-over record of the desk")


def refuse_unwritten(slip: str) -> None:
    """Raises Invalid for what is no slip number."""
    if slip and not SLIP.fullmatch(written(slip)):
        raise Invalid({"slip": ("số phiếu gửi gồm 4 đến 40 chữ cái, chữ số",
                                "a slip number has 4 to 40 letters and digits")})


def sending(office: Office, order: Order, now: datetime) -> Decide:
    """`send_by_post`: a slip belongs to one posting, ever, and to none that brought papers. Raises Invalid."""
    slip = written(order.particulars.slip)

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        refuse_unwritten(slip)
        if slip and (post.posted(office.db, slip) or post.line(office.db, slip) is not None):
            raise Invalid({"slip": USED})
        return steps.decide(loaded, order, catalogue, now)

    return decide


def of_reception(office: Office, submission: Submission) -> Row:
    """The line of the record a dossier is entered from, with the legal moment where it was complete. Raises Invalid."""
    if not submission.slip:
        return {}
    refuse_unwritten(submission.slip)
    line = post.line(office.db, written(submission.slip))
    if line is None or line.signed_at is None or line.unit_id != submission.unit:
        raise Invalid({"slip": UNKNOWN})
    if line.dossier_id is not None:
        raise Invalid({"slip": USED})
    if submission.channel != "post":
        raise Invalid({"channel": ("hồ sơ theo phiếu gửi bưu chính phải chọn kênh bưu chính",
                                   "what came with a postal slip was handed in by post")})
    if line.procedure != submission.procedure or line.completes is not None:
        raise Invalid({"slip": ("biên bản giao nhận ghi phiếu gửi này cho thủ tục hoặc hồ sơ khác",
                                "the record has this slip for another procedure or dossier")})
    return _told(line)


def _told(line: Line) -> Row:
    return {"line": {"intake_id": line.intake_id, "no": line.no},
            "submitted_at": iso(line.signed_at) if line.complete else None}


def enter(decision: Decision, details: Row) -> None:
    """The line has become this dossier; the entry says when its papers were handed over."""
    line = decision.loaded.post.get("line")
    if line is not None:
        decision.add("post_line", {**line, "dossier_id": decision.loaded.id})
        details["by_post"] = {**line, "submitted_at": decision.loaded.post["submitted_at"]}


def hold(decision: Decision, state: str, unit: UnitInfo, *, accepted: bool) -> None:
    """From the signing of the record to its entry the desk had the dossier: its first work began then."""
    signed = decision.loaded.post.get("submitted_at")
    if signed is None:
        return
    if accepted:
        decision.open_item(state=state, unit=unit, role=Role.RECEPTIONIST)
        decision.lists["open"][-1] |= {"closed_at": decision.stamp, "closed_by": decision.actor.id,
                                       "close_event": "accept"}
    decision.lists["open"][0]["opened_at"] = signed


def supplementing(office: Office, order: Order, now: datetime) -> Decide:
    """`take_in_by_post`: a supplement that came with a slip; the order's `slip`. What came in is entered as always."""
    slip = written(order.particulars.slip)

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        refuse_unwritten(slip)
        line = post.line(office.db, slip)
        if line is None or line.signed_at is None or line.completes != loaded.code:
            raise Invalid({"slip": UNKNOWN})
        if line.dossier_id is not None:
            raise Invalid({"slip": USED})
        return _supplement(loaded, order, catalogue, now, line)

    return decide


def _supplement(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime, line: Line) -> Decision:
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = catalogue.units[line.unit_id]
    role = next((role for held, role in loaded.memberships if held == unit.id and role in AT_THE_DESK), None)
    if role is None:
        raise WrongRole(event="nhận giấy tờ bổ sung qua bưu chính", event_en="take in a supplement by post",
                        who_vi=unit.full_vi, who_en=unit.full_en)
    if loaded.closed_at is not None:
        raise NotPossibleHere(event="nhận giấy tờ bổ sung", event_en="take in a supplement",
                              where_vi="hồ sơ đã kết thúc", where_en="the dossier is closed", possible="-")
    decision.act_as(unit.id, role)
    decision.raise_version()
    loaded.post = {**loaded.post, **_told(line)}
    details: Row = {"version": decision.version}
    enter(decision, details)
    decision.audit(order.event, unit=unit, before=loaded.states, after=loaded.states, details=details,
                   spoken=replace(order.particulars, slip=line.slip).spoken())
    return decision
