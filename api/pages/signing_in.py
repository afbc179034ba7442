"""Signing in and out, and the language of what is read."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from api.context import (
    NOBODY,
    Anybody,
    Caller,
    Counter,
    Person,
    Visitor,
    anyone,
    give_cookie,
    settings_of,
    take_cookie,
)
from api.pages.forms import Posted, Sheet
from api.pages.keeping import Kept, unpacked
from api.pages.problems import PageRoute
from api.pages.rendering import Entered, Trouble, page
from api.pages.visits import LANGUAGE_COOKIE, Visit
from api.problems import status_of
from engine import signin
from engine.errors import LienThongError
from engine.signin import Issued, TooManyAttempts, WrongCredentials

router = Counter(include_in_schema=False, route_class=PageRoute)
A_YEAR = 365 * 86400


@router.get("/sign-in")
@anyone
def sheet(anybody: Anybody, back: Annotated[str, Query(max_length=500)] = "", ended: str = "") -> Response:
    visit = Visit(visitor=anybody)
    return page(visit, "sign-in.html", back=inside(back), ended=bool(ended or back), kept=None)


@router.post("/sign-in")
@anyone
def sign_in(anybody: Anybody, posted: Sheet) -> Response:
    visit, settings = Visit(visitor=anybody), settings_of(anybody.request)
    login, password = posted.text("login"), str(posted.data.get("password") or "")
    kept = _kept(posted)
    faults = _blank(login, password)
    if not faults:
        try:
            issued = signin.sign_in(anybody.office, login[:200], password[:1000], anybody.address, visit.language)
        except (WrongCredentials, TooManyAttempts) as refusal:
            return _again(visit, login, posted, {}, refusal)
        answer = (RedirectResponse(inside(posted.text("back")) or "/", 303) if kept is None
                  else _resumed(anybody, issued, kept))
        give_cookie(answer, issued, settings)
        return answer
    return _again(visit, login, posted, faults, None)


def _kept(posted: Posted) -> Kept | None:
    packed = posted.data.get("kept")
    return unpacked(packed) if isinstance(packed, str) else None


def _resumed(anybody: Visitor, issued: Issued, kept: Kept) -> Response:
    """What was typed before the session ended, for its writer to send; anybody else is only told that it is there."""
    person = Person(request=anybody.request, office=anybody.office, now=anybody.now, token=issued.token,
                    by_cookie=False, form_key=None, identity=NOBODY)
    person.admit()
    return page(Visit(visitor=person), "kept.html", kept=kept, mine=person.id == kept.writer)


def _blank(login: str, password: str) -> dict[str, tuple[str, str]]:
    faults = {}
    if not login:
        faults["login"] = ("Nhập tên đăng nhập.", "Enter the user name.")
    if not password:
        faults["password"] = ("Nhập mật khẩu.", "Enter the password.")
    return faults


def _again(visit: Visit, login: str, posted: Sheet, faults: dict[str, tuple[str, str]],
           refusal: LienThongError | None) -> Response:
    english = visit.language == "en"
    trouble = None
    if refusal is not None:
        trouble = Trouble(title="Not signed in" if english else "Chưa đăng nhập được",
                          words=refusal.message(visit.language))
    entered = Entered(given={"login": login}, faults=faults, trouble=trouble)
    status = status_of(refusal) if refusal else 422
    return page(visit, "sign-in.html", entered, status=status, back=inside(posted.text("back")), ended=False,
                kept=_kept(posted))


@router.post("/sign-out")
def sign_out(caller: Caller) -> Response:
    signin.sign_out(caller.office, caller.token, caller.actor)
    answer = RedirectResponse("/sign-in", 303)
    take_cookie(answer, settings_of(caller.request))
    return answer


@router.post("/language")
@anyone
def language(anybody: Anybody, posted: Sheet) -> Response:
    """Before signing in; the choice is kept by the browser."""
    return _chosen(posted)


@router.post("/my-language")
def my_language(caller: Caller, posted: Sheet) -> Response:
    """For this session, and for the next sign-in at this browser."""
    signin.speak(caller.office, caller.token, posted.text("language"))
    return _chosen(posted)


def _chosen(posted: Sheet) -> Response:
    answer = RedirectResponse(inside(posted.text("back")) or "/", 303)
    wanted = posted.text("language")
    if wanted in signin.LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, wanted, max_age=A_YEAR, httponly=True, samesite="lax")
    return answer


def inside(address: str) -> str:
    """Only a path of ours: nobody is led elsewhere by a link to the sign-in."""
    plain = address.isprintable() and "\\" not in address
    return address if plain and address.startswith("/") and not address.startswith("//") else ""
