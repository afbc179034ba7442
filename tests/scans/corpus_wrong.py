"""Honest mistakes: the wrong kind of file, and scans that did not arrive whole."""

from __future__ import annotations

from PIL import Image

from storage.inspection import Fault
from tests import samples
from tests.scans import crafted
from tests.scans.case import Case
from tests.scans.corpus_good import lossless_pdf


def _damaged_picture() -> bytes:
    data = bytearray(lossless_pdf())
    at = data.index(b"/Image")
    at = data.index(b"stream", at) + 2000
    data[at : at + 40] = bytes(40)
    return bytes(data)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x41]) + data[at + 1 :]


WRONG_KIND = (
    Case("nothing", lambda: b"", Fault.EMPTY, name="a.pdf"),
    Case("one byte too large", lambda: b"%PDF-".ljust(25 * 1024**2 + 1), Fault.TOO_LARGE),
    Case("a web page", lambda: samples.HTML, Fault.NOT_ALLOWED, name="a.html"),
    Case("a web page called PDF", lambda: samples.HTML, Fault.MISMATCH, name="a.pdf"),
    Case("a web page before a PDF", lambda: samples.HTML + samples.small_pdf(), Fault.MISMATCH, name="a.pdf"),
    Case("an SVG with script", lambda: samples.SVG, Fault.NOT_ALLOWED, name="a.svg"),
    Case("a program called PDF", lambda: b"MZ" + bytes(500), Fault.MISMATCH, name="a.pdf"),
    Case("an archive", samples.archive, Fault.NOT_ALLOWED, name="a.zip"),
    Case("a Word document", samples.archive, Fault.NOT_ALLOWED, name="đơn.docx"),
    Case("an archive said to be PDF", samples.archive, Fault.MISMATCH, declared="application/pdf"),
    Case("a GIF", lambda: samples.saved(samples.picture("P"), "GIF"), Fault.NOT_ALLOWED),
    Case(
        "a GIF of many frames",
        lambda: samples.saved(
            samples.picture("P", (9, 9)),
            "GIF",
            save_all=True,
            append_images=[Image.new("P", (9, 9), n % 250) for n in range(500)],
        ),
        Fault.NOT_ALLOWED,
    ),
    Case("a TIFF", lambda: samples.saved(samples.picture(), "TIFF"), Fault.NOT_ALLOWED),
    Case("a WebP", lambda: samples.saved(samples.picture(), "WEBP"), Fault.NOT_ALLOWED),
    Case("XML entities", lambda: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Fault.NOT_ALLOWED),
    Case("plain text", lambda: "Kính gửi".encode(), Fault.NOT_ALLOWED),
    Case("a PDF called JPEG", samples.pdf, Fault.MISMATCH, name="a.jpg"),
    Case("a JPEG called PDF", samples.jpeg, Fault.MISMATCH, name="a.pdf"),
    Case("a PNG said to be JPEG", samples.png, Fault.MISMATCH, name="a.png", declared="image/jpeg"),
    Case("a PDF said to be HTML", samples.pdf, Fault.MISMATCH, declared="text/html; charset=utf-8"),
    Case("an EXE behind an invisible letter", samples.pdf, Fault.MISMATCH, name="đơn\u202efdp.exe\0 "),
    Case("a PDF called EXE", samples.pdf, Fault.MISMATCH, name="đơn.pdf.exe"),
    Case(
        "a moving PNG",
        lambda: samples.saved(samples.picture(), "PNG", save_all=True, append_images=[samples.picture().rotate(90)]),
        Fault.NOT_ALLOWED,
    ),
)

DAMAGED = (
    Case("a PDF cut at half", lambda: samples.truncated(samples.pdf(2), 0.5), Fault.DAMAGED),
    Case("a PDF without its last line", lambda: samples.small_pdf()[:-7], Fault.DAMAGED),
    Case("only a PDF head", lambda: b"%PDF-1.7\n", Fault.DAMAGED),
    Case("a PDF head and tail", lambda: b"%PDF-1.7\n%%EOF\n", Fault.DAMAGED),
    Case(
        "a PDF whose table points nowhere",
        lambda: samples.small_pdf().replace(b"startxref\n", b"startxref\n9"),
        Fault.DAMAGED,
    ),
    Case(
        "a PDF without pages",
        lambda: crafted.raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        Fault.DAMAGED,
    ),
    Case(
        "a page tree that is its own parent",
        lambda: crafted.raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]),
        Fault.DAMAGED,
    ),
    Case("a PDF with a rotten picture", _damaged_picture, Fault.DAMAGED),
    Case(
        "a huge table",
        lambda: crafted.raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>"]).replace(b"xref\n0 2", b"xref\n0 4000000000"),
        Fault.DAMAGED,
    ),
    Case("a JPEG cut at half", lambda: samples.truncated(samples.jpeg()), Fault.DAMAGED),
    Case("a JPEG without its end mark", lambda: samples.jpeg()[:-2], Fault.DAMAGED),
    Case("only a JPEG head", lambda: samples.jpeg()[:300], Fault.DAMAGED),
    Case("a PNG cut at half", lambda: samples.truncated(samples.png()), Fault.DAMAGED),
    Case("a PNG with one wrong bit", lambda: _flipped(samples.png(), 5000), Fault.DAMAGED),
    Case("only a PNG head", lambda: samples.png()[:40], Fault.DAMAGED),
    Case("a locked PDF", samples.encrypted_pdf, Fault.ENCRYPTED),
    Case("a PDF locked against changes", lambda: samples.encrypted_pdf(to_open=""), Fault.ENCRYPTED),
    Case("three hundred and one pages", lambda: samples.small_pdf(301), Fault.TOO_MANY_PAGES),
)
