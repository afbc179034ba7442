"""A procedure file is accepted whole, or every fault is named with its file, its line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from procedures.declaration import (
    Declaration,
    DeclarationError,
    Fault,
    canonical,
    content_hash,
    load,
    load_library,
    parse,
    restore,
)

SPOILED = [
    # what is written, what instead, where the fault must be, what its message must say
    ("level: province", "levl: province", "levl: province", "there is no “levl” here; allowed: procedure, version"),
    ("level: province", "level: district", "level: district", "'ministry', 'province' or 'commune'"),
    ("role: signer", "role: chairman", "role: chairman", "'receptionist', 'officer', 'head', 'signer'"),
    ("role: signer, name", "role: officer, name", "signing: {party", "head, signer, clerk"),
    ("role: signer, name", "role: head, name", "  signing:", "one step must sign"),
    ("version: 1", "version: one", "version: one", "valid integer"),
    ("version: 1\n", "", "procedure: small", "“version” is missing"),
    ("limit: 5 working days", "limit: soon", "limit: soon", "working days?"),
    ("limit: 5 working days\n", "", "procedure: small", "no limit: say why"),
    ("party: chair,", "party: Chair,", "party: Chair,", "a-z"),
    ("    synthesis:", "    farmers:", "    farmers: {party: lead", "used twice or reserved"),
    ("    synthesis:", "    stopped:", "    stopped:", "used twice or reserved"),
    ("    synthesis:", "    police_done:", "    police_done:", "used twice or reserved"),
    ("    synthesis:", "    syn__thesis:", "    syn__thesis:", "two underscores"),
    (
        "when: guests > 0",
        "when: gusts > 0",
        "when: gusts > 0",
        "there is no fact “gusts”; there are: channel, day, guests, topic",
    ),
    ("when: guests > 0", "when: len(guests)", "when: len(guests)", "only names of facts, constants"),
    ("topic == 'farming'", "topic == 'faming'", "topic == 'faming'", "the answer to “Topic” can never be “faming”"),
    ("guests == 0,", "guests == 'none',", "guests == 'none',", "the answer to “Guests” can never be “none”"),
    ("guests > 5", "day > 5", "when: day > 5", "the answer to “Day” can never be “5”"),
    ("to: synthesis", "to: nowhere", "to: nowhere", "there are: examining, consulting, synthesis, signing"),
    ("from: examining", "from: police", "from: police", "no step “police”"),
    ("on: skip", "on: withdraw", "on: withdraw", "does not let “withdraw” be moved"),
    ("on: skip", "on: approve", "on: approve", "does not let “approve” be moved"),
    (", name: {vi: Bỏ qua, en: Skip}", "", "on: skip", "an own event needs a name"),
    ("to: synthesis", "to: examining", "to: examining", "must lead to another step"),
    ("after: day", "after: guests", "after: guests", "must be a fact of type date: day"),
    ("min: 0", "choices: {a: {vi: Á, en: A}}", "choices: {a", "choices go with type choice"),
    ("at_least_days_ahead: 30", "min: 3", "day: {type: date", "for integers only"),
    ("type: integer", "type: text", "guests: {type", "for integers only"),
    ("valid_from: 2026-01-01", "valid_from: yesterday", "valid_from: yesterday", "valid date"),
    ("valid_from: 2026-01-01", "valid_from: 2026-01-02, valid_to: 2026-01-01", "valid_to", "ends before it begins"),
    ('"1.000001"', '"1.0001"', '"1.0001"', "pattern"),
    ("name: {vi: Đơn, en: Request}", "name: {en: Request}", "name: {en: Request}", "“vi” is missing"),
    ("name: {vi: Đơn, en: Request}", "name: {vi: '', en: Request}", "name: {vi: ''", "at least 1 character"),
    ("channels: [direct]", "channels: [direct]\nswitch_off: [accept]", "switch_off", "'refuse', 'request_supplement'"),
    (
        "channels: [direct]",
        "channels: [direct]\nswitch_off: [return_at_counter, send_by_post, return_electronically]",
        "switch_off",
        "one way to return the result must remain",
    ),
    ("role: officer, name: {vi: Thẩm", "event: sign, role: officer, name: {vi: Thẩm", "event: sign", "an own event"),
    (
        "role: officer, name: {vi: Thẩm",
        "event: look, role: officer, name: {vi: Thẩm",
        "event: look",
        "needs event_name",
    ),
    ("    examining:", "    consulting2:", "on: skip", "no step “examining”"),
    ("guests:", "guests: 1\n  guests:", "  guests: {type", "repeated or odd key: guests"),
    ("legal_basis: [Luật]", "legal_basis: [Luật", "level: province", "this is not YAML"),
    ("legal_basis: [Luật]", "legal_basis: &a [Luật]\nunverified: *a", "legal_basis", "no aliases"),
    ("legal_basis: [Luật]", "legal_basis: Luật", "legal_basis: Luật", "valid tuple"),
]


@pytest.mark.parametrize(("written", "instead", "line", "message"), SPOILED)
def test_a_fault_names_file_line_and_what_is_allowed(
    small: str, written: str, instead: str, line: str, message: str
) -> None:
    assert written in small
    text = small.replace(written, instead, 1)
    expected = next(at for at, content in enumerate(text.splitlines(), 1) if line in content)
    with pytest.raises(DeclarationError) as refused:
        parse(text, "small.yaml")
    faults = refused.value.faults
    assert all(fault.file == "small.yaml" for fault in faults)
    assert any(fault.line == expected and message in fault.en for fault in faults), str(refused.value)
    assert all(fault.vi and fault.vi != "không hợp lệ" for fault in faults), str(refused.value)
    assert f"small.yaml:{expected}:" in str(refused.value)


def test_every_fault_is_reported_at_once(small: str) -> None:
    text = small.replace("level: province", "level: district").replace("role: signer", "role: chairman")
    with pytest.raises(DeclarationError) as refused:
        parse(text, "small.yaml")
    assert len(refused.value.faults) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just words",
        "{",
        "[" * 2000,
        "a: " * 500,
        "\x00",
        "- " * 3000,
        "x" * 300_000,
        "a: !!python/object:x {}",
    ],
)
def test_what_is_no_procedure_at_all_is_refused(text: str) -> None:
    with pytest.raises(DeclarationError):
        parse(text, "odd.yaml")


def test_tags_make_nothing_happen(small: str) -> None:
    text = small.replace("legal_basis: [Luật]", "legal_basis: !!python/object/apply:os.getcwd [Luật]")
    assert parse(text, "small.yaml").legal_basis == ("Luật",)


def test_a_consultation_may_not_be_first_because_nobody_would_lead(small: str) -> None:
    text = small.replace(next(line for line in small.splitlines(keepends=True) if "examining: {party" in line), "")
    with pytest.raises(DeclarationError, match="must be a single step"):
        parse(text.replace("from: examining", "from: synthesis").replace("to: synthesis", "to: signing"), "small.yaml")


def test_a_declaration_cannot_be_changed(small: str) -> None:
    declaration = parse(small, "small.yaml")
    with pytest.raises(ValidationError):
        setattr(declaration, "version", 2)  # noqa: B010


def test_the_hash_depends_on_content_and_order_only(small: str) -> None:
    declaration = parse(small, "small.yaml")
    commented = parse("# a remark\n" + small.replace("limit: 5 working days", "limit: '5 working days'"), "other.yaml")
    spelled_out = parse(small + "count_mode: DAY\nunverified: []\n", "small.yaml")
    assert content_hash(declaration) == content_hash(commented) == content_hash(spelled_out)
    assert content_hash(declaration) != content_hash(parse(small.replace("2 working", "3 working"), "small.yaml"))


def test_the_order_of_steps_is_part_of_the_content(small: str) -> None:
    lines = small.splitlines(keepends=True)
    police = next(at for at, line in enumerate(lines) if "police: {party" in line)
    lines[police], lines[police + 1] = lines[police + 1], lines[police]
    assert content_hash(parse("".join(lines), "small.yaml")) != content_hash(parse(small, "small.yaml"))


def test_what_is_stored_can_be_read_back(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        again = restore(canonical(declaration))
        assert again == declaration
        assert canonical(again) == canonical(declaration)


def test_the_same_procedure_twice_is_refused(tmp_path: Path, small: str) -> None:
    (tmp_path / "a.yaml").write_text(small, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(small, encoding="utf-8")
    assert load(tmp_path / "a.yaml").procedure == "small"
    with pytest.raises(DeclarationError, match="declared twice"):
        load_library(tmp_path)


def test_bundles_are_left_to_their_own_loader(tmp_path: Path, small: str) -> None:
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "a.yaml").write_text("anything", encoding="utf-8")
    (tmp_path / "a.yaml").write_text(small, encoding="utf-8")
    assert list(load_library(tmp_path)) == ["small"]


def test_a_fault_reads_as_one_line() -> None:
    fault = Fault("a.yaml", 3, "machine.signing", "sai", "wrong")
    assert str(fault) == "a.yaml:3: machine.signing: sai / wrong"
