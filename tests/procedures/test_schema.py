"""Editors are told the same shape that the reader takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from api.cli import app
from procedures.declaration import LIBRARY, Declaration
from procedures.reading import read
from procedures.schema import schema, words

FILES = [path for path in sorted(LIBRARY.rglob("*.yaml")) if "bundles" not in path.parts]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


def data(text: str) -> Any:
    return read(text, "small.yaml").data


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_of_the_library_fits(validator: Draft202012Validator, path: Path) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(data(path.read_text("utf-8")))]
    assert errors == []


@pytest.mark.parametrize(
    ("written", "instead", "where"),
    [
        ("level: province", "levle: province", "$"),
        ("form: original", "from: original", "$.documents.request"),
        ("limit: 2 working days}", "limt: 2 working days}", "$.machine.processing.examining"),
        ("limit: 5 working days", "limit: five days", "$.limit"),
        ("role: signer", "role: singer", "$.machine.signing.signing.role"),
        ("  guests: {type", "  Khách: {type", "$.facts"),
        ("version: 1", "version: một", "$.version"),
    ],
)
def test_a_mistake_is_found_where_it_is(
    validator: Draft202012Validator, small: str, written: str, instead: str, where: str
) -> None:
    assert not list(validator.iter_errors(data(small)))
    assert written in small
    found = list(validator.iter_errors(data(small.replace(written, instead, 1))))
    assert any(error.json_path.startswith(where) for error in found), [error.json_path for error in found]


def test_every_part_is_named_in_both_languages() -> None:
    made = schema()
    parts = {**made["$defs"], "Declaration": made}
    assert set(parts) == set(words().models)
    for part in parts.values():
        assert " / " in part["title"]
        for field in part.get("properties", {}).values():
            assert " / " in field["title"]
    used = {name for part in parts.values() for name in part.get("properties", {})}
    assert used == set(words().fields)


def test_the_command_prints_it() -> None:
    told = CliRunner().invoke(app, ["procedure", "schema"])
    assert told.exit_code == 0
    printed = json.loads(told.stdout)
    assert printed == schema()
    assert printed["title"].startswith("Thủ tục")
    assert set(Declaration.model_fields) - {"facts"} < set(printed["properties"])


@pytest.mark.parametrize("key", ["conference_permit_local", "funeral_allowance"])
def test_a_procedure_is_shown_step_by_step_branches_of_a_parallel_too(key: str) -> None:
    told = CliRunner().invoke(app, ["procedure", "show", key])
    assert told.exit_code == 0, told.output
    assert "Ý kiến Sở" in told.output or key == "funeral_allowance"
