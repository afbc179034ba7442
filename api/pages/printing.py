"""Forms, labels and the tracking book as PDF, to be looked at, saved or printed; nothing depends on a printer."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path, Query, Response

from api.context import Caller, Counter, Person
from api.dates import date_fault
from api.pages.forms import Sheet, faults_of, plain, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.v1.inputs import Code
from engine.errors import Invalid
from engine.printing import book as books
from engine.printing import forms
from engine.printing.book import Asked
from engine.printing.forms import Printed
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

# A browser shows a PDF by a page and a plug-in of its own; nothing in the file may do more than be seen.
POLICY = ("default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
          "form-action 'none'; frame-ancestors 'none'")
FormNo = Annotated[int, Path(ge=1, le=99)]
Nth = Annotated[int | None, Query(ge=1, le=1000)]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]
LABELS = {"labels": False, "roll": True}
KINDS = {**{str(kind.no): Text(vi=f"Mẫu {kind.no:02d} – {kind.name.vi}", en=f"Form {kind.no:02d} – {kind.name.en}")
            for kind in forms.FORMS.values()},
         "labels": Text(vi="Nhãn, tờ A4 24 nhãn", en="Labels, A4 sheet of 24"),
         "roll": Text(vi="Nhãn, cuộn 62 mm", en="Labels, roll of 62 mm")}
_BETWEEN = re.compile(r"[\s,;]+")


@router.get("/dossiers/{code}/forms")
def listed(caller: Caller, code: Code) -> Response:
    found = forms.available(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "printing/forms.html", code=code, found=found)


@router.get("/dossiers/{code}/forms/{no}.pdf")
def form(caller: Caller, code: Code, no: FormNo, nth: Nth = None) -> Response:
    return as_pdf(forms.form(caller.office, code, no, caller.actor, caller.now, nth=nth))


@router.get("/dossiers/{code}/label.pdf")
def label(caller: Caller, code: Code, roll: bool = False) -> Response:
    return as_pdf(forms.label(caller.office, [code], caller.actor, caller.now, roll=roll))


@router.get("/print")
def choose(caller: Caller) -> Response:
    return _choosing(caller, BLANK, 200)


@router.post("/print")
def together(caller: Caller, posted: Sheet) -> Response:
    """Many dossiers, one file: `codes` are fields, or one field with a code a line; `form` is one of KINDS."""
    codes = [code for text in posted.many("codes") for code in _BETWEEN.split(text) if code]
    wanted = posted.text("form") or "1"
    try:
        return as_pdf(_printed(caller, wanted, codes))
    except Invalid as refusal:
        given = {"codes": "\n".join(codes), "form": wanted}
        return _choosing(caller, Entered(given=given, faults=faults_of(refusal)), 422)


@router.get("/book")
def book(caller: Caller, desk: str = "", since: str = "", until: str = "", page: PageNumber = 1) -> Response:
    """`desk`: agency and year, as H51.02/2026."""
    given = {"desk": plain(desk)[:60], "since": plain(since)[:40], "until": plain(until)[:40]}
    try:
        shown = books.shown(caller.office, _asked(given), caller.actor, caller.now, page)
    except Invalid as refusal:
        return _book(caller, Entered(given=given, faults=faults_of(refusal)),
                     books.shown(caller.office, None, caller.actor, caller.now), given, 422)
    if shown.book is not None:
        given["desk"] = f"{shown.book.agency}/{shown.book.year}"
    return _book(caller, Entered(given=given), shown, given, 200)


@router.get("/book.pdf")
def book_pdf(caller: Caller, desk: str = "", since: str = "", until: str = "") -> Response:
    given = {"desk": plain(desk)[:60], "since": plain(since)[:40], "until": plain(until)[:40]}
    try:
        asked = _asked(given)
        if asked is None:
            raise Invalid({"desk": ("chọn sổ cần in", "choose the book to print")})
        return as_pdf(books.pdf(caller.office, asked, caller.actor, caller.now))
    except Invalid as refusal:
        shown = books.shown(caller.office, None, caller.actor, caller.now)
        return _book(caller, Entered(given=given, faults=faults_of(refusal)), shown, given, 422)


def _printed(caller: Person, wanted: str, codes: list[str]) -> Printed:
    if wanted not in KINDS:
        raise Invalid({"form": ("chọn mẫu cần in", "choose what to print")})
    if wanted in LABELS:
        return forms.label(caller.office, codes, caller.actor, caller.now, roll=LABELS[wanted])
    return forms.batch(caller.office, codes, int(wanted), caller.actor, caller.now)


def as_pdf(printed: Printed) -> Response:
    return Response(printed.pdf, media_type="application/pdf", headers={
        "content-disposition": f'inline; filename="{printed.name}"', "cache-control": "no-store, private",
        "content-security-policy": POLICY})


def _choosing(caller: Person, entered: Entered, status: int) -> Response:
    return page(Visit(visitor=caller), "printing/together.html", entered, status=status, kinds=KINDS, most=forms.MOST)


def _asked(given: dict[str, str]) -> Asked | None:
    """Raises Invalid for days that are none."""
    agency, _, year = given["desk"].partition("/")
    if not agency:
        return None
    faults = {name: date_fault(given[name]) for name in ("since", "until")
              if given[name] and written_date(given[name]) is None}
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        faults["desk"] = ("chọn sổ trong danh sách", "choose a book of the list")
    if faults:
        raise Invalid(faults)
    return Asked(agency=agency, year=int(year), first=written_date(given["since"]), last=written_date(given["until"]))


def _book(caller: Person, entered: Entered, shown: books.Shown, given: dict[str, str], status: int) -> Response:
    choices = {f"{one.agency}/{one.year}": Text(vi=f"{one.name_vi}, năm {one.year}", en=f"{one.name_en}, {one.year}")
               for one in shown.books}
    query = {name: value for name, value in given.items() if value}
    return page(Visit(visitor=caller), "printing/book.html", entered, status=status, shown=shown, choices=choices,
                columns=books.COLUMNS, address=lambda path, **more: f"{path}?{urlencode({**query, **more})}")
