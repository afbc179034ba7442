"""One certificate, one dossier: also for dossiers that have nothing to do with each other."""

from __future__ import annotations

import pytest

from engine.casework.assets import AssetHeld, identity
from engine.casework.orders import Reply
from tests.bundles.folder import DESK, FACTS
from tests.casework.racing import race
from tests.casework.walking import Walk
from tests.journey import Journey


def correction(journey: Journey, number: str) -> Walk:
    facts = {name: FACTS["land_certificate"][name] for name in
             ("parcel", "error_source", "error_description")}
    told = journey.receive("land_correct", desk=DESK, facts={**facts, "certificate_number": number})
    return Walk(journey, told.code)


def holders(walk: Walk) -> list[int]:
    return [row["dossier_id"] for row in walk.rows("select dossier_id from asset_claim where held_at is not null")]


def to_reviewing(journey: Journey, *walks: Walk) -> None:
    for walk in walks:
        walk.go_to("reviewing")


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert identity("CK 123456") == identity("ck-123456") == identity("ＣＫ123456".replace("ＣＫ", "CK"))
    assert identity("CK 123456") != identity("CK 123457")


def test_two_dossiers_in_no_bundle_write_one_after_the_other(journey: Journey) -> None:
    first, second = correction(journey, "CK 123456"), correction(journey, "ck-123456")
    to_reviewing(journey, first, second)
    first.step("forward", "reviewing")
    second.step("forward", "reviewing")

    assert holders(first) == [first.id]
    with pytest.raises(AssetHeld) as refused:
        second.step("write_certificate", "writing")
    assert "CK 123456" not in refused.value.message()  # in the words of the dossier itself
    assert "ck-123456" in refused.value.message()
    assert first.code in refused.value.message()

    first.step("write_certificate", "writing")
    second.step("write_certificate", "writing")
    assert holders(first) == []


def test_other_certificates_are_not_in_the_way(journey: Journey) -> None:
    first, second = correction(journey, "CK 1"), correction(journey, "CK 2")
    to_reviewing(journey, first, second)
    for walk in (first, second):
        walk.step("forward", "reviewing")
    assert sorted(holders(first)) == sorted([first.id, second.id])


def test_what_ends_lets_go(journey: Journey) -> None:
    first, second = correction(journey, "CK 1"), correction(journey, "CK 1")
    to_reviewing(journey, first, second)
    for walk in (first, second):
        walk.step("forward", "reviewing")
    first.do("withdraw", first.cast[f"{DESK}:receptionist"], reason="Công dân rút")

    assert holders(first) == []
    second.step("write_certificate", "writing")


def test_two_that_arrive_at_once_both_go_on_and_one_holds(journey: Journey) -> None:
    walks = [correction(journey, "CK 1"), correction(journey, "CK 1")]
    to_reviewing(journey, *walks)
    orders = [walk.order("forward", walk.holder("reviewing")) for walk in walks]

    replies = race(walks[0], *orders)

    assert all(isinstance(reply, Reply) and reply.states == ("writing",) for reply in replies)
    assert len(holders(walks[0])) == 1


def test_a_free_certificate_is_completed_by_one_at_a_time(journey: Journey) -> None:
    """The one that waited writes at the moment another arrives: one of them waits, whichever that is."""
    holder, waiting, arriving = (correction(journey, "CK 1") for _ in range(3))
    to_reviewing(journey, holder, waiting, arriving)
    for walk in (holder, waiting):
        walk.step("forward", "reviewing")
    holder.step("write_certificate", "writing")

    race(waiting, waiting.order("write_certificate", waiting.holder("writing")),
         arriving.order("forward", arriving.holder("reviewing")))

    assert arriving.states == {"writing"}
    done = waiting.states == {"signing"}
    assert set(holders(waiting)) <= {arriving.id}
    if not done:
        with pytest.raises(AssetHeld):
            waiting.step("write_certificate", "writing")


