"""What changed, in words: nothing is overlooked, nothing is made up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel

from engine.designing.differences import Kind, differences
from engine.designing.field_names import FIELDS
from procedures import declaration as d
from procedures.declaration import Declaration, Text, load_library, parse
from procedures.entry import Entry
from tests.casework.publishing import COPIES

LIBRARY = load_library()
# What a field that is left out may hold instead.
GIVEN: dict[str, Any] = {
    "when": "channel == 'online'", "confidential_when": "channel == 'post'", "limit": "7 days", "valid_for": "6 months",
    "event": "own_act", "event_name": Text(vi="Việc riêng", en="Own act"), "external": Text(vi="Bộ", en="Ministry"),
    "asset": "certificate", "kind": "identity_paper", "template": "Mẫu 09", "result": "permit",
    "result_of": d.ResultOf(procedure="other"), "choices": {"yes": Text(vi="Có", en="Yes")}, "min": 3, "max": 9,
    "at_least_days_ahead": 5, "basis": "Nghị định 1/2030/NĐ-CP", "fact": "topic", "right_procedure": "other_one",
    "per": "copies", "count_mode": d.CountMode.HOUR, "limit_note": Text(vi="Ghi chú", en="Note"),
    "within": "17 days", "after": d.AfterSupplement.RESUME,
    "negative_to": "synthesis", "name": Text(vi="Tên khác", en="Another name"), "valid_to": date(2040, 1, 1),
}
ENTRIES: dict[str, Any] = {
    "codes": d.Code(code="9.999999", valid_from=date(2030, 1, 1)), "checks": d.Check(
        when="channel == 'post'", basis="Luật", message=Text(vi="Không được", en="Not allowed")),
    "fees": d.Fee(name=Text(vi="Phí mới", en="New fee"), amount=1), "limit_cases": d.LimitCase(
        when="channel == 'post'", limit="9 days"),
    "exemptions": d.Exemption(name=Text(vi="Hộ nghèo", en="Poor"), when="channel == 'post'", basis="Luật"),
    "obligations": d.Obligation(name=Text(vi="Báo cáo", en="Report"), within="9 days", after="topic"),
    "transitions": d.Transition.model_validate({"from": "here", "on": "go", "to": "there"}),
    "agency_limits": d.AgencyLimit(party="lead", limit="9 days"),
    "documents": d.RequiredDocument(name=Text(vi="Giấy mới", en="New paper")),
    "facts": d.Fact(type=d.FactType.TEXT, label=Text(vi="Câu hỏi mới", en="New question")),
    "results": d.Result(name=Text(vi="Kết quả mới", en="New result")), "parties": Text(vi="Vai mới", en="New party"),
    "choices": Text(vi="Lựa chọn mới", en="New choice"), "substitutes": Text(vi="Giấy thay", en="Instead"),
    "also": d.Role.HEAD, "remind": "9 days", "received_at": d.Level.MINISTRY, "subjects": d.Subject.PERSON,
    "channels": d.Channel.POST, "switch_off": d.Switch.RECALL, "aliases": "X", "legal_basis": "Luật mới",
    "unverified": "Một điểm mới", "parallel": d.Branch(party="new", role=d.Role.OFFICER,
                                                       name=Text(vi="Ý kiến mới", en="New opinion")),
}
PHASES = ("reception", "processing", "signing", "return_")
STEP = d.Step(party="new_party", role=d.Role.OFFICER, name=Text(vi="Bước mới", en="New step"))


def others(name: str, value: Any) -> Iterator[Any]:  # noqa: C901 - one line a kind of value
    """Values that differ from this one: changed somewhere, more, fewer, in another order."""
    match value:
        case None:
            if name in GIVEN:
                yield GIVEN[name]
        case bool():
            yield not value
        case int():
            yield value + 1
        case StrEnum():
            yield next(member for member in type(value) if member != value)
        case str():
            yield "17 days" if name in ("limit", "within", "valid_for") else f"{value}_x"
        case date():
            yield value + timedelta(days=1)
        case BaseModel():
            yield from changed(value)
        case Mapping():
            yield from _other_maps(name, value)
        case tuple():
            yield from _other_tuples(name, value)


def _other_maps(name: str, value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, member in value.items():
        for other in others(name, member):
            yield {**value, key: other}
        yield {one: found for one, found in value.items() if one != key}
    yield {**value, "something_new": STEP if name in PHASES else ENTRIES[name]}
    if len(value) > 1:
        yield dict(reversed(value.items()))


def _other_tuples(name: str, value: tuple[Any, ...]) -> Iterator[Any]:
    if name == "limit":
        yield (*value, "3 days")
        return
    for at, member in enumerate(value):
        for other in others(name, member):
            if other not in value:
                yield (*value[:at], other, *value[at + 1:])
        yield value[:at] + value[at + 1:]
    if ENTRIES[name] not in value:
        yield (*value, ENTRIES[name])
    if len(set(map(repr, value))) > 1:
        yield value[::-1]


def changed(model: BaseModel) -> Iterator[BaseModel]:
    """This model with one thing in it another, without asking whether it still makes sense."""
    for name in type(model).model_fields:
        for other in others(name, getattr(model, name)):
            yield model.model_copy(update={name: other})


def test_equal_declarations_differ_in_nothing() -> None:
    for key, declaration in LIBRARY.items():
        again = d.restore(d.canonical(declaration))
        assert differences(declaration, again) == [], key


@pytest.mark.parametrize("key", ["birth_registration", "conference_permit_local", "funeral_allowance", "test_copies"])
def test_whatever_changes_is_told_in_both_languages(key: str) -> None:
    declaration = LIBRARY.get(key) or parse(COPIES, "copies.yaml")
    count = 0
    for other in changed(declaration):
        assert isinstance(other, Declaration)
        found = differences(declaration, other)
        assert found, d.canonical(other).decode()
        assert differences(other, declaration), "seen from the other side too"
        for difference in found:
            assert difference.text.vi.strip(" .")
            assert difference.text.en.strip(" .")
            assert not re.search("(từ|thành|:) None", difference.text.vi)
        count += 1
    assert count > 100


def test_every_field_of_the_vocabulary_has_a_name() -> None:
    for kind, names in FIELDS.items():
        assert set(names) == set(kind.model_fields), kind
    described = {d.Machine, d.AtLeast, d.ResultOf, Text}  # told as a whole
    entries = {found for found in vars(d).values() if isinstance(found, type) and issubclass(found, Entry)}
    assert entries - described - {Entry} <= set(FIELDS)


OLD = LIBRARY["conference_permit_local"]


def told(**update: Any) -> list[str]:
    return [found.text.vi for found in differences(OLD, OLD.model_copy(update=update))]


def with_step(key: str, **update: Any) -> d.Machine:
    step = OLD.machine.processing[key].model_copy(update=update)
    return OLD.machine.model_copy(update={"processing": {**OLD.machine.processing, key: step}})


def test_words_of_common_changes() -> None:
    assert told(machine=with_step("examining", limit="3 working days")) == [
        "Thời hạn của bước “Thẩm định hồ sơ” đổi từ 2 ngày làm việc thành 3 ngày làm việc."]
    assert told(machine=with_step("consulting", join="any")) == [
        "Cách chờ ý kiến của nhóm lấy ý kiến “Lấy ý kiến các cơ quan” đổi từ chờ đủ mọi ý kiến "
        "thành chỉ cần một ý kiến."]
    processing = {**OLD.machine.processing, "weighing": STEP}
    assert told(machine=OLD.machine.model_copy(update={"processing": processing})) == [
        "Thêm bước “Bước mới” sau “Tổng hợp ý kiến, dự thảo văn bản trả lời”."]
    assert told(fees=(ENTRIES["fees"],)) == ["Thêm khoản thu “Phí mới”."]
    assert told(limit=None) == ["Bỏ thời hạn giải quyết (trước là 20 ngày làm việc)."]


def test_a_step_that_moves_is_told_once_and_not_as_removed() -> None:
    signing = OLD.machine.signing
    moved = {key: signing[key] for key in ("signing", "issuing", "reviewing")}
    found = differences(OLD, OLD.model_copy(update={"machine": OLD.machine.model_copy(update={"signing": moved})}))
    assert [(one.kind, one.text.vi) for one in found] == [
        (Kind.CHANGED, "Bước “Chánh Văn phòng xem xét” chuyển sau “Văn thư cấp số, phát hành”.")]


def test_another_id_for_the_same_paper_is_a_change_of_its_id() -> None:
    documents = {("the_plan" if key == "plan" else key): one for key, one in OLD.documents.items()}
    assert told(documents=documents) == [
        "Mã của giấy tờ “Đề án tổ chức (Mẫu số 01)” đổi từ “plan” thành “the_plan”."]


def test_english_words_that_change_alone_are_told_as_such() -> None:
    name = OLD.name.model_copy(update={"en": "A permit"})
    found = differences(OLD, OLD.model_copy(update={"name": name}))
    assert len(found) == 1
    assert "(bản tiếng Anh)" in found[0].text.vi
    assert "A permit" in found[0].text.vi
