"""Courier runs as those may see them whom they concern: couriers all, others the papers of their own agency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.session import Database

# Codes, barcodes and destinations: a manifest shows no content, so no dossier is read here.
LINES = """
select l.barcode, d.code, p.kind, p.state, l.from_unit_id, l.to_unit_id, l.taken_at, t.name as taken_by, l.confirmed_at,
  c.name as confirmed_by, l.missing_at, l.bag_id
from courier_load l join dossier d on d.id = l.dossier_id join paper p on p.barcode = l.barcode
  left join person t on t.id = l.taken_by left join person c on c.id = l.confirmed_by
  join unit f on f.id = l.from_unit_id join unit g on g.id = l.to_unit_id
where l.run_id = %(run)s and exists (
  select from membership m join unit u on u.id = m.unit_id where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
    and (m.role in ('courier', 'auditor') or u.agency in (f.agency, g.agency)))
order by g.agency, g.id, l.barcode"""


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
    missing_at: datetime | None
    bag_id: int | None


def lines(db: Database, run: int, person: int, today: date) -> list[Load]:
    return db.rows(Load, LINES, {"run": run, "person": person, "today": today})
