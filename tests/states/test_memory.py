"""Remembered answers are the library's answers, in every thread, and the memory has an end."""

from __future__ import annotations

import gc
import random
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from statemachine import registry

from engine.errors import NotPossibleHere
from engine.states import topology
from engine.states.compile import internal
from engine.states.procedure import Outcome, Procedure
from engine.states.shape import Edge, Node, NotAllowed
from engine.states.topology import Topology, topology_of
from procedures.declaration import parse

FIELDS = ["agriculture", "science", "culture", "other", None]


def facts(dice: random.Random) -> dict[str, object]:
    return {
        "topic_field": dice.choice(FIELDS),
        "foreign_guests": dice.choice([0, 1, None]),
        "a": dice.random() < 0.5,
        "b": dice.random() < 0.5,
        "c": dice.choice([0, 1, 7, 8, 101, "untold"]),
    }


def walk(procedure: Procedure, dice: random.Random, length: int) -> list[tuple[Outcome, Any, dict[str, object]]]:
    """Random possible commands: what each one did, and what it was."""
    known, steps = facts(dice), []
    outcome = procedure.start(known)
    for _ in range(length):
        choices = procedure.possible(outcome.configuration, known)
        if not choices:
            break
        # interruptions are rare in life too; else every walk would end at once
        calm = [c for c in choices if c.event not in ("stop", "withdraw", "refuse")] or list(choices)
        command = dice.choice(calm if dice.random() < 0.97 else choices)
        before = outcome
        try:
            outcome = procedure.step(before.configuration, before.history, command, known)
        except NotPossibleHere:
            continue
        steps.append((before, command, {**known, "_after": outcome}))
    return steps


def test_remembered_answers_equal_fresh_ones_on_random_walks(procedures: dict[str, Procedure]) -> None:
    dice = random.Random(20261120)
    compared = 0
    while compared < 4000:
        procedure = procedures[dice.choice(sorted(procedures))]
        for before, command, known in walk(procedure, dice, 60):
            after = known["_after"]
            history = tuple((name, tuple(leaves)) for name, leaves in before.history.items())
            truth = procedure._truth(command, known, before.configuration)
            fresh = procedure.topology.step_fresh(
                before.configuration, history, internal(command.state, command.event), truth
            )
            assert isinstance(after, Outcome)
            assert (fresh.configuration, fresh.exited, fresh.entered, fresh.ended) == (
                after.configuration,
                after.exited,
                after.entered,
                after.ended,
            )
            assert {name: list(leaves) for name, leaves in fresh.history} == after.history
            compared += 1


def test_threads_share_a_topology(whole_text: str) -> None:
    """A new shape, so that all threads meet a cold memory and an empty pool at once."""
    text = whole_text.replace("packing", "packing_up")
    alone = Procedure(parse(text.replace("packing_up", "packing_alone"), "alone.yaml"))
    shared = Procedure(parse(text, "shared.yaml"))

    def trace(procedure: Procedure, seed: int) -> list[str]:
        steps = walk(procedure, random.Random(seed), 40)
        return [f"{b.configuration}{c.event}".replace("packing_alone", "packing_up") for b, c, _ in steps]

    seeds = list(range(48))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda seed: trace(shared, seed), seeds))
    assert together == [trace(alone, seed) for seed in seeds]


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, whole_text: str) -> None:
    monkeypatch.setattr(topology, "REMEMBERED", 16)
    procedure = Procedure(parse(whole_text.replace("packing", "packing_small"), "small.yaml"))
    dice = random.Random(7)
    for _ in range(10):
        walk(procedure, dice, 40)
    assert len(procedure.topology._known) == 16
    assert len(procedure.topology._free) <= topology.POOLED


def test_refusals_are_remembered_too(procedures: dict[str, Procedure]) -> None:
    shape = procedures["whole"].topology
    for _ in range(2):
        with pytest.raises(NotAllowed):
            shape.step(("checking",), (), internal("examining", "forward"), procedures["whole"]._untold)
    assert shape._known[("checking",), (), internal("examining", "forward"), procedures["whole"]._untold] is None


def test_an_outcome_may_be_changed_without_harm(procedures: dict[str, Procedure]) -> None:
    procedure = procedures["whole"]
    command = procedure.command(("examining",), "request_supplement")
    first = procedure.step(("examining",), {}, command, {})
    first.history["in_processing"].append("spoiled")
    assert procedure.step(("examining",), {}, command, {}).history == {"in_processing": ["examining"]}


def test_procedures_of_one_shape_share_it(procedures: dict[str, Procedure]) -> None:
    permit, hosting = procedures["conference_permit_local"], procedures["conference_hosting_local"]
    assert permit.topology is hosting.topology
    assert permit.topology is not procedures["conference_permit_pm"].topology


def test_a_shape_goes_with_its_last_procedure(whole_text: str) -> None:
    """What a catalogue of thousands gives up must be given back."""
    text = whole_text.replace("packing", "packing_last")
    first, second = Procedure(parse(text, "first.yaml")), Procedure(parse(text.replace("Gói", "Bọc"), "second.yaml"))
    walk(first, random.Random(3), 40)
    shape, procedure = weakref.ref(first.topology), weakref.ref(first)
    del first
    gc.collect()
    assert procedure() is None
    assert shape() is second.topology
    del second
    gc.collect()
    assert shape() is None


def test_conditions_that_are_not_asked_do_not_split_the_memory(procedures: dict[str, Procedure]) -> None:
    procedure = procedures["conference_permit_local"]
    accept = procedure.command(("checking",), "accept")
    assert procedure._truth(accept, {"foreign_guests": 1}) == procedure._truth(accept, {"foreign_guests": 0})


def test_the_strict_flags_are_pinned(procedures: dict[str, Procedure]) -> None:
    for procedure in procedures.values():
        flags = procedure.topology.flags
        assert flags["allow_event_without_transition"] is False
        assert flags["catch_errors_as_events"] is False
        assert flags["atomic_configuration_update"] is True


def test_all_classes_have_one_name_so_that_the_library_forgets_them() -> None:
    def shape(name: str) -> Topology:
        return Topology(
            [Node(id=name, initial=True, edges=(Edge(target="end", event="x"),)), Node(id="end", final=True)]
        )

    shape("warm")
    known = len(registry._REGISTRY)
    for at in range(5):
        shape(f"s{at}")
    assert len(registry._REGISTRY) == known


def test_a_chain_of_automatic_transitions_ends() -> None:
    there = Node(id="there", edges=(Edge(target="here"),))
    here = Node(id="here", edges=(Edge(target="there"),))
    start = Node(id="start", initial=True, edges=(Edge(target="here", event="go"),))
    endless = topology_of([start, here, there])
    with pytest.raises(RuntimeError, match="more transitions"):
        endless.step(("start",), (), "go", ())
    assert endless.step_fresh((), (), None, ()).configuration == ("start",)


@pytest.mark.parametrize(
    "nodes",
    [
        [Node(id="a b", initial=True)],
        [Node(id="a", initial=True), Node(id="a")],
        [Node(id="a.b", initial=True)],
        [Node(id="__init__", initial=True)],
        [Node(id="a", initial=True, edges=(Edge(target="nowhere", event="x"),))],
        [Node(id="a", initial=True, edges=(Edge(target="a", event="x.y"),))],
        [Node(id="a", initial=True, edges=(Edge(target="a", event="x y"),))],
    ],
)
def test_no_odd_name_reaches_the_library(nodes: list[Node]) -> None:
    with pytest.raises(ValueError, match=r"id|unknown target"):
        Topology(nodes)


@pytest.mark.parametrize("name", ["model", "send", "states", "configuration", "prepare", "name", "done", "events"])
def test_names_the_library_uses_itself_are_harmless(whole_text: str, name: str) -> None:
    procedure = Procedure(parse(whole_text.replace("leap", name).replace("packing", f"{name}2"), "odd.yaml"))
    command = procedure.command(("examining",), name)
    assert procedure.step(("examining",), {}, command, {"c": 101}).configuration == ("reviewing",)
