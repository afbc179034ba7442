"""Messages between installations in words: what each kind is, and why one does not go on."""

from __future__ import annotations

import re

from procedures.declaration import Text

KINDS = {
    "handoff": Text(vi="chuyển hồ sơ", en="hand-off"),
    "registered": Text(vi="đã ký nhận", en="registered"),
    "refused": Text(vi="không nhận", en="refused"),
    "recall": Text(vi="yêu cầu thu hồi", en="recall"),
    "recalled": Text(vi="trả lại theo yêu cầu thu hồi", en="given back"),
    "kept": Text(vi="không trả lại, đã ký nhận", en="kept"),
    "answered": Text(vi="trả lời", en="answer"),
    "withdrawn": Text(vi="không cần xử lý nữa", en="withdrawn"),
    "more_documents": Text(vi="gửi thêm tài liệu", en="further documents"),
    "progress": Text(vi="tình trạng hồ sơ", en="progress"),
    "resend_wanted": Text(vi="đề nghị gửi lại", en="asked to send anew"),
}
WHY = {
    "malformed": Text(vi="nội dung không đúng dạng", en="malformed"),
    "unknown_key": Text(vi="bên kia không biết khóa ký của ta", en="they do not know our key"),
    "revoked_key": Text(vi="bên kia đã thu hồi khóa ký của ta", en="they revoked our key"),
    "bad_signature": Text(vi="chữ ký không khớp", en="the signature does not fit"),
    "not_for_us": Text(vi="bên kia nói không phải gửi cho họ", en="they say it is not for them"),
    "not_yours": Text(vi="bên kia chưa ghi nhận cơ quan gửi thuộc hệ thống này",
                      en="they do not know that the sending agency works here"),
    "suspended": Text(vi="bên kia đang tạm dừng trao đổi với ta", en="they suspended the exchange with us"),
    "other_content": Text(vi="bên kia đã nhận số này với nội dung khác", en="they have this number with other bytes"),
    "too_large": Text(vi="quá lớn", en="too large"),
    "unknown_unit": Text(vi="không có đơn vị nhận", en="there is no such unit"),
    "unknown_kind": Text(vi="không hiểu loại thông điệp", en="this kind of message is not understood"),
    "unknown_handoff": Text(vi="không có phiếu chuyển này", en="there is no such hand-off"),
    "invalid": Text(vi="nội dung thiếu hoặc sai", en="content missing or wrong"),
    "not_found": Text(vi="không tìm thấy", en="not found"),
    "handoff_known": Text(vi="đã có phiếu chuyển mang mã này", en="there is a hand-off of this id already"),
    "not_possible_here": Text(vi="hồ sơ đang ở bước khác", en="the dossier is elsewhere in its procedure"),
    "conflict": Text(vi="không khớp với tình trạng hiện nay của hồ sơ",
                     en="it does not fit how the dossier stands now"),
    "stale_version": Text(vi="hồ sơ vừa được cập nhật", en="the dossier changed meanwhile"),
    "refused": Text(vi="quy định không cho phép", en="the rules do not allow it"),
    "works_elsewhere": Text(vi="cơ quan nhận không còn làm việc trên hệ thống này",
                            en="the receiving agency does not work with this system any more"),
    "forbidden": Text(vi="không có quyền", en="not allowed"),
    "wrong_role": Text(vi="không thuộc vai trò được làm việc này", en="not for that role"),
    "missing_document": Text(vi="thiếu tài liệu", en="a document is missing"),
    "unacceptable_file": Text(vi="tệp không dùng được", en="a file cannot be used"),
    "unavailable": Text(vi="hệ thống tạm thời không đáp ứng", en="not available for the moment"),
    "document_gone": Text(vi="bên gửi báo bản lưu ở đó không còn", en="the sender says that its copy is lost"),
    "document_absent": Text(vi="kho tài liệu không còn tệp này", en="the document store has it no more"),
    "document_corrupted": Text(vi="bản lưu đã bị thay đổi nên không đưa ra", en="its stored copy was altered"),
}
# Of a document of ours; whoever pulls it was told by the answer.
LOST = Text(vi="Bên nhận đã được báo là tệp không còn. Hồ sơ còn mở: quét hoặc đính kèm lại rồi Gửi thêm tài liệu; "
               "đính kèm đúng tệp cũ, hoặc quản trị khôi phục từ bản sao lưu, thì bên nhận chỉ cần bấm Làm lại. Không "
               "có lại được: gọi để bên nhận Bỏ qua. Xong thì khép sự việc.",
            en="The receiver was told that the file is gone. While the dossier is open: scan or attach it again, then "
               "send further documents; if it is the very same file, or an administrator restores it from a backup, "
               "they need only try again. Where there is none any more: call them, they go without it. Then close the "
               "incident.")
# As storage keeps it of a parked message: its id, for one that came its kind, and why.
_PARKED = re.compile(r"[0-9a-f-]{36} (?:(\w+) )?(.*)", re.DOTALL)
_TOO_LARGE = re.compile(r"[0-9]+ bytes, at most [0-9]+ are taken")
_ANSWERED = re.compile(r"(?:HTTP )?([45][0-9]{2})\b.*", re.DOTALL)


def reason(why: str | None) -> Text:
    """What a person can act on; what has no words is an error of the program, named for those who mend it."""
    if not why:
        return Text(vi="chưa rõ", en="not known")
    return _known(why) or Text(vi=f"lỗi chương trình, báo quản trị hệ thống (mã: {why})",
                               en=f"an error of the program, tell the administrator (code: {why})")


def _known(why: str) -> Text | None:
    if why.startswith(("SHA-256", "more bytes than", "fewer bytes than")):
        return Text(vi="nội dung tệp không khớp mã băm đã báo", en="the document's bytes do not match its hash")
    if _TOO_LARGE.fullmatch(why):
        return WHY["too_large"]
    if answered := _ANSWERED.fullmatch(why):
        return Text(vi=f"bên kia trả lời mã {answered[1]}", en=f"they answer with {answered[1]}")
    # of a file that cannot be used its fault follows
    return WHY.get(why.partition(": ")[0])


_KEYS = frozenset({"unknown_key", "revoked_key", "bad_signature"})
_PLACES = frozenset({"not_for_us", "not_yours", "unknown_unit"})
_NEEDED = {
    "here": Text(vi="Bấm Gửi lại; còn dừng thì báo quản trị hệ thống.",
                 en="Try it again; if it stops once more, tell the administrator."),
    "outgoing": Text(vi="Hỏi bên nhận vì sao không nhận được, xử lý xong thì bấm Gửi lại. Không bỏ qua được: "
                        "mọi tin sau của hồ sơ này chờ tin này.",
                     en="Ask the receiver why it cannot be taken; once that is mended, try again. It cannot be left "
                        "out: whatever is sent later about this dossier waits for it."),
    "incoming": Text(vi="Xem hồ sơ đang ở đâu. Nguyên nhân đã hết thì bấm Làm lại; bên gửi phải sửa thì Đề nghị gửi "
                        "lại; không còn cần nữa thì Bỏ qua, nêu lý do: các tin sau của hồ sơ này đang chờ tin này.",
                     en="Look where the dossier is. If the cause is gone, try again; if the sender must mend it, ask "
                        "for it anew; if nobody needs it any more, go without it and say why: later messages wait."),
    "document": Text(vi="Bấm Làm lại; vẫn không tải được thì Đề nghị gửi lại, để bên gửi kiểm tra tệp ở đó. Bên gửi đã "
                        "gửi tệp khác, hoặc không còn cần, thì Bỏ qua, nêu lý do: câu trả lời kèm tệp này chờ nó.",
                     en="Try it again; if it still does not come, ask for it anew: they look at the file there. If "
                        "they sent another, or it is not needed, go without it and say why: the answer waits for it."),
}


def needed(way: str, why: str | None) -> Text:
    """What a person does about something parked: which way it went, and why it stopped."""
    if way == "document" and why == "document_gone":
        return Text(vi="Chờ hay làm lại đều không có ích khi bên gửi chưa báo đã có lại tệp; đơn vị gửi đã được báo và "
                       "có thể gửi tệp khác. Đã có tệp khác, hoặc không còn cần, thì Bỏ qua, nêu lý do: câu trả lời "
                       "kèm tệp này chờ nó.",
                    en="Waiting or trying again is useless until the sender says that the file is back; the unit there "
                       "was told and may send another. Once there is another, or it is not needed, go without it and "
                       "say why: the answer waits for it.")
    if way == "outgoing" and why in _KEYS:
        return Text(vi="Quản trị hai bên đối chiếu và phê duyệt khóa ký, xong thì bấm Gửi lại.",
                    en="The administrators of both sides compare and approve the key; then try again.")
    if way == "outgoing" and why in _PLACES:
        return Text(vi="Quản trị hai bên cập nhật danh bạ cơ quan, đơn vị của nhau, xong thì bấm Gửi lại.",
                    en="The administrators of both sides take over each other's directory; then try again.")
    if way == "outgoing" and why == "suspended":
        return Text(vi="Bên kia đang tạm dừng trao đổi: gọi điện hỏi; khi họ mở lại thì bấm Gửi lại.",
                    en="They suspended the exchange: telephone; once they resume it, try again.")
    return _NEEDED[way]


def parked(detail: str) -> Text:
    """Of an incident about a message: which message, and why it does not go on."""
    told = _PARKED.fullmatch(detail)
    if told is None:
        return Text(vi=detail, en=detail)
    kind, why = (told[1], told[2]) if told[1] in KINDS else (None, f"{told[1] or ''} {told[2]}".strip())
    document, _, fault = why.partition(": ")
    if fault and not _known(why):
        because = reason(fault)
        return Text(vi=f"{document}: {because.vi}", en=f"{document}: {because.en}")
    name, because = KINDS.get(kind or ""), reason(why)
    return Text(vi=f"{name.vi}: {because.vi}", en=f"{name.en}: {because.en}") if name else because
