"""Scans in the S3 store, named by their content, verified when written and whenever read."""

from __future__ import annotations

import hashlib
import re
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO
from uuid import uuid4

import structlog
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.datatypes import Object
from minio.retention import Retention

from engine.errors import Unavailable
from storage.faults import LARGEST
from storage.lost import DocumentAbsent, DocumentCorrupted
from storage.patience import Line, Patience, store_unavailable

__all__ = ["DocumentAbsent", "DocumentCorrupted", "ObjectStore", "Patience", "StoredKey", "key_of"]

log = structlog.get_logger()

_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"sha256/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
_CHECKSUM = "x-amz-checksum-sha256"
_IN_MEMORY = 2 * 1024**2
_PIECE = 256 * 1024
_LONGEST = 4 * LARGEST
"""Whatever the limit was when a scan came in; what is longer was not put here by us."""


@dataclass(frozen=True, kw_only=True)
class StoredKey:
    """One object as the store lists it."""

    sha256: str
    size: int
    stored_at: datetime


def key_of(sha256: str) -> str:
    """`sha256/ab/cd/abcd…`. Nothing a user typed ever becomes a key."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _is(data: bytes, sha256: str) -> bool:
    return hashlib.sha256(data).hexdigest() == sha256


class ObjectStore:
    """Every method ends in time: with its result, DocumentAbsent, DocumentCorrupted or Unavailable."""

    def __init__(
        self,
        endpoint: str,
        access_key: str,
        secret_key: str,
        bucket: str,
        secure: bool = False,
        *,
        patience: Patience | None = None,
    ) -> None:
        def client(how: Patience) -> Minio:
            # Without a region the SDK would first ask the store for it.
            return Minio(endpoint, access_key, secret_key, secure=secure, region="us-east-1", http_client=how.pool())

        patience = patience or Patience()
        self._bucket, self._line = bucket, Line(patience)
        self._locked = f"{bucket}-anchors"
        self._compares = False  # whether the store was seen to compare the hash that comes with a scan
        self._client = client(patience)
        self._glance = client(Patience(connect=min(1.0, patience.connect), answer=min(2.0, patience.answer)))

    def ensure_bucket(self) -> None:
        with self._line.talking():
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket)

    def available(self) -> bool:
        """A glance of two seconds at most, for status pages and before long work."""
        try:
            with self._line.talking():
                return self._glance.bucket_exists(self._bucket)
        except Unavailable:
            return False

    def put(self, path: Path, sha256: str, size: int, media_type: str, *, known: bool = True) -> str:
        """Stores the file under its hash unless the same bytes are there already, and returns the key.

        What the store holds already is read and compared; bytes that went bad since are replaced by these good ones.
        Where the caller knows of nobody who gave these bytes before, the store is not asked first: `known` is False.
        New ones the store compares itself with the hash that is sent along, and says so; one that does not say so is
        read back. Returning is the promise that the store gives them back.
        """
        key, data = key_of(sha256), path.read_bytes()
        if len(data) != size or not (self._compares or _is(data, sha256)):
            raise DocumentCorrupted
        if known and self._holds(sha256, size):
            return key
        told = b64encode(bytes.fromhex(sha256)).decode()
        try:
            with self._line.talking():
                put = self._client.put_object(self._bucket, key, BytesIO(data), size, content_type=media_type,
                                              metadata={_CHECKSUM: told}, part_size=_LONGEST)  # a part has another hash
        except Unavailable:
            if not _is(data, sha256):  # that is what the store had against it
                raise DocumentCorrupted from None
            raise
        self._compares = put.http_headers.get(_CHECKSUM) == told
        if not self._compares and not self._holds(sha256, size):
            log.error("object_store_did_not_keep", sha256=sha256)
            raise store_unavailable()
        return key

    def open_verified(self, sha256: str) -> IO[bytes]:
        """A file positioned at its first byte, to be closed by the caller.

        All of it was read and its hash compared before this returns: no altered byte is ever served.
        """
        file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            digest = hashlib.sha256()
            for piece in self._pieces(key_of(sha256)):
                digest.update(piece)
                file.write(piece)
                if file.tell() > _LONGEST:
                    break
            if digest.hexdigest() != sha256:
                log.error("stored_document_corrupted", sha256=sha256)
                raise DocumentCorrupted
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def exists(self, sha256: str) -> bool:
        try:
            with self._line.talking():
                self._client.stat_object(self._bucket, key_of(sha256))
        except DocumentAbsent:
            return False
        return True

    def keys(self) -> Iterator[StoredKey]:
        """Every scan in the store, for the reconciler; what else lies under the prefix is not ours."""
        with self._line.talking():
            for found in self._client.list_objects(self._bucket, prefix="sha256/", recursive=True):
                match = _KEY.fullmatch(found.object_name or "")
                if match and found.size is not None and found.last_modified is not None:
                    yield StoredKey(sha256=match[3], size=found.size, stored_at=found.last_modified)

    def remove(self, sha256: str) -> None:
        """For the reconciler, and only for objects that no row names."""
        with self._line.talking():
            self._client.remove_object(self._bucket, key_of(sha256))

    def lock_away(self, key: str, data: bytes, until: datetime) -> None:
        """Keeps the bytes so that nobody can change or delete them before `until`; what is kept already stays.

        Raises DocumentCorrupted where other bytes were kept under this key before.
        """
        with self._line.talking():
            if not self._versions(key):
                self._client.put_object(self._locked, key, BytesIO(data), len(data), content_type="application/json",
                                        retention=Retention(COMPLIANCE, until.replace(microsecond=0)))
        if self.locked_away(key) != data:
            raise DocumentCorrupted

    def locked_away(self, key: str) -> bytes:
        """What was kept first under this key, whatever was put or deleted there since. Raises DocumentAbsent."""
        with self._line.talking():
            kept = self._versions(key)
        if not kept:
            raise DocumentAbsent
        return b"".join(self._pieces(key, self._locked, kept[-1].version_id))

    def locked_keys(self, prefix: str) -> set[str]:
        """Every key under which something was ever locked away."""
        with self._line.talking():
            return {found.object_name or "" for found in self._client.list_objects(
                self._locked, prefix=prefix, recursive=True, include_version=True)}

    def _versions(self, key: str) -> list[Object]:
        """The newest first, without marks of deletion."""
        return [found for found in self._client.list_objects(self._locked, prefix=key, include_version=True)
                if found.object_name == key and not found.is_delete_marker]

    def probe(self) -> float:
        """Seconds that putting, reading and deleting a small object takes; raises what a scan would meet."""
        key, data, begun = f"probe/{uuid4().hex}", uuid4().bytes, time.monotonic()
        with self._line.talking():
            self._client.put_object(self._bucket, key, BytesIO(data), len(data))
        returned = b"".join(self._pieces(key))
        with self._line.talking():
            self._client.remove_object(self._bucket, key)
        if returned != data:
            raise DocumentCorrupted
        return time.monotonic() - begun

    def _holds(self, sha256: str, size: int) -> bool:
        digest, length = hashlib.sha256(), 0
        try:
            for piece in self._pieces(key_of(sha256)):
                digest.update(piece)
                length += len(piece)
                if length > size:
                    break
        except DocumentAbsent:
            return False
        if length == size and digest.hexdigest() == sha256:
            return True
        log.error("stored_document_corrupted", sha256=sha256)
        return False

    def _pieces(self, key: str, bucket: str = "", version: str | None = None) -> Iterator[bytes]:
        deadline = self._line.deadline()
        with self._line.talking():
            response = self._client.get_object(bucket or self._bucket, key, version_id=version)
            try:
                # read1 returns what has come; read would wait for a full piece, however slowly it drips.
                while piece := response.read1(_PIECE, decode_content=False):
                    deadline.check()
                    yield piece
            finally:
                response.close()
                response.release_conn()
