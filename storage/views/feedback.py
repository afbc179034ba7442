"""What citizens said of dossiers that a person may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# What waits for an answer comes first, by when it is due; then the newest answers.
LISTED = f"""select d.code, d.version_id, d.subject, f.no, f.kind, f.received_at, f.due_at, f.outcome, f.answered_at
from feedback f join dossier d on d.id = f.dossier_id where {VISIBLE}
order by f.answered_at is not null, case when f.answered_at is null then f.due_at end, f.answered_at desc
limit 200"""


@dataclass(slots=True)
class Said:
    code: str
    version_id: int
    subject: str
    no: int
    kind: str
    received_at: datetime
    due_at: datetime | None
    outcome: str | None
    answered_at: datetime | None


def listed(db: Database, person: int, today: date) -> list[Said]:
    return db.rows(Said, LISTED, {"person": person, "today": today, "blind": False})
