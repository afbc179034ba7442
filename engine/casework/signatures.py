"""What the signatures on a result must say before it may go out; read from rows, never from the file itself.

When a file comes in, the verdict on its signatures is kept with it (`quality.signatures`: `case` and `kinds`). A scan
of a paper that was signed by hand has no such signatures: there the signer's own act is the signature.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from engine.casework.decision import Decision, Row
from engine.catalogue import UnitInfo
from engine.errors import Refused
from procedures.declaration import Role, Text
from procedures.entry import text

RESULT = "result"
READABLE = ("pending", "stored")


class Case(StrEnum):
    """Of one signature, and of a file. From UNSIGNED on they are about files only."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A signature that was just made: `position` as it stands under it, `certificate`: subject, issuer, serial."""

    kind: str
    adapter: str
    position: str = ""
    certificate: Mapping[str, str] = field(default_factory=dict)


def current_result(decision: Decision) -> Row | None:
    rows = [row for row in decision.loaded.documents if row["component"] == RESULT and row["state"] in READABLE]
    return rows[-1] if rows else None


def waiting(decision: Decision) -> bool:
    """Whether a result was submitted that nobody has signed yet."""
    return any(letter["kind"] == RESULT and letter["state"] == "submitted" for letter in decision.loaded.letters)


def check_result(decision: Decision, row: Row) -> None:
    """Raises Refused: what was altered is never signed or issued; what is issued has all its signatures."""
    told, letter = _told(row), _letter_of(decision, row)
    if told is not None and told["case"] not in (Case.VALID, Case.UNSIGNED):
        raise _refused(Case(told["case"]))
    if decision.role == Role.SIGNER:
        return
    if letter is not None and letter["state"] == "cancelled":
        raise Refused(reason_vi=f"Văn bản kết quả số thứ tự {letter['no']} đã bị hủy; cần văn bản khác.",
                      reason_en=f"The result, letter {letter['no']}, was cancelled; another one is needed.")
    if letter is not None and letter["state"] != "issued":
        raise Refused(reason_vi=f"Văn bản kết quả số thứ tự {letter['no']} chưa được văn thư lấy số và ký của cơ quan.",
                      reason_en=f"The result, letter {letter['no']}, has no number and agency signature yet.")
    if told is not None and told["case"] == Case.VALID:
        _refuse_lacking(told["kinds"], ("personal", "agency") if letter else ("personal",))
    elif not _signed_by_hand(decision):
        raise _refused(Case.PERSON_MISSING)


def keep_wet(decision: Decision, unit: UnitInfo, details: Row) -> None:
    """The signer's act on a paper without digital signatures: that he signed this very scan by hand."""
    row = current_result(decision)
    if row is None or decision.role != Role.SIGNER or _letter_of(decision, row) is not None:
        return
    told = _told(row)
    if told is not None and told["case"] == Case.VALID:
        return
    decision.add("signature", signature_row(decision, unit, row, Made(kind="wet", adapter="wet")))
    details["signed"] = row["sha256"]


def signature_row(decision: Decision, unit: UnitInfo, document: Row, made: Made, letter: int | None = None) -> Row:
    """Who signed at an agency that does not work here stands by name, in `position`."""
    named, person = made.certificate, decision.actor
    return {"id": str(uuid.uuid4()), "dossier_id": decision.loaded.id, "letter_no": letter,
            "document_id": document["id"], "kind": made.kind, "person_id": person.id or None,
            "for_id": decision.stands_for[0] if decision.stands_for else None, "unit_id": unit.id,
            "position": made.position or ("" if person.id else person.name), "adapter": made.adapter,
            "subject": named.get("subject"),
            "issuer": named.get("issuer"), "serial": named.get("serial"), "sha256": document["sha256"],
            "at": decision.stamp}


def _told(row: Row) -> dict[str, Any] | None:
    """The verdict that was kept when the file came in; files from before have none."""
    found = (row.get("quality") or {}).get("signatures")
    return dict(found) if found else None


def _letter_of(decision: Decision, row: Row) -> Row | None:
    return next((letter for letter in decision.loaded.letters if letter["document_id"] == row["id"]), None)


def _signed_by_hand(decision: Decision) -> bool:
    """Also of a scan that replaced the signed one after an error was found; without such a row only the step tells."""
    return (any(row["kind"] == "wet" for row in decision.loaded.signatures)
            or any(role == Role.SIGNER for _, _, role, _ in decision.loaded.done))


def _refuse_lacking(kinds: list[str], wanted: tuple[str, ...]) -> None:
    for kind, case in (("personal", Case.PERSON_MISSING), ("agency", Case.AGENCY_MISSING)):
        if kind in wanted and kind not in kinds:
            raise _refused(case)


def _refused(case: Case) -> Refused:
    return Refused(reason_vi=f"Kết quả chưa dùng được: {CASES[case].vi}",
                   reason_en=f"The result cannot be used: {CASES[case].en}", signature=case.value)
