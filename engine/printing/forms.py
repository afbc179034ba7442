"""The forms of Circular 03/2025/TT-VPCP about one dossier: which exist, and each as PDF/A; many dossiers in one file.

A form exists once what it tells of has happened. All of it is read from the record; nothing is typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.casework.orders import Actor, unfit
from engine.errors import Invalid, NotFound
from engine.office import Office
from engine.printing import case as cases
from engine.printing import control, labels, notices, receipt, typeset, writing
from engine.printing.case import Case, Sheet
from procedures.declaration import Text
from procedures.entry import text

MOST = 200
BOOK = 7


class NotYet(NotFound):
    """Form 03 without a refusal, and the like."""

    code = "form_not_there"
    vi = "Hồ sơ {dossier} chưa có Mẫu số {no}: {why}."
    en = "Dossier {dossier} has no Form {no}: {why}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """`count`: how many of it a dossier has; `make`: the n-th. `why`: what must have happened."""

    no: int
    name: Text
    template: str
    count: Callable[[Case], int]
    make: Callable[[Case, int], Sheet]
    why: Text


def _received(case: Case) -> int:
    return int(case.view.header.received_at is not None)


FORMS: dict[int, Kind] = {kind.no: kind for kind in (
    Kind(no=1, name=text(receipt.TITLE, "Receipt and appointment slip"), template="receipt.typ", count=_received,
         make=lambda case, nth: receipt.sheet(case), why=text("hồ sơ chưa được tiếp nhận", "it was not accepted yet")),
    Kind(no=2, name=text(notices.SUPPLEMENT_TITLE, "Request for a supplement"), template="notice.typ",
         count=lambda case: len(notices.supplements(case)), make=notices.supplement,
         why=text("chưa có yêu cầu bổ sung", "no supplement was asked for")),
    Kind(no=3, name=text(notices.REFUSAL_TITLE, "Refusal"), template="notice.typ",
         count=lambda case: len(notices.refusals(case)), make=notices.refusal,
         why=text("chưa có việc từ chối", "nothing was refused")),
    Kind(no=4, name=text(notices.APOLOGY_TITLE, "Apology with a new date"), template="notice.typ",
         count=lambda case: len(notices.apologies(case)), make=notices.apology,
         why=text("chưa phát hành văn bản xin lỗi", "no apology was issued")),
    Kind(no=5, name=text(notices.STOP_TITLE, "Stop notice"), template="notice.typ",
         count=lambda case: len(notices.endings(case)), make=notices.ending,
         why=text("hồ sơ chưa dừng giải quyết", "it was not stopped or withdrawn")),
    Kind(no=6, name=text(control.TITLE, "Process control slip"), template="control.typ", count=_received,
         make=lambda case, nth: control.sheet(case), why=text("hồ sơ chưa được tiếp nhận", "it was not accepted yet")),
)}


def warm() -> None:
    """So that the first paper of the day takes no longer than the others."""
    typeset.warm()
    writing.warm()


@dataclass(frozen=True, kw_only=True, slots=True)
class Available:
    """A form that can be printed, or why it cannot; `nth` of `of` where a dossier has several."""

    no: int
    name: Text
    nth: int
    of: int
    why: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """`name` for the file; `left_out`: codes of a batch that could not be printed."""

    name: str
    pdf: bytes
    left_out: tuple[str, ...] = ()


def available(office: Office, code: str, actor: Actor, now: datetime) -> list[Available]:
    """Raises NotFound for strangers."""
    case, found = cases.read(office, code, actor, now), []
    for kind in FORMS.values():
        many = kind.count(case)
        found += [Available(no=kind.no, name=kind.name, nth=nth, of=many, why=None) for nth in range(1, many + 1)]
        if not many:
            found.append(Available(no=kind.no, name=kind.name, nth=0, of=0, why=kind.why))
    return found


def form(office: Office, code: str, no: int, actor: Actor, now: datetime, *, nth: int | None = None) -> Printed:
    """The last of that form, or the n-th. Raises NotFound for strangers and unknown forms, NotYet."""
    kind = _kind(no)
    sheet = _sheet(kind, cases.read(office, code, actor, now), nth)
    return Printed(name=f"mau-{no:02d}-{code}.pdf", pdf=_pdf(kind, [sheet], (), now))


def batch(office: Office, codes: Sequence[str], no: int, actor: Actor, now: datetime) -> Printed:
    """One file with that form of every dossier, in the order given; the first page names those left out."""
    kind, wanted = _kind(no), _wanted(codes)
    sheets, left = [], []
    for code in wanted:
        try:
            sheets.append(_sheet(kind, _case(office, code, actor, now), None))
        except NotFound:
            left.append(code)
    return Printed(name=f"mau-{no:02d}-{len(sheets)}-ho-so.pdf", pdf=_pdf(kind, sheets, tuple(left), now),
                   left_out=tuple(left))


def label(office: Office, codes: Sequence[str], actor: Actor, now: datetime, *, roll: bool) -> Printed:
    """Labels of every dossier that may be seen. Raises NotFound when that is none."""
    found, left = [], []
    for code in _wanted(codes):
        try:
            found.append(_case(office, code, actor, now))
        except NotFound:
            left.append(code)
    if not found:
        raise NotFound(what="hồ sơ nào để in nhãn", what_en="a dossier to label")
    return Printed(name="nhan-ho-so.pdf", pdf=labels.pdf(found, roll=roll), left_out=tuple(left))


def _kind(no: int) -> Kind:
    if no == BOOK:
        raise NotFound(what="sổ theo dõi ở hồ sơ; sổ in theo năm tại trang Sổ theo dõi",
                       what_en="the tracking book of one dossier; it is printed by year on its own page")
    if no not in FORMS:
        raise NotFound(what=f"mẫu số {no}", what_en=f"form {no}")
    return FORMS[no]


def _wanted(codes: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid({"codes": (f"chọn từ 1 đến {MOST} hồ sơ", f"choose 1 to {MOST} dossiers")})
    return wanted


def _case(office: Office, code: str, actor: Actor, now: datetime) -> Case:
    if unfit(code):
        raise NotFound(what="hồ sơ", what_en="dossier")
    return cases.read(office, code, actor, now)


def _sheet(kind: Kind, case: Case, nth: int | None) -> Sheet:
    many = kind.count(case)
    if not 1 <= (nth or many) <= many:
        raise NotYet(dossier=case.code, no=f"{kind.no:02d}", why=kind.why.vi, why_en=kind.why.en)
    return kind.make(case, nth or many)


def _pdf(kind: Kind, sheets: Sequence[Sheet], left_out: Sequence[str], now: datetime) -> bytes:
    told = {"title": kind.name.vi, "sheets": list(sheets), "left_out": [code[:60] for code in left_out]}
    return typeset.pdf(kind.template, told, at=now)
