"""Why is it due on this date? Every clock of a dossier, and the arithmetic of each, to read and to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from fastapi import Response

from api.context import Caller, Counter
from api.pages.due import DueWords, due_words, settled_words
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from api.v1.inputs import ClockNo, Code
from api.words import CLOCK_STATES, SPOKEN
from engine import desk
from engine.clocks.ledger import LineKind
from engine.clocks.marks import ClockState
from engine.clocks.wording import amount
from engine.designing.words import EXPIRIES, UNANSWERED
from engine.desk.clocks import ClockLine, ClockRow
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

# More days than one looks through at once are folded by month.
UNFOLDED = 45
KINDS = {
    "start": Text(vi="Bắt đầu", en="Started"),
    "stop": Text(vi="Dừng", en="Stopped"),
    "resume": Text(vi="Tính tiếp", en="Went on"),
    "restart": Text(vi="Tính lại từ đầu", en="Began anew"),
    "extend": Text(vi="Xin lỗi và hẹn lại", en="Apology and new date"),
    "calendar": Text(vi="Lịch làm việc thay đổi", en="The calendar changed"),
    "confirmed": Text(vi="Lịch nghỉ đã công bố, hạn thành chính thức", en="Days off announced: the date is final"),
    "provisional": Text(vi="Lịch nghỉ chưa công bố, hạn thành tạm tính", en="Days off not announced: provisional"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Days in a row, with what they came to in `title` where they are folded; or one line of another kind."""

    lines: list[ClockLine]
    days: bool
    title: Text | None = None
    shown: bool = True


@router.get("/dossiers/{code}/clocks")
def clocks(caller: Caller, code: Code) -> Response:
    view = desk.clocks_of(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "dossiers/clocks.html", view=view, states=CLOCK_STATES,
                late={row.no: lateness_of(row, caller.now) for row in view.clocks})


@router.get("/dossiers/{code}/clocks/{no}")
def why(caller: Caller, code: Code, no: ClockNo, unfolded: bool = False) -> Response:
    view = desk.why_due(caller.office, code, no, caller.actor, caller.now)
    made = blocks(view.lines, unfolded=unfolded)
    return page(Visit(visitor=caller), "dossiers/clock.html", view=view, row=view.clock, states=CLOCK_STATES,
                kinds=KINDS, late=lateness_of(view.clock, caller.now), blocks=made, spoken=SPOKEN,
                expires=expires(view.clock), folded=any(not block.shown for block in made), reader=caller.actor.name)


def expires(row: ClockRow) -> Text:
    """What happens when it runs out; the applicant's own time has words of its own."""
    return {**EXPIRIES, **UNANSWERED}[row.expiry] if row.kind == "request" else EXPIRIES[row.expiry]


def lateness_of(row: ClockRow, now: datetime) -> DueWords:
    if row.state is ClockState.STOPPED:
        return DueWords(kind="stopped", words=CLOCK_STATES[ClockState.STOPPED])
    if row.ended_at is not None and row.due_at is not None:
        return settled_words(row.lateness)
    return due_words(row.lateness, row.due_at, now)


def blocks(lines: Sequence[ClockLine], *, unfolded: bool) -> list[Block]:
    """Where there are many days they are folded by month; the last one, which has the due date, stays open."""
    fold = sum(line.day is not None for line in lines) > UNFOLDED
    found: list[Block] = []
    for key, group in groupby(lines, key=lambda line: _together(line, fold=fold)):
        many = list(group)
        if key is None:
            found += [Block(lines=[line], days=False) for line in many]
        else:
            found.append(Block(lines=many, days=True, title=_month(many) if fold else None, shown=not fold or unfolded))
    last = max((at for at, block in enumerate(found) if block.days), default=None)
    if last is not None:
        found[last] = Block(lines=found[last].lines, days=True, title=found[last].title)
    return found


def _together(line: ClockLine, *, fold: bool) -> tuple[object, ...] | None:
    if line.day is None:
        return None
    return (line.measure, line.day.year, line.day.month) if fold else (line.measure,)


def _month(lines: Sequence[ClockLine]) -> Text:
    """What a month came to."""
    last = lines[-1]
    assert last.day is not None
    assert last.measure is not None
    passed = sum(line.kind is LineKind.SKIPPED for line in lines)
    counted = sum(line.amount for line in lines)
    vi, en = (f"+{amount(last.measure, counted, language)}" for language in ("vi", "en"))
    total_vi, total_en = (amount(last.measure, last.total, language) for language in ("vi", "en"))
    return Text(
        vi=f"Tháng {last.day:%m/%Y}: {vi}, bỏ qua {passed} ngày, cộng đến đây {total_vi}",
        en=f"{last.day:%m/%Y}: {en}, {passed} day{'' if passed == 1 else 's'} passed over, total so far {total_en}")
