"""The letters of the pages: two weights of Be Vietnam Pro, cut down to Latin and Vietnamese, made once and kept."""

from __future__ import annotations

import hashlib
import os
import secrets
from importlib.metadata import version
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

WEIGHTS = {"regular": "BeVietnamPro-Regular.ttf", "semibold": "BeVietnamPro-SemiBold.ttf"}
# Latin with its extensions, combining marks, Vietnamese, punctuation, the đồng sign, arrows and check marks.
LETTERS = ("0020-007E", "00A0-017F", "01A0-01B0", "0300-0309", "0323", "1EA0-1EF9", "2010-2027", "2030-203A", "20AB",
           "2190-2193", "2212", "2713")
FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "liga")
# Raised when the way of cutting changes, so that an older cache is not taken for the new one.
RECIPE = 1


def fonts(cache: Path) -> dict[str, bytes]:
    """The woff2 files by weight, from `cache` where they are known: cutting takes half a second each."""
    cache.mkdir(parents=True, exist_ok=True)
    return {weight: _kept(cache, name) for weight, name in WEIGHTS.items()}


def _kept(cache: Path, name: str) -> bytes:
    source = (files("fontpkg_be_vietnam_pro") / "files" / name).read_bytes()
    path = cache / f"{_mark(source)}.woff2"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        cut = _cut(source)
    # Written aside and renamed: several processes may start together on an empty cache.
    fresh = cache / f"{secrets.token_hex(8)}.new"
    fresh.write_bytes(cut)
    os.replace(fresh, path)
    return cut


def _mark(source: bytes) -> str:
    """Names the outcome: the same letters of the same font by the same tool."""
    told = f"{RECIPE} {version('fonttools')} {' '.join(LETTERS)} {' '.join(FEATURES)}".encode()
    return hashlib.sha256(told + b"\0" + source).hexdigest()[:32]


def _cut(source: bytes) -> bytes:
    options = subset.Options(flavor="woff2", hinting=False, layout_features=list(FEATURES), notdef_outline=True)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=subset.parse_unicodes(",".join(LETTERS)))
    out = BytesIO()
    with TTFont(BytesIO(source), lazy=True) as font:
        worker.subset(font)
        font.flavor = "woff2"
        font.save(out)
    return out.getvalue()
