"""The clocks of a dossier, and why each is due when it is."""

from __future__ import annotations

from fastapi.responses import Response

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import ClockNo, Code
from engine import desk
from engine.desk.clocks import Clocks, Why

router = Counter(prefix=PREFIX, tags=["dossiers"])


@router.get("/dossiers/{code}/clocks", response_model=Clocks, responses=refusals(404, reading=True))
def clocks(caller: Caller, code: Code) -> Response:
    """Every time limit the dossier has or had: of what, until when, running, stopped or ended, late or not."""
    return answer(desk.clocks_of(caller.office, code, caller.actor, caller.now))


@router.get("/dossiers/{code}/clocks/{no}", response_model=Why, responses=refusals(404, reading=True))
def why(caller: Caller, code: Code, no: ClockNo) -> Response:
    """Why a clock is due when it is: its source, its calendar, each day counted or passed over, each stop."""
    return answer(desk.why_due(caller.office, code, no, caller.actor, caller.now))
