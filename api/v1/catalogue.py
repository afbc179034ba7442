"""Which procedures are offered, and when a limit ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response

from api.context import Caller, Counter, Person
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Due, ProcedureKey
from engine import desk
from engine.clocks import Calendar, Clock, CountMode, Limit, explain
from engine.clocks.evaluation import evaluate
from engine.clocks.ledger import Line
from engine.desk.offering import ProcedureForm, ProcedureRow
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.errors import Invalid, NotFound, Refused
from engine.workcalendars import SHARED
from procedures.declaration import Text

router = Counter(prefix=PREFIX, tags=["procedures"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """`lines` are the arithmetic, day by day; `provisional`: the calendar of that year is not announced yet."""

    limit: Text
    mode: str
    received: datetime
    due_at: datetime
    provisional: bool
    lines: list[Line]


@router.get("/procedures", response_model=list[ProcedureRow], responses=refusals(reading=True))
def procedures(caller: Caller) -> Response:
    """Every procedure that may be received today."""
    return answer(desk.procedures(caller.office, caller.now))


@router.get("/procedures/{key}", response_model=ProcedureForm, responses=refusals(404, reading=True))
def procedure(caller: Caller, key: ProcedureKey) -> Response:
    """What a form for this procedure asks for: documents, facts, checks, channels."""
    return answer(desk.procedure(caller.office, key, caller.now))


@router.get("/units", response_model=list[UnitRef], responses=refusals(reading=True))
def units(caller: Caller) -> Response:
    """Every unit, by agency: what acts that name a unit take as its id."""
    catalogue = caller.office.fresh_catalogue()
    ordered = sorted(catalogue.units.values(), key=lambda unit: (unit.agency, unit.id))
    return answer([unit_ref(catalogue, unit.id) for unit in ordered])


@router.post("/due", response_model=Explained, responses=refusals(404))
def due(caller: Caller, given: Due) -> Response:
    """When a limit ends, with the arithmetic."""
    limit, mode = _limit(caller, given)
    received = given.received or caller.now
    clock, calendar = Clock.started(limit, mode, received), _calendar(caller, given.agency)
    stands = evaluate(clock, calendar)
    assert stands.due is not None
    return answer(Explained(limit=Text(vi=limit.vi, en=limit.en), mode=mode, received=received, due_at=stands.due,
                            provisional=stands.provisional, lines=list(explain(clock, calendar))))


def _calendar(caller: Person, agency: str | None) -> Calendar:
    catalogue = caller.office.fresh_catalogue()
    if agency is not None and agency not in catalogue.parents:
        raise NotFound(what=f"cơ quan {agency}", what_en=f"agency {agency}")
    return catalogue.calendar(agency or SHARED)


def _limit(caller: Person, given: Due) -> tuple[Limit, CountMode]:
    if (given.limit is None) == (given.procedure is None):
        raise Invalid({"limit": ("ghi thời hạn hoặc thủ tục, một trong hai", "give a limit or a procedure, one only")})
    if given.limit is not None:
        return Limit.parse(given.limit), CountMode(given.mode or CountMode.DAY)
    _, found = caller.office.fresh_catalogue().current(given.procedure or "", day_of(caller.now))
    declared = found.declaration
    if not declared.limit:
        raise Refused(reason_vi="Thủ tục này không có thời hạn chung.", reason_en="This procedure has no limit.")
    return Limit.parse(declared.limit), CountMode(given.mode or declared.count_mode)
