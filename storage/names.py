"""File names from people: shown and sent back, never used as a path or a key."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_LONGEST = 120
"""Characters. Windows allows 255 in a name; a Vietnamese letter may take nine characters in the header."""
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_UNSAFE = re.compile(r'[/\\:*?"<>|]')
_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
}
_UNNAMED = "tai-lieu"


def safe_name(name: str) -> str:
    """The same name as far as any file system and any screen can bear it.

    Control characters, and the invisible ones that turn the direction of writing ("fdp.exe" shown as
    "exe.pdf"), are dropped; separators and wildcards become "_".
    """
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(c if c != "\t" else " " for c in composed if unicodedata.category(c)[0] != "C" or c == "\t")
    flat = " ".join(_UNSAFE.sub("_", visible).split()).strip(". ")
    if _DEVICES.fullmatch(flat):
        flat = f"_{flat}"
    return _shortened(flat) or _UNNAMED


def attachment_header(name: str, media_type: str | None = None) -> str:
    """The value of Content-Disposition (RFC 6266): ASCII for old programs, UTF-8 for the others.

    With `media_type`, a name that lacks its extension gets it, so that a double click opens the file.
    """
    safe = safe_name(name)
    usual = _EXTENSIONS.get(media_type or "", ("",))
    if not safe.lower().endswith(usual):
        safe += usual[0]
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", _without_marks(safe)).strip(". ") or _UNNAMED
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"


def _shortened(name: str) -> str:
    """Cut in the middle, so that the extension stays."""
    if len(name) <= _LONGEST:
        return name
    stem, dot, extension = name.rpartition(".")
    if dot and len(extension) <= 8:
        return f"{stem[: _LONGEST - len(extension) - 1].rstrip('. ')}.{extension}"
    return name[:_LONGEST].rstrip(". ")


def _without_marks(text: str) -> str:
    """“Đơn đề nghị” as “Don de nghi”."""
    spread = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in spread if not unicodedata.combining(c))
