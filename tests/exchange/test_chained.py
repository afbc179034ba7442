"""Who is asked from elsewhere asks others: in his own house, and back across the line; the same word goes both ways."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from engine.casework.consulting import place
from engine.errors import Refused
from tests.casework.conftest import Start, start
from tests.casework.walking import Walk
from tests.exchange.pairs import Pair, pair, police_office, police_template
from tests.exchange.test_successor import SAID, both_sound, incoming, successor

__all__ = ["pair", "police_office", "police_template", "start"]

LEAD = "H51.01/ngoai-vu:officer"
OFFICER = "H51.05/chuyen-mon:officer"
QUESTION: dict[str, Any] = {"words": "Cần ý kiến về an ninh", "limit": "3 ngày làm việc", "join": "all"}


@pytest.fixture
def theirs(pair: Pair, start: Start) -> Walk:
    """The successor at the police, registered."""
    asked = start().go_to("examining")
    asked.do("consult", asked.cast[LEAD])
    pair.sync()
    found = successor(pair)
    found.do("register", found.cast[OFFICER], handoff=incoming(found))
    pair.sync()
    return found


def test_a_division_of_the_same_house_is_asked_and_awaited(pair: Pair, theirs: Walk) -> None:
    other = "H51.05/quan-ly-hanh-chinh"
    theirs.do("consult_further", theirs.cast[OFFICER], **QUESTION, units=(theirs.cast.unit(other),))

    with pytest.raises(Refused, match="Administrative Police"):
        theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    theirs.do("answer_consultation", theirs.cast[f"{other}:officer"], state=place(1), verdict="agree",
              words="Không vướng")
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)

    assert pair.sync() == ["answered"]
    both_sound(pair)


def ask_back(pair: Pair, theirs: Walk) -> Walk:
    """The police ask the province's department of foreign affairs: a successor of the successor."""
    unit = pair.police.rows("select id from unit where agency = 'H51.04' and key = 'chuyen-mon'")[0]["id"]
    theirs.do("consult_further", theirs.cast[OFFICER], **QUESTION, units=(unit,))
    assert pair.sync() == ["handoff"]
    return pair.province.walk(pair.province.rows("select code from dossier where mirror = 'successor'")[0]["code"])


def test_a_question_goes_back_across_the_line_in_a_thread_of_its_own(pair: Pair, theirs: Walk) -> None:
    third = ask_back(pair, theirs)
    known = third.of("counterpart")[0]
    assert known["thread"] == theirs.code
    assert known["task"]["task"]["words"].startswith("Cần ý kiến về an ninh")
    member = "H51.04/chuyen-mon:officer"

    third.do("register", third.cast[member], handoff=incoming(third))
    third.do("answer_task", third.cast[member], kind="answer_consultation", verdict="conditional", words="Cần lưu ý")
    assert pair.sync() == ["registered", "answered"]

    assert [row["verdict"] for row in theirs.of("consultation")] == ["conditional"]
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    pair.sync()
    lanes = pair.police.rows("select thread, array_agg(no order by no) as numbers from outbox "
                             "where peer_id is not null group by thread")
    assert {row["thread"]: row["numbers"] for row in lanes} == {
        theirs.of("counterpart")[0]["thread"]: [1, 2], theirs.code: [1]}
    both_sound(pair)


def test_what_the_master_withdraws_is_withdrawn_from_whoever_was_asked_in_turn(pair: Pair, theirs: Walk) -> None:
    third = ask_back(pair, theirs)
    master = pair.province.walk(theirs.of("counterpart")[0]["thread"])

    master.do("withdraw", master.cast["H51.02/tiep-nhan:receptionist"], reason="Người nộp rút hồ sơ")
    crossed = pair.sync()

    assert crossed.count("withdrawn") == 2
    assert (theirs.states, third.states) == ({"stopped"}, {"stopped"})
    both_sound(pair)


def test_two_questions_of_one_dossier_share_its_lane(pair: Pair, theirs: Walk) -> None:
    """The second successor speaks in the same thread: the numbers go on, nothing is taken for a repetition."""
    master = pair.province.walk(theirs.of("counterpart")[0]["thread"])
    unit = pair.province.rows("select id from unit where agency = 'H51.05' and key = 'phong-chay'")[0]["id"]
    master.journey.register_all(master.code)
    lead = next(row for row in master.of("work_item") if row["closed_at"] is None and row["state"] == "foreign_affairs")
    officer = master.member(lead["unit_id"], "officer")
    master.do("consult_further", officer, **QUESTION, state="foreign_affairs", units=(unit,))
    pair.sync()
    second = successor(pair)
    assert second.code != theirs.code

    second.do("register", second.cast["H51.05/phong-chay:officer"], handoff=incoming(second))
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    pair.sync()

    lane = pair.police.rows("select no from outbox where thread = %s order by no", master.code)
    numbers = [row["no"] for row in lane]
    assert numbers == [1, 2, 3]
    assert uuid.UUID(str(second.of("counterpart")[0]["handoff_id"])) == incoming(second)
    both_sound(pair)
