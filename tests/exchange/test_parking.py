"""What stops has one incident of the unit in charge, also when it stops again, for another reason or once closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from engine import delivery, timekeeper
from engine.casework.orders import Actor
from engine.courier import incidents
from engine.courier.incidents import StillStuck
from engine.desk.troubles import IncidentRow, troubles
from engine.errors import LienThongError, Unavailable
from engine.exchange import effects, stuck
from storage.exchange import TRIES
from tests.casework.racing import together
from tests.exchange.sides import Pair
from tests.exchange.test_stuck import answer, asked

__all__ = ["asked"]

LEAD = "H51.01/ngoai-vu:officer"
INCIDENTS = "select id, closed_at is null as open, closed_by, closed_why from incident"


class SomethingElse(Exception):
    """Another reason to stop."""


@dataclass
class Stopped:
    """An answer of the police that never has its effect, and the officer whose incident that is."""

    pair: Pair
    code: str
    why: type[Exception] = KeyError

    @property
    def owner(self) -> Actor:
        return self.pair.here.cast[LEAD]

    def stop(self) -> None:
        """At its last try."""
        here = self.pair.here
        here.rows("update arrival set attempts = %s where state = 'waiting'", TRIES - 1)
        here.hurry()
        assert here.applier.drain()["parked"] == 1

    def shown(self) -> IncidentRow:
        found, = troubles(self.pair.here.office, self.owner.id, timekeeper.now()).incidents
        return found

    def again(self) -> UUID:
        """As its owner has it tried anew; its incident."""
        incident = self.shown().id
        stuck.again(self.pair.here.office, incident, self.owner, timekeeper.now())
        return incident

    def close(self, incident: UUID) -> None:
        incidents.close(self.pair.here.office, incident, self.owner, "Đã cho làm lại", timekeeper.now())

    def entries(self) -> list[str]:
        return [row["action"] for row in self.pair.here.rows(
            "select a.action from audit a join dossier d on d.id = a.dossier_id where d.code = %s "
            "and a.action in ('park_message', 'close_incident') order by a.seq", self.code)]


@pytest.fixture
def stopped(pair: Pair, asked: tuple[str, UUID], monkeypatch: pytest.MonkeyPatch) -> Stopped:
    made = Stopped(pair, asked[0])
    true = effects.applying.apply

    def fails(office: Any, arrived: Any, told: Any, now: Any) -> None:
        if arrived.kind == "answered":
            raise made.why
        true(office, arrived, told, now)

    monkeypatch.setattr(effects.applying, "apply", fails)
    answer(pair, *asked, 2)
    made.stop()
    return made


def test_what_came_and_stops_again_goes_on_with_its_incident_and_says_why_now(stopped: Stopped) -> None:
    first = stopped.shown()
    stopped.again()
    stopped.why = SomethingElse
    stopped.stop()

    second = stopped.shown()
    assert second.id == first.id
    assert [one.about.vi.rpartition("mã: ")[2] for one in (first, second) if one.about] == [
        "KeyError)", "SomethingElse)"]
    assert stopped.entries() == ["park_message", "park_message"], "each reason is on the record"


def test_what_stops_again_for_the_same_reason_says_so_once(stopped: Stopped) -> None:
    first = stopped.shown()
    stopped.again()
    stopped.stop()

    assert stopped.shown() == first
    assert stopped.entries() == ["park_message"]


def test_what_stops_again_after_its_incident_was_closed_opens_that_one_again(stopped: Stopped) -> None:
    incident = stopped.again()
    stopped.close(incident)
    assert stopped.pair.here.rows(INCIDENTS) == [
        {"id": incident, "open": False, "closed_by": stopped.owner.id, "closed_why": "Đã cho làm lại"}]

    stopped.stop()

    assert stopped.pair.here.rows(INCIDENTS) == [
        {"id": incident, "open": True, "closed_by": None, "closed_why": None}]
    assert stopped.shown().way == "incoming"
    assert stopped.entries() == ["park_message", "close_incident", "park_message"]


def test_what_goes_out_and_stops_again_has_one_incident_a_kind(pair: Pair, asked: tuple[str, UUID]) -> None:
    code, handoff = asked
    dossier = pair.here.office.db.value("select id from dossier where code = %s", (code,))
    for why, kind in (("suspended", "message_parked"), ("unknown_unit", "message_parked"),
                      ("HTTP 500", "message_unanswered"), ("unknown_unit", "message_parked")):
        delivery.give_an_owner(pair.here.office, handoff, dossier, why, timekeeper.now(), kind)

    assert pair.here.rows("select kind, closed_at from incident order by kind") == [
        {"kind": "message_parked", "closed_at": None}, {"kind": "message_unanswered", "closed_at": None}]


def test_who_closes_while_it_stops_again_waits_for_that_and_is_told(stopped: Stopped) -> None:
    """It is stopped in a transaction that is not committed when the closing begins."""
    incident = stopped.again()
    here, told = stopped.pair.here, list[LienThongError]()

    def closing() -> None:
        try:
            stopped.close(incident)
        except Unavailable:  # it waited too long for a slow machine
            closing()
        except LienThongError as refusal:
            told.append(refusal)

    with psycopg.connect(here.fresh.superuser_url) as stopping:
        stopping.execute("update arrival set state = 'parked' where kind = 'answered'")
        closer = threading.Thread(target=closing)
        closer.start()
        until(lambda: not closer.is_alive() or bool(here.rows(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()")))
        stopping.commit()
        closer.join()

    assert [type(one) for one in told] == [StillStuck]
    assert stopped.shown().id == incident
    assert stopped.entries() == ["park_message"]


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.05)


def test_whoever_is_first_of_closing_and_stopping_again_what_is_stopped_has_an_owner(stopped: Stopped) -> None:
    for _ in range(6):
        incident = stopped.again()
        together(lambda one=incident: stopped.close(one), stopped.stop)  # type: ignore[misc]

        assert stopped.pair.here.rows(INCIDENTS) == [
            {"id": incident, "open": True, "closed_by": None, "closed_why": None}]
        assert stopped.shown().way == "incoming"
