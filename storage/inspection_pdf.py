"""Is this PDF whole, open to everybody, still, and of bearable size?"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from io import BytesIO

from pikepdf import Array, Dictionary, Object, PasswordError, Pdf, PdfError, Stream, StreamDecodeLevel
from pikepdf.settings import set_qpdf_limits

from storage.faults import MOST_PAGES, MOST_PIXELS, Fault, Unfit
from storage.inspection_images import jpeg_size
from storage.signatures import has_markup

_LARGEST_STREAM = 32 * 1024**2
_MOST_INFLATED = 128 * 1024**2
"""Half a second of inflating: far past any scan's text and structure, far below the child's memory."""

_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/AA", "/RichMediaContent"})
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/GoToR",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    }
)
_ACTIVE_ANNOTATIONS = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
_INFLATING = frozenset({"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"})
_GENERAL = _INFLATING | {"/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85"}


def inspect_pdf(data: bytes) -> int:
    """The number of pages."""
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Unfit(Fault.DAMAGED)
    if data[end + 5 :].strip(b"\0\r\n\t\x1a ") or has_markup(data[:1024]):
        raise Unfit(Fault.POLYGLOT)
    # qpdf inflates object and cross-reference streams itself, while opening.
    set_qpdf_limits(
        flate_max_memory=_LARGEST_STREAM,
        run_length_max_memory=_LARGEST_STREAM,
        max_stream_filters=4,
        parser_max_nesting=100,
    )
    try:
        with Pdf.open(BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            return _inspect(pdf)
    except PasswordError as error:
        raise Unfit(Fault.ENCRYPTED) from error
    except PdfError as error:
        raise Unfit(Fault.DAMAGED) from error
    except (
        RuntimeError
    ) as error:  # ciphers ask for random numbers, and this process may not open their device
        raise Unfit(Fault.ENCRYPTED if b"/Encrypt" in data else Fault.DAMAGED) from error


def _inspect(pdf: Pdf) -> int:
    if pdf.is_encrypted:
        raise Unfit(Fault.ENCRYPTED)
    pages = len(pdf.pages)
    if pages == 0:
        raise Unfit(Fault.DAMAGED)
    if pages > MOST_PAGES:
        raise Unfit(Fault.TOO_MANY_PAGES)
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, Dictionary) and opening.get("/S") != "/GoTo":
        raise Unfit(Fault.ACTIVE)
    budget = _Budget()
    for thing in _every_dictionary(pdf):
        _refuse_active(thing)
        if isinstance(thing, Stream):
            budget.spend(thing)
    if any("limits error" in warning for warning in pdf.get_warnings()):
        raise Unfit(Fault.BOMB)  # qpdf left something out
    return pages


def _every_dictionary(pdf: Pdf) -> Iterator[Object]:
    """Dictionaries and streams of the whole file, whether or not a page leads to them."""
    for root in (pdf.trailer, *pdf.objects):
        waiting: list[object] = [root]
        while waiting:
            thing = waiting.pop()
            if isinstance(thing, Dictionary | Stream):
                yield thing
                children: list[object] = [child for _, child in thing.items()]
            elif isinstance(thing, Array):
                children = list(thing)
            else:
                continue
            waiting.extend(c for c in children if isinstance(c, Dictionary | Array) and not c.is_indirect)


def _refuse_active(thing: Object) -> None:
    keys = thing.keys()
    external = isinstance(thing, Stream) and "/F" in keys  # the content is another file
    if (
        external
        or not _ACTIVE_KEYS.isdisjoint(keys)
        or _name(thing, "/S") in _ACTIVE_ACTIONS
        or _name(thing, "/Subtype") in _ACTIVE_ANNOTATIONS
    ):
        raise Unfit(Fault.ACTIVE)


def _name(thing: Object, key: str) -> str:
    value = thing.get(key)
    return str(value) if value is not None and not isinstance(value, Dictionary | Array | Stream) else ""


class _Budget:
    """How much the streams of one file may grow to, all together."""

    def __init__(self) -> None:
        self.left = _MOST_INFLATED

    def spend(self, stream: Object) -> None:
        filters = _filters(stream)
        if sum(name in _INFLATING for name in filters) > 1:
            raise Unfit(Fault.BOMB)  # nothing honest packs a stream twice
        pixels = _pixels(stream)
        if filters[:1] == ["/DCTDecode"] and (size := jpeg_size(_raw(stream))):
            pixels = max(pixels, size[0] * size[1])
        if pixels > MOST_PIXELS:
            raise Unfit(Fault.BOMB)
        # Eight bytes a pixel: four inks of sixteen bits.
        longest = pixels * 8 + 65_536 if pixels else _LARGEST_STREAM
        if filters[:1] == ["/FlateDecode"]:
            self._inflate(_raw(stream), longest, picture=bool(pixels))
        elif _INFLATING.intersection(filters) and _GENERAL.issuperset(filters):
            self._take(self._unpacked(stream), longest, picture=bool(pixels))

    def _unpacked(self, stream: Object) -> int:
        """By qpdf, which gives up at its limits without saying so; a damaged stream looks the same."""
        try:
            return len(stream.read_bytes(StreamDecodeLevel.specialized))
        except PdfError as error:
            raise Unfit(Fault.BOMB) from error

    def _inflate(self, raw: bytes | memoryview, longest: int, *, picture: bool) -> None:
        if picture and self.left <= 0:
            return  # bounded by its pixels; not worth another second
        machine, length = zlib.decompressobj(), 0
        while raw and not machine.eof and length <= longest and length <= self.left:
            try:
                length += len(machine.decompress(raw, 1024**2))
            except zlib.error as error:
                raise Unfit(Fault.DAMAGED) from error
            raw = machine.unconsumed_tail
        self._take(length, longest, picture=picture)

    def _take(self, length: int, longest: int, *, picture: bool) -> None:
        self.left -= length
        if length > longest or (self.left < 0 and not picture):
            raise Unfit(Fault.BOMB)


def _raw(stream: Object) -> memoryview:
    """As it lies in the file; not copied once more."""
    return memoryview(stream.get_raw_stream_buffer())


def _filters(stream: Object) -> list[str]:
    value = stream.get("/Filter")
    if value is None:
        return []
    return [str(name) for name in value] if isinstance(value, Array) else [str(value)]


def _pixels(stream: Object) -> int:
    if _name(stream, "/Subtype") != "/Image":
        return 0
    width, height = stream.get("/Width"), stream.get("/Height")
    if not isinstance(width, int) or not isinstance(height, int) or width <= 0 or height <= 0:
        raise Unfit(Fault.DAMAGED)
    return width * height
