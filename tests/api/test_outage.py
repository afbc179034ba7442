"""The database goes away: everybody is told to try again, and what was answered before is still there after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import psycopg
from psycopg import sql

from tests.api.web import Session, Web, key
from tests.conftest import Fresh

Ask = Callable[[], httpx.Response]
TOKEN = {"Authorization": "Bearer any"}


@contextmanager
def database_away(fresh: Fresh) -> Iterator[None]:
    """Nobody gets in, and who was in is thrown out."""
    name = fresh.app_url.rsplit("/", 1)[1]
    elsewhere = fresh.superuser_url.rsplit("/", 1)[0] + "/postgres"
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        def allow(allowed: bool) -> None:
            connection.execute(sql.SQL("alter database {} allow_connections {}").format(
                sql.Identifier(name), sql.Literal(allowed)))
        allow(False)
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        try:
            yield
        finally:
            allow(True)


def at_once(*asked: Ask) -> list[httpx.Response]:
    """Each waits some seconds for the database: together they do not wait longer."""
    with ThreadPoolExecutor(len(asked)) as pool:
        return [waiting.result() for waiting in [pool.submit(ask) for ask in asked]]


def again(ask: Ask, seconds: float = 60) -> httpx.Response:
    """As a client does: until it is there again."""
    until = time.monotonic() + seconds
    while (answer := ask()).status_code == 503 and time.monotonic() < until:
        time.sleep(0.5)
    return answer


def test_without_the_database_everything_is_unavailable_and_nothing_is_lost(desk: Session, web: Web,
                                                                            fresh: Fresh) -> None:
    code, request = desk.received(), key()
    with database_away(fresh):
        asked = (lambda: desk.get("/work"), lambda: desk.receive(request=request),
                 lambda: desk.act(code, "withdraw", version='"1"'),
                 lambda: web.client().get("/api/v1/me", headers=TOKEN))
        for answer in at_once(*asked):
            assert answer.status_code == 503
            assert answer.json()["code"] == "unavailable"
            assert int(answer.headers["Retry-After"]) > 0
            assert "Cơ sở dữ liệu" in answer.json()["detail"]
        assert web.client().get("/health/live").status_code == 200
        ready, signing_in = at_once(
            lambda: web.client().get("/health/ready"),
            lambda: web.client().post("/api/v1/session", json={"login": "han.ltn", "password": "x"}))
        assert (ready.status_code, signing_in.status_code) == (503, 503)
    assert again(lambda: desk.get(f"/dossiers/{code}")).status_code == 200
    assert again(lambda: desk.receive(request=request)).status_code == 201
    assert len(desk.get("/dossiers", params={"search": "lúa thơm"}).json()) == 2
