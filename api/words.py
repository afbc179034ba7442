"""The words of the pages for what the engine only names: phases, channels, ways, states of papers and runs."""

from __future__ import annotations

from collections.abc import Mapping

from engine.casework.telling import (
    FEEDBACK_KINDS,
    FEEDBACK_OUTCOMES,
    PAPER_STATES,
    PAYOUT_FAILURES,
    PAYOUT_PURPOSES,
    PAYOUT_RECEIPTS,
    PAYOUT_WAYS,
    POST_FAILURES,
    POST_REPORTS,
    RUN_STATES,
    VERDICTS,
)
from engine.clocks.marks import ClockState
from engine.states.names import PHASES
from procedures.declaration import Text
from procedures.entry import text
from procedures.words import Channel, DocumentForm

__all__ = [
    "CHANNELS", "CLOCK_STATES", "DOCUMENT_STATES", "FEEDBACK_KINDS", "FEEDBACK_OUTCOMES", "FORMS", "HANDOFF_STATES",
    "OUTCOMES", "PAPER_AWAY", "PAPER_KINDS", "PAPER_STATES", "PAYOUT_FAILURES", "PAYOUT_PURPOSES", "PAYOUT_RECEIPTS",
    "PAYOUT_WAYS",
    "PHASES", "POSTING_STATES", "POST_FAILURES", "POST_REPORTS", "RETURN_WAYS", "RUN_STATES", "SCAN_HINTS", "SPOKEN",
    "SPOKEN_OF", "VERDICTS", "named", "spoken",
]


CHANNELS: Mapping[str, Text] = {
    Channel.DIRECT: text("Trực tiếp tại quầy", "In person at the counter"),
    Channel.ONLINE: text("Trực tuyến", "Online"),
    Channel.POST: text("Bưu chính công ích", "Public post"),
}
RETURN_WAYS: Mapping[str, Text] = {
    "counter": text("Nhận tại quầy", "Collected at the counter"),
    "post": text("Gửi bưu chính về địa chỉ", "Posted to the address"),
    "electronic": text("Bản điện tử", "Electronic copy"),
}
FORMS: Mapping[str, Text] = {
    DocumentForm.ORIGINAL: text("Bản chính", "Original"),
    DocumentForm.COPY: text("Bản sao", "Copy"),
    DocumentForm.ELECTRONIC: text("Bản điện tử", "Electronic"),
}
DOCUMENT_STATES: Mapping[str, Text] = {
    "promised": text("Chưa quét", "Not scanned yet"),
    "pending": text("Đã nhận, đang chuyển vào kho lưu", "Received, on its way to the store"),
    "stored": text("Đã lưu", "Stored"),
    "damaged": text("Bản lưu bị hỏng, báo quản trị", "The stored copy is damaged: tell the administrator"),
}
SCAN_HINTS: Mapping[str, Text] = {
    "blank": text("Trang trắng", "Blank page"),
    "skew": text("Bị nghiêng", "Crooked"),
    "dark": text("Quá tối", "Too dark"),
    "pale": text("Quá nhạt", "Too pale"),
    "dpi": text("Độ phân giải thấp", "Too few dots"),
}
PAPER_KINDS: Mapping[str, Text] = {
    "submitted": text("Hồ sơ giấy", "The submitted papers"),
    "result": text("Bản giấy kết quả", "The paper result"),
}
# Where the paper is not where the work is.
PAPER_AWAY: Mapping[str, Text] = {
    "carried": text("Bản giấy trên đường", "Paper on its way"),
    "missing": text("Thiếu bản giấy", "Paper missing"),
    "elsewhere": text("Bản giấy ở nơi khác", "Paper elsewhere"),
}
HANDOFF_STATES: Mapping[str, Text] = {
    "pending": text("Đang gửi", "Being sent"),
    "delivered": text("Đã đến, chờ ký nhận", "Delivered, to be registered"),
    "mailing": text("Đang gửi thư", "The mail is being sent"),
    "mail_parked": text("Thư chưa gửi được", "The mail could not be sent"),
    "mailed": text("Thư đã gửi, chờ ký nhận", "Mailed, to be registered"),
    "to_print": text("Chờ in phiếu", "The slip is to be printed"),
    "printed": text("Phiếu đã in, chờ ký nhận", "The slip is printed, to be registered"),
    "registered": text("Đã ký nhận", "Registered"),
    "refused": text("Nơi nhận từ chối", "Refused by the receiver"),
    "recalled": text("Đã thu hồi", "Recalled"),
    "inside": text("Hỏi trong cơ quan", "Asked within the agency"),
    "to_pay": text("Đã chuyển danh sách chi trả", "On a pay-out list passed on"),
}
OUTCOMES: Mapping[str, Text] = {
    "approved": text("Giải quyết theo đề nghị", "Granted"),
    "rejected": text("Từ chối giải quyết", "Rejected"),
}
CLOCK_STATES: Mapping[ClockState, Text] = {
    ClockState.RUNNING: text("Đang tính", "Running"),
    ClockState.STOPPED: text("Đang dừng", "Stopped"),
    ClockState.ENDED: text("Đã kết thúc", "Ended"),
}
POSTING_STATES: Mapping[str, Text] = {
    "sent": text("Đang phát", "Being delivered"),
    "returning": text("Đang chuyển hoàn", "On its way back"),
    "lost": text("Thất lạc", "Lost"),
    "delivered": text("Đã phát", "Delivered"),
    "came_back": text("Đã chuyển hoàn", "Came back"),
}
# What was written with an act, by field of its form.
SPOKEN: Mapping[str, Text] = {
    "reason": text("Lý do", "Reason"),
    "words": text("Nội dung", "Words"),
    "recipient": text("Người nhận", "Recipient"),
    "slip": text("Số phiếu", "Slip"),
    "proof": text("Biên lai", "Receipt"),
    "address": text("Địa chỉ", "Address"),
    "identity": text("Số định danh", "ID number"),
}
# The forms of some acts ask for something else in the same fields.
SPOKEN_OF: Mapping[tuple[str, str], Text] = {
    ("confirm_paper", "recipient"): text("Người đã ký nhận", "Signed for by"),
    ("order_payout", "proof"): text("Số tài khoản, ngân hàng", "Account and bank"),
    ("record_payout", "proof"): text("Số chứng từ", "Voucher"),
    ("pass_payout", "proof"): text("Giấy tờ thừa kế", "Proof of the inheritance"),
    ("pass_payout", "words"): text("Số tài khoản, ngân hàng", "Account and bank"),
    ("close_payout", "proof"): text("Trích lục khai tử", "Death certificate"),
}


def spoken(act: str, field: str) -> Text:
    """What the form of `act` calls its `field`."""
    return SPOKEN_OF.get((act, field)) or named(SPOKEN, field)


def named(names: Mapping[str, Text], key: str) -> Text:
    """The words for `key`; what has none yet is shown as it is, never hidden."""
    return names.get(key) or Text(vi=key or "–", en=key or "–")
