"""Form 04, the apology with a new date (Decree 61/2018 art. 19.9, R17): drafted by the system, issued by `extend`.

A draft changes nothing: it says what should be issued, by when, and to whom. It has a number of its dossier's own, so
the act that issues it fills that very row, and an extension nobody drafted makes the row itself.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.casework.obligations import lead_of
from engine.clocks import evaluation
from engine.clocks.alarms import AlarmKind, warnings
from engine.clocks.calendar import Calendar
from engine.clocks.limits import HOURS_A_DAY, CountMode, Limit
from engine.clocks.marks import MarkKind
from engine.clocks.zone import ZONE
from engine.foresight.durations import Course
from procedures import policies
from procedures.answers import applies
from procedures.declaration import CHANNEL, Role, Switch
from procedures.policies import Policies

NOTICE = "apology_drafted"


def draft(decision: Decision, row: Row, kind: str) -> Row:
    """What the alarm `kind` of clock `row` drafts, if it does; returns what the alarm's entry says of it."""
    due = decision.loaded.due_at
    if row["kind"] != "dossier" or due is None or not _called_for(decision, row, due, kind):
        return {}
    number, until = number_of(row), proposal(decision, row, due)
    last = cutoff(clocks.calendar_of(decision), due, rules_of(decision).apology_lead_days)
    decision.add("apology", {"dossier_id": decision.loaded.id, "no": number, "clock_no": row["no"],
                             "drafted_at": decision.stamp, "original_due_at": iso(due), "proposed_due_at": iso(until)})
    for unit, role in _told(decision).items():
        decision.add("escalation", {"dossier_id": decision.loaded.id, "clock_no": row["no"], "kind": NOTICE,
                                    "about": iso(last), "unit_id": unit, "role": role, "at": decision.stamp})
    return {"apology": number, "proposed": iso(until)}


def issue(decision: Decision, row: Row, due: datetime, until: datetime) -> int:
    """The apology that the next entry of the record issues, as a row; returns its number."""
    number = number_of(row)
    decision.add("apology_issued", {
        "dossier_id": decision.loaded.id, "no": number, "clock_no": row["no"], "drafted_at": decision.stamp,
        "original_due_at": iso(due), "proposed_due_at": iso(until), "new_due_at": iso(until),
        "issued_at": decision.stamp, "issued_by": decision.actor.id, "seq": decision.seq + 1})
    return number


def number_of(row: Row) -> int:
    """Of the apology that would be issued next for this clock of a dossier."""
    return reappointed(row) + 1


def reappointed(row: Row) -> int:
    return sum(mark["kind"] == MarkKind.EXTEND for mark in row["marks"])


def rules_of(decision: Decision) -> Policies:
    """Those in force when the dossier was validly received."""
    return policies.at(_received_on(decision))


def basis_of(decision: Decision, rule: str) -> str:
    """What a rule rests on for this dossier: the law of the day it was validly received."""
    return policies.basis(rule, _received_on(decision))


def _received_on(decision: Decision) -> date:
    return (decision.loaded.received_at or decision.at).astimezone(ZONE).date()


def too_late(calendar: Calendar, at: datetime, due: datetime, lead_days: int) -> bool:
    """Less than `lead_days` working days before `due`. What is written after closing time counts from the opening."""
    taken = calendar.valid_receipt(at)
    same_day = taken.astimezone(ZONE).date() >= due.astimezone(ZONE).date()
    return same_day or calendar.between(taken, due) < lead_days * HOURS_A_DAY * 60


def cutoff(calendar: Calendar, due: datetime, lead_days: int) -> datetime:
    """The last minute that is not too late."""
    last, day = calendar.add(due, -lead_days * HOURS_A_DAY * 60), due.astimezone(ZONE).date()
    if last.astimezone(ZONE).date() < day:
        return last
    return calendar.add(calendar.add(calendar.opening_of(day), -1), 1)


def furthest(calendar: Calendar, row: Row, due: datetime) -> datetime:
    """How far a new date may lie: the limit of clock `row` once more, and the next working day at the least."""
    again = evaluation.due(Limit.parse(row["time_limit"]), CountMode(row["count_mode"]), due, calendar)
    return max(_next_day(calendar, due), calendar.close_of(again.astimezone(ZONE).date()))


def _next_day(calendar: Calendar, due: datetime) -> datetime:
    return calendar.close_of(due.astimezone(ZONE).date() + timedelta(days=1))


def answerable(decision: Decision) -> set[int]:
    """The units whose head apologises: those that hold the dossier, and the one that leads its handling."""
    states, lead = decision.procedure.states, lead_of(decision)
    holders = {item["unit_id"] for item in decision.loaded.items if states[item["state"]].branch_of is None}
    return holders | ({lead.id} if lead else set())


def _called_for(decision: Decision, row: Row, due: datetime, kind: str) -> bool:
    """One working day before; at 80 %, where that alarm would come too late to issue anything."""
    rules, calendar = rules_of(decision), clocks.calendar_of(decision)
    if Switch.EXTEND in decision.procedure.declaration.switch_off or reappointed(row) >= rules.max_reappoint:
        return False
    if too_late(calendar, decision.at, due, rules.apology_lead_days):
        return False
    if kind == AlarmKind.ONE_WORKING_DAY_BEFORE:
        return True
    return kind == AlarmKind.WARN_80 and not _comes_in_time(row, calendar)


def _comes_in_time(row: Row, calendar: Calendar) -> bool:
    """Whether the alarm of the day before leaves time: counted in hours it rings at the last moment R17 allows."""
    clock = clocks.rebuild(row)
    return clock.mode is not CountMode.HOUR and any(
        alarm.kind is AlarmKind.ONE_WORKING_DAY_BEFORE for alarm in warnings(clock, calendar))


def _told(decision: Decision) -> dict[int, Role]:
    """Whoever may issue it: the heads of the units at work, and the management of the centre that took it in."""
    asked = {decision.loaded.intake_unit_id: Role.MANAGER} | dict.fromkeys(sorted(answerable(decision)), Role.HEAD)
    return {unit: role for unit, role in asked.items() if (unit, role) in decision.catalogue.staffed}


def proposal(decision: Decision, row: Row, due: datetime) -> datetime:
    """The new date a draft proposes: by when the work still ahead fits into the limits of its steps if it began now.

    The longest of the ways that lead on from where the dossier stands, in working time of the agency that took it in,
    to the close of that day; no earlier than the close of the working day after `due`, no later than may be promised.
    """
    calendar, ahead = clocks.calendar_of(decision), _minutes_ahead(decision)
    done = calendar.add(calendar.valid_receipt(decision.at), ahead)
    wanted = max(_next_day(calendar, due), calendar.close_of(done.astimezone(ZONE).date()))
    return min(wanted, furthest(calendar, row, due))


def _minutes_ahead(decision: Decision) -> int:
    declaration, states = decision.procedure.declaration, decision.procedure.states
    facts = {**decision.loaded.facts, CHANNEL: decision.loaded.channel}
    course = Course(declaration)
    truths = {words: applies(declaration, words, facts) for words in course.conditions()}
    places = {states[state].branch_of or state for state in decision.loaded.states if state in states}
    spans = course.spans(truths)
    return math.ceil(max((spans[place].most for place in places if place in spans), default=0))
