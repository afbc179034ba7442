"""Consultation beside the procedure: an officer asks a unit that the procedure does not know; recorded as a deviation.

What was asked at once is a round with one join rule. The step it was asked from is not completed before the rule is
satisfied by the set of answers that came, or the rest is withdrawn (Decree 61/2018, article 19(5)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from engine.casework import claims, clocks, evidence, sending
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Faults, Order, Particulars, check_words, text_faults
from engine.casework.staleness import refuse_stale
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.faults import BadLimit
from engine.clocks.limits import Limit
from engine.errors import Invalid, NotPossibleHere, NotRegistered, Refused, WrongRole
from engine.states.procedure import Command, Need
from procedures.declaration import Event, Expiry, Phase, Role, Text
from storage.dossiers import Loaded

JOINS = {
    "all": Text(vi="Chờ đủ mọi ý kiến", en="Wait for every opinion"),
    "any": Text(vi="Chỉ chờ một ý kiến", en="Wait for one opinion"),
    "first_negative": Text(vi="Chờ đủ, hoặc một ý kiến không đồng ý", en="Wait for all, or for one that disagrees"),
    "none": Text(vi="Không chờ (để tham khảo)", en="Do not wait (for information)"),
}
# What it means that no answer comes in time; silence is agreement only where a law says so.
UNANSWERED = {
    Expiry.ESCALATE: Text(vi="Báo lãnh đạo đơn vị được hỏi và quản lý bộ phận Một cửa",
                          en="The head of the unit asked and the management of the one-stop desk are told"),
    Expiry.RETURN: Text(vi="Khép lại, không chờ nữa", en="It is closed and no longer awaited"),
    Expiry.TACIT_YES: Text(vi="Coi như đồng ý (ghi căn cứ pháp lý)", en="It counts as agreement (give the law)"),
}
# What who is asked must know of the end of his limit.
SILENCE = {
    Expiry.RETURN: Text(vi="Đến hạn không có ý kiến thì không chờ nữa.", en="After the limit it is no longer awaited."),
    Expiry.TACIT_YES: Text(vi="Đến hạn không có ý kiến thì coi như đồng ý.",
                           en="No answer in time counts as agreement."),
    Expiry.TACIT_NO: Text(vi="Đến hạn không có ý kiến thì coi như không đồng ý.",
                          en="No answer in time counts as disagreement."),
}
MOST_AT_ONCE = 12
# No state of any procedure can have this name: an id never holds two underscores in a row.
PREFIX = "consultation__"
ASKERS = (Role.OFFICER, Role.HEAD)
# Comes between, and the dossier comes back to the step: the answers may arrive meanwhile.
_BETWEEN = (Event.REQUEST_SUPPLEMENT, Event.REQUEST_PAYMENT, Event.STOP, Event.WITHDRAW)


def place(no: int) -> str:
    return f"{PREFIX}{no}"


def is_open(row: Row) -> bool:
    return row["answered_at"] is None and row["withdrawn_at"] is None


def ask(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises WrongRole unless the actor is at work on a step of processing; Invalid names every wrong entry."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    item, unit = _at_work(decision)
    refuse_stale(decision, item if decision.procedure.states[item["state"]].branch_of else None)
    units, limit = _asked(decision, unit)
    decision.raise_version()
    first = len(loaded.consultations)
    for number, target in enumerate(units, start=first + 1):
        _open(decision, number, first + 1, item, unit, target, limit)
    decision.audit("consult_further", unit=unit, spoken=order.particulars.spoken(), details={
        "version": decision.version, "deviation": True, "units": [target.id for target in units],
        "join": order.particulars.join, "limit": limit.written(), "from": item["state"],
        "expiry": order.particulars.expiry or Expiry.ESCALATE,
    })
    return decision


def asks_from(decision: Decision) -> Iterator[str]:
    """The open steps of processing from which the actor may ask."""
    return iter(dict.fromkeys(item["state"] for item, _ in _mine(decision)))


def _mine(decision: Decision) -> Iterator[tuple[Row, str]]:
    """The open steps of processing that the actor may work on now, and in which role."""
    loaded, states = decision.loaded, decision.procedure.states
    settled = {row["id"] for row in loaded.handoffs if row["state"] == "registered"}
    held = {(unit, role) for unit, role in loaded.memberships}
    for item in loaded.items:
        ready = item["handoff_id"] is None or item["handoff_id"] in settled
        if item["duty"] == "step" and states[item["state"]].phase is Phase.PROCESSING and ready:
            yield from ((item, role) for role in ASKERS if (item["unit_id"], role) in held)


def _at_work(decision: Decision) -> tuple[Row, UnitInfo]:
    """The step the actor asks from: the one he names, where he works on several."""
    for item, role in _mine(decision):
        if decision.order.state in (None, item["state"]):
            decision.act_as(item["unit_id"], role, item["claimed_by"])
            return item, decision.catalogue.units[item["unit_id"]]
    raise WrongRole(event="lấy ý kiến thêm", event_en="consult further",
                    who_vi="chuyên viên hoặc lãnh đạo đơn vị đang xử lý hồ sơ",
                    who_en="an officer or head of the unit that works on the dossier")


def _asked(decision: Decision, unit: UnitInfo) -> tuple[list[UnitInfo], Limit]:
    told = decision.order.particulars
    faults: Faults = text_faults(told.spoken())
    units = [found for number in dict.fromkeys(told.units) if (found := decision.catalogue.units.get(number))]
    if not units or len(units) != len(set(told.units)) or len(units) > MOST_AT_ONCE:
        faults["units"] = (f"chọn từ 1 đến {MOST_AT_ONCE} đơn vị", f"choose 1 to {MOST_AT_ONCE} units")
    elif any(found.id == unit.id or (found.id, Role.OFFICER) not in decision.catalogue.staffed for found in units):
        faults["units"] = ("chọn đơn vị khác có chuyên viên cho ý kiến được",
                           "choose other units, where an officer can answer")
    if not told.words.strip():
        faults["words"] = ("ghi nội dung cần lấy ý kiến", "write what is asked")
    if told.join not in JOINS:
        faults["join"] = ("chọn cách chờ ý kiến", "choose what the dossier waits for")
    faults |= _unanswered(told)
    try:
        limit = Limit.parse(told.limit)
    except BadLimit as bad:
        faults["limit"] = (bad.message("vi"), bad.message("en"))
    if faults:
        raise Invalid(faults)
    return units, limit


def _unanswered(told: Particulars) -> Faults:
    if told.expiry and told.expiry not in UNANSWERED:
        return {"expiry": ("chọn việc xảy ra khi không có ý kiến", "choose what follows when no answer comes")}
    if told.expiry == Expiry.TACIT_YES and not told.reason.strip():
        return {"reason": ("ghi căn cứ pháp lý để coi im lặng là đồng ý",
                           "give the law by which silence is agreement")}
    return {}


def _open(decision: Decision, number: int, first: int, item: Row, unit: UnitInfo, target: UnitInfo,
          limit: Limit) -> None:
    expiry = Expiry(decision.order.particulars.expiry or Expiry.ESCALATE)
    opened, due = sending.open_beside(decision, place(number), unit, target, limit, expiry)
    decision.add("consultation", {
        "dossier_id": decision.loaded.id, "no": number, "round": first, "state": item["state"],
        "unit_id": target.id, "from_unit_id": unit.id, "item_no": opened["no"],
        "join_rule": decision.order.particulars.join, "asked_by": decision.actor.id, "asked_at": decision.stamp,
        "seq": decision.seq + 1, "due_at": iso(due),
    })


def answer(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The opinion of a unit that was asked. Raises WrongRole, NotRegistered, Invalid."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    row, item = _spoken_of(decision)
    refuse_stale(decision, item)
    unit = _member(decision, item["unit_id"], "cho ý kiến", "answer")
    handoff = next((sent for sent in loaded.handoffs if sent["id"] == item["handoff_id"]), None)
    if handoff is not None and handoff["state"] != "registered":
        raise NotRegistered(handoff=handoff["id"])
    claims.refuse_claimed(decision, item)
    faults = text_faults(order.particulars.spoken())
    evidence.CHECKS[Need.OPINION](decision, unit, faults)
    if faults:
        raise Invalid(faults)
    decision.raise_version()
    keep_answer(decision, row, unit, order.particulars.verdict, {})
    return decision


def keep_answer(decision: Decision, row: Row, unit: UnitInfo, verdict: str, told: Row) -> None:
    """What was said, or what silence means; `told` goes into the entry."""
    _close(decision, [item for item in decision.loaded.consulted if item["no"] == row["item_no"]])
    decision.add("consultation", {**row, "verdict": verdict, "answered_by": decision.actor.id or None,
                                  "answered_at": decision.stamp, "answer_seq": decision.seq + 1})
    decision.audit("answer_consultation", unit=unit, spoken=decision.order.particulars.spoken(),
                   details={"version": decision.version, "consultation": row["no"], "verdict": verdict, **told})


def close_unanswered(decision: Decision, row: Row) -> None:
    """No answer came in time, and nobody waits for it any more."""
    _withdrawn(decision, [row])


def withdraw(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The unit that asked no longer needs the answer; with a reason."""
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    row, item = _spoken_of(decision)
    refuse_stale(decision, item)
    unit = _member(decision, row["from_unit_id"], "rút yêu cầu lấy ý kiến", "withdraw the question")
    check_words(order.particulars, reason=True)
    decision.raise_version()
    _withdrawn(decision, [row])
    decision.audit("withdraw_consultation", unit=unit, spoken=order.particulars.spoken(),
                   details={"version": decision.version, "consultation": row["no"]})
    return decision


def _spoken_of(decision: Decision) -> tuple[Row, Row]:
    """The open consultation the order names, and its work item; who saw an older version is told who was first."""
    wanted = decision.order.state
    item = next((item for item in decision.loaded.consulted if item["state"] == wanted), None)
    row = next((row for row in decision.loaded.consultations if place(row["no"]) == wanted and is_open(row)), None)
    if item is None or row is None:
        refuse_stale(decision, None)
        raise NotPossibleHere(event="cho ý kiến", event_en="answer", where_vi="yêu cầu lấy ý kiến đã khép lại",
                              where_en="the consultation is closed", possible="-")
    return row, item


def _member(decision: Decision, unit_id: int, vi: str, en: str) -> UnitInfo:
    unit = decision.catalogue.units[unit_id]
    for held, role in decision.loaded.memberships:
        if held == unit_id and role in ASKERS:
            decision.act_as(unit_id, role)
            return unit
    raise WrongRole(event=vi, event_en=en, who_vi=f"chuyên viên – {unit.full_vi}", who_en=f"officer – {unit.full_en}")


def silence(loaded: Loaded, item_no: int) -> Text | None:
    """What it means if the unit that has this work gives no opinion in time; None: nothing by itself."""
    kinds = ("step", "consultation")
    row = next((row for row in loaded.clocks if row["item_no"] == item_no and row["kind"] in kinds), None)
    return None if row is None or row["expiry"] is None else SILENCE.get(Expiry(row["expiry"]))


def unsatisfied(rows: Iterable[Row], state: str) -> list[Row]:
    """The open consultations that the step `state` still waits for; by which answers came, not in which order."""
    asked = [row for row in rows if row["state"] == state and row["withdrawn_at"] is None]
    waiting: list[Row] = []
    for first in {row["round"] for row in asked}:
        together = [row for row in asked if row["round"] == first]
        answers = [row["verdict"] for row in together if row["answered_at"] is not None]
        rule = together[0]["join_rule"]
        done = rule == "none" or (rule == "any" and answers) or (rule == "first_negative" and "disagree" in answers)
        if not done:
            waiting += [row for row in together if is_open(row)]
    return waiting


def refuse_unanswered(decision: Decision, command: Command) -> None:
    """What completes or leaves a step waits for the opinions asked from it."""
    if not command.closes or command.event in _BETWEEN or not decision.loaded.consultations:
        return
    refuse_waiting(decision, command.state)


def refuse_waiting(decision: Decision, state: str) -> None:
    """Raises Refused, naming the units, while opinions asked from the step are awaited."""
    waiting = unsatisfied(decision.loaded.consultations, state)
    if waiting:
        units = [decision.catalogue.units[row["unit_id"]] for row in waiting]
        raise Refused(reason_vi=f"Còn chờ ý kiến của {'; '.join(unit.full_vi for unit in units)}. "
                                "Chờ đủ ý kiến, hoặc rút yêu cầu kèm lý do.",
                      reason_en=f"Opinions are still awaited from {'; '.join(unit.full_en for unit in units)}. "
                                "Wait for them, or withdraw the question with a reason.",
                      waits_for=[unit.id for unit in units])


def close_left(decision: Decision, exited: Iterable[str], ended: bool, event: str) -> list[int]:
    """Nobody waits any longer for what was asked from a step that is over; returns their numbers for the record."""
    gone = set() if event in _BETWEEN else set(exited)
    left = [row for row in decision.loaded.consultations if is_open(row) and (ended or row["state"] in gone)]
    _withdrawn(decision, left)
    return [row["no"] for row in left]


def declined(decision: Decision, item: Row) -> None:
    """The unit that was asked refuses, or the asking one recalled it: nobody waits for it any more."""
    for row in decision.loaded.consultations:
        if row["item_no"] == item["no"]:
            decision.add("consultation", {**row, "withdrawn_at": decision.stamp})


def _withdrawn(decision: Decision, rows: list[Row]) -> None:
    numbers = {row["item_no"] for row in rows}
    _close(decision, [item for item in decision.loaded.consulted if item["no"] in numbers])
    for row in rows:
        decision.add("consultation", {**row, "withdrawn_at": decision.stamp})


def _close(decision: Decision, items: list[Row]) -> None:
    closing = [item["no"] for item in items]
    decision.closed.extend(closing)
    clocks.end_items(decision, closing, decision.order.event)
    brought = {item["handoff_id"] for item in items}
    for handoff in decision.loaded.handoffs:
        if handoff["id"] in brought and handoff["state"] in sending.WAITING:
            sending.close_handoff(decision, handoff, "recalled")
