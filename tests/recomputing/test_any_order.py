"""Acts and calendar changes in any order and at the same moment: what is stored is what the record says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from engine.clocks.zone import ZONE
from engine.errors import LienThongError
from engine.office import Office
from engine.recomputing import recompute
from engine.verification import verify
from tests.casework.conftest import Start
from tests.casework.racing import together
from tests.casework.walking import Walk
from tests.recomputing.calendars import at_agency, closed, publish
from tests.recomputing.test_recompute import right

PLACES = ("", "H51.01", "H51.02", "H51.05", "H51.21")


def some_days(chance: random.Random, most: int = 4) -> list[date]:
    """Working days of the four weeks after the journeys begin."""
    days = [date(2026, 11, 24) + timedelta(days=number) for number in range(1, 28)]
    return sorted(chance.sample([day for day in days if day.weekday() < 5], chance.randint(0, most)))


def publish_something(office: Office, chance: random.Random) -> None:
    scope = chance.choice(PLACES)
    days = some_days(chance)
    publish(office, at_agency(scope, *days) if scope else closed(*days), scope=scope)


def do_something(walk: Walk, chance: random.Random) -> None:
    """Whatever act is possible where the dossier is; what is refused was no act."""
    acts: list[Callable[[], Any]] = [
        walk.go_on, lambda: walk.step("request_supplement"), lambda: walk.step("supplement"),
        lambda: walk.do("extend", walk.cast["H51.01/ngoai-vu:head"], reason="Nhiều việc",
                        new_due=walk.dossier["due_at"] + timedelta(days=7)),
        lambda: walk.step("send_back"),
    ]
    try:
        chance.choice(acts)()
    except (LienThongError, StopIteration, TypeError, KeyError, IndexError):
        return


def recorded_dues(walk: Walk) -> dict[int, datetime | None]:
    """The last date of each clock, from the audit alone. Each move begins where the record stood."""
    dues: dict[int, str | None] = {}
    for row in walk.entries:
        told = json.loads(row["details"])
        for no, _, mark, due, *_ in told.get("marks", ()):
            if mark["kind"] != "end":
                dues[no] = due
        if row["action"] == "recompute_dues":
            for no, _, old, new in told["clocks"]:
                assert dues[no] == old, (row["seq"], no)
                dues[no] = new
    return {no: None if due is None else datetime.fromisoformat(due) for no, due in dues.items()}


def stored_dues(walk: Walk) -> dict[int, datetime | None]:
    return {row["no"]: row["due_at"] for row in walk.of("clock")}


@pytest.mark.parametrize("seed", range(8))
def test_in_any_order_the_record_gives_what_is_stored(start: Start, seed: int) -> None:
    chance = random.Random(seed)
    walks = [start() for _ in range(3)] + [start("test_copies")]
    office = walks[0].office

    for _ in range(25):
        what = chance.random()
        if what < 0.2:
            publish_something(office, chance)
        elif what < 0.4:
            recompute(office, walks[0].now)
        else:
            do_something(chance.choice(walks), chance)
            walks[0].journey.now += timedelta(hours=chance.randint(0, 5))
    recompute(office, walks[0].now)

    for walk in walks:
        assert recorded_dues(walk) == stored_dues(walk)
        assert right(walk)
    # walks attach scans that nobody has the bytes of
    assert [fault for fault in verify(office).faults if not fault.startswith("document ")] == []


@pytest.mark.parametrize("seed", range(3))
def test_at_the_same_moment_too(start: Start, seed: int) -> None:
    """Two who act, one who publishes and two who recompute, again and again."""
    chance = random.Random(seed)
    walks = [start("test_copies") for _ in range(4)]
    office, now = walks[0].office, walks[0].now

    def act(mine: list[Walk]) -> Callable[[], None]:
        own = random.Random(chance.random())

        def some() -> None:
            for _ in range(12):
                walk = own.choice(mine)
                try:
                    walk.do(*own.choice(_TO_AND_FRO[next(iter(walk.states))])(walk))
                except (LienThongError, KeyError, StopIteration):
                    continue

        return some

    def change() -> None:
        for days in ((25,), (26,), (25, 26), (), (27, 25), (26,)):
            publish(office, closed(*[date(2026, 11, day) for day in days]))
            recompute(office, now)

    def follow() -> None:
        for _ in range(30):
            recompute(office, now)

    together(act(walks[:2]), act(walks[2:]), change, follow)
    recompute(office, now)

    assert all(right(walk) for walk in walks)
    done = [row["action"] for walk in walks for row in walk.entries]
    assert done.count("forward") > len(walks)
    assert done.count("recompute_dues") > len(walks)
    for walk in walks:
        assert recorded_dues(walk) == stored_dues(walk)
        assert walk.dossier["due_at"].astimezone(ZONE).date() >= date(2026, 11, 23)


def _officer(event: str) -> Callable[[Walk], tuple[str, Any]]:
    return lambda walk: (event, walk.holder(next(iter(walk.states))))


_TO_AND_FRO: dict[str, list[Callable[[Walk], tuple[str, Any]]]] = {
    "comparing": [_officer("forward")], "drafting": [_officer("forward"), _officer("send_back")],
    "signing": [_officer("send_back")],
}
