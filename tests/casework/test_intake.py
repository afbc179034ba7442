"""What happens at the desk: accept, ask for a supplement, refuse; and what is wrong with what was written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.casework.receive import Paper, Person, receive
from engine.errors import Invalid, LienThongError, MissingDocument, NotFound, NotPossibleHere, Refused, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import FUNERAL
from tests.journey import Cast, Journey


def taken(journey: Journey) -> int:
    """Numbers given out so far."""
    return int(journey.office.db.value("select coalesce(sum(last), 0) from number_series"))


def test_what_was_taken_in_is_accepted_in_the_same_act(start: Start) -> None:
    walk = start()

    assert [entry["action"] for entry in walk.entries][:2] == ["receive", "accept"]
    assert (walk.dossier["version"], walk.dossier["status"]) == (1, 2)
    assert walk.dossier["received_at"] is not None


def test_a_dossier_may_be_checked_first_and_accepted_later(start: Start) -> None:
    walk = start(accept=False)

    assert (walk.states, walk.dossier["status"]) == ({"checking"}, 1)
    assert walk.dossier["received_at"] is None
    assert walk.clocks("dossier") == []
    walk.step("accept")
    assert walk.states == {"examining"}
    assert len(walk.clocks("dossier")) == 1


def test_a_refused_dossier_is_closed_with_its_reason_and_was_never_received(start: Start) -> None:
    walk = start(accept=False)

    reply = walk.step("refuse", reason="Không thuộc thẩm quyền")

    assert (reply.states, reply.status) == (("refused",), 3)
    assert walk.dossier["received_at"] is None
    assert walk.dossier["outcome"] is None
    assert "Không thuộc thẩm quyền" in walk.of("remark")[-1]["body"]
    assert walk.of("timer") == []


@pytest.mark.parametrize("event", ["refuse", "request_supplement"])
def test_the_desk_gives_a_reason(start: Start, event: str) -> None:
    walk = start(accept=False)

    with pytest.raises(Invalid) as refusal:
        walk.step(event, reason="   ")

    assert "reason" in refusal.value.fields
    assert walk.states == {"checking"}


def test_a_supplement_before_acceptance_starts_no_clock_and_leads_back_to_the_check(start: Start) -> None:
    walk = start(accept=False)

    walk.step("request_supplement", documents=("plan",))
    assert (walk.states, walk.dossier["status"]) == ({"awaiting_supplement_at_intake"}, 5)
    assert walk.clocks("dossier") == []
    walk.step("supplement")
    walk.step("accept")

    assert walk.states == {"examining"}
    assert walk.dossier["supplements"] == 1


@pytest.mark.parametrize(("event", "end"), [("withdraw", "withdrawn"), ("refuse", "refused")])
def test_who_never_brings_the_supplement_may_be_refused_or_withdraw(start: Start, event: str, end: str) -> None:
    walk = start(accept=False)
    walk.step("request_supplement")

    walk.step(event)

    assert walk.states == {end}


def test_a_second_supplement_is_refused_whatever_phase_the_first_was_in(start: Start) -> None:
    walk = start(accept=False)
    walk.step("request_supplement")
    walk.step("supplement")
    walk.step("accept")

    with pytest.raises(Refused) as refusal:
        walk.step("request_supplement")

    assert refusal.value.data["rule"] == "R4"
    assert walk.states == {"examining"}


def test_a_supplement_names_papers_that_the_procedure_knows(start: Start) -> None:
    walk = start(accept=False)

    with pytest.raises(Invalid) as refusal:
        walk.step("request_supplement", documents=("số CCCD 094000000001",))

    assert list(refusal.value.fields) == ["documents"]


def test_missing_papers_are_named_and_nothing_is_numbered(journey: Journey) -> None:
    with pytest.raises(MissingDocument) as refusal:
        receive(journey.office, journey.submission(papers=(Paper(component="plan"),)), journey.now)

    assert refusal.value.data["names_vi"] == "Công văn xin phép tổ chức"
    assert taken(journey) == 0


def test_a_paper_is_asked_for_only_where_its_condition_holds(start: Start) -> None:
    facts = {**FUNERAL, "never_received_one_time_allowance": True}
    walk = start("funeral_allowance", facts=facts, accept=False, papers=(
        Paper(component="declaration"), Paper(component="death_certificate", form="copy")))

    with pytest.raises(MissingDocument) as refusal:
        walk.step("accept")

    assert "Điều 65" in str(refusal.value.data["names_vi"])


def test_missing_papers_that_were_brought_later_let_the_dossier_in(start: Start) -> None:
    walk = start(accept=False, papers=(Paper(component="plan"),))
    with pytest.raises(MissingDocument):
        walk.step("accept")

    walk.attach("request_letter", walk.holder("checking"))
    walk.step("accept")

    assert walk.states == {"examining"}


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("channel", {"channel": "pigeon"}),
    ("return_way", {"return_way": "pigeon"}),
    ("subject", {"subject": "x" * 1001}),
    ("subject", {"subject": "một\x00hai"}),
    ("applicant.name", {"applicant": Person(name="  ")}),
    ("applicant.name", {"applicant": Person(name="x" * 201)}),
    ("applicant.name", {"applicant": Person(name="Ngọc\x00")}),
    ("applicant.id_number", {"applicant": Person(name="Ngọc", id_number="09400000000")}),
    ("applicant.id_number", {"applicant": Person(name="Ngọc", id_number="٠٩٤٠٠٠٠٠٠٠٠١")}),
    ("applicant.phone", {"applicant": Person(name="Ngọc", phone="0" * 501)}),
    ("papers", {"papers": (Paper(component="nothing"),)}),
    ("papers", {"papers": (Paper(component="plan"), Paper(component="plan"))}),
    ("papers", {"papers": (Paper(component="plan", form="stone"),)}),
    ("papers", {"papers": (Paper(component="plan", reason="\x07"),)}),
    ("facts.participants", {"facts": {"participants": 10**30}}),
]


@pytest.mark.parametrize(("field", "change"), WRONG)
def test_a_wrong_entry_is_named_and_nothing_is_numbered(journey: Journey, field: str, change: dict[str, Any]) -> None:
    submission = journey.submission()
    change = {**change, "facts": {**submission.facts, **change.get("facts", {})}}

    with pytest.raises(LienThongError) as refusal:
        receive(journey.office, replace(submission, **change), journey.now)

    assert isinstance(refusal.value, Invalid)
    assert field in refusal.value.fields or "request" in refusal.value.fields
    assert taken(journey) == 0


def test_every_wrong_entry_is_named_at_once(journey: Journey) -> None:
    with pytest.raises(Invalid) as refusal:
        receive(journey.office, journey.submission(
            channel="?", return_way="?", applicant=Person(name=""), facts={"topic_field": "cooking"}), journey.now)

    assert {"channel", "return_way", "applicant.name", "facts.topic", "facts.topic_field"} <= set(refusal.value.fields)


@pytest.mark.parametrize("address", ["", "  "])
def test_by_post_needs_an_address_and_burns_no_number_without_one(journey: Journey, address: str) -> None:
    without = Person(name="Nguyễn Thị Bích Ngọc", address=address)

    with pytest.raises(Invalid) as refusal:
        receive(journey.office, journey.submission(return_way="post", applicant=without), journey.now)

    assert set(refusal.value.fields) == {"applicant.address"}
    assert taken(journey) == 0
    for way in ("counter", "electronic"):
        assert receive(journey.office, journey.submission(return_way=way, applicant=without), journey.now).code


def test_a_desk_takes_in_only_what_comes_in_at_its_level(journey: Journey, cast: Cast) -> None:
    with pytest.raises(Invalid) as refusal:
        receive(journey.office, journey.submission(desk="H51.21/mot-cua"), journey.now)

    assert "procedure" in refusal.value.fields


def test_only_a_receptionist_of_the_desk_takes_in_and_others_are_noted(journey: Journey, cast: Cast) -> None:
    for member in ("H51.01/ngoai-vu:officer", "H51.21/mot-cua:receptionist", "H51.02/tiep-nhan:returner"):
        with pytest.raises(WrongRole):
            receive(journey.office, journey.submission(actor=cast[member]), journey.now)

    assert journey.office.db.value("select count(*) from event_log where kind = 'receipt_refused'") == 3
    assert taken(journey) == 0


def test_an_unknown_procedure_is_not_found(journey: Journey) -> None:
    with pytest.raises(NotFound):
        receive(journey.office, replace(journey.submission(), procedure="moon_landing"), journey.now)


def test_nothing_more_is_done_with_a_closed_dossier(start: Start) -> None:
    walk = start(accept=False)
    walk.step("withdraw")
    desk = walk.cast["H51.02/tiep-nhan:receptionist"]

    for event in ("accept", "withdraw", "forward", "return_at_counter"):
        with pytest.raises(NotPossibleHere):
            walk.do(event, desk)
    with pytest.raises(LienThongError):
        walk.attach("other", desk)


def test_a_dossier_handed_in_at_the_end_of_the_day_is_received_the_next_morning(journey: Journey, start: Start) -> None:
    journey.now = journey.now.replace(hour=13)  # 20:00 in Vietnam
    walk = start()

    assert walk.dossier["submitted_at"] == journey.now
    assert walk.dossier["received_at"].isoformat() == "2026-11-25T00:00:00+00:00"
