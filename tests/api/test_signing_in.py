"""Sessions: given to the right password only, ended on the server, useless without their form key."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import httpx
import psycopg
import pytest
from argon2 import Parameters, extract_parameters

from engine import passwords
from engine.seed import DEMO_PASSWORD
from storage import sessions
from tests.api.conftest import DESK
from tests.api.web import Web
from tests.conftest import Fresh

SIGN_IN = "/api/v1/session"


def attempt(web: Web, login: str, password: str = "sai mật khẩu") -> httpx.Response:
    return web.client().post(SIGN_IN, json={"login": login, "password": password})


def test_wrong_passwords_and_unknown_logins_get_the_same_answer(web: Web) -> None:
    known, unknown = attempt(web, web.cast.member(DESK).login), attempt(web, "khong.ai")
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()
    assert known.json()["code"] == "wrong_credentials"


def test_unknown_logins_cost_the_same_work_as_known_ones(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the time that an answer takes would tell who has an account."""
    verified: list[tuple[Parameters, str]] = []
    matches = passwords.matches

    def noted(kept: str, password: str) -> bool:
        verified.append((extract_parameters(kept), password))
        return matches(kept, password)

    monkeypatch.setattr(passwords, "matches", noted)
    attempt(web, web.cast.member(DESK).login, "một")
    attempt(web, "nobody", "hai")

    (known, first), (unknown, second) = verified
    assert known == unknown
    assert (first, second) == ("một", "hai")


def test_only_the_hash_of_a_token_is_stored(web: Web, fresh: Fresh) -> None:
    session = web.sign_in(DESK)
    token = session.client.headers["Authorization"].removeprefix("Bearer ")
    with psycopg.connect(fresh.owner_url) as connection:
        kept = connection.execute("select token_hash from session").fetchall()
    assert kept == [(hashlib.sha256(token.encode()).digest(),)]


def test_a_token_is_worth_nothing_after_signing_out(web: Web) -> None:
    session = web.sign_in(DESK)
    assert session.get("/me").status_code == 200
    assert session.client.delete(SIGN_IN).status_code == 204
    assert session.get("/me").json()["code"] == "not_signed_in"


def test_every_sign_in_gets_a_token_of_its_own(web: Web) -> None:
    first, second = web.sign_in(DESK), web.sign_in(DESK)
    assert first.client.headers["Authorization"] != second.client.headers["Authorization"]
    first.client.delete(SIGN_IN)
    assert second.get("/me").status_code == 200


def test_a_cookie_chosen_by_somebody_else_is_never_accepted(web: Web) -> None:
    client = web.client()
    client.cookies.set("lienthong", "chosen-by-an-attacker")
    client.post(SIGN_IN, json={"login": web.cast.member(DESK).login, "password": DEMO_PASSWORD})
    assert client.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "change",
    ["update person set disabled_at = now()", "update membership set valid_to = date '2026-11-22'",
     "update session set seen_at = now() - interval '31 minutes'",
     "update session set expires_at = now() - interval '1 second'", "delete from session"],
    ids=["disabled", "membership ended", "idle", "ten hours over", "deleted"])
def test_access_ends_with_the_next_request(web: Web, fresh: Fresh, change: str) -> None:
    session = web.sign_in(DESK)
    assert session.get("/work").status_code == 200
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute(change)
    assert session.get("/work").json()["code"] == "not_signed_in"


def test_being_there_is_noted_once_a_minute_at_most(web: Web, fresh: Fresh) -> None:
    session = web.sign_in(DESK)

    def seen() -> object:
        with psycopg.connect(fresh.owner_url) as connection:
            return connection.execute("select seen_at from session").fetchone()

    at_first = seen()
    session.get("/work")
    assert seen() == at_first
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("update session set seen_at = now() - interval '2 minutes'")
    session.get("/work")
    assert seen() != at_first


def test_the_eleventh_attempt_has_to_wait(web: Web) -> None:
    login = web.cast.member(DESK).login
    assert {attempt(web, login).status_code for _ in range(10)} == {401}
    refused = attempt(web, login, DEMO_PASSWORD)
    assert refused.status_code == 429
    assert refused.json()["code"] == "too_many_attempts"
    assert 0 < int(refused.headers["Retry-After"]) <= 300


def test_ten_different_names_from_one_address_have_to_wait_too(web: Web) -> None:
    assert {attempt(web, f"nobody{at}").status_code for at in range(10)} == {401}
    assert attempt(web, web.cast.member(DESK).login, DEMO_PASSWORD).status_code == 429


def test_attempts_older_than_five_minutes_are_forgotten(web: Web, fresh: Fresh) -> None:
    login = web.cast.member(DESK).login
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute(
            "insert into event_log (at, kind, details) select now() - interval '6 minutes', 'sign_in_failed', "
            "jsonb_build_object('login', %s::text, 'address', '127.0.0.1') from generate_series(1, 10)", (login,))
    assert attempt(web, login, DEMO_PASSWORD).status_code == 201


def test_strangers_elsewhere_do_not_lock_out_who_signed_in_here_before(web: Web) -> None:
    login = web.cast.member(DESK).login
    web.sign_in(DESK)
    for _ in range(20):
        sessions.note(web.office.db, "sign_in_failed", None, {"login": login, "address": "203.0.113.9"})
    window = timedelta(minutes=5)
    assert sessions.tried(web.office.db, login, "198.51.100.7", window, 10).by_login is not None
    assert attempt(web, login, DEMO_PASSWORD).status_code == 201


def test_the_log_never_keeps_what_was_typed_for_an_unknown_name(web: Web, fresh: Fresh) -> None:
    attempt(web, "mật khẩu gõ nhầm ô")
    with psycopg.connect(fresh.owner_url) as connection:
        kept = connection.execute("select details::text from event_log where kind = 'sign_in_failed'").fetchone()
    assert kept is not None
    assert "mật khẩu" not in kept[0]


def test_an_act_by_cookie_needs_the_form_key_of_this_session(web: Web) -> None:
    mine, other = web.by_cookie(DESK), web.sign_in("H51.02/tiep-nhan:receptionist#1")
    for headers in ({}, {"X-Form-Key": "wrong"}, {"X-Form-Key": other.form_key}):
        refused = mine.client.post("/api/v1/due", json={"limit": "3 days"}, headers=headers)
        assert refused.status_code == 403
        assert refused.json()["code"] == "form_key"
    assert mine.client.post("/api/v1/due", json={"limit": "3 days"},
                            headers={"X-Form-Key": mine.form_key}).status_code == 200


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "https://evil.example"}, {"Origin": "null"}],
                         ids=["cross-site", "same-site", "foreign origin", "null origin"])
def test_another_site_cannot_act_even_with_the_form_key(web: Web, headers: dict[str, str]) -> None:
    mine = web.by_cookie(DESK)
    refused = mine.client.post("/api/v1/due", json={"limit": "3 days"},
                               headers={"X-Form-Key": mine.form_key, **headers})
    assert refused.status_code == 403
    assert refused.json()["code"] == "cross_site"
    assert web.client(**headers).post(SIGN_IN, json={"login": "a", "password": "b"}).status_code == 403


def test_our_own_pages_are_no_other_site(web: Web) -> None:
    mine = web.by_cookie(DESK)
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": web.address}):
        answer = mine.client.post("/api/v1/due", json={"limit": "3 days"},
                                  headers={"X-Form-Key": mine.form_key, **headers})
        assert answer.status_code == 200


def test_i_am_told_who_i_am_and_where_i_work(web: Web) -> None:
    told = web.sign_in(DESK).get("/me").json()
    assert told["name"] == web.cast.member(DESK).name
    assert [(post["unit"]["agency"], post["role"]) for post in told["posts"]] == [("H51.02", "receptionist")]


def test_the_language_of_a_session_can_be_changed(web: Web) -> None:
    session = web.sign_in(DESK)
    assert session.client.put("/api/v1/me/language", json={"language": "en"}).status_code == 204
    assert session.get("/me").json()["language"] == "en"
    assert session.get("/procedures/none").json()["title"] == "Not found"
    assert session.get("/procedures/none", headers={"Accept-Language": "vi"}).json()["title"] == "Không tìm thấy"
    assert session.client.put("/api/v1/me/language", json={"language": "fr"}).status_code == 422
