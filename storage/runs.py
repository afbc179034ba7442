"""Courier runs and the lines of their manifests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.session import Database

COLUMNS = """r.id, r.day, r.no, r.depart_at, r.state, r.courier_id, p.name as courier,
  r.listed_at, r.departed_at, r.arrived_at,
  (select count(*) from courier_load l where l.run_id = r.id) as listed,
  (select count(*) from courier_load l where l.run_id = r.id and l.taken_at is not null) as taken,
  (select count(*) from courier_load l where l.run_id = r.id and l.confirmed_at is not null) as confirmed,
  (select count(*) from courier_load l where l.run_id = r.id and l.missing_at is not null) as missing"""
FROM = "from courier_run r left join person p on p.id = r.courier_id"


@dataclass(slots=True)
class Run:
    id: int
    day: date
    no: int
    depart_at: datetime
    state: str
    courier_id: int | None
    courier: str | None
    listed_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    listed: int
    taken: int
    confirmed: int
    missing: int


@dataclass(slots=True)
class Line:
    barcode: str
    code: str
    kind: str
    state: str
    from_unit: str
    to_unit: str
    to_unit_id: int
    to_agency: str
    taken_at: datetime | None
    confirmed_at: datetime | None
    missing_at: datetime | None


def plan(db: Database, day: date, no: int, depart_at: datetime) -> int:
    with db.connection() as connection:
        return connection.execute(b"insert into courier_run (day, no, depart_at, state) values (%s, %s, %s, 'planned') "
                                  b"on conflict (day, no) do nothing", (day, no, depart_at)).rowcount


def of_day(db: Database, day: date) -> list[Run]:
    return db.rows(Run, f"select {COLUMNS} {FROM} where r.day = %s order by r.no", (day,))


def due(db: Database, now: datetime) -> list[Run]:
    return db.rows(Run, f"select {COLUMNS} {FROM} where r.state = 'planned' and r.depart_at <= %s order by r.depart_at",
                   (now,))


def one(db: Database, run_id: int) -> Run | None:
    return db.one(Run, f"select {COLUMNS} {FROM} where r.id = %s", (run_id,))


def draw(db: Database, run_id: int, now: datetime, cut_off: datetime) -> int:
    return int(db.value("select draw_manifest(%s, %s, %s)", (run_id, now, cut_off)))


def depart(db: Database, run_id: int, courier: int, now: datetime) -> bool:
    return _move(db, "update courier_run set state = 'departed', courier_id = %s, departed_at = %s "
                     "where id = %s and state = 'listed'", (courier, now, run_id))


def arrive(db: Database, run_id: int, now: datetime) -> bool:
    return _move(db, "update courier_run set state = 'arrived', arrived_at = %s where id = %s and state = 'departed'",
                 (now, run_id))


def _move(db: Database, statement: str, params: tuple[object, ...]) -> bool:
    with db.connection() as connection:
        return connection.execute(statement.encode(), params).rowcount == 1


def lines(db: Database, run_id: int) -> list[Line]:
    return db.rows(Line, """
        select l.barcode, d.code, p.kind, p.state, f.name_vi as from_unit, t.name_vi as to_unit, l.to_unit_id,
          a.name_vi as to_agency, l.taken_at, l.confirmed_at, l.missing_at
        from courier_load l join dossier d on d.id = l.dossier_id join paper p on p.barcode = l.barcode
          join unit f on f.id = l.from_unit_id join unit t on t.id = l.to_unit_id join agency a on a.code = t.agency
        where l.run_id = %s order by a.code, t.id, d.code""", (run_id,))


def is_courier(db: Database, person: int, today: date) -> bool:
    return bool(db.value("select exists (select from membership where person_id = %s and role = 'courier' "
                         "and %s >= valid_from and (valid_to is null or %s <= valid_to))", (person, today, today)))
