"""Pictures of the pages of a scan, and what is to be seen on them: made by a process of its own, kept for a while."""

from __future__ import annotations

import atexit
import json
import threading
from collections import OrderedDict
from pathlib import Path
from typing import IO, Any

import structlog

from engine.errors import NotFound, Unavailable
from storage.quarantine import Quarantine

log = structlog.get_logger()

SIZES = {"small": (240, 340), "page": (1000, 1420), "large": (1600, 2270), "huge": (2400, 3400)}
"""Dots of the box that a page is fitted into."""
A4 = (210, 297)
MOST_LOOKED_AT = 20
LOW_DPI = 200
CROOKED = 1.0
_LONGEST = 8 * 1024**2
_KEPT = 48 * 1024**2

_painters = Quarantine(module="storage.previews_child", longest=_LONGEST, at_once=2)
atexit.register(_painters.close)


class Unpaintable(NotFound):
    """The file was accepted, and still no picture of this page can be made."""

    code = "no_preview"
    vi = "Không dựng được ảnh xem trước của trang này. Hãy tải tệp về để xem."
    en = "No preview of this page could be made. Download the file instead."


class Kept:
    """The pictures last asked for, as many as fit."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most, self._size, self._lock = most, 0, threading.Lock()
        self._pictures: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()

    def get(self, sha256: str, page: int, size: str) -> bytes | None:
        with self._lock:
            found = self._pictures.get((sha256, page, size))
            if found is not None:
                self._pictures.move_to_end((sha256, page, size))
            return found

    def put(self, sha256: str, page: int, size: str, picture: bytes) -> None:
        with self._lock:
            self._size += len(picture) - len(self._pictures.pop((sha256, page, size), b""))
            self._pictures[sha256, page, size] = picture
            while self._size > self._most:
                self._size -= len(self._pictures.popitem(last=False)[1])


kept = Kept()


def prepare() -> None:
    """Starts the first painter, so that the first upload is not slower than the others."""
    _painters.prepare()


def paint(file: IO[bytes], page: int, size: str) -> bytes:
    """The page, from 1, as WebP that fits the box of that name. Raises Unpaintable, Unavailable."""
    width, height = SIZES[size]
    head = json.dumps({"page": page, "width": width, "height": height}).encode() + b"\n"
    answer = _painters.examine(file, head)
    if not answer.text.startswith(b"RIFF") or answer.late or answer.signal is not None:
        raise Unpaintable
    return answer.text


def look(path: Path) -> dict[str, Any] | None:
    """What a clerk may want to scan again; None when nothing could be seen, which is no reason to refuse a file.

    {"count": 3, "pages": [{"no", "size" (points or dots), "dpi", "blank", "skew", "light"}, …],
     "hints": [{"kind": "blank" | "skew" | "dark" | "pale" | "dpi", "pages": [2], "worst": -2.3}, …]}
    """
    try:
        with path.open("rb") as file:
            answer = _painters.examine(file, json.dumps({"look": MOST_LOOKED_AT}).encode() + b"\n")
        if answer.late or answer.signal is not None:
            return None
        told: dict[str, Any] = json.loads(answer.text)
        return {**told, "hints": hints(told["pages"])}
    except (Unavailable, ValueError, TypeError, KeyError) as error:
        log.warning("scan_not_looked_at", why=type(error).__name__)
        return None


def brief(seen: dict[str, Any] | None) -> dict[str, Any] | None:
    """What is kept with the document, which is read with every act: {"count", "hints", "shapes": {"2": [297, 210]}}.

    Shapes are those of pages that are not as A4 upright.
    """
    if seen is None:
        return None
    shapes = {str(page["no"]): page["size"] for page in seen["pages"]
              if abs(page["size"][0] / page["size"][1] - A4[0] / A4[1]) > 0.01}
    return {"count": seen["count"], "hints": seen["hints"], "shapes": shapes}


def hints(pages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One for each kind of fault, with the pages it was seen on and its worst value."""
    printed = [page for page in pages if not page["blank"]]
    crooked = [page for page in printed if page["skew"] is not None and abs(page["skew"]) > CROOKED]
    coarse = [page for page in pages if page["dpi"] is not None and page["dpi"] < LOW_DPI]
    found = [
        ("blank", [page for page in pages if page["blank"]], None),
        ("skew", crooked, max((page["skew"] for page in crooked), key=abs, default=None)),
        *((kind, [page for page in printed if page["light"] == kind], None) for kind in ("dark", "pale")),
        ("dpi", coarse, min((page["dpi"] for page in coarse), default=None)),
    ]
    return [{"kind": kind, "pages": [page["no"] for page in those], "worst": worst} for kind, those, worst in found
            if those]
