"""The protocol between installations as an OpenAPI document, for whoever implements it: docs/exchange.md in short.

Made of the very models that check what comes in, so that it cannot say anything else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from fastapi import Response
from pydantic.json_schema import models_json_schema

from api.context import Anybody, Counter, anyone
from engine.exchange.contents import KINDS
from engine.exchange.envelope import LARGEST, MODELS, PROTOCOL
from engine.exchange.receiving import LARGEST_NO

PREFIX = "/exchange/v1"
router = Counter(prefix=PREFIX, include_in_schema=False)

ABOUT = """Signed messages between installations that hand dossiers to each other. The contract is docs/exchange.md:
canonical bytes, what is signed, order, receipts, retries. Every body is a signed thing in canonical JSON; its signature
is Ed25519 over `lienthong-exchange/1`, a line end, the type of the body, a line end, and the canonical bytes of
`{"body": …, "key": …}`. Keys are handed over outside the line. Test yours with `lienthong agency conformance`."""

REFUSALS: dict[int, tuple[tuple[str, ...], str]] = {
    400: (("malformed",), "Not canonical, not this protocol, a member missing or of another type. Do not retry."),
    401: (("unknown_key", "revoked_key", "bad_signature"), "Sign with a newer key if there is one, else stop."),
    403: (("not_for_us", "not_yours", "suspended"), "Do not retry."),
    409: (("other_content",), "The same message, or the same number, came before with other bytes. Do not retry."),
    413: (("too_large",), f"More than {LARGEST} bytes. Do not retry."),
    422: (("unknown_unit", "unknown_kind", "unknown_handoff", "invalid"), "Do not retry."),
    429: (("too_many_held", "too_many_shadows"), (
        "An earlier message of the lane is missing, and a hundred wait for it; or too many dossiers were told of today "
        "that nobody handed over. Try again.")),
    503: (("unavailable",), "Try again, with growing pauses, for ever."),
}


@router.get("/openapi.json")
@anyone
def openapi(visitor: Anybody) -> Response:
    """There is nothing secret in it."""
    return Response(_written(), media_type="application/json")


@lru_cache
def _written() -> bytes:
    return orjson.dumps(describe())


def describe() -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Liên Thông: exchange between installations", "version": "1", "description": ABOUT},
        "paths": {
            f"{PREFIX}/messages": {"post": _posting(
                "Take a message in", "message", "receipt", (400, 401, 403, 409, 413, 422, 429, 503),
                "Stored before the receipt goes out. The same bytes again give a receipt `duplicate`; a message ahead "
                "of a missing one gives `held`, with the number that is missing in `expected`.")},
            f"{PREFIX}/anchors": {"post": _posting(
                "Keep an anchor", "anchor", "receipt", (400, 401, 403, 409, 413, 503),
                "Kept for ever. `message` of the receipt is null and `no` the anchor's.")},
            f"{PREFIX}/identity": {"get": _asking("Who this is", "identity", (503,), signed=False)},
            f"{PREFIX}/directory": {"get": _asking("Agencies and units that work here", "directory",
                                                   (400, 401, 403, 503))},
            f"{PREFIX}/documents/{{sha256}}": {"get": _document()},
        },
        "components": {"schemas": _schemas(), "parameters": {"Exchange-Request": {
            "name": "Exchange-Request", "in": "header", "required": True, "schema": {"type": "string"},
            "description": "A signed thing of type `request` (schema SignedRequest), base64url without padding; `path` "
                           "is path and query as they are asked for."}}},
    }


def _posting(summary: str, takes: str, gives: str, refusals: tuple[int, ...], told: str) -> dict[str, Any]:
    return {"summary": summary, "description": told, "operationId": f"post_{takes}",
            "requestBody": {"required": True, "content": _signed(takes)},
            "responses": {"200": {"description": "A signed receipt for these bytes.", "content": _signed(gives)},
                          **_refused(refusals)}}


def _asking(summary: str, gives: str, refusals: tuple[int, ...], *, signed: bool = True) -> dict[str, Any]:
    return {"summary": summary, "operationId": f"get_{gives}",
            "parameters": [{"$ref": "#/components/parameters/Exchange-Request"}] if signed else [],
            "responses": {"200": {"description": summary, "content": _signed(gives)}, **_refused(refusals)}}


def _document() -> dict[str, Any]:
    octets: dict[str, Any] = {"content": {"application/octet-stream": {}}}
    return {
        "summary": "The bytes of a document", "operationId": "get_document",
        "description": "Only documents that a message to the asking installation names. Hash what you got; take "
                       "nothing whose bytes do not match.",
        "parameters": [
            {"$ref": "#/components/parameters/Exchange-Request"},
            {"name": "sha256", "in": "path", "required": True,
             "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            {"name": "message", "in": "query", "required": True, "schema": {"type": "string", "format": "uuid"}},
            {"name": "Range", "in": "header", "required": False, "schema": {"type": "string"},
             "description": "At most one range of bytes, to resume."}],
        "responses": {"200": {"description": "All of it.", **octets}, "206": {"description": "The range.", **octets},
                      "404": {"description": "No such document in a message to you; with the code document_gone: "
                                             "promised, but its bytes are lost."},
                      "416": {"description": "Past the end."},
                      "422": {"description": "No hash, or no id of a message."}, **_refused((400, 401, 403, 503))}}


def _signed(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/Signed{name.capitalize()}"}}}


def _refused(statuses: tuple[int, ...]) -> dict[str, Any]:
    return {str(status): {"description": REFUSALS[status][1], "content": {"application/problem+json": {"schema": {
        "type": "object", "required": ["code", "title", "detail"], "properties": {
            "code": {"type": "string", "enum": list(REFUSALS[status][0])}, "title": {"type": "string"},
            "detail": {"type": "string"}}}}}} for status in statuses}


def _schemas() -> dict[str, Any]:
    bodies, contents = list(MODELS.values()), list(KINDS.values())
    placed, told = models_json_schema([(model, "validation") for model in dict.fromkeys([*bodies, *contents])],
                                      ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = told["$defs"]
    for kind, model in MODELS.items():
        schemas[f"Signed{kind.capitalize()}"] = {
            "type": "object", "additionalProperties": False, "required": ["body", "key", "signature"], "properties": {
                "body": placed[model, "validation"], "key": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                "signature": {"type": "string", "pattern": "^[0-9a-f]{128}$"}}}
    schemas["MessageBody"]["allOf"] = [
        {"if": {"properties": {"kind": {"const": kind}}},
         "then": {"properties": {"content": placed[model, "validation"]}}}
        for kind, model in KINDS.items()]
    schemas["MessageBody"]["properties"]["kind"] = {"type": "string", "enum": list(KINDS)}
    schemas["MessageBody"]["properties"]["no"]["maximum"] = LARGEST_NO
    schemas["MessageBody"]["description"] += f" Protocol {PROTOCOL}."
    return schemas
