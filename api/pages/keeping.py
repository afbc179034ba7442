"""What was typed into a form is kept while its writer signs in again, and sent only when he says so.

It travels with the sign-in page, not through the database: nobody else's machine ever holds it. Every form names who
it was given to (`typed_by`), so that nothing typed by one person goes out under another's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import orjson
from fastapi import Request
from starlette.datastructures import UploadFile

from api import context

WRITER = "typed_by"
_SECRET = frozenset({"form_key", "password", "kept", WRITER})
# Filled in by the page, not by people.
_UNSEEN = frozenset({"once", "seen_version", "scope", "state", "handoff", "back", "version"})
_MACHINE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[a-z_.:]+|\d{0,3}")
# Their session ending is what they ask for, or of no account.
NEVER = ("/sign-in", "/sign-out", "/my-language", "/language")


@dataclass(frozen=True, slots=True)
class Kept:
    """`files`: something was to be uploaded, and has to be chosen again."""

    address: str
    fields: list[tuple[str, str]]
    writer: int
    files: bool

    def packed(self) -> str:
        return orjson.dumps([self.address, self.fields, self.writer, self.files]).decode()

    def shown(self) -> list[str]:
        """What people typed, as far as a form tells: to recognise it by."""
        return [value for name, value in self.fields
                if value.strip() and name not in _UNSEEN and not _MACHINE.fullmatch(value)]


def unpacked(text: str) -> Kept | None:
    """None for what is no text of ours."""
    try:
        address, fields, writer, files = orjson.loads(text)
        pairs = [(str(name), str(value)) for name, value in fields]
        kept = Kept(str(address), pairs, int(writer), bool(files))
    except (ValueError, TypeError):
        return None
    inside = kept.address.startswith("/") and "\\" not in kept.address  # browsers take a backslash for a slash
    return kept if inside and not kept.address.startswith(("//", *NEVER)) else None


async def typed(request: Request) -> Kept | None:
    """The fields of a form that was posted, without its secrets; None when nobody typed them."""
    kind = request.headers.get("content-type", "")
    if request.method != "POST" or not kind.startswith(context.FORMS) or request.url.path in NEVER:
        return None
    form = await request.form()
    writer = form.get(WRITER)
    if not isinstance(writer, str) or not (writer.isascii() and writer.isdigit()):
        return None
    pairs = form.multi_items()
    fields = [(name, value) for name, value in pairs if isinstance(value, str) and name not in _SECRET]
    files = any(isinstance(value, UploadFile) and value.filename for _, value in pairs)
    return Kept(request.url.path, fields, int(writer[:18]), files)
