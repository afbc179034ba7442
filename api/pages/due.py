"""How a due date is said: “quá hạn 3 giờ”, “còn 2 ngày”, with the colour and the sign that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from engine.clocks.zone import ZONE
from engine.desk.places import Lateness
from procedures.declaration import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class DueWords:
    kind: str
    words: Text


def due_words(kind: Lateness, due: datetime | None, now: datetime) -> DueWords:
    """Counted on the wall calendar: what people plan by. The legal arithmetic stands on the dossier's page."""
    if due is None:
        return DueWords(kind=Lateness.NOT_COUNTED, words=Text(vi="Không tính hạn", en="No due date"))
    return _said(kind, *_span(min(due, now), max(due, now)))


@lru_cache(maxsize=2000)
def _said(kind: Lateness, vi: str, en: str) -> DueWords:
    """Kept: the rows of a list say the same few things."""
    if kind is Lateness.OVERDUE:
        return DueWords(kind=kind, words=Text(vi=f"Quá hạn {vi}", en=f"{en} overdue"))
    return DueWords(kind=kind, words=Text(vi=f"Còn {vi}", en=f"{en} left"))


def settled_words(kind: Lateness) -> DueWords:
    """After the result is ready: the promise was kept or not."""
    if kind is Lateness.OVERDUE:
        return DueWords(kind=kind, words=Text(vi="Xong trễ hạn", en="Finished late"))
    return DueWords(kind=Lateness.ON_TIME, words=Text(vi="Xong đúng hạn", en="Finished on time"))


def _span(start: datetime, end: datetime) -> tuple[str, str]:
    days = (end.astimezone(ZONE).date() - start.astimezone(ZONE).date()).days
    if days > 0:
        return f"{days} ngày", _counted(days, "day")
    minutes = int((end - start).total_seconds()) // 60
    if minutes >= 60:
        return f"{minutes // 60} giờ", _counted(minutes // 60, "hour")
    return f"{minutes} phút", _counted(minutes, "minute")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
