"""What the portal asks of each field. What does not fit is an exception for a person: never cut, never filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.portal.fields import ID_NUMBER
from procedures.declaration import Text
from procedures.entry import text

Fault = dict[str, str]

INSTANT = re.compile(r"^\d{14}$")
CODE = re.compile(r"^(?:[A-Z]\d{2}(?:\.\d{2,3})*-\d{6,8}-\d{4,8}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4,6})$")
NATIONAL = re.compile(r"^\d\.\d{6}$")
# Every status from which on a dossier has been received.
RECEIVED = frozenset({"2", "4", "6", "9", "10"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """`needed`: by the other fields; `most`: letters; `allowed`: its code list; `form`: how it is written."""

    name: Text
    needed: Callable[[Mapping[str, Any]], bool] = lambda _: False
    most: int | None = None
    allowed: frozenset[str] | None = None
    form: re.Pattern[str] | None = None
    free: bool = False  # a person may correct it
    choices: Mapping[str, Text] | None = None  # among these


def _always(_: Mapping[str, Any]) -> bool:
    return True


def _at(*statuses: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda fields: fields["TrangThaiHoSo"] in statuses


def _codes(last: int, first: int = 1) -> frozenset[str]:
    return frozenset(str(number) for number in range(first, last + 1))


KINDS_OF_APPLICANT: Mapping[str, Text] = {
    "1": text("Cá nhân", "A person"), "2": text("Doanh nghiệp", "An enterprise"),
    "3": text("Cơ quan nhà nước", "A state agency"), "4": text("Tổ chức", "An organisation"),
}
DOSSIER: Mapping[str, Rule] = {
    "MaHoSo": Rule(name=text("Mã hồ sơ", "Code of the dossier"), needed=_always, form=CODE),
    "MaTTHC": Rule(name=text("Mã thủ tục", "Code of the procedure"), needed=_always, form=NATIONAL, free=True),
    "TenTTHC": Rule(name=text("Tên thủ tục", "Name of the procedure"), needed=_always),
    "MaLinhVuc": Rule(name=text("Mã lĩnh vực", "Code of the field"), needed=_always, free=True),
    "TenLinhVuc": Rule(name=text("Tên lĩnh vực", "Name of the field"), needed=_always),
    "KenhThucHien": Rule(name=text("Kênh thực hiện", "Channel"), needed=_always, allowed=_codes(3)),
    "ChuHoSo": Rule(name=text("Chủ hồ sơ", "Applicant"), needed=_always, free=True),
    "LoaiDoiTuong": Rule(name=text("Loại đối tượng", "Kind of applicant"), needed=_always, allowed=_codes(4), free=True,
                         choices=KINDS_OF_APPLICANT),
    "TrichYeuHoSo": Rule(name=text("Trích yếu hồ sơ", "Subject"), needed=_always, most=1000, free=True),
    "NgayNopHoSo": Rule(name=text("Ngày nộp hồ sơ", "Submitted"), needed=_always, form=INSTANT),
    "NgayTiepNhan": Rule(name=text("Ngày tiếp nhận", "Received"), needed=_at(*RECEIVED), form=INSTANT),
    "NgayHenTra": Rule(name=text("Ngày hẹn trả", "Due"), form=INSTANT),
    "TrangThaiHoSo": Rule(name=text("Trạng thái hồ sơ", "Status"), needed=_always, allowed=_codes(10)),
    "NgayTra": Rule(name=text("Ngày trả", "Returned"), needed=_at("10"), form=INSTANT),
    "HinhThuc": Rule(name=text("Hình thức trả", "Way of return"), needed=_always, allowed=_codes(2, 0)),
    "NgayKetThucXuLy": Rule(name=text("Ngày kết thúc xử lý", "Finished"), needed=_at("9", "10"), form=INSTANT),
    "DonViXuLy": Rule(name=text("Đơn vị xử lý", "Unit at work"), needed=_always),
    "NoiNopHoSo": Rule(name=text("Nơi nộp hồ sơ", "Where it was handed in"), needed=_always),
    "NgayTuChoi": Rule(name=text("Ngày từ chối", "Refused"), needed=_at("3"), form=INSTANT),
    "NgayYeuCauBoSung": Rule(name=text("Ngày yêu cầu bổ sung", "Supplement requested"), needed=_at("5"), form=INSTANT),
    ID_NUMBER: Rule(name=text("Số định danh của chủ hồ sơ (12 hoặc 9 chữ số)",
                              "The applicant's ID number (12 or 9 digits)"),
                    form=re.compile(r"^\d{9}(\d{3})?$"), free=True),
    "Email": Rule(name=text("Thư điện tử", "Mail"), free=True),
    "SoDienThoai": Rule(name=text("Số điện thoại", "Telephone"), free=True),
}
PROGRESS: Mapping[str, Rule] = {
    "MaHoSo": Rule(name=text("Mã hồ sơ", "Code of the dossier"), needed=_always, form=CODE),
    "NguoiXuLy": Rule(name=text("Người xử lý", "Who did it"), needed=_always, most=50, free=True),
    "ThoiDiemXuLy": Rule(name=text("Thời điểm xử lý", "When"), needed=_always, form=INSTANT),
    "PhongBanXuLy": Rule(name=text("Phòng ban xử lý", "Unit"), needed=_always, free=True),
    "NoiDungXuLy": Rule(name=text("Nội dung xử lý", "What was done"), needed=_always, free=True),
    "TrangThai": Rule(name=text("Trạng thái", "Status"), needed=_always, allowed=_codes(10)),
    "NgayBatDau": Rule(name=text("Ngày bắt đầu", "Begun"), form=INSTANT),
    "NgayKetThucTheoQuyDinh": Rule(name=text("Ngày kết thúc theo quy định", "Due"), form=INSTANT),
}
BY_KIND = {"dossier": DOSSIER, "progress": PROGRESS}


def faults(kind: str, fields: Mapping[str, Any]) -> list[Fault]:
    """Every field that cannot be sent as it is, with the reason in words; empty: all of it may go."""
    found = [_fault(name, why) for name, rule in BY_KIND[kind].items()
             if (why := _wrong(rule, str(fields.get(name, "")), fields))]
    if kind == "dossier" and fields.get("LoaiDoiTuong") == "1" and not fields["DinhDanhCHS"]:
        found.append(_fault(ID_NUMBER, text("chưa có dữ liệu", "is missing")))
    return found


def _wrong(rule: Rule, value: str, fields: Mapping[str, Any]) -> Text | None:
    if not value.strip():
        return text("chưa có dữ liệu", "is missing") if rule.needed(fields) else None
    if rule.most is not None and len(value) > rule.most:
        return text(f"dài {len(value)} ký tự, Cổng chỉ nhận {rule.most}",
                    f"has {len(value)} letters, the portal takes {rule.most}")
    if rule.allowed is not None and value not in rule.allowed:
        return text("không có trong danh mục mã của Cổng", "is not in the portal's list of codes")
    if rule.form is not None and not rule.form.match(value):
        return text("không đúng dạng Cổng quy định", "is not written as the portal wants it")
    return None


def _fault(field: str, why: Text) -> Fault:
    return {"field": field, "vi": why.vi, "en": why.en}


def name_of(kind: str, field: str) -> Text:
    """A field as people call it; one the portal alone knows by its own name."""
    rule = BY_KIND[kind].get(field)
    return rule.name if rule else Text(vi=field or "Cổng", en=field or "The portal")


def may_correct(kind: str, field: str) -> bool:
    """What the record says of the case itself is not corrected here: it is corrected in the dossier."""
    rule = BY_KIND[kind].get(field)
    return rule is not None and rule.free


def choices_of(kind: str, field: str) -> Mapping[str, Text] | None:
    """The code list of a field that has words for it."""
    rule = BY_KIND[kind].get(field)
    return rule.choices if rule else None


def wrong_correction(kind: str, field: str, value: str) -> Text | None:
    """What is wrong with a value somebody gives for a field; None: it may be sent."""
    if not value.strip():
        return text("ghi giá trị đúng", "give the right value")
    return _wrong(BY_KIND[kind][field], value, {})
