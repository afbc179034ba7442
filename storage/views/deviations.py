"""Consultations beside the procedures, counted: which procedure asks whom, how often, how fast the answer comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.session import Database

DEVIATIONS = """
select v.procedure, q.unit_id, count(*)::int as asked, count(distinct q.dossier_id)::int as dossiers,
  (select count(*) from dossier e join procedure_version u on u.id = e.version_id
    where u.procedure = v.procedure and e.submitted_at >= %(since)s)::int as of_dossiers,
  count(q.answered_at)::int as answered, count(q.withdrawn_at)::int as withdrawn,
  count(*) filter (where q.answered_at > q.due_at
    or (q.answered_at is null and q.withdrawn_at is null and q.due_at < %(now)s))::int as late,
  max(q.asked_at) as latest
from consultation q join dossier d on d.id = q.dossier_id join procedure_version v on v.id = d.version_id
where q.asked_at >= %(since)s and d.mirror is null
group by v.procedure, q.unit_id order by v.procedure, asked desc, q.unit_id
"""


@dataclass(slots=True)
class Counted:
    procedure: str
    unit_id: int
    asked: int
    dossiers: int
    of_dossiers: int
    answered: int
    withdrawn: int
    late: int
    latest: datetime


def counted(db: Database, since: datetime, now: datetime) -> list[Counted]:
    return db.rows(Counted, DEVIATIONS, {"since": since, "now": now})
