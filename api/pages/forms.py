"""Forms as they come in: text, dates as people write them, files; and what to say about those that are wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, BinaryIO
from uuid import UUID

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from api.dates import date_fault
from engine.clocks.zone import ZONE
from engine.errors import Invalid
from storage.spool import in_pieces

# The counter's forms are small; what is longer is no form of ours.
LONGEST = 20_000
# Control characters, and what rich text brings along unseen: soft hyphens, zero widths, directions; odd spaces.
_BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
                     "\ud800-\udfff]")
_SPACES = re.compile("[\xa0\u2000-\u200a\u202f\u3000]")


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    media_type: str | None
    file: BinaryIO

    def chunks(self) -> Iterator[bytes]:
        return in_pieces(self.file)


@dataclass(frozen=True, slots=True)
class Posted:
    """What was sent. Nothing in it is evidence: the engine checks all of it."""

    data: FormData

    @classmethod
    def none(cls) -> Posted:
        return cls(FormData())

    def text(self, name: str) -> str:
        value = self.data.get(name)
        return plain(value).strip() if isinstance(value, str) else ""

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(plain(value) for value in self.data.getlist(name) if isinstance(value, str))

    def typed(self) -> dict[str, str]:
        """The last text of every field: what is shown again when the form comes back. No secrets."""
        return {name: plain(value) for name, value in self.data.multi_items()
                if isinstance(value, str) and name not in ("password", "form_key", "typed_by")}

    def uploads(self, name: str) -> list[Upload]:
        """An empty file field sends one part without a name."""
        return [Upload(value.filename, value.content_type, value.file)
                for value in self.data.getlist(name) if isinstance(value, UploadFile) and value.filename]

    @property
    def once(self) -> str:
        """The key that makes this very sheet answerable once."""
        return self.text("once")[:100]

    def version(self) -> int | None:
        return whole(self.text("seen_version"))

    def handoff(self) -> UUID | None:
        return identity(self.text("handoff"))


def plain(text: str) -> str:
    """As a keyboard would have written it: composed letters, no control characters, no endless text."""
    kept = _SPACES.sub(" ", _BARRED.sub("", text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n")))
    return unicodedata.normalize("NFC", kept)


def identity(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def read(request: Request) -> Posted:
    return Posted(await request.form())


Sheet = Annotated[Posted, Depends(read)]


def whole(text: str) -> int | None:
    """A whole number as people write it: 1.500.000 is one too."""
    digits = text.replace(".", "").replace(" ", "").replace("\u00a0", "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None


def written_date(text: str) -> date | None:
    """20/11/2026, 20-11-2026 or 2026-11-20."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE).date()
        except ValueError:
            continue
    return None


def new_date(name: str, text: str) -> datetime | None:
    """The end of the day written in the field `name`, None when nothing was. Raises Invalid for what is no date."""
    day = written_date(text)
    if day is None and text:
        raise Invalid({name: date_fault(text)})
    return datetime.combine(day, time(17, 0), ZONE) if day else None


def faults_of(error: Invalid) -> Mapping[str, tuple[str, str]]:
    return {name: (_sentence(vi), _sentence(en)) for name, (vi, en) in error.fields.items()}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
