"""Scans: taken in, checked, linked, handed to the store, read back only when they verify."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import IO
from uuid import UUID

import structlog

from engine.casework import scans
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars, Reply
from engine.casework.scans import Scan
from engine.catalogue import Catalogue
from engine.clocks.evaluation import due
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE
from engine.errors import NotFound, Unavailable
from engine.office import Office
from engine.signing import trust
from engine.states.procedure import Procedure
from procedures.declaration import RequiredDocument
from storage import documents, events, previews
from storage.documents import Earlier, Stored
from storage.dossiers import Loaded
from storage.inspection import inspect
from storage.objects import DocumentAbsent, DocumentCorrupted
from storage.spool import Spooled

log = structlog.get_logger()
# Longer than any backup is kept would be the rule for deleting; an orphan was never linked, so a day is enough.
ORPHAN_AGE = timedelta(days=1)
# A picture of this size shows what kind of paper it is, and no word of it.
SMALL = "small"


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """What comes with the bytes. `component`: a required document, "result" or "other"; `key` as in an Order.

    `replaces`: the scan of the same paper that this one is better than; the old one is kept.
    """

    code: str
    component: str
    name: str
    declared_type: str | None
    actor: Actor
    key: str
    replaces: UUID | None = None


def attach(office: Office, upload: Upload, chunks: Iterable[bytes], now: datetime) -> Reply:
    """Streams, hashes, checks, links; then the store takes it if it can. Raises UnacceptableFile, WrongRole …"""
    return take(office, upload, office.spool.receive(chunks, name=upload.name), now)


def take(office: Office, upload: Upload, spooled: Spooled, now: datetime) -> Reply:
    """The same with bytes that are in the spool."""
    scan = checked(office, upload.name, upload.declared_type, spooled, now)
    order = order_of(upload, spooled.sha256)
    reply = transact(office, order, scans.attach(upload.component, upload.name[:200], scan, upload.replaces), now)
    hand_to_store(office, spooled, scan.media_type)
    return reply


def checked(office: Office, name: str, declared_type: str | None, spooled: Spooled, now: datetime) -> Scan:
    """What the machine sees on a file, wherever it came from. Raises UnacceptableFile."""
    verdict = inspect(spooled.path, name, declared_type)
    seen = previews.brief(previews.look(spooled.path))
    return trust.noted(office, Scan.of(spooled, verdict, seen), spooled.path, now)


def order_of(upload: Upload, sha256: str) -> Order:
    """The hash is part of what was asked: the same key with other bytes is another request."""
    replaced = (str(upload.replaces),) if upload.replaces else ()
    return Order(code=upload.code, event="attach", actor=upload.actor, key=upload.key,
                 particulars=Particulars(slip=sha256, documents=(upload.component, *replaced)))


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierPaper:
    """A scan that may be taken again: `component` of the procedure at hand, `code` of the dossier it came with."""

    id: UUID
    component: str
    name: str
    code: str
    at: datetime


def earlier_papers(office: Office, id_number: str, procedure: Procedure, actor: Actor,
                   now: datetime) -> list[EarlierPaper]:
    """What the applicant of that number handed in before and need not hand in again, the newest scan of each paper.

    Only papers that the procedure declares reusable, still valid, of dossiers that the person may see or that the
    agency of his own desk took in.
    """
    if not id_number:
        return []
    catalogue = office.catalogue()
    found: dict[str, EarlierPaper] = {}
    for row in documents.earlier(office.db, id_number, actor.id, now.astimezone(ZONE).date()):
        for component in _places(catalogue, procedure, row, now):
            found.setdefault(component, EarlierPaper(id=row.id, component=component, name=row.name, code=row.code,
                                                     at=row.at))
    return list(found.values())


def reuse(office: Office, code: str, component: str, document_id: UUID, actor: Actor, key: str, now: datetime) -> Reply:
    """Attaches an earlier scan of the same applicant to this dossier: the same bytes, a document of its own.

    Raises NotFound for a scan that `earlier_papers` would not offer, and what an attachment raises.
    """
    id_number = documents.id_number_of(office.db, code)
    rows = documents.earlier(office.db, id_number, actor.id, now.astimezone(ZONE).date(), document_id)
    if not rows:
        raise NotFound(what="giấy tờ đã nộp trước đây", what_en="the earlier paper")
    row = rows[0]
    attached = scans.attach(component, row.name, Scan(
        sha256=row.sha256, size=row.size, media_type=row.media_type, pages=row.pages, quality=row.quality,
        state=row.state, reused_from=row.id))

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if component not in _places(catalogue, catalogue.procedures[loaded.version_id], row, now):
            raise NotFound(what="giấy tờ đã nộp trước đây", what_en="the earlier paper")
        return attached(loaded, order, catalogue, now)

    order = Order(code=code, event="attach", actor=actor, key=key,
                  particulars=Particulars(slip=row.sha256, documents=(component, str(document_id))))
    return transact(office, order, decide, now)


def _places(catalogue: Catalogue, procedure: Procedure, row: Earlier, now: datetime) -> list[str]:
    """The components of a procedure that this scan may stand for: papers of one kind are one and the same."""
    declared = catalogue.procedures[row.version_id].declaration.documents.get(row.component)
    if declared is None:
        return []
    kind = declared.kind or row.component
    return [component for component, wanted in procedure.declaration.documents.items()
            if wanted.reusable and (wanted.kind or component) == kind and _valid(wanted, row, now, catalogue)]


def _valid(wanted: RequiredDocument, row: Earlier, now: datetime, catalogue: Catalogue) -> bool:
    """Counted from the day it was scanned: it was issued no later, so a person still looks at the date on it."""
    if wanted.valid_for is None:
        return True
    return now <= due(Limit.parse(wanted.valid_for), CountMode.DAY, row.at, catalogue.calendar(""))


def hand_to_store(office: Office, spooled: Spooled, media_type: str, *, known: bool = True) -> bool:
    """True when the store has it. Otherwise it stays pending here, and the reconciler comes back to it.

    `known`: as for storage.objects.ObjectStore.put.
    """
    try:
        office.store.put(spooled.path, spooled.sha256, spooled.size, media_type, known=known)
    except Unavailable:
        log.warning("scan_pending", sha256=spooled.sha256)
        return False
    except (DocumentCorrupted, FileNotFoundError) as error:
        # the spool lost it: the row stays pending and says so to whoever looks, the others go on
        log.error("spooled_scan_lost", sha256=spooled.sha256, why=type(error).__name__)
        return False
    documents.kept(office.db, spooled.sha256, "stored")
    office.spool.discard(spooled.sha256)
    return True


def read(office: Office, document_id: UUID, actor: Actor, now: datetime) -> tuple[Stored, IO[bytes]]:
    """The document and its verified bytes, for somebody who may see its dossier; the reading is logged."""
    found = described(office, document_id, actor, now)
    events.append(office.db, "document_read", actor.id, now, {"document": str(document_id), "code": found.code})
    return found, _opened(office, found)


def read_outside(office: Office, document_id: UUID, by: dict[str, str], now: datetime) -> tuple[Stored, IO[bytes]]:
    """For somebody who does not work here and was found to have the right to it; `by`: how that is known."""
    found = documents.of_id(office.db, document_id)
    if found is None or found.sha256 is None:
        raise NotFound(what="tài liệu", what_en="the document")
    events.append(office.db, "document_read", None, now, {"document": str(document_id), "code": found.code, **by})
    return found, _opened(office, found)


def _opened(office: Office, found: Stored) -> IO[bytes]:
    assert found.sha256 is not None, "only documents with bytes are read"
    try:
        file = _bytes(office, found)
    except DocumentCorrupted:
        documents.kept(office.db, found.sha256, "damaged")
        raise
    if found.state == "damaged":
        documents.kept(office.db, found.sha256, "stored")
    return file


def described(office: Office, document_id: UUID, actor: Actor, now: datetime) -> Stored:
    """What is known of a scan, for somebody who may see its dossier; its bytes are not touched."""
    found = documents.visible(office.db, document_id, actor.id, now.astimezone(ZONE).date())
    if found is None or found.sha256 is None:
        raise NotFound(what="tài liệu", what_en="the document")
    return found


def picture(office: Office, document_id: UUID, page: int, size: str, actor: Actor, now: datetime) -> bytes:
    """A page as WebP, no larger than storage.previews.SIZES[size]; a reading, unless it is too small to be read.

    Raises NotFound also for a page that is not there, Unpaintable, Unavailable.
    """
    found = described(office, document_id, actor, now)
    if page > (found.pages or 1):
        raise NotFound(what=f"trang {page}", what_en=f"page {page}")
    assert found.sha256 is not None, "described raises for a document without bytes"
    if size != SMALL:
        events.append(office.db, "document_read", actor.id, now,
                      {"document": str(document_id), "code": found.code, "page": page})
    painted = previews.kept.get(found.sha256, page, size)
    if painted is None:
        with _bytes(office, found) as file:
            painted = previews.paint(file, page, size)
        previews.kept.put(found.sha256, page, size, painted)
    return painted


def box(seen: Stored, page: int, size: str) -> tuple[int, int]:
    """How wide and high the picture of a page will be; A4 where the page was never looked at."""
    wide, high = (seen.quality or {}).get("shapes", {}).get(str(page), previews.A4)
    width, height = previews.SIZES[size]
    scale = min(width / wide, height / high)
    return round(wide * scale), round(high * scale)


def _bytes(office: Office, row: Stored) -> IO[bytes]:
    """Verified bytes, from the spool while the store has not taken them."""
    assert row.sha256 is not None, "a document without bytes is not read"
    try:
        holder = office.spool if row.state == "pending" else office.store
        return holder.open_verified(row.sha256)
    except FileNotFoundError:
        raise DocumentAbsent from None


@dataclass(slots=True)
class Reconciled:
    """What a reconciliation found and mended."""

    stored: int = 0
    waiting: int = 0
    damaged: int = 0
    orphans: int = 0


def reconcile(office: Office) -> Reconciled:
    """Pairs rows and objects: pending scans go to the store, spool files nobody links and old orphans are removed."""
    done = Reconciled()
    for row in documents.pending(office.db):
        if row.sha256 is None:
            continue
        path = office.spool.path(row.sha256)
        if path.exists():
            spooled = Spooled(path=path, sha256=row.sha256, size=row.size or 0)
            handed = hand_to_store(office, spooled, row.media_type or "")
            done.stored, done.waiting = done.stored + handed, done.waiting + (not handed)
        elif office.store.exists(row.sha256):
            documents.kept(office.db, row.sha256, "stored")
            done.stored += 1
        else:
            done.waiting += 1
            log.error("pending_scan_without_bytes", document=str(row.id))
    _tidy(office, done)
    return done


def _tidy(office: Office, done: Reconciled) -> None:
    for spooled in office.spool.waiting():
        if not documents.linked(office.db, spooled.sha256, "pending"):
            office.spool.discard(spooled.sha256)
    for stored in office.store.keys():  # noqa: SIM118 - a listing of the store, not of a dictionary
        old = datetime.now(UTC) - stored.stored_at > ORPHAN_AGE
        if old and not documents.linked(office.db, stored.sha256):
            office.store.remove(stored.sha256)
            done.orphans += 1


def verify_all(office: Office) -> list[str]:
    """Reads every stored document and names those whose bytes are not what was recorded."""
    bad: list[str] = []
    for row in documents.with_bytes(office.db):
        try:
            _bytes(office, row).close()
        except (DocumentCorrupted, NotFound) as error:
            bad.append(f"{row.code}: {row.component} ({row.id}) {error.code}")
    return bad
