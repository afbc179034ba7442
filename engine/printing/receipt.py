"""Form 01, the receipt and appointment slip (Decree 61/2018 art. 17; Circular 03/2025/TT-VPCP).

Printed again it says what was promised first, and beneath it what that has become and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine import desk
from engine.casework.keys import access_key
from engine.casework.orders import Actor
from engine.clocks.marks import MarkKind
from engine.desk.clocks import Why
from engine.desk.dossier import DossierView
from engine.office import Office
from engine.printing import writing
from engine.printing.case import Case, Sheet, applicant, row

TITLE = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
PAPERS: Mapping[str, str] = {"original": "Bản chính", "copy": "Bản sao", "electronic": "Bản điện tử"}
WAYS: Mapping[str, str] = {"counter": "Nhận tại quầy", "post": "Gửi bưu chính về địa chỉ", "electronic": "Bản điện tử"}

_WHY = {
    MarkKind.STOP: "chờ người nộp bổ sung hồ sơ hoặc nộp tiền",
    MarkKind.RESUME: "không tính thời gian chờ người nộp bổ sung hồ sơ hoặc nộp tiền",
    MarkKind.RESTART: "thời hạn tính lại từ đầu sau khi người nộp bổ sung hồ sơ",
    MarkKind.EXTEND: "cơ quan đã xin lỗi và hẹn lại",
    "calendar": "lịch làm việc thay đổi",
}
_OTHERWISE = "thời hạn được tính lại"
_MOVES = frozenset(_WHY) - {MarkKind.STOP}


def sheet(case: Case) -> Sheet:
    """Of a dossier that was received."""
    head = case.view.header
    assert head.received_at is not None
    taken = case.acts("accept", "receive")
    clerk = next((act for act in taken if act.action == "accept"), taken[0])
    return {
        **case.head(case.desk, f"{case.code}/TNHS", clerk.at), "title": TITLE, "applicant": applicant(case),
        "papers": _papers(case.view), "rows": _rows(case), "clerk": clerk.who,
        "key": access_key(bytes(case.more.commit_key), case.code),
    }


def _papers(view: DossierView) -> list[Sheet]:
    current = [document for document in view.documents if document.current and document.component != "result"]
    copies = {one.component: max(same.copies for same in current if same.component == one.component) for one in current}
    return [{"name": one.component_name.vi, "form": PAPERS.get(one.form, one.form), "count": f"{copies[key]:02d}"}
            for key, one in {document.component: document for document in current}.items()]


def _rows(case: Case) -> list[Sheet]:
    head, view = case.view.header, case.view
    promised = head.first_due_at or head.due_at
    moved = why_moved(case.office, view, case.actor, case.now) if promised != head.due_at else ""
    found = [
        row("Nơi tiếp nhận", case.desk.full_vi), row("Số bộ hồ sơ", "01"), row("Phí, lệ phí", _fees(view)),
        row("Thời hạn giải quyết", view.clock.limit.vi if view.clock else "không quy định thời hạn chung"),
        row("Tiếp nhận lúc", writing.moment(head.received_at)),
        row("Trả kết quả lúc", writing.moment(promised), strong=True),
    ]
    if moved:
        now = f"{writing.moment(head.due_at)}, vì {moved}" if head.due_at else f"tạm dừng tính thời hạn, {moved}"
        found.append(row("Nay là", now, strong=True))
    way = WAYS.get(head.return_way, head.return_way)
    if head.return_way == "post" and head.applicant.address:
        way += f": {head.applicant.address}"
    elif head.return_way == "counter":
        way += f" – {case.desk.agency_vi}"
    book = f"Sổ năm {case.more.book_year}, số thứ tự {case.more.book_no:02d}" if case.more.book_no else ""
    return [*found, row("Đăng ký nhận kết quả", way), row("Vào sổ theo dõi", book)]


def _fees(view: DossierView) -> str:
    if not view.header.fees:
        return "không thu"
    lines = [f"{fee.name.vi}: {writing.dong(fee.amount)}"
             + (f" (giảm từ {writing.dong(fee.full)}: {fee.exempted_by.vi})" if fee.exempted_by else "")
             for fee in view.header.fees]
    total = f"Cộng: {writing.dong(sum(fee.amount for fee in view.header.fees))}"
    paid = [f"đã nộp {writing.dong(one.amount)} ngày {writing.day(one.paid_at)}" if one.paid_at
            else f"còn phải nộp {writing.dong(one.amount)}" for one in view.payments]
    return "\n".join([*lines, "; ".join([total, *paid])])


def why_moved(office: Office, view: DossierView, actor: Actor, now: datetime) -> str:
    """What moved the date since the promise, in order, each once."""
    if "dossier" not in view.clock_nos:
        return ""
    why = desk.why_due(office, view.header.code, view.clock_nos["dossier"], actor, now)
    if why.clock.due_at is None:
        return _WHY[MarkKind.STOP]
    return "; ".join(dict.fromkeys(_because(why, number) for number in range(1, len(why.changes))
                                   if why.changes[number].kind in _MOVES)) or _OTHERWISE


def _because(why: Why, number: int) -> str:
    change = why.changes[number]
    part = why.calendars.get(str(change.calendar_no)) if change.kind == "calendar" else None
    reason = part.reason if part else change.cause.words.get("reason", "") if change.kind == MarkKind.EXTEND else ""
    return f"{_WHY[change.kind]} ({reason})" if reason else _WHY[change.kind]
