"""What is said when the bytes of a document cannot be given out."""

from __future__ import annotations

from engine.errors import LienThongError, NotFound


class DocumentCorrupted(LienThongError):
    """The bytes are not the ones that were taken in; they are never given out."""

    code = "document_corrupted"
    vi = "Bản lưu của tài liệu đã bị thay đổi nên không được đưa ra. Hãy báo ngay cho quản trị hệ thống."
    en = "The stored copy of the document was altered and is not given out. Tell the administrator at once."


class DocumentAbsent(NotFound):
    """Whoever was asked for the bytes answers, and does not have them."""

    code = "document_absent"
    vi = "Kho tài liệu không có bản quét này. Hãy thử lại sau ít phút, hoặc báo quản trị hệ thống."
    en = "The document store does not have this scan. Try again in some minutes, or tell the administrator."


class DocumentGone(NotFound):
    """Another installation was promised it, and its bytes are lost here: asking again does not bring them."""

    code = "document_gone"
    vi = "Tài liệu này đã được gửi đi nhưng bản lưu ở đây không còn; đơn vị gửi đã được báo. Không cần hỏi lại."
    en = "This document was promised, but its stored copy is lost here; the sending unit was told. Do not ask again."
