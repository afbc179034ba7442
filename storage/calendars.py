"""Calendars as rows: versions, the draft of a scope, the recomputation a version brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from engine.errors import Conflict
from storage.dossiers import VISIBLE
from storage.session import Database

VERSION = ("select v.id, v.scope, v.number, v.content, v.reason, v.entered_at, p.name as entered_name "
           "from calendar_version v left join person p on p.id = v.entered_by ")
RECOMPUTE = ("select r.calendar_no, v.scope, v.number, v.reason, r.from_at, r.cursor, r.considered, r.moved, r.failed, "
             "r.started_at, r.finished_at, r.last_error, v.entered_at, (select max(id) from dossier) as last_dossier "
             "from calendar_recompute r join calendar_version v on v.id = r.calendar_no ")


class CalendarMoved(Conflict):
    code = "calendar_moved"
    vi = ("Trong lúc bạn xem, lịch này đã có phiên bản mới hoặc bản thảo đã thay đổi. Chưa có gì được áp dụng; "
          "hãy xem lại bản thảo rồi xác nhận lần nữa.")
    en = ("While you were looking, this calendar got a new version or the draft was changed. Nothing was put into "
          "force; look at the draft again, then confirm once more.")


@dataclass(slots=True, frozen=True, kw_only=True)
class Agency:
    code: str
    name_vi: str
    name_en: str
    parent: str | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Version:
    """`id` is the calendar number, `number` counts within the scope; nobody entered the first shared one."""

    id: int
    scope: str
    number: int
    content: str
    reason: str
    entered_at: datetime
    entered_name: str | None


@dataclass(slots=True, frozen=True, kw_only=True)
class Draft:
    scope: str
    content: str
    base_id: int
    version: int
    changed_name: str
    changed_at: datetime


@dataclass(slots=True, frozen=True, kw_only=True)
class Recompute:
    """`last_dossier`: the highest id there is, to show how far `cursor` has come."""

    calendar_no: int
    scope: str
    number: int
    reason: str
    from_at: datetime
    cursor: int
    considered: int
    moved: int
    failed: int
    started_at: datetime | None
    finished_at: datetime | None
    last_error: str | None
    entered_at: datetime
    last_dossier: int | None


@dataclass(slots=True, frozen=True, kw_only=True)
class MovedLater:
    """A dossier whose own date moved later, and the unit that was told to tell the citizen."""

    code: str
    due_at: datetime
    unit_id: int


@dataclass(slots=True, frozen=True, kw_only=True)
class Publication:
    """`seen`: the version of the draft that was looked at. Nothing before `from_at` can move."""

    scope: str
    seen: int
    content: str
    base_id: int
    reason: str
    person: int
    from_at: datetime
    at: datetime


def agencies(db: Database) -> list[Agency]:
    return db.rows(Agency, "select code, name_vi, name_en, parent from agency order by code")


def newest(db: Database) -> list[Version]:
    """The newest version of every scope that ever declared something."""
    return db.rows(Version, VERSION + "where v.id in (select max(id) from calendar_version group by scope) "
                                      "order by v.scope")


def history(db: Database, scope: str, most: int) -> list[Version]:
    """The versions of one scope, the newest first."""
    return db.rows(Version, VERSION + "where v.scope = %s order by v.number desc limit %s", (scope, most))


def drafts(db: Database) -> list[Draft]:
    return db.rows(Draft, _draft("order by d.scope"))


def draft(db: Database, scope: str) -> Draft | None:
    return db.one(Draft, _draft("where d.scope = %s"), (scope,))


def _draft(which: str) -> str:
    return ("select d.scope, d.content, d.base_id, d.version, p.name as changed_name, d.changed_at "
            f"from calendar_draft d join person p on p.id = d.changed_by {which}")


def begin(db: Database, scope: str, content: str, base_id: int, person: int, at: datetime) -> None:
    """Where there is a draft already, it stays as it is."""
    with db.transaction() as connection:
        connection.execute(
            b"insert into calendar_draft (scope, content, base_id, version, changed_by, changed_at) "
            b"values (%s, %s, %s, 1, %s, %s) on conflict (scope) do nothing", (scope, content, base_id, person, at))


def save(db: Database, scope: str, seen: int, content: str, person: int, at: datetime) -> bool:
    """False where somebody else was first."""
    with db.transaction() as connection:
        return connection.execute(
            b"update calendar_draft set content = %s, version = version + 1, changed_by = %s, changed_at = %s "
            b"where scope = %s and version = %s", (content, person, at, scope, seen)).rowcount == 1


def discard(db: Database, scope: str, seen: int) -> bool:
    with db.transaction() as connection:
        return connection.execute(b"delete from calendar_draft where scope = %s and version = %s",
                                  (scope, seen)).rowcount == 1


def publish(db: Database, told: Publication) -> int:
    """The calendar number. Raises CalendarMoved where the draft or the calendar is no longer what was looked at."""
    try:
        with db.transaction() as connection:
            held = connection.execute(
                b"select 1 from calendar_draft where scope = %s and version = %s and base_id = %s for update",
                (told.scope, told.seen, told.base_id)).fetchone()
            if held is None:
                raise CalendarMoved
            row = connection.execute(
                b"select publish_calendar(%s, %s, %s, %s, %s, %s, %s)",
                (told.scope, told.base_id, told.content, told.reason, told.person, told.from_at, told.at)).fetchone()
            assert row is not None, "the function returns the number or raises"
            return int(row[0])
    except psycopg.Error as error:
        if error.sqlstate == "LT409":
            raise CalendarMoved from error
        raise


def recomputes(db: Database, most: int) -> list[Recompute]:
    """The last ones, the newest first."""
    return db.rows(Recompute, RECOMPUTE + "order by r.calendar_no desc limit %s", (most,))


def recompute(db: Database, number: int) -> Recompute | None:
    return db.one(Recompute, RECOMPUTE + "where r.calendar_no = %s", (number,))


def moved_later(db: Database, since: datetime, until: datetime, most: int) -> list[MovedLater]:
    """Told in that time to the desks that took the dossiers in, by the date the citizen is to be told."""
    return db.rows(MovedLater, "select d.code, n.about as due_at, n.unit_id from notice n "
                               "join dossier d on d.id = n.dossier_id where n.kind = 'due_moved_later' "
                               "and n.at between %s and %s order by n.at, n.id limit %s", (since, until, most))


def visible(db: Database, codes: Sequence[str], person: int, today: date) -> frozenset[str]:
    """Those of the dossiers that somebody may look at: administrators keep calendars, they see no dossiers."""
    told = {"codes": list(codes), "person": person, "today": today, "blind": False}
    with db.connection() as connection:
        return frozenset(row[0] for row in connection.execute(
            f"select d.code from dossier d where d.code = any(%(codes)s) and {VISIBLE}".encode(), told).fetchall())
