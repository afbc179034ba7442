"""Forms 02 to 05: what the applicant is told when papers are missing, when the answer is no or late, when it ends."""

from __future__ import annotations

from datetime import datetime

from engine.casework.orders import MACHINE
from engine.catalogue import UnitInfo
from engine.clocks.zone import ZONE
from engine.desk.apologies import ApologyRow, Standing
from engine.desk.story import document_name
from engine.printing import writing
from engine.printing.case import ENDINGS, REFUSE, REJECT, SUPPLEMENT, Act, Case, Sheet, applicant, row
from procedures import policies
from procedures.declaration import AfterSupplement
from storage.tables.desk import LetterKind

SUPPLEMENT_TITLE = "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
REFUSAL_TITLE = "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
APOLOGY_TITLE = "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"
STOP_TITLE = "Thông báo dừng giải quyết hồ sơ"

_HAND, _SEAL = "(ký, ghi rõ họ tên)", "(ký, ghi rõ họ tên, đóng dấu)"


def supplements(case: Case) -> list[Act]:
    return case.acts(SUPPLEMENT)


def refusals(case: Case) -> list[Act]:
    """Refused at the desk; or rejected, once the refusal is the result (R16)."""
    head = case.view.header
    if head.outcome == "rejected" and head.finished_at is not None:
        return case.acts(REJECT)[-1:]
    return case.acts(REFUSE)


def apologies(case: Case) -> list[ApologyRow]:
    return [one for one in case.view.apologies if one.standing is Standing.ISSUED]


def endings(case: Case) -> list[Act]:
    return case.acts(*ENDINGS)


def supplement(case: Case, nth: int) -> Sheet:
    act = supplements(case)[nth - 1]
    at_intake = _at_intake(case, act)
    procedure = case.catalogue.procedures[case.more.version_id]
    names = [document_name(procedure, component).vi for component in _missing(case, act)]
    return _notice(case, act, (LetterKind.SUPPLEMENT, "HDHS", nth), {
        "title": SUPPLEMENT_TITLE, "note": "(Mẫu số 02)", "signer": "Người hướng dẫn", "sign": _HAND, "parts": [
            _facts([*applicant(case), row("Mã hồ sơ", case.code)]),
            _list("Hồ sơ còn thiếu hoặc chưa đúng; đề nghị bổ sung, hoàn thiện:", names),
            _facts([
                row("Lý do", act.words.get("reason", "")),
                row("Căn cứ", case.basis("R3" if at_intake else "R12")),
                row("Giai đoạn", "kiểm tra khi tiếp nhận" if at_intake else "thẩm định"),
                row("Lần yêu cầu", f"lần thứ {nth}"), row("Hạn bổ sung", _deadline(case, act), strong=True),
                row("Thời hạn giải quyết", _afterwards(case, at_intake)),
                row("Người hướng dẫn", f"{act.who}, {_unit(case, act).full_vi}"),
                row("Nộp bổ sung tại", case.desk.full_vi),
                row("Điện thoại liên hệ", "………………………………")])]})


def refusal(case: Case, nth: int) -> Sheet:
    act = refusals(case)[nth - 1]
    rejected = act.action == REJECT
    named = act.told.get("competent")
    competent = [row("Cơ quan giải quyết", _unit(case, act).agency_vi)] if rejected else [
        row("Cơ quan có thẩm quyền", str(named["vi"]), strong=True)] if isinstance(named, dict) else []
    return _notice(case, act, (LetterKind.REFUSAL, "TCHS", nth), {
        "title": REFUSAL_TITLE, "note": "(Mẫu số 03)",
        "signer": "Thủ trưởng cơ quan" if rejected else "Người tiếp nhận hồ sơ", "sign": _SEAL if rejected else _HAND,
        "parts": [
            _facts([*applicant(case), row("Mã hồ sơ", case.code), *competent]),
            _text("Qua xem xét, cơ quan thông báo không giải quyết được hồ sơ này." if rejected else
                  "Qua xem xét, cơ quan thông báo không tiếp nhận, giải quyết hồ sơ này."),
            _facts([row("Lý do", act.words.get("reason", ""), strong=True), *_elsewhere(act),
                    row("Căn cứ", case.basis("R16" if rejected else "R9" if competent else "R3")),
                    row("Người liên hệ", f"{act.who}, {_unit(case, act).full_vi}")]),
            _text("Ông/Bà/Tổ chức có quyền phản ánh, kiến nghị hoặc khiếu nại theo quy định của pháp luật.")]})


def _elsewhere(act: Act) -> list[Sheet]:
    """Where it was to be handed in, if at another agency."""
    told = act.told.get("competent")
    return [row("Nộp tại cơ quan có thẩm quyền", str(told["vi"]), strong=True)] if isinstance(told, dict) else []


def apology(case: Case, nth: int) -> Sheet:
    one, head = apologies(case)[nth - 1], case.view.header
    issuer = next((unit for unit in case.catalogue.units.values() if unit.agency_vi == one.issuer.vi), case.desk)
    assert one.issued_at is not None
    first = head.first_due_at
    due = writing.moment(one.original_due_at) + (
        f" (hạn ban đầu: {writing.moment(first)})" if first and first != one.original_due_at else "")
    away = next((h for h in case.view.handoffs if h.receiver.agency != head.desk.agency and h.registered_at), None)
    moved = [row("Đã chuyển đến", f"{away.receiver.agency_name.vi}, ngày {writing.day(away.created_at)}")] \
        if away else []
    return {
        **case.head(issuer, case.number(LetterKind.APOLOGY, "PXL", nth), one.issued_at, whole=True),
        "title": APOLOGY_TITLE.replace(" và ", "\nvà ", 1), "note": "(Mẫu số 04)",
        "signer": "Thủ trưởng cơ quan", "sign": _SEAL, "signed": one.issued_by,
        "recipients": [head.applicant.name, case.desk.full_vi, "Lưu hồ sơ"],
        "parts": [
            _facts([row("Kính gửi", head.applicant.name, strong=True), row("Mã hồ sơ, số giấy tiếp nhận", case.code),
                    *applicant(case)[2:], row("Tiếp nhận lúc", writing.moment(head.received_at)),
                    row("Thời hạn trả kết quả", due), *moved]),
            _text("Đến nay, hồ sơ chưa giải quyết xong và không kịp trả kết quả đúng thời hạn trên. "
                  f"Lý do: {one.reason}"),
            _text("Việc hẹn lại ngày trả kết quả này gây phiền hà cho Ông/Bà/Tổ chức. Chúng tôi thành thật xin lỗi."),
            _facts([row("Hẹn trả kết quả vào", writing.moment(one.new_due_at), strong=True),
                    row("Căn cứ", case.basis("R17"))]),
            _text("Mong Ông/Bà/Tổ chức thông cảm.")]}


def ending(case: Case, nth: int) -> Sheet:
    act = endings(case)[nth - 1]
    by_citizen = act.action == "withdraw"
    ground = "người nộp hồ sơ rút hồ sơ" if by_citizen else _ground(act)
    reason, basis = act.words.get("reason", ""), str(act.told.get("basis") or "")
    back = [f"{_PAPERS.get(one.kind, one.kind)} {one.barcode}" for one in case.view.papers if one.kind == "submitted"]
    return _notice(case, act, (LetterKind.STOP, "TBDHS", nth), {
        "title": STOP_TITLE, "note": "(Mẫu số 05)", "signer": "Người nhận yêu cầu rút hồ sơ" if by_citizen else
        "Thủ trưởng cơ quan", "sign": _HAND if by_citizen else _SEAL,
        "signed": "" if act.who == MACHINE.name else act.who,
        "parts": [
            _facts([*applicant(case), row("Mã hồ sơ", case.code),
                    row("Dừng giải quyết từ", writing.moment(act.at), strong=True), row("Trường hợp", ground),
                    row("Lý do", reason), *([row("Căn cứ", basis)] if basis else [])]),
            _facts([row("Giấy tờ trả lại", "; ".join(back) or "không có giấy tờ bản giấy"),
                    row("Phí, lệ phí đã nộp", _paid(case))]),
            _text("Ông/Bà/Tổ chức có quyền nộp lại hồ sơ khi đủ điều kiện, và có quyền phản ánh, kiến nghị hoặc khiếu "
                  "nại việc dừng giải quyết theo quy định của pháp luật.")]})


_GROUNDS = {"payment_not_made": "quá hạn thực hiện nghĩa vụ tài chính",
            "supplement_not_handed_in": "quá hạn bổ sung hồ sơ"}
_PAPERS = {"submitted": "Hồ sơ giấy đã nộp"}


def _ground(act: Act) -> str:
    if "bundle" in act.told:
        return f"phần khác của hồ sơ liên thông {act.told['bundle']} đã dừng"
    return _GROUNDS.get(str(act.told.get("ground")), "theo quyết định của người có thẩm quyền")


def _notice(case: Case, act: Act, numbered: tuple[LetterKind, str, int], told: Sheet) -> Sheet:
    whole = told["sign"] == _SEAL
    return {**case.head(_unit(case, act), case.number(*numbered), act.at, whole=whole), "recipients": [],
            "signed": act.who, **told}


def _unit(case: Case, act: Act) -> UnitInfo:
    """Who wrote it; what the machine did is the desk's to tell."""
    return act.unit or case.desk


def _facts(rows: list[Sheet]) -> Sheet:
    return {"kind": "facts", "rows": rows}


def _text(words: str) -> Sheet:
    return {"kind": "text", "text": words}


def _list(name: str, items: list[str]) -> Sheet:
    return {"kind": "list", "name": name, "items": items}


def _missing(case: Case, act: Act) -> list[str]:
    """What was asked for with it, also by the units that were consulted: the applicant is asked once for all of it."""
    gathered = [one["documents"] for one in case.more.additions if datetime.fromisoformat(one["at"]) == act.at]
    listed = [act.told.get("documents", ()), *gathered]
    return list(dict.fromkeys(str(component) for components in listed for component in components))


def _at_intake(case: Case, act: Act) -> bool:
    received = case.view.header.received_at
    accepted = case.acts("accept")
    return received is None or bool(accepted and act.at < accepted[0].at)


def _deadline(case: Case, act: Act) -> str:
    """As it was when it was asked."""
    dues = {datetime.fromisoformat(one["at"]): one["due_at"] for one in case.more.requests}
    due = dues.get(act.at)
    if due is None:
        return "không ấn định; hồ sơ chờ đến khi bổ sung đủ"
    return f"trước {writing.moment(datetime.fromisoformat(due))}"


def _afterwards(case: Case, at_intake: bool) -> str:
    if at_intake:
        return "bắt đầu tính khi hồ sơ đầy đủ được tiếp nhận"
    received = case.view.header.received_at or case.now
    after = (case.catalogue.procedures[case.more.version_id].declaration.supplement.after
             or policies.at(received.astimezone(ZONE).date()).after_supplement_at_appraisal)
    return ("tính lại từ đầu sau khi bổ sung đầy đủ" if after is AfterSupplement.RESTART
            else "tạm dừng, tính tiếp sau khi bổ sung đầy đủ")


def _paid(case: Case) -> str:
    paid = [f"{writing.dong(one.amount)} ngày {writing.day(one.paid_at)}" for one in case.view.payments if one.paid_at]
    return "; ".join(paid) + "; xử lý theo quy định về phí, lệ phí" if paid else "chưa nộp khoản nào"
