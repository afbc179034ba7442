"""`lienthong due`: a due date and its arithmetic, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api import calendars
from api.dates import WRITE, date_fault
from engine.clocks import ZONE, Calendar, Clock, CountMode, Limit, explain, national
from engine.clocks.ledger import Line
from engine.clocks.limits import Unit
from engine.clocks.wording import WEEKDAYS_EN, WEEKDAYS_VI, amount, weekday
from engine.desk.clock_words import way
from engine.desk.clocks import ClockLine
from engine.errors import Invalid
from engine.settings import Settings
from procedures.calendars import library
from procedures.declaration import Text
from procedures.reading import DeclarationError

_DAY_FIRST = ("%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M", "%d/%m/%Y", "%d-%m-%Y")
# Whose calendar counts when the command names none: not the one that was published since.
_FROM_FILES = Text(vi="lịch kèm theo phần mềm (không phải lịch đang áp dụng; tính theo lịch đó: --agency)",
                   en="the calendar that came with the software (not the one in force; by that: --agency)")
_HEADINGS = {
    "vi": ("Ngày", "Thứ", "Tính", "Cộng", "Căn cứ"),
    "en": ("Date", "Weekday", "Counted", "Total", "Basis"),
}


def commands(one_line: Callable[[], AbstractContextManager[None]], reachable: Callable[[], Settings]) -> typer.Typer:
    """`one_line` ends refusals in a line; `reachable` gives the settings with the services that run."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def due(
        received: Annotated[str, typer.Argument(help='"2026-11-20 09:00"')],
        limit: Annotated[str, typer.Argument(help='"3 working days", "3 ngày làm việc"')],
        mode: Annotated[str, typer.Option(help="DAY / HOUR; để trống: cả hai")] = "",
        calendar: Annotated[str, typer.Option(help="tệp lịch riêng của cơ quan (YAML)")] = "",
        agency: Annotated[str, typer.Option(help="mã cơ quan, theo lịch trong cơ sở dữ liệu / by its calendar")] = "",
        language: Annotated[str, typer.Option(help="vi / en")] = "vi",
    ) -> None:
        """Hạn trả và cách tính / a due date and its arithmetic."""
        with one_line():
            working = calendars.of_agency(reachable(), agency) if agency else calendar
            typer.echo("\n".join(due_lines(received, limit, mode, working, language)))
    return app


def due_lines(received: str, limit: str, mode: str = "", calendar: str | Calendar = "",
              language: str = "vi") -> list[str]:
    """The due date of `limit` from `received`, by the mode asked for or by both where they differ.

    `calendar`: the one that counts, or a file of an agency's own hours and closures; else the files' shared calendar.
    """
    instant = _instant(received)
    allowed = Limit.parse(limit)
    modes = [_mode(mode)] if mode else list(CountMode)
    working = calendar if isinstance(calendar, Calendar) else _calendar(calendar)
    whose = _called(working) if calendar else _FROM_FILES
    lines = [_head(instant, allowed, whose, language)]
    ways = {way(allowed, counted): counted for counted in reversed(modes)}
    for told, counted in reversed(ways.items()):
        # what is set in hours or in calendar days is counted in one way only, which is no choice
        chosen = f" ({counted})" if any(part.unit is Unit.WORKING_DAY for part in allowed.parts) else ""
        lines += ["", f"{told.en if language == 'en' else told.vi}{chosen}"]
        clock = Clock.started(allowed, counted, instant)
        lines += _table(explain(clock, working), language)
    return lines


def _called(calendar: Calendar) -> Text:
    return Text(vi=f"lịch: {calendar.declaration.vi}", en=f"calendar: {calendar.declaration.en}")


def _head(instant: datetime, limit: Limit, calendar: Text, language: str) -> str:
    shown = f"{instant.astimezone(ZONE):%d/%m/%Y %H:%M}"
    if language == "en":
        return f"Received {shown}, limit {limit.en}, {calendar.en}"
    return f"Nộp lúc {shown}, thời hạn {limit.vi}, {calendar.vi}"


def _table(lines: tuple[Line, ...], language: str) -> Iterator[str]:
    headed = False
    for line in lines:
        text = line.en if language == "en" else line.vi
        if line.day is None:
            headed = False
            yield f"  {text}"
            continue
        if not headed:
            headed = True
            yield heading(language)
        yield day_row(line, language)


def heading(language: str) -> str:
    return _row(*_HEADINGS[language])


def day_row(line: Line | ClockLine, language: str) -> str:
    """What a day added, the total, and why."""
    assert line.day is not None
    assert line.measure is not None
    added = amount(line.measure, line.amount, language) if line.amount else "-"
    total = amount(line.measure, line.total, language)
    text = line.en if language == "en" else line.vi
    return _row(f"{line.day:%d/%m/%Y}", weekday(line.day, language), added, total, text)


def _row(*cells: str) -> str:
    day, name, added, total, text = cells
    width = max(len(known) for known in (*WEEKDAYS_VI, *WEEKDAYS_EN))
    return f"    {day:<10}  {name:<{width}}  {added:>15}  {total:>16}  {text}".rstrip()


def _instant(written: str) -> datetime:
    """ISO or day first, Vietnamese time unless it says otherwise; a date alone means its opening."""
    text = " ".join(written.split())
    instant = _read(text)
    if instant is None:
        fault = date_fault(text)
        if fault != WRITE:
            raise _unreadable("received", *fault)
        raise _unreadable(
            "received",
            f"“{written[:40]}” không phải là thời điểm; hãy ghi như 2026-11-20 09:00 hoặc 20/11/2026 09:00",
            f"“{written[:40]}” is not an instant; write 2026-11-20 09:00 or 20/11/2026 09:00",
        )
    return instant if instant.tzinfo else instant.replace(tzinfo=ZONE)


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in _DAY_FIRST:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    return None


def _mode(written: str) -> CountMode:
    try:
        return CountMode(written.upper())
    except ValueError:
        raise _unreadable(
            "mode",
            f"“{written[:20]}” không phải là cách tính; hãy chọn DAY hoặc HOUR",
            f"“{written[:20]}” is not a way of counting; choose DAY or HOUR",
        ) from None


def _calendar(path: str) -> Calendar:
    if not path:
        return national()
    try:
        return Calendar(library.national().with_local(library.read_local(Path(path))))
    except DeclarationError as error:
        vi = "; ".join(f"dòng {fault.line}: {fault.vi}" for fault in error.faults)
        en = "; ".join(f"line {fault.line}: {fault.en}" for fault in error.faults)
        raise _unreadable(
            "calendar", f"Không dùng được lịch {path}: {vi}", f"The calendar {path} is unusable: {en}"
        ) from error
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        raise _unreadable(
            "calendar", f"Không mở được tệp lịch {path}: {reason}", f"The calendar {path} cannot be opened: {reason}"
        ) from fault


def _unreadable(field: str, vi: str, en: str) -> Invalid:
    return Invalid({field: (vi, en)})
