"""The verdict on a dossier's time, written by the act that ends it and never changed afterwards."""

from __future__ import annotations

from datetime import datetime

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.clocks.booking import Life, Wait
from engine.clocks.judgement import Judgement, judge, judge_undated
from engine.clocks.limits import CountMode, Limit
from engine.foresight.durations import minutes
from procedures.declaration import Declaration

_END_KINDS = {7: "withdrawn", 8: "stopped"}  # by national status


def first_end(decision: Decision) -> bool:
    """Whether this act ends the time of a dossier that was received; sent back and finished again, it does not."""
    return (decision.loaded.finished_at is None and decision.current("finished_at") is not None
            and decision.current("received_at") is not None)


def write(decision: Decision) -> Row:
    """By the calendar its due date was computed with: that is the date the applicant was told.

    Returns what the entry of the act says of it.
    """
    row = clocks.of_dossier(decision)
    number = decision.catalogue.calendar_no if row is None else int(row["calendar_no"])
    found = _judged(decision, row, number)
    decision.add("judgement", {
        "dossier_id": decision.loaded.id, "ended_at": decision.stamp, "end_kind": _end_kind(decision),
        "due_original": iso(found.due_original), "due_judged": iso(found.due_judged), "due_new": iso(found.due_new),
        "national": found.national, "local": found.local,
        "late_original": found.late_original, "late_new": found.late_new,
        "worked": found.worked, "allowed": found.allowed, "grounds": found.grounds,
        "supplements": decision.current("supplements"), "extended": found.extended, "calendar_no": number,
        "at": decision.stamp,
    })
    return {"national": found.national, "local": found.local, "supplements": decision.current("supplements")}


def longest_limit(declaration: Declaration) -> Limit | None:
    """Of all that the procedure knows, for dossiers that were promised no date."""
    written = [case.limit for case in declaration.limit_cases]
    written += [declaration.limit] if declaration.limit else []
    return Limit.parse(max(written, key=minutes)) if written else None


def _judged(decision: Decision, row: Row | None, number: int) -> Judgement:
    loaded, declaration = decision.loaded, decision.procedure.declaration
    calendar = decision.catalogue.calendar_at(loaded.intake_agency, number)
    if row is not None:
        return judge(clocks.rebuild(row), decision.current("first_due_at"), decision.at,
                     decision.current("supplements"), calendar)
    life = Life(received=decision.current("received_at"), ended=decision.at, waits=[
        Wait(begins=datetime.fromisoformat(begins), ends=datetime.fromisoformat(ends) if ends else None, cause=state)
        for state, begins, ends in loaded.waits])
    return judge_undated(life, longest_limit(declaration), CountMode(declaration.count_mode),
                         decision.current("supplements"), calendar)


def _end_kind(decision: Decision) -> str:
    if decision.current("status") in _END_KINDS:
        return _END_KINDS[decision.current("status")]
    return "rejected" if decision.current("outcome") == "rejected" else "result"
