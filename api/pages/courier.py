"""Courier runs of the day, the manifest of one, and its bags: taken, under way, confirmed, missing."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, faults_of, whole, written_date
from api.pages.printing import as_pdf
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import NoSuchPage, status_of
from api.v1.inputs import RunId
from engine import courier, desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.courier import bags, handing, routes
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.desk.rounds import LoadRow, RunView, coming, waiting_for
from engine.desk.troubles import how_many
from engine.errors import Conflict, Invalid, LienThongError, NotSignedIn, WrongRole
from engine.printing import manifest
from engine.printing.forms import Printed
from procedures.declaration import Role
from storage import runs as runs_rows

router = Counter(include_in_schema=False, route_class=PageRoute)

_WORDS = re.compile(r"[\s,;]+")
ON_PAPER = frozenset({"take_paper", "confirm_paper", "report_missing"})


@router.get("/courier")
def runs(caller: Caller, day: Annotated[str, Query(max_length=20)] = "") -> Response:
    wanted: date = written_date(day) or day_of(caller.now)
    found = desk.courier_runs(caller.office, wanted)
    return page(Visit(visitor=caller), "courier/runs.html", runs=found, day=wanted,
                waiting=waiting_for(caller.office, found),
                coming=coming(caller.office, found, caller.now) if wanted == day_of(caller.now) else None,
                carries=caller.identity.has(Role.COURIER), manages=caller.identity.has(*routes.KEEPERS),
                open_incidents=how_many(caller.office, caller.id, caller.now))


@router.get("/courier/bags/{bag}/manifest.pdf")
def bag_pdf(caller: Caller, bag: RunId) -> Response:
    return as_pdf(Printed(name=f"tui-{bag}.pdf", pdf=manifest.of_bag(caller.office, bag, caller.actor, caller.now)))


@router.get("/courier/bags/{bag}/label.pdf")
def label_pdf(caller: Caller, bag: RunId) -> Response:
    return as_pdf(Printed(name=f"nhan-tui-{bag}.pdf", pdf=manifest.label(caller.office, bag, caller.actor, caller.now)))


@router.get("/courier/{run}/manifest.pdf")
def run_pdf(caller: Caller, run: RunId) -> Response:
    return as_pdf(Printed(name=f"bang-ke-{run}.pdf", pdf=manifest.of_run(caller.office, run, caller.actor, caller.now)))


@router.get("/courier/bags/{bag}")
def bag(caller: Caller, bag: RunId) -> Response:
    """To be counted by who opens it; afterwards what came of it."""
    return _show_bag(caller, bag)


def _show_bag(caller: Person, bag_id: int, entered: Entered = BLANK, *, status: int = 200, **more: object) -> Response:
    """`more`: the barcodes that were `ticked`; `absent`: what would be recorded as missing, to be confirmed; what came
    of it when it was just `opened`, or its papers `signed` for outside.
    """
    shown = {"opened": None, "ticked": (), "absent": (), "signed": (), **more}
    found, units = bags.seen(caller.office, bag_id, caller.actor, caller.now), caller.office.catalogue().units
    own = bags.desks(caller.office, caller.actor, caller.now)
    mine = {units[unit].agency for unit in own}
    lines = runs_rows.in_bag(caller.office.db, bag_id)
    sends, receives = units[found.from_unit_id].agency in mine, units[found.to_unit_id].agency in mine
    return page(Visit(visitor=caller), "courier/bag.html", entered, status=status, bag=found, **shown,
                sender=unit_ref(caller.office.catalogue(), found.from_unit_id),
                receiver=unit_ref(caller.office.catalogue(), found.to_unit_id),
                lines=lines, labels=bool(own & {found.from_unit_id, found.to_unit_id}),
                may_open=found.sealed and receives, elsewhere=sends and units[found.to_unit_id].outside,
                may_unpack=found.sealed and not receives and sends
                and all(line.taken_at is None for line in lines))


@router.post("/courier/bags/{bag}/open")
def open_bag(caller: Caller, bag: RunId, posted: Sheet) -> Response:
    """What is to be recorded as missing is shown first; only what was shown is, with the second button."""
    listed, ticked = runs_rows.in_bag(caller.office.db, bag), posted.many("barcodes")
    whole_bag = [line.barcode for line in listed] if posted.text("all") == "yes" else []
    found = [*whole_bag, *ticked, *_WORDS.split(posted.text("scanned").upper())]
    counted = [code for code in found if code][:2000] or ([] if posted.text("empty") == "yes" else None)
    absent = bags.absent(listed, counted or ())
    try:
        if set(absent) - set(posted.text("lost").split()):
            bags.check_seal(posted.text("seal").strip())
            bags.check_count(listed, counted)
            return _show_bag(caller, bag, _sure(caller, absent, posted), status=409, ticked=ticked, absent=absent)
        opened = bags.open_bag(caller.office, bag, posted.text("seal"), counted, caller.actor, caller.now,
                               broken=posted.text("broken") == "yes")
    except (Invalid, Conflict, WrongRole) as refusal:
        return _not_so(caller, bag, refusal, posted)
    return _show_bag(caller, bag, opened=opened)


def _not_so(caller: Person, bag: int, refusal: LienThongError, posted: Posted) -> Response:
    """The page of the bag again, with what was typed and ticked, and why not."""
    entered = (Entered(given=posted.typed(), faults=faults_of(refusal)) if isinstance(refusal, Invalid)
               else _trouble(caller, refusal, posted))
    return _show_bag(caller, bag, entered, status=status_of(refusal), ticked=posted.many("barcodes"))


def _sure(caller: Person, absent: Sequence[str], posted: Posted) -> Entered:
    """Nothing is recorded yet: papers are looked for once more before they are missing."""
    if caller.chosen_language == "en":
        title = f"{len(absent)} papers of the manifest were not counted"
        told = "Nothing is recorded yet. Look in the bag once more; what is not there is confirmed below as missing."
    else:
        title = f"{len(absent)} giấy tờ trong bảng kê chưa đếm thấy"
        told = "Chưa ghi nhận gì. Hãy tìm lại trong túi; vẫn không thấy thì bấm nút báo thiếu ở cuối trang."
    return Entered(given=posted.typed(), trouble=Trouble(title=title, words=told))


@router.post("/courier/bags/{bag}/signed")
def signed(caller: Caller, bag: RunId, posted: Sheet) -> Response:
    """Where nobody of ours opens it: who signed there, once for all the papers that were ticked."""
    ticked, whole_bag = posted.many("barcodes"), posted.text("all") == "yes"
    try:
        results = handing.sign_for(caller.office, bag, posted.text("recipient"), None if whole_bag else ticked,
                                   caller.actor, caller.now)
    except (Invalid, Conflict, WrongRole) as refusal:
        return _not_so(caller, bag, refusal, posted)
    return _show_bag(caller, bag, signed=results)


@router.post("/courier/bags/{bag}/take")
def take_bag(caller: Caller, bag: RunId, posted: Sheet) -> Response:
    found = bags.find(caller.office, bag)
    bags.take(caller.office, bag, caller.actor, caller.now)
    return RedirectResponse(f"/courier/{found.run_id}?did=take_bag&paper={quote(found.seal)}", 303)


@router.post("/courier/{run}/bags")
def seal(caller: Caller, run: RunId, posted: Sheet) -> Response:
    way = [whole(part) or 0 for part in posted.text("way").partition("-")[::2]]
    try:
        bags.seal(caller.office, run, (way[0], way[1]), posted.text("seal"), caller.actor, caller.now)
    except Invalid as refusal:
        return _show(caller, run, Entered(given=posted.typed(), faults=faults_of(refusal)), status=422)
    except NotSignedIn:
        raise
    except LienThongError as refusal:
        return _again(caller, run, refusal, Posted.none())
    return RedirectResponse(f"/courier/{run}?did=seal", 303)


@router.post("/courier/{run}/confirm")
def confirm_run(caller: Caller, run: RunId, posted: Sheet) -> Response:
    """Everything that is under way to here."""
    left = [one for one in bags.confirm_run(caller.office, run, caller.actor, caller.now) if not one.done]
    if left:
        english = caller.chosen_language == "en"
        told = "; ".join(f"{one.barcode}: {one.why.en if english else one.why.vi}" for one in left if one.why)
        title = f"{len(left)} not recorded" if english else f"{len(left)} giấy tờ chưa ghi nhận"
        return _show(caller, run, Entered(trouble=Trouble(title=title, words=told)), status=409)
    return RedirectResponse(f"/courier/{run}?did=confirm_paper", 303)


@router.get("/courier/{run}")
def run(caller: Caller, run: RunId, did: str = "", paper: Annotated[str, Query(max_length=80)] = "") -> Response:
    return _show(caller, run, did=did, paper=paper)


def _show(caller: Person, run: int, entered: Entered = BLANK, *, status: int = 200, did: str = "",
          paper: str = "") -> Response:
    view = desk.courier_run(caller.office, run, caller.id, caller.now)
    catalogue, own = caller.office.catalogue(), bags.desks(caller.office, caller.actor, caller.now)
    mine = {catalogue.units[unit].agency for unit in own}
    sealed = [(one, unit_ref(catalogue, one.from_unit_id), unit_ref(catalogue, one.to_unit_id))
              for one in bags.of_run(caller.office, run, caller.actor, caller.now)]
    known = {*(line.barcode for line in view.lines), *(bag.seal for bag, _, _ in sealed)}
    closed = {bag.id: bag.seal for bag, _, _ in sealed if bag.sealed}
    return page(Visit(visitor=caller), "courier/run.html", entered, status=status, view=view, run=view.run, did=did,
                paper=paper if paper in known else "", mine=mine, closed=closed,
                scan=_scan(view, mine, closed), bags=sealed, ways=_ways(view, own), coming=_coming(view, mine, closed))


def _ways(view: RunView, own: set[int]) -> dict[str, tuple[UnitRef, int]]:
    """What may still go into a bag: sender and receiver, with the receiver and how many papers."""
    found: dict[str, tuple[UnitRef, int]] = {}
    for line in view.lines if view.run.state == "listed" else ():
        if line.sender.id in own and line.bag_id is None and line.taken_at is None:
            key = f"{line.sender.id}-{line.receiver.id}"
            found[key] = (line.receiver, found[key][1] + 1 if key in found else 1)
    return found


def _coming(view: RunView, mine: set[str], closed: Collection[int]) -> int:
    """Papers under way to the reader's agencies and in no sealed bag; a courier confirms none."""
    return 0 if view.courier else sum(
        line.receiver.agency in mine and open_at_receiver(line) and line.missing_at is None
        and line.bag_id not in closed for line in view.lines)


def _scan(view: RunView, mine: set[str], closed: Collection[int]) -> str | None:
    """What reading a barcode does at this moment of the run."""
    if view.courier:
        return "take_paper" if view.run.state == "listed" else None
    return "confirm_paper" if any(
        line.receiver.agency in mine and open_at_receiver(line) and line.bag_id not in closed
        for line in view.lines) else None


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
    return _show(caller, run, _trouble(caller, refusal, posted), status=status_of(refusal))


def _trouble(caller: Person, refusal: LienThongError, posted: Posted) -> Entered:
    english = caller.chosen_language == "en"
    barcode = posted.text("slip")
    title = "Not recorded" if english else "Chưa ghi nhận"
    trouble = Trouble(title=f"{title}: {barcode}" if barcode else title, words=refusal.message(caller.chosen_language))
    # the title names it: in the field it would stand before what is scanned next
    given = {name: typed for name, typed in posted.typed().items() if name != "slip"}
    return Entered(given=given, trouble=trouble)
