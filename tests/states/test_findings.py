"""What wants a second look is said without blocking; what nobody could do blocks."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from engine.states.findings import Finding, Severity
from engine.states.soundness import examine
from engine.states.staffing import Staffing, staffing_of
from procedures import province
from procedures.declaration import Declaration, Role, load_library
from tests.states import samples

DESKS = ("H51.21", "H51.22")
DOCUMENT = "documents:\n  plan: {name: {vi: Đề án, en: Plan}, %s}\n"
RESULT_OF = ("documents", "plan", "result_of", "procedure")


def staffed(*, unbound: Iterable[tuple[str, str]] = (), unheld: Iterable[tuple[str, Role]] = ()) -> Staffing:
    """Every party has a unit of its name at every desk, and everybody is there but for these."""
    missing, empty = set(unbound), set(unheld)
    return Staffing(
        desks=DESKS,
        unit_of=lambda party, desk: None if (party, desk) in missing else f"{desk}/{party}",
        held=lambda unit, role: (unit, role) not in empty,
    )


def said(declaration: Declaration, staffing: Staffing | None = None) -> list[Finding]:
    return [one for one in examine(declaration, staffing=staffing).findings if one.code != "step_without_limit"]


def test_the_sample_is_sound_and_nothing_is_said_of_it() -> None:
    report = examine(samples.declared(), staffing=staffed(), known=())
    assert report.findings == ()
    assert report.publishable
    assert report.explored_all


def test_a_party_unbound_at_one_desk_names_the_step_and_the_desk() -> None:
    [finding] = said(samples.declared(), staffed(unbound=[("ppc_clerk", "H51.22")]))
    assert (finding.severity, finding.code) == (Severity.RED, "party_not_bound")
    assert finding.where == ("machine", "signing", "issuing", "party")
    assert "H51.22" in finding.vi
    assert "H51.21" not in finding.vi
    assert "“Phát hành”" in finding.vi


def test_a_role_nobody_holds_may_be_done_by_a_further_role() -> None:
    missing = staffed(unheld=[("H51.21/ppc", Role.SIGNER)])
    [finding] = said(samples.declared(), missing)
    assert (finding.code, finding.where) == ("role_not_held", ("machine", "signing", "signing", "role"))
    also = samples.SIGNING.replace("name: {vi: Ký, en: Signing}", "name: {vi: Ký, en: Signing}, also: [head]")
    assert said(samples.declared(signing=also), missing) == []


def test_without_a_desk_nobody_can_hand_it_in() -> None:
    nowhere = Staffing(desks=(), unit_of=lambda party, desk: "u", held=lambda unit, role: True)
    assert [finding.code for finding in said(samples.declared(), nowhere)] == ["no_desk"]
    elsewhere = samples.declared(more="at_desk: false\n")
    assert said(elsewhere, nowhere) == []


def test_the_demonstration_province_can_do_all_of_the_library() -> None:
    soc_trang = province.load("soc-trang")
    for declaration in load_library().values():
        staffing = staffing_of(soc_trang, declaration)
        assert staffing.desks
        assert not examine(declaration, staffing=staffing).of(Severity.RED), declaration.procedure


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        (DOCUMENT % "when: size > 5 and size < 5", "never_true", ("documents", "plan", "when")),
        (DOCUMENT % "when: a or not a", "always_true", ("documents", "plan", "when")),
        ("confidential_when: channel == 'online'\n", None, None),
        (DOCUMENT % "result_of: {procedure: nowhere}", "unknown_procedure", RESULT_OF),
        ("parties:\n  moon: {vi: Mat Trang tron, en: Moon}\n", "no_diacritics", ("parties", "moon", "vi")),
        ("parties:\n  moon: {vi: The Moon, en: the moon}\n", "same_label", ("parties", "moon")),
        ("parties:\n  moon: {vi: UNESCO, en: UNESCO}\n", None, None),
    ],
)
def test_what_looks_like_a_slip_is_amber(more: str, code: str | None, where: tuple[str, ...] | None) -> None:
    report = examine(samples.declared(more=more), known=())
    assert report.publishable
    assert [(one.severity, one.code, one.where) for one in report.findings] == (
        [(Severity.AMBER, code, where)] if code else []
    )


def test_a_consultation_that_may_ask_nobody_is_noted() -> None:
    maybe = samples.declared(samples.consultation("join: any", {"police": "a", "culture": "b"}))
    assert [(one.severity, one.code) for one in said(maybe)] == [(Severity.NOTE, "nobody_asked")]
    for conditions in ({"police": "a", "culture": "not a"}, {"police": "a", "culture": None}):
        assert said(samples.declared(samples.consultation("join: any", conditions))) == []


def test_steps_that_only_an_impossible_condition_leads_to_are_unreachable() -> None:
    never = samples.PROCESSING.replace("en: Summing up}}", "en: Summing up}, when: a and not a}")
    codes = {(one.severity, one.code) for one in said(samples.declared(never))}
    assert codes == {(Severity.RED, "unreachable"), (Severity.AMBER, "never_true")}


def test_a_circle_is_a_trap_although_the_citizen_could_withdraw() -> None:
    circle = "transitions:\n  - {from: summing_up, on: forward, to: examining}\nswitch_off: [propose_rejection]\n"
    traps = [one for one in said(samples.declared(more=circle)) if one.code == "trap"]
    assert {one.where[-1] for one in traps} >= {"examining", "summing_up", "checking"}
    out = circle.replace("[propose_rejection]", "[stop]")
    assert not [one for one in said(samples.declared(more=out)) if one.code == "trap"]
