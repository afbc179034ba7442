"""What one peer never answers while it answers everything else: tried on for ever, and after an hour somebody's."""

from __future__ import annotations

from typing import Any

import pytest

from storage import linewatch, unanswered
from tests.exchange.answering import Answer, listening, nothing, said
from tests.exchange.sides import Pair, consult
from tests.exchange.test_order import again, relayed, tell_more, to, try_again, unsent
from tests.exchange.test_pulling import deliver, reach_elsewhere, with_scan
from tests.samples import small_pdf

OPEN = ("select i.kind, u.agency, u.key from incident i join unit u on u.id = i.unit_id "
        "where i.closed_at is null")


def failing_for(pair: Pair, code: str, answer: Answer) -> Answer:
    """The police, but for one dossier."""
    whole = relayed(pair)

    def act(asked: Any, data: bytes) -> None:
        (answer if code.encode() in data else whole)(asked, data)
    return act


def an_hour_passes(pair: Pair) -> None:
    for side in (pair.here, pair.police):
        for table in ("outbox", "pull"):
            side.rows(f"update {table} set unanswered_since = unanswered_since - interval '61 minutes'")


@pytest.mark.parametrize("answer", [said(500, b"oops"), said(200, b"<html>"), nothing], ids=["500", "rubbish", "cut"])
def test_a_message_they_always_fail_on_gets_an_owner_once_and_is_tried_on(pair: Pair, answer: Answer) -> None:
    bad = consult(pair.here)
    with listening(failing_for(pair, bad, answer)) as there:
        to(pair, there.url)
        try_again(pair, unanswered.TRIES)
        assert pair.here.rows(OPEN) == []  # ten tries within a minute are nothing
        others = [consult(pair.here) for _ in range(3)]
        try_again(pair, 8)
        done = {row["thread"] for row in pair.sent() if row["sent_at"]}
        assert done == set(others)
        an_hour_passes(pair)
        # the line is fine for others, also now
        consult(pair.here)
        try_again(pair, 6)

        incident, = pair.here.rows(OPEN)
        assert (incident["kind"], incident["agency"], incident["key"]) == ("message_unanswered", "H51.01", "ngoai-vu")
        row, = [row for row in pair.sent() if row["thread"] == bad]
        assert (row["sent_at"], row["parked_at"]) == (None, None)
        shown, = linewatch.parked_outgoing(pair.here.office.db)
        assert (shown.code, shown.tried_on, shown.attempts) == (bad, True, row["unanswered"])
        asked = len(there.asked)
        try_again(pair, 3)
        assert len(there.asked) > asked
    assert len(pair.here.rows(OPEN)) == 1
    assert again(pair.here, "outgoing", row["message_id"])
    to(pair, pair.police.url)
    pair.settle()
    assert unsent(pair.here) == 0
    assert linewatch.parked_outgoing(pair.here.office.db) == []


def test_a_peer_that_answers_nothing_at_all_is_nobodys_task(pair: Pair) -> None:
    for _ in range(3):
        consult(pair.here)
    with listening(said(503, b"")) as there:
        to(pair, there.url)
        try_again(pair, 2 * unanswered.TRIES)
        an_hour_passes(pair)
        try_again(pair, 2 * unanswered.TRIES)
    assert pair.here.rows(OPEN) == []
    assert pair.here.peer().trouble_since is not None


def test_the_only_thing_that_waits_is_somebodys_when_they_answer_errors(pair: Pair) -> None:
    tell_more(pair.here, consult(pair.here), 2)  # its lane waits behind it
    with listening(said(500, b"")) as there:
        to(pair, there.url)
        try_again(pair, unanswered.TRIES)
        an_hour_passes(pair)
        try_again(pair, 1)
    assert [row["kind"] for row in pair.here.rows(OPEN)] == ["message_unanswered"]


def test_a_cut_line_is_nobodys_task_even_if_only_one_thing_waits(pair: Pair) -> None:
    consult(pair.here)
    with listening(nothing) as there:
        to(pair, there.url)
        try_again(pair, unanswered.TRIES)
        an_hour_passes(pair)
        try_again(pair, 3)
    assert pair.here.rows(OPEN) == []


def test_a_document_they_always_fail_on_gets_an_owner_while_messages_go_on(pair: Pair) -> None:
    code = with_scan(pair, small_pdf(mark="u"))
    deliver(pair)
    with listening(said(500, b"")) as there:
        reach_elsewhere(pair, there.url)
        for _ in range(unanswered.TRIES):
            pair.police.hurry()
            pair.police.lines.drain()
        assert pair.police.rows(OPEN) == []
        an_hour_passes(pair)
        pair.police.hurry()
        pair.police.lines.drain()

    incident, = pair.police.rows(OPEN)
    assert incident["kind"] == "message_unanswered"
    shown, = linewatch.parked_documents(pair.police.office.db)
    assert (shown.thread, shown.tried_on) == (code, True)
    reach_elsewhere(pair, pair.here.url)
    pair.police.hurry()
    pair.settle()
    assert pair.police.rows("select done_at is not null as done from pull") == [{"done": True}]
