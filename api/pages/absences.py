"""Who is away and who stands in: entered and ended here, and the next thirty days of one's unit."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.dates import date_fault
from api.pages.forms import Posted, Sheet, faults_of, whole, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import status_of
from engine.absences import register, returning
from engine.absences.board import board, by_login
from engine.absences.register import Asked, NotTheirSuperior
from engine.errors import Conflict, Invalid

router = Counter(include_in_schema=False, route_class=PageRoute)

NOBODY = 0


@router.get("/absences")
def absences(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


def _show(caller: Person, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    return page(Visit(visitor=caller), "absences/board.html", entered, status=status, did=did,
                board=board(caller.office, caller.actor, caller.now))


@router.post("/absences")
def enter(caller: Caller, posted: Sheet) -> Response:
    """In force when it returns; what was typed is shown again when something is wrong."""
    try:
        register.enter(caller.office, caller.actor, _asked(caller, posted), caller.now)
    except Invalid as refusal:
        return _show(caller, Entered(given=_typed(posted), faults=faults_of(refusal)), status=422)
    except NotTheirSuperior as refusal:
        words = refusal.message(caller.chosen_language)
        return _show(caller, Entered(given=_typed(posted), faults={"person": (refusal.vi, refusal.en)},
                                     trouble=Trouble(title=words, words="")), status=403)
    return RedirectResponse("/absences?did=entered", 303)


@router.post("/absences/{absence}/end")
def end(caller: Caller, absence: int, posted: Sheet) -> Response:
    """From now on; what the substitute had taken on goes back at once."""
    try:
        register.end(caller.office, caller.actor, absence, caller.now)
    except (Conflict, NotTheirSuperior) as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return _show(caller, Entered(trouble=trouble), status=status_of(refusal))
    returning.give_back(caller.office, caller.now)
    return RedirectResponse("/absences?did=ended", 303)


def _asked(caller: Person, posted: Posted) -> Asked:
    """Raises Invalid for days that are none."""
    faults, days = {}, {}
    for name in ("first", "last"):
        text = posted.text(name)
        day = written_date(text)
        if day is None:
            faults[name] = date_fault(text)
        else:
            days[name] = day
    chosen = posted.text("login")
    substitute = by_login(caller.office, chosen) if chosen else whole(posted.text("substitute"))
    if not substitute:
        faults["login" if chosen else "substitute"] = (
            ("không có người dùng này", "there is no such user") if chosen
            else ("chọn người thay", "choose a substitute"))
    if faults:
        raise Invalid(faults)
    return Asked(person=whole(posted.text("person")) or caller.id, substitute=substitute or NOBODY,
                 first=days["first"], last=days["last"], reason=posted.text("reason"),
                 units=tuple(number for text in posted.many("units") if (number := whole(text))),
                 procedures=posted.many("procedures"))


def _typed(posted: Posted) -> dict[str, str]:
    """What was ticked is ticked again."""
    ticked = {f"{name}.{value}": value for name in ("units", "procedures") for value in posted.many(name)}
    return posted.typed() | ticked
