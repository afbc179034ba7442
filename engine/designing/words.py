"""What administrators read for the closed vocabularies of a declaration."""

from __future__ import annotations

from collections.abc import Mapping

from procedures.declaration import Text
from procedures.words import AfterSupplement, CountMode, Effect, FactType, Level, Paper, Subject, Switch

LONGEST = 2000  # letters of a Text


def fit(vi: str, en: str) -> Text:
    """Words made of what a draft holds, which may be empty or endless."""
    return Text(vi=_cut(vi), en=_cut(en))


def called(names: Mapping[str, Text], key: str) -> Text:
    """The words for a key of a closed list; what is not on it is shown as it is, never hidden."""
    return names.get(key) or fit(key, key)


def _cut(words: str) -> str:
    plain = words.strip() or "…"
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1].rstrip()}…"


def _text(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


LEVELS: Mapping[str, Text] = {
    Level.MINISTRY: _text("Cấp bộ", "Ministry"),
    Level.PROVINCE: _text("Cấp tỉnh", "Province"),
    Level.COMMUNE: _text("Cấp xã", "Commune"),
}
SUBJECTS: Mapping[str, Text] = {
    Subject.PERSON: _text("Công dân", "Citizens"),
    Subject.ENTERPRISE: _text("Doanh nghiệp", "Enterprises"),
    Subject.STATE_AGENCY: _text("Cơ quan nhà nước", "State agencies"),
    Subject.ORGANISATION: _text("Tổ chức khác", "Other organisations"),
}
FACT_TYPES: Mapping[str, Text] = {
    FactType.TEXT: _text("Chữ", "Text"),
    FactType.INTEGER: _text("Số nguyên", "Whole number"),
    FactType.BOOLEAN: _text("Có hoặc không", "Yes or no"),
    FactType.DATE: _text("Ngày", "Date"),
    FactType.CHOICE: _text("Chọn một trong danh sách", "One of a list"),
}
COUNT_MODES: Mapping[str, Text] = {
    CountMode.DAY: _text("Theo ngày: hết ngày cuối cùng", "By the day: until the end of the last day"),
    CountMode.HOUR: _text("Theo giờ: mỗi ngày làm việc là 8 giờ", "By the hour: a working day is 8 hours"),
}
AFTER_SUPPLEMENT: Mapping[str, Text] = {
    AfterSupplement.RESTART: _text("Tính lại từ đầu", "The limit starts again"),
    AfterSupplement.RESUME: _text("Tính tiếp phần còn lại", "The limit goes on"),
}
EFFECTS: Mapping[str, Text] = {
    Effect.REFUSE: _text("Không tiếp nhận", "Not accepted"),
    Effect.ADVISE: _text("Chỉ nhắc người tiếp nhận", "The receptionist is told"),
}
PAPERS: Mapping[str, Text] = {
    Paper.NONE: _text("Không cần hồ sơ giấy", "No paper"),
    Paper.NEEDED: _text("Phải có hồ sơ giấy tại bước này", "The papers must be there"),
}
SWITCHES: Mapping[str, Text] = {
    Switch.REFUSE: _text("Từ chối tiếp nhận", "Refusing at the desk"),
    Switch.REQUEST_SUPPLEMENT: _text("Yêu cầu bổ sung, hoàn thiện hồ sơ", "Asking for a supplement"),
    Switch.REQUEST_PAYMENT: _text("Thông báo nghĩa vụ tài chính", "Asking for payment"),
    Switch.PROPOSE_REJECTION: _text("Trình từ chối giải quyết", "Proposing a rejection"),
    Switch.WITHDRAW: _text("Rút hồ sơ", "Withdrawing"),
    Switch.STOP: _text("Dừng xử lý", "Stopping"),
    Switch.SEND_BACK: _text("Trả lại bước trước", "Sending back a step"),
    Switch.EXTEND: _text("Xin lỗi và hẹn lại ngày trả", "Apologising and promising a new date"),
    Switch.RECALL: _text("Thu hồi khi nơi nhận chưa ký nhận", "Recalling before it is registered"),
    Switch.RETURN_AT_COUNTER: _text("Trả kết quả tại quầy", "Returning at the counter"),
    Switch.SEND_BY_POST: _text("Gửi kết quả qua bưu chính", "Sending the result by post"),
    Switch.RETURN_ELECTRONICALLY: _text("Trả kết quả điện tử", "Returning electronically"),
}
JOINS: Mapping[str, Text] = {
    "all": _text("Chờ đủ ý kiến của mọi cơ quan được hỏi", "Every body asked must have answered"),
    "any": _text("Chỉ cần một ý kiến", "One opinion is enough"),
    "at_least": _text("Cần ít nhất số ý kiến ghi bên dưới", "At least the number of opinions given below"),
    "first_negative": _text("Dừng ngay khi có ý kiến không đồng ý", "Ends at the first disagreement"),
}
UNITS: Mapping[str, Text] = {
    "working days": _text("ngày làm việc", "working days"),
    "working hours": _text("giờ làm việc", "working hours"),
    "days": _text("ngày", "days"),
    "months": _text("tháng", "months"),
}
