"""The comparison with the national portal, day by day: what was sent, what differed, who has not been told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.session import Database

# Rows read at once of what may be all dossiers there are.
PORTION = 2000

# Dossiers something was sent of in these hours; `waiting`: more is to be sent.
SENT_IN = """select d.id, d.code, exists (select from portal_item e where e.dossier_id = d.id
    and e.sent_at is null and e.closed_at is null) as waiting,
  (select i.reconciled from portal_item i where i.dossier_id = d.id and i.sent_at is not null
    order by i.no desc limit 1) as reconciled
from dossier d where d.id in (select i.dossier_id from portal_item i where i.sent_at >= %s and i.sent_at < %s)
order by d.id"""

# Open dossiers the portal knows under another due date than today's: a calendar that changed moves it without an act.
LATEST = """
select d.id, i.payload::json->'data'->0->>'NgayHenTra' is distinct from
  coalesce(to_char(d.due_at at time zone 'Asia/Ho_Chi_Minh', 'YYYYMMDDHH24MISS'), '') as moved
from dossier d cross join lateral (select i.payload from portal_item i
  where i.dossier_id = d.id and i.kind = 'dossier' and i.sent_at is not null order by i.no desc limit 1) i
where d.id > %s and d.closed_at is null and d.mirror is null order by d.id limit %s"""
# Whether they are confidential the caller knows.
NEVER_TOLD = """select d.id from dossier d where d.id > %s and d.mirror is null
  and not exists (select from portal_item i where i.dossier_id = d.id) order by d.id limit %s"""


@dataclass(slots=True)
class SentDossier:
    id: int
    code: str
    waiting: bool
    reconciled: bool


@dataclass(slots=True)
class Day:
    day: date
    at: datetime
    sent: int
    compared: int
    equal: int
    different: int
    missing_there: int
    missing_here: int
    waiting: int


@dataclass(slots=True)
class Differing:
    code: str
    what: str
    fields: list[str]
    remedy: str


def sent_in(db: Database, since: datetime, until: datetime) -> list[SentDossier]:
    return db.rows(SentDossier, SENT_IN, (since, until))


def how_many_sent(db: Database, since: datetime, until: datetime) -> int:
    return int(db.value("select count(*) from portal_item where sent_at >= %s and sent_at < %s", (since, until)))


def known(db: Database, codes: Sequence[str]) -> set[str]:
    """Of these codes those that are dossiers here."""
    with db.connection() as connection:
        return {row[0] for row in connection.execute(b"select code from dossier where code = any(%s)", (list(codes),))}


def moved(db: Database) -> Iterator[int]:
    """Dossiers whose due date is no longer what the portal was told."""
    yield from (dossier for dossier, differs in _in_portions(db, LATEST) if differs)


def never_told(db: Database) -> Iterator[int]:
    """Dossiers of ours the portal was never told of."""
    yield from (dossier for dossier, in _in_portions(db, NEVER_TOLD))


def _in_portions(db: Database, query: str) -> Iterator[tuple[Any, ...]]:
    """`query` takes the id after which it begins, and how many rows it may give; their first column is the id."""
    last = 0
    while True:
        with db.connection() as connection:
            rows = connection.execute(query.encode(), (last, PORTION)).fetchall()
        yield from rows
        if len(rows) < PORTION:
            return
        last = rows[-1][0]


def keep_day(db: Database, day: Day, differing: Sequence[Differing]) -> None:
    """Once a day; done again it replaces what was found before."""
    with db.transaction() as connection:
        connection.execute(b"delete from portal_difference where day = %s", (day.day,))
        connection.execute(b"delete from portal_day where day = %s", (day.day,))
        connection.execute(b"insert into portal_day values (%s, %s, %s, %s, %s, %s, %s, %s, %s)", (
            day.day, day.at, day.sent, day.compared, day.equal, day.different, day.missing_there, day.missing_here,
            day.waiting))
        with connection.cursor() as cursor:
            cursor.executemany(b"insert into portal_difference (day, code, what, fields, remedy) "
                               b"values (%s, %s, %s, %s, %s)",
                               [(day.day, one.code, one.what, one.fields, one.remedy) for one in differing])


def days(db: Database, most: int = 30) -> list[Day]:
    """The newest first."""
    return db.rows(Day, "select * from portal_day order by day desc limit %s", (most,))


def reconciled(db: Database, day: date) -> bool:
    return bool(db.value("select exists (select from portal_day where day = %s)", (day,)))


def differing(db: Database, day: date) -> list[Differing]:
    return db.rows(Differing, "select code, what, fields, remedy from portal_difference where day = %s "
                              "order by what, code limit 200", (day,))
