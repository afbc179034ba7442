"""A counter without its network: codes set aside, dossiers recorded as of their own moment, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from engine.casework.orders import Reply
from engine.casework.receive import Person, Submission, receive
from engine.clocks.zone import ZONE
from engine.counter import offline
from engine.errors import Invalid, KeyReused, LienThongError, MissingDocument, Refused, WrongRole
from storage.blocks import Block
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast, Journey

DESK = "H51.02/tiep-nhan:receptionist"
HOUR = timedelta(hours=1)


@pytest.fixture
def block(journey: Journey, cast: Cast) -> Block:
    return offline.take_block(journey.office, cast[DESK], cast.member(DESK).unit_id, MONDAY)


def sent(journey: Journey, submission: Submission, code: str, minutes: int = 30) -> Reply:
    """Received so many minutes after the codes were taken, synchronised three hours later."""
    return offline.synchronise(journey.office, submission, code, MONDAY + timedelta(minutes=minutes), MONDAY + 3 * HOUR)


def count(journey: Journey) -> int:
    return int(journey.office.db.value("select count(*) from dossier"))


def test_codes_set_aside_are_given_to_nobody_else(journey: Journey, cast: Cast, block: Block) -> None:
    assert len(block.codes) == offline.MANY
    other = offline.take_block(journey.office, cast[DESK], block.unit_id, MONDAY)
    received = journey.receive().code
    assert not {received} & {*block.codes, *other.codes}
    assert not set(block.codes) & set(other.codes)
    assert received.startswith("H51.02-261123-")


def test_nobody_takes_more_codes_in_a_day_than_a_day_needs(journey: Journey, cast: Cast, block: Block) -> None:
    for _ in range(offline.MOST_A_DAY // offline.MANY - 1):
        offline.take_block(journey.office, cast[DESK], block.unit_id, MONDAY)
    with pytest.raises(offline.NoMoreCodes):
        offline.take_block(journey.office, cast[DESK], block.unit_id, MONDAY)
    assert offline.take_block(journey.office, cast[DESK], block.unit_id, MONDAY + 24 * HOUR).period == "261124"


def test_only_who_receives_at_the_desk_takes_codes(journey: Journey, cast: Cast, block: Block) -> None:
    with pytest.raises(WrongRole):
        offline.take_block(journey.office, cast["H51.01/ngoai-vu:officer"], block.unit_id, MONDAY)


def test_ten_dossiers_keep_their_codes_and_their_moments(journey: Journey, block: Block) -> None:
    for number, code in enumerate(block.codes[:10]):
        assert sent(journey, journey.submission(), code, 10 + number).code == code
    with journey.office.db.connection() as connection:
        rows = connection.execute(
            "select d.code, d.received_at, d.submitted_at, a.at, a.details::jsonb->'offline'->>'synchronised_at' "
            "from dossier d join audit a on a.dossier_id = d.id and a.seq = 1 order by d.code").fetchall()
    assert [row[0] for row in rows] == block.codes[:10]
    for number, (_, received, submitted, entered, synchronised) in enumerate(rows):
        assert received == submitted == entered == MONDAY + timedelta(minutes=10 + number)
        assert synchronised.startswith("2026-11-23T04:00")


def test_what_is_to_go_by_post_and_lacks_its_address_is_taken_in(journey: Journey, block: Block) -> None:
    told = journey.submission(return_way="post", applicant=Person(name="Nguyễn Thị Bích Ngọc"))
    assert sent(journey, told, block.codes[0]).code == block.codes[0]


def test_the_due_date_counts_from_the_original_moment(journey: Journey, block: Block) -> None:
    online = journey.receive()
    assert sent(journey, journey.submission(), block.codes[0]).due_at == online.due_at


def test_the_same_receipt_twice_is_one_dossier(journey: Journey, block: Block) -> None:
    submission = journey.submission()
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: sent(journey, submission, block.codes[0]), range(8)))
    assert {reply.code for reply in replies} == {block.codes[0]}
    assert len({reply.to_json() for reply in replies}) == 1
    assert count(journey) == 1
    with pytest.raises(KeyReused):
        sent(journey, submission, block.codes[1])


def test_one_code_is_never_two_dossiers(journey: Journey, block: Block) -> None:
    def send(_: int) -> str:
        try:
            return sent(journey, journey.submission(), block.codes[0]).code
        except LienThongError as refusal:
            return refusal.code
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(6)))
    assert sorted(answers) == [block.codes[0], *["code_used"] * 5]
    assert count(journey) == 1


@pytest.mark.parametrize(("minutes", "field"), [(-1, "received_at"), (181, "received_at")])
def test_a_moment_that_cannot_be_is_refused(journey: Journey, block: Block, minutes: int, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        sent(journey, journey.submission(), block.codes[0], minutes)
    assert field in refused.value.fields
    assert count(journey) == 0


def test_the_day_of_the_code_is_the_day_of_reception(journey: Journey, block: Block) -> None:
    tomorrow = MONDAY + 24 * HOUR
    with pytest.raises(Invalid) as refused:
        offline.synchronise(journey.office, journey.submission(), block.codes[0], tomorrow, tomorrow + HOUR)
    assert "received_at" in refused.value.fields


def test_a_code_of_somebody_else_or_of_no_block_is_refused(journey: Journey, cast: Cast, block: Block) -> None:
    other = cast.member(f"{DESK}#1")
    theirs = offline.take_block(journey.office, cast[f"{DESK}#1"], other.unit_id, MONDAY)
    for code in (theirs.codes[0], "H51.02-261123-0999", f"{block.codes[0][:-4]}0{block.codes[0][-4:]}", "rubbish"):
        with pytest.raises(Invalid) as refused:
            sent(journey, journey.submission(), code)
        assert "code" in refused.value.fields
    assert count(journey) == 0


def test_what_the_law_asks_is_asked_again_and_can_be_corrected(journey: Journey, block: Block) -> None:
    submission = journey.submission(papers=())
    with pytest.raises(MissingDocument):
        sent(journey, submission, block.codes[0])
    with pytest.raises(Refused):
        sent(journey, replace(submission, facts={}), block.codes[0])
    assert count(journey) == 0
    corrected = replace(journey.submission(), key=submission.key)
    assert sent(journey, corrected, block.codes[0]).code == block.codes[0]


def test_it_is_received_under_the_version_of_its_own_day(journey: Journey, block: Block, fresh: Fresh) -> None:
    """Synchronised when the procedure is in force no more."""
    version, _ = journey.office.fresh_catalogue().current("conference_permit_local", MONDAY.astimezone(ZONE).date())
    with psycopg.connect(fresh.superuser_url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update procedure_version set valid_to = '2026-11-30' where procedure = %s",
                           ("conference_permit_local",))
        connection.execute("update revision set number = number + 1")
    later = MONDAY + timedelta(days=30)
    with pytest.raises(LienThongError):
        receive(journey.office, journey.submission(), later)
    reply = offline.synchronise(journey.office, journey.submission(), block.codes[0], MONDAY + HOUR, later)
    stored = journey.office.db.value("select version_id from dossier where code = %s", (reply.code,))
    assert stored == version
    assert reply.at == (MONDAY + HOUR).isoformat()
