"""A step whose condition does not hold is passed over, whichever way a dossier comes to it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import NotPossibleHere
from engine.states.procedure import Need, Procedure
from procedures.declaration import DeclarationError, Role
from tests.states import samples
from tests.states.conftest import Dossier

PROCESSING = """\
    examining: {party: lead, role: officer, name: {vi: Thẩm định, en: Examining}}
    measuring: {party: field, role: officer, name: {vi: Đo đạc, en: Measuring}, when: a, also: [head]}
    consulting:
      name: {vi: Lấy ý kiến, en: Consulting}
      join: any
      parallel:
        police: {party: police, role: officer, name: {vi: Công an, en: Police}, when: b}
        taxes: {party: taxes, role: officer, name: {vi: Thuế, en: Taxes}, when: b}
    reckoning: {party: taxes, role: officer, name: {vi: Tính thuế, en: Reckoning}, when: c}
    summing_up: {party: lead, role: officer, name: {vi: Tổng hợp, en: Summing up}, when: not d}
"""
SIGNING = """\
    reviewing: {party: ppc, role: head, name: {vi: Xem xét, en: Reviewing}, when: e}
    signing: {party: ppc, role: signer, name: {vi: Ký, en: Signing}, asset: number, also: [head]}
    issuing: {party: ppc_clerk, role: clerk, name: {vi: Phát hành, en: Issuing}, when: e}
"""
MORE = "transitions:\n  - {from: examining, on: leap, to: reckoning, name: {vi: Đi thẳng, en: Leap}}\n"


@pytest.fixture(scope="module")
def procedure() -> Procedure:
    return samples.made(PROCESSING, SIGNING, more=MORE)


def begin(procedure: Procedure, holding: str) -> Dossier:
    return Dossier(procedure, {name: name in holding for name in "abcde"})


def way(procedure: Procedure, holding: str, *events: str) -> list[str]:
    """Where somebody works after each event."""
    dossier = begin(procedure, holding)
    found = []
    for event in events:
        dossier.does(event)
        found.append("+".join(dossier.working))
    return found


@pytest.mark.parametrize(
    ("holding", "leads"),
    [
        ("abcde", "measuring"),
        ("bcde", "police+taxes"),
        ("cde", "reckoning"),
        ("e", "summing_up"),
        ("de", "reviewing"),
        ("d", "signing"),
    ],
)
def test_the_next_step_in_order_is_the_next_whose_condition_holds(
    procedure: Procedure, holding: str, leads: str
) -> None:
    dossier = begin(procedure, holding)
    outcome = dossier.does("accept", "forward")
    assert "+".join(dossier.working) == leads
    assert outcome.exited == ("examining",)
    assert set(outcome.entered) == set(outcome.configuration)


@pytest.mark.parametrize(
    ("holding", "events", "leads"),
    [
        ("abcde", "accept forward forward give_opinion@police forward approve", "signing"),
        ("acd", "accept forward forward forward", "signing"),
        ("bd", "accept forward give_opinion@taxes", "signing"),
        ("", "accept forward forward sign", "returning"),
        ("e", "accept forward forward approve sign issue", "returning"),
        ("d", "accept propose_rejection", "signing"),
        ("de", "accept propose_rejection", "reviewing"),
        ("cd", "accept leap", "reckoning"),
        ("d", "accept leap", "signing"),
        ("", "accept leap", "summing_up"),
    ],
)
def test_every_way_forward_passes_over(procedure: Procedure, holding: str, events: str, leads: str) -> None:
    assert way(procedure, holding, *events.split())[-1] == leads


@pytest.mark.parametrize(
    ("holding", "events", "leads"),
    [
        ("ace", "accept forward forward forward forward send_back", "summing_up"),
        ("acd", "accept forward forward forward send_back", "reckoning"),
        ("ad", "accept forward forward send_back", "measuring"),
        ("d", "accept forward send_back", "examining"),
        ("c", "accept forward send_back", "examining"),
        ("abd", "accept forward forward give_opinion@police send_back", "measuring"),
        ("d", "accept forward sign send_back", "signing"),
        ("de", "accept forward approve sign issue send_back", "issuing"),
        ("de", "accept forward approve sign send_back", "signing"),
        ("de", "accept forward approve send_back", "reviewing"),
    ],
)
def test_sent_back_the_step_before_is_the_last_whose_condition_holds(
    procedure: Procedure, holding: str, events: str, leads: str
) -> None:
    assert way(procedure, holding, *events.split())[-1] == leads


def test_a_wait_for_the_citizen_comes_back_to_the_step_it_left(procedure: Procedure) -> None:
    dossier = begin(procedure, "acd")
    dossier.does("accept", "forward", "forward")
    assert dossier.does("request_supplement").history == {"in_processing": ["reckoning"]}
    assert dossier.does("supplement").configuration == ("reckoning",)


def test_a_condition_that_cannot_be_told_keeps_the_dossier_where_it_is() -> None:
    processing = PROCESSING.replace("when: a,", "when: size < 5,")
    dossier = Dossier(samples.made(processing, SIGNING, more=MORE), {"size": "many"})
    dossier.does("accept")
    with pytest.raises(NotPossibleHere, match="Pass on to the next step"):
        dossier.does("forward")
    assert dossier.at == ("examining",)


def test_nothing_rests_where_steps_are_passed_over(procedure: Procedure) -> None:
    for way_past in ("measuring_gate", "measuring_back", "issuing_gate", "issuing_back"):
        with pytest.raises(LookupError):
            procedure.commands((way_past,))
    assert not [state for state in procedure.states if state.endswith(("_gate", "_back"))]


def test_further_roles_complete_a_step_and_send_it_back(procedure: Procedure) -> None:
    commands = {command.event: command for command in procedure.commands(("measuring",))}
    both = (("field", Role.OFFICER), ("field", Role.HEAD))
    for event in ("forward", "send_back", "propose_rejection"):
        assert commands[event].actors == both
    assert commands["request_supplement"].actors == both[:1]
    assert procedure.command(("signing",), "sign").actors == (("ppc", Role.SIGNER), ("ppc", Role.HEAD))


def test_the_one_object_is_asked_for_by_the_act_that_completes_the_step_only(procedure: Procedure) -> None:
    asking = {command.event for command in procedure.commands(("signing",)) if Need.ASSET in command.needs}
    assert asking == {"sign"}
    assert procedure.states["signing"].asset == "number"
    assert procedure.states["reviewing"].asset is None


@pytest.mark.parametrize(
    ("processing", "signing", "where", "wrong"),
    [
        ("name: {vi: Thẩm định, en: Examining}", None, "examining", "takes no “when”"),
        (None, "name: {vi: Ký, en: Signing}", "signing", "takes no “when”"),
    ],
)
def test_some_steps_cannot_be_passed_over(processing: Any, signing: Any, where: str, wrong: str) -> None:
    first, second = samples.PROCESSING, samples.SIGNING
    with pytest.raises(DeclarationError, match=wrong) as refused:
        samples.made(
            first if processing is None else first.replace(processing, f"{processing}, when: a"),
            second if signing is None else second.replace(signing, f"{signing}, when: a"),
        )
    assert refused.value.faults[0].where.endswith(f"{where}.when")


@pytest.mark.parametrize(
    ("spoiled", "wrong"),
    [
        (samples.PROCESSING.replace("en: Summing up}}", "en: Summing up}, asset: a}"), "must be a required fact"),
        (samples.PROCESSING.replace("en: Summing up}}", "en: Summing up}, also: [officer]}"), "a further role here"),
        (samples.PROCESSING.replace("en: Summing up}}", "en: Summing up}, also: [courier]}"), "a further role here"),
        (PROCESSING.replace("reckoning:", "measuring_back:"), "used twice or reserved"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(spoiled: str, wrong: str) -> None:
    with pytest.raises(DeclarationError, match=wrong) as refused:
        samples.made(spoiled, SIGNING)
    assert refused.value.faults[0].line > 20
