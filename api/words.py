"""The words of the pages for what the engine only names: phases, channels, ways, states of papers and runs."""

from __future__ import annotations

from collections.abc import Mapping

from engine.casework.telling import PAPER_STATES, VERDICTS
from engine.states.names import PHASES
from procedures.declaration import Text
from procedures.words import Channel, DocumentForm

__all__ = [
    "CHANNELS", "DOCUMENT_STATES", "FORMS", "HANDOFF_STATES", "OUTCOMES", "PAPER_KINDS", "PAPER_STATES", "PHASES",
    "RETURN_WAYS", "RUN_STATES", "SPOKEN", "VERDICTS", "named",
]


def _text(vi: str, en: str) -> Text:
    return Text(vi=vi, en=en)


CHANNELS: Mapping[str, Text] = {
    Channel.DIRECT: _text("Trực tiếp tại quầy", "In person at the counter"),
    Channel.ONLINE: _text("Trực tuyến", "Online"),
    Channel.POST: _text("Bưu chính công ích", "Public post"),
}
RETURN_WAYS: Mapping[str, Text] = {
    "counter": _text("Nhận tại quầy", "Collected at the counter"),
    "post": _text("Gửi bưu chính về địa chỉ", "Posted to the address"),
    "electronic": _text("Bản điện tử", "Electronic copy"),
}
FORMS: Mapping[str, Text] = {
    DocumentForm.ORIGINAL: _text("Bản chính", "Original"),
    DocumentForm.COPY: _text("Bản sao", "Copy"),
    DocumentForm.ELECTRONIC: _text("Bản điện tử", "Electronic"),
}
DOCUMENT_STATES: Mapping[str, Text] = {
    "promised": _text("Chưa quét", "Not scanned yet"),
    "pending": _text("Đã nhận, đang chuyển vào kho lưu", "Received, on its way to the store"),
    "stored": _text("Đã lưu", "Stored"),
    "damaged": _text("Bản lưu bị hỏng, báo quản trị", "The stored copy is damaged: tell the administrator"),
}
PAPER_KINDS: Mapping[str, Text] = {
    "submitted": _text("Hồ sơ giấy", "The submitted papers"),
    "result": _text("Bản giấy kết quả", "The paper result"),
}
HANDOFF_STATES: Mapping[str, Text] = {
    "pending": _text("Đang gửi", "Being sent"),
    "delivered": _text("Đã đến, chờ ký nhận", "Delivered, to be registered"),
    "registered": _text("Đã ký nhận", "Registered"),
    "refused": _text("Nơi nhận từ chối", "Refused by the receiver"),
    "recalled": _text("Đã thu hồi", "Recalled"),
}
RUN_STATES: Mapping[str, Text] = {
    "planned": _text("Chưa lập bảng kê", "Planned"),
    "listed": _text("Đã lập bảng kê", "Listed"),
    "departed": _text("Đang đi", "Under way"),
    "arrived": _text("Đã kết thúc", "Finished"),
}
OUTCOMES: Mapping[str, Text] = {
    "approved": _text("Giải quyết theo đề nghị", "Granted"),
    "rejected": _text("Từ chối giải quyết", "Rejected"),
}
# What was written with an act, by field of its form.
SPOKEN: Mapping[str, Text] = {
    "reason": _text("Lý do", "Reason"),
    "words": _text("Nội dung", "Words"),
    "recipient": _text("Người nhận", "Recipient"),
    "slip": _text("Số phiếu", "Slip"),
    "proof": _text("Biên lai", "Receipt"),
}


def named(names: Mapping[str, Text], key: str) -> Text:
    """The words for `key`; what has none yet is shown as it is, never hidden."""
    return names.get(key) or Text(vi=key or "–", en=key or "–")
