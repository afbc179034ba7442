"""Between installations (docs/exchange.md): signed messages in, signed receipts out; nobody signs in here.

Who asks is known by the signature. Bodies are bounded before they are read, and no thread waits for a slow line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Annotated
from uuid import UUID

from fastapi import Depends, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import security
from api.context import Anybody, Counter, anyone
from engine.anchoring import keeping
from engine.exchange import pulling, receiving, serving
from engine.exchange.envelope import Sealed

PREFIX = "/exchange/v1"
# Most scans are one piece, and given as a whole: a stream costs a way to a thread and back for each.
PIECE = 2 * 1024 * 1024

router = Counter(prefix=PREFIX, tags=["exchange"], include_in_schema=False)

_RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{0,12})")


async def body_of(request: Request) -> bytes:
    """Gathered without a thread; the guard around all has bounded its size and time."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400) from None


Body = Annotated[bytes, Depends(body_of)]
Asking = Annotated[str, Header(alias="Exchange-Request", max_length=6000)]


def signed(data: bytes) -> Response:
    return Response(data, media_type="application/json")


@router.post("/messages")
@anyone
def message(visitor: Anybody, data: Body) -> Response:
    """Stored before it is receipted; what it does comes after."""
    return signed(receiving.receive(visitor.office, data, visitor.now))


@router.post("/anchors")
@anyone
def anchor(visitor: Anybody, data: Body) -> Response:
    """Kept for ever, whatever becomes of who made it."""
    return signed(keeping.keep(visitor.office, data, visitor.now))


@router.get("/identity")
@anyone
def identity(visitor: Anybody) -> Response:
    return signed(serving.identity(visitor.office, visitor.now))


@router.get("/directory")
@anyone
def directory(visitor: Anybody, request: Asking = "") -> Response:
    _asked(visitor, request, f"{PREFIX}/directory")
    return signed(serving.directory(visitor.office, visitor.now))


@router.get("/documents/{sha256}")
@anyone
def document(visitor: Anybody, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
             message: Annotated[UUID, Query()], request: Asking = "") -> Response:
    """From any byte on; every byte of it was compared with the hash before the first one goes out."""
    sealed = _asked(visitor, request, f"{PREFIX}/documents/{sha256}?{visitor.request.url.query}")
    given = pulling.give(visitor.office, sealed, sha256, message, visitor.now)
    begins, ends = _range(visitor.request.headers.get("range", ""), given.size)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(max(0, ends - begins)),
               "Content-Security-Policy": security.POLICY_FOR_FILES}
    if begins >= given.size:
        given.file.close()
        return Response(status_code=416, headers={"Content-Range": f"bytes */{given.size}"})
    whole = (begins, ends) == (0, given.size)
    if not whole:
        headers["Content-Range"] = f"bytes {begins}-{ends - 1}/{given.size}"
    given.file.seek(begins)
    if ends - begins <= PIECE:
        with given.file as file:
            return Response(file.read(ends - begins), 200 if whole else 206, headers, given.media_type)
    return StreamingResponse(_pieces(given.file, ends - begins), 200 if whole else 206, headers, given.media_type,
                             BackgroundTask(given.file.close))


def _asked(visitor: Anybody, request: str, path: str) -> Sealed:
    return pulling.asked(visitor.office, request, path, visitor.now)


def _range(told: str, size: int) -> tuple[int, int]:
    """First byte and the one after the last; the whole for what is no single range from the beginning."""
    found = _RANGE.fullmatch(told.replace(" ", ""))
    if found is None:
        return 0, size
    ends = min(int(found[2]) + 1, size) if found[2] else size
    return (int(found[1]), ends) if int(found[1]) < ends or int(found[1]) >= size else (0, size)


def _pieces(file: IO[bytes], left: int) -> Iterator[bytes]:
    try:
        while left and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
    finally:
        file.close()
