"""Pulls the documents a message names, by hash and from where it stopped; gives ours to those we named them to.

What comes is hashed and inspected like any upload before it becomes part of a dossier.
"""

from __future__ import annotations

import base64
import re
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

import structlog

from engine import delivery
from engine.casework import outside
from engine.casework.act import transact
from engine.casework.orders import MACHINE, Order
from engine.casework.scans import Scan
from engine.documents import hand_to_store
from engine.errors import LienThongError, NotFound, NotPossibleHere, UnacceptableFile, Unavailable
from engine.exchange import losing
from engine.exchange.asking import asking
from engine.exchange.canonical import decode
from engine.exchange.client import GONE, Client, Part, Rejected, Unreachable
from engine.exchange.envelope import Malformed, Sealed, unseal
from engine.exchange.peers import key_of
from engine.exchange.receiving import NotForUs, known_peer
from engine.office import Office
from engine.signing import trust
from storage import exchange, pulls, unanswered
from storage.exchange import Line
from storage.faults import LARGEST
from storage.inspection import inspect
from storage.lost import DocumentAbsent, DocumentCorrupted, DocumentGone
from storage.pulls import Wanted
from storage.spool import Growing, Spooled

log = structlog.get_logger()

DOCUMENTS = "/exchange/v1/documents"
# What is on the disk is never asked for again; most scans are there with one wait for it.
PIECE = 2 * 1024 * 1024
# A document that takes longer makes room for others, and goes on where it stopped.
LONGEST = 300.0
# Bytes that do not match three times are what the other side has.
WRONG_TRIES = 3
# Of a file that the other side does not give, or not so far.
ABSENT = (404, 416)
CLOCKS_DIFFER = timedelta(minutes=15)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,4000}")


class _WrongBytes(Exception):
    """Not what the message said."""


def pull(office: Office, client: Client, line: Line, wanted: Wanted, now: datetime) -> str:
    """The bytes of one document, one try: "fetched", "failed", "parked" or "superseded".

    Raises Unreachable when the line is away (what came is kept), Unavailable when something of ours is.
    """
    try:
        whole = _fetch(office, client, line, wanted, now)
    except Unreachable as error:
        if error.status not in ABSENT:
            if error.answered:
                pulls.later(office.db, wanted, error.why)
            if unanswered.note(office.db, "pull", wanted.document_id, error.why, answered=error.answered):
                told = f"{wanted.name}: {error.why}"
                delivery.give_an_owner(office, wanted.document_id, wanted.dossier_id, told, now, "message_unanswered")
            raise
        return _failed(office, wanted, error.why, exchange.TRIES, now)
    except Rejected as error:
        return _failed(office, wanted, error.reason, 1 if error.reason == GONE else exchange.TRIES, now)
    except _WrongBytes as error:
        return _failed(office, wanted, str(error), WRONG_TRIES, now)
    exchange.reached(office.db, line.id)
    return "fetched" if whole else "superseded"


def take(office: Office, wanted: Wanted, now: datetime) -> str:
    """Inspects what was fetched and makes it part of its dossier: "linked", "failed" or "parked".

    What is linked is to be kept, too. Raises Unavailable when something of ours is away.
    """
    try:
        _attach(office, wanted, now)
    except FileNotFoundError:
        return _failed(office, wanted, "the spool lost it", exchange.TRIES, now)
    except UnacceptableFile as error:
        return _failed(office, wanted, f"{error.code}: {error.data.get('reason')}", 1, now)
    except Unavailable as error:
        pulls.later(office.db, wanted, error.code)
        raise
    except LienThongError as error:
        return _failed(office, wanted, error.code, exchange.TRIES, now)
    except Exception as error:  # noqa: BLE001 - whatever a file breaks, the others must go on
        return _failed(office, wanted, type(error).__name__, exchange.TRIES, now)
    return "linked"


def keep(office: Office, wanted: Wanted) -> None:
    """The store takes what is linked, if it can; then nobody has to see to it any more."""
    hand_to_store(office, _spooled(office, wanted), wanted.media_type, known=wanted.known)
    pulls.pulled(office.db, wanted)
    log.info("document_pulled", peer=wanted.peer_id, document=str(wanted.document_id), size=wanted.size)


def _fetch(office: Office, client: Client, line: Line, wanted: Wanted, now: datetime) -> bool:
    """The whole document with the hash that was told lies in the spool. False when somebody else goes on with it."""
    if wanted.size > LARGEST:
        raise _WrongBytes(f"{wanted.size} bytes, at most {LARGEST} are taken")
    known = office.spool.path(wanted.sha256)
    if known.exists() and known.stat().st_size == wanted.size:
        return True
    path = f"{DOCUMENTS}/{wanted.sha256}?message={wanted.message_id}"
    with office.spool.growing(wanted.document_id) as file:
        at = min(wanted.received, file.size)
        with client.document(path, asking(office, line.name, path, now), at) as part:
            whole = _write(office, wanted, file, part)
        if not whole:
            return False
        spooled = file.finish()
    if spooled.sha256 != wanted.sha256:
        raise _WrongBytes(f"SHA-256 {spooled.sha256}")
    return True


def _write(office: Office, wanted: Wanted, file: Growing, part: Part) -> bool:
    """Durable piece by piece. Raises _WrongBytes for more or fewer than were told, Unreachable after LONGEST."""
    at, waiting, until = part.begins, bytearray(), time.monotonic() + LONGEST
    try:
        for piece in part.pieces:
            waiting += piece
            if at + len(waiting) > wanted.size:
                waiting.clear()
                raise _WrongBytes("more bytes than were told")
            if len(waiting) >= PIECE:
                at = file.put(at, waiting)
                waiting.clear()
                if not pulls.grew(office.db, wanted, at):
                    return False
            if time.monotonic() > until:
                raise Unreachable(str(wanted.peer_id), "a document that drips")
    finally:
        # also of a line that was torn off
        if waiting:
            at = file.put(at, waiting)
            if at < wanted.size:  # of a whole one that is said once it has its name
                pulls.grew(office.db, wanted, at)
    if at != wanted.size:
        raise _WrongBytes("fewer bytes than were told")
    return True


def _attach(office: Office, wanted: Wanted, now: datetime) -> None:
    """Inspected like any upload, then part of the dossier.

    How well it was scanned was the business of the desk that scanned it.
    """
    spooled = _spooled(office, wanted)
    verdict = inspect(spooled.path, wanted.name, wanted.media_type)
    scan = trust.noted(office, Scan.of(spooled, verdict, None), spooled.path, now)
    proof = {"peer": wanted.peer_id, "message": str(wanted.message_id)}
    try:
        transact(office, Order(code=wanted.code, event="attach", actor=MACHINE),
                 outside.fill(wanted.document_id, scan, proof), now)
    except NotPossibleHere:
        log.info("document_there_already", document=str(wanted.document_id))
    wanted.media_type = str(verdict.media_type)


def _spooled(office: Office, wanted: Wanted) -> Spooled:
    return Spooled(path=office.spool.path(wanted.sha256), sha256=wanted.sha256, size=wanted.size)


def _failed(office: Office, wanted: Wanted, why: str, tries: int, now: datetime) -> str:
    office.spool.drop(wanted.document_id)
    parked = pulls.not_pulled(office.db, wanted, why, tries)
    log.warning("document_not_pulled", document=str(wanted.document_id), attempt=wanted.attempts, why=why,
                parked=parked)
    if parked:
        delivery.give_an_owner(office, wanted.document_id, wanted.dossier_id, f"{wanted.name}: {why}", now)
    return "parked" if parked else "failed"


def asked(office: Office, header: str, path: str, now: datetime) -> Sealed:
    """Who asks for `path`. Raises Malformed, NotForUs and what a message that is signed badly raises."""
    if not _BASE64URL.fullmatch(header):
        raise Malformed(why="Exchange-Request is not base64url")
    try:
        data = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
    except ValueError as error:
        raise Malformed(why="Exchange-Request is not base64url") from error
    sealed = unseal(data, "request", key_of(office.db))
    peer = known_peer(sealed.key)
    body = sealed.body
    if body["receiver"] != office.name or body["sender"] != sealed.key.owner:
        raise NotForUs
    if body["path"] != path:
        raise Malformed(why="path is not what was asked for")
    try:
        late = abs(datetime.fromisoformat(body["at"]) - now) > CLOCKS_DIFFER
    except ValueError as error:
        raise Malformed(why="at") from error
    if late:
        raise Malformed(why="at differs from the clock here by more than a quarter of an hour")
    exchange.heard(office.db, peer)
    return sealed


def _opened(office: Office, sha256: str) -> IO[bytes]:
    """Most are asked for soon after they came in here: then the spool still has them, and the store is left alone."""
    try:
        return office.spool.open_verified(sha256)
    except (DocumentAbsent, DocumentCorrupted):
        return office.store.open_verified(sha256)


@dataclass(frozen=True, slots=True)
class Given:
    """Verified bytes, to be closed by the caller."""

    file: IO[bytes]
    size: int
    media_type: str


def give(office: Office, sealed: Sealed, sha256: str, message: UUID, now: datetime) -> Given:
    """A document of ours to a peer that a message named it to. Raises NotFound for everything else, DocumentGone where
    the store has lost it, and the spool has it no more: then its sender is told.
    """
    peer = known_peer(sealed.key)
    envelope = exchange.envelope_to(office.db, peer, message)
    body: dict[str, Any] = decode(bytes(envelope))["body"] if envelope is not None else {"documents": []}
    told = next((document for document in body["documents"] if document["sha256"] == sha256), None)
    state = exchange.state_of(office.db, sha256) if told else None
    if told is None or state is None:
        raise NotFound(what="tài liệu", what_en="the document")
    try:
        file = _opened(office, sha256)
    except (DocumentAbsent, DocumentCorrupted) as error:
        log.error("document_not_given", sha256=sha256, why=error.code)
        if state == "pending":  # a spool that is not there for the moment has lost nothing
            raise NotFound(what="tài liệu", what_en="the document") from error
        losing.tell(office, peer, body, told, error.code, now)
        raise DocumentGone from error
    return Given(file, told["size"], told["media_type"])
