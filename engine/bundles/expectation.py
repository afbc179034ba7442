"""When the parts of a bundle, and the whole, may be expected, from how they stand now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.bundles import declared
from engine.bundles.progress import Part, Progress, instant
from engine.casework.parts import SUPPLEMENT_LETTER
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import evaluate
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock, MarkKind
from procedures import planner


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """`due` is None where a part that is not done yet has no limit: then nothing is promised for the whole."""

    parts: Mapping[str, datetime | None]
    due: datetime | None
    provisional: bool


def expected(progress: Progress) -> Expected:
    """What has ended stands; what is under way has its own date; what waits comes after what it waits for."""
    calendar = progress.catalogue.calendar(progress.row["intake_agency"])
    received = calendar.valid_receipt(_at(progress.row["submitted_at"]))
    known = {key: _known(part) for key, part in progress.parts.items() if not part.held}
    path = planner.critical_path(
        progress.bundle, tuple(progress.parts), planner.limits(progress.declarations, progress.facts,
                                                               progress.row["channel"]),
        declared.due_on(calendar), received, known)
    if all(part.finished or part.closed for part in progress.parts.values()):
        due = instant(progress.row["due_at"])
    elif progress.bundle.limit is not None:
        due = _combined(progress, calendar, received)
    else:
        ahead = [path.parts[key] for key, part in progress.parts.items() if not (part.closed and not part.finished)]
        told = [at for at in ahead if at is not None]
        due = max(told) if len(told) == len(ahead) else None
    return Expected(parts=path.parts, due=due, provisional=declared.provisional(calendar, due))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _known(part: Part) -> datetime | None:
    """While its clock is stopped a dossier has no date; what was expected last is the best that can be said."""
    row = part.row
    return instant(row["finished_at"]) or instant(row["due_at"]) or instant(row["expected_due_at"])


def _combined(progress: Progress, calendar: Calendar, received: datetime) -> datetime | None:
    """The limit the law gives for the whole; it stands still while the citizen is asked, as the parts do."""
    limit = progress.bundle.limit
    assert limit is not None
    clock = Clock.started(Limit.parse(limit), CountMode(progress.bundle.count_mode), received, "receive")
    for letter in progress.letters:
        if letter["kind"] == SUPPLEMENT_LETTER:
            clock = clock.marked(MarkKind.STOP, max(_at(letter["at"]), clock.marks[-1].at), "letter")
            if letter["answered_at"] is not None:
                clock = clock.marked(MarkKind.RESUME, max(_at(letter["answered_at"]), clock.marks[-1].at), "letter")
    stands = evaluate(clock, calendar)
    return stands.due or instant(progress.row["due_at"])
