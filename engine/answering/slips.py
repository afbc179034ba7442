"""Slips of paper for agencies without a system: typeset from what was recorded, printed one by one or together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.answering.asked import OPEN, Asked
from engine.answering.by_slip import Posts, find
from engine.casework.act import act
from engine.casework.evidence import VERDICTS
from engine.casework.orders import Actor, Order, Particulars
from engine.casework.telling import VERDICTS as VERDICT_NAMES
from engine.errors import Invalid, LienThongError, NotFound, NotPossibleHere
from engine.office import Office
from engine.printing import case as cases
from engine.printing import typeset, writing
from engine.printing.case import Sheet, row
from engine.printing.forms import Printed

TITLE = "Phiếu chuyển hồ sơ và trả lời"
MOST = 100
COPIES = {"original": "bản chính", "copy": "bản sao", "electronic": "bản điện tử"}
OPINIONS = [VERDICT_NAMES[key].vi for key in VERDICTS]


def printed(office: Office, numbers: Sequence[str], actor: Actor, posts: Posts, now: datetime) -> Printed:
    """One file, one page a slip; each printed slip is on its way from now on. What is closed meanwhile is left out.

    Raises Invalid for none or too many, NotFound when none of them can be printed.
    """
    wanted = list(dict.fromkeys(told.strip() for told in numbers if told.strip()))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid({"slip": (f"chọn từ 1 đến {MOST} phiếu", f"choose 1 to {MOST} slips")})
    sheets, sent, left = [], [], []
    for told in wanted:
        try:
            found = find(office, told, posts, now)
            sheets.append(_sheet(office, found, actor, now))
            sent.append(found)
        except LienThongError:
            left.append(told)
    if not sheets:
        raise NotFound(what="phiếu nào còn chờ trả lời", what_en="a slip that still waits for its answer")
    made = typeset.pdf("slip.typ", {"title": TITLE, "sheets": sheets, "left_out": [told[:60] for told in left]}, at=now)
    for found in sent:
        order = Order(code=found.standing.code, event="print_slip", actor=actor,
                      particulars=Particulars(handoff=found.standing.handoff_id))
        try:
            act(office, order, now)
        except NotPossibleHere:  # closed while it was typeset: the others are on paper all the same
            left.append(found.slip)
    return Printed(name="phieu-tra-loi.pdf", pdf=made, left_out=tuple(left))


def _sheet(office: Office, found: Asked, actor: Actor, now: datetime) -> Sheet:
    """Raises NotFound for what is closed."""
    if found.content is None or found.stage not in OPEN:
        raise NotFound(what=f"phiếu {found.slip} đang chờ trả lời", what_en=f"an open slip {found.slip}")
    case, content, task = cases.read(office, found.standing.code, actor, now), found.content, found.content.task
    return {
        **case.head(found.sender, found.slip, now), "title": TITLE, "slip": found.slip, "back": found.sender.full_vi,
        "qr": typeset.qr(found.slip), "bars": typeset.code128(found.slip), "foot": f"Phiếu {found.slip}",
        "rows": [
            row("Kính gửi", found.receiver.full_vi, strong=True), row("Nơi gửi", found.sender.full_vi),
            row("Đề nghị", content.wanted.vi + (f": {task.words}" if task.words else ""), strong=True),
            *([row("Ký nhận trước", writing.moment(content.register_by), strong=True)] if content.register_by else []),
            row("Trả lời trước", writing.moment(task.due_at) or "không ấn định", strong=True),
            row("Mã hồ sơ", found.standing.code), row("Người nộp hồ sơ", content.applicant),
            row("Nội dung yêu cầu", content.procedure.vi + (f": {content.subject}" if content.subject else "")),
            *(row(fact.label.vi, fact.value.vi) for fact in content.facts)],
        "papers": [f"{one.component_name.vi} ({COPIES.get(one.form, one.form)})" for one in case.view.documents
                   if one.current],
        "answers": [{"name": one.name.vi, "verdicts": OPINIONS if one.verdict else []} for one in task.answers],
    }
