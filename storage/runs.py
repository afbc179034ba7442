"""Routes, their runs, the lines of a manifest and the bags they travel in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import psycopg
from psycopg.types.json import Jsonb

from storage.session import Database

COLUMNS = """r.id, r.day, r.no, r.depart_at, r.state, r.courier_id, p.name as courier,
  r.listed_at, r.departed_at, r.arrived_at,
  (select count(*) from courier_load l where l.run_id = r.id) as listed,
  (select count(*) from courier_load l where l.run_id = r.id and l.taken_at is not null) as taken,
  (select count(*) from courier_load l where l.run_id = r.id and l.confirmed_at is not null) as confirmed,
  (select count(*) from courier_load l where l.run_id = r.id and l.missing_at is not null) as missing,
  r.route_id, w.name_vi as route_vi, w.name_en as route_en"""
FROM = "from courier_run r join courier_route w on w.id = r.route_id left join person p on p.id = r.courier_id"


@dataclass(slots=True)
class Route:
    """`stops`: units in the order they are called at; none is the general route. `departures`: Vietnam's time."""

    id: int
    name_vi: str
    name_en: str
    stops: list[int]
    departures: list[time]


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
    route_id: int
    route_vi: str
    route_en: str


@dataclass(slots=True)
class Line:
    barcode: str
    code: str
    kind: str
    state: str
    from_unit: str
    to_unit: str
    from_unit_id: int
    to_unit_id: int
    to_agency: str
    taken_at: datetime | None
    confirmed_at: datetime | None
    missing_at: datetime | None
    bag_id: int | None
    run_id: int


@dataclass(slots=True)
class Bag:
    """`intact`: None until it is opened, then whether the seal was whole and the one that closed it. `unpacked`: what
    its sender took out of it again before it left; `papers` are in it. `handed_at`: where nobody of ours opens it, when
    the last of its papers was signed for there; `handed_by`: who recorded that, `handed_to`: who signed.
    """

    id: int
    run_id: int
    from_unit_id: int
    to_unit_id: int
    seal: str
    sealed_at: datetime
    sealed_by: str
    opened_at: datetime | None
    opened_by: str | None
    seal_found: str | None
    intact: bool | None
    papers: int
    unpacked: list[str]
    handed_at: datetime | None
    handed_by: str | None
    handed_to: str | None

    @property
    def sealed(self) -> bool:
        return self.opened_at is None and self.handed_at is None


def routes(db: Database) -> list[Route]:
    return db.rows(Route, "select id, name_vi, name_en, stops, departures from courier_route "
                          "where retired_at is null order by id")


def add_route(db: Database, name: tuple[str, str], stops: list[int], departures: list[time]) -> int:
    return int(db.value("insert into courier_route (name_vi, name_en, stops, departures) values (%s, %s, %s, %s) "
                        "returning id", (*name, stops, departures)))


def retire_route(db: Database, route: int, now: datetime) -> bool:
    return _move(db, "update courier_route set retired_at = %s where id = %s and id <> 1 and retired_at is null",
                 (now, route))


def plan(db: Database, route: int, day: date, departures: Sequence[datetime], since: datetime | None = None) -> int:
    """The runs of a day, once. `since`: a route that was drawn up begins with what departs after it."""
    told = {"route": route, "day": day, "departures": list(departures), "since": since}
    with db.connection() as connection:
        return connection.execute(
            b"insert into courier_run (route_id, day, no, depart_at, state) "
            b"select %(route)s, %(day)s, d.no, d.at, 'planned' "
            b"from unnest(%(departures)s::timestamptz[]) with ordinality d(at, no) "
            b"where not exists (select from courier_run where route_id = %(route)s and day = %(day)s) "
            b"and (%(route)s = 1 or %(since)s::timestamptz is null or d.at > %(since)s "
            b"or exists (select from courier_run where route_id = %(route)s and day < %(day)s)) "
            b"on conflict (route_id, day, no) do nothing", told).rowcount


def next_of(db: Database) -> dict[int, datetime]:
    """When each route leaves next, by its id; those for which nothing is planned are left out."""
    with db.connection() as connection:
        return dict(connection.execute(b"select route_id, min(depart_at) from courier_run where state = 'planned' "
                                       b"group by route_id").fetchall())


def of_day(db: Database, day: date) -> list[Run]:
    return db.rows(Run, f"select {COLUMNS} {FROM} where r.day = %s order by r.route_id, r.no", (day,))


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


def arrive(db: Database, run_id: int, now: datetime, confirm_by: datetime, by_unit: Mapping[int, datetime]) -> bool:
    """`by_unit`: where the papers go; `confirm_by`: what comes to the run later."""
    told = Jsonb({str(unit): by.isoformat() for unit, by in by_unit.items()})
    return _move(db, "update courier_run set state = 'arrived', arrived_at = %s, confirm_by = %s, confirm_by_unit = %s "
                     "where id = %s and state = 'departed'", (now, confirm_by, told, run_id))


def _move(db: Database, statement: str, params: tuple[object, ...]) -> bool:
    with db.connection() as connection:
        return connection.execute(statement.encode(), params).rowcount == 1


_LINES = """
select l.barcode, d.code, p.kind, p.state, f.name_vi as from_unit, t.name_vi as to_unit, l.from_unit_id, l.to_unit_id,
  a.name_vi as to_agency, l.taken_at, l.confirmed_at, l.missing_at, l.bag_id, l.run_id
from courier_load l join dossier d on d.id = l.dossier_id join paper p on p.barcode = l.barcode
  join unit f on f.id = l.from_unit_id join unit t on t.id = l.to_unit_id join agency a on a.code = t.agency"""


def lines(db: Database, run_id: int) -> list[Line]:
    return db.rows(Line, f"{_LINES} where l.run_id = %s order by a.code, t.id, d.code", (run_id,))


def is_courier(db: Database, person: int, today: date) -> bool:
    return bool(db.value("select exists (select from membership where person_id = %s and role = 'courier' "
                         "and %s >= valid_from and (valid_to is null or %s <= valid_to))", (person, today, today)))


# A bag for an agency that does not work here has come to its end when each of its papers was signed for there or is
# missing: a paper's custody since then names who signed.
_BAGS = """select b.id, b.run_id, b.from_unit_id, b.to_unit_id, b.seal, b.sealed_at, s.name as sealed_by, b.opened_at,
  o.name as opened_by, b.seal_found, b.intact, (select count(*) from courier_load l where l.bag_id = b.id) as papers,
  b.unpacked, h.handed_at, h.handed_by, h.handed_to
from bag b join person s on s.id = b.sealed_by left join person o on o.id = b.opened_by
left join lateral (
  select max(l.confirmed_at) as handed_at, string_agg(distinct w.name, ', ') as handed_by,
    string_agg(distinct c.carrier, ', ') as handed_to
  from courier_load l join person w on w.id = l.confirmed_by
    join custody c on c.barcode = l.barcode and c.unit_id = b.to_unit_id and c.since = l.confirmed_at
      and c.carrier is not null
  where l.bag_id = b.id) h on b.opened_at is null and not exists (
    select from courier_load l where l.bag_id = b.id and l.confirmed_at is null and l.missing_at is null)"""


def bags(db: Database, run_id: int) -> list[Bag]:
    return db.rows(Bag, f"{_BAGS} where b.run_id = %s order by b.id", (run_id,))


def bag(db: Database, bag_id: int) -> Bag | None:
    return db.one(Bag, f"{_BAGS} where b.id = %s", (bag_id,))


def used(db: Database, seal: str) -> bool:
    return bool(db.value("select exists (select from bag where seal = %s)", (seal,)))


def seal_bag(db: Database, run_id: int, way: tuple[int, int], seal: str, person: int, now: datetime,
             barcodes: list[str]) -> int | None:
    """`way`: from unit, to unit. None when none of the papers can go into it, or the seal was used before."""
    try:
        return int(db.value("select seal_bag(%s, %s, %s, %s, %s, %s, %s)",
                            (run_id, *way, seal, person, now, barcodes)))
    except psycopg.DatabaseError as error:
        if error.sqlstate in ("LT422", "23505"):
            return None
        raise


def open_bag(db: Database, bag_id: int, person: int, now: datetime, seal_found: str, intact: bool,
             trouble: tuple[str, str] | None) -> bool:
    """Once. `trouble`: id and kind of the incident about its seal; its owner is who sealed it."""
    with db.transaction() as connection:
        opened = connection.execute(
            b"update bag set opened_at = %s, opened_by = %s, seal_found = %s, intact = %s "
            b"where id = %s and opened_at is null", (now, person, seal_found, intact, bag_id)).rowcount == 1
        if opened and trouble is not None:
            connection.execute(b"insert into incident (id, kind, run_id, unit_id, opened_at, detail, bag_id) "
                               b"select %s, %s, run_id, from_unit_id, %s, seal, id from bag where id = %s",
                               (*trouble, now, bag_id))
        return opened


def unpack(db: Database, bag_id: int) -> bool:
    """Its papers are in no bag any more; False once it was opened or a courier has taken one of them."""
    return bool(db.value("select unpack_bag(%s)", (bag_id,)))


def in_bag(db: Database, bag_id: int) -> list[Line]:
    return db.rows(Line, f"{_LINES} where l.bag_id = %s order by d.code", (bag_id,))


def packed(db: Database, barcodes: Sequence[str]) -> list[Line]:
    """Of these papers those that lie in a bag which no courier has taken."""
    return db.rows(Line, f"{_LINES} join bag b on b.id = l.bag_id and b.opened_at is null "
                         "join courier_run r on r.id = l.run_id and r.state in ('listed', 'departed') "
                         "where l.barcode = any(%s) and l.taken_at is null", (list(barcodes),))


def desks(db: Database, person: int, today: date) -> set[int]:
    """Units where the person works with dossiers today."""
    with db.connection() as connection:
        found = connection.execute(
            b"select unit_id from membership where person_id = %s and role not in ('courier', 'auditor', "
            b"'administrator') and %s >= valid_from and (valid_to is null or %s <= valid_to)", (person, today, today))
        return {row[0] for row in found}


def has_role(db: Database, person: int, roles: list[str], today: date) -> bool:
    return bool(db.value("select exists (select from membership where person_id = %s and role = any (%s) "
                         "and %s >= valid_from and (valid_to is null or %s <= valid_to))",
                         (person, roles, today, today)))
