"""Scans that come in pieces: begun, appended to at an offset, resumed after any cut, completed once."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from engine import documents
from engine.casework import scans
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Reply
from engine.casework.receive import answered_before
from engine.clocks.zone import ZONE
from engine.documents import Upload
from engine.errors import Conflict, KeyReused, NotFound, Refused
from engine.office import Office
from storage import dossiers, uploads
from storage.faults import LARGEST, Fault, unacceptable
from storage.spool import Spooled
from storage.uploads import Arriving

MOST_AT_ONCE = 20
LARGEST_PIECE = 4 * 1024 * 1024
ABANDONED = timedelta(days=1)
# When a person has too many open, those that nobody goes on with make room.
IDLE = timedelta(minutes=10)


class WrongOffset(Conflict):
    """The piece does not begin where the file ends: `offset` is where to go on."""

    code = "wrong_offset"
    vi = "Tệp đã nhận đến byte {offset}; hãy gửi tiếp từ đó."
    en = "The file has arrived up to byte {offset}: go on from there."


class TooManyUploads(Refused):
    code = "too_many_uploads"
    vi = "Bạn đang gửi {most} tệp cùng lúc. Hãy đợi gửi xong một số tệp rồi gửi tiếp."
    en = "You are sending {most} files at once. Wait until some of them have arrived."


class FileChanged(Refused):
    """The sender's SHA-256 is not that of what arrived: the file was changed in between."""

    code = "file_changed"
    vi = "Tệp “{name}” đã thay đổi trong lúc tải lên nên không được nhận. Hãy chọn lại tệp rồi tải lên."
    en = "The file “{name}” changed while it was uploaded and was not accepted. Choose it again and upload it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """`offset` octets of `size` are safe."""

    id: UUID
    offset: int
    size: int


def begin(office: Office, upload: Upload, size: int, now: datetime) -> Standing:
    """The same key again gives the same upload as far as it has come. Raises what an attachment raises, before it.

    UnacceptableFile for a size that cannot be taken, KeyReused, TooManyUploads.
    """
    if not 0 < size <= LARGEST:
        raise unacceptable(upload.name, Fault.TOO_LARGE if size else Fault.EMPTY)
    begun = uploads.by_key(office.db, upload.key, upload.actor.id)
    if begun is None:
        _check_may(office, upload, now)
        _make_room(office, upload.actor)
        begun = uploads.begin(office.db, Arriving(
            id=uuid.uuid4(), code=upload.code, component=upload.component, name=upload.name[:200],
            media_type=upload.declared_type, size=size, received=0, key=upload.key, replaces=upload.replaces,
            sha256=None), upload.actor.id)
    same = (upload.code, upload.component, upload.name[:200], size, upload.replaces)
    if (begun.code, begun.component, begun.name, begun.size, begun.replaces) != same:
        raise KeyReused
    return _standing(office, begun)


def standing(office: Office, upload_id: UUID, actor: Actor) -> Standing:
    """Raises NotFound for anybody but who began it."""
    return _standing(office, _found(office, upload_id, actor))


def append(office: Office, upload_id: UUID, offset: int, piece: bytes, actor: Actor) -> Standing:
    """Durable when it returns. Raises WrongOffset with the true one, Unavailable when the disk is full."""
    _found(office, upload_id, actor)
    with office.spool.growing(upload_id) as file:
        row = _found(office, upload_id, actor)  # again: what it was before the lock may be old
        known = row.size if row.sha256 else min(row.received, file.size)
        if offset != known:
            raise WrongOffset(offset=known)
        if known + len(piece) > row.size:
            raise unacceptable(row.name, Fault.TOO_LARGE, limit=row.size)
        if piece:
            known = file.put(known, piece)
            uploads.grew(office.db, upload_id, known)
    return Standing(id=upload_id, offset=known, size=row.size)


def complete(office: Office, upload_id: UUID, sha256: str | None, actor: Actor, now: datetime) -> Reply:
    """Checks and attaches it, as if it had come in one body. Asked again, it gives the same reply.

    Raises WrongOffset while something is missing, FileChanged when `sha256` is not that of what arrived.
    """
    row = _found(office, upload_id, actor)
    told = Upload(code=row.code, component=row.component, name=row.name, declared_type=row.media_type, actor=actor,
                  key=row.key, replaces=row.replaces)
    spooled = _whole(office, row, actor)
    if sha256 is not None and sha256 != spooled.sha256:
        uploads.forget(office.db, upload_id)
        raise FileChanged(name=row.name)
    before = uploads.answered(office.db, row.key, actor.id)
    if before is not None:
        return answered_before(*before, documents.order_of(told, spooled.sha256).fingerprint())
    if not spooled.path.exists():
        uploads.arrived(office.db, upload_id, None)
        raise WrongOffset(offset=0)
    try:
        return documents.take(office, told, spooled, now)
    except Refused:
        uploads.forget(office.db, upload_id)
        raise


def cancel(office: Office, upload_id: UUID, actor: Actor) -> None:
    """What was already attached stays."""
    _found(office, upload_id, actor)
    uploads.forget(office.db, upload_id)
    office.spool.drop(upload_id)


def sweep(office: Office) -> Counter[str]:
    """Forgets what nobody went on with for a day."""
    stale = uploads.drop_stale(office.db, ABANDONED)
    for upload_id in stale:
        office.spool.drop(upload_id)
    return Counter(uploads=len(stale), upload_files=office.spool.drop_old(2 * ABANDONED))


def _whole(office: Office, row: Arriving, actor: Actor) -> Spooled:
    """All of it under the name of its hash, now or since an earlier attempt."""
    if row.sha256 is None:
        with office.spool.growing(row.id) as file:
            row = _found(office, row.id, actor)
            if row.sha256 is None:
                if (known := min(row.received, file.size)) != row.size:
                    raise WrongOffset(offset=known)
                spooled = file.finish()
                uploads.arrived(office.db, row.id, spooled.sha256)
                return spooled
        office.spool.drop(row.id)  # this lock made it anew
    assert row.sha256 is not None, "it was just found whole"
    return Spooled(path=office.spool.path(row.sha256), sha256=row.sha256, size=row.size)


def _found(office: Office, upload_id: UUID, actor: Actor) -> Arriving:
    row = uploads.find(office.db, upload_id, actor.id)
    if row is None:
        raise NotFound(what="lượt tải lên", what_en="the upload")
    return row


def _standing(office: Office, row: Arriving) -> Standing:
    known = row.size if row.sha256 else min(row.received, office.spool.grown(row.id))
    return Standing(id=row.id, offset=known, size=row.size)


def _check_may(office: Office, upload: Upload, now: datetime) -> None:
    """So that nobody sends 25 MB for nothing; decided again when it is attached."""
    today = now.astimezone(ZONE).date()
    loaded = dossiers.load(office.db, code=upload.code, person=upload.actor.id, key=None, today=today, blind=False)
    if loaded is None:
        raise NotFound(what=f"hồ sơ {upload.code}", what_en=f"dossier {upload.code}")
    catalogue = office.catalogue(loaded.revision)
    order = Order(code=upload.code, event="attach", actor=upload.actor)
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    scans.check(decision, upload.component, upload.replaces)


def _make_room(office: Office, actor: Actor) -> None:
    if uploads.unfinished(office.db, actor.id) < MOST_AT_ONCE:
        return
    for upload_id in uploads.drop_idle(office.db, actor.id, IDLE):
        office.spool.drop(upload_id)
    if uploads.unfinished(office.db, actor.id) >= MOST_AT_ONCE:
        raise TooManyUploads(most=MOST_AT_ONCE)
