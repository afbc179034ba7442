"""Signing in and out, and who one is."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi.responses import Response

from api.context import Anybody, Caller, Counter, anyone
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Language, SignIn
from engine import signin
from engine.desk.places import UnitRef, unit_ref
from engine.states.names import ROLES
from procedures.declaration import Text

router = Counter(prefix=PREFIX, tags=["session"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Issued:
    """Send `token` as `Authorization: Bearer`. It ends after ten hours, or half an hour without a request."""

    token: str
    form_key: str
    name: str
    language: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    unit: UnitRef
    role: str
    role_name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Me:
    id: int
    login: str
    name: str
    language: str
    form_key: str
    posts: list[Post]


@router.post("/session", status_code=201, response_model=Issued, responses=refusals(429))
@anyone
def sign_in(visitor: Anybody, given: SignIn) -> Response:
    """Sign in. Wrong ten times within five minutes: wait."""
    issued = signin.sign_in(visitor.office, given.login, given.password, visitor.address, given.language)
    return answer(Issued(token=issued.token, form_key=issued.form_key, name=issued.actor.name,
                         language=issued.language), 201)


@router.delete("/session", status_code=204, responses=refusals())
def sign_out(caller: Caller) -> Response:
    """Sign out. The token is worth nothing from now on."""
    signin.sign_out(caller.office, caller.token, caller.actor)
    return Response(status_code=204)


@router.get("/me", response_model=Me, responses=refusals(reading=True))
def me(caller: Caller) -> Response:
    """Who I am, with the units and roles I hold today."""
    catalogue, who = caller.office.fresh_catalogue(), caller.identity
    posts = [Post(unit=unit_ref(catalogue, unit), role=role, role_name=ROLES[role]) for unit, role in who.memberships]
    return answer(Me(id=who.actor.id, login=who.login, name=who.actor.name, language=who.language,
                     form_key=who.form_key, posts=posts))


@router.put("/me/language", status_code=204, responses=refusals())
def choose_language(caller: Caller, given: Language) -> Response:
    """Which language the pages speak to me in this session."""
    signin.speak(caller.office, caller.token, given.language)
    return Response(status_code=204)
