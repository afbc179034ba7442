"""Dossiers that another installation masters. A successor is one piece of work for it: registered, done and answered
by our people, with a code of our own. A shadow only shows how the other dossier stands. Neither is in our books.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from engine.casework import claims, clocks, consulting, elsewhere, evidence, sending
from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults, Order, reason_faults, text_faults
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Invalid, NotPossibleHere, NotRegistered, Refused, WrongRole
from procedures.declaration import At, Role
from storage.dossiers import Loaded
from storage.tables.casework import Mirror

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]

# The built-in procedure of successors (procedures/exchange/task.yaml) and its one place of work.
TASK, WORKING, ADDRESSEE = "exchange_task", "working", "addressee"
# What our people may do with a successor; everything else is decided where it is mastered.
OURS = frozenset({
    "register", "refuse_handoff", "answer_task", "consult_further", "answer_consultation", "withdraw_consultation",
    "resend", "claim", "let_go", "assign", "pass_on", "give_back", "comment", "attach", "draft_letter", "save_letter",
    "submit_letter", "return_letter", "initial_letter", "remark_letter", "settle_remark", "sign_letter",
    "issue_letter", "cancel_letter", "recall", "send_link", "print_slip", "enter_answer",
    "ask_to_resend", "send_documents", "close_incident", "leave_document",
})
OF_A_SHADOW = frozenset({"comment", "ask_to_resend", "close_incident"})
ANSWERERS = (Role.OFFICER, Role.HEAD)


def refuse_here(loaded: Loaded, order: Order) -> None:
    """Raises Refused for a person who would do with it what only its master may."""
    if loaded.mirror is None or not order.actor.id:
        return
    if order.event not in (OURS if loaded.mirror == Mirror.SUCCESSOR else OF_A_SHADOW):
        code = (loaded.counterpart or {}).get("thread", "")
        raise Refused(reason_vi=f"Hồ sơ {code} do hệ thống khác quản lý; việc này thực hiện tại đó.",
                      reason_en=f"Dossier {code} is mastered by another system; this is done there.")


def incoming(decision: Decision, handoff: Row) -> bool:
    """The hand-off by which another installation sent us the work."""
    loaded = decision.loaded
    return loaded.mirror == Mirror.SUCCESSOR and (loaded.counterpart or {}).get("handoff_id") == handoff["id"]


def registered(decision: Decision, handoff: Row) -> None:
    """The formal receipt goes back."""
    if incoming(decision, handoff):
        _tell(decision, "registered", handoff, {"by": _by(decision, handoff), "at": decision.stamp,
                                                "code": decision.loaded.code})


def refused(decision: Decision, handoff: Row) -> None:
    """Not taken in: it ends here, and who sent it decides again."""
    _tell(decision, "refused", handoff, {"by": _by(decision, handoff), "at": decision.stamp,
                                         "reason": decision.order.particulars.reason})
    sending.close_handoff(decision, handoff, "refused")
    end(decision, At.STOPPED, 8)


def answer_task(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The order's `kind` is one of the answers the task allows, `documents` are ids of what goes with it."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    item, handoff = _task(decision)
    refuse_stale(decision, None)
    unit = _member(decision, item)
    if handoff["state"] != "registered":
        raise NotRegistered(handoff=handoff["id"])
    claims.refuse_claimed(decision, item)
    consulting.refuse_waiting(decision, WORKING)
    answer = _chosen(decision)
    told = order.particulars
    decision.raise_version()
    _tell(decision, "answered", handoff, {
        "by": _by(decision, handoff), "at": decision.stamp, "event": answer["event"],
        "verdict": told.verdict if answer["verdict"] else "", "words": told.words,
        "reason": told.reason if answer["reason"] else "", "documents": list(told.documents)})
    end(decision, At.RETURNED, 10)
    verdict = {"verdict": told.verdict} if answer["verdict"] else {}
    decision.audit("answer_task", unit=unit, before=loaded.states, after=decision.states, spoken=told.spoken(),
                   details={"version": decision.version, "handoff": handoff["id"], "answer": answer["event"],
                            "documents": list(told.documents), **verdict})
    return decision


def answers(loaded: Loaded) -> list[Row]:
    """The ways in which the work may be answered, as its master named them: event, name, verdict, reason."""
    task = (loaded.counterpart or {}).get("task", {}).get("task", {})
    return list(task.get("answers", ()))


def _task(decision: Decision) -> tuple[Row, Row]:
    """The open work of a successor, and the hand-off that brought it."""
    loaded = decision.loaded
    item = next((row for row in loaded.items if row["state"] == WORKING), None)
    handoff = next((row for row in loaded.handoffs if incoming(decision, row)), None)
    if item is None or handoff is None:
        refuse_stale(decision, None)
        act = ACTS["answer_task"]
        raise NotPossibleHere(event=act.vi, event_en=act.en, where_vi="không còn việc phải trả lời",
                              where_en="there is nothing to answer any more", possible="-", possible_en="-")
    return item, handoff


def _member(decision: Decision, item: Row) -> UnitInfo:
    unit, act = decision.catalogue.units[item["unit_id"]], ACTS["answer_task"]
    for held, role in decision.loaded.memberships:
        if held == unit.id and role in ANSWERERS:
            decision.act_as(unit.id, role, item["claimed_by"])
            return unit
    raise WrongRole(event=act.vi, event_en=act.en, who_vi=f"chuyên viên hoặc lãnh đạo – {unit.full_vi}",
                    who_en=f"an officer or head of {unit.full_en}")


def _chosen(decision: Decision) -> Row:
    """The answer that was chosen, once everything it asks for is there."""
    told = decision.order.particulars
    faults: Faults = text_faults(told.spoken())
    answer = next((one for one in answers(decision.loaded) if one["event"] == told.kind), None)
    if answer is None:
        faults["kind"] = ("chọn cách trả lời", "choose how to answer")
    elif answer["verdict"]:
        if told.verdict not in evidence.VERDICTS:
            faults["verdict"] = ("chọn một ý kiến", "choose an opinion: " + ", ".join(evidence.VERDICTS))
        if not told.words.strip():
            faults["words"] = ("ghi nội dung ý kiến", "write the opinion")
    if answer is not None and answer["reason"]:
        faults |= reason_faults(told.reason)
    scans = {row["id"] for row in decision.loaded.documents if row["sha256"]}
    if not scans.issuperset(told.documents):
        faults["documents"] = ("chọn trong các tài liệu có tệp của hồ sơ này",
                               "choose among the documents of this dossier that have a file")
    if faults or answer is None:
        raise Invalid(faults)
    return answer


def end(decision: Decision, state: str, status: int) -> None:
    """Nothing is left to do here: all work closes, and whom we asked need not go on."""
    loaded = decision.loaded
    closing = [row["no"] for row in loaded.items]
    decision.closed.extend(closing)
    clocks.end_items(decision, closing, decision.order.event)
    consulting.close_left(decision, loaded.states, True, decision.order.event)
    decision.exited.extend(loaded.states)
    decision.states = (str(state),)
    decision.enter(decision.states)
    decision.changes |= {"closed_at": decision.at, "status": status}
    if loaded.counterpart is not None:
        note(decision, {"ended_at": decision.stamp})


def note(decision: Decision, changes: Row) -> None:
    """What we know of it there."""
    assert decision.loaded.counterpart is not None
    decision.add("counterpart", {**decision.loaded.counterpart, "changed_at": decision.stamp, **changes})


# What the master tells us: applied by the machine in the name of who said it. `said` is the content of the message.


def recall(said: Mapping[str, Any], proof: Row, registered: Row | None = None) -> Decide:
    """Asked back: it is theirs again unless somebody registered it. Decided here, so both can never win.

    `registered`: the hand-off as it stands, if somebody did; the work may have been answered since.
    """

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, handoff = _heard(loaded, order, catalogue, now)
        handoff = handoff or registered
        if handoff is None:
            return without_effect(decision, proof)
        unit = catalogue.units[handoff["from_unit_id"]]
        decision.raise_version()
        told = {"version": decision.version, "handoff": handoff["id"], "proof": proof}
        if handoff["state"] in sending.WAITING:
            _tell(decision, "recalled", handoff, {"at": decision.stamp})
            sending.close_handoff(decision, handoff, "recalled")
            end(decision, At.STOPPED, 8)
            decision.audit("recalled", unit=unit, before=loaded.states, after=decision.states, details=told,
                           spoken={"reason": str(said["reason"])})
        else:
            _tell(decision, "kept", handoff, {"at": decision.stamp, "by": _by(decision, handoff)})
            decision.audit("recall_kept", unit=unit, details=told, spoken={"reason": str(said["reason"])})
        return decision

    return decide


def withdrawn(said: Mapping[str, Any], proof: Row) -> Decide:
    """Not needed any more, registered or not."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, handoff = _heard(loaded, order, catalogue, now)
        if handoff is None:
            return without_effect(decision, proof)
        decision.raise_version()
        if handoff["state"] in sending.WAITING:
            sending.close_handoff(decision, handoff, "recalled")
        end(decision, At.STOPPED, 8)
        decision.audit("withdrawn_elsewhere", unit=catalogue.units[handoff["from_unit_id"]], before=loaded.states,
                       after=decision.states, spoken={"reason": str(said["reason"])}, details={
                           "version": decision.version, "handoff": handoff["id"], "proof": proof})
        return decision

    return decide


def progress(said: Mapping[str, Any], due_at: datetime | None, proof: Row) -> Decide:
    """How the dossier stands where it is mastered; a shadow ends with it."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        known = loaded.counterpart or {}
        changes: Row = {"status": said["status"], "status_name": said["status_name"],
                        "due_at": due_at.isoformat() if due_at else None}
        decision.raise_version()
        if loaded.mirror == Mirror.SHADOW:
            decision.changes |= {"status": said["status"], "due_at": due_at}
            changes["task"] = {**known["task"], "dossier": said["dossier"]}
            if said["ended"] and loaded.closed_at is None:
                decision.exited.extend(loaded.states)
                decision.states = (At.RETURNED.value,)
                decision.enter(decision.states)
                decision.changes["closed_at"] = decision.at
        if said["ended"]:
            changes["ended_at"] = known.get("ended_at") or decision.stamp
        note(decision, changes)
        decision.audit("progress", unit=None, before=loaded.states, after=decision.states, details={
            "version": decision.version, "status": said["status"], "ended": said["ended"], "proof": proof})
        return decision

    return decide


def without_effect(decision: Decision, proof: Row) -> Decision:
    """What it spoke of is over; that it came is on record."""
    decision.audit("without_effect", unit=None, details={"proof": proof})
    return decision


def _heard(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Row | None]:
    """The hand-off, while there is work for it."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    return decision, next((row for row in loaded.handoffs if incoming(decision, row)), None)


def _tell(decision: Decision, kind: str, handoff: Row, told: Row) -> None:
    elsewhere.tell(decision, kind, (handoff["to_unit_id"], handoff["from_unit_id"]),
                   {"handoff": handoff["id"], **told})


def _by(decision: Decision, handoff: Row) -> Row:
    unit = decision.catalogue.units[handoff["to_unit_id"]]
    return {"name": decision.signature() if decision.actor.id else "",
            "unit": {"vi": unit.full_vi, "en": unit.full_en}}
