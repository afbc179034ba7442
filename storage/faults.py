"""Why a scan is not accepted, in words that tell the clerk what to do next."""

from __future__ import annotations

from enum import StrEnum

from engine.errors import UnacceptableFile

LARGEST = 25 * 1024 * 1024
"""Bytes in one file: forty pages at 300 dpi in grey, with room to spare."""
MOST_PAGES = 300
MOST_PIXELS = 60_000_000
"""A4 at 600 dpi is 35 million, A3 at 400 dpi is 31 million; more than this does not fit a child's memory."""


class Fault(StrEnum):
    """`vi` and `en` follow the words "Không nhận tệp “…”:", so they begin with a small letter."""

    vi: str
    en: str

    def __new__(cls, code: str, vi: str, en: str) -> Fault:
        fault = str.__new__(cls, code)
        fault._value_ = code
        fault.vi, fault.en = vi, en
        return fault

    EMPTY = (
        "empty",
        "tệp không có nội dung. Hãy quét lại rồi tải lên.",
        "it is empty. Scan the paper again and upload the new file.",
    )
    TOO_LARGE = (
        "too_large",
        "tệp lớn hơn {megabytes} MB. Hãy quét lại ở 300 dpi, hoặc tách thành nhiều tệp.",
        "it is larger than {megabytes} MB. Scan again at 300 dpi, or split it into several files.",
    )
    NOT_ALLOWED = (
        "not_allowed",
        "chỉ nhận PDF, JPEG hoặc PNG. Hãy quét giấy tờ, hoặc lưu lại thành PDF.",
        "only PDF, JPEG and PNG are accepted. Scan the paper, or save it as PDF.",
    )
    MISMATCH = (
        "mismatch",
        "nội dung không đúng với đuôi tệp hoặc loại tệp đã khai. Hãy lưu lại đúng định dạng, hoặc quét lại.",
        "its content is not what its name or type says. Save it in the right format, or scan again.",
    )
    ENCRYPTED = (
        "encrypted",
        "tệp PDF có mật khẩu hoặc bị khóa. Hãy gỡ khóa rồi lưu lại, hoặc quét từ bản giấy.",
        "the PDF is locked or needs a password. Remove the lock and save it again, or scan the paper.",
    )
    DAMAGED = (
        "damaged",
        "tệp bị hỏng hoặc chưa đầy đủ. Hãy quét lại.",
        "it is damaged or incomplete. Please scan again.",
    )
    BOMB = (
        "bomb",
        "tệp nở ra quá lớn khi mở. Hãy quét lại ở 300 dpi.",
        "it grows too large when opened. Please scan again at 300 dpi.",
    )
    POLYGLOT = (
        "polyglot",
        "tệp có lẫn dữ liệu lạ (mã lệnh, trang web hoặc tệp nén). Hãy quét lại từ bản giấy.",
        "foreign data (script, web page or archive) is hidden in it. Please scan the paper again.",
    )
    ACTIVE = (
        "active",
        "tệp PDF có mã lệnh, lệnh mở chương trình hoặc tệp đính kèm. Hãy in lại thành PDF, hoặc quét lại.",
        "the PDF holds scripts, launch commands or attachments. Print it to a new PDF, or scan the paper.",
    )
    TOO_MANY_PAGES = (
        "too_many_pages",
        "tệp có hơn {pages} trang. Hãy tách thành nhiều tệp.",
        "it has more than {pages} pages. Split it into several files.",
    )


class Unfit(Exception):
    """Raised where a fault is found; `unacceptable` turns it into what the clerk reads."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.value)


def unacceptable(name: str | None, fault: Fault, *, limit: int = LARGEST) -> UnacceptableFile:
    facts = {"megabytes": f"{limit / 1024**2:g}", "pages": MOST_PAGES}
    return UnacceptableFile(
        name=name or "…",
        reason=fault.value,
        reason_vi=fault.vi.format_map(facts),
        reason_en=fault.en.format_map(facts),
    )
