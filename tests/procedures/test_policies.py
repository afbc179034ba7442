"""Rules have dates, a legal basis, and one value on every day."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from procedures import policies
from procedures.declaration import DeclarationError
from procedures.words import AfterSupplement, Channel

TODAY = date(2026, 11, 20)


@pytest.fixture
def spoiled(tmp_path: Path) -> Path:
    copy = tmp_path / "national.yaml"
    copy.write_text(policies.NATIONAL.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def test_all_thirty_rules_are_there(spoiled: Path) -> None:
    ids = [rule.id for rule in policies.load()]
    assert [name for name in ids if name.startswith("R")] == [f"R{number}" for number in range(1, 31)]
    assert len(ids) == len(set(ids))


def test_the_values_of_the_law_today() -> None:
    now = policies.at(TODAY)
    assert now.cutoff == time(15, 0)
    assert (now.max_supplement, now.max_reappoint, now.apology_lead_days) == (1, 1, 1)
    assert now.after_supplement_at_appraisal is AfterSupplement.RESTART
    assert now.return_notice == "3 working days"
    assert set(now.channels) == set(Channel)
    assert now.gather_window == "4 working hours"


def test_decree_61_is_verified_and_its_successor_is_not() -> None:
    for rule in policies.load():
        old, new = rule.on(date(2024, 5, 6)), rule.on(TODAY)
        assert old is not None
        assert new is not None
        if rule.id.startswith("R"):
            assert not old.unverified
            assert new.unverified
            assert old.valid_to is not None
            assert old is not new
        else:
            assert rule.practice or new.unverified


def test_the_last_day_of_a_decree_is_its_own() -> None:
    (rule,) = [rule for rule in policies.load() if rule.id == "R8"]
    last, first = rule.on(date(2025, 6, 30)), rule.on(date(2025, 7, 1))
    assert last is not None
    assert first is not None
    assert "61/2018" in last.basis
    assert "118/2025" in first.basis


def test_a_new_value_holds_from_its_day(spoiled: Path) -> None:
    text = spoiled.read_text(encoding="utf-8")
    old = '        basis: "Nghị định 118/2025/NĐ-CP (thay Nghị định 61/2018/NĐ-CP, Điều 18)"\n'
    new = '        valid_to: 2026-12-31\n' + old
    later = "      - {valid_from: 2027-01-01, basis: Nghị định mới, values: {cutoff: \"16:30\"}}\n"
    head, tail = text.replace(old, new).split("  - id: R9\n")
    spoiled.write_text(f"{head}{later}  - id: R9\n{tail}", encoding="utf-8")
    assert policies.at(date(2026, 12, 31), spoiled).cutoff == time(15, 0)
    assert policies.at(date(2027, 1, 1), spoiled).cutoff == time(16, 30)


def test_before_the_rules_begin_there_are_none() -> None:
    with pytest.raises(policies.NoPolicies, match="05/01/2019"):
        policies.at(date(2019, 1, 5))
    assert policies.at(date(2019, 1, 6)).slip_size == "A5"


@pytest.mark.parametrize(
    ("written", "instead", "line", "message"),
    [
        ('        basis: "Nghị định 61/2018/NĐ-CP, Điều 18"\n', "", 'valid_from: 2018-06-21', "“basis” is missing"),
        ("valid_to: 2025-06-30", "valid_to: 2025-07-01", "valid_from: 2025-07-01", "R1: overlaps the period before it"),
        ("valid_to: 2025-06-30", "valid_to: 2018-01-01", "valid_from: 2018-06-21", "ends before it begins"),
        ("{max_supplement: 1}", "{max_supplement: nhiều}", "max_supplement: nhiều", "valid integer"),
        ("{max_supplement: 1}", "{max_suplement: 1}", "max_suplement", "no parameter “max_suplement”"),
        ("{max_supplement: 1}", "{code_on_slip: true}", "code_on_slip: true", "already"),
        ("cutoff: \"15:00\"", "cutoff: \"25:00\"", "25:00", "time"),
        ("id: R2\n", "id: R1\n", "id: R1", "R1 is there twice"),
    ],
)  # fmt: skip
def test_a_fault_names_file_and_line(spoiled: Path, written: str, instead: str, line: str, message: str) -> None:
    text = spoiled.read_text(encoding="utf-8")
    assert written in text
    spoiled.write_text(text.replace(written, instead, 1), encoding="utf-8")
    with pytest.raises(DeclarationError) as refused:
        policies.load(spoiled)
    content = spoiled.read_text(encoding="utf-8").splitlines()
    assert any(
        fault.file == str(spoiled) and line in content[fault.line - 1] and message in fault.en
        for fault in refused.value.faults
    ), str(refused.value)
