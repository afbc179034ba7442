"""Courier runs, the bags and the paper they carry, paper from hand to hand, and what went wrong with it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.context import Caller, Counter, Person
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import LARGEST_INT, Barcode, Day, Input, Instant, Key, RunId, Words, clean
from engine import courier, desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars, Reply
from engine.courier import bags, handing, incidents
from engine.courier.bags import Opened
from engine.courier.together import Asked, Result
from engine.desk.places import day_of
from engine.desk.rounds import RunView
from engine.desk.troubles import Troubles, troubles
from storage.runs import Bag, Run

router = Counter(prefix=PREFIX, tags=["courier"])

Slip = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9}-[A-Z]$")]
Seal = Annotated[str, StringConstraints(min_length=1, max_length=bags.LONGEST_SEAL, strip_whitespace=True),
                 AfterValidator(clean)]
UnitId = Annotated[int, Field(ge=1, le=LARGEST_INT)]


class Papers(Input):
    """Left empty, all of them."""

    barcodes: list[Slip] = Field(default=[], max_length=1000)


class ToSeal(Input):
    """`barcodes`: what goes into the bag; left empty, all that is listed from there to there and in no bag."""

    from_unit: UnitId
    to_unit: UnitId
    seal: Seal
    barcodes: list[Slip] = Field(default=[], max_length=1000)


class Counted(Input):
    """The seal as it was found, and every paper that was in the bag; `empty`: counted, and there was none."""

    seal: Seal
    broken: bool = False
    empty: bool = False
    barcodes: Annotated[list[Slip], Field(max_length=1000)]


class Signed(Input):
    """Who signed on the manifest, at an agency that does not work here; without barcodes for all but the missing."""

    recipient: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
                         AfterValidator(clean)]
    barcodes: list[Slip] = Field(default=[], max_length=1000)


class Scan(Input):
    """`at`: when the courier read it; `key`: made then, so that a scan sent twice is taken once."""

    barcode: Slip
    at: Instant
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\-]{8,100}$")]


class Scans(Input):
    scans: Annotated[list[Scan], Field(min_length=1, max_length=500)]


class Offered(Input):
    """To whom: a unit, or one person there."""

    model_config = ConfigDict(json_schema_extra={"example": {"unit": 1}})

    unit: UnitId
    person: UnitId | None = None


class Closing(Input):
    reason: Words


@router.get("/courier/runs", response_model=list[Run], responses=refusals(reading=True))
def runs(caller: Caller, day: Day = None) -> Response:
    """The runs of a day."""
    return answer(desk.courier_runs(caller.office, day or day_of(caller.now)))


@router.get("/courier/runs/{run}", response_model=RunView, responses=refusals(404, reading=True))
def run(caller: Caller, run: RunId) -> Response:
    """A run with its manifest: all of it for couriers, the papers of their own agency for others."""
    return answer(desk.courier_run(caller.office, run, caller.id, caller.now))


@router.post("/courier/runs/{run}/depart", response_model=Run, responses=refusals(404, 409))
def depart(caller: Caller, run: RunId) -> Response:
    """The courier leaves with what was taken."""
    return answer(courier.depart(caller.office, run, caller.actor, caller.now))


@router.post("/courier/runs/{run}/arrive", response_model=Run, responses=refusals(404, 409))
def arrive(caller: Caller, run: RunId) -> Response:
    """The run is over."""
    return answer(courier.arrive(caller.office, run, caller.actor, caller.now))


@router.post("/courier/runs/{run}/confirm", response_model=list[Result], responses=refusals(404))
def confirm_run(caller: Caller, run: RunId, given: Papers) -> Response:
    """Everything under way to the caller's agencies, in no sealed bag, has arrived: one answer a paper."""
    return answer(bags.confirm_run(caller.office, run, caller.actor, caller.now, given.barcodes))


@router.get("/courier/runs/{run}/bags", response_model=list[Bag], responses=refusals(reading=True))
def bags_of(caller: Caller, run: RunId) -> Response:
    """Seals and counts: all of them for couriers and auditors, those of their own agencies for others."""
    return answer(bags.of_run(caller.office, run, caller.actor, caller.now))


@router.post("/courier/runs/{run}/bags", status_code=201, response_model=Bag, responses=refusals(404, 409))
def seal(caller: Caller, run: RunId, given: ToSeal) -> Response:
    """The sender closes a bag with a numbered seal."""
    return answer(bags.seal(caller.office, run, (given.from_unit, given.to_unit), given.seal, caller.actor, caller.now,
                            given.barcodes), 201)


@router.post("/courier/bags/{bag}/take", response_model=list[Result], responses=refusals(404))
def take_bag(caller: Caller, bag: RunId) -> Response:
    """The courier has the bag and every paper in it."""
    return answer(bags.take(caller.office, bag, caller.actor, caller.now))


@router.post("/courier/bags/{bag}/open", response_model=Opened, responses=refusals(404, 409))
def open_bag(caller: Caller, bag: RunId, given: Counted) -> Response:
    """The receiver counts: what is not there is missing, what is not listed an extra, each an incident."""
    counted = given.barcodes or ([] if given.empty else None)
    return answer(bags.open_bag(caller.office, bag, given.seal, counted, caller.actor, caller.now,
                                broken=given.broken))


@router.post("/courier/bags/{bag}/signed", response_model=list[Result], responses=refusals(404, 409))
def signed(caller: Caller, bag: RunId, given: Signed) -> Response:
    """The sender has the signature of an agency that does not work here: one answer a paper."""
    return answer(handing.sign_for(caller.office, bag, given.recipient, given.barcodes or None, caller.actor,
                                   caller.now))


@router.post("/courier/scans", response_model=list[Result], responses=refusals())
def scans(caller: Caller, given: Scans) -> Response:
    """What a courier took along while the telephone had no network, each as of its own moment."""
    return answer(bags.scanned(caller.office, [
        Asked(barcode=scan.barcode, event="take_paper", key=scan.key, at=scan.at) for scan in given.scans],
        caller.actor, caller.now))


@router.post("/papers/{barcode}/offer", response_model=Reply, responses=refusals(404, 409))
def offer(caller: Caller, barcode: Barcode, given: Offered, key: Key) -> Response:
    """Hand the paper over without a courier; it stays the giver's until the receiver confirms."""
    return answer(_on_paper(caller, "offer_paper", barcode, key, unit=given.unit, person=given.person))


@router.post("/papers/{barcode}/decline", response_model=Reply, responses=refusals(404, 409))
def decline(caller: Caller, barcode: Barcode, key: Key) -> Response:
    """The receiver does not take it, or the giver takes his offer back."""
    return answer(_on_paper(caller, "give_paper_back", barcode, key))


@router.get("/incidents", response_model=Troubles, responses=refusals(reading=True))
def open_incidents(caller: Caller) -> Response:
    """Open incidents of the caller's units, and papers from or to them that nobody confirmed.

    Auditors read the incidents of the other units, too (`own` is false).
    """
    return answer(troubles(caller.office, caller.id, caller.now))


@router.post("/incidents/{incident}/close", status_code=204, responses=refusals(404, 409))
def close_incident(caller: Caller, incident: UUID, given: Closing) -> Response:
    """By its owner, with a reason."""
    incidents.close(caller.office, incident, caller.actor, given.reason, caller.now)
    return Response(status_code=204)


@router.post("/papers/{barcode}/take", response_model=Reply, responses=refusals(404, 409))
def take(caller: Caller, barcode: Barcode, key: Key) -> Response:
    """The courier has the paper in hand."""
    return answer(_on_paper(caller, "take_paper", barcode, key))


@router.post("/papers/{barcode}/confirm", response_model=Reply, responses=refusals(404, 409))
def confirm(caller: Caller, barcode: Barcode, key: Key) -> Response:
    """The receiver has the paper in hand."""
    return answer(_on_paper(caller, "confirm_paper", barcode, key))


@router.post("/papers/{barcode}/missing", response_model=Reply, responses=refusals(404, 409))
def missing(caller: Caller, barcode: Barcode, key: Key) -> Response:
    """Listed, but not in the bag."""
    return answer(_on_paper(caller, "report_missing", barcode, key))


def _on_paper(caller: Person, event: str, barcode: str, key: str, *, unit: int | None = None,
              person: int | None = None) -> Reply:
    """Custody does not depend on how far the dossier's work is: no version is asked for."""
    order = Order(code=barcode.rpartition("-")[0], event=event, actor=caller.actor, key=key,
                  particulars=Particulars(slip=barcode, unit=unit, person=person))
    return act(caller.office, order, caller.now)
