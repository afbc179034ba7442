"""Why a dossier is not due when it was first: each date it was given since, with what brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.catalogue import Catalogue
from engine.clocks.marks import MarkKind
from engine.desk.clock_record import CONFIRMING, Acts, DateChange
from procedures.declaration import Text
from procedures.entry import text
from storage.session import Database
from storage.views import clocks as views
from storage.views.clocks import Version

_LAWFUL: Mapping[str, Text] = {
    MarkKind.RESUME: text("tính tiếp sau khi dừng", "the limit ran on after a stop"),
    MarkKind.RESTART: text("tính lại từ đầu", "the limit began anew"),
    MarkKind.EXTEND: text("xin lỗi và hẹn lại, không được tính khi đánh giá", "an apology, which excuses no lateness"),
    "calendar": text("lịch làm việc thay đổi", "the working calendar changed"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """Entry `seq` of the record gave the dossier this date. `excuses`: the date it is judged by moved, too."""

    due_at: datetime
    at: datetime
    seq: int
    why: Text
    excuses: bool


def moves_of(db: Database, catalogue: Catalogue, code: str, clock: Mapping[str, Any], reader: tuple[int, date]) -> list[
        Moved]:
    """Of the dossier's own clock, oldest first; `reader`: who and on which day. Strangers are told nothing."""
    record = views.record(db, code, *reader)
    if record is None:
        return []
    # a limit that stands still has no date, and the date it first had moved nothing
    changes = [change for change in Acts(record, catalogue).dates(dict(clock))
               if change.kind not in (MarkKind.START, *CONFIRMING)]
    calendars = views.versions(db, {change.calendar_no for change in changes if change.calendar_no is not None})
    return [Moved(due_at=change.due_at, at=change.cause.at, seq=change.cause.seq, why=_why(change, calendars),
                  excuses=change.kind != MarkKind.EXTEND)
            for change in changes if change.due_at is not None]


def _why(change: DateChange, calendars: Mapping[int, Version]) -> Text:
    """A calendar says why it changed; an act is named."""
    found = calendars.get(change.calendar_no or 0) if change.kind == "calendar" else None
    said = Text(vi=found.reason, en=found.reason) if found and found.reason else change.cause.name
    what = _LAWFUL.get(change.kind)
    return said if what is None else Text(vi=f"{what.vi} ({said.vi})", en=f"{what.en} ({said.en})")
