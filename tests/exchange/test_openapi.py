"""The description for implementers says what the code does: real messages fit it, and every refusal is in it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from api.exchange_openapi import PREFIX, REFUSALS, describe
from api.problems import status_of
from engine.errors import LienThongError
from engine.exchange import canonical, envelope, receiving
from engine.exchange.contents import KINDS
from tests.exchange.sides import Pair, consult

TOLD = describe()
DOC = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
KINDS_TABLE = DOC.partition("\n## Kinds")[2].partition("\n## ")[0]


def check(name: str, value: Any) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": TOLD["components"]}).validate(value)


def test_real_messages_and_receipts_fit_and_changed_ones_do_not(pair: Pair) -> None:
    consult(pair.here)
    pair.settle()
    message, = pair.sent()
    told, receipt = json.loads(bytes(message["envelope"])), json.loads(bytes(message["receipt"]))

    check("SignedMessage", told)
    check("SignedReceipt", receipt)
    for wrong in ({"no": 0}, {"no": 2**31 - 1}, {"kind": "poetry"}, {"content": {}}, {"message": "1"}):
        with pytest.raises(ValidationError):
            check("SignedMessage", told | {"body": told["body"] | wrong})


def test_every_refusal_of_the_contract_is_described_with_its_status() -> None:
    table = re.findall(r"^\| (\d{3}) \| (.+?) \|", DOC, re.MULTILINE)
    told = {(int(status), code) for status, codes in table for code in re.findall(r"`([a-z_]+)`", codes)}
    described = {(status, code) for status, (codes, _) in REFUSALS.items() for code in codes}

    assert len(told) == 13
    assert described == told | {(429, "too_many_held"), (429, "too_many_shadows"), (503, "unavailable")}


@pytest.mark.parametrize("refusal", [
    canonical.NotCanonical, envelope.Malformed, envelope.UnknownKey, envelope.RevokedKey, envelope.BadSignature,
    receiving.NotForUs, receiving.NotYours, receiving.Suspended, receiving.OtherContent, receiving.UnknownUnit,
    receiving.UnknownKind, receiving.UnknownHandoff, receiving.TooManyHeld,
    lambda: receiving.contents.BadContent(why="by"),
])
def test_the_code_answers_with_the_described_status(refusal: Callable[[], LienThongError]) -> None:
    met = refusal()
    assert met.code in REFUSALS[status_of(met)][0]


def test_every_route_and_kind_is_described_and_every_reference_leads_somewhere() -> None:
    for place in ("messages", "documents/{sha256}", "identity", "directory", "anchors"):
        assert f"{PREFIX}/{place}" in TOLD["paths"]
    kinds = TOLD["components"]["schemas"]["MessageBody"]["properties"]["kind"]["enum"]
    assert set(kinds) == set(KINDS) == set(re.findall(r"^\| `([a-z_]+)` \| ", KINDS_TABLE, re.MULTILINE))
    for reference in re.findall(r'"\$ref": "#/components/(\w+)/([\w-]+)"', json.dumps(TOLD)):
        assert reference[1] in TOLD["components"][reference[0]]


def test_it_is_served_to_anyone(pair: Pair) -> None:
    answer = httpx.get(f"{pair.here.url}{PREFIX}/openapi.json")

    assert answer.status_code == 200
    assert answer.json() == TOLD
