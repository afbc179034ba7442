"""Sheets as the forms' templates take them, with names nobody should have."""

from __future__ import annotations

import unicodedata
from typing import Any

from engine.printing import typeset

CODE = "H51.02-261123-0001"
STACKED = "Nguyễn Thị Ượng Ếch Ỗi Ậu Ẵng"
SPREAD = unicodedata.normalize("NFD", STACKED)
MARKUP = '#let x = 1 *đậm* _nghiêng_ $a^2$ `mã` @nhãn <b> #read("/etc/passwd") \\ = // /* ~ ---'
ELSEWHERE = "ស្រុក 😀 \u202e\u200b\x07 ﷽"
LONG = "Công ty trách nhiệm hữu hạn một thành viên " * 12


def sheet(**changes: Any) -> dict[str, Any]:
    """Of any form about a dossier."""
    return {
        "code": CODE, "above": "Văn phòng Ủy ban nhân dân tỉnh", "issuer": "Trung tâm Phục vụ hành chính công tỉnh",
        "number": f"{CODE}/TNHS", "dated": "Sóc Trăng, ngày 23 tháng 11 năm 2026", "foot": f"Mã hồ sơ {CODE}",
        "qr": typeset.qr(CODE), "bars": typeset.code128(CODE), "submitter": STACKED, "title": "Mẫu", "note": "",
        "applicant": [fact("Người nộp hồ sơ", STACKED)], "rows": [fact("Lý do", "Có lý do")], "clerk": "Kim Sa Rinh",
        "key": "7B2K-90QX", "papers": [], "parts": [], "recipients": [], "signer": "Người ký", "sign": "(ký)",
        "signed": "", "moves": [], **changes}


def fact(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "strong": False}


def receipt(**changes: Any) -> dict[str, Any]:
    return {"title": "Giấy tiếp nhận", "left_out": [], "sheets": [sheet(**changes)]}
