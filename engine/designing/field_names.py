"""What every field of a declaration is called when somebody reads that it changed."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from engine.states.outline import Words
from procedures import declaration as d

_STEP = {
    "party": Words("nơi thực hiện", "party"),
    "role": Words("vai trò thực hiện", "role"),
    "also": Words("các vai trò khác cũng được thực hiện", "other roles that may do it"),
    "name": Words("tên", "name"),
    "when": Words("điều kiện thực hiện", "condition"),
    "limit": Words("thời hạn", "limit"),
    "starts": Words("lúc bắt đầu tính thời hạn", "when the limit begins"),
    "expiry": Words("việc xảy ra khi hết thời hạn", "what happens when the limit is used up"),
    "expiry_basis": Words("căn cứ của việc xảy ra khi hết thời hạn", "legal basis of what happens then"),
    "event": Words("mã việc hoàn thành", "id of the completing act"),
    "event_name": Words("tên việc hoàn thành", "name of the completing act"),
    "paper": Words("yêu cầu về hồ sơ giấy", "need of the papers"),
    "external": Words("cơ quan bên ngoài được chờ trả lời", "outside body whose reply is awaited"),
    "asset": Words("dữ kiện chỉ đối tượng chỉ một hồ sơ được giữ", "fact that names the object held by one dossier"),
}


def _asked(vi: str, en: str) -> dict[str, Words]:
    """What holds while the citizen is waited for."""
    return {
        "within": Words(f"thời gian người nộp có để {vi}", f"time the applicant has to {en}"),
        "expiry": Words(f"việc xảy ra khi quá thời gian {vi}", f"what happens when the time to {en} is over"),
        "expiry_basis": Words(f"căn cứ để dừng khi quá thời gian {vi}",
                              f"legal basis for stopping when the time to {en} is over"),
    }


_NAME = Words("tên", "name")
_WHEN = Words("điều kiện", "condition")
_BASIS = Words("căn cứ", "legal basis")
_LIMIT = Words("thời hạn", "limit")

FIELDS: Mapping[type[BaseModel], Mapping[str, Words]] = {
    d.Declaration: {
        "procedure": Words("mã nội bộ", "key"),
        "version": Words("số phiên bản", "version number"),
        "codes": Words("các mã quốc gia", "national codes"),
        "name": _NAME,
        "field": Words("lĩnh vực", "field"),
        "legal_basis": Words("các căn cứ pháp lý", "legal basis"),
        "level": Words("cấp có thẩm quyền", "competent level"),
        "received_at": Words("các cấp tiếp nhận", "levels that receive it"),
        "subjects": Words("đối tượng thực hiện", "who may apply"),
        "channels": Words("các cách nộp", "ways of handing in"),
        "parties": Words("các chức năng riêng", "functions of its own"),
        "immediate": Words("trả kết quả ngay", "result at once"),
        "at_desk": Words("tiếp nhận tại bộ phận Một cửa", "taken in at the one-stop desk"),
        "sets": Words("số bộ hồ sơ", "number of sets"),
        "documents": Words("các giấy tờ", "documents"),
        "facts": Words("các câu hỏi khi tiếp nhận", "questions at intake"),
        "checks": Words("các kiểm tra khi tiếp nhận", "checks at intake"),
        "fees": Words("các khoản phí, lệ phí", "fees"),
        "limit": Words("thời hạn giải quyết", "limit"),
        "limit_cases": Words("các trường hợp có thời hạn riêng", "cases with a limit of their own"),
        "limit_note": Words("ghi chú về thời hạn", "note on the limit"),
        "count_mode": Words("cách tính thời hạn", "way of counting the limit"),
        "expiry": Words("việc xảy ra khi hết thời hạn giải quyết", "what happens when the limit is used up"),
        "agency_limits": Words("thời hạn của từng cơ quan", "limits of agencies"),
        "supplement": Words("quy định về bổ sung hồ sơ", "rules on supplements"),
        "payment": Words("quy định về nghĩa vụ tài chính", "rules on payment"),
        "results": Words("các kết quả", "results"),
        "obligations": Words("các nghĩa vụ sau khi có kết quả", "obligations after the result"),
        "confidential_when": Words("điều kiện giữ kín hồ sơ", "condition of confidentiality"),
        "switch_off": Words("các việc của cơ chế không áp dụng", "parts of the mechanism switched off"),
        "machine": Words("các bước", "steps"),
        "transitions": Words("các ngoại lệ về thứ tự", "exceptions to the order"),
        "unverified": Words("các điểm chưa kiểm chứng", "unverified points"),
    },
    d.Area: {"code": Words("mã lĩnh vực", "code"), "name": Words("tên lĩnh vực", "name")},
    d.Code: {
        "code": Words("mã quốc gia", "national code"),
        "valid_from": Words("ngày có hiệu lực", "first day"),
        "valid_to": Words("ngày hết hiệu lực", "last day"),
        "aliases": Words("các cách ghi khác", "other spellings"),
        "unverified": Words("dấu “chưa kiểm chứng”", "mark “unverified”"),
    },
    d.RequiredDocument: {
        "name": _NAME,
        "form": Words("loại bản", "form"),
        "copies": Words("số bản", "number of copies"),
        "when": Words("điều kiện phải nộp", "condition"),
        "required": Words("yêu cầu bắt buộc", "being required"),
        "original_returned": Words("việc trả lại bản chính", "return of the original"),
        "kind": Words("loại giấy tờ dùng chung", "kind shared with other procedures"),
        "template": Words("mẫu", "template"),
        "substitutes": Words("các giấy tờ thay thế", "substitutes"),
        "reusable": Words("việc dùng lại giấy tờ đã nộp", "reuse of what was handed in before"),
        "valid_for": Words("thời gian có giá trị", "time it is valid"),
        "result_of": Words("thủ tục tạo ra giấy tờ", "procedure that produces it"),
    },
    d.Fact: {
        "type": Words("kiểu trả lời", "type"),
        "label": Words("câu hỏi", "question"),
        "required": Words("yêu cầu bắt buộc", "being required"),
        "choices": Words("các lựa chọn", "choices"),
        "min": Words("giá trị nhỏ nhất", "least value"),
        "max": Words("giá trị lớn nhất", "greatest value"),
        "at_least_days_ahead": Words("số ngày phải cách ngày nộp", "days it must lie ahead"),
        "not_in_future": Words("việc không được là ngày sau hôm nay", "not being in the future"),
        "basis": _BASIS,
    },
    d.Check: {
        "when": _WHEN,
        "effect": Words("hậu quả", "effect"),
        "basis": _BASIS,
        "message": Words("lời báo", "message"),
        "fact": Words("câu hỏi liên quan", "question it belongs to"),
        "right_procedure": Words("thủ tục đúng để dùng", "procedure to use instead"),
    },
    d.Exemption: {
        "name": _NAME, "when": _WHEN, "percent": Words("mức giảm (%)", "reduction (%)"), "basis": _BASIS,
    },
    d.Fee: {
        "name": _NAME,
        "amount": Words("mức thu", "amount"),
        "when": Words("điều kiện thu", "condition"),
        "per": Words("dữ kiện để nhân số lượng", "fact it is multiplied by"),
        "exemptions": Words("các trường hợp miễn, giảm", "exemptions"),
        "basis": _BASIS,
    },
    d.LimitCase: {
        "when": _WHEN, "limit": _LIMIT, "count_mode": Words("cách tính thời hạn", "way of counting"), "basis": _BASIS,
    },
    d.AgencyLimit: {"party": Words("nơi thực hiện", "party"), "limit": _LIMIT},
    d.Asked: _asked("nộp", "hand in"),
    d.Payment: _asked("nộp tiền", "pay"),
    d.Supplement: {
        **_asked("bổ sung", "hand in the supplement"),
        "max": Words("số lần yêu cầu bổ sung", "number of supplements"),
        "after": Words("thời hạn sau khi bổ sung", "limit after a supplement"),
    },
    d.Result: {
        "name": _NAME,
        "signer": Words("người ký", "signer"),
        "template": Words("mẫu", "template"),
        "valid_for": Words("thời gian có giá trị", "time it is valid"),
    },
    d.Obligation: {
        "name": _NAME,
        "within": _LIMIT,
        "after": Words("ngày bắt đầu tính", "date it is counted from"),
        "remind": Words("các lần nhắc", "reminders"),
        "when": _WHEN,
        "basis": _BASIS,
    },
    d.Step: _STEP,
    d.Branch: _STEP,
    d.Parallel: {
        "name": _NAME,
        "parallel": Words("các cơ quan được hỏi", "bodies consulted"),
        "join": Words("cách chờ ý kiến", "way of waiting for opinions"),
        "negative_to": Words("bước đến khi có ý kiến không đồng ý", "step after a disagreement"),
    },
    d.Transition: {
        "from_": Words("bước đi", "step it starts from"),
        "on": Words("việc", "act"),
        "to": Words("bước đến", "step it leads to"),
        "when": _WHEN,
        "name": Words("tên việc", "name of the act"),
        "reason": Words("yêu cầu ghi lý do", "need of a reason"),
    },
}
