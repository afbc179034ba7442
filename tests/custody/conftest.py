"""Papers on their way; after every test each of them must be in somebody's hands, and the record sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import courier
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.office import Office
from storage import runs
from storage.runs import Line, Run
from tests.casework.walking import FACTS, Walk
from tests.journey import Cast, Journey
from tests.sound import compiled, sound

__all__ = ["compiled", "sound"]

CARRIER = "H51.09/giao-nhan:courier"

# No paper has two custodians at a time or none: its history has no gap, and its last line is who has it now.
ASTRAY = """
select p.barcode from paper p
where not exists (select from custody c where c.barcode = p.barcode)
   or (select (c.state, c.unit_id, c.person_id, c.carrier) is distinct from (p.state, p.unit_id, p.person_id, p.carrier)
       from custody c where c.barcode = p.barcode order by c.no desc limit 1)
   or exists (select from custody c left join custody b on b.barcode = c.barcode and b.no = c.no - 1
              where c.barcode = p.barcode and (c.no > 1 and (b.no is null or b.since > c.since
                or (b.unit_id, b.person_id) is distinct from (c.from_unit_id, c.from_person_id))))
   or p.unit_id is null or coalesce(p.person_id::text, p.carrier) is null"""


def astray(office: Office) -> list[str]:
    with office.db.connection() as connection:
        return [row[0] for row in connection.execute(ASTRAY.encode()).fetchall()]


@pytest.fixture(autouse=True)
def one_custodian(office: Office) -> Iterator[None]:
    yield
    assert astray(office) == []


@dataclass
class Round:
    """A courier's day; `journey.now` is the clock."""

    journey: Journey

    @property
    def office(self) -> Office:
        return self.journey.office

    @property
    def cast(self) -> Cast:
        return self.journey.cast

    @property
    def carrier(self) -> Actor:
        return self.cast[CARRIER]

    def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        with self.office.db.connection() as connection:
            return connection.execute(query.encode(), params).fetchall()

    def received(self, many: int = 1) -> list[str]:
        """Barcodes of papers taken in at the provincial centre, bound for the department."""
        return [self.journey.receive().code + "-S" for _ in range(many)]

    def at_commune(self, many: int = 1) -> list[str]:
        """Of papers that a commune sends to the department."""
        found = []
        for _ in range(many):
            code = self.journey.receive("funeral_allowance", desk="H51.21/mot-cua",
                                        facts=FACTS["funeral_allowance"]).code
            Walk(self.journey, code).go_to("examining")
            found.append(f"{code}-S")
        return found

    def listed(self, route: int = 1) -> Run:
        """The next run of the route, at its departure, its manifest drawn."""
        day = self.journey.now.astimezone(ZONE).date()
        for _ in range(30):
            courier.plan(self.office, day)
            for run in runs.of_day(self.office.db, day):
                if run.state == "planned" and run.depart_at > self.journey.now and run.route_id == route:
                    self.journey.now = run.depart_at + timedelta(minutes=1)
                    courier.draw_due_manifests(self.office, self.journey.now)
                    return run
            day += timedelta(days=1)
        raise AssertionError("no run in a month")

    def lines(self, run: Run) -> list[Line]:
        return runs.lines(self.office.db, run.id)

    def line(self, run: Run, barcode: str) -> Line:
        return next(line for line in self.lines(run) if line.barcode == barcode)

    def at(self, unit_id: int, number: int = 0) -> Actor:
        """Somebody who works there."""
        found = [member for member in self.cast.members if member.unit_id == unit_id and member.role != "administrator"]
        return Actor(id=found[number].id, name=found[number].name)

    def paper(self, barcode: str) -> dict[str, Any]:
        return Walk(self.journey, barcode.rpartition("-")[0]).rows("select * from paper where barcode = %s", barcode)[0]

    def depart(self, run: Run) -> None:
        courier.depart(self.office, run.id, self.carrier, self.journey.now)

    def arrive(self, run: Run, minutes: int = 20) -> None:
        self.journey.now += timedelta(minutes=minutes)
        courier.arrive(self.office, run.id, self.carrier, self.journey.now)

    def do(self, event: str, barcode: str, actor: Actor, **particulars: Any) -> None:
        self.journey.do(barcode.rpartition("-")[0], event, actor, version=None, slip=barcode, **particulars)

    def now(self) -> datetime:
        return self.journey.now


@pytest.fixture
def day(journey: Journey) -> Round:
    return Round(journey)
