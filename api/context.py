"""From a request to the person who sends it. Every route of a `Counter` lets in only people who are signed in.

An endpoint is a plain `def` with a parameter `caller: Caller`; it gets a caller whose session was just found good:

    router = Counter()

    @router.get("/work")
    def work(caller: Caller) -> Response:
        return show(desk.work(caller.office, caller.id, caller.now))

The session is looked up in the thread that then runs the endpoint, because every change of thread costs as much as
the lookup. What anybody may call says so: `@anyone`. Unsafe requests made by cookie must bring the session's form
key, as header X-Form-Key or as the field `form_key` of a form, and must not come from another site.
"""

from __future__ import annotations

import hmac
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api import problems, security
from engine import signin, timekeeper
from engine.casework.orders import Actor
from engine.errors import NotSignedIn
from engine.office import Office
from engine.settings import Settings
from engine.signin import Identity, Issued

# Asked by open pages, whether anybody sits there or not.
PULSE = "/pulse"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Whoever sends a request; `now` is one instant for all of it."""

    request: Request
    office: Office
    now: datetime

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else "-"

    @property
    def language(self) -> str:
        """For programs: Accept-Language, else Vietnamese."""
        return problems.language_of(self.request)


@dataclass(slots=True, kw_only=True)
class Person(Visitor):
    """A visitor with a token; `identity` is there once `admit` has found the session good."""

    token: str
    by_cookie: bool
    form_key: str | None
    identity: Identity

    @property
    def id(self) -> int:
        return self.identity.actor.id

    @property
    def actor(self) -> Actor:
        return self.identity.actor

    @property
    def chosen_language(self) -> str:
        """For pages: what the person chose at sign-in or later."""
        return self.identity.language

    def admit(self) -> None:
        """Raises NotSignedIn, or FormKeyMissing."""
        self.identity = signin.identify(self.office, self.token, self.now,
                                        present=not self.request.url.path.endswith(PULSE))
        self.request.state.language = self.identity.language
        if self.by_cookie and self.request.method not in security.SAFE:
            given = (self.form_key or "").encode()
            if not hmac.compare_digest(given, self.identity.form_key.encode()):
                raise problems.FormKeyMissing


NOBODY = Identity(actor=Actor(id=0, name=""), login="", form_key="", language="vi", memberships=())


def settings_of(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def cookie_name(settings: Settings) -> str:
    return "__Host-lienthong" if settings.secure_cookies else "lienthong"


async def visit(request: Request) -> Visitor:
    """For what anybody may call. A browser may not be made to call it by another site."""
    if request.method not in security.SAFE and security.from_elsewhere(request):
        raise problems.CrossSite
    return Visitor(request=request, office=request.app.state.office, now=timekeeper.now())


async def knock(request: Request) -> Person:
    """Only what the request itself tells; the session is looked up when the endpoint begins."""
    token, by_cookie = bearer(request), False
    if token is None:
        token, by_cookie = request.cookies.get(cookie_name(settings_of(request))), True
    if not token or len(token) > 200:
        raise NotSignedIn
    form_key = None
    if by_cookie and request.method not in security.SAFE:
        if security.from_elsewhere(request):
            raise problems.CrossSite
        form_key = request.headers.get("x-form-key") or await _field(request)
    return Person(request=request, office=request.app.state.office, now=timekeeper.now(), token=token,
                  by_cookie=by_cookie, form_key=form_key, identity=NOBODY)


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _field(request: Request) -> str | None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS:
        return None
    value = (await request.form()).get("form_key")
    return value if isinstance(value, str) else None


Caller = Annotated[Person, Depends(knock)]
Anybody = Annotated[Visitor, Depends(visit)]

Endpoint = Callable[..., Any]
DOOR = "door"


class Door(StrEnum):
    """How an endpoint is entered; written on it, so that a test can look at every route."""

    OPEN = "open"
    KEPT = "kept"


def anyone(endpoint: Endpoint) -> Endpoint:
    """Marks what may be called without being signed in. The list of these is short, and a test knows it."""
    setattr(endpoint, DOOR, Door.OPEN)
    return endpoint


class Counter(APIRouter):
    """Lets nobody through who is not signed in, unless the endpoint is marked with `anyone`."""

    def add_api_route(self, path: str, endpoint: Endpoint, **options: Any) -> None:
        super().add_api_route(path, endpoint if hasattr(endpoint, DOOR) else _kept(endpoint), **options)


def _kept(endpoint: Endpoint) -> Endpoint:
    if "caller" not in inspect.signature(endpoint).parameters or inspect.iscoroutinefunction(endpoint):
        raise TypeError(f"{endpoint.__name__}: a plain def with a parameter `caller`, or marked with anyone")

    @wraps(endpoint)
    def kept(*, caller: Person, **given: Any) -> Any:
        caller.admit()
        return endpoint(caller=caller, **given)

    setattr(kept, DOOR, Door.KEPT)
    return kept


def give_cookie(response: Response, issued: Issued, settings: Settings) -> None:
    """The browser's half of a session: gone when the browser closes, out of reach of scripts and other sites."""
    response.set_cookie(cookie_name(settings), issued.token, path="/", secure=settings.secure_cookies, httponly=True,
                        samesite="lax")


def take_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True,
                           samesite="lax")
