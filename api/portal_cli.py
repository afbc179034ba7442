"""`lienthong portal …`: what an administrator asks of the line to the national portal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer

from engine import opening, timekeeper
from engine.clocks.zone import ZONE
from engine.portal.drain import drain
from engine.portal.line import Away, Portal, Rejected, adapter
from engine.portal.reconciling import begin, day_before, reconcile, unknown_procedures
from engine.settings import Settings
from storage import portal as items

Reach = Callable[[], Settings]


def commands(reachable: Reach) -> typer.Typer:
    """`reachable` gives the settings with the services that run."""
    found = typer.Typer(no_args_is_help=True, add_completion=False,
                        help="Kết nối Cổng dịch vụ công quốc gia / the national portal.")

    @found.command("status")
    def status() -> None:
        """Hàng đợi và đường truyền / the queue and the line."""
        with opening.office(_set_up(reachable())) as office:
            told = items.standing(office.db)
        typer.echo(f"chờ gửi / queued: {told.queued}, cần người xử lý / for a person: {told.held}")
        typer.echo(f"trả lời lần cuối / last answer: {_moment(told.reached_at)}")
        if told.trouble_since:
            typer.echo(f"sự cố từ / trouble since {_moment(told.trouble_since)}: {told.trouble}")
            raise typer.Exit(1)

    @found.command("send")
    def send() -> None:
        """Gửi mọi mục đến hạn ngay bây giờ / send everything that is due now."""
        chosen = _set_up(reachable())
        with opening.office(chosen) as office:
            told = drain(office, adapter(chosen), timekeeper.now())
        typer.echo(f"đã gửi / sent: {told.sent}, cần người xử lý / for a person: {told.held}")
        raise typer.Exit(1 if told.away else 0)

    @found.command("begin")
    def start() -> None:
        """Xếp hàng mọi hồ sơ Cổng chưa từng được báo / queue every dossier the portal was never told of."""
        with opening.office(_set_up(reachable())) as office:
            typer.echo(f"đã xếp hàng / queued: {begin(office, timekeeper.now())}")

    @found.command("reconcile")
    def compare(
        day: Annotated[str, typer.Argument(help="2026-11-23; để trống: hôm qua / empty: yesterday")] = "",
    ) -> None:
        """Đối soát một ngày với Cổng / compare a day with the portal; exit 1 when something differs."""
        chosen, now = _set_up(reachable()), timekeeper.now()
        with opening.office(chosen) as office, _line(chosen) as line:
            told = reconcile(office, line, _day(day) if day else day_before(now), now)
        typer.echo(f"{told.day:%d/%m/%Y}: đã gửi / sent {told.sent}, đối chiếu / compared {told.compared}, "
              f"khớp / equal {told.equal}, khác / different {told.different}, "
              f"Cổng chưa có / missing there {told.missing_there}, ở đây không có / missing here {told.missing_here}, "
              f"còn chờ / waiting {told.waiting}")
        raise typer.Exit(1 if told.equal < told.compared or told.missing_here else 0)

    @found.command("procedures")
    def procedures() -> None:
        """Thủ tục của ta mà Cổng không có / procedures of ours the portal does not have; exit 1 if there are any."""
        chosen = _set_up(reachable())
        with opening.office(chosen) as office, _line(chosen) as line:
            missing = unknown_procedures(office, line, timekeeper.now().astimezone(ZONE).date())
        for code, name in missing:
            typer.echo(f"{code}  {name}")
        raise typer.Exit(1 if missing else 0)

    return found


@contextmanager
def _line(chosen: Settings) -> Iterator[Portal]:
    """The adapter, whose refusals end the command in one line."""
    try:
        yield adapter(chosen)
    except (Away, Rejected) as trouble:
        typer.echo(f"Cổng không trả lời được: {trouble} / the portal gives no answer", err=True)
        raise typer.Exit(1) from None


def _set_up(chosen: Settings) -> Settings:
    if not chosen.npsp_url:
        typer.echo("Chưa cấu hình NPSP_URL / no portal is set up", err=True)
        raise typer.Exit(1)
    return chosen


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        typer.echo(f"“{written}” không phải ngày dạng 2026-11-23 / is no such date", err=True)
        raise typer.Exit(1) from None


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(ZONE):%d/%m/%Y %H:%M}" if at else "–"
