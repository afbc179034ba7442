"""How long the object store may keep us waiting, and what its silence means."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

import structlog
import urllib3
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError, MaxRetryError, TimeoutError

from engine.errors import LienThongError, Unavailable

log = structlog.get_logger()

_ABSENT = frozenset({"NoSuchKey", "NoSuchObject"})


class DocumentAbsent(LienThongError):
    """The store answers, and does not have it: still in the spool, or lost."""

    code = "document_absent"
    vi = "Kho tài liệu chưa có bản quét này. Hãy thử lại sau ít phút, hoặc báo quản trị hệ thống."
    en = "The document store does not have this scan. Try again in some minutes, or tell the administrator."


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
        return urllib3.PoolManager(
            maxsize=16, retries=retries, timeout=urllib3.Timeout(connect=self.connect, read=self.answer)
        )


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


@dataclass(frozen=True)
class Deadline:
    """The instant after which an answer no longer counts."""

    at: float

    def check(self) -> None:
        if time.monotonic() > self.at:
            raise store_unavailable()


def store_unavailable() -> Unavailable:
    return Unavailable(part_vi="Kho tài liệu", part_en="The document store", seconds=10)


def _timed_out(error: Exception) -> bool:
    return isinstance(error.reason if isinstance(error, MaxRetryError) else error, TimeoutError)
