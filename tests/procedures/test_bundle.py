"""What a bundle file may say, and that every fault names its file and line."""

from __future__ import annotations

import pytest

from procedures import bundle
from procedures.bundle import DeclarationError, content_hash, parse, restore
from procedures.declaration import Channel, Declaration, load_library

LIBRARY = load_library()
TEXT = """\
bundle: sample
version: 1
name: {vi: Mẫu, en: Sample}
legal_basis: [Nghị định]
received_at: [commune]
channels: [direct]
parts:
  first: {procedure: birth_registration, on_refuse: stop_all}
  second: {procedure: residence_registration, after: {first: result}}
"""


def faults(text: str, known: dict[str, Declaration] = LIBRARY) -> list[tuple[int, str]]:
    with pytest.raises(DeclarationError) as refused:
        parse(text, "mau.yaml", known)
    return [(fault.line, fault.vi) for fault in refused.value.faults]


def test_the_library_has_the_three_bundles_and_they_agree_with_its_procedures() -> None:
    found = bundle.load_bundles(known=LIBRARY)
    assert set(found) == {"land_certificate", "birth", "death"}
    assert found["birth"].order == ("registration", "residence", "health_card", "identity_card")


def test_content_comes_back_from_what_is_stored() -> None:
    for found in bundle.load_bundles(known=LIBRARY).values():
        assert restore(bundle.canonical(found).decode()) == found
        assert len(content_hash(found)) == 64


def test_parts_that_wait_for_each_other_are_refused() -> None:
    text = TEXT.replace("on_refuse: stop_all", "after: {second: decided}")
    assert faults(text) == [(8, "các phần chờ lẫn nhau, không phần nào bắt đầu được: first, second")]


def test_a_part_that_waits_for_what_no_part_is_is_refused() -> None:
    ((line, words),) = faults(TEXT.replace("after: {first: result}", "after: {third: result}"))
    assert line == 9
    assert "“third”" in words


def test_an_unknown_procedure_is_refused() -> None:
    assert faults(TEXT.replace("residence_registration", "moon_registration")) == [
        (9, "không có thủ tục “moon_registration”")]


def test_a_shared_question_of_two_types_is_refused() -> None:
    other = LIBRARY["residence_registration"]
    changed = other.model_copy(update={"facts": {
        **other.facts, "date_of_birth": other.facts["child_name"]}})
    assert faults(TEXT, {**LIBRARY, "residence_registration": changed}) == [
        (9, "dữ kiện “date_of_birth” khác kiểu với phần “first”")]


def test_a_result_that_no_part_produces_is_refused() -> None:
    other = LIBRARY["residence_registration"]
    paper = other.documents["birth_certificate"]
    assert paper.result_of is not None
    lost = paper.model_copy(update={"result_of": paper.result_of.model_copy(update={"result": "moon"})})
    changed = other.model_copy(update={"documents": {**other.documents, "birth_certificate": lost}})
    ((line, words),) = faults(TEXT, {**LIBRARY, "residence_registration": changed})
    assert line == 9
    assert "“moon”" in words


def test_a_channel_that_a_part_does_not_know_is_refused() -> None:
    desk_only = LIBRARY["residence_registration"].model_copy(update={"channels": (Channel.DIRECT,)})
    found = faults(TEXT.replace("[direct]", "[direct, online]"), {**LIBRARY, "residence_registration": desk_only})
    assert [line for line, _ in found] == [9]


def test_a_condition_that_cannot_be_read_is_refused() -> None:
    text = TEXT.replace("after: {first: result}", "after: {first: result}, when: moon == 1")
    assert [line for line, _ in faults(text)] == [9]


@pytest.mark.parametrize("change", [("first: result", "first: perhaps"), ("stop_all", "stop_some"),
                                    ("version: 1", "version: 1\ncolour: red"), ("channels: [direct]", "channels: []")])
def test_words_that_are_not_known_are_refused(change: tuple[str, str]) -> None:
    assert faults(TEXT.replace(*change))
