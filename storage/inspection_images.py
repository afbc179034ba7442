"""Is this JPEG or PNG one whole picture, and nothing but a picture?"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

# TiffImagePlugin reads EXIF; Pillow imports it late, when this process can no longer open files.
from PIL import ImageFile, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from storage.faults import MOST_PIXELS, Fault, Unfit
from storage.signatures import has_markup

TiffImagePlugin.WRITE_LIBTIFF = False
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MOST_SCANS = 100
"""Progressive pictures have about ten; each costs a pass over all pixels, and a few bytes."""
_PADDING = b"\0\r\n\t "
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END, _SCAN, _COMMENT, _JFIF = 0xD9, 0xDA, 0xFE, 0xE0


def inspect_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height. Telephones append a second picture (MPF): that is still pictures only."""
    rest = memoryview(data)
    while True:
        end = _walk_jpeg(bytes(rest))
        rest = rest[end:]
        if not bytes(rest[:64]).strip(_PADDING) and not bytes(rest).strip(_PADDING):
            break
        if bytes(rest[:3]) != b"\xff\xd8\xff":
            raise Unfit(Fault.POLYGLOT)
    return _decode(JpegImagePlugin.JpegImageFile, data)


def jpeg_size(data: bytes | memoryview) -> tuple[int, int] | None:
    """Width and height as the first frame header says."""
    for marker, start, end in _segments(data):
        if marker in _START_OF_FRAME and end - start >= 5:
            height, width = struct.unpack_from(">HH", data, start + 1)
            return width, height
    return None


def inspect_png(data: bytes) -> tuple[int, int]:
    end = _walk_png(data)
    if data[end:].strip(_PADDING):
        raise Unfit(Fault.POLYGLOT)
    return _decode(PngImagePlugin.PngImageFile, data)


def _decode(reader: type[ImageFile.ImageFile], data: bytes) -> tuple[int, int]:
    """Decodes every pixel, after the size in the header was found bearable."""
    try:
        with reader(BytesIO(data)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise Unfit(Fault.BOMB)
            image.draft(None, (width // 8, height // 8))  # JPEG: all data is read, an eighth is painted
            image.load()
            return width, height
    except ValueError as error:  # Pillow's own guard for compressed text chunks
        raise Unfit(Fault.BOMB if "large" in str(error) else Fault.DAMAGED) from error
    except (OSError, SyntaxError, EOFError, struct.error, zlib.error, IndexError, KeyError) as error:
        raise Unfit(Fault.DAMAGED) from error


def _walk_jpeg(data: bytes) -> int:
    """Where the picture ends; metadata segments are looked at on the way."""
    scans = 0
    for marker, start, end in _segments(data):
        if marker == _END:
            return end
        scans += marker == _SCAN
        if scans > _MOST_SCANS:
            raise Unfit(Fault.BOMB)
        if marker == _JFIF and data[start : start + 5] == b"JFIF\0":
            # Scripts hide in an APP0 whose length reads as a comment mark; the thumbnail gives the true one.
            if end - start < 14 or end - start != 14 + 3 * data[start + 12] * data[start + 13]:
                raise Unfit(Fault.POLYGLOT)
        elif marker == _COMMENT and b"*/" in data[start:end]:
            raise Unfit(Fault.POLYGLOT)
        if (marker == _COMMENT or marker >= _JFIF) and has_markup(data[start:end]):
            raise Unfit(Fault.POLYGLOT)
    raise Unfit(Fault.DAMAGED)


def _segments(data: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of each segment's content; the end-of-image marker is the last."""
    at, last = 2, len(data) - 1
    while at < last and data[at] == 0xFF:
        while at < last and data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker == _END:
            yield marker, at, at
            return
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            return
        yield marker, at + 2, at + length
        at += length
        if marker == _SCAN:
            found = _AFTER_SCAN.search(data, at)
            if found is None:
                return
            at = found.start()


def _walk_png(data: bytes) -> int:
    """Where the picture ends: every chunk must carry its right checksum."""
    at = 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end: int = at + 12 + length
        checksum = data[end - 4 : end]
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(checksum, "big"):
            raise Unfit(Fault.DAMAGED)
        if kind == b"IEND":
            return end
        if kind == b"acTL":
            raise Unfit(Fault.NOT_ALLOWED)  # a moving picture is no scan
        if kind != b"IDAT" and has_markup(data[at + 8 : end - 4]):
            raise Unfit(Fault.POLYGLOT)
        at = end
    raise Unfit(Fault.DAMAGED)
