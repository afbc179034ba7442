"""What the signatures of a PDF are worth, in words.

Decided by the bottom line of every signature, by what the last one covers and by what was changed after each. That a
signature is intact and valid says nothing about pages added later, so it never decides alone. The file is read in a
process of its own, with little memory and little time: it may come from anybody.
"""

from __future__ import annotations

import atexit
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from io import BytesIO

from procedures.declaration import Text
from procedures.entry import text
from storage.quarantine import Answer, Quarantine

_quarantine = Quarantine(module="engine.signing.verdict_child", ahead=0, at_once=2,
                         longest=16_384)
atexit.register(_quarantine.close)


class Case(StrEnum):
    """Of one signature, and of a file. UNSIGNED, PERSON_MISSING, AGENCY_MISSING and UNREADABLE are about files only."""

    VALID = "valid"
    ALTERED = "altered"
    BROKEN = "broken"
    UNTRUSTED = "untrusted"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNSIGNED = "unsigned"
    PERSON_MISSING = "person_missing"
    AGENCY_MISSING = "agency_missing"
    TOO_MANY = "too_many"
    UNREADABLE = "unreadable"


CASES: Mapping[Case, Text] = {
    Case.VALID: text("Chữ ký hợp lệ; văn bản không thay đổi từ khi ký.",
                     "The signature is valid; nothing has changed since."),
    Case.ALTERED: text("Văn bản đã bị thêm hoặc sửa sau khi ký. Không dùng văn bản này.",
                       "Something was added or changed after signing. Do not use this document."),
    Case.BROKEN: text("Nội dung không khớp với chữ ký: tệp bị hỏng hoặc bị sửa. Không dùng văn bản này.",
                      "The content does not match the signature: damaged or changed. Do not use this document."),
    Case.UNTRUSTED: text("Chứng thư của người ký không do tổ chức chứng thực được tin cậy ở đây cấp.",
                         "The signer's certificate was not issued by an authority that is trusted here."),
    Case.EXPIRED: text("Chứng thư của người ký không còn (hoặc chưa có) hiệu lực vào lúc ký.",
                       "The signer's certificate was not in force when it was used."),
    Case.REVOKED: text("Chứng thư của người ký đã bị thu hồi.", "The signer's certificate has been revoked."),
    Case.UNSIGNED: text("Tệp không có chữ ký số.", "The file has no digital signature."),
    Case.PERSON_MISSING: text("Thiếu chữ ký số của người có thẩm quyền.",
                              "The digital signature of the competent person is missing."),
    Case.AGENCY_MISSING: text("Thiếu chữ ký số của cơ quan.", "The digital signature of the agency is missing."),
    Case.TOO_MANY: text("Tệp có quá nhiều chữ ký số nên không kiểm tra.", "Too many signatures to check."),
    Case.UNREADABLE: text("Không đọc được tệp này như một tệp PDF.", "The file cannot be read as a PDF."),
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom this installation believes: roots and lists of revoked certificates, DER."""

    roots: tuple[bytes, ...]
    revoked: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureVerdict:
    """`kind`: personal or agency, as the certificate says; `at` is what the signer's machine claimed."""

    kind: str
    name: str
    issuer: str
    serial: str
    at: datetime | None
    case: Case

    @property
    def why(self) -> Text:
        return CASES[self.case]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`signatures` in the order they were made."""

    case: Case
    signatures: list[SignatureVerdict] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.case is Case.VALID

    @property
    def why(self) -> Text:
        return CASES[self.case]

    def lacking(self, kinds: Sequence[str]) -> Case | None:
        """What a valid file still misses of `kinds`."""
        there = {one.kind for one in self.signatures}
        missing = [kind for kind in kinds if kind not in there]
        if not missing:
            return None
        return Case.PERSON_MISSING if missing[0] == "personal" else Case.AGENCY_MISSING

    def row(self) -> dict[str, object]:
        """As a document's row keeps it."""
        return {"case": self.case, "kinds": [one.kind for one in self.signatures]}


def verdict(pdf: bytes, trust: Trust, now: datetime, *, quarantine: Quarantine = _quarantine) -> Verdict:
    """Raises Unavailable when the checker itself does not work."""
    asked = {"roots": [b64encode(der).decode() for der in trust.roots],
             "revoked": [b64encode(der).decode() for der in trust.revoked], "now": now.isoformat()}
    return _read(quarantine.examine(BytesIO(json.dumps(asked).encode() + b"\n" + pdf)))


def _read(answer: Answer) -> Verdict:
    """A child that died of the file, or took too long over it, has judged the file."""
    try:
        said = json.loads(answer.text)
    except ValueError:
        return Verdict(case=Case.UNREADABLE)
    if "fault" in said:
        return Verdict(case=Case(said["fault"]))
    found = [SignatureVerdict(**{**one, "case": Case(one["case"]),
                                 "at": datetime.fromisoformat(one["at"]) if one["at"] else None})
             for one in said["signatures"]]
    worst = next((one.case for one in found if one.case is not Case.VALID), Case.VALID)
    return Verdict(case=worst if found else Case.UNSIGNED, signatures=found)
