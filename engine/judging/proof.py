"""Whether the verdicts that were written are those that follow from the record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from engine.catalogue import Catalogue
from engine.errors import LienThongError
from engine.judging.dossier import Reading
from storage.views.timeliness import LifeRow


def fault(row: LifeRow, told: Mapping[str, Any] | None, catalogue: Catalogue) -> str | None:
    """`row`: a dossier whose time has ended; `told`: what the entry of the act that ended it says of the verdict."""
    written = row.judgement
    if written is None:
        return None if told is None else "its judgement is gone"
    if row.finished_at is None or _at(written["ended_at"]) != row.finished_at:
        return f"judged as of {written['ended_at']}, its time ended {row.finished_at}"
    if told is None or any(written[name] != value for name, value in told.items()):
        return "its judgement is not that of the audit"
    try:
        wrong = list(_differing(row, written, catalogue))
    except (LienThongError, LookupError, TypeError, ValueError) as error:
        return f"its judgement does not follow from the record ({error})"
    return None if not wrong else "its judgement says " + ", ".join(wrong)


def _differing(row: LifeRow, written: Mapping[str, Any], catalogue: Catalogue) -> Iterator[str]:
    # what was asked for after the first end changes no verdict
    derived = Reading(replace(row, supplements=written["supplements"]), catalogue, _at(written["ended_at"])).judged()
    assert derived is not None, "what ended was received"
    for name in (field.name for field in fields(derived)):
        stored, follows = _plain(written[name]), _plain(getattr(derived, name))
        if stored != follows:
            yield f"{name} {stored}, {follows} follows from the record"


def _plain(value: object) -> object:
    """Rows come as JSON: instants as text, several words as a list."""
    if isinstance(value, str) and value[:1].isdigit():
        return _at(value)
    return list(value) if isinstance(value, tuple) else value


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)
