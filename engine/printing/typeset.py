"""Typesets a template of ours with data as PDF/A-2b or pictures, in letters that come with the installation.

Data reach a template as JSON and are text there, never markup. A template reads files of the engine's package only, or
of its own folder where that lies elsewhere. The same data give the same bytes.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from barcode import Code128
from fontTools.ttLib import TTFont

ENGINE = Path(__file__).parent.parent
TEMPLATES = Path(__file__).parent / "templates"
# Be Vietnam Pro for the slips, Noto Serif for letters and for what the first does not have.
WHEELS = ("fontpkg_be_vietnam_pro", "fontpkg_noto_serif")
# PDF/A asks for a date; a paper that knows the moment of its event gives that one.
UNDATED = datetime(2025, 7, 1, tzinfo=UTC)
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# Quiet zones: ISO/IEC 18004 asks for four modules around a QR code, ISO/IEC 15417 for ten beside the bars.
QR_QUIET, BARS_QUIET = 4, 10
# Bars are at least 15 % as high as wide (ISO/IEC 15417); a template may stretch them.
FLATNESS = 6


def pdf(template: str, data: Mapping[str, Any], *, folder: Path = TEMPLATES, at: datetime = UNDATED) -> bytes:
    """PDF/A-2b. `template`: name of a file in `folder`; `data`: anything JSON can say; `at`: the date of the paper."""
    fixed = at.astimezone(UTC).replace(microsecond=0)
    return bytes(typst.compile(folder / template, root=_root(folder), font_paths=_fonts(), ignore_system_fonts=True,
                               format="pdf", pdf_standards=["a-2b"], sys_inputs=_inputs(data), timestamp=fixed))


def png(template: str, data: Mapping[str, Any], *, folder: Path = TEMPLATES, ppi: int = 144) -> list[bytes]:
    """One picture a page."""
    made = typst.compile(folder / template, root=_root(folder), font_paths=_fonts(), ignore_system_fonts=True,
                         format="png", ppi=ppi, sys_inputs=_inputs(data), timestamp=UNDATED)
    return [made] if isinstance(made, bytes) else list(made)


def qr(text: str) -> str:
    """As SVG, to be given to a template as text."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="svg", xmldecl=False, omitsize=True, border=QR_QUIET)
    return out.getvalue().decode()


def code128(text: str) -> str:
    """As SVG, bars only; raises for letters beyond Latin-1."""
    modules = Code128(text).build()[0]
    width = len(modules) + 2 * BARS_QUIET
    height = width // FLATNESS
    bars = "".join(f"M{start + BARS_QUIET} 0h{length}v{height}h-{length}z" for start, length in _runs(modules))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
            f'<path d="{bars}"/></svg>')


def warm() -> None:
    """Reads the fonts and a template now, so that the first paper of the day does not wait for them."""
    _letters()
    pdf("receipt.typ", {"title": "–", "left_out": [], "sheets": []})


def _runs(modules: str) -> Iterable[tuple[int, int]]:
    """Start and length of every bar."""
    at = 0
    while (start := modules.find("1", at)) >= 0:
        end = modules.find("0", start)
        at = len(modules) if end < 0 else end
        yield start, at - start


def _root(folder: Path) -> Path:
    return ENGINE if folder.is_relative_to(ENGINE) else folder


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=_folders())


def _folders() -> list[str]:
    return [str(files(wheel) / "files") for wheel in WHEELS]


@lru_cache
def _letters() -> frozenset[int]:
    """Every letter that some font can draw; PDF/A allows no other."""
    known: set[int] = set()
    for folder in _folders():
        for path in Path(folder).glob("*.ttf"):
            if "Regular" in path.name or "[" in path.name:
                with TTFont(path, lazy=True) as font:
                    known.update(font.getBestCmap())
    return frozenset(known)


def _inputs(data: Mapping[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(_clean(data), ensure_ascii=False)}


def _clean(value: Any) -> Any:
    """Text composed (NFC), without control characters; a letter that no font has is shown as unknown."""
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    return value


def _clean_text(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    if composed.isascii() and composed.isprintable():
        return composed
    known = _letters()
    return "".join(letter if ord(letter) in known or letter == "\n" else UNKNOWN for letter in composed
                   if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cf"))
