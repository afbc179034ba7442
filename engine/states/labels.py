"""Names that look as if somebody forgot to write them in one of the two languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from engine.states.findings import Finding, Severity, Where
from procedures.declaration import Declaration, Text


def doubtful_labels(declaration: Declaration) -> Iterator[Finding]:
    for where, text in _texts(declaration, ()):
        if text.vi.casefold() == text.en.casefold() and " " in text.vi:
            yield Finding(
                severity=Severity.AMBER,
                code="same_label",
                where=where,
                vi=f"Tên tiếng Việt và tiếng Anh giống hệt nhau: “{text.vi}”.",
                en=f"The Vietnamese and the English name are the same: “{text.en}”.",
            )
        elif text.vi.isascii() and len(text.vi.split()) > 2:
            yield Finding(
                severity=Severity.AMBER,
                code="no_diacritics",
                where=(*where, "vi"),
                vi=f"“{text.vi}” có vẻ chưa viết bằng tiếng Việt có dấu.",
                en=f"“{text.vi}” does not look like Vietnamese.",
            )


def _texts(value: object, where: Where) -> Iterator[tuple[Where, Text]]:
    """Every name in the declaration with its place."""
    if isinstance(value, Text):
        yield where, value
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _texts(getattr(value, name), (*where, field.alias or name))
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _texts(member, (*where, key))
    elif isinstance(value, tuple):
        for at, member in enumerate(value):
            yield from _texts(member, (*where, at))
