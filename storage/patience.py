"""How long the object store may keep us waiting, and what its silence means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

import structlog
import urllib3
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError, MaxRetryError, TimeoutError

from engine.errors import Unavailable
from storage.lost import DocumentAbsent

log = structlog.get_logger()

_PIECE = 256 * 1024
_ABSENT = frozenset({"NoSuchKey", "NoSuchObject"})


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds. The SDK's own are five minutes, five times over; a clerk at a counter waits five seconds."""

    connect: float = 1.5
    answer: float = 5.0
    whole: float = 30.0
    """For one object from first to last byte: a store that drips must not hold a thread for ever."""
    rest: float = 3.0
    """After a time-out nobody asks again for so long; else eight scans of a dossier wait eight times."""

    def pool(self) -> urllib3.PoolManager:
        retries = urllib3.Retry(
            total=2,
            connect=1,
            read=0,
            redirect=0,
            status=1,
            backoff_factor=0.2,
            status_forcelist=(500, 502, 503, 504),
            allowed_methods=None,
            respect_retry_after_header=False,
        )
        timeout = urllib3.Timeout(connect=self.connect, read=self.answer)
        return _Pool(self.whole, maxsize=16, retries=retries, timeout=timeout, blocksize=_PIECE)


@dataclass(frozen=True)
class Deadline:
    """The instant (of the monotonic clock) after which an answer no longer counts."""

    at: float

    def check(self) -> None:
        if time.monotonic() > self.at:
            raise store_unavailable()


class _Pool(urllib3.PoolManager):
    """Sends bodies piece by piece.

    urllib3 counts a body given as one piece against the time to connect: 25 MB in 1.5 seconds.
    """

    def __init__(self, whole: float, **options: Any) -> None:
        super().__init__(**options)
        self._whole = whole

    def urlopen(  # type: ignore[override]  # as PoolManager itself overrides its base
        self, method: str, url: str, redirect: bool = True, **kw: Any
    ) -> urllib3.BaseHTTPResponse:
        if isinstance(kw.get("body"), bytes):
            kw["body"] = _Pieces(kw["body"], Deadline(time.monotonic() + self._whole))
        return super().urlopen(method, url, redirect, **kw)


class _Pieces(BytesIO):
    def __init__(self, data: bytes, deadline: Deadline) -> None:
        super().__init__(data)
        self._deadline = deadline

    def read(self, size: int | None = -1, /) -> bytes:
        self._deadline.check()
        return super().read(size)


class Line:
    """Everything said to the store goes through `talking`, which knows only three endings:

    it worked, DocumentAbsent, Unavailable.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._resting_until = 0.0

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Keep the handling of local files out of the block: its OSErrors would be taken for the store's."""
        if time.monotonic() < self._resting_until:
            raise store_unavailable()
        try:
            yield
        except S3Error as error:
            if error.code in _ABSENT:
                raise DocumentAbsent from error
            log.warning("object_store_refused", reason=error.code)
            raise store_unavailable() from error
        except (MinioException, HTTPError, OSError, ParseError, UnicodeDecodeError) as error:
            if _timed_out(error):
                self._resting_until = time.monotonic() + self._patience.rest
            log.warning("object_store_failed", reason=type(error).__name__)
            raise store_unavailable() from error

    def deadline(self) -> Deadline:
        return Deadline(time.monotonic() + self._patience.whole)


def store_unavailable() -> Unavailable:
    return Unavailable(part_vi="Kho tài liệu", part_en="The document store", seconds=10)


def _timed_out(error: Exception) -> bool:
    return isinstance(error.reason if isinstance(error, MaxRetryError) else error, TimeoutError)
