"""`lienthong clock`: the time limits of a dossier, and the arithmetic of one, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from api.due import day_row, heading
from api.words import CLOCK_STATES
from engine import desk
from engine.clocks.wording import moment
from engine.clocks.zone import minute_of
from engine.desk.clock_record import Cause, DateChange
from engine.desk.clocks import ClockLine, ClockRow, Why
from engine.office import Office
from engine.opening import Opened
from engine.timekeeper import now
from procedures.declaration import Text


def commands(opened: Opened) -> typer.Typer:
    """`opened` gives the office and ends refusals in a line."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def clock(
        code: Annotated[str, typer.Argument(help="mã hồ sơ / the dossier's code")],
        no: Annotated[int | None, typer.Option(help="số của thời hạn, để trống: mọi thời hạn / its number")] = None,
        language: Annotated[str, typer.Option(help="vi / en")] = "vi",
    ) -> None:
        """Vì sao hồ sơ có hạn này / why a dossier is due when it is."""
        with opened() as office:
            typer.echo("\n".join(clock_lines(office, code, no, now(), "en" if language == "en" else "vi")))
    return app


def clock_lines(office: Office, code: str, no: int | None, at: datetime, language: str) -> list[str]:
    """All clocks of a dossier, or why one of them is due when it is. Raises NotFound for an unknown code or number."""
    if no is None:
        found = desk.clocks_of(office, code, None, at)
        return [f"{code}, {_said(found.procedure_name, language)}", *(_row(row, language) for row in found.clocks)]
    return list(_why(desk.why_due(office, code, no, None, at), language))


def _said(words: Text, language: str) -> str:
    return words.en if language == "en" else words.vi


def _row(row: ClockRow, language: str) -> str:
    due = moment(minute_of(row.due_at), language) if row.due_at else "-"
    return (f"  {row.no:>3}  {_said(row.name, language)}: {_said(row.limit, language)}, "
            f"{_anew(row, language)}{_said(CLOCK_STATES[row.state], language).lower()}, "
            f"{'due' if language == 'en' else 'hạn'} {due}")


def _anew(row: ClockRow, language: str) -> str:
    if row.anew_at is None:
        return ""
    at = moment(minute_of(row.anew_at), language)
    return f"anew from {at}, " if language == "en" else f"tính lại từ {at}, "


def _why(view: Why, language: str) -> Iterator[str]:
    english = language == "en"
    yield f"{view.code}, {_said(view.clock.name, language)}"
    yield _said(view.answer, language)
    yield _source(view, language)
    yield f"{_said(view.way, language)}."
    yield f"{_said(view.begins, language)}."
    for part in view.calendar.parts:
        yield f"{_said(part.name, language)}, {'version' if english else 'phiên bản'} {part.number}: {part.reason}"
    yield ""
    yield from _days(view.lines, language)
    if not view.agrees:
        yield ("! The lines do not come to the stored date" if english
               else "! Các dòng trên không ra đúng ngày đang lưu") + f": {view.clock.due_at}"
    if view.awaits:
        yield _said(view.awaits, language)
    yield ""
    yield "How the date changed:" if english else "Hạn đã thay đổi thế nào:"
    yield from (_change(change, language) for change in view.changes)


def _source(view: Why, language: str) -> str:
    """Where the limit comes from, whether that is law, and what the procedure says of it besides."""
    source, basis = view.source, "; ".join(view.source.basis)
    text = f"{_said(source.words, language)}{f': {basis}' if basis else ''}"
    if source.practice:
        text += "; practice, not law" if language == "en" else "; thực tiễn, không phải luật định"
    return f"{text}. {_said(source.note, language)}" if source.note else text


def _days(lines: list[ClockLine], language: str) -> Iterator[str]:
    headed = False
    for line in lines:
        if line.day is None:
            headed = False
            yield f"  {line.en if language == 'en' else line.vi}"
            yield from (f"      {told}" for told in _behind(line, language))
            continue
        if not headed:
            headed = True
            yield heading(language)
        yield day_row(line, language)


def _behind(line: ClockLine, language: str) -> Iterator[str]:
    if line.rule is not None:
        yield _said(line.rule, language)
    if line.cause is not None:
        yield _act(line.cause, language)


def _act(cause: Cause, language: str) -> str:
    return f"{_said(cause.name, language)}: {cause.who}, {moment(minute_of(cause.at), language)} (#{cause.seq})"


def _change(change: DateChange, language: str) -> str:
    due = moment(minute_of(change.due_at), language) if change.due_at else "-"
    return f"  {due}  {_act(change.cause, language)}"
