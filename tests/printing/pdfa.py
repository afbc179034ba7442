"""A strict structural check of PDF/A-2b (ISO 19005-2): what a file may not have, and what it must.

No validator can be had from a package registry; this one reads every object and every page's operators, and knows the
rules a typesetter can break. It is no proof of all of the standard (it looks into no font program or ICC profile).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

PART, CONFORMANCE = "2", "B"
FILTERS = {"/FlateDecode", "/DCTDecode", "/RunLengthDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/CCITTFaxDecode",
           "/JBIG2Decode", "/JPXDecode"}
ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState",
           "/Rendition", "/Trans", "/GoTo3DView"}
BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge",
          "/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color",
          "/Luminosity"}
DEEPEST = 28
INVISIBLE, PRINTED = 2 | 1 | 32, 4
NAMESPACE = "http://www.aiim.org/pdfa/ns/id/"


def faults(data: bytes) -> list[str]:
    """Empty for a file that keeps the rules."""
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        return ["encrypted"]
    with pdf:
        found = [*_file(data, pdf), *_metadata(pdf), *_intent(pdf), *_objects(pdf)]
        for number, page in enumerate(pdf.pages, 1):
            found += [f"page {number}: {fault}" for fault in _page(page)]
        return found


def _file(data: bytes, pdf: Pdf) -> Iterator[str]:
    first, second = data.split(b"\n", 2)[:2]
    if not first.startswith(b"%PDF-1.") or first.strip()[7:] not in (b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"):
        yield f"header {first[:12]!r}"
    if not (second.startswith(b"%") and len(second) >= 5 and all(byte > 127 for byte in second[1:5])):
        yield "no binary comment after the header"
    if pdf.is_encrypted or "/Encrypt" in pdf.trailer:
        yield "encrypted"
    if "/ID" not in pdf.trailer:
        yield "no ID in the trailer"
    if not data.rstrip().endswith(b"%%EOF"):
        yield "data after the end"
    for barred in ("/AA", "/OCProperties", "/Requirements", "/NeedsRendering"):
        if barred in pdf.Root:
            yield f"{barred} in the catalogue"
    if "/XFA" in pdf.Root.get("/AcroForm", {}) or pdf.Root.get("/AcroForm", {}).get("/NeedAppearances", False):
        yield "a form that makes its own appearance"


def _metadata(pdf: Pdf) -> Iterator[str]:
    stream = pdf.Root.get("/Metadata")
    if stream is None:
        yield "no XMP metadata"
        return
    if "/Filter" in stream:
        yield "XMP metadata packed"
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as told:
        if (told.get(f"{{{NAMESPACE}}}part"), told.get(f"{{{NAMESPACE}}}conformance")) != (PART, CONFORMANCE):
            yield f"XMP does not say PDF/A-{PART}{CONFORMANCE.lower()}"
        title = pdf.docinfo.get("/Title")
        if title is not None and str(title) != str(told.get("dc:title", "")):
            yield "the title is not that of the XMP"


def _intent(pdf: Pdf) -> Iterator[str]:
    intents = [one for one in pdf.Root.get("/OutputIntents", []) if one.get("/S") == Name.GTS_PDFA1]
    if len(intents) != 1:
        yield f"{len(intents)} output intents"
        return
    profile = intents[0].get("/DestOutputProfile")
    if profile is None or profile.get("/N") != 3 or profile.read_bytes()[36:40] != b"acsp":
        yield "no RGB profile in the output intent"


def _objects(pdf: Pdf) -> Iterator[str]:
    for one in pdf.objects:
        if isinstance(one, Stream):
            yield from _stream(one)
        for inner in _dictionaries(one):
            yield from _dictionary(inner)


def _dictionaries(one: Object, depth: int = 0) -> Iterator[Any]:
    """The object and what lies in it directly; references lead to objects that are looked at anyway."""
    if isinstance(one, Dictionary | Stream):
        yield one
        values = [one[key] for key in one.keys()]  # noqa: SIM118 - a dictionary of pikepdf
    elif isinstance(one, Array):
        values = list(one)
    else:
        return
    for value in values if depth < 20 else ():
        if isinstance(value, Object) and not value.is_indirect:
            yield from _dictionaries(value, depth + 1)


def _stream(one: Stream) -> Iterator[str]:
    told = one.get("/Filter")
    used = {str(name) for name in told} if isinstance(told, Array) else {str(told)} if told is not None else set()
    if used - FILTERS:
        yield f"filter {sorted(used - FILTERS)}"
    if "/F" in one or "/FFilter" in one:
        yield "a stream kept in another file"
    if one.get("/Subtype") == Name.Image and ("/Alternates" in one or "/OPI" in one or one.get("/Interpolate", False)):
        yield "an image that may look otherwise"
    if one.get("/Subtype") == Name.PS or "/PS" in one:
        yield "PostScript"


def _dictionary(one: Any) -> Iterator[str]:
    if str(one.get("/S")) in ACTIONS or "/JS" in one:
        yield f"action {one.get('/S', '/JS')}"
    if "/EF" in one:
        yield "an embedded file"
    if one.get("/Type") == Name.Font or ("/BaseFont" in one and "/Subtype" in one):
        yield from _font(one)
    if "/BM" in one:
        named = {str(name) for name in one.BM} if isinstance(one.BM, Array) else {str(one.BM)}
        if named - BLENDS:
            yield f"blend mode {sorted(named - BLENDS)}"
    if "/TR" in one or ("/TR2" in one and str(one.TR2) != "/Default"):
        yield "a transfer function"


def _font(font: Any) -> Iterator[str]:
    name, kind = font.get("/BaseFont", "?"), font.get("/Subtype")
    if kind == Name.Type0:
        below = font.DescendantFonts[0]
        if below.get("/Subtype") == Name.CIDFontType2 and "/CIDToGIDMap" not in below:
            yield f"font {name}: no map from codes to glyphs"
        if "/ToUnicode" not in font:
            yield f"font {name}: its text cannot be read out"
        return
    if kind == Name.Type3:
        return
    descriptor = font.get("/FontDescriptor")
    if descriptor is None or not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
        yield f"font {name}: not embedded"


def _page(page: Any) -> Iterator[str]:
    if "/AA" in page or "/PresSteps" in page:
        yield "an action of the page"
    for note in page.get("/Annots", []):
        flags = int(note.get("/F", 0))
        if note.get("/Subtype") != Name.Popup and (not flags & PRINTED or flags & INVISIBLE):
            yield "a note that is not printed"
    yield from _drawn(page.obj, page.get("/Resources", Dictionary()), 0)


def _drawn(content: Any, resources: Any, level: int) -> Iterator[str]:
    deep, font = 0, None
    for operands, operator in pikepdf.parse_content_stream(content):
        op = str(operator)
        deep += {"q": 1, "Q": -1}.get(op, 0)
        if deep > DEEPEST:
            yield "graphics states nested too deep"
        if op in ("k", "K") or (op in ("cs", "CS") and operands[0] == Name.DeviceCMYK):
            yield "CMYK without a CMYK output intent"
        if op == "Tf":
            font = resources.Font[str(operands[0])]
        if op in ("Tj", "TJ", "'", '"') and font is not None and font.get("/Subtype") == Name.Type0:
            texts = operands[0] if op == "TJ" else operands
            if any(_undrawn(bytes(text)) for text in texts if isinstance(text, pikepdf.String)):
                yield "a letter that no font draws"
    for form in resources.get("/XObject", Dictionary()).values() if level < 8 else ():
        if form.get("/Subtype") == Name.Form:
            yield from _drawn(form, form.get("/Resources", resources), level + 1)


def _undrawn(text: bytes) -> bool:
    """Code 0 of an Identity-H font is the glyph for what is missing."""
    return any(text[at:at + 2] == b"\0\0" for at in range(0, len(text), 2))
