"""The process that paints pages of one foreign file and ends: a line of JSON and the bytes on stdin.

{"page": 2, "width": 240, "height": 340} is answered with that page as WebP, as large as fits; {"look": 20} with what
is seen on at most so many pages, as JSON. Nothing is answered for what cannot be painted.
"""

from __future__ import annotations

import json
import math
import sys
import time
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray

# Pillow imports its readers late, when this process can no longer open files.
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from storage import inspection_quality as quality
from storage.inspection_child import READY, give_up_powers
from storage.signatures import MediaType, media_type_of

__all__ = ["JpegImagePlugin", "PngImagePlugin", "WebPImagePlugin", "main"]

TiffImagePlugin.WRITE_LIBTIFF = False
_MEMORY = 1024**3
_CPU_SECONDS = 20
_LOOKED_AT = 1000
"""Dots of the longer side of a page that is judged."""
_MOST_DOTS = 8_000_000
_SECONDS = 4.0
_A4_INCHES = 11.69


def main() -> None:
    Image.init()
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    give_up_powers(_MEMORY, _CPU_SECONDS)
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    paper = Pictures(data) if media_type_of(data[:16]) is not MediaType.PDF else Pages(data)
    told = json.dumps(_look(paper, asked["look"])).encode() if "look" in asked else _paint(paper, **asked)
    sys.stdout.buffer.write(told)
    sys.stdout.buffer.flush()


class Pages:
    """A PDF; sizes are in points, 72 to the inch."""

    def __init__(self, data: bytes) -> None:
        self._pdf = pypdfium2.PdfDocument(data)
        if self._pdf.get_formtype():
            self._pdf.init_forms()

    def __len__(self) -> int:
        return len(self._pdf)

    def size(self, number: int) -> tuple[float, float]:
        width, height = self._pdf[number].get_size()
        return max(width, 1.0), max(height, 1.0)

    def picture(self, number: int, width: int, height: int, *, grey: bool = False) -> Image.Image:
        """The page, no larger than the box. The scale follows from the box: huge pages are legal."""
        page = self._pdf[number]
        wide, high = self.size(number)
        scale = min(width / wide, height / high, math.sqrt(_MOST_DOTS / (wide * high)))
        painted: Image.Image = page.render(scale=scale, grayscale=grey).to_pil()
        return painted

    def dpi(self, number: int) -> int | None:
        """Of the picture that fills most of the page; None for a page that is no scan."""
        wide, high = self.size(number)
        for thing in self._pdf[number].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            left, bottom, right, top = thing.get_bounds()
            if (right - left) * (top - bottom) > 0.6 * wide * high:
                dots_wide, dots_high = thing.get_px_size()
                # a page may be turned: the longer side is the longer side
                return round(float(72 * max(dots_wide, dots_high) / max(right - left, top - bottom)))
        return None


class Pictures:
    """One picture: one page of A4, unless it says itself how many dots an inch has."""

    def __init__(self, data: bytes) -> None:
        self._image = Image.open(BytesIO(data))
        self._told = self._image.info.get("dpi")
        self._size = self._image.size

    def __len__(self) -> int:
        return 1

    def size(self, number: int) -> tuple[float, float]:
        return self._size

    def picture(self, number: int, width: int, height: int, *, grey: bool = False) -> Image.Image:
        mode = "L" if grey else "RGB"
        self._image.draft(mode, (width, height))
        turned = ImageOps.exif_transpose(self._image).convert(mode)
        turned.thumbnail((width, height), reducing_gap=2.0)
        return turned

    def dpi(self, number: int) -> int | None:
        if self._told and 100 <= (told := round(float(max(self._told)))) <= 1200:
            return told
        return round(max(self._size) / _A4_INCHES)


def _paint(paper: Pages | Pictures, page: int, width: int, height: int) -> bytes:
    if not 1 <= page <= len(paper):
        return b""
    out = BytesIO()
    paper.picture(page - 1, width, height).convert("RGB").save(out, "WEBP", quality=72, method=2)
    return out.getvalue()


def _look(paper: Pages | Pictures, most: int) -> dict[str, Any]:
    """What is seen on the pages, evenly chosen when there are more than `most`; as many as there is time for."""
    count, until = len(paper), time.monotonic() + _SECONDS
    chosen = sorted({round(number) for number in np.linspace(0, count - 1, min(count, most))})
    pages = []
    for number in chosen:
        if time.monotonic() > until:
            break
        wide, high = paper.size(number)
        grey: NDArray[np.uint8] = np.asarray(paper.picture(number, _LOOKED_AT, _LOOKED_AT, grey=True))
        pages.append({"no": number + 1, "size": [round(wide), round(high)], "dpi": paper.dpi(number),
                      **quality.seen(grey)})
    return {"count": count, "pages": pages}


if __name__ == "__main__":
    main()
