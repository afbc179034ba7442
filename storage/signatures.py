"""What bytes are, read from the bytes themselves."""

from __future__ import annotations

import re
import struct
from enum import StrEnum

_PDF, _JPEG, _PNG = b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"

_MARKUP = (b"<script", b"<!doctype html")
"""Seven bytes or more: short enough ones would turn up by chance in compressed pictures."""
# Of a scan of many megabytes a copy in small letters would cost more than the search.
_IN_ANY_CASE = re.compile(rb"<(?i:script|!doctype html)")
_SHORT_MARKUP = (b"<html", b"<body", b"<svg", b"<?php", b"javascript:", b"pk\x03\x04")
# As patterns: for marks of this length `in` takes twice as long.
_ARCHIVES = (re.compile(rb"Rar!\x1a\x07"), re.compile(rb"7z\xbc\xaf\x27\x1c"))
_END_OF_ZIP = struct.Struct("<4s4H2LH")


class MediaType(StrEnum):
    """The only three that a scan may be."""

    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"


def media_type_of(head: bytes) -> MediaType | None:
    """The signature must be the very first bytes: what begins later is two files in one."""
    if head.startswith(_PDF):
        return MediaType.PDF
    if head.startswith(_JPEG):
        return MediaType.JPEG
    if head.startswith(_PNG):
        return MediaType.PNG
    return None


def has_foreign_part(data: bytes) -> bool:
    """True when the file is at the same time a web page or an archive."""
    if data[257:262] == b"ustar" or any(mark.search(data) for mark in _ARCHIVES) or _is_zip(data):
        return True
    return _IN_ANY_CASE.search(data) is not None


def has_markup(text: bytes) -> bool:
    """For places that hold text (comments, metadata, the head of a PDF): short marks count as well."""
    lowered = text.lower()
    return any(mark in lowered for mark in (*_MARKUP, *_SHORT_MARKUP))


def _is_zip(data: bytes) -> bool:
    """Zip readers look for the directory from the end; its first entry must really be where it says."""
    tail = max(0, len(data) - 65_535 - _END_OF_ZIP.size)
    at = data.rfind(b"PK\x05\x06", tail)
    while at >= 0:
        if at + _END_OF_ZIP.size <= len(data):
            *_, size, _, _ = _END_OF_ZIP.unpack_from(data, at)
            if 0 < size <= at and data[at - size : at - size + 4] == b"PK\x01\x02":
                return True
        at = data.rfind(b"PK\x05\x06", tail, at)
    return False
