"""The post: what the postal worker brings, results handed to the carrier, what he reports of each item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.dates import date_fault
from api.pages.forms import Posted, Sheet, faults_of, plain, whole, written_date
from api.pages.printing import as_pdf
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.pages.work import Search
from api.problems import status_of
from api.v1.inputs import LARGEST_INT
from engine import desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.casework.postal import written
from engine.clocks.zone import ZONE
from engine.counter import returning
from engine.counter.returning import scanned
from engine.desk.places import day_of
from engine.errors import Invalid, LienThongError, NotFound, NotSignedIn
from engine.post import intake, mailing, sheets
from procedures.declaration import Channel, Declaration, Text

router = Counter(include_in_schema=False, route_class=PageRoute)

Number = Annotated[int, Path(ge=1, le=LARGEST_INT)]
Slip = Annotated[str, Path(max_length=80)]
Short = Annotated[str, Query(max_length=80)]
REPORTS = {"delivered": Text(vi="Đã phát, có người ký nhận", en="Delivered and signed for"),
           "attempt": Text(vi="Phát không thành", en="Not delivered"),
           "back": Text(vi="Đã chuyển hoàn về quầy", en="It came back to the desk"),
           "lost": Text(vi="Thất lạc", en="Lost")}
# What can no longer be said of an item that is on its way back, or lost.
OVER: Mapping[str, frozenset[str]] = {"returning": frozenset({"attempt"}), "lost": frozenset({"attempt", "lost"})}


def _guarded(work: Callable[[], str], again: Callable[[Entered, int], Response], posted: Posted,
             language: str) -> Response:
    """On to the address the work leads to, or the page again with what is wrong."""
    try:
        return RedirectResponse(work(), 303)
    except Invalid as refusal:
        return again(Entered(given=posted.typed(), faults=faults_of(refusal)), 422)
    except (NotSignedIn, NotFound):
        raise
    except LienThongError as refusal:
        return again(Entered(given=posted.typed(), trouble=Trouble.of(refusal, language)), status_of(refusal))


@router.get("/post")
def overview(caller: Caller, slip: Search = "", did: Short = "") -> Response:
    """Three lists; a slip that is scanned leads to its item."""
    if not slip:
        return _overview(caller, did=did)
    try:
        return RedirectResponse(f"/post/items/{mailing.one(caller.office, slip, caller.actor, caller.now).slip}", 303)
    except NotFound:
        faults = {"slip": ("Không có kết quả nào gửi bằng phiếu này. Phiếu của hồ sơ nhận vào: xem trang Tra cứu.",
                           "No result was sent with this slip. Slips of dossiers taken in: see Find.")}
        return _overview(caller, Entered(given={"slip": slip}, faults=faults))


def _overview(caller: Person, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    return page(Visit(visitor=caller), "post/overview.html", entered, status=status, did=did,
                view=mailing.overview(caller.office, caller.actor, caller.now))


@router.post("/post/intakes")
def open_record(caller: Caller, posted: Sheet) -> Response:
    def work() -> str:
        number = intake.open_record(caller.office, caller.actor, posted.text("worker"), posted.text("carrier"),
                                    caller.now)
        return f"/post/intakes/{number}"

    return _guarded(work, lambda entered, status: _overview(caller, entered, status), posted, caller.chosen_language)


@router.post("/post/batches")
def open_batch(caller: Caller, posted: Sheet) -> Response:
    def work() -> str:
        number = mailing.open_batch(caller.office, caller.actor, posted.text("taker"), posted.text("firm"),
                                    caller.now)
        return f"/post/batches/{number}"

    def again(entered: Entered, status: int) -> Response:
        names = {"worker": "taker", "carrier": "firm"}
        faults = {names[name]: words for name, words in entered.faults.items()}
        return _overview(caller, Entered(given=entered.given, faults=faults, trouble=entered.trouble), status)

    return _guarded(work, again, posted, caller.chosen_language)


@router.get("/post/intakes/{number}")
def record(caller: Caller, number: Number, procedure: Short = "", did: Short = "") -> Response:
    return _record(caller, number, Entered(given={"procedure": procedure}), did=did)


def _record(caller: Person, number: int, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    """The slip's form asks for the papers of the procedure that is chosen; that of the last slip stays chosen."""
    view = intake.shown(caller.office, number, caller.actor, caller.now)
    chosen = entered.given.get("procedure") or (view.lines[-1].procedure if view.lines else "")
    offered = _by_post(caller, view.intake.unit_id)
    declared = _declared(caller, chosen) if chosen in offered else None
    return page(Visit(visitor=caller), "post/intake.html", entered, status=status, view=view, one=view.intake, did=did,
                offered=offered, chosen=chosen if declared else "", declared=declared, ticked=_ticked(entered.given))


def _by_post(caller: Person, unit: int) -> dict[str, Text]:
    """The procedures this desk takes in by post, by name."""
    catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
    offered = catalogue.offered(today, catalogue.units[unit])
    found = {key: one.name for key, one in offered.items() if Channel.POST in one.channels}
    return dict(sorted(found.items(), key=lambda item: item[1].vi))


def _declared(caller: Person, procedure: str) -> Declaration:
    return caller.office.catalogue().current(procedure, day_of(caller.now))[1].declaration


def _ticked(given: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name.removeprefix("papers.") for name in given if name.startswith("papers."))


@router.post("/post/intakes/{number}/lines")
def add_line(caller: Caller, number: Number, posted: Sheet) -> Response:
    procedure = posted.text("procedure")

    def work() -> str:
        told = intake.Brought(
            slip=posted.text("slip"), sender=posted.text("sender"), procedure=procedure, papers=posted.many("papers"),
            also=posted.text("also"), complete=posted.text("complete") != "no", lacking=posted.text("lacking"),
            completes=posted.text("completes"), fee=_dong(posted, "fee"))
        intake.add(caller.office, number, caller.actor, told, caller.now)
        return f"/post/intakes/{number}?did=add&procedure={procedure}"

    def again(entered: Entered, status: int) -> Response:
        given = dict(entered.given) | {f"papers.{key}": "yes" for key in posted.many("papers")}
        return _record(caller, number, Entered(given=given, faults=entered.faults, trouble=entered.trouble), status)

    return _guarded(work, again, posted, caller.chosen_language)


def _dong(posted: Posted, name: str) -> int:
    """Nothing written is nothing to pay; what is no number is refused."""
    text = posted.text(name)
    amount = whole(text) if text else 0
    if amount is None:
        raise Invalid({name: ("ghi số tiền bằng chữ số", "write the amount in digits")})
    return amount


@router.post("/post/intakes/{number}/lines/{no}/drop")
def drop_line(caller: Caller, number: Number, no: Number, posted: Sheet) -> Response:
    def work() -> str:
        intake.drop(caller.office, number, no, caller.actor, caller.now)
        return f"/post/intakes/{number}?did=drop"

    return _guarded(work, lambda entered, status: _record(caller, number, entered, status), posted,
                    caller.chosen_language)


@router.post("/post/intakes/{number}/sign")
def sign(caller: Caller, number: Number, posted: Sheet) -> Response:
    def work() -> str:
        intake.sign(caller.office, number, _moment(posted.text("at"), caller.now), caller.actor, caller.now,
                    posted.text("slips").split())
        return f"/post/intakes/{number}?did=sign"

    return _guarded(work, lambda entered, status: _record(caller, number, entered, status), posted,
                    caller.chosen_language)


def _moment(text: str, now: datetime) -> datetime | None:
    """14:35, today; nothing: now. Raises Invalid."""
    if not text:
        return None
    try:
        return datetime.combine(now.astimezone(ZONE).date(), time.fromisoformat(text.replace("h", ":")), ZONE)
    except ValueError:
        raise Invalid({"at": ("ghi giờ như 14:35", "write the time as 14:35")}) from None


@router.post("/post/intakes/{number}/lines/{no}/supplement")
def supplement(caller: Caller, number: Number, no: Number, posted: Sheet) -> Response:
    """What came for a dossier that is known: its record says when it was handed over."""
    def work() -> str:
        view = intake.shown(caller.office, number, caller.actor, caller.now)
        line = next((line for line in view.lines if line.no == no and line.completes), None)
        if line is None or line.completes is None:
            raise NotFound(what="phiếu gửi", what_en="the slip")
        act(caller.office, Order(code=line.completes, event="take_in_by_post", actor=caller.actor,
                                 key=posted.once or None, particulars=Particulars(slip=line.slip)), caller.now)
        return f"/dossiers/{line.completes}?did=take_in_by_post"

    return _guarded(work, lambda entered, status: _record(caller, number, entered, status), posted,
                    caller.chosen_language)


@router.get("/post/intakes/{number}/record.pdf")
def record_pdf(caller: Caller, number: Number) -> Response:
    return as_pdf(sheets.record(caller.office, number, caller.actor, caller.now))


@router.get("/post/intakes/{number}/slips/{no}.pdf")
def slip_pdf(caller: Caller, number: Number, no: Number) -> Response:
    return as_pdf(sheets.slip(caller.office, number, no, caller.actor, caller.now))


@router.get("/post/batches/{number}")
def batch(caller: Caller, number: Number, did: Short = "", scan: Search = "") -> Response:
    """With a dossier scanned, what of it goes into the packet."""
    return _batch(caller, number, Entered(given={"scan": scan}), did=did)


def _batch(caller: Person, number: int, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    found, items = mailing.batch(caller.office, number, caller.actor, caller.now)
    originals, asked, known = list[tuple[str, Text]](), tuple[str, ...](), ""
    if (code := scanned(entered.given.get("scan", ""))) is not None:
        try:
            view = desk.dossier(caller.office, code, caller.actor, caller.now)
            originals, known = returning.originals(view), view.header.applicant.address
            asked = next((offer.fields for offer in view.offers if offer.event == "send_by_post"), ())
        except NotFound:
            faults = {"scan": ("Không có hồ sơ này ở quầy.", "The desk has no such dossier.")}
            entered = Entered(given=entered.given, faults={**entered.faults, **faults}, trouble=entered.trouble)
    return page(Visit(visitor=caller), "post/batch.html", entered, status=status, one=found, items=items, did=did,
                originals=originals, asked=asked, known=known, code=code if "scan" not in entered.faults else None)


@router.post("/post/batches/{number}/items")
def send(caller: Caller, number: Number, posted: Sheet) -> Response:
    """Enter after the first scan asks for the second: nothing is sent without a slip."""
    if not posted.text("slip"):
        return _batch(caller, number, Entered(given=posted.typed()))

    def work() -> str:
        item = mailing.Item(scan=posted.text("scan"), slip=posted.text("slip"), fee=_dong(posted, "amount"),
                            recipient=posted.text("recipient"), originals=posted.many("originals"),
                            address=posted.text("address"), why=posted.text("reason"))
        mailing.send(caller.office, number, caller.actor, item, posted.once, caller.now)
        return f"/post/batches/{number}?did=send"

    def again(entered: Entered, status: int) -> Response:
        given = dict(entered.given) | {f"originals.{key}": "yes" for key in posted.many("originals")}
        return _batch(caller, number, Entered(given=given, faults=entered.faults, trouble=entered.trouble), status)

    return _guarded(work, again, posted, caller.chosen_language)


@router.post("/post/batches/{number}/close")
def close(caller: Caller, number: Number, posted: Sheet) -> Response:
    def work() -> str:
        mailing.close(caller.office, number, caller.actor, caller.now)
        return f"/post/batches/{number}?did=close"

    return _guarded(work, lambda entered, status: _batch(caller, number, entered, status), posted,
                    caller.chosen_language)


@router.get("/post/batches/{number}/list.pdf")
def batch_pdf(caller: Caller, number: Number) -> Response:
    return as_pdf(sheets.batch(caller.office, number, caller.actor, caller.now))


@router.get("/post/items/{slip}")
def item(caller: Caller, slip: Slip, did: Short = "") -> Response:
    return _item(caller, slip, did=did)


def _item(caller: Person, slip: str, entered: Entered = BLANK, status: int = 200, did: str = "") -> Response:
    one = mailing.one(caller.office, plain(slip), caller.actor, caller.now)
    open_ones = {event: name for event, name in REPORTS.items() if event not in OVER.get(one.state, frozenset())}
    return page(Visit(visitor=caller), "post/item.html", entered, status=status, did=did, reports=REPORTS,
                offered=open_ones, one=one, today=day_of(caller.now))


@router.post("/post/items/{slip}")
def report(caller: Caller, slip: Slip, posted: Sheet) -> Response:
    def work() -> str:
        told = mailing.Report(event=posted.text("event"), day=_day(posted.text("day")), why=posted.text("outcome"),
                              recipient=posted.text("recipient"), proof=posted.text("proof"), note=posted.text("note"))
        mailing.report(caller.office, plain(slip), caller.actor, told, posted.once, caller.now)
        return f"/post/items/{written(plain(slip))}?did={told.event}"

    return _guarded(work, lambda entered, status: _item(caller, slip, entered, status), posted, caller.chosen_language)


def _day(text: str) -> date | None:
    day = written_date(text)
    if day is None and text:
        raise Invalid({"day": date_fault(text)})
    return day


@router.get("/post/items/{slip}/slip.pdf")
def item_pdf(caller: Caller, slip: Slip) -> Response:
    return as_pdf(sheets.return_slip(caller.office, plain(slip), caller.actor, caller.now))
