"""The same request twice: one effect, the same reply, byte for byte; a key stands for one request of one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.casework.orders import Order, Particulars, Reply
from engine.casework.receive import receive
from engine.errors import Invalid, KeyReused, MissingDocument, NotFound, StaleVersion, WrongRole
from tests.casework.conftest import Start
from tests.casework.racing import together
from tests.casework.staff import leave
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Cast, Journey


def comparing(start: Start, key: str = "k-1") -> tuple[Walk, Order]:
    walk = start("test_copies")
    return walk, walk.order("forward", walk.holder("comparing"), key=key)


def test_a_lost_reply_is_given_again_byte_for_byte(start: Start) -> None:
    walk, order = comparing(start)
    first = walk.act(order)

    walk.journey.now += timedelta(hours=1)
    again = walk.act(order)

    assert again.to_json() == first.to_json()
    assert [row["action"] for row in walk.entries].count("forward") == 1


def test_the_reply_stays_the_same_after_others_have_acted(start: Start) -> None:
    walk, order = comparing(start)
    first = walk.act(order)
    walk.go_to("returning")
    walk.step("return_at_counter")

    assert walk.act(order).to_json() == first.to_json()


def test_a_reception_asked_twice_makes_one_dossier(journey: Journey) -> None:
    submission = journey.submission()
    first = receive(journey.office, submission, journey.now)
    journey.now += timedelta(days=1)

    assert receive(journey.office, submission, journey.now).to_json() == first.to_json()
    assert journey.office.db.value("select count(*) from dossier") == 1


def test_the_same_key_for_something_else_is_refused(start: Start) -> None:
    walk, order = comparing(start)
    walk.act(order)

    for other in (replace(order, event="stop"), replace(order, state="comparing"), replace(order, seen_version=9),
                  replace(order, particulars=Particulars(reason="khác")),
                  replace(order, code=start("test_copies").code)):
        with pytest.raises(KeyReused):
            walk.act(other)


def test_the_key_of_an_act_is_no_key_of_a_reception(start: Start, journey: Journey) -> None:
    submission = journey.submission()
    walk = start()
    walk.act(walk.order("withdraw", submission.actor, key=submission.key, reason="Xin rút"))

    with pytest.raises(KeyReused):
        receive(journey.office, submission, journey.now)


def test_a_reception_is_not_confirmed_to_somebody_who_left_the_desk(journey: Journey, fresh: Fresh) -> None:
    submission = journey.submission()
    receive(journey.office, submission, journey.now)
    leave(fresh, submission.actor.id, journey.now.date() - timedelta(days=1))

    with pytest.raises(WrongRole):
        receive(journey.office, submission, journey.now)


def test_a_changed_reception_with_the_same_key_is_refused(journey: Journey) -> None:
    submission = journey.submission()
    receive(journey.office, submission, journey.now)

    with pytest.raises(KeyReused):
        receive(journey.office, replace(submission, subject="Chủ đề khác"), journey.now)


def test_somebody_else_may_use_the_same_key(start: Start) -> None:
    walk, order = comparing(start)
    walk.act(order)
    colleague = walk.member(walk.items["drafting"]["unit_id"], "officer", 1)

    walk.act(walk.order("forward", colleague, key=order.key))

    assert walk.states == {"reviewing"}


def test_twins_at_the_same_moment_have_one_effect_and_one_reply(start: Start) -> None:
    walk = start("test_copies")
    for round_ in range(20):
        event = "forward" if walk.states == {"comparing"} else "send_back"
        order = walk.order(event, walk.holder(next(iter(walk.states))), key=f"k-{round_}", reason="Làm lại")

        replies = together(*[lambda order=order: walk.act(order)] * 4)

        assert {type(reply) for reply in replies} == {Reply}
        assert len({reply.to_json() for reply in replies}) == 1

    assert walk.dossier["version"] == 21


def test_twin_receptions_at_the_same_moment_make_one_dossier(journey: Journey) -> None:
    submission = journey.submission()

    replies = together(*[lambda: receive(journey.office, submission, journey.now)] * 6)

    assert len({reply.to_json() for reply in replies}) == 1
    assert journey.office.db.value("select count(*) from dossier") == 1


def test_a_refused_act_is_corrected_with_the_same_key(start: Start) -> None:
    walk = start("test_copies")
    order = walk.order("propose_rejection", walk.holder("comparing"), key="k-1")
    with pytest.raises(Invalid):
        walk.act(order)

    walk.act(replace(order, particulars=Particulars(reason="Không đủ điều kiện")))

    assert walk.states == {"reviewing"}


def test_a_refused_reception_is_corrected_with_the_same_key(journey: Journey) -> None:
    submission = journey.submission()
    with pytest.raises(MissingDocument):
        receive(journey.office, replace(submission, papers=()), journey.now)

    assert receive(journey.office, submission, journey.now).states == ("examining",)


def test_a_stale_order_is_repeated_with_the_same_key_on_the_new_version(start: Start) -> None:
    walk, order = comparing(start)
    walk.do("request_payment", walk.holder("comparing"), amount=1000)
    walk.step("pay")
    with pytest.raises(StaleVersion):
        walk.act(order)

    walk.act(replace(order, seen_version=walk.dossier["version"]))

    assert walk.states == {"drafting"}


def test_whoever_lost_the_right_to_see_it_is_not_told_the_reply_again(start: Start, fresh: Fresh) -> None:
    walk, order = comparing(start)
    walk.act(order)
    leave(fresh, order.actor.id, walk.now.date() - timedelta(days=1))

    with pytest.raises(NotFound):
        walk.act(order)


@pytest.mark.parametrize("key", ["", "x" * 201, "a\x00b", "a\nb\x07"])
def test_a_key_that_cannot_be_kept_is_refused(start: Start, journey: Journey, key: str) -> None:
    walk, order = comparing(start)

    with pytest.raises(Invalid):
        walk.act(replace(order, key=key))
    with pytest.raises(Invalid):
        receive(journey.office, replace(journey.submission(), key=key), journey.now)


def test_an_order_without_a_key_is_done_each_time(start: Start) -> None:
    walk = start("test_copies")

    for event in ("forward", "send_back", "forward"):
        holder = walk.holder(next(iter(walk.states)))
        walk.act(replace(walk.order(event, holder, reason="Làm lại"), key=None))

    assert walk.dossier["version"] == 4
    assert walk.office.db.value("select count(*) from idempotency where actor_id = %s",
                                (walk.holder("drafting").id,)) == 0


@pytest.mark.parametrize("words", ["a\x00b", "\ud800", "x" * 4001])
def test_words_that_cannot_be_kept_are_refused_and_nothing_is_written(start: Start, words: str) -> None:
    walk = start("test_copies")

    with pytest.raises(Invalid):
        walk.do("propose_rejection", walk.holder("comparing"), reason=words)

    assert walk.dossier["version"] == 1


@pytest.mark.parametrize("amount", [10**30, -(10**30)])
def test_a_number_too_large_to_be_read_is_refused(start: Start, amount: int) -> None:
    walk = start("test_copies")

    with pytest.raises(Invalid):
        walk.do("request_payment", walk.holder("comparing"), amount=amount)


@pytest.mark.parametrize("code", ["H51.21-261123-9999", "", "x" * 5000, "a\x00b", "\ud800"])
def test_a_code_that_is_none_is_not_found_and_noted(start: Start, cast: Cast, code: str) -> None:
    walk = start("test_copies")

    with pytest.raises(NotFound):
        walk.act(Order(code=code, event="forward", actor=cast["H51.21/van-hoa-xa-hoi:officer"], seen_version=1))

    assert walk.office.db.value("select count(*) from event_log where kind = 'stranger_turned_away'") == 1


@pytest.mark.parametrize("event", ["\x00", "drop table", "é" * 500, "\ud800", "0b2c5d1e-3f4a-4b6c-8d7e-9fa0b1c2d3e4"])
def test_an_event_that_is_none_is_refused_and_noted(start: Start, event: str) -> None:
    walk = start("test_copies")

    with pytest.raises(Exception) as refusal:
        walk.act(replace(walk.order("forward", walk.holder("comparing"), key=None), event=event))

    assert type(refusal.value).__name__ == "NotPossibleHere"
    assert walk.entries[-1]["action"] == "refused"
    with pytest.raises(WrongRole):
        walk.act(walk.order("stop", walk.holder("comparing"), reason="Dừng"))
