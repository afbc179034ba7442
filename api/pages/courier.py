"""Courier runs of the day, and the manifest of one: taken, under way, confirmed, missing."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import NoSuchPage, status_of
from api.v1.inputs import RunId
from engine import courier, desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.desk.places import day_of
from engine.desk.rounds import LoadRow, RunView
from engine.errors import LienThongError, NotSignedIn

router = Counter(include_in_schema=False, route_class=PageRoute)

ON_PAPER = frozenset({"take_paper", "confirm_paper", "report_missing"})


@router.get("/courier")
def runs(caller: Caller, day: Annotated[str, Query(max_length=20)] = "") -> Response:
    wanted: date = written_date(day) or day_of(caller.now)
    return page(Visit(visitor=caller), "courier/runs.html", runs=desk.courier_runs(caller.office, wanted), day=wanted)


@router.get("/courier/{run}")
def run(caller: Caller, run: RunId, did: str = "", paper: Annotated[str, Query(max_length=80)] = "") -> Response:
    return _show(caller, run, did=did, paper=paper)


def _show(caller: Person, run: int, entered: Entered = BLANK, *, status: int = 200, did: str = "",
          paper: str = "") -> Response:
    view = desk.courier_run(caller.office, run, caller.id, caller.now)
    mine = {caller.office.catalogue().units[unit].agency for unit, _ in caller.identity.memberships}
    return page(Visit(visitor=caller), "courier/run.html", entered, status=status, view=view, run=view.run, did=did,
                paper=paper if paper in {line.barcode for line in view.lines} else "", mine=mine, scan=_scan(view))


def _scan(view: RunView) -> str | None:
    """What reading a barcode does at this moment of the run."""
    if view.courier:
        return "take_paper" if view.run.state == "listed" else None
    return "confirm_paper" if any(open_at_receiver(line) for line in view.lines) else None


def open_at_receiver(line: LoadRow) -> bool:
    return line.taken_at is not None and line.confirmed_at is None


@router.post("/courier/{run}/depart")
def depart(caller: Caller, run: RunId, posted: Sheet) -> Response:
    return _moved(caller, run, "depart")


@router.post("/courier/{run}/arrive")
def arrive(caller: Caller, run: RunId, posted: Sheet) -> Response:
    return _moved(caller, run, "arrive")


def _moved(caller: Person, run: int, event: str) -> Response:
    move = courier.depart if event == "depart" else courier.arrive
    try:
        move(caller.office, run, caller.actor, caller.now)
    except NotSignedIn:
        raise
    except LienThongError as refusal:
        return _again(caller, run, refusal, Posted.none())
    return RedirectResponse(f"/courier/{run}?did={event}", 303)


@router.post("/courier/{run}/papers/{event}")
def on_paper(caller: Caller, run: RunId, event: str, posted: Sheet) -> Response:
    """By the button of a line, or by a barcode read into the field."""
    if event not in ON_PAPER:
        raise NoSuchPage(what="")
    barcode = posted.text("slip").upper()[:80]
    order = Order(code=barcode.rpartition("-")[0], event=event, actor=caller.actor, key=posted.once or None,
                  particulars=Particulars(slip=barcode))
    try:
        act(caller.office, order, caller.now)
    except NotSignedIn:
        raise
    except LienThongError as refusal:
        return _again(caller, run, refusal, posted)
    return RedirectResponse(f"/courier/{run}?did={event}&paper={barcode}", 303)


def _again(caller: Person, run: int, refusal: LienThongError, posted: Posted) -> Response:
    english = caller.chosen_language == "en"
    barcode = posted.text("slip")
    title = "Not recorded" if english else "Chưa ghi nhận"
    trouble = Trouble(title=f"{title}: {barcode}" if barcode else title, words=refusal.message(caller.chosen_language))
    # the title names it: in the field it would stand before what is scanned next
    given = {name: typed for name, typed in posted.typed().items() if name != "slip"}
    return _show(caller, run, Entered(given=given, trouble=trouble), status=status_of(refusal))
