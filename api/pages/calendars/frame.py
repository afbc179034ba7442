"""What the pages of calendars share: whose calendar, its address, the year looked at, the warning of a notice."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query, Response

from api.context import Person
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.access import may_write
from engine.calendaring import confirming, scopes
from engine.calendaring.scopes import Scope
from engine.clocks.zone import ZONE
from engine.workcalendars import SHARED
from procedures.words import Role

SHARED_KEY = "shared"
ScopeKey = Annotated[str, Path(pattern=r"^(shared|[A-Z][0-9]{2}(\.[0-9]{2,3}){0,3})$")]
AskedYear = Annotated[int, Query(alias="year", ge=0, le=9999)]
# From 1 December on, whose pages say that the next year has no notice yet.
KEEPERS = (Role.ADMINISTRATOR, Role.MANAGER)


def scope_of(caller: Person, key: str) -> Scope:
    return scopes.find(caller.office, caller.actor, SHARED if key == SHARED_KEY else key, caller.now)


def address(scope: Scope) -> str:
    return f"/calendars/{scope.code or SHARED_KEY}"


def this_year(caller: Person) -> int:
    return caller.now.astimezone(ZONE).year


def writes(caller: Person) -> bool:
    return may_write(caller.office, caller.actor, caller.now)


def unconfirmed(caller: Person) -> int | None:
    """For the first page of keepers and managers: the year whose notice is missing, once it is time to say so."""
    return confirming.unconfirmed(caller.office, caller.now) if caller.identity.has(*KEEPERS) else None


def show(caller: Person, template: str, entered: Entered = BLANK, status: int = 200, *, scope: Scope,
         **told: Any) -> Response:
    frame = {"scope": scope, "address": address(scope), "writes": writes(caller),
             "did": caller.request.query_params.get("did", "")[:40]}
    return page(Visit(visitor=caller), f"calendars/{template}", entered, status=status, **frame, **told)
