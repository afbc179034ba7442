"""Whatever is sent, the answer is a clear refusal: never a failure of ours, never half an act."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from api import security
from api.v1 import documents
from tests.api.conftest import DESK
from tests.api.web import SUBMISSION, Session, Web, key

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def at_desk(closed: Web) -> Session:
    return closed.sign_in(DESK)


def raw(session: Session, content: bytes, path: str = "/dossiers", **headers: str) -> Any:
    return session.client.post(f"/api/v1{path}", content=content, headers={**JSON, "Idempotency-Key": key(), **headers})


def with_fact(value: object, name: str = "topic") -> dict[str, Any]:
    return SUBMISSION | {"facts": SUBMISSION["facts"] | {name: value}}


@pytest.mark.parametrize("content", [
    b"", b"{", b"[1,", b'{"procedure": }', b"nonsense", b"\xff\xfe\x00", b'{"a": 1} {"b": 2}', b"NaN", b"[" * 100_000,
    b"1" * 5000, b'{"subject": "\xc3\x28"}', b'{"facts": ' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}",
], ids=["empty", "open brace", "open list", "no value", "word", "not text", "two values", "NaN", "deep list",
        "long number", "broken UTF-8", "deep object"])
def test_what_is_not_json_is_malformed(at_desk: Session, content: bytes) -> None:
    answer = raw(at_desk, content)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("malformed_body", "invalid")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "a\x1bb", "x\x7f", "y\x85z", "\ud800", "\udfff-\ud83d"],
                         ids=["NUL inside", "NUL", "escape", "delete", "C1", "lone surrogate", "two surrogates"])
def test_control_characters_and_lone_surrogates_are_refused(at_desk: Session, text: str) -> None:
    bodies = [SUBMISSION | {"subject": text}, with_fact(text), SUBMISSION | {"applicant": {"name": text}},
              SUBMISSION | {"procedure": text}, SUBMISSION | {"papers": [{"component": "plan", "reason": text}]}]
    for body in bodies:
        answer = raw(at_desk, json.dumps(body).encode())
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text


@pytest.mark.parametrize("number", [2**31, 2**63, 2**64, 10**40, -(2**63) - 1, 10**4000],
                         ids=["int4", "int8", "unsigned", "41 digits", "negative", "4001 digits"])
def test_huge_integers_are_refused_wherever_they_come(at_desk: Session, number: int) -> None:
    sent = [(SUBMISSION | {"unit": number}, "/dossiers"), (with_fact(number, "participants"), "/dossiers"),
            ({"ids": [number * 2**32]}, "/notices/read"),
            ({"particulars": {"amount": number}}, "/dossiers/H51.02-261123-0001/commands/pay"),
            ({"particulars": {"unit": number}}, "/dossiers/H51.02-261123-0001/commands/resend")]
    for body, path in sent:
        answer = raw(at_desk, _written(body), path, **{"If-Match": '"1"'})
        assert 400 <= answer.status_code < 500, answer.text
    assert at_desk.get(f"/courier/runs/{number}").status_code in (404, 422)
    assert at_desk.get("/work", params={"page": str(number)}).status_code == 422
    assert at_desk.get("/work", params={"size": str(number)}).status_code == 422


def _written(body: object) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(("changes", "field"), [
    ({"subject": 5}, "body.subject"), ({"applicant": "Ngọc"}, "body.applicant"), ({"papers": {}}, "body.papers"),
    ({"facts": []}, "body.facts"), ({"accept": "perhaps"}, "body.accept"), ({"channel": "pigeon"}, "body.channel"),
    ({"applicant": {"name": "A", "id_number": "12ab"}}, "body.applicant.id_number"),
    ({"unit": 1.5}, "body.unit"), ({"procedure": "No Such Thing!"}, "body.procedure"),
    ({"subject": "x" * 1001}, "body.subject"), ({"papers": [{"component": "plan"}] * 61}, "body.papers"),
    ({"sabotage": 1}, "body.sabotage"), ({"applicant": {"name": "A", "age": 3}}, "body.applicant.age"),
], ids=lambda value: value if isinstance(value, str) else None)
def test_wrong_types_and_unknown_fields_are_named(at_desk: Session, changes: dict[str, Any], field: str) -> None:
    answer = at_desk.receive(**changes)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "invalid")
    assert field in told["data"]["fields"]
    assert told["data"]["fields"][field]["vi"]


def test_facts_of_the_wrong_kind_are_explained_by_the_procedure(at_desk: Session) -> None:
    answer = at_desk.receive(facts=SUBMISSION["facts"] | {"participants": "many", "topic_field": "magic", "hue": "red"})
    assert answer.status_code == 422
    assert set(answer.json()["data"]["fields"]) >= {"facts.participants", "facts.topic_field", "facts.hue"}


def test_json_must_say_that_it_is_json(at_desk: Session) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = raw(at_desk, json.dumps(SUBMISSION).encode(), **{"Content-Type": kind})
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), kind


def test_a_body_larger_than_256_kb_is_refused_by_its_head(at_desk: Session) -> None:
    answer = raw(at_desk, b'{"subject": "' + b"x" * 300_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_without_a_length_is_cut_off_at_256_kb(at_desk: Session) -> None:
    answer = raw(at_desk, (b" " * 16_384 for _ in range(64)))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def slowly(pause: float) -> Any:
    yield b'{"limit": '
    time.sleep(pause)
    yield b'"3 days"}'


def test_a_body_that_drips_in_is_given_up(at_desk: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "PATIENCE", 0.3)
    answer = raw(at_desk, slowly(4.0), "/due")
    assert (answer.status_code, answer.json()["code"]) == (408, "timeout")
    monkeypatch.setattr(security, "PATIENCE", 60.0)
    assert raw(at_desk, slowly(0.05), "/due").status_code == 200


def test_an_upload_that_falls_silent_gives_its_place_back(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = web.sign_in(DESK)
    code = desk.received()
    monkeypatch.setattr(documents, "SILENCE", 0.3)
    monkeypatch.setattr(documents, "_places", threading.BoundedSemaphore(1))
    for _ in range(2):
        answer = desk.attach(code, slowly(4.0))
        assert (answer.status_code, answer.json()["code"]) == (408, "timeout")
    monkeypatch.setattr(documents, "SILENCE", 60.0)
    assert desk.attach(code).status_code == 201


@pytest.mark.parametrize("path", [
    "/dossiers/%00", "/dossiers/%FF%FE", "/dossiers/..%2F..%2Fetc", "/dossiers/H51.02-261123-0001%00", "/documents/x",
    "/dossiers/" + "9" * 5000, "/procedures/%C3%28", "/courier/runs/0", "/courier/runs/-1", "/courier/runs/1e9",
    "/dossiers/H51.02-261123-0001'%20or%201=1--", "/courier/runs?day=9999-99-99", "/courier/runs?day=0001-01-01",
    "/dossiers?search=" + "x" * 201, "/dossiers?search=%00", "/work?late=perhaps", "/dossiers",
])
def test_odd_addresses_are_refused(at_desk: Session, path: str) -> None:
    answer = at_desk.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%%%", "' or ''='", "a" * 200, "🦆🦆", "ngọc%' --", "(((", "ａｂｃ"])
def test_any_text_may_be_searched_for(at_desk: Session, text: str) -> None:
    assert at_desk.get("/dossiers", params={"search": text}).status_code == 200
    assert at_desk.get("/work", params={"search": text}).status_code == 200


def test_the_signs_of_like_mean_themselves(web: Web) -> None:
    session = web.sign_in(DESK)
    session.received(subject="Giảm 50% phí")
    session.received(subject="Hội thảo")
    assert len(session.get("/dossiers", params={"search": "50%"}).json()) == 1
    assert session.get("/dossiers", params={"search": "____"}).json() == []


def test_a_head_larger_than_any_browser_sends_is_refused(at_desk: Session) -> None:
    answer = at_desk.get("/work", headers={"X-Filler": "x" * 100_000})
    assert (answer.status_code, answer.json()["code"]) == (431, "head_too_large")


def test_odd_headers_are_refused_or_ignored(at_desk: Session, closed: Web) -> None:
    for token in ("", "Bearer", "Bearer-x", "Bearer " + "x" * 5000, "bearer x y", "Basic eDp5"):
        assert closed.client(Authorization=token).get("/api/v1/me").status_code == 401
    assert at_desk.get("/me", headers={"Accept-Language": "x" * 4000 + ",,,;q=;,en"}).status_code == 200
    assert at_desk.get("/me", headers={"Accept": "image/png"}).status_code == 200
