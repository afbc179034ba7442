"""What administrators read for the closed vocabularies of a declaration."""

from __future__ import annotations

from collections.abc import Mapping

from procedures.declaration import Text
from procedures.entry import text
from procedures.words import (
    AfterSupplement,
    CountMode,
    Effect,
    Expiry,
    FactType,
    Level,
    Paper,
    Starts,
    Subject,
    Switch,
    Unanswered,
)

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


LEVELS: Mapping[str, Text] = {
    Level.MINISTRY: text("Cấp bộ", "Ministry"),
    Level.PROVINCE: text("Cấp tỉnh", "Province"),
    Level.COMMUNE: text("Cấp xã", "Commune"),
}
SUBJECTS: Mapping[str, Text] = {
    Subject.PERSON: text("Công dân", "Citizens"),
    Subject.ENTERPRISE: text("Doanh nghiệp", "Enterprises"),
    Subject.STATE_AGENCY: text("Cơ quan nhà nước", "State agencies"),
    Subject.ORGANISATION: text("Tổ chức khác", "Other organisations"),
}
FACT_TYPES: Mapping[str, Text] = {
    FactType.TEXT: text("Chữ", "Text"),
    FactType.INTEGER: text("Số nguyên", "Whole number"),
    FactType.BOOLEAN: text("Có hoặc không", "Yes or no"),
    FactType.DATE: text("Ngày", "Date"),
    FactType.CHOICE: text("Chọn một trong danh sách", "One of a list"),
}
COUNT_MODES: Mapping[str, Text] = {
    CountMode.DAY: text("Theo ngày: hết ngày cuối cùng", "By the day: until the end of the last day"),
    CountMode.HOUR: text("Theo giờ: mỗi ngày làm việc là 8 giờ", "By the hour: a working day is 8 hours"),
}
AFTER_SUPPLEMENT: Mapping[str, Text] = {
    AfterSupplement.RESTART: text("Tính lại từ đầu", "The limit starts again"),
    AfterSupplement.RESUME: text("Tính tiếp phần còn lại", "The limit goes on"),
}
STARTS: Mapping[str, Text] = {
    Starts.REGISTERED: text("Khi nơi nhận ký nhận, chậm nhất khi hết hạn ký nhận",
                            "When it is registered, at the latest when the time to register is over"),
    Starts.DELIVERED: text("Khi hồ sơ đến hệ thống của nơi nhận", "When it has reached the receiving desk"),
    Starts.SENT: text("Khi nơi gửi chuyển đi", "When it is sent"),
}
UNANSWERED: Mapping[str, Text] = {
    Unanswered.REMIND: text("Nhắc quầy liên hệ với người nộp", "The desk is reminded to call the applicant"),
    Unanswered.RETURN: text("Hệ thống dừng giải quyết và trả lại hồ sơ",
                            "The system stops the dossier and gives it back"),
    Unanswered.NOTHING: text("Chỉ ghi hạn, không nhắc", "The date is shown, nobody is reminded"),
}
EXPIRIES: Mapping[str, Text] = {
    Expiry.REMIND: text("Nhắc người đang giữ việc", "Who holds the work is reminded"),
    Expiry.ESCALATE: text("Nhắc và báo lãnh đạo đơn vị, quản lý bộ phận Một cửa",
                          "Reminded; the head of the unit and the management of the one-stop desk are told"),
    Expiry.RETURN: text("Trả về nơi yêu cầu, nơi chuyển đến", "It goes back to who asked for it, or sent it"),
    Expiry.TACIT_YES: text("Không trả lời thì coi như đồng ý", "No answer counts as agreement"),
    Expiry.TACIT_NO: text("Không trả lời thì coi như không đồng ý", "No answer counts as disagreement"),
    Expiry.NOTHING: text("Chỉ hiện hạn, không nhắc ai", "The date is shown, nobody is told"),
}
EFFECTS: Mapping[str, Text] = {
    Effect.REFUSE: text("Không tiếp nhận", "Not accepted"),
    Effect.ADVISE: text("Chỉ nhắc người tiếp nhận", "The receptionist is told"),
}
PAPERS: Mapping[str, Text] = {
    Paper.NONE: text("Không cần hồ sơ giấy", "No paper"),
    Paper.NEEDED: text("Phải có hồ sơ giấy tại bước này", "The papers must be there"),
}
SWITCHES: Mapping[str, Text] = {
    Switch.REFUSE: text("Từ chối tiếp nhận", "Refusing at the desk"),
    Switch.REQUEST_SUPPLEMENT: text("Yêu cầu bổ sung, hoàn thiện hồ sơ", "Asking for a supplement"),
    Switch.REQUEST_PAYMENT: text("Thông báo nghĩa vụ tài chính", "Asking for payment"),
    Switch.PROPOSE_REJECTION: text("Trình từ chối giải quyết", "Proposing a rejection"),
    Switch.WITHDRAW: text("Rút hồ sơ", "Withdrawing"),
    Switch.STOP: text("Dừng xử lý", "Stopping"),
    Switch.SEND_BACK: text("Trả lại bước trước", "Sending back a step"),
    Switch.EXTEND: text("Xin lỗi và hẹn lại ngày trả", "Apologising and promising a new date"),
    Switch.RECALL: text("Thu hồi khi nơi nhận chưa ký nhận", "Recalling before it is registered"),
    Switch.RETURN_AT_COUNTER: text("Trả kết quả tại quầy", "Returning at the counter"),
    Switch.SEND_BY_POST: text("Gửi kết quả qua bưu chính", "Sending the result by post"),
    Switch.RETURN_ELECTRONICALLY: text("Trả kết quả điện tử", "Returning electronically"),
}
JOINS: Mapping[str, Text] = {
    "all": text("Chờ đủ ý kiến của mọi cơ quan được hỏi", "Every body asked must have answered"),
    "any": text("Chỉ cần một ý kiến", "One opinion is enough"),
    "at_least": text("Cần ít nhất số ý kiến ghi bên dưới", "At least the number of opinions given below"),
    "first_negative": text("Dừng ngay khi có ý kiến không đồng ý", "Ends at the first disagreement"),
}
UNITS: Mapping[str, Text] = {
    "working days": text("ngày làm việc", "working days"),
    "working hours": text("giờ làm việc", "working hours"),
    "days": text("ngày", "days"),
    "months": text("tháng", "months"),
}
