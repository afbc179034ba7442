"""The document that describes the interface: complete, with examples that are accepted, not for strangers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import DESK
from tests.api.web import Session, Web, key


@pytest.fixture(scope="module")
def told(closed: Web) -> dict[str, Any]:
    found: dict[str, Any] = closed.sign_in(DESK).get("/openapi.json").json()
    return found


def operations(told: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_strangers_do_not_read_it(closed: Web) -> None:
    assert closed.client().get("/api/v1/openapi.json").status_code == 401
    for path in ("/openapi.json", "/docs", "/redoc"):
        assert closed.client().get(path).status_code == 404


def test_it_describes_the_interface_and_nothing_else(told: dict[str, Any]) -> None:
    assert all(path.startswith("/api/v1/") for path in told["paths"])
    assert len(list(operations(told))) >= 24


def test_every_operation_says_what_it_does_and_how_it_refuses(told: dict[str, Any]) -> None:
    for method, path, operation in operations(told):
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        answers = operation["responses"]
        assert {"401", "422", "503"} <= set(answers), (method, path)
        for status, answer in answers.items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], (method, path, status)


def test_what_was_asked_is_described(told: dict[str, Any]) -> None:
    schemas = told["components"]["schemas"]
    assert "`questions`: what his units were asked" in schemas["DossierView"]["description"]
    assert "`words` is empty where nothing was written" in schemas["QuestionRow"]["description"]
    assert "`words`: what was written with it" in schemas["HandoffView"]["description"]


def test_only_signing_in_is_open(told: dict[str, Any]) -> None:
    assert told["security"] == [{"token": []}]
    assert [path for _, path, operation in operations(told) if operation.get("security") == []] == ["/api/v1/session"]


def test_acts_ask_for_a_key_and_commands_for_a_version(told: dict[str, Any]) -> None:
    def headers(path: str) -> dict[str, bool]:
        return {part["name"]: part["required"] for part in told["paths"][path]["post"]["parameters"]
                if part["in"] == "header"}

    assert headers("/api/v1/dossiers") == {"Idempotency-Key": True}
    assert headers("/api/v1/dossiers/{code}/commands/{event}") == {"Idempotency-Key": True, "If-Match": True}
    assert headers("/api/v1/dossiers/{code}/documents") == {"Idempotency-Key": True}


def test_the_examples_of_the_document_work(told: dict[str, Any], desk: Session, web: Web) -> None:
    parts = told["components"]["schemas"]
    received = desk.post("/dossiers", parts["Submission"]["example"], headers={"Idempotency-Key": key()})
    assert received.status_code == 201, received.text
    assert desk.post("/due", parts["Due"]["example"]).status_code == 200
    assert web.client().post("/api/v1/session", json=parts["SignIn"]["example"]).status_code == 201
    assert set(parts["Problem"]["example"]) == set(parts["Problem"]["properties"])
