"""The local folder where an upload lands, durable and hashed, before anything else happens to it."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from engine.errors import Unavailable
from storage.faults import LARGEST, Fault, unacceptable
from storage.lost import DocumentAbsent, DocumentCorrupted

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PARTIAL = ".part"
_GROWING = ".upload"
_DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


@dataclass(frozen=True, kw_only=True)
class Spooled:
    """Bytes that are on the disk, named by their SHA-256."""

    path: Path
    sha256: str
    size: int


class Growing:
    """A file that comes in pieces, locked: nobody else changes it as long as it is held. Raises Unavailable."""

    def __init__(self, file: BufferedRandom, spool: Spool) -> None:
        self._file, self._spool = file, spool

    @property
    def size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def put(self, at: int, piece: bytes | bytearray) -> int:
        """Writes the piece there, cuts off what came after, and returns the new size once it is durable."""
        try:
            self._file.seek(at)
            self._file.truncate()
            self._file.write(piece)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _disk_fault(error) from error
        return at + len(piece)

    def finish(self) -> Spooled:
        """The file under the name of its SHA-256; it does not grow any more."""
        self._file.seek(0)
        sha256, size = hashlib.file_digest(self._file, "sha256").hexdigest(), self.size
        return Spooled(path=self._spool.adopt(Path(self._file.name), sha256), sha256=sha256, size=size)


class Spool:
    """`<folder>/<sha256>` once complete. No name in it comes from a user.

    New uploads are refused while less than both `least_share` and `least_bytes` of the disk are free:
    what is left belongs to the database.
    """

    def __init__(self, folder: Path, *, least_share: float = 0.10, least_bytes: int = 2 * 1024**3) -> None:
        self._folder, self._least_share, self._least_bytes = folder, least_share, least_bytes
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_partials()

    @property
    def folder(self) -> Path:
        return self._folder

    def receive(self, chunks: Iterable[bytes], *, limit: int = LARGEST, name: str | None = None) -> Spooled:
        """Streams into the folder; the same bytes again are the same file. `name` only goes into the refusal.

        Raises UnacceptableFile (too_large) at the first byte past `limit`, Unavailable when the disk is full.
        """
        self._refuse_when_full()
        digest, size = hashlib.sha256(), 0
        try:
            with self._partial() as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise unacceptable(name, Fault.TOO_LARGE, limit=limit)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                path = self.adopt(Path(os.fsdecode(file.name)), digest.hexdigest())
        except OSError as error:
            raise _disk_fault(error) from error
        return Spooled(path=path, sha256=path.name, size=size)

    @contextmanager
    def growing(self, upload_id: UUID) -> Iterator[Growing]:
        """The file of an upload in pieces, made when there is none; whoever comes second waits a moment."""
        self._refuse_when_full()
        with open(self._growing(upload_id), "r+b", opener=_private_new) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield Growing(file, self)

    def grown(self, upload_id: UUID) -> int:
        """How much of an upload in pieces is here."""
        try:
            return self._growing(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def drop(self, upload_id: UUID) -> None:
        self._growing(upload_id).unlink(missing_ok=True)

    def drop_old(self, older_than: timedelta) -> int:
        """Removes files of uploads in pieces that did not grow for so long; how many."""
        old, gone = time.time() - older_than.total_seconds(), 0
        for path in self._folder.glob(f"*{_GROWING}"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < old:
                    path.unlink()
                    gone += 1
        return gone

    def adopt(self, path: Path, sha256: str) -> Path:
        """Gives a durable file of this folder its final name, as if it had just come in."""
        final = self.path(sha256)
        with self._alone():
            os.utime(path)
            os.replace(path, final)
            _sync_folder(self._folder)
        return final

    def _growing(self, upload_id: UUID) -> Path:
        return self._folder / f"{upload_id.hex}{_GROWING}"

    def path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256 in lower-case hexadecimal")
        return self._folder / sha256

    def open_verified(self, sha256: str) -> BinaryIO:
        """The file at its first byte, to be closed by the caller, after all of it was read and compared."""
        try:
            file = self.path(sha256).open("rb")
        except FileNotFoundError:
            raise DocumentAbsent from None
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            file.close()
            raise DocumentCorrupted
        file.seek(0)
        return file

    def waiting(self) -> Iterator[Spooled]:
        """Every complete file, for the reconciler."""
        for path in sorted(self._folder.iterdir()):
            if _SHA256.fullmatch(path.name):
                with suppress(FileNotFoundError):
                    yield Spooled(path=path, sha256=path.name, size=path.stat().st_size)

    def discard(self, sha256: str, *, older_than: timedelta = timedelta(minutes=15)) -> bool:
        """Removes a file that nobody received again within `older_than`; True when it is gone.

        The age matters: somebody else may just have sent the same bytes and be about to have them inspected.
        """
        path = self.path(sha256)
        with self._alone():
            try:
                if time.time() - path.stat().st_mtime < older_than.total_seconds():
                    return False
            except FileNotFoundError:
                return True
            path.unlink()
            return True

    def _refuse_when_full(self) -> None:
        disk = shutil.disk_usage(self._folder)
        if disk.free < disk.total * self._least_share and disk.free < self._least_bytes:
            raise _no_room()

    @contextmanager
    def _partial(self) -> Iterator[BinaryIO]:
        """A locked file that is gone afterwards unless it was renamed."""
        while True:
            path = self._folder / f"{secrets.token_hex(16)}{_PARTIAL}"
            with open(path, "xb", opener=_private) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.fstat(file.fileno()).st_nlink == 0:  # a starting process swept it before the lock
                    continue
                try:
                    yield file
                finally:
                    path.unlink(missing_ok=True)
                return

    def _remove_partials(self) -> None:
        """What a killed process left. A file that somebody still writes is locked, and stays."""
        for path in self._folder.glob(f"*{_PARTIAL}"):
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with open(self._folder / ".lock", "ab", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def in_pieces(file: BinaryIO, size: int = 256 * 1024) -> Iterator[bytes]:
    """The chunks of an open file."""
    while piece := file.read(size):
        yield piece


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _private_new(path: str, flags: int) -> int:
    """"r+b" that makes the file when it is not there: nothing in the open modes does this without cutting it."""
    return os.open(path, flags | os.O_CREAT, 0o600)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _disk_fault(error: OSError) -> Exception:
    """Unavailable when the disk is what failed; anything else as it is."""
    return _no_room() if error.errno in _DISK_ERRORS else error


def _no_room() -> Unavailable:
    return Unavailable(part_vi="Ổ đĩa (hết chỗ trống)", part_en="The disk (no space left)", seconds=60)
