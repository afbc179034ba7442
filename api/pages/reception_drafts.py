"""Forms of reception that are not finished: saved by themselves, offered again, thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import FormData

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import moment
from api.v1.inputs import ProcedureKey
from engine.counter import drafts
from engine.counter.drafts import Draft
from engine.desk.places import day_of
from engine.errors import Invalid
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

# What belongs to the page and not to the person who types.
FRAME = frozenset({"form_key", "typed_by", "look", "use", "card", "accept", "draft", "language", "back"})
BundleKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,60}$")]


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A draft as the list shows it."""

    id: UUID
    address: str
    procedure_name: Text
    applicant: str
    changed_at: datetime


@router.post("/receive/bundles/{bundle}/draft")
def keep_bundle(caller: Caller, bundle: BundleKey, posted: Sheet) -> Response:
    return _keep(caller, f"bundles/{bundle}", posted)


@router.post("/receive/{procedure}/draft")
def keep(caller: Caller, procedure: ProcedureKey, posted: Sheet) -> Response:
    return _keep(caller, procedure, posted)


@router.post("/receive/drafts/{draft}/discard")
def discard(caller: Caller, draft: UUID) -> Response:
    drafts.drop(caller.office, caller.id, draft)
    return RedirectResponse("/receive?did=discard", 303)


def _keep(caller: Person, procedure: str, posted: Posted) -> Response:
    """Our module is told when; the button of a browser without it leads to the list."""
    store(caller, procedure, posted)
    if caller.request.headers.get("x-fragment"):
        return PlainTextResponse(moment(caller.now))
    return RedirectResponse("/receive?did=draft", 303)


def store(caller: Person, procedure: str, posted: Posted) -> UUID:
    """Raises Invalid for a form whose key is none of ours."""
    try:
        draft_id = UUID(posted.once)
    except ValueError:
        raise Invalid({"draft": ("tờ khai không có khóa hợp lệ, hãy mở lại từ trang Tiếp nhận",
                                 "the form has no valid key, open it again from Receive")}) from None
    drafts.keep(caller.office, caller.id, Draft(id=draft_id, procedure=procedure, fields=_fields(posted),
                                                changed_at=caller.now))
    return draft_id


def _fields(posted: Posted) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name in dict.fromkeys(posted.data) if name not in FRAME
                 for text in posted.many(name))


def opened(caller: Person, draft_id: UUID) -> Posted | None:
    """As it was left."""
    found = drafts.found(caller.office, caller.id, draft_id)
    return None if found is None else Posted(FormData(list(found.fields)))


def forget(caller: Person, posted: Posted) -> None:
    """It became a dossier."""
    try:
        drafts.drop(caller.office, caller.id, UUID(posted.once))
    except ValueError:
        return


def waiting(caller: Person, bundles: Mapping[str, Text]) -> list[Waiting]:
    """The latest first; of what is no longer offered only its key is known."""
    kept = drafts.listed(caller.office, caller.id)
    if not kept:
        return []
    offered = caller.office.catalogue().offered(day_of(caller.now))
    names = {key: told.name for key, told in offered.items()}
    names |= {f"bundles/{key}": name for key, name in bundles.items()}
    return [Waiting(id=draft.id, address=f"/receive/{draft.procedure}?draft={draft.id}",
                    procedure_name=names.get(draft.procedure) or Text(vi=draft.procedure, en=draft.procedure),
                    applicant=draft.text("applicant.name"), changed_at=draft.changed_at) for draft in kept]
