"""Courier runs as those may see them whom they concern: couriers all, others the papers of their own agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.session import Database

CONCERNED = """exists (
  select from membership m join unit u on u.id = m.unit_id where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
    and (m.role in ('courier', 'auditor') or u.agency in (f.agency, g.agency)))"""
# Codes, barcodes and destinations: a manifest shows no content, so no dossier is read here.
LINES = f"""
select l.barcode, d.code, p.kind, p.state, l.from_unit_id, l.to_unit_id, l.taken_at, t.name as taken_by, l.confirmed_at,
  c.name as confirmed_by, (
    select k.carrier from custody k where k.barcode = l.barcode and k.unit_id = l.to_unit_id
      and k.since = l.confirmed_at and k.carrier is not null order by k.no limit 1) as handed_to, l.missing_at, l.bag_id
from courier_load l join dossier d on d.id = l.dossier_id join paper p on p.barcode = l.barcode
  left join person t on t.id = l.taken_by left join person c on c.id = l.confirmed_by
  join unit f on f.id = l.from_unit_id join unit g on g.id = l.to_unit_id
where l.run_id = %(run)s and {CONCERNED}
order by g.agency, g.id, l.barcode"""

# What the function draw_manifest would list now.
READY = """
from paper p join dossier d on d.id = p.dossier_id join unit f on f.id = p.unit_id
  join unit g on g.id = p.bound_for_unit_id
where p.state = 'held' and p.bound_for_unit_id is not null and p.bound_at <= %(cut_off)s
  and (p.run_id is null or exists (select from courier_run r
                                   where r.id = p.run_id and r.state in ('departed', 'arrived')))
  and %(route)s = coalesce((select min(w.id) from courier_route w where w.retired_at is null
                            and w.stops @> array[p.unit_id, p.bound_for_unit_id]), 1)
  and not exists (select from transfer t where t.barcode = p.barcode and t.settled_at is null)"""
WAITING = f"""
select p.barcode, d.code, p.kind, p.state, p.unit_id as from_unit_id, p.bound_for_unit_id as to_unit_id,
  null::timestamptz as taken_at, null as taken_by, null::timestamptz as confirmed_at, null as confirmed_by,
  null as handed_to, null::timestamptz as missing_at, null::bigint as bag_id
{READY} and {CONCERNED}
order by g.agency, g.id, p.barcode"""


@dataclass(slots=True)
class Load:
    barcode: str
    code: str
    kind: str
    state: str
    from_unit_id: int
    to_unit_id: int
    taken_at: datetime | None
    taken_by: str | None
    confirmed_at: datetime | None
    confirmed_by: str | None
    handed_to: str | None
    missing_at: datetime | None
    bag_id: int | None


def lines(db: Database, run: int, person: int, today: date) -> list[Load]:
    return db.rows(Load, LINES, {"run": run, "person": person, "today": today})


def waiting(db: Database, route: int, cut_off: datetime, person: int, today: date) -> list[Load]:
    """What goes with the next run of the route, as far as it is ready."""
    return db.rows(Load, WAITING, {"route": route, "cut_off": cut_off, "person": person, "today": today})


def how_many_wait(db: Database, route: int, cut_off: datetime) -> int:
    return int(db.value(f"select count(*) {READY}", {"route": route, "cut_off": cut_off}))
