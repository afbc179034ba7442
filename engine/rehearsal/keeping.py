"""Scenarios kept for a procedure: written, recorded, changed one step at a time, taken away. Administrators only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.access import must_write
from engine.casework.orders import Actor
from engine.errors import Conflict, NotFound
from engine.office import Office
from engine.rehearsal.happened import Happened
from engine.rehearsal.recording import record
from engine.rehearsal.scenario import Expect, Scenario, Step, read, written
from procedures.declaration import Text
from storage import scenarios
from storage.scenarios import Row, Writing


class ScenarioChanged(Conflict):
    code = "scenario_changed"
    vi = "Có người vừa sửa hoặc xóa kịch bản này. Trang này đang hiện bản mới nhất; hãy làm lại nếu còn cần."
    en = "Somebody has just changed or removed this scenario. This page shows it as it is now; do it again if needed."


@dataclass(frozen=True, slots=True)
class Kept:
    """`seen` names the content: whoever changes it says which one he saw."""

    row: Row
    scenario: Scenario

    @property
    def seen(self) -> str:
        return hashlib.sha256(json.dumps(self.row.content, sort_keys=True).encode()).hexdigest()[:16]


def find(office: Office, procedure: str, scenario_id: int) -> Kept:
    row = scenarios.get(office.db, scenario_id) if 0 < scenario_id < 2**31 else None
    if row is None or row.procedure != procedure:
        raise NotFound(what="kịch bản diễn tập", what_en="scenario")
    return Kept(row, read(row.content))


def add(office: Office, actor: Actor, procedure: str, scenario: Scenario, now: datetime) -> int:
    must_write(office, actor, now)
    row = (procedure, scenario.name, written(scenario), None)
    return scenarios.add(office.db, row, Writing(by=actor.id, at=now))


def add_recorded(office: Office, actor: Actor, procedure: str, code: str, now: datetime) -> int:
    """Raises what recording raises; NotFound for a dossier of another procedure."""
    scenario = record(office, code, actor, now)
    found = scenarios.recorded(office.db, code)
    if found is None or found.dossier["procedure"] != procedure:
        raise NotFound(what=f"hồ sơ {code} của thủ tục này", what_en=f"dossier {code} of this procedure")
    row = (procedure, scenario.name, written(scenario), code)
    return scenarios.add(office.db, row, Writing(by=actor.id, at=now))


def change(office: Office, actor: Actor, kept: Kept, seen: str, edit: Callable[[Scenario], Scenario],
           now: datetime) -> None:
    """Raises ScenarioChanged where somebody else was first."""
    must_write(office, actor, now)
    fresh = edit(kept.scenario)
    if seen != kept.seen or not scenarios.change(office.db, kept.row, fresh.name, written(fresh),
                                                 Writing(by=actor.id, at=now)):
        raise ScenarioChanged


def remove(office: Office, actor: Actor, kept: Kept, now: datetime) -> None:
    must_write(office, actor, now)
    scenarios.remove(office.db, kept.row, Writing(by=actor.id, at=now))


# edits


def with_step(step: Step) -> Callable[[Scenario], Scenario]:
    return lambda scenario: _checked(scenario, steps=(*scenario.steps, step))


def cut(number: int) -> Callable[[Scenario], Scenario]:
    """Without step `number` (1 is the first after the reception) and all that come after it."""
    return lambda scenario: _checked(scenario, steps=scenario.steps[:max(0, number - 1)], end=None)


def expecting(number: int, expect: Expect | None) -> Callable[[Scenario], Scenario]:
    """What is expected after step `number`; 0 is the reception."""

    def edit(scenario: Scenario) -> Scenario:
        if number == 0:
            return _checked(scenario, expect=expect)
        steps = list(scenario.steps)
        if not 0 < number <= len(steps):
            raise ScenarioChanged
        steps[number - 1] = steps[number - 1].model_copy(update={"expect": expect})
        return _checked(scenario, steps=tuple(steps))

    return edit


def accepting(steps: Sequence[Happened], only: int | None = None) -> Callable[[Scenario], Scenario]:
    """What happened is expected from now on, at every step or at one: in the respects known before, else the usual."""

    def edit(scenario: Scenario) -> Scenario:
        for number, happened in enumerate(steps):
            if only in (None, number):
                old = scenario.expect if number == 0 else scenario.steps[number - 1].expect
                wanted = expected(happened, (aspects_of(old) or set(USUAL)) | {"refused"})
                scenario = expecting(number, wanted)(scenario)
        if scenario.end is not None and len(steps) == len(scenario.steps) + 1 and only in (None, len(steps) - 1):
            scenario = _checked(scenario, end=expected(steps[-1], aspects_of(scenario.end)))
        return scenario

    return edit


def _checked(scenario: Scenario, **changes: Any) -> Scenario:
    """Copied and looked at again: a copy alone checks nothing."""
    return read(written(scenario.model_copy(update=changes)))


# what a step may be expected to lead to
ASPECTS: dict[str, Text] = {
    "states": Text(vi="đang ở các bước này", en="it is at these steps"),
    "status": Text(vi="tình trạng này", en="this status"),
    "due": Text(vi="hạn trả này", en="this due date"),
    "step_due": Text(vi="hạn của từng bước", en="the due date of each step"),
    "held_by": Text(vi="đơn vị đang giữ", en="the units that hold it"),
    "sent_to": Text(vi="đã chuyển đến các đơn vị này", en="it was sent to these units"),
    "notices": Text(vi="các thông báo này", en="these notices"),
    "outcome": Text(vi="kết quả giải quyết", en="the outcome"),
    "closed": Text(vi="đã kết thúc hay chưa", en="whether it has ended"),
    "refused": Text(vi="bị từ chối như vậy", en="this refusal"),
}


# Kept as expectations of a new step unless somebody chooses otherwise.
USUAL = ("states", "status", "due", "outcome", "refused")


def expected(happened: Happened, aspects: Collection[str]) -> Expect | None:
    """What happened, as an expectation in these respects."""
    # a stand-in for a party nobody fills yet is no unit anybody could expect
    known = [held for held in happened.held if not held.path.startswith("?") and "__" not in held.state]
    found: dict[str, Any] = {
        "states": happened.states, "status": happened.status, "due": happened.due or "none",
        "step_due": {held.state: held.due for held in known if held.due is not None},
        "held_by": {held.state: held.path for held in known},
        "sent_to": tuple(path for path in happened.sent_to if not path.startswith("?")), "notices": happened.notices,
        "outcome": happened.outcome or "none", "closed": happened.closed, "refused": happened.code,
    }
    chosen = {name: value for name, value in found.items() if name in aspects and value is not None}
    return Expect(**chosen) if chosen else None


def aspects_of(expect: Expect | None) -> set[str]:
    return set() if expect is None else expect.model_dump(exclude_defaults=True).keys() & ASPECTS.keys()
