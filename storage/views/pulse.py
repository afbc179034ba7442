"""Whether anything changed since somebody looked: asked every few seconds by every open page, so it reads few rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

OF_DOSSIER = f"""select d.audit_seq as seq, d.version, a.actor_id, a.actor_name as who
from dossier d join audit a on a.dossier_id = d.id and a.seq = d.audit_seq
where d.code = %(code)s and {VISIBLE}"""

# One probe of an index each: what came in, what was done, who took what, what rang.
OF_UNITS = """select max(n.came) as came, max(n.done) as done, max(n.rang) as rang, max(n.claimed_at) as claimed_at,
  coalesce(sum(n.claimed), 0)::int as claimed
from (select distinct m.unit_id from membership m where m.person_id = %(person)s and %(today)s >= m.valid_from
  and (m.valid_to is null or %(today)s <= m.valid_to)) u
cross join lateral (select
  (select w.available_at from work_item w where w.unit_id = u.unit_id and w.available_at is not null
    order by w.available_at desc limit 1) as came,
  (select w.closed_at from work_item w where w.unit_id = u.unit_id and w.closed_at is not null
    order by w.closed_at desc limit 1) as done,
  (select l.at from notice l where l.unit_id = u.unit_id and l.read_at is null order by l.at desc limit 1) as rang,
  c.claimed, c.claimed_at
  from (select count(*) as claimed, max(w.claimed_at) as claimed_at from work_item w
    where w.unit_id = u.unit_id and w.claimed_at is not null and w.closed_at is null) c) n"""


@dataclass(slots=True)
class DossierPulse:
    """The newest entry of the record, and who made it."""

    seq: int
    version: int
    actor_id: int | None
    who: str


@dataclass(slots=True)
class UnitsPulse:
    """The newest of each kind of change in somebody's units; None where there never was one."""

    came: datetime | None
    done: datetime | None
    rang: datetime | None
    claimed_at: datetime | None
    claimed: int

    @property
    def newest(self) -> datetime | None:
        return max((at for at in (self.came, self.done, self.rang, self.claimed_at) if at is not None), default=None)


def of_dossier(db: Database, code: str, person: int, today: date) -> DossierPulse | None:
    return db.one(DossierPulse, OF_DOSSIER, {"code": code, "person": person, "today": today, "blind": False})


def of_units(db: Database, person: int, today: date) -> UnitsPulse:
    found = db.one(UnitsPulse, OF_UNITS, {"person": person, "today": today})
    assert found is not None
    return found
