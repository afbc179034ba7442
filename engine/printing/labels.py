"""Labels for folders: code, its QR, whose dossier it is; on a sheet of 24 or on a roll of 62 mm."""

from __future__ import annotations

from collections.abc import Iterable

from engine.printing import typeset, writing
from engine.printing.case import Case

LONGEST = 90


def pdf(cases: Iterable[Case], *, roll: bool) -> bytes:
    return typeset.pdf("labels.typ", {"title": "Nhãn hồ sơ", "roll": roll, "sheets": [_label(case) for case in cases]})


def _label(case: Case) -> dict[str, str]:
    head = case.view.header
    return {"code": case.code, "qr": typeset.qr(case.code), "name": _short(head.applicant.name),
            "procedure": _short(head.procedure_name.vi), "dated": f"Nhận {writing.day(head.submitted_at)}"}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST - 1].rstrip() + "…"
