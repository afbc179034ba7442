"""Scans: streamed in, given out as attachments that nothing may run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import IO, Annotated
from uuid import UUID

import anyio
from anyio import from_thread
from fastapi import Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import AfterValidator
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api import security
from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals, tagged, version_tag
from api.v1.inputs import Code, Id, Key, clean
from engine import documents
from engine.casework.orders import Reply
from engine.errors import Unavailable
from storage.documents import Stored
from storage.names import attachment_header

router = Counter(prefix=PREFIX, tags=["documents"])

PIECE = 256 * 1024
# Seconds without a byte, and for the whole of a file: whoever drips holds one of few places.
SILENCE, LONGEST = 15.0, 180.0
# Each upload holds a thread while it comes in; the other threads are for the counters.
_places = threading.BoundedSemaphore(8)

Component = Annotated[Id, Query(description="the document of the procedure, “result” or “other”", examples=["plan"])]
FileName = Annotated[str, Query(max_length=200, description="as on the sender's disk"), AfterValidator(clean)]
SCANS = ("application/pdf", "image/jpeg", "image/png")
BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.post("/dossiers/{code}/documents", status_code=201, response_model=Reply,
             responses=refusals(404, 408, 409) | {201: tagged("attached")},
             openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(SCANS, BYTES)}})
def upload(caller: Caller, code: Code, component: Component, key: Key, name: FileName = "") -> Response:
    """Attach a scan (PDF, JPEG or PNG, at most 25 MB): the body is the file.

    It is safe on disk and part of the dossier when this answers, also while the object store is away.
    """
    if not _places.acquire(timeout=2):
        raise Unavailable(part_vi="Cổng nhận tệp (đang bận)", part_en="The upload gate (busy)", seconds=5)
    try:
        told = documents.Upload(code=code, component=component, name=name, actor=caller.actor, key=key,
                                declared_type=caller.request.headers.get("content-type", "")[:200])
        reply = documents.attach(caller.office, told, pieces(caller.request), caller.now)
    finally:
        _places.release()
    return answer(reply, 201, ETag=version_tag(reply.version))


def pieces(request: Request) -> Iterator[bytes]:
    """The body, for a thread: the event loop gathers a quarter of a megabyte and hands it over."""
    stream = request.stream()

    async def gather() -> bytes:
        found, size = [], 0
        async for chunk in stream:
            found.append(chunk)
            size += len(chunk)
            if size >= PIECE:
                break
        return b"".join(found)

    async def patiently() -> bytes:
        try:
            with anyio.fail_after(min(SILENCE, until - anyio.current_time())):
                return await gather()
        except TimeoutError:
            raise HTTPException(408) from None
        except ClientDisconnect:
            raise HTTPException(400) from None

    until = from_thread.run_sync(anyio.current_time) + LONGEST
    while piece := from_thread.run(patiently):
        yield piece


@router.get("/documents/{document}", response_class=Response, responses=refusals(404, 500, reading=True) | {
    200: {"description": "the verified bytes", "content": dict.fromkeys(SCANS, BYTES)}})
def download(caller: Caller, document: UUID) -> Response:
    """The bytes of a scan, after their hash was compared with the record."""
    return as_file(*documents.read(caller.office, document, caller.actor, caller.now))


def as_file(row: Stored, file: IO[bytes]) -> Response:
    """To be saved, never shown in place: nothing that was uploaded may act as a page of ours."""
    return StreamingResponse(
        _pieces_of(file), media_type=row.media_type, background=BackgroundTask(file.close),
        headers={"Content-Disposition": attachment_header(row.name or row.component), "Content-Length": str(row.size),
                 "Content-Security-Policy": security.POLICY_FOR_FILES, "Cache-Control": "no-store, private"})


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    try:
        while piece := file.read(PIECE):
            yield piece
    finally:
        file.close()
