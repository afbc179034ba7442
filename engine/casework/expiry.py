"""What happens when a limit is used up: told, reported, given back, or taken as answered. An act by the system.

What it is was written into the clock when it started, so a later version of the procedure changes nothing. Whatever
cannot happen when its time has come is reported instead, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from engine.casework import (
    budgets,
    clocks,
    consulting,
    evidence,
    handoffs,
    obligations,
    parts,
    sending,
    steps,
    unanswered,
)
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Particulars
from engine.casework.telling import VERDICTS
from engine.catalogue import UnitInfo
from engine.clocks.alarms import AlarmKind
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, Refused
from engine.states.procedure import Command, Need
from procedures.declaration import Expiry, Role

# What is done where nothing was said: a duty of the applicant is not reported to the heads of those who wait for it.
BY_KIND: Mapping[str, Expiry] = {"obligation": Expiry.REMIND}
VERDICT: Mapping[Expiry, str] = {Expiry.TACIT_YES: "agree", Expiry.TACIT_NO: "disagree"}
# Work of one unit; of every other clock the desk that took the dossier in is told as well.
OF_A_UNIT = ("step", "agency")
OF_THE_LEAD = ("obligation", "feedback")

Effect = Callable[[Decision, Row], None]


def effect_of(row: Row) -> Expiry:
    """Of a clock."""
    return Expiry(row["expiry"]) if row["expiry"] else BY_KIND.get(row["kind"], Expiry.ESCALATE)


def happen(decision: Decision, row: Row) -> None:
    """The due date of the clock has come. Raises a LienThongError where what was declared cannot happen now."""
    effect = effect_of(row)
    BY_EFFECT.get((row["kind"], effect), GENERAL[effect])(decision, row)


def _remind(decision: Decision, row: Row) -> None:
    decision.audit("expired:remind", unit=None, details=told_of(row))


def escalate(decision: Decision, row: Row, why: str | None = None) -> None:
    """`why`: the refusal because of which something else did not happen."""
    details = told_of(row) | ({"instead_of": effect_of(row), "why": why} if why else {})
    if row["kind"] == "handoff":
        details |= _unregistered(decision, row)
    report(decision, row, AlarmKind.DUE, _instant(row["due_at"]))
    details["reported_to"] = [[unit.id, role] for unit, role in _superiors(decision, row)]
    decision.audit("expired:escalate", unit=None, details=details)


def _return_consultation(decision: Decision, row: Row) -> None:
    """Who asked is told that no answer came, and goes on without it."""
    asked = _asked(decision, row)
    decision.order = replace(decision.order, event="expired:return")
    decision.raise_version()
    consulting.close_unanswered(decision, asked)
    _tell(decision, row, "returned_unanswered", asked["from_unit_id"])
    decision.audit("expired:return", unit=None, details={
        **told_of(row), "version": decision.version, "consultation": asked["no"],
        "state": consulting.place(asked["no"]), "unit": asked["unit_id"]})


def _return_step(decision: Decision, row: Row) -> None:
    """A body that is asked is no longer waited for, where the others suffice; other work has nobody to return to."""
    item = _item(decision, row)
    info = decision.procedure.states[item["state"]]
    facts = {**decision.loaded.facts, "channel": decision.loaded.channel}
    held = {other["state"] for other in decision.loaded.items if other["no"] != item["no"]}
    if not decision.procedure.ends_without(item["state"], decision.loaded.states, held, facts):
        raise NotPossibleHere(event="trả về", event_en="return", where_vi=info.name.vi, where_en=info.name.en,
                              possible="-", possible_en="-")
    decision.order = replace(decision.order, event="expired:return")
    decision.raise_version()
    decision.closed.append(item["no"])
    clocks.end_items(decision, [item["no"]], "expired:return")
    recalled = sending.recall_waiting(decision, [item["no"]])
    budgets.settle(decision, "expired:return")
    lead = obligations.lead_of(decision)
    if lead is not None:
        _tell(decision, row, "returned_unanswered", lead.id)
    decision.audit("expired:return", unit=None, details={
        **told_of(row), "version": decision.version, "state": item["state"], "unit": item["unit_id"],
        **({"recalled": recalled} if recalled else {})})


def _return_handoff(decision: Decision, row: Row) -> None:
    """Nobody took it in: the sender gets it back, to send it again or elsewhere."""
    item = _item(decision, row)
    handoff = _handoff(decision, item)
    decision.order = replace(decision.order, event="expired:return")
    decision.raise_version()
    handoffs.give_back(decision, handoff, item, "recalled")
    _tell(decision, row, "handoff_returned", handoff["from_unit_id"])
    decision.audit("expired:return", unit=None, details={
        **told_of(row), "version": decision.version, "handoff": handoff["id"], "unit": handoff["to_unit_id"]})


def _take_step_as_answered(decision: Decision, row: Row) -> None:
    """As if the body had answered so: the procedure goes its way, with one act of the system."""
    item, effect = _item(decision, row), effect_of(row)
    command = _answering(decision, item)
    unit, basis = decision.catalogue.units[item["unit_id"]], decision.procedure.states[item["state"]].expiry_basis
    verdict = _speak_for(decision, row, command.event, item["state"], basis or _AS_BEGUN)
    decision.role = item["role"]
    consulting.refuse_unanswered(decision, command)
    parts.refuse_alone(decision, command)
    for need in sorted(command.needs - {Need.OPINION}):
        evidence.CHECKS[need](decision, unit, {})
    facts = {**decision.loaded.facts, "channel": decision.loaded.channel}
    outcome = decision.procedure.step(decision.loaded.states, decision.loaded.history, command, facts, verdict=verdict)
    _tell_asker(decision, row, item)
    steps.follow(decision, command, outcome, unit, _tacit(row, effect, item["state"], basis))


def _take_consultation_as_answered(decision: Decision, row: Row) -> None:
    asked, effect = _asked(decision, row), effect_of(row)
    place, day = consulting.place(asked["no"]), _instant(asked["asked_at"]).astimezone(ZONE)
    basis = f"căn cứ ghi trong yêu cầu lấy ý kiến ngày {day:%d/%m/%Y}"
    verdict = _speak_for(decision, row, "answer_consultation", place, basis)
    decision.raise_version()
    _tell(decision, row, "tacit_answer", asked["from_unit_id"])
    consulting.keep_answer(decision, asked, decision.catalogue.units[asked["unit_id"]], verdict,
                           _tacit(row, effect, place, basis))


_AS_BEGUN = "quy định của thủ tục khi bắt đầu lấy ý kiến"


def _speak_for(decision: Decision, row: Row, event: str, state: str, basis: str) -> str:
    """From here on the decision is the act of answering; returns the verdict."""
    verdict, due = VERDICT[effect_of(row)], _instant(row["due_at"]).astimezone(ZONE)
    taken = VERDICTS[verdict].vi.lower()
    words = f"Đến hạn {due:%H:%M ngày %d/%m/%Y} không có ý kiến trả lời, được coi là {taken} theo {basis}."
    decision.order = replace(decision.order, event=event, state=state,
                             particulars=Particulars(verdict=verdict, words=words))
    return verdict


def _tacit(row: Row, effect: Expiry, state: str, basis: str) -> Row:
    """What the entry of a tacit answer says; who answers late is told of it."""
    return {**told_of(row), "tacit": True, "effect": effect, "state": state, "basis": basis}


def _tell_asker(decision: Decision, row: Row, item: Row) -> None:
    """Who leads the dossier waits for the answer; who watches an outside body is at work himself."""
    lead = obligations.lead_of(decision)
    _tell(decision, row, "tacit_answer", item["unit_id"] if lead is None else lead.id)


def _answering(decision: Decision, item: Row) -> Command:
    found = [command for command in decision.procedure.commands(decision.loaded.states)
             if command.state == item["state"] and command.closes and Need.OPINION in command.needs]
    if not found or item["duty"] != "step":
        raise Refused(reason_vi="Ở đây không có ý kiến nào để coi như đã trả lời.",
                      reason_en="No opinion is awaited here that could be taken as given.")
    return found[0]


def _unregistered(decision: Decision, row: Row) -> Row:
    """Nobody registered in time: the sender is told, and the step's budget begins all the same."""
    item = _item(decision, row)
    handoff = _handoff(decision, item)
    decision.add("handoff", {**handoff, "escalated_at": decision.stamp})
    _tell(decision, row, "handoff_unregistered", handoff["from_unit_id"])
    if item["duty"] != "consult":  # its clock began when it was asked
        opened = dict(item)
        if clocks.of_item(decision, item["no"], "step") is None:
            budgets.begin(decision, opened, decision.procedure.states[item["state"]], _instant(row["due_at"]))
        decision.put("change", opened)
    return {"handoff": handoff["id"]}


def told_of(row: Row) -> Row:
    return {"clock": row["no"], "of": row["kind"], "due": iso(_instant(row["due_at"]))}


def holders(decision: Decision, row: Row) -> set[int]:
    """The units at work on what the clock is about."""
    if row["kind"] == "agency":
        return budgets.at_work(decision, row)
    if row["kind"] == "feedback":
        return set()
    items = [*decision.loaded.items, *decision.loaded.consulted]
    return {item["unit_id"] for item in items if row["item_no"] is None or item["no"] == row["item_no"]}


def told(decision: Decision, row: Row) -> set[int]:
    """Whoever holds the work; if it is not the work of one unit, the desk that answers for the dossier, too."""
    lead = obligations.lead_of(decision) if row["kind"] in OF_THE_LEAD else None
    desk = set() if row["kind"] in OF_A_UNIT else {decision.loaded.intake_unit_id}
    return holders(decision, row) | desk | ({lead.id} if lead else set())


def report(decision: Decision, row: Row, alarm: str, about: datetime) -> None:
    """Tells the heads of the units at work and the management of the desk that took the dossier in (R13)."""
    for unit, role in _superiors(decision, row):
        decision.add("escalation", {"dossier_id": decision.loaded.id, "clock_no": row["no"],
                                    "kind": f"{role}_{row['kind']}_{alarm}", "about": iso(about), "unit_id": unit.id,
                                    "role": role, "at": decision.stamp, "due_at": row["due_at"]})


def _superiors(decision: Decision, row: Row) -> list[tuple[UnitInfo, Role]]:
    units = decision.catalogue.units
    heads = [(unit, Role.HEAD) for number in holders(decision, row)
             for unit in _with(decision, units[number], Role.HEAD)]
    managers = [(unit, Role.MANAGER) for unit in _with(decision, units[decision.loaded.intake_unit_id], Role.MANAGER)]
    return sorted({*heads, *managers}, key=lambda one: (one[0].id, one[1]))


def _with(decision: Decision, unit: UnitInfo, role: Role) -> Iterable[UnitInfo]:
    """The unit, if somebody holds the role there, else those units of its agency where somebody does."""
    staffed = decision.catalogue.staffed
    if (unit.id, role) in staffed:
        return [unit]
    return [other for other in decision.catalogue.units.values()
            if other.agency == unit.agency and (other.id, role) in staffed]


def _tell(decision: Decision, row: Row, kind: str, unit_id: int) -> None:
    decision.add("notice", {"dossier_id": decision.loaded.id, "clock_no": row["no"], "kind": kind,
                            "about": row["due_at"], "unit_id": unit_id, "at": decision.stamp})


def _item(decision: Decision, row: Row) -> Row:
    """The open work the clock is about."""
    items = [*decision.loaded.items, *decision.loaded.consulted]
    found = next((item for item in items if item["no"] == row["item_no"]), None)
    if found is None:
        raise Refused(reason_vi="Việc này không còn mở.", reason_en="This work is no longer open.")
    return found


def _handoff(decision: Decision, item: Row) -> Row:
    return next(found for found in decision.loaded.handoffs if found["id"] == item["handoff_id"])


def _asked(decision: Decision, row: Row) -> Row:
    return next(asked for asked in decision.loaded.consultations if asked["item_no"] == row["item_no"])


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _nothing(decision: Decision, row: Row) -> None:
    """Nobody is told; a clock of this kind has no alarms."""


def _escalated(decision: Decision, row: Row) -> None:
    escalate(decision, row)


def _not_here(decision: Decision, row: Row) -> None:
    raise Refused(reason_vi=f"Không thể “{effect_of(row)}” với thời hạn loại “{row['kind']}”.",
                  reason_en=f"A limit of the kind “{row['kind']}” cannot end with “{effect_of(row)}”.")


# By kind of clock, where it differs from what holds in general.
BY_EFFECT: Mapping[tuple[str, Expiry], Effect] = {
    ("consultation", Expiry.RETURN): _return_consultation,
    ("consultation", Expiry.TACIT_YES): _take_consultation_as_answered,
    ("consultation", Expiry.TACIT_NO): _take_consultation_as_answered,
    ("handoff", Expiry.RETURN): _return_handoff,
    ("request", Expiry.RETURN): unanswered.stop,
    ("step", Expiry.RETURN): _return_step,
    ("step", Expiry.TACIT_YES): _take_step_as_answered,
    ("step", Expiry.TACIT_NO): _take_step_as_answered,
}
GENERAL: Mapping[Expiry, Effect] = {
    Expiry.REMIND: _remind, Expiry.ESCALATE: _escalated, Expiry.RETURN: _not_here, Expiry.TACIT_YES: _not_here,
    Expiry.TACIT_NO: _not_here, Expiry.NOTHING: _nothing,
}
