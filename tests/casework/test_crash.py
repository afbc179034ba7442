"""The database stops in the middle of an act: nothing is half written, the same request succeeds once afterwards."""

from __future__ import annotations

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TypeVar

import psycopg
import pytest

from engine.casework.act import act
from engine.casework.orders import Order, Particulars, Reply
from engine.casework.receive import receive
from engine.errors import Unavailable
from storage.session import Database
from storage.tables import metadata
from tests.casework.conftest import Start
from tests.conftest import Fresh
from tests.journey import Journey

# Everything an act may write, and the book-keeping of requests.
WRITTEN = ("active_state", "work_item", "clock", "timer", "audit", "remark", "opinion", "handoff", "outbox", "dossier",
           "idempotency")
BOOKKEEPING = {"number_series"}
Known = TypeVar("Known")


def picture(fresh: Fresh) -> str:
    """A digest of every table that an act or a reception may write."""
    told = hashlib.sha256()
    with psycopg.connect(fresh.superuser_url) as connection:
        for table in sorted(set(metadata.tables) - BOOKKEEPING):
            rows = connection.execute(f'select t::text from "{table}" t order by 1'.encode()).fetchall()
            told.update(repr((table, rows)).encode())
    return told.hexdigest()


@contextmanager
def breaking(fresh: Fresh, table: str) -> Iterator[None]:
    """Every write of the table fails."""
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("create or replace function break_down() returns trigger language plpgsql as "
                           "$$ begin raise exception 'broken on purpose'; end $$")
        connection.execute(f"create trigger break_down before insert or update or delete on {table} "
                           "for each row execute function break_down()".encode())
        try:
            yield
        finally:
            connection.execute(f"drop trigger break_down on {table}".encode())


@pytest.mark.parametrize("table", WRITTEN)
def test_an_act_that_fails_at_one_table_writes_to_none(start: Start, fresh: Fresh, table: str) -> None:
    walk = start().go_to("foreign_affairs")
    walk.step("give_opinion", "police")
    walk.step("give_opinion", "agriculture")
    order = walk.order("give_opinion", walk.holder("foreign_affairs"), verdict="agree",
                       words="Đồng ý")
    before = picture(fresh)

    with breaking(fresh, table), pytest.raises(psycopg.Error, match="broken on purpose"):
        walk.act(order)

    assert picture(fresh) == before
    assert walk.act(order).states == ("synthesis",)


@pytest.mark.parametrize("table", ["applicant", "document", "paper", "audit", "idempotency"])
def test_a_reception_that_fails_at_one_table_writes_to_none(journey: Journey, fresh: Fresh, table: str) -> None:
    submission = journey.submission()
    before = picture(fresh)

    with breaking(fresh, table), pytest.raises(psycopg.Error, match="broken on purpose"):
        receive(journey.office, submission, journey.now)

    assert picture(fresh) == before
    assert receive(journey.office, submission, journey.now).states == ("examining",)


def backends(connection: psycopg.Connection, working: bool = True) -> int:
    """Ends the application's connections; how many."""
    name = connection.info.dbname
    return len(connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = 'lienthong_app' "
        "and (state = 'active' or not %s)", (name, working)).fetchall())


def until_known(act: Callable[[], Known]) -> tuple[Known, int]:
    """Asks again, with the same key, until there is an answer; how often there was none."""
    failures, until = 0, time.monotonic() + 60
    while time.monotonic() < until:
        try:
            return act(), failures
        except Unavailable:
            failures += 1
            time.sleep(0.01)
    raise AssertionError(f"no answer in {failures} attempts")


def test_a_server_process_killed_while_it_waits_for_the_dossier_leaves_nothing_behind(
        start: Start, fresh: Fresh) -> None:
    walk = start("test_copies")
    order = walk.order("forward", walk.holder("comparing"), key="k-1")
    before = picture(fresh)
    with psycopg.connect(fresh.superuser_url) as locking, \
            psycopg.connect(fresh.superuser_url, autocommit=True) as killer:
        locking.execute("select from dossier for update")
        found: list[object] = []
        ended = 0
        while not ended:  # one that was not seen waiting gave up by itself: another one tries
            acting = threading.Thread(target=lambda: found.append(_answer(walk.act, order)))
            acting.start()
            while acting.is_alive() and not ended:
                time.sleep(0.01)
                if killer.execute("select 1 from pg_stat_activity where wait_event_type = 'Lock' "
                                  "and datname = current_database()").fetchone():
                    ended = backends(killer)
            acting.join()
        assert ended == 1
        locking.rollback()

    assert set(found) == {"unavailable"}
    assert picture(fresh) == before
    reply, _ = until_known(lambda: walk.act(order))
    assert reply.version == 2


def _answer(act: Callable[[Order], Reply], order: Order) -> object:
    try:
        return act(order)
    except Unavailable as error:
        return error.code


def test_server_processes_killed_at_random_lose_and_double_nothing(start: Start, fresh: Fresh) -> None:
    walk, chance = start("test_copies"), random.Random(20261123)
    stop, killed, rounds = threading.Event(), 0, 0

    def nemesis() -> None:
        nonlocal killed
        with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
            while not stop.is_set():
                time.sleep(chance.uniform(0.01, 0.2))
                killed += backends(connection, working=chance.random() < 0.7)

    thread = threading.Thread(target=nemesis)
    thread.start()
    try:
        officer = until_known(lambda: walk.cast["H51.21/van-hoa-xa-hoi:officer"])[0]
        while rounds < 30 or (killed < 10 and rounds < 2000):
            event, state = (("forward", "comparing"), ("send_back", "drafting"))[rounds % 2]
            order = Order(code=walk.code, event=event, actor=officer, state=state, seen_version=rounds + 1,
                          key=f"k-{rounds}", particulars=Particulars(reason="Làm lại"))
            reply, _ = until_known(lambda order=order: walk.act(order))
            rounds += 1
            assert reply.version == rounds + 1
    finally:
        stop.set()
        thread.join()

    until_known(lambda: walk.dossier)
    acts = [row["action"] for row in walk.entries if row["action"] in ("forward", "send_back")]
    assert acts == [("forward", "send_back")[number % 2] for number in range(rounds)]
    assert walk.dossier["version"] == rounds + 1
    assert killed >= 10


def test_a_dossier_that_somebody_holds_locked_is_answered_clearly_and_soon(start: Start, fresh: Fresh) -> None:
    walk = start("test_copies")
    order = walk.order("forward", walk.holder("comparing"), key="k-1")

    with psycopg.connect(fresh.superuser_url) as locking:
        locking.execute("select from dossier for update")
        began = time.monotonic()
        with closing(Database(fresh.app_url).open()) as impatient, pytest.raises(Unavailable):
            act(replace(walk.office, db=impatient), order, walk.now)
        assert time.monotonic() - began < 60
        locking.rollback()

    assert walk.act(order).version == 2
