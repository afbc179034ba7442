"""Alarms shown to a person's units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# Those of the units the person works in; what is for one role in the unit, only with that role there.
MINE = """exists (select from membership m where m.person_id = %(person)s and m.unit_id = n.unit_id
  and m.role not in ('courier', 'administrator', 'auditor') and m.role = coalesce(n.role, m.role)
  and (cardinality(m.procedures) = 0 or exists (select from dossier o join procedure_version v on v.id = o.version_id
    where o.id = n.dossier_id and v.procedure = any(m.procedures)))
  and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to))"""
# What rings every day is shown, and read, as the last of its kind; all that says of one dossier that something is
# overdue is one line, whatever clock rang.
FOLD = "case when {0}.kind like '%%overdue' then 'overdue' else {0}.kind || '/' || {0}.clock_no end"
# The newest of each unit, read along the index: how many there are costs nothing.
NEAR = f"""select n.* from (select distinct m.unit_id from membership m where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)) u
  cross join lateral (select * from notice n where n.unit_id = u.unit_id and n.read_at is null and {MINE}
    order by n.at desc limit {{most}}) n"""
# A notice of being overdue is about the day it rang for: shown is when the work was due as it rang.
UNREAD = f"""select n.id, d.code, d.subject, n.kind, coalesce(n.due_at, n.about) as about, n.at, n.unit_id, n.folded
from (select n.*, row_number() over (alike order by n.id desc) as place, (count(*) over alike)::int as folded
  from ({NEAR.format(most=1000)}) n
  window alike as (partition by n.dossier_id, n.unit_id, {FOLD.format("n")})) n
join dossier d on d.id = n.dossier_id
where n.place = 1 and {VISIBLE} order by n.at desc, n.id desc limit 200"""
# For the bar of every page: the lines of the newest notices, and comments that name the person, up to `most` each.
COUNT = f"""((select count(*) from (select from
    (select distinct n.dossier_id, n.unit_id, {FOLD.format("n")} from ({NEAR.format(most=200)}) n) n
    cross join lateral (select x.* from dossier x where x.id = n.dossier_id limit 1) d where {VISIBLE}
    limit %(most)s) l)::int
  + (select count(*) from (
    select from mention where person_id = %(person)s and read_at is null limit %(most)s) m)::int)"""
READ = f"""update notice n set read_at = %(now)s from notice l
where l.id = any(%(ids)s) and (l.dossier_id, l.unit_id) = (n.dossier_id, n.unit_id)
  and {FOLD.format("l")} = {FOLD.format("n")} and n.id <= l.id and n.read_at is null and {MINE}"""


@dataclass(slots=True)
class Alarm:
    """`folded`: how many unread notices the line stands for."""

    id: int
    code: str
    subject: str
    kind: str
    about: datetime
    at: datetime
    unit_id: int
    folded: int


def unread(db: Database, person: int, today: date) -> list[Alarm]:
    return db.rows(Alarm, UNREAD, {"person": person, "today": today, "blind": False})


def mark_read(db: Database, ids: Sequence[int], person: int, today: date, now: datetime) -> int:
    """Read for the whole unit. Those of other units, and those read before, are passed over."""
    told = {"ids": list(ids), "person": person, "today": today, "now": now}
    with db.connection() as connection:
        return connection.execute(READ.encode(), told).rowcount
