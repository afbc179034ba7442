"""Results on their way by post: sent with a slip, tried, lost, delivered, or back at the desk.

Where the dossier is follows the procedure's own acts (send, confirm delivery, came back); a posting tells of each item.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from engine.casework import handoffs, papers
from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults, Order, reason_faults, text_faults
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS, POST_FAILURES
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotPossibleHere
from procedures import policies
from procedures.declaration import Role
from storage.dossiers import Loaded
from storage.tables.post import PostingState

AT_THE_DESK = (Role.RETURNER, Role.RECEPTIONIST, Role.MANAGER)
# What the carrier reports while it has the item.
ATTEMPT, LOST = "attempt", "lost"
MOST_DONG = 10**12


def written(slip: str) -> str:
    """A slip number as it is kept: capitals, no spaces."""
    return "".join(slip.split()).upper()


def on_its_way(loaded: Loaded) -> Row | None:
    """The posting that has not ended."""
    rows = loaded.post.get("postings") or []
    return rows[-1] if rows and rows[-1]["ended_at"] is None else None


def again(loaded: Loaded, day: date) -> bool:
    """It came back as often as one item is tried (P6): sent once more, somebody says why."""
    rows = loaded.post.get("postings") or []
    return len([row for row in rows if row["state"] == PostingState.CAME_BACK]) >= policies.at(day).post_attempts


def also_told(loaded: Loaded, day: date) -> tuple[str, ...]:
    """What the form of a sending asks for beside the slip: an address where none is known or the one that is failed."""
    where = ("address",) if loaded.post.get("postings") or not loaded.post.get("address") else ()
    return where + (("reason",) if again(loaded, day) else ())


def sending_faults(decision: Decision) -> Faults:
    told, faults = decision.order.particulars, Faults()
    if not (told.address.strip() or decision.loaded.post.get("address")):
        faults["address"] = ("hồ sơ chưa có địa chỉ: ghi địa chỉ gửi, hoặc để người nộp nhận tại quầy",
                             "no address is known: give the one to send it to, or let the applicant collect it")
    if again(decision.loaded, _today(decision)) and reason_faults(told.reason):
        faults["reason"] = ("kết quả đã chuyển hoàn nhiều lần: hỏi người nhận, ghi lý do gửi lần nữa, "
                            "hoặc để người nộp nhận tại quầy",
                            "it came back several times: ask the recipient and say why it is sent once more, "
                            "or let the applicant collect it")
    return faults


def day_faults(decision: Decision, day: date, earliest: str | None) -> Faults:
    """`earliest`: an instant before whose day it cannot have happened."""
    if day > _today(decision):
        return {"day": ("ngày ở tương lai", "the day is in the future")}
    if earliest is not None and day < datetime.fromisoformat(earliest).astimezone(ZONE).date():
        return {"day": ("ngày trước khi gửi hoặc lập lệnh", "the day is before it was sent or ordered")}
    return {}


def _today(decision: Decision) -> date:
    return decision.at.astimezone(ZONE).date()


def send(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """The carrier has it: the posting begins. `amount` is to be collected on delivery, `documents` go along."""
    told = decision.order.particulars
    if not 0 <= told.amount <= MOST_DONG:
        raise Invalid({"amount": ("khoản thu hộ không được âm", "what is to be collected is less than nothing")})
    carrier = told.carrier.strip() or papers.POST
    row = {
        "dossier_id": decision.loaded.id, "no": len(decision.loaded.post.get("postings") or []) + 1,
        "slip": written(told.slip), "carrier": carrier, "unit_id": unit.id, "batch_id": told.batch,
        "recipient": told.recipient, "originals": list(dict.fromkeys(told.documents)), "fee": told.amount,
        "sent_at": decision.stamp, "sent_by": decision.actor.id, "state": PostingState.SENT.value, "attempts": 0,
        "why": "", "delivered_on": None, "received_by": "", "proof": "", "ended_at": None,
        "address": told.address.strip() or decision.loaded.post.get("address"),
    }
    decision.add("posting", row)
    details["posting"] = row["no"]
    if row["originals"]:
        details["originals"] = row["originals"]
    papers.hand_to_post(decision, unit, details, carrier)


def delivered(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """With what proves it: who took it, when, the number of the proof. Raises Invalid for a day that cannot be."""
    row, told = on_its_way(decision.loaded), decision.order.particulars
    papers.delivered(decision, unit, details)
    if row is None:
        return
    day = told.day or _today(decision)
    if faults := day_faults(decision, day, row["sent_at"]):
        raise Invalid(faults)
    decision.add("posting", {**row, "state": PostingState.DELIVERED.value, "delivered_on": day.isoformat(),
                             "received_by": told.recipient, "proof": told.proof, "ended_at": decision.stamp})
    details |= {"posting": row["no"], "delivered_on": day.isoformat()}


def came_back(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """The item is in the desk's hands again. An attempt nobody reported before counts now: one there must have been."""
    row, told = on_its_way(decision.loaded), decision.order.particulars
    papers.came_back(decision, unit, details)
    if row is None:
        return
    why = told.outcome if told.outcome in POST_FAILURES else row["why"] or "other"
    attempts = row["attempts"]
    if row["state"] == PostingState.SENT and not attempts:
        attempts = 1
        _attempt(decision, row, attempts, _today(decision), why)
    decision.add("posting", {**row, "state": PostingState.CAME_BACK.value, "attempts": attempts, "why": why,
                             "ended_at": decision.stamp})
    details |= {"posting": row["no"], "why": why}


def _attempt(decision: Decision, row: Row, no: int, day: date, why: str) -> None:
    decision.add("posting_attempt", {
        "dossier_id": decision.loaded.id, "posting_no": row["no"], "no": no, "day": day.isoformat(), "why": why,
        "note": decision.order.particulars.reason, "recorded_by": decision.actor.id, "at": decision.stamp})


def record(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """An attempt in vain (`outcome` says why), or a loss: an incident, and the carrier's liability (45/2016 art. 14).

    After the last attempt the item is on its way back; it is the desk's again when `record_failed_delivery` says so.
    """
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    row, told = on_its_way(loaded), order.particulars
    unit = _desk(decision, row)
    possible = row is not None and (row["state"] == PostingState.SENT
                                    or (told.kind == LOST and row["state"] == PostingState.RETURNING))
    if row is None or not possible:
        act = ACTS[order.event]
        raise NotPossibleHere(event=act.vi, event_en=act.en, where_vi="bưu gửi không còn chờ phát",
                              where_en="its item no longer waits for delivery", possible="-")
    refuse_stale(decision, None)
    day = told.day or _today(decision)
    faults = {**text_faults(told.spoken()), **day_faults(decision, day, row["sent_at"])}
    if told.kind not in (ATTEMPT, LOST):
        faults["kind"] = ("chọn: phát không thành, hoặc thất lạc", "choose: an attempt in vain, or a loss")
    if told.kind == ATTEMPT and told.outcome not in POST_FAILURES:
        faults["outcome"] = ("chọn lý do phát không thành", "choose why it was not delivered")
    if faults:
        raise Invalid(faults)
    decision.raise_version()
    details: Row = {"version": decision.version, "posting": row["no"], "kind": told.kind, "day": day.isoformat()}
    (_lost if told.kind == LOST else _tried)(decision, row, day, details)
    decision.audit(order.event, unit=unit, before=loaded.states, after=loaded.states, details=details,
                   spoken=told.spoken())
    return decision


def _tried(decision: Decision, row: Row, day: date, details: Row) -> None:
    attempts, why = row["attempts"] + 1, decision.order.particulars.outcome
    last = attempts >= policies.at(_today(decision)).post_attempts
    _attempt(decision, row, attempts, day, why)
    state = PostingState.RETURNING if last else PostingState.SENT
    decision.add("posting", {**row, "state": state.value, "attempts": attempts, "why": why})
    details |= {"attempt": attempts, "why": why}


def _lost(decision: Decision, row: Row, day: date, details: Row) -> None:
    decision.add("posting", {**row, "state": PostingState.LOST.value})
    decision.add("incident", {
        "id": str(uuid.uuid4()), "kind": "posting_lost", "dossier_id": decision.loaded.id, "run_id": None,
        "unit_id": row["unit_id"], "opened_at": decision.stamp,
        "detail": f"{row['slip']} – {row['carrier']} chịu trách nhiệm bồi thường"})
    paper = papers.of_kind(decision, "result")
    if paper is not None:
        details["paper"] = paper["barcode"]
        papers.queue(decision, {**paper, "state": "missing", "since": decision.stamp})


def _desk(decision: Decision, row: Row | None) -> UnitInfo:
    """The desk that sent it."""
    return handoffs.of_unit(decision, row["unit_id"] if row else decision.loaded.intake_unit_id, AT_THE_DESK)
