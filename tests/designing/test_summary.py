"""A procedure in plain sentences: everything it says is said, in both languages."""

from __future__ import annotations

import pytest

from engine.designing.summary import Section, summary
from procedures.declaration import AtLeast, Declaration, Parallel, Text, load_library, parse
from tests.casework.publishing import COPIES

LIBRARY = load_library()
NAMES = {key: declaration.name for key, declaration in LIBRARY.items()}


def lines(declaration: Declaration, key: str) -> list[str]:
    return [line.vi for section in summary(declaration, NAMES) if section.key == key for line in section.lines]


def everything(sections: list[Section], english: bool) -> str:
    said = [one for section in sections for line in section.lines for one in (line, *line.within)]
    return "\n".join(one.en if english else one.vi for one in said)


@pytest.mark.parametrize("key", sorted(LIBRARY))
def test_every_part_of_a_procedure_is_said_in_both_languages(key: str) -> None:
    declaration = LIBRARY[key]
    for english in (False, True):
        said = everything(summary(declaration, NAMES), english).lower()
        named: list[Text] = [
            *(document.name for document in declaration.documents.values()),
            *(fact.label for fact in declaration.facts.values()), *(fee.name for fee in declaration.fees),
            *(exemption.name for fee in declaration.fees for exemption in fee.exemptions),
            *(step.name for _, _, step in declaration.machine.steps()),
            *(result.name for result in declaration.results.values()), *(owed.name for owed in declaration.obligations),
            *(check.message for check in declaration.checks), declaration.field.name]
        for text in named:
            assert (text.en if english else text.vi).lower() in said
        for line in (*declaration.legal_basis, *declaration.unverified, *(code.code for code in declaration.codes)):
            assert line.lower() in said
        assert "{" not in said


def test_a_small_procedure_in_full() -> None:
    declaration = parse(COPIES, "copies.yaml")
    said = {section.key: [line.vi for line in section.lines] for section in summary(declaration)}
    assert said == {
        "who": ["Người nộp: công dân.",
                "Nộp tại bộ phận Một cửa: cấp xã. Cách nộp: trực tiếp tại bộ phận Một cửa, trực tuyến, "
                "qua bưu chính công ích.",
                "Cơ quan có thẩm quyền: cấp xã. Lĩnh vực: Chứng thực (CT).", "Mã quốc gia: 2.000815, từ 01/01/2020."],
        "facts": ["Số bản: số nguyên từ 1 đến 100.", "Nộp thay: có hoặc không (không bắt buộc)."],
        "documents": ["Bản chính: 1 bản chính.",
                      "Giấy ủy quyền: 1 bản sao, chỉ khi trả lời “có” cho câu “Nộp thay”.", "Số bộ hồ sơ: 1."],
        "fees": ["Phí chứng thực: 2.000 đồng."],
        "limit": ["Thời hạn giải quyết: 2 ngày làm việc kể từ khi nhận đủ hồ sơ hợp lệ.",
                  "Tính theo giờ làm việc kể từ lúc nhận, mỗi ngày làm việc 8 giờ.",
                  "Hồ sơ được yêu cầu bổ sung nhiều nhất 2 lần, thêm nữa phải được lãnh đạo duyệt; sau khi bổ sung, "
                  "thời hạn được tính tiếp phần còn lại."],
        "steps": said["steps"],
        "results": ["Bản sao chứng thực, do người có thẩm quyền ký."],
        "switched_off": ["Thủ tục này không áp dụng: thu hồi khi nơi nhận chưa ký nhận; xin lỗi và hẹn lại ngày trả."],
        "basis": ["Nghị định 23/2015/NĐ-CP"],
    }
    assert said["steps"][0] == "Tiếp nhận. Kiểm tra: Bộ phận Một cửa (tiếp nhận), trong 2 giờ làm việc."
    assert len(said["steps"]) == 6


@pytest.mark.parametrize(("join", "words"), [
    ("all", "Chờ đủ ý kiến của mọi cơ quan được hỏi."), ("any", "Có một ý kiến là chuyển bước tiếp"),
    ("first_negative", "dừng ngay khi có ý kiến không đồng ý. Khi đó hồ sơ chuyển đến “Tổng hợp"),
    (AtLeast(at_least=2), "Đủ 2 ý kiến thì chuyển bước tiếp")])
def test_the_rule_of_a_consultation_in_words(join: object, words: str) -> None:
    declaration = LIBRARY["conference_permit_local"]
    group = declaration.machine.processing["consulting"]
    assert isinstance(group, Parallel)
    changed = group.model_copy(update={"join": join, "negative_to": "synthesis" if join == "first_negative" else None})
    machine = declaration.machine.model_copy(
        update={"processing": {**declaration.machine.processing, "consulting": changed}})
    said = lines(declaration.model_copy(update={"machine": machine}), "steps")
    assert words in next(line for line in said if "hỏi cùng một lúc" in line)


def test_the_right_procedure_is_named_where_it_is_known() -> None:
    said = lines(LIBRARY["conference_permit_local"], "checks")
    assert any(NAMES["conference_permit_pm"].vi in line for line in said)


def test_the_basis_of_a_fee_is_said_once() -> None:
    said = {section.key: section.lines for section in summary(load_library()["construction_permit"])}
    assert said["fees"][0].vi.count("Nghị quyết của Hội đồng nhân dân tỉnh") == 1
