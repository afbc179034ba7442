"""A change of calendars in the database: open clocks by windows of dossiers, the dates that moved, the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from storage.session import Database

# What goes on after its dossier has closed: the applicant's duties, and what he waits for an answer to.
_OUTLIVING = "ended_at is null and kind in ('obligation', 'feedback')"
# The last dossier of a window, whether or not anything of it can move; nothing when there are no more.
WINDOW = f"""select max(id) from (
  (select id from dossier where closed_at is null and id > %(after)s order by id limit %(most)s)
  union (select dossier_id from clock where {_OUTLIVING} and dossier_id > %(after)s order by dossier_id limit %(most)s)
  order by 1 limit %(most)s) d""".encode()

# Every clock that may move. What stands still has no date; only whether its dossier's date is provisional may change.
_CLOCKS = """
select d.id, d.code, d.version_id, d.intake_agency, d.intake_unit_id, d.due_at as dossier_due, d.due_provisional,
  d.audit_seq, d.audit_head, (select a.at from audit a where a.dossier_id = d.id and a.seq = d.audit_seq) as last_at,
  c.no, c.kind, c.item_no, c.time_limit, c.count_mode, c.marks, c.agency, c.due_at, t.kind as alarm, t.fires_at,
  case when c.kind = 'obligation' then (select o.name_vi from obligation o
    where o.dossier_id = c.dossier_id and o.clock_no = c.no) end as owed, c.expiry
from dossier d join clock c on c.dossier_id = d.id
left join timer t on t.dossier_id = c.dossier_id and t.clock_no = c.no
where {alive} and c.ended_at is null and coalesce(c.agency, d.intake_agency) = any(%(agencies)s)
  and (c.due_at >= %(since)s or (c.due_at is null and c.kind = 'dossier')) and {which}"""


def _clocks(which: str) -> bytes:
    """Of open dossiers, and what goes on of closed ones: two queries, so that each has its index."""
    alive = ("d.closed_at is null", f"d.closed_at is not null and c.{_OUTLIVING.replace(' kind', ' c.kind')}")
    return (" union all ".join(_CLOCKS.format(alive=one, which=which) for one in alive) + " order by id, no").encode()


_OF_WINDOW = _clocks("""d.id > %(after)s and d.id <= %(upto)s
  and c.dossier_id > %(after)s and c.dossier_id <= %(upto)s""")

SUBJECTS = b"select id, subject from dossier where id = any(%s)"


@dataclass(slots=True)
class OpenClock:
    """A clock that has not ended, with its dossier. `owed`: the obligation it is of."""

    id: int
    code: str
    version_id: int
    intake_agency: str
    intake_unit_id: int
    dossier_due: datetime | None
    provisional: bool
    audit_seq: int
    audit_head: bytes
    last_at: datetime
    no: int
    kind: str
    item_no: int | None
    time_limit: list[str]
    count_mode: str
    marks: list[dict[str, Any]]
    agency: str | None
    due_at: datetime | None
    alarm: str | None
    fires_at: datetime | None
    owed: str | None
    expiry: str | None


def window(db: Database, after: int, most: int) -> int | None:
    """The id of the last of the next `most` dossiers in which a clock may run; None after the last one."""
    with db.connection() as connection:
        found = connection.execute(WINDOW, {"after": after, "most": most}).fetchone()
    return found[0] if found else None


def open_clocks(db: Database, after: int, upto: int, agencies: Sequence[str], since: datetime) -> list[OpenClock]:
    """Of the dossiers after one id up to another, in order, without those that no change from `since` on moves."""
    with db.connection() as connection:
        return [OpenClock(*row) for row in connection.execute(_OF_WINDOW, {
            "after": after, "upto": upto, "agencies": list(agencies), "since": since}).fetchall()]


def subjects(db: Database, dossiers: Sequence[int]) -> dict[int, str]:
    with db.connection() as connection:
        return dict(connection.execute(SUBJECTS, (list(dossiers),)).fetchall())


@dataclass(slots=True, kw_only=True)
class Moved:
    """What is to be written of one dossier whose head was `head`.

    `details`, `hash`: of its entry; None where only alarms change. `told`: the unit that is told of a later date, with
    the clock. `clocks`: (no, work that shows it, old, new), see move_dues; `timers`: (clock, kind, at), kind None for
    none.
    """

    id: int
    seq: int
    head: bytes
    at: datetime
    details: str | None = None
    hash: bytes | None = None
    due: datetime | None = None
    provisional: bool = False
    told: int | None = None
    told_clock: int | None = None
    copied: bool = False
    clocks: list[tuple[int, int | None, datetime | None, datetime | None]]
    timers: list[tuple[int, str | None, datetime | None]]


@dataclass(slots=True, frozen=True)
class Job:
    """One publication whose due dates are being recomputed."""

    calendar_no: int
    scope: str
    cursor: int


@dataclass(slots=True, frozen=True, kw_only=True)
class Window:
    """How far a write takes the job on: from `after` to `passed`, having looked at so many dossiers."""

    after: int
    passed: int
    looked: int


class Superseded(Exception):
    """A newer calendar is in force, or somebody else took the job on: read again."""


JOB = """
select r.calendar_no, v.scope, r.cursor from calendar_recompute r join calendar_version v on v.id = r.calendar_no
where r.finished_at is null order by r.calendar_no limit 1"""
UNFINISHED = "select exists (select from calendar_recompute where finished_at is null)"
# Typed, because an array of nothing has no type of its own.
_TYPES = """int int bigint bigint int text text
  bigint[] int[] bytea[] timestamptz[] text[] bytea[] timestamptz[] boolean[] int[] int[]
  bigint[] int[] int[] timestamptz[] timestamptz[] bigint[] int[] text[] timestamptz[] boolean bigint[] text[]"""
_MOVE = f"select move_dues({','.join(f'%b::{kind}' for kind in _TYPES.split())})".encode()
_CHOSEN = _clocks("d.id = any(%(ids)s)")


def next_job(db: Database) -> Job | None:
    return db.one(Job, JOB)


def unfinished(db: Database) -> bool:
    return bool(db.value(UNFINISHED))


def start(db: Database, job: Job, at: datetime) -> None:
    with db.connection() as connection:
        connection.execute(b"update calendar_recompute set started_at = %s "
                           b"where calendar_no = %s and started_at is null", (at, job.calendar_no))


def finish(db: Database, job: Job, at: datetime) -> bool:
    """False while a dossier is left only because somebody was at it."""
    with db.connection() as connection:
        return connection.execute(b"""
            update calendar_recompute r set finished_at = %(at)s,
              failed = (select count(*) from calendar_left l where l.calendar_no = r.calendar_no),
              last_error = (select string_agg(l.told, '; ') from (
                select d.code || ': ' || l.why as told from calendar_left l join dossier d on d.id = l.dossier_id
                where l.calendar_no = r.calendar_no order by d.id limit 20) l)
            where r.calendar_no = %(job)s and r.finished_at is null and not exists (
              select from calendar_left l where l.calendar_no = r.calendar_no and l.why is null)""",
            {"at": at, "job": job.calendar_no}).rowcount == 1


def left(db: Database, job: Job, after: int, most: int) -> list[int]:
    """Dossiers the job has passed and not seen to, in order."""
    with db.connection() as connection:
        return [row[0] for row in connection.execute(
            b"select dossier_id from calendar_left where calendar_no = %s and dossier_id > %s "
            b"order by dossier_id limit %s", (job.calendar_no, after, most)).fetchall()]


def bundles_seen(db: Database, job: Job) -> int:
    """The last bundle whose expected dates the job has settled."""
    return int(db.value("select bundle_cursor from calendar_recompute where calendar_no = %s", (job.calendar_no,)))


def see_bundle(db: Database, job: Job, bundle: int) -> None:
    with db.connection() as connection:
        connection.execute(b"update calendar_recompute set bundle_cursor = greatest(bundle_cursor, %s) "
                           b"where calendar_no = %s", (bundle, job.calendar_no))


def settled(db: Database, job: Job, dossiers: Sequence[int]) -> None:
    """Nothing of them is left to move."""
    with db.connection() as connection:
        connection.execute(b"delete from calendar_left where calendar_no = %s and dossier_id = any(%s)",
                           (job.calendar_no, list(dossiers)))


def clocks_of(db: Database, dossiers: Sequence[int], agencies: Sequence[str], since: datetime) -> list[OpenClock]:
    with db.connection() as connection:
        return [OpenClock(*row) for row in connection.execute(_CHOSEN, {
            "ids": list(dossiers), "agencies": list(agencies), "since": since}).fetchall()]


@dataclass(slots=True, frozen=True, kw_only=True)
class Writer:
    """In whose name entries are written, and with which calendar the dates were computed."""

    job: int
    calendar_no: int
    who: str
    unit: str


def move(db: Database, writer: Writer, window: Window | None, moved: Sequence[Moved],
         bad: Sequence[tuple[int, str]] = ()) -> list[int]:
    """Committed on return, which names the dossiers that were left because somebody was at them.

    Without a window: dossiers that were left before. Raises Superseded, and psycopg.DatabaseError when one of the
    dossiers cannot be written; then none is.
    """
    clocks = [(one.id, *row) for one in moved for row in one.clocks]
    timers = [(one.id, *row) for one in moved for row in one.timers]
    params = (
        writer.job, writer.calendar_no, window and window.after, window and window.passed,
        window.looked if window else 0, writer.who, writer.unit,
        [one.id for one in moved], [one.seq for one in moved], [one.head for one in moved], [one.at for one in moved],
        [one.details for one in moved], [one.hash for one in moved], [one.due for one in moved],
        [one.provisional for one in moved], [one.told for one in moved], [one.told_clock for one in moved],
        [row[0] for row in clocks], [row[1] for row in clocks], [row[2] for row in clocks],
        [row[3] for row in clocks], [row[4] for row in clocks],
        [row[0] for row in timers], [row[1] for row in timers], [row[2] for row in timers], [row[3] for row in timers],
        any(one.copied for one in moved), [one[0] for one in bad], [one[1] for one in bad])
    with db.connection() as connection:
        try:
            found = connection.execute(_MOVE, params).fetchone()
        except psycopg.DatabaseError as error:
            if error.sqlstate == "LT409":
                raise Superseded from None
            raise
    assert found is not None
    return list(found[0])
