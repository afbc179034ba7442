"""Who had a dossier how long: every minute of its life is booked once, whatever happened."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clocks import national
from engine.clocks.booking import Item, Life, Segment, Stay, Wait, Way, book, tile
from engine.clocks.calendar import Calendar
from tests.clocks.moments import at, local, off

CALENDAR = national()
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
SPAN = 60 * 24 * 60
LEAD, POLICE = 1, 2


def of_unit(unit: int) -> Calendar:
    return CALENDAR


def told(segments: tuple[Segment, ...]) -> list[tuple[str, str, str, tuple[int, ...], str]]:
    return [(f"{one.begins:%d %H:%M}", f"{one.ends:%d %H:%M}", one.stay.value, one.items, one.cause)
            for one in segments]


instants = st.integers(0, SPAN).map(lambda minute: FIRST + timedelta(minutes=minute, seconds=minute % 60))
maybe = st.one_of(st.none(), instants)
waits = st.builds(Wait, begins=instants, ends=maybe, cause=st.sampled_from(["request_supplement", "request_payment"]))
works = st.builds(
    Item, no=st.integers(1, 6), unit=st.sampled_from([LEAD, POLICE]), opened=instants, delivered=maybe,
    registered=maybe, register_due=maybe, closed=maybe, person=st.one_of(st.none(), st.integers(1, 3)))
lives = st.builds(Life, received=instants, ended=instants, waits=st.lists(waits, max_size=4).map(tuple),
                  items=st.lists(works, max_size=6).map(tuple))


@settings(max_examples=2500, deadline=None)
@given(lives, st.randoms(use_true_random=False))
def test_every_life_is_tiled_and_its_time_adds_up(life: Life, order: random.Random) -> None:
    begins, ends = life.received.replace(second=0), max(life.received, life.ended).replace(second=0)
    segments = tile(life, CALENDAR)

    edges = [edge for one in segments for edge in (one.begins, one.ends)]
    assert edges == sorted(edges)
    assert all(one.begins < one.ends for one in segments)
    assert edges[1:-1:2] == edges[2::2]
    assert (edges[:1], edges[-1:]) == (([begins], [ends]) if begins < ends else ([], []))
    by_stay = {stay: sum(one.minutes for one in segments if one.stay is stay) for stay in Stay}
    assert sum(by_stay.values()) == CALENDAR.between(begins, ends)

    whole = [wait for wait in life.waits if wait.ends is None or wait.begins < wait.ends]
    stopped = {minute for one in segments if one.stay is Stay.STOPPED
               for minute in (one.begins, one.ends - timedelta(minutes=1))}
    assert all(any(wait.begins.replace(second=0) <= minute and (wait.ends is None or minute < wait.ends)
                   for wait in whole) for minute in stopped)

    mixed = Life(received=life.received, ended=life.ended, waits=tuple(order.sample(life.waits, len(life.waits))),
                 items=tuple(order.sample(life.items, len(life.items))))
    assert tile(mixed, CALENDAR) == segments


@settings(max_examples=500, deadline=None)
@given(lives)
def test_what_units_are_booked_covers_the_office_time_and_nothing_of_the_stops(life: Life) -> None:
    segments, booked = tile(life, CALENDAR), book(life, CALENDAR, of_unit)
    office = sum(one.minutes for one in segments if one.stay is Stay.OFFICE)
    shared = sum(one.minutes * len(one.items) for one in segments if one.stay is Stay.OFFICE)
    held = sum(one.office for one in booked)
    assert held >= office
    assert all(one.office >= 0 and one.transit >= 0 for one in booked)
    if len({item.no for item in life.items}) == len(life.items):
        assert held == shared


def test_a_handoff_is_transit_until_somebody_registers_it() -> None:
    life = Life(received=at("2026-11-02 08:00"), ended=at("2026-11-03 10:00"), items=(
        Item(no=1, unit=LEAD, opened=at("2026-11-02 08:00"), closed=at("2026-11-02 10:00"), person=7),
        Item(no=2, unit=POLICE, opened=at("2026-11-02 10:00"), delivered=at("2026-11-02 10:05"),
             registered=at("2026-11-02 14:00"), register_due=at("2026-11-03 08:00"))))
    assert told(tile(life, CALENDAR)) == [
        ("02 08:00", "02 10:00", "office", (1,), ""),
        ("02 10:00", "02 10:05", "transit", (2,), Way.UNDELIVERED),
        ("02 10:05", "02 14:00", "transit", (2,), Way.UNREGISTERED),
        ("02 14:00", "03 10:00", "office", (2,), ""),
    ]
    first, second = book(life, CALENDAR, of_unit)
    assert (first.office, first.transit) == (120, 0)
    # 10:00 to 11:30 and 13:30 to 14:00 on the way; 14:00 to 17:00 and 07:00 to 10:00 with the police
    assert (second.office, second.transit) == (360, 120)


def test_who_does_not_register_in_time_has_it_all_the_same() -> None:
    late = Item(no=1, unit=POLICE, opened=at("2026-11-02 08:00"), delivered=at("2026-11-02 08:00"),
                registered=at("2026-11-05 08:00"), register_due=at("2026-11-02 16:00"))
    life = Life(received=at("2026-11-02 08:00"), ended=at("2026-11-05 09:00"), items=(late,))
    assert [(one.stay, one.begins, one.ends) for one in tile(life, CALENDAR)] == [
        (Stay.TRANSIT, at("2026-11-02 08:00"), at("2026-11-02 16:00")),
        (Stay.OFFICE, at("2026-11-02 16:00"), at("2026-11-05 09:00")),
    ]


def test_an_outage_lengthens_transit_and_stops_nothing() -> None:
    """The message arrives two days late: nobody's officer is booked, and no minute of the clock is excused."""
    item = Item(no=1, unit=POLICE, opened=at("2026-11-02 09:00"), delivered=at("2026-11-04 09:00"),
                registered=at("2026-11-04 09:10"), register_due=at("2026-11-04 17:00"))
    life = Life(received=at("2026-11-02 09:00"), ended=at("2026-11-04 11:00"), items=(item,))
    segments = tile(life, CALENDAR)
    assert [one.stay for one in segments] == [Stay.TRANSIT, Stay.TRANSIT, Stay.OFFICE]
    assert segments[0].cause == Way.UNDELIVERED
    assert segments[0].minutes == 2 * 8 * 60
    assert sum(one.minutes for one in segments if one.stay is Stay.STOPPED) == 0


def test_a_stop_comes_before_work_and_work_before_transit() -> None:
    life = Life(received=at("2026-11-02 08:00"), ended=at("2026-11-02 17:00"),
                waits=(Wait(begins=at("2026-11-02 14:00"), ends=at("2026-11-02 16:00"), cause="request_supplement"),),
                items=(Item(no=1, unit=LEAD, opened=at("2026-11-02 08:00"), closed=at("2026-11-02 10:00")),
                       Item(no=2, unit=POLICE, opened=at("2026-11-02 08:00"), register_due=at("2026-11-03 08:00"))))
    assert told(tile(life, CALENDAR)) == [
        ("02 08:00", "02 10:00", "office", (1,), ""),
        ("02 10:00", "02 14:00", "transit", (2,), Way.UNDELIVERED),
        ("02 14:00", "02 16:00", "stopped", (), "request_supplement"),
        ("02 16:00", "02 17:00", "transit", (2,), Way.UNDELIVERED),
    ]


def test_units_that_work_at_the_same_time_are_each_booked_their_own() -> None:
    life = Life(received=at("2026-11-02 08:00"), ended=at("2026-11-02 11:00"), items=(
        Item(no=1, unit=LEAD, opened=at("2026-11-02 08:00"), closed=at("2026-11-02 10:00")),
        Item(no=2, unit=POLICE, opened=at("2026-11-02 09:00"), closed=at("2026-11-02 11:00"))))
    assert [(one.items, one.minutes) for one in tile(life, CALENDAR)] == [((1,), 60), ((1, 2), 60), ((2,), 60)]
    assert [one.office for one in book(life, CALENDAR, of_unit)] == [120, 120]


def test_a_unit_is_booked_by_its_own_calendar_and_the_dossier_by_its_desks() -> None:
    closed = local(off("2026-11-03"))
    item = Item(no=1, unit=POLICE, opened=at("2026-11-02 16:00"), closed=at("2026-11-04 08:00"))
    life = Life(received=at("2026-11-02 16:00"), ended=at("2026-11-04 08:00"), items=(item,))
    (segment,) = tile(life, CALENDAR)
    (booked,) = book(life, CALENDAR, lambda unit: closed)
    assert (segment.minutes, booked.office) == (60 + 480 + 60, 60 + 60)


def test_a_wait_that_nobody_ended_lasts_until_the_end() -> None:
    life = Life(received=at("2026-11-02 08:00"), ended=at("2026-11-06 08:00"),
                waits=(Wait(begins=at("2026-11-02 09:00"), ends=None, cause="request_payment"),))
    assert told(tile(life, CALENDAR))[-1] == ("02 09:00", "06 08:00", "stopped", (), "request_payment")


def test_what_ended_before_the_office_opened_again_took_no_time() -> None:
    life = Life(received=at("2026-11-03 07:00"), ended=at("2026-11-02 18:00"),
                items=(Item(no=1, unit=LEAD, opened=at("2026-11-02 17:59")),))
    assert tile(life, CALENDAR) == ()
    assert book(life, CALENDAR, of_unit)[0].office == 0
