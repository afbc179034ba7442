"""Form 01, the receipt and appointment slip, as a sheet of A5 to print (Decree 61/2018, article 17).

Printed again it says what was promised first, and beneath it what that has become and why.
"""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter, Person
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import Code
from api.words import FORMS, RETURN_WAYS, named
from engine import desk
from engine.clocks.marks import MarkKind
from engine.desk.clocks import Why
from engine.desk.dossier import DossierView
from engine.errors import NotFound

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/dossiers/{code}/receipt")
def receipt(caller: Caller, code: Code) -> Response:
    """There is one only once the dossier was accepted."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    if view.header.received_at is None:
        raise NotFound(what=f"giấy tiếp nhận của hồ sơ {code}", what_en=f"the receipt of dossier {code}")
    entry = next((entry for entry in view.timeline if entry.action == "accept"), view.timeline[0])
    current = [document for document in view.documents if document.current and document.component != "result"]
    papers = {document.component: document for document in current}
    promised = view.header.first_due_at or view.header.due_at
    moved = _why_moved(caller, view) if promised != view.header.due_at else ""
    return page(Visit(visitor=caller), "dossiers/receipt.html", view=view, head=view.header, clerk=entry.who,
                promised=promised, moved=moved,
                papers=list(papers.values()), forms=FORMS, return_way=named(RETURN_WAYS, view.header.return_way))


def _why_moved(caller: Person, view: DossierView) -> str:
    """In Vietnamese, as the form is: what moved the date since the promise, in order, each once."""
    if "dossier" not in view.clock_nos:
        return ""
    why = desk.why_due(caller.office, view.header.code, view.clock_nos["dossier"], caller.actor, caller.now)
    if why.clock.due_at is None:
        return _WHY[MarkKind.STOP]
    return "; ".join(dict.fromkeys(_because(why, number) for number in range(1, len(why.changes))
                                   if why.changes[number].kind in _MOVES)) or _OTHERWISE


_WHY = {
    MarkKind.STOP: "chờ người nộp bổ sung hồ sơ hoặc nộp tiền",
    MarkKind.RESUME: "không tính thời gian chờ người nộp bổ sung hồ sơ hoặc nộp tiền",
    MarkKind.RESTART: "thời hạn tính lại từ đầu sau khi người nộp bổ sung hồ sơ",
    MarkKind.EXTEND: "cơ quan đã xin lỗi và hẹn lại",
    "calendar": "lịch làm việc thay đổi",
}
_OTHERWISE = "thời hạn được tính lại"
_MOVES = frozenset(_WHY) - {MarkKind.STOP}


def _because(why: Why, number: int) -> str:
    change = why.changes[number]
    part = why.calendars.get(str(change.calendar_no)) if change.kind == "calendar" else None
    reason = part.reason if part else change.cause.words.get("reason", "") if change.kind == MarkKind.EXTEND else ""
    return f"{_WHY[change.kind]} ({reason})" if reason else _WHY[change.kind]
