"""Whatever people do in whatever order, each dossier stays sound: every walk ends where the record says it does."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine import alarms, delivery
from engine.casework.orders import Actor
from engine.errors import LienThongError
from engine.states.procedure import Command, Need
from tests.casework.conftest import Start
from tests.casework.soundness import faults
from tests.casework.test_whole_way import FIVE
from tests.casework.walking import FACTS, Walk, says

Try = Callable[[], Any]
# Ends a walk too early to be left to chance alone.
ENDS = frozenset({"withdraw", "stop", "refuse"})


class Chance:
    """Draws the next act; seeded, so that a walk that failed can be walked again."""

    def __init__(self, walk: Walk, seed: int) -> None:
        self.walk, self.random = walk, random.Random(seed)
        self.done: Counter[str] = Counter()

    def tries(self) -> Iterator[Try]:
        """Everything that could be asked now, by people who might be right."""
        walk = self.walk
        for command in walk.procedure.commands(sorted(walk.states)):
            if not command.machine_only and (command.event not in ENDS or self.random.random() < 0.05):
                yield lambda command=command: self.command(command)
        at_work = {item["handoff_id"] for item in walk.items.values()}
        for row in walk.handoffs:
            waiting = row["state"] in ("pending", "delivered")
            for event in ("register", "register", "refuse_handoff", "recall") if waiting else ("resend", "resend"):
                if row["id"] in at_work and row["state"] != "registered":
                    yield lambda row=row, event=event: self.handoff(row, event)
        if any(row["bound_for_unit_id"] is not None for row in walk.of("paper")):
            yield walk.carry
        yield lambda: walk.attach(self.random.choice(("result", "other")), self.anybody())
        yield lambda: self.do("extend", self.anybody(), reason="Chờ", new_due=walk.now + timedelta(days=40))

    def command(self, command: Command) -> None:
        told: dict[str, Any] = {}
        for need in command.needs:
            told |= says(need)
        if Need.RESULT_DOCUMENT in command.needs and not self.walk.has_result():
            self.walk.attach("result")
        self.do(command.event, self.somebody(command), state=command.state, **told)

    def somebody(self, command: Command) -> Actor:
        """Mostly whoever holds the step, sometimes anybody of the roles that may."""
        item = self.walk.items.get(command.state)
        if item is not None and self.random.random() < 0.8:
            return self.walk.holder(command.state, self.random.randrange(2) if item["role"] == "officer" else 0)
        roles = {role for _, role in command.actors}
        found = [member for member in self.walk.cast.members if member.role in roles]
        member = self.random.choice(found)
        return Actor(id=member.id, name=member.name)

    def anybody(self) -> Actor:
        """Mostly of a unit that has to do with it."""
        units = {item["unit_id"] for item in self.walk.of("work_item")} | {self.walk.dossier["intake_unit_id"]}
        near = [member for member in self.walk.cast.members if member.unit_id in units]
        member = self.random.choice(near if self.random.random() < 0.9 else self.walk.cast.members)
        return Actor(id=member.id, name=member.name)

    def handoff(self, row: dict[str, Any], event: str) -> None:
        back = event in ("recall", "resend")
        unit = row["from_unit_id" if back else "to_unit_id"]
        role = row["from_role"] if back else next(
            item["role"] for item in self.walk.of("work_item") if item["no"] == row["item_no"])
        self.do(event, self.walk.member(unit, role), handoff=row["id"], reason="Vì sao")

    def do(self, event: str, actor: Actor, **told: Any) -> None:
        """With the version of now, or with an old one; delivered at once, or later."""
        walk = self.walk
        order = walk.order(event, actor, key=str(uuid.UUID(int=self.random.getrandbits(128))), **told)
        if self.random.random() < 0.05:
            order = replace(order, seen_version=max(0, (order.seen_version or 0) - 1))
        walk.act(order)
        self.done[event] += 1
        if self.random.random() < 0.8:
            delivery.drain(walk.office, walk.now)

    def step(self) -> None:
        walk = self.walk
        walk.journey.now += timedelta(minutes=self.random.choice((1, 5, 60, 300)))
        if self.random.random() < 0.1:
            alarms.sweep(walk.office, walk.now)
        try:
            self.random.choice(list(self.tries()))()
        except LienThongError as refusal:
            self.done[refusal.code] += 1


@pytest.mark.parametrize("procedure", [*FIVE, "test_copies"])
def test_no_order_of_acts_leaves_a_dossier_unsound(start: Start, procedure: str) -> None:
    assert procedure in FACTS
    walk = start(procedure, accept=False)
    chance = Chance(walk, seed=FIVE.index(procedure) if procedure in FIVE else 99)

    for number in range(60):
        if walk.dossier["closed_at"] is not None:
            walk.code = start(procedure, accept=bool(number % 2)).code
        chance.step()
        if number % 10 == 9:
            assert faults(walk.office) == [], chance.done
    delivery.drain(walk.office, walk.now)
    alarms.sweep(walk.office, walk.now)

    assert sum(chance.done.values()) >= 40
