"""What the reports on time read: the life of one dossier, judged dossiers counted and listed, finished work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from storage.dossiers import VISIBLE
from storage.session import Database

# What the applicant is waited for is no work of anybody; a hand-off that came back was on its way before.
_WAITS = "('awaiting_supplement', 'awaiting_payment')"

_LIFE = """
select d.id, d.code, d.version_id, d.intake_agency, d.received_at, d.finished_at, d.first_due_at, d.due_at,
  d.supplements, (select to_jsonb(j) from judgement j where j.dossier_id = d.id) as judgement,
  (select coalesce(jsonb_agg(jsonb_build_object('no', w.no, 'state', w.state, 'duty', w.duty, 'unit_id', w.unit_id,
      'opened_at', w.opened_at, 'closed_at', w.closed_at, 'closed_by', w.closed_by, 'person', p.name,
      'register_due_at', h.register_due_at, 'delivered_at', h.delivered_at, 'registered_at', h.registered_at)
      order by w.no), '[]')
    from work_item w left join person p on p.id = w.closed_by
    left join handoff h on h.id = w.handoff_id and w.duty <> 'resolve' where w.dossier_id = d.id) as items,
  (select coalesce(jsonb_agg(to_jsonb(c) order by c.no), '[]') from clock c
    where c.dossier_id = d.id and c.kind in ('dossier', 'step', 'consultation')) as clocks
from dossier d"""
LIFE = f"{_LIFE} where d.code = %(code)s and {VISIBLE}"
# For verification: every dossier whose time has ended, or of which somebody says so.
ENDED = f"""{_LIFE} where d.finished_at is not null and d.received_at is not null
  or exists (select from judgement j where j.dossier_id = d.id)"""

POSTS = """
select m.unit_id, m.role from membership m join person p on p.id = m.person_id and p.disabled_at is null
where m.person_id = %(person)s and m.role = any(%(roles)s) and cardinality(m.procedures) = 0
  and m.valid_from <= %(today)s and (m.valid_to is null or %(today)s <= m.valid_to)
"""

# `units`: those that took the dossier in or worked on it; null where all are meant.
_WITHIN = """(%(procedure)s::text is null or v.procedure = %(procedure)s)
  and (%(units)s::int[] is null or d.intake_unit_id = any(%(units)s) or exists (
    select from work_item w where w.dossier_id = d.id and w.unit_id = any(%(units)s) and w.available_at is not null))"""

_JUDGED = f"""
from judgement j join dossier d on d.id = j.dossier_id join procedure_version v on v.id = d.version_id
where j.ended_at >= %(since)s and j.ended_at < %(until)s
  and {_WITHIN}
"""

COUNTED = f"""
select d.intake_agency as agency, v.procedure, count(*)::int as dossiers,
  count(*) filter (where j.local = 'early')::int as early, count(*) filter (where j.local = 'on_time')::int as on_time,
  count(*) filter (where j.local = 'late')::int as late,
  count(*) filter (where j.local = 'not_judged')::int as not_judged,
  count(*) filter (where j.national = 'on_time')::int as national_on_time,
  count(*) filter (where j.national = 'late')::int as national_late,
  count(*) filter (where 'supplements' = any(j.grounds))::int as asked_again,
  count(*) filter (where j.extended)::int as extended,
  count(*) filter (where 'extended' = any(j.grounds))::int as by_new_date,
  count(j.allowed)::int as promised, coalesce(sum(j.worked) filter (where j.allowed is not null), 0)::bigint as worked,
  coalesce(sum(j.allowed), 0)::bigint as allowed, coalesce(sum(j.late_original), 0)::bigint as late_minutes
{_JUDGED} group by d.intake_agency, v.procedure order by d.intake_agency, v.procedure
"""

# The last condition is one of the classes a page can ask for.
LISTED = f"""
select d.code, v.procedure, d.version_id, d.intake_agency as agency, j.ended_at, j.end_kind,
  j.due_original, j.due_judged, j.due_new, j.national, j.local, j.late_original, j.late_new, j.worked, j.allowed,
  j.grounds, j.extended, {VISIBLE} as visible, (select c.time_limit from clock c
    where c.dossier_id = d.id and c.kind = 'dossier' order by c.no desc limit 1) as time_limit
{_JUDGED}
  and (%(verdict)s::text is null or j.local = %(verdict)s or (%(verdict)s = 'national_late' and j.national = 'late')
    or (%(verdict)s = 'asked_again' and 'supplements' = any(j.grounds)) or (%(verdict)s = 'extended' and j.extended))
order by j.ended_at desc, d.id desc limit %(most)s offset %(past)s
"""

# Received and not ended: of a dossier without a due date either nothing was promised, or its clock stands still.
OPEN = f"""
select count(*)::int as dossiers, count(*) filter (where d.due_at < %(now)s)::int as overdue,
  count(*) filter (where exists (select from active_state s where s.dossier_id = d.id and s.state in {_WAITS}))::int
    as waiting
from dossier d join procedure_version v on v.id = d.version_id
where d.closed_at is null and d.finished_at is null and d.received_at is not null
  and {_WITHIN}
"""

# Unit by unit from the index of finished work. An item has a second clock once its procedure changed under it. What
# came after the end is no lateness of ours: when the applicant collects the result is up to him.
DONE = f"""
select w.unit_id, w.state, d.version_id, v.procedure, w.closed_by as person_id, p.name as person, w.opened_at,
  w.closed_at, h.registered_at, h.register_due_at, d.intake_agency, c.agency, c.calendar_no, c.count_mode, c.due_at
from work_item w join dossier d on d.id = w.dossier_id join procedure_version v on v.id = d.version_id
join person p on p.id = w.closed_by
left join handoff h on h.id = w.handoff_id
left join lateral (select c.agency, c.calendar_no, c.count_mode, c.due_at from clock c
  where c.dossier_id = w.dossier_id and c.item_no = w.no and c.kind in ('step', 'consultation')
  order by c.no desc limit 1) c on true
where w.unit_id = any(%(units)s) and w.closed_at >= %(since)s and w.closed_at < %(until)s
  and w.duty <> 'resolve' and w.state not in {_WAITS} and (d.finished_at is null or w.opened_at < d.finished_at)
  and (%(procedure)s::text is null or v.procedure = %(procedure)s)
"""


@dataclass(slots=True)
class LifeRow:
    """`judgement`, `items` and `clocks` hold rows of their tables as JSON objects; an item has its hand-off's times."""

    id: int
    code: str
    version_id: int
    intake_agency: str
    received_at: datetime | None
    finished_at: datetime | None
    first_due_at: datetime | None
    due_at: datetime | None
    supplements: int
    judgement: dict[str, Any] | None
    items: list[dict[str, Any]]
    clocks: list[dict[str, Any]]


@dataclass(slots=True)
class Post:
    unit_id: int
    role: str


@dataclass(slots=True)
class Counted:
    """Judged dossiers of one agency and procedure. `worked` and `allowed` are sums over those `promised` a date."""

    agency: str
    procedure: str
    dossiers: int
    early: int
    on_time: int
    late: int
    not_judged: int
    national_on_time: int
    national_late: int
    asked_again: int
    extended: int
    by_new_date: int
    promised: int
    worked: int
    allowed: int
    late_minutes: int


@dataclass(slots=True)
class Open:
    """Dossiers in flight: how many, how many past their due date, how many wait for the applicant."""

    dossiers: int
    overdue: int
    waiting: int


@dataclass(slots=True)
class Listed:
    code: str
    procedure: str
    version_id: int
    agency: str
    ended_at: datetime
    end_kind: str
    due_original: datetime | None
    due_judged: datetime | None
    due_new: datetime | None
    national: str
    local: str
    late_original: int
    late_new: int
    worked: int
    allowed: int | None
    grounds: list[str]
    extended: bool
    visible: bool
    time_limit: list[str] | None


@dataclass(slots=True)
class Done:
    """A finished piece of work; without a limit of its own it has no `due_at`."""

    unit_id: int
    state: str
    version_id: int
    procedure: str
    person_id: int
    person: str
    opened_at: datetime
    closed_at: datetime
    registered_at: datetime | None
    register_due_at: datetime | None
    intake_agency: str
    agency: str | None
    calendar_no: int | None
    count_mode: str | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a report is about: ends from `since` to before `until`. `units` None: all of them."""

    since: datetime
    until: datetime
    procedure: str | None
    units: list[int] | None


def life(db: Database, code: str, person: int, today: date, *, blind: bool = False) -> LifeRow | None:
    """None for strangers, unless `blind`."""
    return db.one(LifeRow, LIFE, {"code": code, "person": person, "today": today, "blind": blind})


def posts(db: Database, person: int, roles: list[str], today: date) -> list[Post]:
    return db.rows(Post, POSTS, {"person": person, "roles": roles, "today": today})


def counted(db: Database, asked: Asked) -> list[Counted]:
    return db.rows(Counted, COUNTED, _params(asked))


def in_flight(db: Database, asked: Asked, now: datetime) -> Open:
    found = db.one(Open, OPEN, {**_params(asked), "now": now})
    assert found is not None
    return found


def listed(db: Database, asked: Asked, verdict: str | None, reader: tuple[int, date], page: tuple[int, int]) -> list[
        Listed]:
    """The newest first; `reader`: who and on which day, `page`: how many, after how many."""
    (person, today), (most, past) = reader, page
    return db.rows(Listed, LISTED, {**_params(asked), "verdict": verdict, "person": person, "today": today,
                                    "blind": False, "most": most, "past": past})


def done(db: Database, asked: Asked) -> Iterator[Done]:
    """Streamed: a year of a province is read in little memory. `units` must be given."""
    with db.transaction() as connection, connection.cursor("done", row_factory=class_row(Done)) as cursor:
        cursor.itersize = 2000
        cursor.execute(DONE.encode(), _params(asked))
        yield from cursor


def _params(asked: Asked) -> dict[str, Any]:
    return {"since": asked.since, "until": asked.until, "procedure": asked.procedure, "units": asked.units}
