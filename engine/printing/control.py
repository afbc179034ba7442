"""Form 06, the control slip: one row a hand-over, from what was recorded; nobody writes it."""

from __future__ import annotations

from datetime import datetime

from engine.clocks.judgement import Verdict, against
from engine.clocks.limits import CountMode
from engine.clocks.zone import minute_of
from engine.desk.places import state_name
from engine.printing import writing
from engine.printing.case import RETURNS, Case, Sheet, row
from storage.views import printing
from storage.views.printing import Move

TITLE = "Phiếu kiểm soát quá trình giải quyết hồ sơ"
_RESULTS = {Verdict.EARLY: "Sớm hạn", Verdict.ON_TIME: "Đúng hạn", Verdict.LATE: "Quá hạn"}


def sheet(case: Case) -> Sheet:
    """Of a dossier that was received, as it stands."""
    head = case.view.header
    assert head.received_at is not None
    moves = printing.moves(case.office.db, case.more.id)
    return {
        **case.head(case.desk, f"{case.code}/PKS", head.received_at), "title": TITLE, "moves": [
            *([_taken_in(case)] if all(one.state not in _reception(case) for one in moves) else []),
            *(_move(case, one) for one in moves), *_returned(case)],
        "rows": [
            row("Thủ tục hành chính", head.procedure_name.vi), row("Người nộp hồ sơ", head.applicant.name),
            row("Cơ quan, bộ phận tiếp nhận", case.desk.full_vi),
            row("Đơn vị giải quyết", "; ".join(_units(case, moves))),
            row("Tiếp nhận lúc", writing.moment(head.received_at)),
            row("Hẹn trả kết quả", writing.moment(head.first_due_at) or "không quy định thời hạn chung", strong=True)],
    }


def _reception(case: Case) -> frozenset[str]:
    return frozenset(case.catalogue.procedures[case.more.version_id].declaration.machine.reception)


def _units(case: Case, moves: list[Move]) -> list[str]:
    """Those that worked on it beside the desk, in order."""
    return list(dict.fromkeys(case.catalogue.units[one.unit_id].full_vi for one in moves
                              if one.unit_id != case.desk.id))


def _taken_in(case: Case) -> Sheet:
    """Taken in and accepted in one act."""
    act = case.acts("receive")[0]
    return _row((case.view.header.applicant.name, "Người nộp hồ sơ", act.at), (act.who, case.desk.full_vi, act.at),
                "Tiếp nhận hồ sơ", "Đã tiếp nhận", "")


def _returned(case: Case) -> list[Sheet]:
    found = []
    for act in case.acts(*RETURNS):
        unit = act.unit or case.desk
        taker = act.words.get("recipient") or case.view.header.applicant.name
        found.append(_row((act.who, unit.full_vi, act.at), (taker, "Người nhận kết quả", act.at), "Trả kết quả",
                          "Đã trả kết quả", ""))
    return found


def _move(case: Case, one: Move) -> Sheet:
    procedure = case.catalogue.procedures[case.more.version_id]
    begun = one.no == 1 and one.state in _reception(case)
    sender = case.catalogue.units[one.from_unit_id].full_vi if one.from_unit_id else one.giver_unit or ""
    giver = ((case.view.header.applicant.name, "Người nộp hồ sơ", one.opened_at) if begun
             else (one.giver or "", sender, one.opened_at))
    done_by = f"{one.closed_by} thay {one.closed_for}" if one.closed_for else one.closed_by
    taker = one.registered_by or one.claimed_by or done_by or ""
    taken = one.registered_at or one.claimed_at or one.opened_at
    if taker == "":
        return _row(giver, ("", case.catalogue.units[one.unit_id].full_vi, None),
                    state_name(procedure, one.state).vi, "Chưa nhận", _due(one))
    notes = [f"xong {writing.brief(one.closed_at)}" if one.closed_at else "", _due(one),
             f"người thực hiện: {done_by}" if done_by and done_by != taker else ""]
    return _row(giver, (taker, case.catalogue.units[one.unit_id].full_vi, taken), state_name(procedure, one.state).vi,
                _result(case, one), "; ".join(filter(None, notes)))


def _result(case: Case, one: Move) -> str:
    if one.closed_at is None:
        return "Đang xử lý, quá hạn" if one.due_at and case.now > one.due_at else "Đang xử lý"
    if one.due_at is None or one.count_mode is None:
        return "Đã xong, không quy định hạn"
    return _RESULTS[against(minute_of(one.due_at), minute_of(one.closed_at), CountMode(one.count_mode))]


def _due(one: Move) -> str:
    return f"hạn {writing.brief(one.due_at)}" if one.due_at else ""


def _row(giver: tuple[str, str, datetime | None], taker: tuple[str, str, datetime | None], step: str, result: str,
         note: str) -> Sheet:
    return {"giver": giver[0], "giver_unit": giver[1], "given": writing.brief(giver[2]), "taker": taker[0],
            "taker_unit": taker[1], "taken": writing.brief(taker[2]), "step": step, "result": result, "note": note}
