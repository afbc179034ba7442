"""Explored to the last configuration: nothing is unreachable, nothing is a trap, nothing is asked unprepared."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import NotPossibleHere
from engine.states.procedure import Procedure

KEYS = [
    "conference_permit_pm",
    "conference_permit_local",
    "conference_hosting_pm",
    "conference_hosting_local",
    "funeral_allowance",
    "whole",
]


@pytest.mark.parametrize("key", KEYS)
def test_from_every_configuration_the_result_can_still_be_returned(explored: Any, key: str) -> None:
    edges = explored[key]
    before: dict[Any, set[Any]] = {}
    for source, targets in edges.items():
        for target in targets:
            before.setdefault(target, set()).add(source)
    good = {situation for situation in edges if situation[0] == ("returned",)}
    todo = list(good)
    while todo:
        for source in before.get(todo.pop(), ()):
            if source not in good:
                good.add(source)
                todo.append(source)
    ends = {("refused",), ("withdrawn",), ("stopped",)}
    assert {situation[0] for situation in edges} - {situation[0] for situation in good} == ends


@pytest.mark.parametrize("key", KEYS)
def test_every_declared_state_is_reached(explored: Any, procedures: dict[str, Procedure], key: str) -> None:
    procedure = procedures[key]
    reached = {state for situation in explored[key] for state in situation[0]}
    groups = {info.branch_of for info in procedure.states.values() if info.branch_of is not None}
    assert reached == set(procedure.states) - groups


@pytest.mark.parametrize("key", KEYS)
def test_everywhere_but_at_an_end_somebody_has_work(explored: Any, procedures: dict[str, Procedure], key: str) -> None:
    procedure = procedures[key]
    for configuration, _ in explored[key]:
        infos = [procedure.states[state] for state in configuration]
        assert infos[0].final or any(info.party is not None for info in infos)
        assert len({info.clock for info in infos}) == 1


@pytest.mark.parametrize("key", KEYS)
def test_a_history_is_kept_only_while_waiting(explored: Any, key: str) -> None:
    for configuration, history in explored[key]:
        waiting = configuration in (("awaiting_supplement",), ("awaiting_payment",))
        assert bool(history) is waiting


@pytest.mark.parametrize("key", KEYS)
def test_every_event_not_declared_here_is_refused_with_what_is(
    explored: Any, procedures: dict[str, Procedure], key: str
) -> None:
    procedure = procedures[key]
    events = {command.event for some in procedure._commands.values() for command in some}
    for configuration in {situation[0] for situation in explored[key]}:
        here = {command.event for command in procedure.commands(configuration)}
        for event in events - here:
            with pytest.raises(NotPossibleHere) as refused:
                procedure.command(configuration, event)
            assert sorted(here) == sorted(refused.value.data["possible_events"])  # type: ignore[call-overload]
