"""Every route about one dossier: outsiders get the answer for what does not exist, auditors read and change nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts

from api.app import create_app
from engine.letters import drafting
from engine.settings import Settings
from storage import letters
from storage.letters import Request
from tests.api.conftest import OFFICER
from tests.api.web import Session, Web, key
from tests.journey import Journey

OUTSIDERS = ("H51.21/mot-cua:receptionist", "H51.09/giao-nhan:courier", "H51.01/kiem-soat-thu-tuc:administrator")
AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"
# Of mailed links, bundles and the courier's sheets there are tests of their own; programs' commands are in
# test_commands.py.
ELSEWHERE = ("/answer/", "/bundles/", "/courier/", "/api/v1/bundles/", "/api/v1/papers/")
ABOUT_ONE = ("{code}", "{document}", "{request}", "{upload}")
ROUTES = sorted({(method, route.path or "") for route in iter_route_contexts(create_app(Settings()).routes)
                 for method in route.methods or ()
                 if method in ("GET", "POST", "DELETE") and any(name in (route.path or "") for name in ABOUT_ONE)
                 and not (route.path or "").startswith(ELSEWHERE)
                 and not (method == "POST" and (route.path or "").startswith("/api/v1/dossiers/"))})
# What somebody sends who hopes for the best; fields a form does not know are passed over.
FORM = {"reason": "-", "words": "-", "score": "5", "method": "software", "template": "approval", "title": "x",
        "accept.reason": "-", "who": "self", "remark": str(uuid.uuid4())}
JSON = {"/api/v1/signing-requests/{request}": {"signature": "AAAA"}, "/api/v1/uploads/{upload}/complete": {}}


@pytest.fixture
def filled(desk: Session, web: Web, journey: Journey) -> dict[str, str]:
    """A dossier with a scan, a letter, an upload on its way and a digest that waits for its signer."""
    code = journey.receive().code
    journey.register_all(code)
    desk.attach(code)
    found = desk.get(f"/dossiers/{code}").json()["documents"]
    begun = desk.post(f"/dossiers/{code}/uploads", {"component": "plan", "size": 10},
                      headers={"Idempotency-Key": key()})
    actor = web.cast[OFFICER]
    no = drafting.begin(web.office, code, "approval", actor, key(), journey.now)
    request = Request(id=uuid.uuid4(), code=code, letter_no=no, kind="personal", person_id=actor.id, certificate=b"-",
                      prepared="0" * 64, digest=b"-", state={"version": 1, "position": ""}, created_at=journey.now,
                      expires_at=journey.now + timedelta(days=1), done_at=None)
    number = web.office.db.value("select id from dossier where code = %s", (code,))
    letters.keep_request(web.office.db, request, int(number))
    return {"code": code, "no": str(no), "event": "accept", "number": "1", "request": str(request.id),
            "document": next(row["id"] for row in found if row["sha256"]), "upload": begun.json()["id"]}


def call(session: Session, method: str, path: str, filled: dict[str, str]) -> int:
    given = ({"json": JSON[path]} if path in JSON else
             {"data": FORM | {"once": key(), "form_key": session.form_key}} if method == "POST" else {})
    headers = {"X-Form-Key": session.form_key, "Idempotency-Key": key()}
    return session.client.request(method, path.format(**filled), headers=headers, **given).status_code


def test_outsiders_cannot_tell_what_exists(web: Web, filled: dict[str, str]) -> None:
    assert len(ROUTES) > 35
    for who in OUTSIDERS:
        session = web.by_cookie(who)
        told = {(method, path): call(session, method, path, filled) for method, path in ROUTES}
        assert {route: status for route, status in told.items() if status != 404} == {}, who


def test_auditors_read_and_change_nothing(web: Web, filled: dict[str, str]) -> None:
    session, own = web.by_cookie(AUDITOR), ("{request}", "{upload}")
    told = {(method, path): call(session, method, path, filled) for method, path in ROUTES
            if not any(name in path for name in own)}
    # a form that was not made yet, a letter of apology that was never issued, and what no portal was told, are not
    # there for anybody
    assert {route for route, status in told.items() if route[0] == "GET" and status != 200} <= {
        ("GET", "/dossiers/{code}/apology/{no}"), ("GET", "/dossiers/{code}/receipt"), ("GET", "/portal/{code}/{no}")}
    assert {route: status for route, status in told.items() if route[0] != "GET" and status < 400} == {}
    done = web.office.db.value("select array_agg(distinct action) from audit where actor_id = %s",
                               (web.cast[AUDITOR].id,))
    assert done == ["refused"]


@pytest.mark.parametrize("form_key", ["", "wrong"])
def test_no_form_is_taken_without_the_key_of_the_session(web: Web, filled: dict[str, str], form_key: str) -> None:
    session = web.by_cookie(OFFICER)
    session.form_key = form_key
    told = {path: call(session, method, path, filled) for method, path in ROUTES if method != "GET"}
    assert set(told.values()) == {403}, told
