"""How answers are written: straight to bytes, and described for the OpenAPI document."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi.responses import Response

from api.problems import MEDIA_TYPE, TITLES
from procedures.declaration import Text

PREFIX = "/api/v1"
Responses = dict[int | str, dict[str, Any]]
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def answer(value: object, status: int = 200, **headers: str) -> Response:
    """What the response model describes, as JSON; it was typed when it was made and is not validated again."""
    told = {name.replace("_", "-"): text for name, text in headers.items()}
    return Response(orjson.dumps(value, default=_plain), status, told, "application/json")


def _plain(value: object) -> object:
    if isinstance(value, Text):
        return {"vi": value.vi, "en": value.en}
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"not JSON: {type(value).__name__}")


def version_tag(version: int) -> str:
    return f'"{version}"'


def refusals(*statuses: int, reading: bool = False) -> Responses:
    """Every operation may be malformed, unknown to us, or meet a database that is away."""
    common = {401, 422, 503} if reading else {400, 401, 403, 413, 415, 422, 503}
    return {status: {"description": TITLES[status][1], "content": PROBLEM} for status in sorted({*common, *statuses})}


def tagged(description: str) -> dict[str, Any]:
    """A successful answer that carries the dossier's version."""
    return {"description": description,
            "headers": {"ETag": {"description": "the dossier's version", "schema": {"type": "string"}}}}
