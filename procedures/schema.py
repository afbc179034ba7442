"""The JSON Schema (2020-12) of a procedure file, for editors: what may stand where, in both languages.

It knows the shape only. What a declaration must agree on with itself is told when it is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from procedures.declaration import Declaration
from procedures.entry import Entry, Id, Text
from procedures.reading import read, validated

WORDS = Path(__file__).parent / "schema.yaml"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


class Words(Entry):
    """schema.yaml"""

    models: dict[str, Text]
    fields: dict[Id, Text]


@cache
def words() -> Words:
    return validated(Words, read(WORDS.read_text(encoding="utf-8"), str(WORDS)))


def schema() -> Schema:
    """A new copy each time."""
    made: Schema = Declaration.model_json_schema()
    parts: Mapping[str, Schema] = {**made["$defs"], Declaration.__name__: made}
    for name, part in parts.items():
        _describe(part, words().models[name])
        for field, told in part.get("properties", {}).items():
            _describe(told, words().fields[field])
        _close(part)
    return {"$schema": DIALECT, **made}


def _describe(part: Schema, known: Text) -> None:
    part["title"] = f"{known.vi} / {known.en}"
    if "description" in part:
        part["description"] = f"{known.vi}.\n\n{part['description']}"


def _close(part: object) -> None:
    """Keys that no pattern allows are mistakes too."""
    if isinstance(part, dict):
        if "patternProperties" in part:
            part["additionalProperties"] = False
        for inner in part.values():
            _close(inner)
    elif isinstance(part, list):
        for inner in part:
            _close(inner)
