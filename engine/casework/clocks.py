"""How an act moves the legal clocks of a dossier: its own, those of its steps, those of its hand-offs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.casework.decision import Decision, Row, iso
from engine.clocks.alarms import Alarm, next_overdue, reminders, warnings
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, Mark, MarkKind
from engine.clocks.zone import ZONE
from procedures import answers, policies
from procedures.declaration import Expiry

Leads = Sequence[Limit]
Counted = tuple[Limit, CountMode]
_MOMENT = timedelta(microseconds=1)


def calendar_of(decision: Decision) -> Calendar:
    """That of the agency that took the dossier in: its own clock goes by it."""
    return decision.catalogue.calendar(decision.loaded.intake_agency)


def calendar_for(decision: Decision, row: Row) -> Calendar:
    """The one a clock goes by: work is counted by the office hours of whoever does it."""
    return decision.catalogue.calendar(row.get("agency") or decision.loaded.intake_agency)


def start(decision: Decision, *, kind: str, counted: Counted, at: datetime, reason: str,
          item: Row | None = None, expiry: str | None = None) -> datetime:
    """Starts a clock and its first timer; returns the due instant. `item`: the work it belongs to."""
    row: Row = {"kind": kind, "item_no": item["no"] if item else None, "expiry": expiry,
                "agency": _worked_in(decision, item)}
    return _begin(decision, Clock.started(*counted, at, reason), row, ())


def start_agency(decision: Decision, agency: str, limit: str, at: datetime, reason: str) -> datetime:
    """Of what an agency has for all its steps together: no one work item."""
    row: Row = {"kind": "agency", "item_no": None, "agency": _elsewhere(decision, agency)}
    return _begin(decision, Clock.started(*practice(limit), at, reason), row, ())


def _worked_in(decision: Decision, item: Row | None) -> str | None:
    """None where the calendar of the dossier counts."""
    return _elsewhere(decision, decision.catalogue.units[item["unit_id"]].agency) if item else None


def _elsewhere(decision: Decision, agency: str) -> str | None:
    return None if agency == decision.loaded.intake_agency else agency


def start_obligation(decision: Decision, limit: Limit, at: datetime, leads: Leads) -> datetime:
    """Counted in days from the one the applicant gave; `leads`: remind so long before it is due."""
    return _begin(decision, Clock.started(limit, CountMode.DAY, at, "obligation"),
                  {"kind": "obligation", "item_no": None}, leads)


def _begin(decision: Decision, clock: Clock, row: Row, leads: Leads) -> datetime:
    decision.clock_no += 1
    due = _write(decision, clock, {"no": decision.clock_no, **row}, leads)
    assert due is not None
    return due


def mark(decision: Decision, row: dict[str, Any], kind: MarkKind, reason: str, *, at: datetime | None = None,
         until: datetime | None = None) -> datetime | None:
    """Adds a mark to a loaded clock and writes what follows from it; returns the due instant, None while stopped."""
    clock = Clock.from_json(row["time_limit"], row["count_mode"], row["marks"])
    return _write(decision, clock.marked(kind, _no_earlier(row, at or decision.at), reason, until), row)


def _no_earlier(row: dict[str, Any], at: datetime) -> datetime:
    """Marks follow one another, also when a clock began at the next opening."""
    return max(at, datetime.fromisoformat(row["marks"][-1]["at"]))


def _write(decision: Decision, clock: Clock, row: dict[str, Any], leads: Leads = (),
           rung_until: datetime | None = None) -> datetime | None:
    calendar, latest = calendar_for(decision, row), clock.marks[-1]
    found, number = evaluate(clock, calendar), decision.catalogue.calendar_no
    decision.put("clocks", {
        "dossier_id": decision.loaded.id, "no": row["no"], "kind": row["kind"], "item_no": row["item_no"],
        "time_limit": clock.limit.written(), "count_mode": clock.mode, "marks": clock.to_json(),
        "first_due_at": row.get("first_due_at") or iso(found.first_due), "due_at": iso(found.due),
        "ended_at": None, "agency": row.get("agency"), "calendar_no": number, "expiry": row.get("expiry"),
    })
    decision.marks.append([row["no"], row["kind"], latest.to_json(), iso(found.due), number])
    # a clock that began in the past rings for what has passed since, too
    rings = row.get("expiry") != Expiry.NOTHING
    set_alarm(decision, row["no"], next_alarm(clock, calendar, rung_until or latest.at, leads) if rings else None)
    if row["kind"] == "dossier":
        decision.changes["due_at"] = found.due
        decision.changes["due_provisional"] = found.provisional
        if decision.current("first_due_at") is None:
            decision.changes["first_due_at"] = found.due
    return found.due


def continued(decision: Decision, row: dict[str, Any], clock: Clock) -> datetime | None:
    """A new clock of the same kind that has the marks of `row` already. What rang before does not ring again."""
    decision.clock_no += 1
    decision.marks += [[decision.clock_no, row["kind"], mark.to_json(), None] for mark in clock.marks[:-1]]
    item = next((item for item in decision.loaded.items if item["no"] == row["item_no"]), None)
    told = {"no": decision.clock_no, "kind": row["kind"], "item_no": row["item_no"], "expiry": row.get("expiry"),
            "agency": row.get("agency") or _worked_in(decision, item)}
    awaited = datetime.fromisoformat(row["fires_at"]) if row.get("fires_at") else decision.at
    return _write(decision, clock, told, rung_until=min(decision.at, awaited - _MOMENT))


def end(decision: Decision, row: dict[str, Any], reason: str) -> None:
    """An end moves no due date and rings no more, so nothing is computed."""
    latest = Mark(kind=MarkKind.END, at=_no_earlier(row, decision.at), reason=reason).to_json()
    decision.put("clocks", {
        "dossier_id": decision.loaded.id, "no": row["no"], "kind": row["kind"], "item_no": row["item_no"],
        "time_limit": row["time_limit"], "count_mode": row["count_mode"], "marks": [*row["marks"], latest],
        "first_due_at": row["first_due_at"], "due_at": row["due_at"], "ended_at": latest["at"],
        "agency": row["agency"], "calendar_no": row["calendar_no"], "expiry": row["expiry"],
    })
    decision.marks.append([row["no"], row["kind"], latest, row["due_at"]])
    decision.silenced.append(row["no"])


def set_alarm(decision: Decision, no: int, alarm: Alarm | None) -> None:
    """The one timer of a clock: what rings next, or nothing."""
    if alarm is None:
        decision.silenced.append(no)
        return
    decision.put("timers", {"dossier_id": decision.loaded.id, "clock_no": no, "kind": alarm.kind,
                            "fires_at": iso(alarm.at), "attempts": 0})


def next_alarm(clock: Clock, calendar: Calendar, after: datetime, leads: Leads = ()) -> Alarm | None:
    """The first alarm later than `after`: 50 %, 80 %, a working day before (or its own reminders), due, then daily."""
    return next_of(planned(clock, calendar, leads), clock, calendar, after)


def planned(clock: Clock, calendar: Calendar, leads: Leads = ()) -> Sequence[Alarm]:
    """Every alarm up to the due date, in order, whether or not it has rung."""
    return reminders(clock, calendar, leads) if leads else warnings(clock, calendar)


def next_of(alarms: Sequence[Alarm], clock: Clock, calendar: Calendar, after: datetime) -> Alarm | None:
    """`alarms`: those planned for this clock under this calendar."""
    found = next((alarm for alarm in alarms if alarm.at > after), None)
    return found or next_overdue(clock, calendar, after)


def of_dossier(decision: Decision) -> Row | None:
    return next((row for row in decision.loaded.clocks if row["kind"] == "dossier"), None)


def of_item(decision: Decision, item_no: int, kind: str) -> Row | None:
    return next((row for row in decision.loaded.clocks if row["item_no"] == item_no and row["kind"] == kind), None)


def clock_of(decision: Decision, row: Row) -> Row:
    """The clock of a row that names one: an obligation, feedback."""
    return next(clock for clock in decision.loaded.clocks if clock["no"] == row["clock_no"])


def end_items(decision: Decision, item_nos: list[int], reason: str) -> None:
    """Ends the step and hand-off clocks of work items that close."""
    for row in decision.loaded.clocks:
        if row["item_no"] in item_nos:
            end(decision, row, reason)


def start_step(decision: Decision, item: Row, limit: str | None, at: datetime) -> None:
    """A step without a limit of its own shows by when the citizen has to come, or the dossier's due date."""
    waited = of_item(decision, item["no"], "request")
    due = decision.current("due_at") if waited is None else waited["due_at"]
    if limit is not None:
        info = decision.procedure.states.get(item["state"])
        due = start(decision, kind="step", counted=practice(limit), at=at, reason=item["state"], item=item,
                    expiry=info.expiry if info else None)
    item["due_at"] = iso(due) if isinstance(due, datetime) else due


def start_handoff(decision: Decision, item: Row, begins: datetime | None = None) -> datetime:
    """The receiving agency's budget begins when it registers, or when the time to register is over.

    `begins`: when what another installation handed over was received here.
    """
    within = policies.at((decision.loaded.received_at or decision.at).astimezone(ZONE).date()).register_within
    due = start(decision, kind="handoff", counted=(Limit.parse(within), CountMode.HOUR), at=begins or decision.at,
                reason=item["state"], item=item, expiry=_unregistered(decision, item))
    item["due_at"] = iso(due)
    return due


def _unregistered(decision: Decision, item: Row) -> Expiry | None:
    """What nobody takes in goes back to its sender where the step says so; a body that is asked has its own limit."""
    info = decision.procedure.states.get(item["state"])
    returns = info is not None and info.branch_of is None and info.expiry is Expiry.RETURN
    return Expiry.RETURN if returns else None


def practice(written: str) -> Counted:
    """A limit that no statute sets, with the way it is counted."""
    limit = Limit.parse(written)
    return limit, mode_of(limit)


def mode_of(limit: Limit) -> CountMode:
    """Step budgets are practice, counted in hours of work; statutory limits are counted by the procedure's mode."""
    return CountMode.HOUR if all(part.unit.startswith("working") for part in limit.parts) else CountMode.DAY


def follow_phase(decision: Decision, before: str, after: str, *, restart: bool, reason: str) -> None:
    """Moves the dossier's clock when the configuration's clock class (StateInfo.clock) changes."""
    row, loaded = of_dossier(decision), decision.loaded
    if after == "run" and loaded.received_at is None:
        decision.changes["received_at"] = received = calendar_of(decision).valid_receipt(submitted(decision))
        _book(decision, received)
        parts, mode = answers.limit(decision.procedure.declaration, {**loaded.facts, "channel": loaded.channel})
        if parts:
            start(decision, kind="dossier", counted=(Limit.parse(parts), CountMode(mode)), at=received,
                  reason=reason, expiry=decision.procedure.declaration.expiry)
    elif row is None or before == after:
        return
    elif after == "stop":
        mark(decision, row, MarkKind.STOP, reason)
    elif after == "run" and before == "stop":
        mark(decision, row, MarkKind.RESTART if restart else MarkKind.RESUME, reason)
    elif after == "ended":
        end(decision, row, reason)


def submitted(decision: Decision) -> datetime:
    """What came by post was submitted when the hand-over record was signed, unless something was asked for since."""
    signed = decision.loaded.post.get("submitted_at")
    if signed is None:
        return decision.at
    at = datetime.fromisoformat(signed)
    asked = (row["asked_at"] for row in decision.loaded.additions if row["asked_at"])
    return decision.at if any(datetime.fromisoformat(when) > at for when in asked) else at


def _book(decision: Decision, received: datetime) -> None:
    """A line of the tracking book (Form 07), numbered as it is written: in the year it is validly received in."""
    decision.add("book", {"agency": decision.loaded.intake_agency, "year": received.astimezone(ZONE).year,
                          "dossier_id": decision.loaded.id, "at": iso(received)})


def rebuild(row: dict[str, Any]) -> Clock:
    """The clock of a stored row, for verification."""
    marks = tuple(Mark.from_json(told) for told in row["marks"])
    return Clock(limit=Limit.parse(row["time_limit"]), mode=CountMode(row["count_mode"]), marks=marks)
