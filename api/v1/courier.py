"""Courier runs, and the paper they carry."""

from __future__ import annotations

from fastapi.responses import Response

from api.context import Caller, Counter, Person
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Barcode, Day, Key, RunId
from engine import courier, desk
from engine.casework.act import act
from engine.casework.orders import Order, Particulars, Reply
from engine.desk.places import day_of
from engine.desk.rounds import RunView
from storage.runs import Run

router = Counter(prefix=PREFIX, tags=["courier"])


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


def _on_paper(caller: Person, event: str, barcode: str, key: str) -> Reply:
    """Custody does not depend on how far the dossier's work is: no version is asked for."""
    order = Order(code=barcode.rpartition("-")[0], event=event, actor=caller.actor, key=key,
                  particulars=Particulars(slip=barcode))
    return act(caller.office, order, caller.now)
