"""The shape as SCXML says the same as the shape itself."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as Tree

import pytest
from statemachine.io import load

from engine.states.compile import blueprint
from engine.states.joins import JoinGuard
from engine.states.procedure import Procedure
from engine.states.scxml import ENOUGH, OURS, SCXML, VERDICT, scxml
from engine.states.shape import walk
from procedures.declaration import load_library, parse
from procedures.guards import Guard

KEYS = (*load_library(), "whole")
Told = tuple[str | None, str | None, str]  # event, condition, target


def states(root: Tree.Element) -> Iterator[tuple[Tree.Element, str | None]]:
    """Every state with the id of what it stands in."""
    for parent in root.iter():
        for child in parent:
            if child.tag.removeprefix(f"{{{SCXML}}}") in ("state", "parallel", "final"):
                yield child, parent.get("id")


def transitions(element: Tree.Element) -> list[Told]:
    found = element.findall(f"{{{SCXML}}}transition")
    return [(made.get("event"), made.get("cond"), made.attrib["target"]) for made in found]


def expected(procedure: Procedure) -> dict[str, tuple[str | None, list[Told]]]:
    made = blueprint(procedure.declaration)
    told = {}
    for node, parent in walk(made.roots, None):
        rows: list[Told] = []
        for edge in node.edges:
            guard = None if edge.guard is None else made.guards[edge.guard]
            condition = None if guard is None else told_of(guard)
            event = f"done.state.{node.id}" if edge.joins else edge.event
            rows.append((event, condition, f"{edge.target}__history" if edge.resumes else edge.target))
        told[node.id] = (parent, rows)
    return told


def told_of(guard: Guard | JoinGuard) -> str | None:
    if isinstance(guard, Guard):
        return guard.source
    return f"{VERDICT} == 'disagree'" if guard.join == "first_negative" else None


@pytest.mark.parametrize("key", KEYS)
def test_states_and_transitions_are_those_of_the_procedure(procedures: dict[str, Procedure], key: str) -> None:
    root = Tree.fromstring(scxml(procedures[key]))

    found = {state.attrib["id"]: (parent, transitions(state)) for state, parent in states(root)}

    assert found == expected(procedures[key])


@pytest.mark.parametrize("key", KEYS)
def test_every_target_and_every_initial_state_exists(procedures: dict[str, Procedure], key: str) -> None:
    root = Tree.fromstring(scxml(procedures[key]))
    ids = [found.attrib["id"] for found in root.iter() if "id" in found.attrib and not found.tag.endswith("data")]
    named = [found.attrib[name] for found in root.iter() for name in ("target", "initial") if name in found.attrib]

    assert len(ids) == len(set(ids))
    assert set(named) <= set(ids)


@pytest.mark.parametrize("key", KEYS)
def test_the_same_procedure_gives_the_same_text(procedures: dict[str, Procedure], key: str) -> None:
    again = Procedure(procedures[key].declaration)

    assert scxml(again) == scxml(procedures[key])


@pytest.mark.parametrize("key", KEYS)
def test_a_reader_of_scxml_takes_it(procedures: dict[str, Procedure], key: str) -> None:
    chart = load(scxml(procedures[key]), format="scxml")

    assert {f"{state.id}" for state in chart.states_map.values()} >= set(procedures[key].states)


def test_a_reader_of_scxml_walks_it_as_the_procedure_does(procedures: dict[str, Procedure]) -> None:
    procedure = procedures["funeral_allowance"]
    chart = load(scxml(procedure), format="scxml")()
    outcome = procedure.start({})
    asked = ["accept", "request_supplement", "supplement", "submit_confirmation"]

    for event in [*asked, "confirm", "forward", "approve", "sign"]:
        (state,) = outcome.configuration
        command = procedure.command(outcome.configuration, event)
        outcome = procedure.step(outcome.configuration, outcome.history, command, {})
        chart.send(f"{state}__{event}")
        active = {state.id for state in chart.configuration}

        assert set(outcome.configuration) <= active, event
        assert active & set(procedure.states) == set(outcome.configuration), event


def test_a_quorum_is_named_as_what_no_condition_can_say(procedures: dict[str, Procedure], whole_text: str) -> None:
    joins = {"any": None, "first_negative": f"{VERDICT} == 'disagree'", "{at_least: 2}": ENOUGH}
    for join, condition in joins.items():
        group = "name: {vi: Hỏi lần một, en: First round}\n"
        procedure = Procedure(parse(whole_text.replace(group, f"{group}      join: {join}\n"), "joins.yaml"))
        root = Tree.fromstring(scxml(procedure))
        (left,) = [state for state, _ in states(root) if state.get("id") == "left"]

        assert transitions(left)[0] == ("left__give_opinion", condition, "second_group")


def test_letters_that_mean_something_in_xml_stay_letters(whole_text: str) -> None:
    name = "Kiểm <b>&\"lại\"</b>"
    text = whole_text.replace("{vi: Kiểm tra, en: Checking}", f"{{vi: '{name}', en: x}}")
    procedure = Procedure(parse(text, "x.yaml"))
    root = Tree.fromstring(scxml(procedure))

    (checking,) = [state for state, _ in states(root) if state.get("id") == "checking"]

    assert checking.get(f"{{{OURS}}}vi") == name
    assert len(list(checking)) == len(transitions(checking))
