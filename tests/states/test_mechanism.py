"""The mechanism's own acts: who, what they need, where they lead; and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
import statemachine

from engine.errors import Invalid, NotPossibleHere
from engine.states.procedure import Clock, Need, Procedure
from procedures.declaration import Event, Phase, Role, parse
from tests.states.conftest import Dossier

R, L, H, S, C, B, M = (
    ("centre", Role.RECEPTIONIST),
    ("lead", Role.OFFICER),
    ("lead", Role.HEAD),
    ("chair", Role.SIGNER),
    ("clerk", Role.CLERK),
    ("centre", Role.RETURNER),
    ("centre", Role.MANAGER),
)
N = Need
LIST = {N.SUPPLEMENT_LIST, N.REASON}

# (way there, event) -> (where it leads, who may, what it needs, whether it ends the state's own work item)
ACTS: list[tuple[str, str, list[str], list[tuple[str, Role]], set[Need], bool]] = [
    ("", "accept", ["examining"], [R], {N.DOCUMENTS_COMPLETE}, True),
    ("", "refuse", ["refused"], [R], {N.REASON}, True),
    ("", "withdraw", ["withdrawn"], [R], set(), True),
    ("", "request_supplement", ["awaiting_supplement_at_intake"], [R], LIST, True),
    ("", "hold", ["awaiting_parts"], [R], {N.DOCUMENTS_COMPLETE}, True),
    ("hold", "release", ["examining"], [], set(), True),
    ("hold", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("hold", "withdraw", ["withdrawn"], [R], {N.REASON}, True),
    ("request_supplement", "supplement", ["checking"], [R], {N.SUPPLEMENT}, True),
    ("request_supplement", "withdraw", ["withdrawn"], [R], set(), True),
    ("request_supplement", "refuse", ["refused"], [R], {N.REASON}, True),
    ("accept", "forward", ["left_done", "right"], [L], {N.PAPER}, True),
    ("accept", "request_supplement", ["awaiting_supplement"], [L], LIST, True),
    ("accept", "request_payment", ["awaiting_payment"], [L], {N.PAYMENT_REQUEST}, True),
    ("accept", "propose_rejection", ["reviewing"], [L], {N.REASON}, True),
    ("accept", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("accept request_supplement", "supplement", ["examining"], [R], {N.SUPPLEMENT}, True),
    ("accept request_supplement", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept request_supplement", "withdraw", ["withdrawn"], [R], {N.REASON}, True),
    ("accept request_payment", "pay", ["examining"], [R], {N.PAYMENT_PROOF}, True),
    ("accept request_payment", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept request_payment", "withdraw", ["withdrawn"], [R], {N.REASON}, True),
    ("accept forward", "give_opinion", ["asking"], [("right", Role.OFFICER)], {N.OPINION}, True),
    ("accept forward", "request_supplement", ["awaiting_supplement"], [L], LIST, False),
    ("accept forward", "request_payment", ["awaiting_payment"], [L], {N.PAYMENT_REQUEST}, False),
    ("accept forward", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept forward", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("accept forward", "close_round", ["asking"], [L], {N.REASON}, False),
    ("accept forward give_opinion", "record_reply", ["checking_again"], [L], {N.OPINION}, True),
    ("accept forward give_opinion", "send_back", ["examining"], [L], {N.REASON}, True),
    ("accept forward give_opinion", "propose_rejection", ["reviewing"], [L], {N.REASON}, True),
    ("accept forward give_opinion record_reply", "forward", ["summing_up"], [H], set(), True),
    ("accept forward give_opinion record_reply", "send_back", ["asking"], [H], {N.REASON}, True),
    ("accept forward give_opinion", "request_supplement", ["awaiting_supplement"], [L], LIST, True),
    ("accept forward give_opinion", "request_payment", ["awaiting_payment"], [L], {N.PAYMENT_REQUEST}, True),
    ("accept forward give_opinion", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept forward give_opinion", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("accept forward give_opinion record_reply", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("accept forward give_opinion record_reply", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("TO_SUM", "sum_up", ["reviewing"], [L], set(), True),
    ("TO_SUM", "send_back", ["asking"], [L], {N.REASON}, True),
    ("TO_SUM", "propose_rejection", ["reviewing"], [L], {N.REASON}, True),
    ("TO_SUM", "request_supplement", ["awaiting_supplement"], [L], LIST, True),
    ("TO_SUM", "request_payment", ["awaiting_payment"], [L], {N.PAYMENT_REQUEST}, True),
    ("TO_SUM", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("TO_SUM", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("TO_SUM sum_up", "approve", ["signing"], [H], set(), True),
    ("TO_SUM sum_up", "send_back", ["summing_up"], [H], {N.REASON}, True),
    ("TO_SUM sum_up", "stop", ["stopped"], [H, M], {N.REASON}, False),
    ("TO_SUM sum_up", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("TO_SUM sum_up approve", "sign", ["issuing"], [S], {N.RESULT_DOCUMENT, N.FOUR_EYES}, True),
    ("TO_SUM sum_up approve", "send_back", ["reviewing"], [S], {N.REASON}, True),
    ("TO_SUM sum_up approve", "stop", ["stopped"], [("chair", Role.HEAD), M], {N.REASON}, False),
    ("TO_SUM sum_up approve", "withdraw", ["withdrawn"], [R], {N.REASON}, False),
    ("TO_SUM sum_up approve sign", "issue", ["packing"], [C], {N.RESULT_DOCUMENT}, True),
    ("TO_SUM sum_up approve sign", "send_back", ["signing"], [C], {N.REASON}, True),
    ("TO_SUM sum_up approve sign issue", "forward", ["returning"], [B], set(), True),
    ("TO_RETURN", "return_at_counter", ["returned"], [B], {N.RETURN_RECEIPT, N.PAPER}, True),
    ("TO_RETURN", "send_by_post", ["posting"], [B], {N.POSTAL_SLIP, N.PAPER}, True),
    ("TO_RETURN", "return_electronically", ["returned"], [B], set(), True),
    ("TO_RETURN", "send_back", ["issuing"], [B], {N.REASON}, True),
    ("TO_RETURN send_by_post", "confirm_delivery", ["returned"], [B], set(), True),
    ("TO_RETURN send_by_post", "record_failed_delivery", ["returning"], [B], {N.REASON}, True),
]
TO_SUM = "accept forward give_opinion record_reply forward"
TO_RETURN = f"{TO_SUM} sum_up approve sign issue forward"


def listed(refused: NotPossibleHere) -> list[str]:
    events = refused.data["possible_events"]
    assert isinstance(events, list)
    return events


def there(begin: Any, way: str) -> Any:
    """Only the right branch of the first round takes part."""
    dossier = begin("whole", a=False, b=True, c=0)
    dossier.does(*way.replace("TO_SUM", TO_SUM).replace("TO_RETURN", TO_RETURN).split())
    return dossier


@pytest.mark.parametrize(("way", "event", "leads", "actors", "needs", "closes"), ACTS)
def test_an_act_has_its_actors_needs_and_end(
    begin: Any, way: str, event: str, leads: list[str], actors: list[Any], needs: set[Need], closes: bool
) -> None:
    dossier = there(begin, way)
    command = dossier.procedure.command(dossier.at, event)
    assert (list(command.actors), command.needs, command.closes) == (actors, needs, closes)
    assert command.name.vi
    outcome = dossier.does(event)
    assert list(outcome.configuration) == leads
    assert outcome.ended is dossier.procedure.states[outcome.configuration[0]].final


@pytest.mark.parametrize("way", sorted({act[0] for act in ACTS}))
def test_nothing_else_is_possible_and_the_refusal_says_what_is(begin: Any, way: str) -> None:
    """With the table above: every cell of state times event."""
    dossier = there(begin, way)
    declared = {event for act_way, event, *_ in ACTS if act_way == way}
    assert dossier.may() == declared
    for event in {event.value for event in Event} | {"sum_up", "close_round", "nonsense", "leap"}:
        if event in declared or (event == "leap" and way == "accept"):
            continue
        with pytest.raises(NotPossibleHere) as refused:
            dossier.procedure.command(dossier.at, event)
        data = refused.value.data
        assert set(listed(refused.value)) - {"leap"} == declared
        assert data["where_vi"]
        assert data["possible"]
        assert refused.value.message("vi")


def test_every_event_of_the_mechanism_is_in_the_table() -> None:
    assert {act[1] for act in ACTS} >= {event.value for event in Event}


@pytest.mark.parametrize("final", ["refused", "withdrawn", "stopped", "returned"])
def test_nothing_is_possible_at_an_end(procedures: dict[str, Procedure], final: str) -> None:
    procedure = procedures["whole"]
    assert procedure.commands((final,)) == ()
    with pytest.raises(NotPossibleHere) as refused:
        procedure.command((final,), "accept")
    assert "không còn việc nào" in refused.value.message("vi")


def test_two_branches_with_one_event_must_be_told_apart(begin: Any) -> None:
    dossier = begin("whole", a=True, b=True, c=0)
    dossier.does("accept", "forward")
    with pytest.raises(Invalid) as refused:
        dossier.procedure.command(dossier.at, "give_opinion")
    assert "left, right" in refused.value.fields["state"][1]
    assert dossier.procedure.command(dossier.at, "give_opinion", "right").state == "right"
    with pytest.raises(NotPossibleHere):
        dossier.procedure.command(dossier.at, "give_opinion", "up")


def test_a_condition_chooses_the_way_and_the_default_is_otherwise(begin: Any) -> None:
    for c, leads in ((7, ["asking"]), (8, ["summing_up"]), (9, ["left"])):
        dossier = begin("whole", a=True, b=False, c=c)
        dossier.does("accept", "forward")
        assert dossier.working == leads


def test_a_command_whose_condition_does_not_hold_is_refused_at_the_step(begin: Any) -> None:
    dossier = begin("whole", c=5)
    dossier.does("accept")
    leap = dossier.procedure.command(dossier.at, "leap")
    assert "leap" not in dossier.may()
    with pytest.raises(NotPossibleHere) as refused:
        dossier.does("leap")
    assert refused.value.data["event"] == "Trình thẳng"
    assert "leap" not in listed(refused.value)
    assert dossier.procedure.step(dossier.at, {}, leap, {"c": 101}).configuration == ("reviewing",)


def test_a_condition_that_cannot_be_told_is_not_possible(begin: Any) -> None:
    dossier = begin("whole", a=True, b=True, c="many")
    dossier.does("accept")
    assert "leap" not in dossier.may()
    with pytest.raises(NotPossibleHere):
        dossier.does("leap")
    assert dossier.does("forward").configuration == ("left", "right")
    dossier.does("give_opinion@left")
    with pytest.raises(NotPossibleHere):
        dossier.does("give_opinion@right")  # the last opinion opens the second round, which asks about c
    assert dossier.at == ("left_done", "right")


def test_a_command_of_another_place_is_not_possible(begin: Any) -> None:
    dossier = begin("whole", a=True, b=True, c=0)
    accept = dossier.procedure.command(dossier.at, "accept")
    dossier.does("accept")
    with pytest.raises(NotPossibleHere):
        dossier.procedure.step(dossier.at, {}, accept, {})


@pytest.mark.parametrize(
    "configuration",
    [(), ("nowhere",), ("left",), ("left", "examining"), ("checking", "checking"), ("left_gate", "right"), ("open",)],
)
def test_junk_is_no_configuration(procedures: dict[str, Procedure], configuration: tuple[str, ...]) -> None:
    """The library would take it in silence."""
    procedure = procedures["whole"]
    with pytest.raises(LookupError):
        procedure.commands(configuration)
    with pytest.raises(LookupError):
        procedure.step(configuration, {}, procedure.command(("examining",), "forward"), {})


@pytest.mark.parametrize(
    ("off", "events", "states"),
    [
        ("request_payment", {"request_payment", "pay"}, {"awaiting_payment"}),
        (
            "request_supplement",
            {"request_supplement", "supplement"},
            {"awaiting_supplement", "awaiting_supplement_at_intake"},
        ),
        ("send_by_post", {"send_by_post", "confirm_delivery", "record_failed_delivery"}, {"posting"}),
        ("withdraw", {"withdraw"}, {"withdrawn"}),
        ("stop", {"stop"}, {"stopped"}),
        ("refuse", {"refuse"}, {"refused"}),
        ("propose_rejection", {"propose_rejection"}, set()),
        ("return_at_counter", {"return_at_counter"}, set()),
        ("return_electronically", {"return_electronically"}, set()),
    ],
)
def test_what_is_switched_off_is_gone(whole_text: str, off: str, events: set[str], states: set[str]) -> None:
    procedure = Procedure(parse(f"{whole_text}switch_off: [{off}]\n", "whole.yaml"))
    everything = {command.event for some in procedure._commands.values() for command in some}
    assert not everything & events
    assert not set(procedure.states) & states
    assert everything | events >= {event.value for event in Event}


def test_the_clock_and_the_national_status_follow_the_state(procedures: dict[str, Procedure]) -> None:
    told = {key: (info.clock, info.national_status) for key, info in procedures["whole"].states.items()}
    assert told["checking"] == (Clock.NOT_STARTED, 1)
    assert told["awaiting_supplement_at_intake"] == (Clock.NOT_STARTED, 5)
    assert told["awaiting_parts"] == (Clock.NOT_STARTED, 2)
    assert told["examining"] == told["right"] == told["right_done"] == told["first_group"] == (Clock.RUN, 4)
    assert told["signing"] == (Clock.RUN, 4)
    assert told["awaiting_supplement"] == (Clock.STOP, 5)
    assert told["awaiting_payment"] == (Clock.STOP, 6)
    assert told["returning"] == told["posting"] == (Clock.ENDED, 9)
    assert told["refused"] == (Clock.ENDED, 3)
    assert told["withdrawn"] == (Clock.ENDED, 7)
    assert told["stopped"] == (Clock.ENDED, 8)
    assert told["returned"] == (Clock.ENDED, 10)


def test_a_state_knows_its_place(procedures: dict[str, Procedure]) -> None:
    states = procedures["whole"].states
    assert (states["right"].branch_of, states["right_done"].branch_of, states["asking"].branch_of) == (
        "first_group",
        "first_group",
        None,
    )
    assert states["examining"].paper_needed
    assert states["outside"].external is not None
    assert states["right_done"].party is None
    assert states["signing"].phase is Phase.SIGNING
    assert [key for key, info in states.items() if info.final] == ["refused", "withdrawn", "stopped", "returned"]
    assert procedures["conference_permit_local"].states["police"].limit == "15 days"


def test_every_button_and_state_is_vietnamese(procedures: dict[str, Procedure]) -> None:
    for procedure in procedures.values():
        labels = [info.name for info in procedure.states.values()]
        labels += [command.name for some in procedure._commands.values() for command in some]
        assert all(not label.vi.isascii() and label.en for label in labels)


def test_every_command_has_an_actor_or_is_for_the_machine_alone(procedures: dict[str, Procedure]) -> None:
    for procedure in procedures.values():
        everything = [command for some in procedure._commands.values() for command in some]
        assert [command.event for command in everything if command.machine_only] == ["release"]
        assert all(command.actors for command in everything if command.event != "release")


def test_questions_are_answered_through_the_procedure(procedures: dict[str, Procedure]) -> None:
    procedure = procedures["conference_permit_local"]
    assert procedure.answered({"participants": "12", "state_secret": "on"}) == {
        "participants": 12,
        "state_secret": True,
    }
    with pytest.raises(Invalid) as refused:
        procedure.answered({"participants": "many", "event_date": "soon"})
    assert set(refused.value.fields) == {"participants", "event_date"}
    assert procedure.confidential({"state_secret": True})
    assert list(procedure.required_documents({})) == ["request_letter", "plan"]
    assert procedure.fees({}) == ()


# What the library's machines, their states and their events are built of: none of it is looked up by a name of ours.
LIBRARY_NAMES = sorted({name for kind in (statemachine.StateChart, statemachine.State, statemachine.Event)
                        for name in dir(kind)
                        if re.fullmatch("[a-z][a-z0-9_]{0,40}", name) and "__" not in name}
                       | {"args", "kwargs", "self", "machine", "source", "target", "error", "event_data"})


@pytest.mark.parametrize("name", LIBRARY_NAMES)
def test_names_of_the_library_are_names_like_any_other(whole_text: str, name: str) -> None:
    """As a step, as an event and as a question that a condition asks."""
    renamed = {
        "step": whole_text.replace("checking_again", name),
        "event": whole_text.replace("event: sum_up", f"event: {name}"),
        "fact": whole_text.replace("\n  c: {", f"\n  {name}: {{").replace("c == ", f"{name} == ")
                          .replace("c > ", f"{name} > ")}
    for what, text in renamed.items():
        assert text != whole_text
        procedure = Procedure(parse(text, "whole.yaml"))
        facts = {"a": True, "b": False, name if what == "fact" else "c": 8}
        dossier = Dossier(procedure, facts)
        assert dossier.does("accept", "forward").configuration == ("summing_up",)
        dossier.does(name if what == "event" else "sum_up")
        assert dossier.at == ("reviewing",)
