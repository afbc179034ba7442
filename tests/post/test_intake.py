"""Intake by post: the signing of the hand-over record is the submission time (DOMAIN scenario 10)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from engine import desk
from engine.casework.receive import receive
from engine.clocks.zone import ZONE
from engine.errors import Invalid, NotFound, WrongRole
from engine.post import intake
from storage import post
from tests.casework.racing import together
from tests.casework.walking import HOSTING
from tests.conftest import Fresh
from tests.journey import Journey

SLIP = "EH012345678VN"
DESK = "H51.02/tiep-nhan:receptionist"
PROCEDURE = "conference_permit_local"


def papers(journey: Journey, procedure: str = PROCEDURE) -> tuple[str, ...]:
    return tuple(paper.component for paper in journey.submission(procedure).papers)


def record(journey: Journey, *lines: intake.Brought, sign: datetime | None = None, signed: bool = True) -> int:
    actor = journey.cast[DESK]
    number = intake.open_record(journey.office, actor, "Đặng Văn Út", "", journey.now)
    for line in lines or (brought(journey),):
        intake.add(journey.office, number, actor, line, journey.now)
    if signed:
        intake.sign(journey.office, number, sign, actor, max(journey.now, sign or journey.now))
    return number


def brought(journey: Journey, slip: str = SLIP, **changes: Any) -> intake.Brought:
    told: dict[str, Any] = {"slip": slip, "sender": "Thạch Sóc Kha", "procedure": PROCEDURE, "papers": papers(journey)}
    return intake.Brought(**{**told, **changes})


def times(journey: Journey, code: str) -> tuple[datetime, datetime, datetime]:
    """Submitted, validly received, entered."""
    with journey.office.db.connection() as connection:
        found = connection.execute("select d.submitted_at, d.received_at, a.at from dossier d join audit a "
                                   "on a.dossier_id = d.id and a.seq = 1 where d.code = %s", (code,)).fetchone()
    assert found is not None
    return found[0], found[1], found[2]


def at(journey: Journey, hour: int, minute: int = 0) -> datetime:
    day = journey.now.astimezone(ZONE).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def test_a_dossier_entered_later_was_submitted_when_the_record_was_signed(journey: Journey) -> None:
    """Its clock begins there: signed on Monday, entered on Wednesday, due as if entered on Monday."""
    signed = journey.now
    record(journey)
    direct = journey.receive(PROCEDURE)
    journey.now += timedelta(days=2, hours=2)

    by_post = journey.receive(PROCEDURE, channel="post", slip=SLIP.lower())

    submitted, received, entered = times(journey, by_post.code)
    assert (submitted, received) == (signed, signed)
    assert entered == journey.now
    assert by_post.due_at == direct.due_at


@pytest.mark.parametrize(("hour", "minute", "received"), [
    (14, 59, "23/11 14:59"), (16, 59, "23/11 16:59"), (18, 0, "25/11 07:00")])
def test_the_hour_of_signing_counts_as_at_the_counter(journey: Journey, hour: int, minute: int, received: str) -> None:
    """After closing time it is the next working day's first minute (24 November is off), whoever enters it when."""
    moment = at(journey, hour, minute)
    journey.now = moment
    record(journey)
    journey.now = at(journey, 9) + timedelta(days=3)

    code = journey.receive(PROCEDURE, channel="post", slip=SLIP).code

    submitted, valid, _ = times(journey, code)
    assert submitted == moment
    assert f"{valid.astimezone(ZONE):%d/%m %H:%M}" == received


def test_what_lacked_something_is_submitted_when_it_is_complete(journey: Journey) -> None:
    """The line says what is missing; the supplement comes with a slip of its own."""
    first, actor = papers(journey)[0], journey.cast[DESK]
    record(journey, brought(journey, papers=papers(journey)[1:]))
    code = journey.receive(PROCEDURE, channel="post", slip=SLIP, accept=False,
                           papers=journey.submission(PROCEDURE).papers[1:]).code
    journey.do(code, "request_supplement", actor, state="checking", documents=(first,), reason="Thiếu giấy tờ")
    journey.now += timedelta(days=2)
    completed = journey.now
    record(journey, brought(journey, "EH000000002VN", completes=code, papers=(first,)))
    journey.now += timedelta(hours=2)
    journey.do(code, "take_in_by_post", actor, slip="EH000000002VN")
    journey.do(code, "supplement", actor, documents=(first,))
    journey.do(code, "accept", actor, state="checking")

    _, received, _ = times(journey, code)
    assert received == completed
    timeline = desk.dossier(journey.office, code, actor, journey.now).timeline
    assert "take_in_by_post" in [entry.action for entry in timeline]


def test_a_paper_of_the_published_list_that_is_missing_makes_the_line_incomplete(journey: Journey) -> None:
    number = record(journey, brought(journey, papers=papers(journey)[1:], complete=True))

    line = intake.shown(journey.office, number, journey.cast[DESK], journey.now).lines[0]

    assert not line.complete
    assert line.lacking


def test_the_slip_is_found_like_the_code(journey: Journey) -> None:
    record(journey)
    code = journey.receive(PROCEDURE, channel="post", slip=SLIP).code

    found = desk.search(journey.office, journey.cast[DESK].id, SLIP, journey.now)

    assert [hit.code for hit in found] == [code]


@pytest.mark.parametrize(("changes", "field"), [
    ({"slip": "EH999999999VN"}, "slip"), ({"slip": "x"}, "slip"), ({"slip": "EH'; drop--"}, "slip"),
    ({"channel": "direct"}, "channel"), ({"procedure": "conference_hosting_local", "facts": HOSTING}, "slip"),
])
def test_a_slip_that_is_unknown_or_of_something_else_is_refused(journey: Journey, changes: dict[str, Any],
                                                                field: str) -> None:
    record(journey)
    told = {"channel": "post", "slip": SLIP, **changes}
    submission = journey.submission(told.pop("procedure", PROCEDURE), **told)

    with pytest.raises(Invalid) as refusal:
        receive(journey.office, submission, journey.now)

    assert set(refusal.value.fields) == {field}


def test_a_record_nobody_signed_submits_nothing(journey: Journey) -> None:
    record(journey, signed=False)

    with pytest.raises(Invalid):
        journey.receive(PROCEDURE, channel="post", slip=SLIP)


def test_a_slip_becomes_one_dossier_also_when_two_enter_it_at_once(journey: Journey) -> None:
    record(journey)
    calls = [replace(journey.submission(PROCEDURE, channel="post"), slip=SLIP) for _ in range(2)]

    told = together(*(lambda one=one: receive(journey.office, one, journey.now) for one in calls))

    assert sorted(isinstance(one, Invalid) for one in told) == [False, True]


def test_a_slip_stands_in_one_record_only(journey: Journey) -> None:
    number = record(journey)

    with pytest.raises(Invalid) as refusal:
        record(journey)

    assert set(refusal.value.fields) == {"slip"}
    with pytest.raises(intake.Signed):
        intake.add(journey.office, number, journey.cast[DESK], brought(journey, "EH000000009VN"), journey.now)


@pytest.mark.parametrize("minutes", [1, -24 * 60])
def test_it_is_signed_on_the_day_and_not_in_the_future(journey: Journey, minutes: int) -> None:
    number = record(journey, signed=False)

    with pytest.raises(Invalid):
        intake.sign(journey.office, number, journey.now + timedelta(minutes=minutes), journey.cast[DESK], journey.now)


def test_a_line_taken_out_while_both_sign_is_in_the_record_or_is_not_signed_for(journey: Journey,
                                                                                        fresh: Fresh) -> None:
    number = record(journey, signed=False)
    with psycopg.connect(fresh.app_url) as signing, ThreadPoolExecutor(1) as pool:
        signing.execute("update post_intake set signed_at = now(), signed_by = opened_by where id = %s", (number,))
        dropping = pool.submit(post.drop_line, journey.office.db, number, 1)
        with pytest.raises(TimeoutError):
            dropping.result(timeout=1)
        signing.commit()
        assert dropping.result(timeout=60) is False
    assert len(post.lines(journey.office.db, number)) == 1


def test_what_was_added_since_they_looked_is_not_signed_for(journey: Journey) -> None:
    number, actor = record(journey, signed=False), journey.cast[DESK]
    intake.add(journey.office, number, actor, brought(journey, "EH000000077VN"), journey.now)
    with pytest.raises(intake.Changed):
        intake.sign(journey.office, number, None, actor, journey.now, [SLIP])
    intake.drop(journey.office, number, 2, actor, journey.now)
    intake.add(journey.office, number, actor, brought(journey, "EH000000078VN"), journey.now)
    with pytest.raises(intake.Changed):
        intake.sign(journey.office, number, None, actor, journey.now, [SLIP, "EH000000077VN"])
    intake.sign(journey.office, number, None, actor, journey.now, [SLIP, "EH000000078VN"])
    with pytest.raises(intake.Signed):
        intake.sign(journey.office, number, None, actor, journey.now, [SLIP, "EH000000078VN"])


def test_two_sign_one_record_at_once_and_one_is_told(journey: Journey) -> None:
    number = record(journey, signed=False)
    actor = journey.cast[DESK]
    told = together(*[lambda: intake.sign(journey.office, number, None, actor, journey.now)] * 2)
    assert sorted(isinstance(one, intake.Signed) for one in told) == [False, True]


def test_an_empty_record_is_not_signed(journey: Journey) -> None:
    number = intake.open_record(journey.office, journey.cast[DESK], "Đặng Văn Út", "", journey.now)

    with pytest.raises(intake.Signed):
        intake.sign(journey.office, number, None, journey.cast[DESK], journey.now)


@pytest.mark.parametrize(("changes", "field"), [
    ({"sender": " "}, "sender"), ({"procedure": "none"}, "procedure"), ({"papers": ("none",)}, "papers"),
    ({"fee": -1}, "fee"), ({"complete": False}, "lacking"), ({"sender": "x" * 300}, "sender"),
    ({"completes": "khong-co"}, "completes"),
])
def test_a_line_says_what_is_wrong_with_it(journey: Journey, changes: dict[str, Any], field: str) -> None:
    number = intake.open_record(journey.office, journey.cast[DESK], "Đặng Văn Út", "", journey.now)

    with pytest.raises(Invalid) as refusal:
        intake.add(journey.office, number, journey.cast[DESK], brought(journey, **changes), journey.now)

    assert field in refusal.value.fields


def test_records_are_those_of_the_desk(journey: Journey) -> None:
    number = record(journey)

    with pytest.raises(NotFound):
        intake.shown(journey.office, number, journey.cast["H51.21/mot-cua:receptionist"], journey.now)
    with pytest.raises(WrongRole):
        intake.shown(journey.office, number, journey.cast["H51.01/ngoai-vu:officer"], journey.now)


@pytest.mark.parametrize("statement", [
    "update post_intake set signed_at = now()", "delete from post_intake", "delete from post_intake_line",
    "update post_intake_line set complete = not complete",
    "insert into post_intake_line (intake_id, no, slip, sender, procedure, also, complete, lacking, fee) "
    "select id, 9, 'EH000000009VN', '-', '-', '', true, '', 0 from post_intake",
])
def test_a_signed_record_stays_as_it_is(journey: Journey, fresh: Fresh, statement: str) -> None:
    record(journey)

    with psycopg.connect(fresh.owner_url) as connection, pytest.raises(psycopg.DatabaseError):
        connection.execute(statement.encode())
