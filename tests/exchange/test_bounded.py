"""Dossiers that a peer tells of without having handed them over: so many within a day, then no more for now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine import timekeeper
from engine.exchange import watching
from engine.settings import settings
from tests.exchange.forging import message, post, receipt, refusal
from tests.exchange.sides import Pair, consult

THREADS = [f"H51.02-261123-08{number:02}" for number in range(9)]
REFUSED = (429, "too_many_shadows")


@pytest.fixture
def two(inside: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two within a day."""
    monkeypatch.setenv("LIENTHONG_SHADOWS_A_DAY", "2")
    settings.cache_clear()
    yield
    settings.cache_clear()


def told(pair: Pair) -> list[dict[str, Any]]:
    return pair.police.rows("select details from event_log where kind = 'shadows_refused'")


def test_the_third_waits_with_an_owner_and_is_taken_the_day_after(two: None, pair: Pair) -> None:
    first, second, third = (message(pair, thread=thread) for thread in THREADS[:3])
    receipt(pair.police, post(pair.police, first))
    receipt(pair.police, post(pair.police, second))

    assert refusal(post(pair.police, third)) == REFUSED, "counted before they are opened"
    pair.police.applier.drain()
    assert refusal(post(pair.police, third)) == REFUSED, "and after"

    assert len(pair.police.rows("select 1 from arrival")) == 2
    assert receipt(pair.police, post(pair.police, first))["status"] == "duplicate"
    receipt(pair.police, post(pair.police, message(pair, 2, thread=THREADS[0])))
    assert [row["details"] for row in told(pair)] == [{"peer": "soc-trang", "most": 2}]
    watched = watching.watched(pair.police.office, pair.police.administrator(0).by, timekeeper.now())
    assert watched.peers[0].shadows_refused_at is not None

    pair.police.rows("update dossier set submitted_at = submitted_at - interval '25 hours'")
    assert receipt(pair.police, post(pair.police, third))["status"] == "stored"


def test_what_was_handed_over_is_never_counted(two: None, pair: Pair) -> None:
    for thread in THREADS[:2]:
        receipt(pair.police, post(pair.police, message(pair, thread=thread)))
    pair.police.applier.drain()

    code = consult(pair.here)
    pair.settle()
    receipt(pair.police, post(pair.police, message(pair, 2, thread=code)))

    assert refusal(post(pair.police, message(pair, thread=THREADS[3]))) == REFUSED
