"""What a timer does to a dossier when it rings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from engine.casework import apologies, clocks, expiry, obligations
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.catalogue import Catalogue
from engine.clocks.alarms import AlarmKind
from engine.clocks.evaluation import evaluate
from engine.errors import Conflict, LienThongError
from procedures.declaration import Expiry
from storage.dossiers import Loaded


class AlreadyFired(Conflict):
    """Another sweep was first, or the clock moved: nothing is left to do."""

    code = "already_fired"


class DateMoving(Conflict):
    """A new calendar moves the date, and its recomputation has not come to this dossier: it rings by the new date."""

    code = "date_moving"
    vi = "Lịch làm việc vừa thay đổi, thời hạn của hồ sơ đang được tính lại."
    en = "The working calendar has just changed, the dates of the dossier are being recomputed."


def ring(clock_no: int, kind: str, fires_at: datetime) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    """The decider of one alarm. It has its effect once: the timer it came from must still be the one set."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        row = next((row for row in loaded.clocks if row["no"] == clock_no), None)
        if row is None or row["alarm"] != kind or datetime.fromisoformat(row["fires_at"]) != fires_at:
            raise AlreadyFired
        try:
            return _rung(_decision(replace(loaded), order, catalogue, now), row)
        except DateMoving:
            raise
        except LienThongError as refusal:
            # what the limit should bring cannot happen now: it is reported, so that a person sees to it
            return _rung(_decision(loaded, order, catalogue, now), row, why=refusal.code)

    return decide


def _decision(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    return Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)


def _rung(decision: Decision, row: Row, why: str | None = None) -> Decision:
    """`why`: the refusal of what would have happened at the due date."""
    kind, fires_at = row["alarm"], datetime.fromisoformat(row["fires_at"])
    clock, calendar = clocks.rebuild(row), clocks.calendar_for(decision, row)
    leads = obligations.leads(decision, row["no"]) if row["kind"] == "obligation" else ()
    alarm = clocks.next_alarm(clock, calendar, fires_at - timedelta(microseconds=1), leads)
    if expiry.effect_of(row) is Expiry.NOTHING:
        clocks.set_alarm(decision, row["no"], None)
        return decision
    if alarm is None or alarm.kind != kind or alarm.at != fires_at:
        if evaluate(clock, calendar).due != datetime.fromisoformat(row["due_at"]):
            # set anew here, an alarm of a date that is earlier now would be passed over, and with it its effect
            raise DateMoving
        # the calendar changed since the timer was set: set it anew, ring nothing
        clocks.set_alarm(decision, row["no"], alarm)
        return decision
    _tell(decision, row, kind, fires_at)
    decision.audit(f"alarm:{kind}", unit=None, details={
        **expiry.told_of(row), "rang_for": iso(fires_at), **apologies.draft(decision, row, kind)})
    if kind == AlarmKind.DUE:
        expiry.happen(decision, row) if why is None else expiry.escalate(decision, row, why)
    if row["no"] not in decision.silenced:
        clocks.set_alarm(decision, row["no"], clocks.next_alarm(clock, calendar, fires_at, leads))
    return decision


def _tell(decision: Decision, row: Row, kind: str, fires_at: datetime) -> None:
    """Overdue is told anew every working day, to the heads as well where the limit is reported to them."""
    about = fires_at if kind == AlarmKind.OVERDUE else datetime.fromisoformat(row["due_at"])
    for unit_id in sorted(expiry.told(decision, row)):
        decision.add("escalation", {"dossier_id": decision.loaded.id, "clock_no": row["no"],
                                    "kind": f"{row['kind']}_{kind}", "about": iso(about), "unit_id": unit_id,
                                    "at": decision.stamp, "due_at": row["due_at"]})
    if kind == AlarmKind.OVERDUE and expiry.effect_of(row) is not Expiry.REMIND:
        expiry.report(decision, row, kind, about)
