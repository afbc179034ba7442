"""The process that looks at one foreign file and ends: bytes on stdin, verdict as JSON on stdout.

It says "ready" once everything is imported, then gives up what it could do harm with, and only then reads.
"""

from __future__ import annotations

import json
import os
import resource
import sys

from storage.faults import Fault, Unfit
from storage.inspection_images import inspect_jpeg, inspect_png
from storage.inspection_pdf import inspect_pdf
from storage.signatures import MediaType, has_foreign_part, media_type_of

READY = b"ready\n"
_MEMORY = 512 * 1024**2
_CPU_SECONDS = 10
_PIECE = 1024 * 1024


def main() -> None:
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    give_up_powers()
    data = _all_of(sys.stdin.fileno())
    try:
        answer = _inspect(data)
    except Unfit as unfit:
        answer = {"fault": unfit.fault.value}
    except MemoryError:
        answer = {"fault": Fault.BOMB.value}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.buffer.flush()


def _all_of(source: int) -> bytes:
    """In few pieces: a file object would grow its buffer by an eighth with every read."""
    pieces = []
    while piece := os.read(source, _PIECE):
        pieces.append(piece)
    return b"".join(pieces)


def give_up_powers(memory: int = _MEMORY, cpu_seconds: int = _CPU_SECONDS) -> None:
    """No more memory than a scan needs, no file or socket (they need a descriptor), no process, no core."""
    limits = {
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    if sys.platform == "linux":  # elsewhere the kernel refuses to set it
        limits[resource.RLIMIT_AS] = memory
    for what, most in limits.items():
        # Above the soft limit of time comes SIGXCPU, which tells the parent why; above the hard one SIGKILL.
        resource.setrlimit(what, (most, most + 2 if what == resource.RLIMIT_CPU else most))


def _inspect(data: bytes) -> dict[str, object]:
    kind = media_type_of(data[:16])
    if kind is None:
        raise Unfit(Fault.NOT_ALLOWED if data else Fault.EMPTY)
    if has_foreign_part(data):
        raise Unfit(Fault.POLYGLOT)
    if kind is MediaType.PDF:
        return {"media_type": kind, "pages": inspect_pdf(data), "width": None, "height": None}
    width, height = inspect_jpeg(data) if kind is MediaType.JPEG else inspect_png(data)
    return {"media_type": kind, "pages": 1, "width": width, "height": height}


if __name__ == "__main__":
    main()
