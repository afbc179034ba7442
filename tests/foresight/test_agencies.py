"""What agencies have for their steps, against the steps themselves and the statutory limit."""

from __future__ import annotations

import pytest

from engine.foresight.agencies import agency_findings, runs
from procedures.declaration import LIBRARY, Declaration, parse

TEXT = (LIBRARY / "conferences" / "conference_permit_local.yaml").read_text(encoding="utf-8")


def with_limits(*rules: str) -> Declaration:
    """The lead examines (2 days) and sums up (2 days) with the consultation between; signing is another party's."""
    listed = ", ".join(f"{{party: {party}, limit: {limit}}}" for party, limit in (rule.split("=") for rule in rules))
    supplement = "supplement: {max: 1}\n"
    return parse(TEXT.replace(supplement, f"{supplement}agency_limits: [{listed}]\n"), "t.yaml")


def codes(declaration: Declaration) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(finding.code, finding.where) for finding in agency_findings(declaration)]


def test_a_consultation_divides_the_steps_of_the_lead() -> None:
    assert [run.steps for run in runs(with_limits("lead=3 working days", "ppc=4 working days"))] == [
        ("examining",), ("synthesis",), ("reviewing", "signing")]


def test_steps_that_fill_more_than_their_agency_has_are_told_with_the_sum() -> None:
    (finding,) = agency_findings(with_limits("ppc=1 working day"))

    assert (finding.code, finding.where) == ("agency_limit_short", ("agency_limits", 0, "limit"))
    assert "2 ngày làm việc" in finding.vi


@pytest.mark.parametrize(("limit", "told"), [("3 working days", []), ("60 working days", ["agency_limits_exceed"])])
def test_agencies_that_have_more_than_the_law_gives_are_told(limit: str, told: list[str]) -> None:
    assert [code for code, _ in codes(with_limits(f"lead={limit}"))] == told


def test_without_limits_of_agencies_there_is_nothing_to_say() -> None:
    assert codes(parse(TEXT, "t.yaml")) == []
