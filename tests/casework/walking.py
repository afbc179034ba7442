"""Drives one dossier: finds who holds it, gives what an act asks for, carries its papers."""

from __future__ import annotations

import hashlib
import itertools
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from engine import courier
from engine.casework import scans, supplements
from engine.casework.act import act, transact
from engine.casework.clocks import rebuild
from engine.casework.orders import Actor, Order, Reply
from engine.clocks.zone import ZONE
from engine.states.procedure import Command, Need, Procedure
from storage import runs
from storage.inspection import MediaType
from tests.journey import CONFERENCE, Journey

FUNERAL: dict[str, Any] = {
    "deceased_name": "Kim Sa Rinh", "merit_category": "war_invalid", "date_of_death": "2026-11-10",
    "buried_by": "relative",
}
HOSTING = {**CONFERENCE, "funding": "Ngân sách tỉnh"}
# Head of state level: the Prime Minister decides.
FACTS: dict[str, dict[str, Any]] = {
    "conference_permit_local": CONFERENCE, "conference_hosting_local": HOSTING, "funeral_allowance": FUNERAL,
    "conference_permit_pm": {**CONFERENCE, "head_of_state_level": True},
    "conference_hosting_pm": {**HOSTING, "head_of_state_level": True},
    "test_copies": {"copies": 3},
}
_files = itertools.count(1)

# What the form of an act says when the act asks for it.
SAYS: dict[Need, dict[str, Any]] = {
    Need.REASON: {"reason": "Có lý do chính đáng"}, Need.OPINION: {"verdict": "agree", "words": "Đồng ý"},
    Need.SUPPLEMENT_LIST: {"documents": ("other",)}, Need.RETURN_RECEIPT: {"recipient": "Nguyễn Thị Bích Ngọc"},
    Need.PAYMENT_REQUEST: {"amount": 250_000},
    Need.PAYMENT_PROOF: {"proof": "BL-000123"},
}


def says(need: Need) -> dict[str, Any]:
    """A postal slip is used once; the applicants here left no address."""
    if need is Need.POSTAL_SLIP:
        return {"slip": f"EH{next(_files):09d}VN", "address": "12 đường Tôn Đức Thắng, phường Sóc Trăng"}
    return SAYS.get(need, {})


class Walk:
    """`walk.now` is the journey's clock. Everything here goes through the use cases; only reading is direct."""

    def __init__(self, journey: Journey, code: str) -> None:
        self.journey, self.code, self.office, self.cast = journey, code, journey.office, journey.cast

    @property
    def now(self) -> datetime:
        return self.journey.now

    # reading

    def rows(self, query: str, *params: Any) -> list[dict[str, Any]]:
        with self.office.db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), params).fetchall()

    def of(self, table: str, order: str = "1") -> list[dict[str, Any]]:
        return self.rows(f"select t.* from {table} t where t.dossier_id = %s order by {order}", self.id)

    @property
    def id(self) -> int:
        return int(self.office.db.value("select id from dossier where code = %s", (self.code,)))

    @property
    def dossier(self) -> dict[str, Any]:
        return self.rows("select * from dossier where code = %s", self.code)[0]

    @property
    def states(self) -> set[str]:
        return self.journey.states(self.code)

    @property
    def items(self) -> dict[str, dict[str, Any]]:
        """Open work items by state."""
        return {row["state"]: row for row in self.of("work_item", "no") if row["closed_at"] is None}

    @property
    def entries(self) -> list[dict[str, Any]]:
        return self.of("audit", "seq")

    @property
    def handoffs(self) -> list[dict[str, Any]]:
        return self.of("handoff", "seq")

    def clocks(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.of("clock", "no") if row["kind"] == kind]

    @property
    def marks(self) -> list[str]:
        """Of the dossier's own clock, by kind."""
        return [mark.kind for mark in rebuild(self.clocks("dossier")[0]).marks]

    def asked_for(self) -> tuple[str, ...]:
        """The papers of the last request to the citizen."""
        return supplements.asked(self.of("addition"))

    def asked(self, agency: str) -> UUID:
        """The consultation of an agency."""
        return UUID(str(next(row["id"] for row in self.handoffs if row["to_agency"] == agency
                             and row["state"] in ("pending", "delivered"))))

    @property
    def procedure(self) -> Procedure:
        return self.office.fresh_catalogue().procedures[self.dossier["version_id"]]

    # people

    def member(self, unit_id: int, role: str, number: int = 0) -> Actor:
        found = [member for member in self.cast.members if (member.unit_id, member.role) == (unit_id, role)]
        return Actor(id=found[number].id, name=found[number].name)

    def holder(self, state: str, number: int = 0) -> Actor:
        """Somebody of the unit and role that hold the state's work item."""
        item = self.items[state]
        return self.member(item["unit_id"], item["role"], number)

    # acting

    def do(self, event: str, actor: Actor, **changes: Any) -> Reply:
        return self.journey.do(self.code, event, actor, **changes)

    def order(self, event: str, actor: Actor, **changes: Any) -> Order:
        return self.journey.order(self.code, event, actor, **changes)

    def act(self, order: Order) -> Reply:
        """As it is: no delivery after it."""
        return act(self.office, order, self.now)

    def step(self, event: str, state: str | None = None, *, number: int = 0, **particulars: Any) -> Reply:
        """By the holder of `state`, with whatever the act asks for; what is handed over is registered before."""
        self.journey.register_all(self.code)
        procedure, configuration = self.procedure, sorted(self.states)
        command = procedure.command(configuration, event, state)
        told: dict[str, Any] = {}
        for need in command.needs:
            told |= says(need)
        if Need.SUPPLEMENT in command.needs:
            told["documents"] = self.asked_for()
        self.provide(command)
        return self.do(event, self.holder(command.state, number), state=command.state, **{**told, **particulars})

    def provide(self, command: Command) -> None:
        """The evidence that is stored, not said."""
        if Need.RESULT_DOCUMENT in command.needs and not self.has_result():
            self.attach("result")
        if command.needs & {Need.PAPER, Need.RETURN_RECEIPT, Need.POSTAL_SLIP}:
            self.carry()

    def has_result(self) -> bool:
        return any(row["component"] == "result" and row["replaced_by"] is None for row in self.of("document"))

    def attach(self, component: str, actor: Actor | None = None) -> Reply:
        """A scan that was checked elsewhere: its bytes are not what is tested here."""
        who = actor or self.holder(next(iter(self.items)))
        sha256 = hashlib.sha256(f"{self.code}/{next(_files)}".encode()).hexdigest()
        scan = scans.Scan(sha256=sha256, size=1234, media_type=MediaType.PDF, pages=1, quality=None)
        decide = scans.attach(component, f"{component}.pdf", scan)
        order = Order(code=self.code, event="attach", actor=who, key=str(uuid4()))
        return transact(self.office, order, decide, self.now)

    def go_on(self) -> None:
        """Every unit at work does the act that completes its step."""
        self.journey.register_all(self.code)
        for state in sorted(self.items):
            if state in self.items:
                self.step(self.procedure.commands([state])[0].event if state == "checking" else self.completing(state),
                          state)

    def completing(self, state: str) -> str:
        commands = self.procedure.commands(sorted(self.states))
        return next(command.event for command in commands if command.state == state and command.closes)

    def go_to(self, *states: str) -> Walk:
        """On and on until one of the states is reached."""
        for _ in range(40):
            if self.states & set(states):
                self.journey.register_all(self.code)
                return self
            self.go_on()
        raise AssertionError(f"{states} not reached from {self.states}")

    # the paper

    def carry(self) -> None:
        """The next courier run takes every paper of the dossier to where it is bound, and it is confirmed there."""
        for paper in self.of("paper"):
            if paper["bound_for_unit_id"] is not None:
                self._one_run(paper["barcode"])

    def _one_run(self, barcode: str) -> None:
        run = self.list_on_run()
        carrier = self.cast["H51.09/giao-nhan:courier"]
        self.do("take_paper", carrier, version=None, slip=barcode)
        courier.depart(self.office, run.id, carrier, self.now)
        paper = next(row for row in self.of("paper") if row["barcode"] == barcode)
        receiver = next(member for member in self.cast.members if member.unit_id == paper["bound_for_unit_id"])
        courier.arrive(self.office, run.id, carrier, self.now)
        self.do("confirm_paper", Actor(id=receiver.id, name=receiver.name), version=None, slip=barcode)

    def list_on_run(self) -> runs.Run:
        """Waits for the next departure and draws up its manifest."""
        day = self.now.astimezone(ZONE).date()
        for _ in range(30):
            courier.plan(self.office, day)
            for run in runs.of_day(self.office.db, day):
                if run.state == "planned" and run.depart_at > self.now:
                    self.journey.now = run.depart_at + timedelta(minutes=1)
                    courier.draw_due_manifests(self.office, self.now)
                    return run
            day += timedelta(days=1)
        raise AssertionError("no courier run in a month")
