"""How I want to be told: where to, of what, and when not."""

from __future__ import annotations

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet, faults_of
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.errors import Invalid
from engine.notifying import preferences
from engine.notifying.kinds import STAFF
from engine.notifying.preferences import clock_face
from engine.notifying.reading import CHANNELS
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)
FIELDS = {"mail": Text(vi="Thư điện tử", en="Mail"), "phone": Text(vi="Điện thoại", en="Telephone"),
          "quiet_from": Text(vi="Không gửi từ", en="Nothing from"), "quiet_until": Text(vi="Đến", en="Until")}


@router.get("/preferences")
def form(caller: Caller, did: str = "") -> Response:
    return _show(caller, did=did)


@router.post("/preferences")
def keep(caller: Caller, posted: Sheet) -> Response:
    try:
        preferences.keep(caller.office, caller.id, mail=posted.text("mail"), phone=posted.text("phone"),
                         channels=posted.many("channels"), wanted=posted.many("wanted"),
                         quiet=(posted.text("quiet_from"), posted.text("quiet_until")))
    except Invalid as refusal:
        ticked = {f"{name}.{one}": one for name in ("channels", "wanted") for one in posted.many(name)}
        faults = {name: (f"{FIELDS[name].vi}: {vi[:1].lower()}{vi[1:]}", f"{FIELDS[name].en}: {en[:1].lower()}{en[1:]}")
                  for name, (vi, en) in faults_of(refusal).items()}
        return _show(caller, Entered(given=posted.typed() | ticked, faults=faults), status=422)
    return RedirectResponse("/preferences?did=kept", 303)


def _show(caller: Person, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    found = preferences.of(caller.office, caller.id)
    if not entered.given:
        entered = Entered(given={
            "mail": found.mail, "phone": found.phone, "quiet_from": clock_face(found.quiet_from),
            "quiet_until": clock_face(found.quiet_until), **{f"channels.{one}": one for one in found.channels},
            **{f"wanted.{kind}": kind for kind in STAFF if kind not in found.unwanted}})
    return page(Visit(visitor=caller), "preferences.html", entered, status=status, channels=CHANNELS, kinds=STAFF,
                did=did)
