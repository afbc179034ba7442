"""Dossiers on their way under one version while the next is published; afterwards the whole database is sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.casework.orders import Actor
from engine.migrating import batch
from engine.migrating.batch import Proposal
from engine.migrating.plan import Plan
from engine.office import Office
from procedures.declaration import Declaration
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import Journey
from tests.migrating.versions import KEY, plan, publish, written
from tests.sound import compiled, office, sound

__all__ = ["cockpit", "compiled", "office", "sound", "start"]


@pytest.fixture
def start(journey: Journey) -> Callable[..., Walk]:
    def begin(**changes: Any) -> Walk:
        facts = {**FACTS[KEY], **changes.pop("facts", {})}
        return Walk(journey, journey.receive(KEY, facts=facts, **changes).code)

    return begin


class Cockpit:
    """An administrator at the screen from which dossiers are moved."""

    def __init__(self, journey: Journey, fresh: Fresh, actor: Actor, other: Actor) -> None:
        self.journey, self.fresh, self.office, self.actor, self.other = journey, fresh, journey.office, actor, other
        self.old = int(self.office.db.value("select id from procedure_version where procedure = %s", (KEY,)))
        self.new = 0

    def publish(self, declaration: Declaration | None = None) -> Cockpit:
        self.new = publish(self.fresh, declaration or written())
        return self

    def proposal(self, told: Plan) -> Proposal:
        return Proposal(from_version=self.old, to_version=self.new, plan=told)

    def preview(self, told: Plan | None = None) -> batch.Preview:
        return batch.preview(self.office, self.actor, self.proposal(told or plan()), self.journey.now)

    def plan(self, *walks: Walk, told: Plan | None = None) -> int:
        return batch.plan(self.office, self.actor, self.proposal(told or plan()), decision_no="12/QĐ-UBND",
                          reason="Sửa quy trình", codes=[walk.code for walk in walks], now=self.journey.now)

    def move(self, *walks: Walk, told: Plan | None = None) -> int:
        """Moves them all, or says which it could not."""
        made = self.plan(*walks, told=told)
        progress = batch.run(self.office, self.actor, made, self.journey.now)
        assert (progress.done, progress.refused) == (len(walks), {})
        return made

    def undo(self, made: int, *walks: Walk) -> batch.Progress:
        return batch.undo_moves(self.office, self.actor, made, [walk.code for walk in walks], self.journey.now)


@pytest.fixture
def cockpit(journey: Journey, fresh: Fresh, office: Office) -> Cockpit:
    first, second = administrators(office, fresh)
    return Cockpit(journey, fresh, first, second)
