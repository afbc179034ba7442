"""While the citizen is waited for, supplement or payment: what stops meanwhile and what happens to the work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import alarms
from engine.casework.clocks import rebuild
from engine.clocks.calendar import national
from engine.clocks.evaluation import evaluate
from engine.errors import Invalid, NotPossibleHere, Refused, WrongRole
from tests.casework.conftest import Start

DAY = timedelta(days=1)


def test_a_supplement_at_appraisal_stops_the_clock_and_starts_it_anew(start: Start) -> None:
    walk = start()
    first = walk.dossier["due_at"]
    walk.journey.now += 2 * DAY

    walk.step("request_supplement", documents=("plan",), reason="Thiếu chữ ký")
    assert (walk.states, walk.dossier["status"]) == ({"awaiting_supplement"}, 5)
    assert walk.dossier["due_at"] is None
    walk.journey.now += 7 * DAY
    walk.step("supplement")

    assert walk.states == {"examining"}
    row = walk.clocks("dossier")[0]
    assert [mark["kind"] for mark in row["marks"]] == ["start", "stop", "restart"]
    assert walk.dossier["due_at"] == evaluate(rebuild(row), national()).due == first + 8 * DAY
    assert walk.dossier["first_due_at"] == first


def test_a_procedure_may_resume_its_clock_after_a_supplement(start: Start) -> None:
    walk = start("test_copies")
    first = walk.dossier["due_at"]
    walk.journey.now += timedelta(hours=1)

    walk.step("request_supplement")
    walk.journey.now += 7 * DAY
    walk.step("supplement")

    row = walk.clocks("dossier")[0]
    assert [mark["kind"] for mark in row["marks"]] == ["start", "stop", "resume"]
    assert walk.dossier["first_due_at"] == first < walk.dossier["due_at"]


def test_nothing_rings_for_the_dossier_while_the_citizen_is_waited_for(start: Start) -> None:
    walk = start()
    walk.step("request_supplement")
    walk.journey.register_all(walk.code)

    walk.journey.now += 60 * DAY
    alarms.sweep(walk.office, walk.now)

    assert walk.of("timer") == []
    assert walk.of("notice") == []


def test_a_procedure_that_allows_two_supplements_refuses_the_third(start: Start) -> None:
    walk = start("test_copies")
    for _ in range(2):
        walk.step("request_supplement")
        walk.step("supplement")

    with pytest.raises(Refused) as refusal:
        walk.step("request_supplement")

    assert refusal.value.data["rule"] == "R4"
    assert walk.dossier["supplements"] == 2


def test_a_supplement_during_a_consultation_keeps_what_was_answered_and_asks_the_others_again(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.step("give_opinion", "foreign_affairs")
    before = {row["state"]: row for row in walk.items.values()}
    assert set(before) == {"police", "agriculture"}

    walk.do("request_supplement", walk.cast["H51.01/ngoai-vu:officer"], documents=("plan",), reason="Thiếu")
    assert set(walk.items) == {"awaiting_supplement"}
    stopped = [row for row in walk.clocks("step") if row["item_no"] in {item["no"] for item in before.values()}]
    assert all(row["ended_at"] is not None for row in stopped)
    walk.step("supplement")

    assert walk.states == {"foreign_affairs_done", "police", "agriculture", "science_done", "culture_done"}
    assert set(walk.items) == {"police", "agriculture"}
    assert all(walk.items[state]["no"] > before[state]["no"] for state in before)
    assert [row["state"] for row in walk.of("opinion")] == ["foreign_affairs"]
    walk.step("give_opinion", "police")
    walk.step("give_opinion", "agriculture")
    assert walk.states == {"synthesis"}
    assert len(walk.of("opinion")) == 3


def test_agencies_that_had_not_registered_yet_are_not_left_with_a_dossier_that_is_gone(start: Start) -> None:
    walk = start()
    walk.step("consult")
    asked = {row["id"] for row in walk.handoffs if row["state"] == "delivered"}
    police = walk.holder("police")

    walk.do("request_supplement", walk.cast["H51.01/ngoai-vu:officer"], documents=("plan",), reason="Thiếu")

    gone = [row for row in walk.handoffs if row["id"] in asked]
    assert {row["state"] for row in gone} == {"recalled"}
    assert all(row["close_seq"] == walk.entries[-2]["seq"] for row in gone)
    with pytest.raises(NotPossibleHere):
        walk.do("register", police, handoff=gone[0]["id"])


def test_an_agency_may_answer_only_what_it_is_asked_now(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)
    police, seen = walk.holder("police"), walk.dossier["version"]
    walk.do("request_supplement", walk.cast["H51.01/ngoai-vu:officer"], documents=("plan",), reason="Thiếu")
    walk.step("supplement")
    walk.journey.register_all(walk.code)

    with pytest.raises(Exception, match="Reload") as refusal:
        walk.do("give_opinion", police, state="police", version=seen, verdict="agree", words="Đồng ý")

    assert type(refusal.value).__name__ == "StaleVersion"


def test_only_the_lead_asks_for_a_supplement_during_a_consultation(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)

    with pytest.raises(WrongRole):
        walk.do("request_supplement", walk.holder("police"), documents=("plan",), reason="Thiếu")


def test_the_desk_registers_what_it_has_to_tell_the_citizen_before_it_takes_the_supplement(start: Start) -> None:
    walk = start()
    walk.step("request_supplement")
    waiting = next(row for row in walk.handoffs if row["state"] == "delivered")

    assert (waiting["from_agency"], waiting["to_agency"]) == ("H51.01", "H51.02")
    walk.step("supplement")
    assert [row["state"] for row in walk.handoffs] == ["registered", "registered", "delivered"]


def test_a_payment_is_asked_for_and_proven_and_the_clock_goes_on(start: Start) -> None:
    walk = start("test_copies")

    walk.step("request_payment", amount=6000)
    assert (walk.states, walk.dossier["status"]) == ({"awaiting_payment"}, 6)
    assert walk.dossier["due_at"] is None
    walk.journey.now += 3 * DAY
    walk.step("pay", proof="BL-77")

    assert walk.states == {"comparing"}
    paid = walk.of("payment")[0]
    assert (paid["amount"], paid["proof"]) == (6000, "BL-77")
    assert paid["paid_at"] > paid["requested_at"] + 3 * DAY
    assert [mark["kind"] for mark in walk.clocks("dossier")[0]["marks"]] == ["start", "stop", "resume"]


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1])
def test_an_amount_must_make_sense(start: Start, amount: int) -> None:
    walk = start("test_copies")

    with pytest.raises(Invalid) as refusal:
        walk.step("request_payment", amount=amount)

    assert list(refusal.value.fields) == ["amount"]


def test_a_payment_is_proven_with_the_number_of_its_receipt(start: Start) -> None:
    walk = start("test_copies")
    walk.step("request_payment")

    with pytest.raises(Invalid) as refusal:
        walk.step("pay", proof=" ")

    assert list(refusal.value.fields) == ["proof"]
    assert walk.of("payment")[0]["paid_at"] is None


def test_two_payments_may_follow_each_other(start: Start) -> None:
    walk = start("test_copies")
    for amount in (6000, 4000):
        walk.step("request_payment", amount=amount)
        walk.step("pay", proof=f"BL-{amount}")

    assert [(row["amount"], row["proof"]) for row in walk.of("payment", "no")] == [(6000, "BL-6000"), (4000, "BL-4000")]


def test_a_procedure_without_fees_asks_for_no_payment(start: Start) -> None:
    walk = start()

    with pytest.raises(NotPossibleHere):
        walk.do("request_payment", walk.holder("examining"), amount=1000)
