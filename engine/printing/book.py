"""Form 07, the tracking book of a desk: one a year, numbered through, written by every valid reception."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from engine.audit import read_told
from engine.casework.orders import Actor
from engine.casework.telling import STATUSES
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.desk.places import day_of
from engine.errors import Invalid, NotFound
from engine.office import Office
from engine.printing import typeset, writing
from engine.printing.case import ENDINGS, RETURNS
from engine.printing.forms import Printed
from engine.printing.receipt import WAYS
from procedures.words import Role
from storage import events
from storage.views import printing
from storage.views.printing import Book, Line, Span

TITLE = "Sổ theo dõi hồ sơ"
ROLES = [Role.RECEPTIONIST.value, Role.RETURNER.value, Role.MANAGER.value]
PAGE = 50
# Eighty pages; a year of a large centre is printed month by month.
MOST = 5000
COLUMNS = ("STT", "Mã hồ sơ", "Thủ tục hành chính", "Số bộ", "Người nộp hồ sơ", "Địa chỉ, điện thoại",
           "Cơ quan giải quyết", "Ngày nhận", "Hẹn trả", "Chuyển đi ngày", "Nhận kết quả từ cơ quan",
           "Trả kết quả: ngày, cách trả, người nhận (ký)", "Ghi chú")
_ACTS = [*RETURNS, "send_by_post", *ENDINGS]
_ENDED: Mapping[str, str] = {"stop": "dừng giải quyết", "withdraw": "người nộp rút hồ sơ"}
_GIVEN: Mapping[str, str] = {"return_at_counter": "tại quầy", "return_electronically": "bản điện tử",
                             "confirm_delivery": "qua bưu chính"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A desk's book of a year, from one day to another, both included; None: from its beginning, to its end."""

    agency: str
    year: int
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line as it is shown and printed: the columns of the form after the number."""

    no: int
    code: str
    cells: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """`book`: None where the person has none. `count` lines were asked for, `rows` are those of the page."""

    books: list[Book]
    book: Book | None
    rows: list[Row]
    count: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def books(office: Office, actor: Actor, now: datetime) -> list[Book]:
    """Those of the desks the person works at, newest year first; all for auditors."""
    return printing.books(office.db, actor.id, ROLES, day_of(now))


def shown(office: Office, asked: Asked | None, actor: Actor, now: datetime, page: int = 1) -> Shown:
    """The first book of the person when none is named. Raises NotFound for books of others, Invalid for the days."""
    found = books(office, actor, now)
    book = found[0] if asked is None and found else _one(found, asked)
    if book is None:
        return Shown(books=found, book=None, rows=[], count=0, page=1)
    span = _span(asked or Asked(agency=book.agency, year=book.year))
    lines = printing.lines(office.db, span, _ACTS, PAGE, (page - 1) * PAGE)
    return Shown(books=found, book=book, rows=_rows(office, lines), count=printing.counted(office.db, span), page=page)


def pdf(office: Office, asked: Asked, actor: Actor, now: datetime) -> Printed:
    """Raises NotFound for books of others; Invalid for the days, or when they hold too many lines for one file.

    So many names at once: who took them with him is logged, as the reading of a document is.
    """
    book, span = _one(books(office, actor, now), asked), _span(asked)
    if book is None:
        raise _missing(asked)
    count = printing.counted(office.db, span)
    if count > MOST:
        raise Invalid({"since": (f"có {count} hồ sơ; mỗi lần in nhiều nhất {MOST}, hãy chọn khoảng ngày ngắn hơn",
                                 f"there are {count} dossiers; at most {MOST} are printed at once: choose fewer days")})
    rows = _rows(office, printing.lines(office.db, span, _ACTS, MOST))
    events.append(office.db, "book_printed", actor.id, now, {
        "agency": asked.agency, "year": asked.year, "lines": len(rows), "since": str(asked.first or ""),
        "until": str(asked.last or "")})
    return Printed(name=f"mau-07-{asked.agency}-{asked.year}.pdf", pdf=typeset.pdf("book.typ", {
        **_head(office.catalogue(), book, now), "title": f"{TITLE} {asked.year}", "period": _period(asked),
        "heading": f"{TITLE} năm {asked.year}", "foot": f"{book.name_vi} – {TITLE.lower()} năm {asked.year}",
        "columns": COLUMNS, "lines": [[f"{row.no:02d}", row.code, *row.cells] for row in rows]}, at=now))


def _one(found: list[Book], asked: Asked | None) -> Book | None:
    if asked is None:
        return None
    book = next((one for one in found if (one.agency, one.year) == (asked.agency, asked.year)), None)
    if book is None:
        raise _missing(asked)
    return book


def _missing(asked: Asked) -> NotFound:
    return NotFound(what=f"sổ theo dõi năm {asked.year} của {asked.agency[:40]}",
                    what_en=f"the tracking book {asked.year} of {asked.agency[:40]}")


def _span(asked: Asked) -> Span:
    first, last = asked.first or date(asked.year, 1, 1), asked.last or date(asked.year, 12, 31)
    if first > last:
        raise Invalid({"until": ("ngày cuối trước ngày đầu", "the last day is before the first")})
    return Span(agency=asked.agency, year=asked.year, since=datetime.combine(first, time(), ZONE),
                until=datetime.combine(last + timedelta(days=1), time(), ZONE))


def _period(asked: Asked) -> str:
    if asked.first is None and asked.last is None:
        return ""
    span = _span(asked)
    return f"Từ ngày {writing.day(span.since)} đến ngày {writing.day(span.until - timedelta(days=1))}"


def _head(catalogue: Catalogue, book: Book, now: datetime) -> dict[str, str]:
    desk = next(unit for unit in catalogue.units.values() if unit.agency == book.agency)
    return {"above": "", "issuer": book.name_vi, "number": f"{book.agency}/{book.year}",
            "dated": writing.dated(desk, now)}


def _rows(office: Office, lines: list[Line]) -> list[Row]:
    catalogue = office.catalogue()
    agencies = {unit.agency: unit.agency_vi for unit in catalogue.units.values()}
    return [Row(no=line.no, code=line.code, cells=_cells(line, catalogue, agencies)) for line in lines]


def _cells(line: Line, catalogue: Catalogue, agencies: Mapping[str, str]) -> list[str]:
    promised = line.first_due_at or line.due_at
    return [
        catalogue.procedures[line.version_id].declaration.name.vi, "01", line.applicant,
        ", ".join(filter(None, (line.address, line.phone))), agencies.get(line.to_agency or "", ""),
        writing.brief(line.at), writing.brief(promised), writing.brief(line.forwarded_at),
        writing.brief(line.result_at or (line.finished_at if line.to_agency else None)), _returned(line), _note(line)]


def _returned(line: Line) -> str:
    if line.returned_by in _ENDED or line.returned_at is None:
        return ""
    told = read_told(line.returned_words) if line.returned_words else {}
    way = _GIVEN.get(line.returned_by or "", WAYS.get(line.return_way, ""))
    return ", ".join(filter(None, (writing.brief(line.returned_at), way, str(told.get("recipient", "")))))


def _note(line: Line) -> str:
    notes = [_ENDED.get(line.returned_by or "", ""), "từ chối giải quyết" if line.outcome == "rejected" else ""]
    if line.first_due_at and line.due_at and line.due_at != line.first_due_at:
        notes.append(f"hẹn lại {writing.brief(line.due_at)}")
    if line.verdict == "late":
        notes.append("quá hạn")
    if line.closed_at is None and line.finished_at is None:
        notes.append(STATUSES[line.status].vi.lower())
    return "; ".join(filter(None, notes))
