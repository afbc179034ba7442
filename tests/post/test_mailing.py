"""Results by post: handed to the carrier slip by slip, tried, lost, delivered with proof, or back at the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from engine import desk
from engine.casework import slips
from engine.casework.act import act, transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars, Reply
from engine.casework.submission import Person
from engine.clocks.zone import ZONE
from engine.desk.dossier import dossier
from engine.errors import Conflict, Invalid, NotFound, NotPossibleHere, StaleVersion, WrongRole
from engine.post import intake, mailing
from storage import post as storage
from tests.casework.conftest import Start
from tests.casework.racing import race, together
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey

SLIP = "EH100000001VN"


@pytest.fixture
def walk(start: Start) -> Walk:
    """At the desk, to be returned by post, the result on paper."""
    return ready(start)


def ready(start: Start) -> Walk:
    there = start(return_way="post", applicant=Person(
        name="Nguyễn Thị Bích Ngọc", id_number="094000000001", phone="0900000001",
        address="12 đường Tôn Đức Thắng, phường Sóc Trăng")).go_to("returning")
    there.carry()
    return there


def clerk(walk: Walk) -> Actor:
    return walk.holder("returning") if "returning" in walk.items else walk.holder("posting")


def sent(walk: Walk, slip: str = SLIP, **changes: Any) -> int:
    actor = clerk(walk)
    number = mailing.open_batch(walk.office, actor, "Đặng Văn Út", "", walk.now)
    item = mailing.Item(**{"scan": f"{walk.code}-R", "slip": slip, **changes})
    mailing.send(walk.office, number, actor, item, "", walk.now)
    return number


def report(walk: Walk, event: str, slip: str = SLIP, **told: Any) -> None:
    walk.journey.now += timedelta(minutes=5)
    mailing.report(walk.office, slip, clerk(walk), mailing.Report(event=event, **told), "", walk.now)


def posting(walk: Walk) -> dict[str, Any]:
    return walk.of("posting", "no")[-1]


def result(walk: Walk) -> dict[str, Any]:
    return next(row for row in walk.of("paper") if row["kind"] == "result")


def test_scanning_paper_and_slip_hands_the_result_to_the_carrier(walk: Walk) -> None:
    actor = clerk(walk)
    assert [row.code for row in mailing.overview(walk.office, actor, walk.now).to_send] == [walk.code]

    number = sent(walk, fee=150_000, recipient="Lâm Hoàng Phúc", originals=("agenda",))

    row = posting(walk)
    assert (row["slip"], row["batch_id"], row["fee"], row["recipient"]) == (SLIP, number, 150_000, "Lâm Hoàng Phúc")
    assert row["sent_at"] == walk.now
    assert result(walk)["state"] == "posted"
    told = mailing.overview(walk.office, clerk(walk), walk.now)
    assert told.to_send == []
    assert [one.slip for one in told.on_the_way] == [SLIP]


def test_delivery_with_proof_closes_the_dossier(walk: Walk) -> None:
    sent(walk)
    walk.journey.now += timedelta(days=2)
    day = walk.now.astimezone(ZONE).date() - timedelta(days=1)

    report(walk, "delivered", recipient="Nguyễn Thị Bích Ngọc", proof="BP-0012", day=day)

    row = posting(walk)
    assert (row["state"], row["delivered_on"], row["received_by"], row["proof"]) == (
        "delivered", day, "Nguyễn Thị Bích Ngọc", "BP-0012")
    assert walk.dossier["status"] == 10
    assert result(walk)["state"] == "handed_over"


def test_what_could_not_be_delivered_ends_in_the_desks_hands(walk: Walk) -> None:
    """Two attempts with their reasons, then it is on its way back, then it lies at the desk and is found there."""
    actor = clerk(walk)
    sent(walk)

    report(walk, "attempt", why="absent")
    assert (posting(walk)["state"], posting(walk)["attempts"]) == ("sent", 1)
    report(walk, "attempt", why="moved")
    assert (posting(walk)["state"], posting(walk)["attempts"]) == ("returning", 2)
    with pytest.raises(NotPossibleHere):
        report(walk, "attempt", why="absent")
    report(walk, "back")

    held = result(walk)
    assert (held["state"], held["person_id"]) == ("held", actor.id)
    assert held["unit_id"] == posting(walk)["unit_id"]
    assert [row["why"] for row in walk.of("posting_attempt", "no")] == ["absent", "moved"]
    told = mailing.overview(walk.office, clerk(walk), walk.now)
    assert [(row.slip, row.why) for row in told.came_back] == [(SLIP, "moved")]
    assert told.on_the_way == []
    assert walk.states == {"returning"}


def test_it_is_sent_again_with_another_slip_only(walk: Walk) -> None:
    sent(walk)
    report(walk, "back", why="address_unknown")

    with pytest.raises(Invalid) as refusal:
        sent(walk)
    assert set(refusal.value.fields) == {"slip"}
    sent(walk, "EH100000002VN")

    assert [row["attempts"] for row in walk.of("posting", "no")] == [1, 0]
    assert mailing.overview(walk.office, clerk(walk), walk.now).came_back == []


def without_address(journey: Journey) -> Walk:
    """Taken in without a network: what lacks there is not turned away."""
    nobody_knows_where = Person(name="Nguyễn Thị Bích Ngọc")
    code = journey.receive_offline(return_way="post", facts=FACTS["conference_permit_local"],
                                   applicant=nobody_knows_where).code
    walk = Walk(journey, code).go_to("returning")
    walk.carry()
    return walk


def test_without_an_address_nothing_is_sent_until_one_is_given(journey: Journey) -> None:
    walk = without_address(journey)
    with pytest.raises(Invalid) as refusal:
        sent(walk, fee=150_000)
    assert set(refusal.value.fields) == {"address"}
    assert "nhận tại quầy" in refusal.value.fields["address"][0]
    assert (walk.states, walk.of("posting")) == ({"returning"}, [])
    with pytest.raises(Invalid) as refusal:
        walk.do("send_by_post", clerk(walk), state="returning", slip=SLIP)
    assert set(refusal.value.fields) == {"address"}

    sent(walk, address="Khóm 3, phường Mỹ Xuyên")

    (there,) = mailing.overview(walk.office, clerk(walk), walk.now).on_the_way
    assert there.address == "Khóm 3, phường Mỹ Xuyên"


def test_sent_to_where_the_dossier_says_unless_another_address_is_given(walk: Walk) -> None:
    sent(walk)
    report(walk, "back", why="moved")
    sent(walk, "EH100000002VN", address="Khóm 3, phường Mỹ Xuyên")

    assert [row["address"] for row in walk.of("posting", "no")] == [
        "12 đường Tôn Đức Thắng, phường Sóc Trăng", "Khóm 3, phường Mỹ Xuyên"]


def test_what_came_back_twice_is_sent_again_for_a_reason_only(walk: Walk) -> None:
    for slip in (SLIP, "EH100000002VN"):
        sent(walk, slip)
        report(walk, "back", slip, why="absent")
    (offer,) = [one for one in dossier(walk.office, walk.code, clerk(walk), walk.now).offers
                if one.event == "send_by_post"]
    assert offer.fields == ("slip", "address", "reason")

    with pytest.raises(Invalid) as refusal:
        sent(walk, "EH100000003VN")
    assert set(refusal.value.fields) == {"reason"}
    assert len(walk.of("posting")) == 2

    sent(walk, "EH100000003VN", why="Người nhận hẹn có mặt ngày 27/11")
    entry = [entry for entry in walk.entries if entry["action"] == "send_by_post"][-1]
    (told,) = [row["body"] for row in walk.of("remark") if row["seq"] == entry["seq"]]
    assert "Người nhận hẹn có mặt ngày 27/11" in told


def test_a_slip_that_brought_papers_sends_no_result_and_the_other_way_round(walk: Walk) -> None:
    desk_clerk = walk.cast["H51.02/tiep-nhan:receptionist"]
    number = intake.open_record(walk.office, desk_clerk, "Đặng Văn Út", "", walk.now)
    line = intake.Brought(slip=SLIP, sender="Thạch Sóc Kha", procedure="conference_permit_local", papers=())
    intake.add(walk.office, number, desk_clerk, line, walk.now)

    with pytest.raises(Invalid) as refusal:
        sent(walk)
    assert set(refusal.value.fields) == {"slip"}

    sent(walk, "EH100000002VN")
    with pytest.raises(Invalid) as refusal:
        intake.add(walk.office, number, desk_clerk, replace(line, slip="EH100000002VN"), walk.now)
    assert set(refusal.value.fields) == {"slip"}


def test_at_the_same_moment_a_slip_goes_one_way(start: Start, walk: Walk) -> None:
    """Both have looked before either is recorded."""
    desk_clerk = walk.cast["H51.02/tiep-nhan:receptionist"]
    number = intake.open_record(walk.office, desk_clerk, "Đặng Văn Út", "", walk.now)
    for attempt in range(8):
        slip = f"EH30000000{attempt}VN"
        line = intake.Brought(slip=slip, sender="Thạch Sóc Kha", procedure="conference_permit_local", papers=())
        order = walk.order("send_by_post", clerk(walk), state="returning", slip=slip, reason="Người nhận đã hẹn")

        told = together(partial(act, walk.office, order, walk.now),
                        partial(intake.add, walk.office, number, desk_clerk, line, walk.now))

        assert sorted(isinstance(one, Invalid) for one in told) == [False, True]
        went, came = [bool(walk.rows(f"select from {table} where slip = %s", slip))
                      for table in ("posting", "post_intake_line")]
        assert went is not came
        if went:
            report(walk, "back", slip, why="absent")


@pytest.mark.parametrize("sends_first", [True, False])
def test_nor_does_it_go_the_other_way_once_the_first_is_recorded(walk: Walk, sends_first: bool) -> None:
    """Whoever has looked before is stopped by the database all the same."""
    desk_clerk = walk.cast["H51.02/tiep-nhan:receptionist"]
    number = intake.open_record(walk.office, desk_clerk, "Đặng Văn Út", "", walk.now)
    line = {"intake": number, "slip": SLIP, "sender": "Thạch Sóc Kha", "procedure": "conference_permit_local",
            "completes": None, "papers": [], "also": "", "complete": False, "lacking": "-", "fee": 0}
    if sends_first:
        sent(walk)
        assert storage.add_line(walk.office.db, line) is None
        return
    order, looked = walk.order("send_by_post", clerk(walk), state="returning", slip=SLIP), [True]
    sending = slips.sending(walk.office, order, walk.now)

    def decide(*told: Any) -> Decision:
        decision = sending(*told)
        if looked.pop() if looked else False:
            assert storage.add_line(walk.office.db, line)
        return decision

    with pytest.raises(Invalid) as refusal:
        transact(walk.office, order, decide, walk.now)
    assert set(refusal.value.fields) == {"slip"}
    assert walk.of("posting") == []


@pytest.mark.parametrize(("reported", "attempts"), [(0, ["moved"]), (1, ["absent"])])
def test_what_comes_back_has_the_attempts_that_were_made_and_at_least_one(
        walk: Walk, reported: int, attempts: list[str]) -> None:
    sent(walk)
    for _ in range(reported):
        report(walk, "attempt", why="absent")

    report(walk, "back", why="moved")

    assert [row["why"] for row in walk.of("posting_attempt", "no")] == attempts
    assert (posting(walk)["attempts"], posting(walk)["why"]) == (1, "moved")


def test_the_citizen_is_told_each_time_that_it_went_and_that_it_came_back(walk: Walk) -> None:
    for number in (1, 2):
        sent(walk, f"EH10000000{number}VN")
        report(walk, "back", f"EH10000000{number}VN", why="absent")

    told = [row["kind"] for row in walk.of("message", "created_at") if row["channel"] == "sms"]
    assert told[-4:] == ["posted", "undelivered"] * 2


def test_a_loss_is_an_incident_of_the_desk_and_the_carriers_liability(walk: Walk) -> None:
    sent(walk)

    report(walk, "lost", note="Bưu cục báo thất lạc")

    assert posting(walk)["state"] == "lost"
    assert result(walk)["state"] == "missing"
    incident = walk.of("incident")[-1]
    assert (incident["kind"], incident["closed_at"]) == ("posting_lost", None)
    assert incident["unit_id"] == posting(walk)["unit_id"]
    assert SLIP in incident["detail"]
    assert "bồi thường" in incident["detail"]


def test_what_was_lost_may_turn_up(walk: Walk) -> None:
    sent(walk)
    report(walk, "lost")

    report(walk, "back", why="other")

    assert result(walk)["state"] == "held"
    assert posting(walk)["state"] == "came_back"


def test_two_clerks_record_the_same_delivery(walk: Walk) -> None:
    sent(walk)
    actor, version = clerk(walk), walk.dossier["version"]
    orders = [Order(code=walk.code, event="confirm_delivery", actor=actor, seen_version=version, key=f"key-{number}",
                    particulars=Particulars(recipient=f"Người nhận {number}", proof="BP-1")) for number in range(2)]

    told = race(walk, *orders)

    assert sorted(isinstance(one, Conflict) for one in told) == [False, True]
    assert any(isinstance(one, StaleVersion) for one in told)
    assert len([entry for entry in walk.entries if entry["action"] == "confirm_delivery"]) == 1


def test_two_dossiers_never_go_with_one_slip(start: Start, walk: Walk) -> None:
    other = ready(start)
    sent(walk)

    with pytest.raises(Invalid):
        sent(other)

    assert other.states == {"returning"}


def test_not_even_at_the_same_moment(start: Start, walk: Walk) -> None:
    other = ready(start)

    def sending(one: Walk) -> Callable[[], Reply]:
        told = one.order("send_by_post", clerk(one), state="returning", slip=SLIP)
        return lambda: act(one.office, told, one.now)

    told = together(sending(walk), sending(other))

    assert sorted(isinstance(one, Invalid) for one in told) == [False, True]


@pytest.mark.parametrize(("event", "told", "field"), [
    ("attempt", {}, "outcome"), ("attempt", {"why": "rain"}, "outcome"), ("stolen", {}, "event"),
    ("delivered", {"proof": "1"}, "recipient"), ("delivered", {"recipient": "A"}, "proof"),
])
def test_a_report_says_what_is_wrong_with_it(walk: Walk, event: str, told: dict[str, Any], field: str) -> None:
    sent(walk)

    with pytest.raises(Invalid) as refusal:
        report(walk, event, **told)

    assert set(refusal.value.fields) == {field}


@pytest.mark.parametrize("days", [1, -1])
@pytest.mark.parametrize("event", ["attempt", "delivered"])
def test_it_happened_after_it_was_sent_and_before_now(walk: Walk, event: str, days: int) -> None:
    sent(walk)
    day = walk.now.astimezone(ZONE).date() + timedelta(days=days)

    with pytest.raises(Invalid) as refusal:
        report(walk, event, day=day, why="absent", recipient="A", proof="1")

    assert set(refusal.value.fields) == {"day"}


def test_slips_and_lists_are_those_of_the_desk(walk: Walk) -> None:
    number = sent(walk)
    stranger = walk.cast["H51.21/mot-cua:receptionist"]

    with pytest.raises(NotFound):
        mailing.one(walk.office, SLIP, stranger, walk.now)
    with pytest.raises(NotFound):
        mailing.batch(walk.office, number, stranger, walk.now)
    with pytest.raises(WrongRole):
        mailing.overview(walk.office, walk.cast["H51.01/ngoai-vu:officer"], walk.now)


def test_nothing_is_added_to_a_list_that_is_closed(walk: Walk) -> None:
    actor = clerk(walk)
    number = mailing.open_batch(walk.office, actor, "Đặng Văn Út", "", walk.now)
    mailing.close(walk.office, number, actor, walk.now)

    with pytest.raises(mailing.BatchClosed):
        mailing.send(walk.office, number, actor, mailing.Item(scan=walk.code, slip=SLIP), "", walk.now)


@pytest.mark.parametrize(("item", "field"), [
    ({"scan": "???"}, "scan"), ({"slip": ""}, "slip"), ({"slip": "x'y"}, "slip"), ({"fee": -5}, "amount")])
def test_a_scan_that_cannot_be_is_refused(walk: Walk, item: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        sent(walk, **item)

    assert set(refusal.value.fields) == {field}


def test_the_slip_of_a_result_is_found(walk: Walk, journey: Journey) -> None:
    sent(walk)

    assert [hit.code for hit in desk.search(walk.office, clerk(walk).id, SLIP.lower(), walk.now)] == [walk.code]
