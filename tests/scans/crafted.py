"""Hand-made bytes: what no honest program writes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from tests import samples

MEGABYTE = bytes(1024**2)


def zeros(megabytes: int) -> bytes:
    """A zlib stream that inflates to so many megabytes of nothing, made in a millisecond.

    A full flush forgets what went before, so the packed megabyte can simply be repeated.
    """
    machine = zlib.compressobj(9)
    head = machine.compress(b"") or b"\x78\xda"
    block = machine.compress(MEGABYTE) + machine.flush(zlib.Z_FULL_FLUSH)
    return head + block.removeprefix(head) * megabytes


def raw_pdf(objects: Sequence[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """Objects 1, 2, … as given, with a right cross-reference table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer\n<</Size %d %b>>\nstartxref\n%d\n%%%%EOF\n" % (count, trailer, start)


def page_pdf(*more: bytes, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """One blank page (objects 1 to 3), with additions; `more` are objects 4, 5, …"""
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R %b>>" % catalog,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842] %b>>" % page,
            *more,
        ]
    )


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d %b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def xref_stream_bomb(megabytes: int) -> bytes:
    """qpdf must inflate the cross-reference stream before anything can be looked at."""
    head = b"%PDF-1.7\n"
    table = stream(zeros(megabytes), b"/Type/XRef/W[1 4 2]/Size 100000000/Root 2 0 R/Filter/FlateDecode")
    return head + b"1 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, len(head))


def object_stream_bomb(megabytes: int) -> bytes:
    """The catalog lies in an object stream that never ends."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    packed = stream(zeros(megabytes), b"/Type/ObjStm/N 1/First 10/Filter/FlateDecode")
    places[2] = len(out)
    out += b"2 0 obj\n%b\nendobj\n" % packed
    places[3] = len(out)
    entries = [(0, 0, 65535), (2, 2, 0), (1, places[2], 0), (1, places[3], 0)]
    table = b"".join(struct.pack(">BIH", *entry) for entry in entries)
    out += b"3 0 obj\n%b\nendobj\n" % stream(table, b"/Type/XRef/W[1 4 2]/Size 4/Root 1 0 R")
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % places[3]


def png_of(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A small honest picture with chunks put in after its header."""
    honest = samples.saved(samples.picture("L", (64, 64)), "PNG")
    return honest[:33] + png_of(*chunks)[8:] + honest[33:]


def wide_png(side: int) -> bytes:
    """One bit a pixel, all white: kilobytes that want to be gigabytes."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return png_of((b"IHDR", header), (b"IDAT", zeros(side * side // 8 // 1024**2 + 1)), (b"IEND", b""))


def jpeg_with(marker: int, content: bytes, *, after_jfif: bool = True) -> bytes:
    """An honest JPEG with one more segment."""
    honest = samples.jpeg()
    at = 20 if after_jfif else 2
    return honest[:at] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + honest[at:]


def jpeg_claiming(width: int, height: int) -> bytes:
    """The frame header says another size than the data has."""
    data = bytearray(samples.jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_of_many_scans(times: int) -> bytes:
    """A progressive picture whose last refinement comes again and again: few bytes, much work."""
    honest = samples.saved(samples.picture("L"), "JPEG", progressive=True)
    last = honest.rindex(b"\xff\xda")
    return honest[:-2] + honest[last:-2] * times + honest[-2:]


def jpeg_that_is_script() -> bytes:
    """The well-known one: the length of APP0 reads "/*", the segment is the script's comment."""
    honest = samples.jpeg()
    app0 = honest[6:20].ljust(0x2F2A - 2, b"\0")
    return honest[:2] + b"\xff\xe0\x2f\x2a" + app0 + honest[20:]


def pdf_that_is_zip() -> bytes:
    """A whole archive inside an object, its directory still within a zip reader's reach of the end."""
    return page_pdf(stream(samples.archive(), b"/Type/Note"))


def lzw_of_zeros(codes: int) -> bytes:
    """Nine-bit codes: clear, 0, then always the newest entry, one zero longer; clear before ten bits."""
    bits, written = [], 0
    while written < codes:
        bits.append("100000000" + "000000000" + "".join(f"{code:09b}" for code in range(258, 510)))
        written += 254
    text = "".join(bits) + "100000001"
    return int(text.ljust(-(-len(text) // 8) * 8, "0"), 2).to_bytes(-(-len(text) // 8), "big")
