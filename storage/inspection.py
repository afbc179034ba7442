"""Decides whether an uploaded file is a scan that the archive may keep."""

from __future__ import annotations

import atexit
import json
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from storage.faults import LARGEST, Fault, unacceptable
from storage.names import safe_name
from storage.quarantine import Answer, Quarantine
from storage.signatures import MediaType, media_type_of

__all__ = ["Fault", "MediaType", "Verdict", "inspect", "prepare"]

_EXTENSIONS = {
    "pdf": MediaType.PDF,
    "jpg": MediaType.JPEG,
    "jpeg": MediaType.JPEG,
    "jpe": MediaType.JPEG,
    "jfif": MediaType.JPEG,
    "png": MediaType.PNG,
}
_TYPES = {
    "application/pdf": MediaType.PDF,
    "application/x-pdf": MediaType.PDF,
    "image/jpeg": MediaType.JPEG,
    "image/jpg": MediaType.JPEG,
    "image/pjpeg": MediaType.JPEG,
    "image/png": MediaType.PNG,
    "image/x-png": MediaType.PNG,
}
_FAULTS = {fault.value: fault for fault in Fault}
_UNKNOWN = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_EXTENSION = re.compile(r"\.([A-Za-z][A-Za-z0-9]{1,5})$")
"""“Đơn số 12.2024” and “QĐ.UBND tỉnh” have a dot and no extension."""

_quarantine = Quarantine()
atexit.register(_quarantine.close)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the file is; pictures have a size and count as one page."""

    media_type: MediaType
    pages: int
    width: int | None = None
    height: int | None = None


def prepare() -> None:
    """Starts the first checking process, so that the first upload is not slower than the others."""
    _quarantine.prepare()


def inspect(
    path: Path,
    declared_name: str | None = None,
    declared_type: str | None = None,
    *,
    quarantine: Quarantine = _quarantine,
) -> Verdict:
    """Signature, extension (if any), declared type (if any) and a full parse must agree.

    Raises UnacceptableFile with the Fault, or Unavailable when the checker itself does not work.
    """
    fault = _before_parsing(path, declared_name, declared_type)
    if fault is not None:
        raise unacceptable(declared_name, fault)
    with path.open("rb") as file:
        verdict = _read(quarantine.examine(file))
    if isinstance(verdict, Fault):
        raise unacceptable(declared_name, verdict)
    return verdict


def _before_parsing(path: Path, name: str | None, declared: str | None) -> Fault | None:
    """What eight bytes and a name already tell."""
    size = path.stat().st_size
    if size == 0:
        return Fault.EMPTY
    if size > LARGEST:
        return Fault.TOO_LARGE
    with path.open("rb") as file:
        found = media_type_of(file.read(16))
    claims = _claims(name, declared)
    if found is None:
        return Fault.MISMATCH if claims & set(MediaType) else Fault.NOT_ALLOWED
    return Fault.MISMATCH if claims - {found} else None


def _claims(name: str | None, declared: str | None) -> set[MediaType | None]:
    """What the name and the browser say it is; None stands for something that is not accepted."""
    claims: set[MediaType | None] = set()
    if extension := _EXTENSION.search(safe_name(name or "")):
        claims.add(_EXTENSIONS.get(extension[1].lower()))
    kind = (declared or "").partition(";")[0].strip().lower()
    if kind not in _UNKNOWN:
        claims.add(_TYPES.get(kind))
    return claims


def _read(answer: Answer) -> Verdict | Fault:
    """A child that died of the file has judged the file."""
    if answer.late:
        return Fault.BOMB
    if answer.signal is not None:
        return Fault.DAMAGED if answer.signal in (signal.SIGSEGV, signal.SIGBUS) else Fault.BOMB
    try:
        said = json.loads(answer.text)
        if "fault" in said:
            return _FAULTS[said["fault"]]
        return Verdict(**{**said, "media_type": MediaType(said["media_type"])})
    except (ValueError, TypeError, KeyError):  # it stumbled without a verdict, or was made to lie
        return Fault.DAMAGED
