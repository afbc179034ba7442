"""Scans in pieces, for lines that break: begun with a key, sent on from wherever they stopped, completed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import anyio
from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import AfterValidator, Field, StringConstraints
from starlette.requests import ClientDisconnect

from api.context import Caller, Counter
from api.problems import Slow
from api.v1.answers import PREFIX, answer, refusals, tagged, version_tag
from api.v1.documents import LONGEST, SILENCE
from api.v1.inputs import Code, Id, Input, Key, clean
from engine import uploads
from engine.casework.orders import Reply
from engine.documents import Upload
from engine.uploads import LARGEST_PIECE, Standing
from storage.faults import LARGEST, Fault, unacceptable

router = Counter(prefix=PREFIX, tags=["documents"])

PIECES = {"requestBody": {"required": True, "content": {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=LARGEST,
                               description="where the piece begins: the `offset` of the last answer")]


class Beginning(Input):
    """`component`: the document of the procedure, “result” or “other”. `replaces`: the scan this one replaces."""

    component: Id
    name: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean)] = ""
    size: Annotated[int, Field(ge=0, le=2**31 - 1)]
    media_type: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean)] = ""
    replaces: UUID | None = None


class Completion(Input):
    """`sha256` of the whole file as the sender has it, in lower-case hexadecimal: what differs is refused."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


@dataclass(slots=True)
class Piece:
    """What came of a body. `slow`: it stopped coming; what was there by then counts all the same."""

    data: bytes
    slow: bool


async def piece_of(request: Request) -> Piece:
    """Everything that arrives, also of a body that is cut off: the offset of the next answer tells how much it was."""
    data, slow = bytearray(), False
    chunks, until = aiter(request.stream()), anyio.current_time() + LONGEST
    try:
        while len(data) <= LARGEST_PIECE:
            with anyio.fail_after(min(SILENCE, until - anyio.current_time())):
                data += await anext(chunks)
    except (StopAsyncIteration, ClientDisconnect):
        pass
    except TimeoutError:
        slow = True
    return Piece(bytes(data), slow)


@router.post("/dossiers/{code}/uploads", status_code=201, response_model=Standing, responses=refusals(404, 409))
def begin(caller: Caller, code: Code, told: Beginning, key: Key) -> Response:
    """Begin to send a scan in pieces, or go on: the same key gives the same upload and how far it has come."""
    upload = Upload(code=code, component=told.component, name=told.name, declared_type=told.media_type,
                    actor=caller.actor, key=key, replaces=told.replaces)
    return answer(uploads.begin(caller.office, upload, told.size, caller.now), 201)


@router.get("/uploads/{upload}", response_model=Standing, responses=refusals(404, reading=True))
def standing(caller: Caller, upload: UUID) -> Response:
    """How much of it has arrived and is safe. Others than who began it find nothing."""
    return answer(uploads.standing(caller.office, upload, caller.actor))


@router.patch("/uploads/{upload}", response_model=Standing, responses=refusals(404, 408, 409), openapi_extra=PIECES)
def append(caller: Caller, upload: UUID, offset: Offset, piece: Annotated[Piece, Depends(piece_of)]) -> Response:
    """Send the next piece, at most 4 MB. What the answer counts is on the disk.

    409 `wrong_offset` says in `data.offset` where to go on.
    """
    if len(piece.data) > LARGEST_PIECE:
        raise unacceptable(None, Fault.TOO_LARGE, limit=LARGEST_PIECE)
    told = uploads.append(caller.office, upload, offset, piece.data, caller.actor)
    if piece.slow:
        raise Slow
    return answer(told)


@router.post("/uploads/{upload}/complete", status_code=201, response_model=Reply,
             responses=refusals(404, 409) | {201: tagged("attached")})
def complete(caller: Caller, upload: UUID, told: Completion) -> Response:
    """Attach what has arrived: inspected like a scan sent in one body. Asked again, the first answer comes again."""
    reply = uploads.complete(caller.office, upload, told.sha256, caller.actor, caller.now)
    return answer(reply, 201, ETag=version_tag(reply.version))


@router.delete("/uploads/{upload}", status_code=204, response_class=Response, responses=refusals(404))
def cancel(caller: Caller, upload: UUID) -> Response:
    """Forget a scan that is on its way."""
    uploads.cancel(caller.office, upload, caller.actor)
    return Response(status_code=204)
