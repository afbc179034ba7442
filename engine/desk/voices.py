"""What citizens said of the handling of dossiers, as a list: what waits for an answer first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.casework.telling import FEEDBACK_KINDS, FEEDBACK_OUTCOMES
from engine.desk.places import Lateness, day_of, lateness
from engine.desk.work import end_of_next_working_day
from engine.office import Office
from engine.workcalendars import SHARED
from procedures.declaration import Text
from storage.views import feedback as views


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """`lateness` of an answered one is that of the answer."""

    code: str
    no: int
    procedure_name: Text
    subject: str
    kind: Text
    received_at: datetime
    due_at: datetime | None
    outcome: Text | None
    answered_at: datetime | None
    lateness: Lateness


def voices(office: Office, person_id: int, now: datetime) -> list[Voice]:
    """Of dossiers the person may see, at most two hundred."""
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    return [Voice(
        code=row.code, no=row.no, procedure_name=catalogue.procedures[row.version_id].declaration.name,
        subject=row.subject, kind=FEEDBACK_KINDS[row.kind], received_at=row.received_at, due_at=row.due_at,
        outcome=FEEDBACK_OUTCOMES[row.outcome] if row.outcome else None, answered_at=row.answered_at,
        lateness=lateness(row.due_at, row.answered_at or now, row.answered_at or soon))
        for row in views.listed(office.db, person_id, day_of(now))]
