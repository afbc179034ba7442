"""What holds for every route there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from psycopg import sql

from api import problems
from api.app import create_app
from api.context import DOOR, Door
from api.security import HEADERS
from engine.errors import LienThongError
from engine.office import Office
from engine.settings import Settings
from tests.api.conftest import DESK
from tests.api.web import Web, serving
from tests.conftest import Fresh
from tests.journey import Cast

# Anybody may call these, and nothing else. What other installations ask or bring is signed.
OPEN_TO_ANYONE = {("POST", "/api/v1/session"), ("GET", "/health/live"), ("GET", "/health/ready"),
                  ("POST", "/exchange/v1/messages"), ("POST", "/exchange/v1/anchors"), ("GET", "/exchange/v1/identity"),
                  ("GET", "/exchange/v1/directory"), ("GET", "/exchange/v1/documents/{sha256}"),
                  ("GET", "/exchange/v1/openapi.json")}
FILLED = {"code": "H51.02-261123-0001", "event": "accept", "barcode": "H51.02-261123-0001-S", "bag": "1",
          "incident": "00000000-0000-4000-8000-000000000000", "run": "1",
          "key": "conference_permit_local", "no": "1",
          "document": "7f6b1d9e-7f0b-4a55-9a53-0f5f8c1f7a10", "request": "7f6b1d9e-7f0b-4a55-9a53-0f5f8c1f7a11",
          "upload": "7f6b1d9e-7f0b-4a55-9a53-0f5f8c1f7a12"}


def routes(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    """Every route of the interface and of the machine's health; the pages have tests of their own."""
    for route in iter_route_contexts(app.routes):
        if (route.path or "").startswith(("/api/", "/exchange/", "/health/")):
            for method in route.methods or ():
                yield method, route


APP = create_app(Settings())
ROUTES = sorted({(method, route.path) for method, route in routes(APP)})


def test_there_are_routes() -> None:
    assert len(ROUTES) > 25


def test_only_the_short_list_is_open_to_anyone() -> None:
    found = {(method, route.path) for method, route in routes(APP) if getattr(route.endpoint, DOOR) is Door.OPEN}
    assert found == OPEN_TO_ANYONE


def test_every_route_has_a_door() -> None:
    """Those of the pages too; what serves files has none."""
    assert all(hasattr(route.endpoint, DOOR) for route in iter_route_contexts(APP.routes) if route.methods)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route not in OPEN_TO_ANYONE])
def test_nobody_gets_in_without_signing_in(method: str, path: str, closed: Web) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        body = {"json": {}} if method in ("POST", "PUT") and not path.endswith("/documents") else {}
        answer = closed.client().request(method, path.format(**FILLED), headers=headers, **body)
        if headers.get("Authorization", "").startswith("Bearer") and answer.status_code in (400, 422, 428):
            continue  # what cannot be read is said before the session is looked up
        assert answer.status_code == 401, (headers, answer.text)
        assert answer.json()["code"] == "not_signed_in"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/work", "/api/v1/nothing", "/api/v1/session", "/health/live", "/nothing"])
def test_every_answer_has_the_strict_headers(closed: Web, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "TRACE", "OPTIONS"):
        answer = closed.client().request(method, path)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "server" not in answer.headers
        assert answer.status_code < 500
        assert method != "TRACE" or answer.status_code >= 400


def test_over_tls_the_browser_is_told_to_stay_there(office: Office, cast: Cast) -> None:
    with serving(office, cast, Settings(secure_cookies=True)) as web:
        assert "max-age=31536000" in web.client().get("/nothing").headers["strict-transport-security"]


def test_what_nobody_foresaw_is_a_problem_with_a_reference_and_no_details(office: Office, cast: Cast) -> None:
    with serving(office, cast) as web:
        session = web.sign_in(DESK)
        del office.db
        answer = session.get("/work")
    assert answer.status_code == 500
    told = answer.json()
    assert told["code"] == "internal_error"
    assert told["data"]["reference"] in told["detail"]
    assert "AttributeError" not in answer.text
    assert answer.headers["content-security-policy"]


def subclasses(kind: type[LienThongError]) -> Iterator[type[LienThongError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_error_has_a_status_and_a_title() -> None:
    for kind in subclasses(LienThongError):
        if kind.__module__.startswith(("tests", "storage.local")):
            continue  # said in a terminal, before there is a web server
        found = next((problems.STATUS[base] for base in kind.__mro__ if base in problems.STATUS), None)
        assert found in problems.TITLES, f"{kind.__name__} has no HTTP status"


def test_codes_of_errors_are_not_used_twice_for_different_things() -> None:
    codes = [(kind.code, kind.__name__) for kind in subclasses(LienThongError) if "code" in vars(kind)]
    for (code, name), (other, another) in itertools.combinations(set(codes), 2):
        assert code != other, f"{name} and {another} share {code}"


def test_reading_changes_nothing(web: Web, fresh: Fresh) -> None:
    session = web.sign_in(DESK)
    code = session.received()
    before = written(fresh)
    for path in ("/work", "/handoffs", "/notices", "/me", "/units", "/procedures",
                 "/procedures/conference_permit_local", "/dossiers?search=ngoc", f"/dossiers/{code}",
                 f"/dossiers/{code}/audit", "/courier/runs"):
        assert session.get(path).status_code == 200, path
    assert written(fresh) == before


def written(fresh: Fresh) -> dict[str, tuple[int, int]]:
    """Of every table how many rows it has and by which transactions they were written."""
    with psycopg.connect(fresh.superuser_url) as connection:
        names = [name for name, in connection.execute("select tablename from pg_tables where schemaname = 'public'")]
        found = {}
        for name in names:
            query = sql.SQL("select count(*), coalesce(sum(xmin::text::bigint), 0)::bigint from {}")
            row = connection.execute(query.format(sql.Identifier(name))).fetchone()
            assert row is not None
            found[name] = row
    return found
