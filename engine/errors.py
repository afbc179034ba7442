"""Every way the engine says no, each with a stable code and a message in both languages.

    LienThongError
    ├── NotFound          nothing there, or nothing this person may see (the two look the same)
    ├── Forbidden         seen, but not theirs to do
    │   ├── WrongRole  ├── FourEyes  └── NotRegistered
    ├── Conflict          somebody else was first, or the dossier is elsewhere
    │   ├── StaleVersion  ├── NotPossibleHere  ├── TakenAsGiven  └── KeyReused
    ├── Refused           the law or the procedure asks for something that is missing
    │   ├── Invalid (facts, form fields)  └── UnacceptableFile
    └── Unavailable       a part of the machine is down; nothing was changed
"""

from __future__ import annotations

from typing import ClassVar


class LienThongError(Exception):
    """Base: `code` is what programs read, `vi` and `en` are what people read, `data` fills both."""

    code: ClassVar[str] = "error"
    vi: ClassVar[str] = "Không thực hiện được yêu cầu."
    en: ClassVar[str] = "The request could not be carried out."

    def __init__(self, **data: object) -> None:
        self.data = data
        super().__init__(self.message("en"))

    def message(self, language: str = "vi") -> str:
        if language != "en":
            return self.vi.format_map(_Blank(self.data))
        # {event} is `event_en` where that is given, so that no message mixes the languages
        english = {name.removesuffix("_en"): value for name, value in self.data.items() if name.endswith("_en")}
        return self.en.format_map(_Blank(self.data | english))


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


class NotFound(LienThongError):
    """Strangers get the same answer for what exists and for what does not."""

    code = "not_found"
    vi = "Không tìm thấy {what}, hoặc bạn không có quyền xem."
    en = "Not found, or you may not see it: {what}."


class Forbidden(LienThongError):
    code = "forbidden"
    vi = "Bạn không có quyền thực hiện việc này."
    en = "You may not do this."


class NotSignedIn(Forbidden):
    code = "not_signed_in"
    vi = "Bạn chưa đăng nhập, hoặc phiên làm việc đã hết hạn. Hãy đăng nhập lại."
    en = "You are not signed in, or your session has ended. Please sign in again."


class WrongRole(Forbidden):
    code = "wrong_role"
    vi = "Việc “{event}” thuộc về {who_vi}; bạn không giữ vai trò đó."
    en = "“{event}” belongs to {who_en}; you do not hold that role."


class FourEyes(Forbidden):
    """Nobody appraises and signs the same dossier."""

    code = "four_eyes"
    vi = "Bạn đã xử lý hồ sơ này ở bước “{step_vi}” nên không được ký. Hãy chuyển cho người khác ký."
    en = "You worked on this dossier at “{step_en}” and so may not sign it. Please let somebody else sign."


class NotRegistered(Forbidden):
    code = "not_registered"
    vi = "Hồ sơ được chuyển đến nhưng chưa có người ký nhận. Hãy ký nhận trước khi xử lý."
    en = "The hand-off has not been registered yet. Register it before working on it."


class Conflict(LienThongError):
    code = "conflict"
    vi = "Có thay đổi cùng lúc. Hãy tải lại rồi làm lại."
    en = "Something changed at the same time. Reload and try again."


class StaleVersion(Conflict):
    code = "stale_version"
    vi = "{who} đã “{action}” lúc {when}. Hãy tải lại hồ sơ rồi quyết định lại."
    en = "{who} did “{action}” at {when}. Reload the dossier and decide again."


class NotPossibleHere(Conflict):
    code = "not_possible_here"
    vi = "Không thể “{event}” khi hồ sơ đang ở “{where_vi}”. Có thể: {possible}."
    en = "“{event}” is not possible while the dossier is at “{where_en}”. Possible: {possible}."

    def message(self, language: str = "vi") -> str:
        """Where nothing is possible instead, nothing is named."""
        return super().message(language).removesuffix(" Có thể: -.").removesuffix(" Possible: -.")


class TakenAsGiven(Conflict):
    """An answer that came too late: by law silence was one, and the dossier has gone on."""

    code = "taken_as_given"
    vi = ("Đến hạn {due} chưa có trả lời nên đã ghi nhận “{verdict_vi}” (căn cứ: {basis}). Không nhận trả lời muộn; "
          "nếu cần, hãy báo đơn vị chủ trì.")
    en = ("No answer had come by {due}, so “{verdict_en}” was recorded (basis: {basis}). A late answer is not taken; "
          "tell the lead unit if it matters.")


class KeyReused(Conflict):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_key_reused"
    vi = "Khóa chống trùng đã dùng cho một yêu cầu khác. Hãy tạo khóa mới."
    en = "This Idempotency-Key was used for another request. Use a new one."


class Refused(LienThongError):
    """A legal precondition is missing; `basis` names the article where there is one."""

    code = "refused"
    vi = "{reason_vi}"
    en = "{reason_en}"


class WorksElsewhere(Refused):
    """A page that kept what it took in while the agency worked here goes on keeping it."""

    code = "works_elsewhere"


class MissingDocument(Refused):
    code = "missing_document"
    vi = "Còn thiếu giấy tờ: {names_vi}. Hãy bổ sung đủ rồi làm lại."
    en = "Documents are missing: {names_en}. Add them and try again."


class Invalid(Refused):
    """`fields` is {field: (vi, en)}: every fault at once, so that nobody corrects them one by one."""

    code = "invalid"
    vi = "Có {count} chỗ chưa đúng: {summary_vi}"
    en = "{count_en}: {summary_en}"

    def __init__(self, fields: dict[str, tuple[str, str]]) -> None:
        self.fields = fields
        super().__init__(
            count=len(fields),
            count_en="1 entry is not right" if len(fields) == 1 else f"{len(fields)} entries are not right",
            summary_vi="; ".join(vi for vi, _ in fields.values()),
            summary_en="; ".join(en for _, en in fields.values()),
            fields={name: {"vi": vi, "en": en} for name, (vi, en) in fields.items()},
        )


class UnacceptableFile(Refused):
    """`reason` is one of storage.inspection.Fault."""

    code = "unacceptable_file"
    vi = "Không nhận tệp “{name}”: {reason_vi}"
    en = "The file “{name}” was not accepted: {reason_en}"


class Unavailable(LienThongError):
    """Try again later: nothing was changed."""

    code = "unavailable"
    vi = "{part_vi} tạm thời không trả lời. Chưa có gì bị thay đổi; hãy thử lại sau {seconds} giây."
    en = "{part_en} does not answer just now. Nothing was changed; try again in {seconds} seconds."
