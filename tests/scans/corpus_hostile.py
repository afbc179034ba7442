"""Attacks: files that grow, files that are two things at once, files that act."""

from __future__ import annotations

import zlib

import pikepdf

from storage.inspection import Fault
from tests import samples
from tests.scans import crafted
from tests.scans.case import Case, with_change
from tests.scans.crafted import page_pdf, stream


def _attach(document: pikepdf.Pdf) -> None:
    pinned = pikepdf.Stream(document, b"data")
    pinned.Type = pikepdf.Name.EmbeddedFile
    document.Root.AF = pikepdf.Array([document.make_indirect(pikepdf.Dictionary(EF=pikepdf.Dictionary(F=pinned)))])


def _image(width: int, height: int, data: bytes, how: bytes) -> bytes:
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray/Filter%b"
    return page_pdf(stream(data, entries % (width, height, how)))


_SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"

BOMBS = (
    Case("a JPEG painted three hundred times", lambda: crafted.jpeg_of_many_scans(300), Fault.BOMB),
    # qpdf stops at its limit in the last-but-one two, and calls that damage.
    Case(
        "a stream of a gigabyte",
        lambda: page_pdf(stream(crafted.zeros(1024), b"/Filter/FlateDecode")),
        Fault.BOMB,
    ),
    Case(
        "a stream packed twice",
        lambda: page_pdf(stream(zlib.compress(crafted.zeros(1024)), b"/Filter[/FlateDecode/FlateDecode]")),
        Fault.BOMB,
    ),
    Case(
        "many streams, each bearable",
        lambda: page_pdf(*[stream(crafted.zeros(30), b"/Filter/FlateDecode")] * 40),
        Fault.BOMB,
    ),
    Case(
        "run lengths",
        lambda: page_pdf(stream(b"\x81\0" * 900_000 + b"\x80", b"/Filter/RunLengthDecode")),
        Fault.BOMB,
    ),
    Case("LZW", lambda: page_pdf(stream(crafted.lzw_of_zeros(400_000), b"/Filter/LZWDecode")), Fault.BOMB),
    Case(
        "text around a bomb",
        lambda: page_pdf(stream(crafted.zeros(200).hex().encode() + b">", b"/Filter[/ASCIIHexDecode/FlateDecode]")),
        Fault.BOMB,
    ),
    Case("a cross-reference stream of a gigabyte", lambda: crafted.xref_stream_bomb(1024), Fault.DAMAGED),
    Case("an object stream of a gigabyte", lambda: crafted.object_stream_bomb(1024), Fault.DAMAGED),
    Case(
        "a picture of 30,000 by 30,000 in a PDF",
        lambda: _image(30_000, 30_000, crafted.zeros(860), b"/FlateDecode"),
        Fault.BOMB,
    ),
    Case(
        "a small picture with much behind it",
        lambda: _image(10, 10, crafted.zeros(860), b"/FlateDecode"),
        Fault.BOMB,
    ),
    Case(
        "a lying JPEG in a PDF",
        lambda: _image(10, 10, crafted.jpeg_claiming(60_000, 60_000), b"/DCTDecode"),
        Fault.BOMB,
    ),
    Case("nested a hundred thousand deep", lambda: page_pdf(b"[" * 100_000 + b"]" * 100_000), Fault.BOMB),
    Case("a PNG of 30,000 by 30,000", lambda: crafted.wide_png(30_000), Fault.BOMB),
    Case(
        "a PNG with a text of a gigabyte",
        lambda: crafted.png_with((b"zTXt", b"Comment\0\0" + crafted.zeros(1024))),
        Fault.BOMB,
    ),
    Case("a JPEG of 65,000 by 65,000", lambda: crafted.jpeg_claiming(65_000, 65_000), Fault.BOMB),
)

POLYGLOTS = (
    Case(
        "a PDF with a page of HTML at its head",
        lambda: samples.small_pdf().replace(b"\n", b"\n<html><body onload=alert(1)>\n", 1),
        Fault.POLYGLOT,
    ),
    Case(
        "a PDF with script in a comment",
        lambda: samples.pdf().replace(b"trailer", b"%<ScRiPt>alert(1)</script>\ntrailer", 1),
        Fault.POLYGLOT,
    ),
    Case("HTML behind a PDF", lambda: samples.small_pdf() + samples.HTML, Fault.POLYGLOT),
    Case("a shell script behind a PDF", lambda: samples.small_pdf() + b"\nrm -rf ~\n", Fault.POLYGLOT),
    Case("an archive behind a PDF", lambda: samples.small_pdf() + samples.archive(), Fault.POLYGLOT),
    Case("an archive inside a PDF", crafted.pdf_that_is_zip, Fault.POLYGLOT),
    Case("a RAR inside a PDF", lambda: page_pdf(stream(b"Rar!\x1a\x07\x00data")), Fault.POLYGLOT),
    Case("a 7z behind a JPEG", lambda: samples.jpeg() + b"7z\xbc\xaf\x27\x1cdata", Fault.POLYGLOT),
    Case(
        "a tape archive called PDF",
        lambda: b"%PDF-1.7\n".ljust(257, b"\0") + b"ustar\0" + bytes(600),
        Fault.POLYGLOT,
    ),
    Case("an archive behind a JPEG", lambda: samples.jpeg() + samples.archive(), Fault.POLYGLOT),
    Case("an archive behind a PNG", lambda: samples.png() + samples.archive(), Fault.POLYGLOT),
    Case("HTML behind a JPEG", lambda: samples.jpeg() + b"<b onclick=x>", Fault.POLYGLOT),
    Case("a JPEG that is a script", crafted.jpeg_that_is_script, Fault.POLYGLOT),
    Case(
        "a JPEG with script in its comment",
        lambda: crafted.jpeg_with(0xFE, b"<script>alert(1)"),
        Fault.POLYGLOT,
    ),
    Case(
        "a JPEG whose comment ends a comment",
        lambda: crafted.jpeg_with(0xFE, b"*/=alert(1)/*"),
        Fault.POLYGLOT,
    ),
    Case(
        "a JPEG with PHP in its metadata",
        lambda: crafted.jpeg_with(0xE1, b"<?php system(1) ?>"),
        Fault.POLYGLOT,
    ),
    Case(
        "a PNG with HTML in its text",
        lambda: crafted.png_with((b"tEXt", b"Comment\0<svg onload=x>")),
        Fault.POLYGLOT,
    ),
    Case(
        "a PNG with PHP in a chunk of its own",
        lambda: crafted.png_with((b"phPp", b"<?php x")),
        Fault.POLYGLOT,
    ),
)

ACTIVE = (
    Case("script on opening", lambda: page_pdf(catalog=b"/OpenAction" + _SCRIPT), Fault.ACTIVE),
    Case(
        "script by name",
        lambda: page_pdf(_SCRIPT, catalog=b"/Names<</JavaScript<</Names[(a)4 0 R]>>>>"),
        Fault.ACTIVE,
    ),
    Case("script that nothing leads to", lambda: page_pdf(_SCRIPT), Fault.ACTIVE),
    Case(
        "script in an object stream",
        with_change(
            lambda document: document.Root.update(
                {"/Piece": document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript))}
            ),
            packed=True,
        ),
        Fault.ACTIVE,
    ),
    Case("script behind an escaped name", lambda: page_pdf(b"<</S/J#61vaScript/J#53(x)>>"), Fault.ACTIVE),
    Case("script deep in a list", lambda: page_pdf(b"[[[<</A " + _SCRIPT + b">>]]]"), Fault.ACTIVE),
    Case("a program to start", lambda: page_pdf(b"<</S/Launch/F(cmd.exe)>>"), Fault.ACTIVE),
    Case(
        "an address on opening",
        lambda: page_pdf(catalog=b"/OpenAction<</S/URI/URI(http://x)>>"),
        Fault.ACTIVE,
    ),
    Case(
        "an action on leaving the page",
        lambda: page_pdf(page=b"/AA<</C<</S/URI/URI(http://x)>>>>"),
        Fault.ACTIVE,
    ),
    Case("a form that sends itself", lambda: page_pdf(b"<</S/SubmitForm/F(http://x)>>"), Fault.ACTIVE),
    Case("an attachment", with_change(_attach), Fault.ACTIVE),
    Case(
        "an attachment pinned to the page",
        lambda: page_pdf(b"<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]>>", page=b"/Annots[4 0 R]"),
        Fault.ACTIVE,
    ),
    Case("an XFA form", lambda: page_pdf(catalog=b"/AcroForm<</XFA(x)>>"), Fault.ACTIVE),
    Case("content kept in another file", lambda: page_pdf(stream(b"", b"/F(/etc/passwd)")), Fault.ACTIVE),
    Case("rich media", lambda: page_pdf(b"<</Type/Annot/Subtype/RichMedia>>"), Fault.ACTIVE),
)
