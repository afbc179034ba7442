"""A digest that waits for a token or a remote service; its signature, taken by hand where no program sends it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error
from uuid import UUID

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import status_of
from engine.errors import LienThongError, NotFound, NotSignedIn
from engine.letters import sealing
from engine.signing.port import WrongSignature

router = Counter(include_in_schema=False, route_class=PageRoute)
LARGEST = 2_000


@router.get("/signing-requests/{request}")
def waiting(caller: Caller, request: UUID) -> Response:
    return _show(caller, request)


@router.post("/signing-requests/{request}")
def answer(caller: Caller, request: UUID, posted: Sheet) -> Response:
    """Pasted as base64, or uploaded as the file a token's program wrote."""
    files = posted.uploads("file")
    try:
        signature = files[0].file.read(LARGEST) if files else _read(posted.text("signature"))
        done = sealing.finish(caller.office, request, signature, caller.actor, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        trouble = Trouble.of(refusal, caller.chosen_language)
        return _show(caller, request, Entered(given=posted.typed(), trouble=trouble), status_of(refusal))
    did = "issue_letter" if done.kind == "agency" else "sign_letter"
    return RedirectResponse(f"/dossiers/{done.code}/letters/{done.letter_no}?did={did}", 303)


def _show(caller: Person, request_id: UUID, entered: Entered = BLANK, status: int = 200) -> Response:
    found = sealing.waiting(caller.office, request_id, caller.actor)
    return page(Visit(visitor=caller), "letters/waiting.html", entered, status=status, request=found,
                digest=b64encode(found.digest).decode(), hexadecimal=found.digest.hex(),
                over=found.done_at is not None or caller.now > found.expires_at)


def _read(text: str) -> bytes:
    try:
        return b64decode("".join(text.split()), validate=True)
    except (Error, ValueError):
        raise WrongSignature from None
