"""Papers of the postal service as PDF: the sender's slip, the hand-over record, a result's slip, the carrier's list.

All of them are signed by both sides; what they say is read from what was recorded.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from engine.casework.orders import Actor
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import NotFound
from engine.office import Office
from engine.post import intake, mailing
from engine.printing import typeset, writing
from engine.printing.forms import Printed
from storage.post import Line, Posted

TEMPLATES = Path(__file__).parent / "templates"
SLIP, RECORD = "Phiếu gửi hồ sơ", "Biên bản giao nhận hồ sơ"
RETURN_SLIP, BATCH = "Phiếu gửi kết quả", "Bảng kê giao kết quả cho bưu chính"
LAW = "Quyết định 45/2016/QĐ-TTg"
SIGN = "(ký, ghi rõ họ tên)"

Sheet = dict[str, Any]


def record(office: Office, number: int, actor: Actor, now: datetime) -> Printed:
    """The hand-over record, signed or to be signed. Raises NotFound."""
    told = intake.shown(office, number, actor, now)
    one, unit = told.intake, office.catalogue().units[told.intake.unit_id]
    signed = writing.moment(one.signed_at) or "…… giờ …… phút, ngày …… / …… / ……"
    sheet = _sheet(unit, RECORD, f"{one.id:02d}/BBGN", one.signed_at or now) | {
        "note": f"({LAW})",
        "rows": [_row("Bên giao", f"{one.worker}, {one.carrier}"), _row("Bên nhận", f"{one.receiver}, {unit.full_vi}"),
                 _row("Số hồ sơ giao nhận", str(len(told.lines))), _row("Thời điểm ký biên bản", signed, strong=True)],
        "columns": ["TT", "Số phiếu gửi", "Người gửi", "Thủ tục", "Giấy tờ", "Tình trạng"],
        "widths": [1, 4, 4, 6, 8, 5],
        "lines": [_line(told, line) for line in told.lines],
        "closing": "Hai bên đã kiểm đếm, đối chiếu từng phiếu gửi. Thời điểm ký biên bản là thời điểm nộp hồ sơ; "
                   "hồ sơ phải bổ sung được tính từ khi bổ sung đủ.",
        "signatures": [_signature("Đại diện bưu chính", one.worker), _signature("Đại diện cơ quan", one.receiver)]}
    return _printed(f"bien-ban-giao-nhan-{one.id}.pdf", RECORD, [sheet], now, wide=True)


def _line(told: intake.Shown, line: Line) -> list[str]:
    papers = [told.paper(line, key).vi for key in line.papers] + ([line.also] if line.also else [])
    what = told.names[line.procedure].vi if line.procedure in told.names else line.procedure
    state = "Đầy đủ" if line.complete else f"Thiếu: {line.lacking}"
    fee = f"; thu hộ {writing.dong(line.fee)}" if line.fee else ""
    return [str(line.no), line.slip, line.sender, f"{what}{f' (bổ sung {line.completes})' if line.completes else ''}",
            "; ".join(papers) or "–", state + fee]


def slip(office: Office, number: int, no: int, actor: Actor, now: datetime) -> Printed:
    """The sender's slip of one line of a record. Raises NotFound."""
    told = intake.shown(office, number, actor, now)
    line = next((line for line in told.lines if line.no == no), None)
    if line is None:
        raise NotFound(what="phiếu gửi", what_en="the slip")
    unit = office.catalogue().units[told.intake.unit_id]
    cells = _line(told, line)
    sheet = _sheet(unit, SLIP, line.slip, told.intake.opened_at, code=line.slip) | {
        "rows": [_row("Người gửi", line.sender, strong=True), _row("Cơ quan nhận", unit.full_vi),
                 _row("Thủ tục", cells[3]), _row("Tình trạng", cells[5])],
        "columns": ["TT", "Giấy tờ trong hồ sơ"], "widths": [1, 12],
        "lines": [[str(at), name] for at, name in enumerate(cells[4].split("; "), start=1)],
        "closing": "Hồ sơ được gói, niêm phong trước mặt người gửi.",
        "signatures": [_signature("Người gửi", line.sender), _signature("Nhân viên bưu chính", told.intake.worker)]}
    return _printed(f"phieu-gui-{line.slip}.pdf", SLIP, [sheet], now)


def return_slip(office: Office, number: str, actor: Actor, now: datetime) -> Printed:
    """What is in the packet of a result. Raises NotFound."""
    one = mailing.one(office, number, actor, now)
    return _printed(f"phieu-gui-{one.slip}.pdf", RETURN_SLIP, [_return_slip(office.fresh_catalogue(), one, actor)], now)


def _return_slip(catalogue: Catalogue, one: Posted, actor: Actor) -> Sheet:
    declared, unit = catalogue.procedures[one.version_id].declaration, catalogue.units[one.unit_id]
    originals = [declared.documents[key].name.vi if key in declared.documents else key for key in one.originals]
    inside = ["Kết quả giải quyết: " + declared.name.vi, *(f"Bản chính trả lại: {name}" for name in originals)]
    return _sheet(unit, RETURN_SLIP, one.slip, one.sent_at, code=one.slip) | {
        "rows": [_row("Người nhận", one.applicant, strong=True), _row("Địa chỉ", one.address),
                 _row("Điện thoại", one.phone), _row("Người được ủy quyền nhận thay", one.recipient),
                 _row("Mã hồ sơ", one.code),
                 _row("Thu hộ khi phát", writing.dong(one.fee) if one.fee else "không"),
                 _row("Bưu chính nhận lúc", writing.moment(one.sent_at))],
        "columns": ["TT", "Trong gói"], "widths": [1, 12],
        "lines": [[str(at), name] for at, name in enumerate(inside, start=1)],
        "closing": "Gói trước mặt hai bên. Làm mất, hư hỏng thì bưu chính chịu trách nhiệm bồi thường "
                   f"({LAW}, Điều 14).",
        "signatures": [_signature("Người giao", actor.name), _signature("Nhân viên bưu chính", "")]}


def batch(office: Office, number: int, actor: Actor, now: datetime) -> Printed:
    """The list both sign, then the slip of every item. Raises NotFound."""
    one, items = mailing.batch(office, number, actor, now)
    catalogue = office.fresh_catalogue()
    unit = catalogue.units[one.unit_id]
    sheet = _sheet(unit, BATCH, f"{one.id:02d}/BKBC", one.closed_at or now) | {
        "note": f"({LAW})",
        "rows": [_row("Bên giao", f"{one.opened_by}, {unit.full_vi}"), _row("Bên nhận", f"{one.worker}, {one.carrier}"),
                 _row("Số bưu gửi", str(len(items)), strong=True),
                 _row("Tổng tiền thu hộ", writing.dong(sum(item.fee for item in items)))],
        "columns": ["TT", "Số phiếu gửi", "Mã hồ sơ", "Người nhận", "Địa chỉ", "Thu hộ", "Giao lúc"],
        "widths": [1, 4, 4, 4, 6, 2, 3],
        "lines": [[str(at), item.slip, item.code, item.applicant, item.address or "–",
                   writing.dong(item.fee) if item.fee else "–", writing.brief(item.sent_at)]
                  for at, item in enumerate(items, start=1)],
        "closing": "Các bưu gửi được gói trước mặt hai bên; từ khi ký, bưu chính giữ và chịu trách nhiệm.",
        "signatures": [_signature("Bên giao", one.opened_by), _signature("Bên nhận", one.worker)]}
    slips = [_return_slip(catalogue, item, actor) for item in items]
    return _printed(f"bang-ke-{one.id}.pdf", BATCH, [sheet, *slips], now)


def _sheet(unit: UnitInfo, title: str, number: str, at: datetime, code: str = "") -> Sheet:
    above, issuer = ("", unit.agency_vi) if unit.agency_vi in unit.name_vi else (unit.agency_vi, unit.name_vi)
    return {"above": above, "issuer": issuer, "number": number, "dated": writing.dated(unit, at), "title": title,
            "note": "", "code": code, "bars": typeset.code128(code) if code else "", "foot": f"{title} {number}"}


def _row(name: str, value: str, *, strong: bool = False) -> Sheet:
    return {"name": name, "value": value, "strong": strong}


def _signature(who: str, name: str) -> Sheet:
    return {"who": who, "note": SIGN, "name": name}


def _printed(name: str, title: str, sheets: list[Sheet], now: datetime, *, wide: bool = False) -> Printed:
    told = {"title": title, "sheets": sheets, "left_out": [], "wide": wide}
    return Printed(name=name, pdf=typeset.pdf("post.typ", told, folder=TEMPLATES, at=now))
