"""Drives dossiers through the use cases as the people of the demonstration province would."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from engine import delivery
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars, Reply
from engine.casework.receive import Paper, Person, Submission, receive
from engine.counter import offline
from engine.errors import StaleVersion
from engine.office import Office

# Monday 23 November 2026, 08:00 in Vietnam.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

CONFERENCE: dict[str, Any] = {
    "topic": "Lúa thơm ST thích ứng xâm nhập mặn", "topic_field": "agriculture", "event_date": "2027-03-18",
    "participants": 80, "foreign_guests": 12, "head_of_state_level": False, "state_secret": False,
}


def deciding_again(once: Callable[[], Reply]) -> Reply:
    """Who is told that something came in between (a dispatcher works on the same dossier) looks and decides again."""
    for _ in range(20):
        with suppress(StaleVersion):
            return once()
    return once()


@dataclass(slots=True)
class Member:
    login: str
    id: int
    name: str
    unit: str
    unit_id: int
    role: str


class Cast:
    """`cast["H51.02/tiep-nhan:receptionist"]` is the first person there, `…:receptionist#1` the second."""

    def __init__(self, office: Office) -> None:
        self.office = office

    @cached_property
    def members(self) -> list[Member]:
        return self.office.db.rows(
            Member, "select p.login, p.id, p.name, u.agency || '/' || u.key as unit, u.id as unit_id, m.role "
                    "from membership m join person p on p.id = m.person_id "
                    "join unit u on u.id = m.unit_id where m.for_person_id is null order by m.id")

    def member(self, wanted: str) -> Member:
        place, _, number = wanted.partition("#")
        found = [member for member in self.members if f"{member.unit}:{member.role}" == place]
        return found[int(number or 0)]

    def __getitem__(self, wanted: str) -> Actor:
        member = self.member(wanted)
        return Actor(id=member.id, name=member.name)

    def unit(self, path: str) -> int:
        return next(member.unit_id for member in self.members if member.unit == path)


class Journey:
    """One dossier at a time; `now` moves a minute with every act."""

    def __init__(self, office: Office, cast: Cast, now: datetime = MONDAY) -> None:
        self.office, self.cast, self.now = office, cast, now

    def submission(self, procedure: str = "conference_permit_local", *, desk: str = "H51.02/tiep-nhan",
                   facts: dict[str, Any] | None = None, **changes: Any) -> Submission:
        member = self.cast.member(f"{desk}:receptionist")
        declared = self.office.fresh_catalogue().current(procedure, self.now.date())[1]
        answers = facts if facts is not None else {
            name: value for name, value in CONFERENCE.items() if name in declared.declaration.facts}
        address = "Khóm 3, phường Mỹ Xuyên" if changes.get("return_way") == "post" else ""
        given: dict[str, Any] = {
            "procedure": procedure, "unit": member.unit_id, "channel": "direct", "return_way": "counter",
            "applicant": Person(name="Nguyễn Thị Bích Ngọc", id_number="094000000001", phone="0900000001",
                                address=address),
            "subject": "Hội thảo quốc tế về lúa thơm", "actor": Actor(id=member.id, name=member.name),
            "key": str(uuid.uuid4()), "facts": answers,
            "papers": tuple(Paper(component=name) for name, _ in
                            declared.required_documents({**answers, "channel": "direct"}).items()),
        }
        return Submission(**{**given, **changes})

    def receive(self, procedure: str = "conference_permit_local", **changes: Any) -> Reply:
        reply = receive(self.office, self.submission(procedure, **changes), self.now)
        delivery.drain(self.office, self.now)
        return reply

    def receive_offline(self, **changes: Any) -> Reply:
        """Taken in while the network was down, recorded at once."""
        told = self.submission(**changes)
        block = offline.take_block(self.office, told.actor, told.unit, self.now)
        reply = offline.synchronise(self.office, told, block.codes[0], self.now, self.now)
        delivery.drain(self.office, self.now)
        return reply

    def order(self, code: str, event: str, actor: Actor, *, state: str | None = None, version: int | None = -1,
              key: str | None = None, **particulars: Any) -> Order:
        """`version` -1 is the dossier's present one."""
        seen = self.version(code) if version == -1 else version
        return Order(code=code, event=event, actor=actor, state=state, seen_version=seen,
                     key=key or str(uuid.uuid4()), particulars=Particulars(**particulars))

    def do(self, code: str, event: str, actor: Actor, **changes: Any) -> Reply:
        self.now += timedelta(minutes=1)
        reply = act(self.office, self.order(code, event, actor, **changes), self.now)
        delivery.drain(self.office, self.now)
        return reply

    def version(self, code: str) -> int:
        return int(self.office.db.value("select version from dossier where code = %s", (code,)))

    def states(self, code: str) -> set[str]:
        return set(self.office.db.value(
            "select array_agg(s.state) from active_state s join dossier d on d.id = s.dossier_id where d.code = %s",
            (code,)) or [])

    def incoming(self, code: str) -> list[tuple[uuid.UUID, str, str]]:
        """Delivered hand-offs nobody registered: (id, unit, role of the step)."""
        with self.office.db.connection() as connection:
            return connection.execute(
                "select h.id, u.agency || '/' || u.key, w.role from handoff h join dossier d on d.id = h.dossier_id "
                "join unit u on u.id = h.to_unit_id "
                "join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no "
                "where d.code = %s and h.state = 'delivered' order by h.seq", (code,)).fetchall()

    def register_all(self, code: str) -> None:
        for handoff, unit, role in self.incoming(code):
            self.do(code, "register", self.cast[f"{unit}:{role}"], handoff=handoff)
