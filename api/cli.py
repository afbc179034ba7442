"""The command line. Every command says what went wrong in one line and exits non-zero."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from api import calendars, checking
from api.up import run_up
from engine import opening, seed
from engine.clocks import ZONE
from engine.errors import LienThongError
from engine.office import Office
from engine.settings import Settings, settings
from engine.states.procedure import Procedure
from engine.timekeeper import now
from procedures import province
from procedures.declaration import DeclarationError, load_library
from procedures.schema import schema
from storage.local.machine import Machine


class Groups(TyperGroup):
    """A command waits for the import of what it needs itself, not of what all the others do."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found = typer.main.get_command(ELSEWHERE[cmd_name]())
        found.name = cmd_name
        return found


app = typer.Typer(cls=Groups, no_args_is_help=True, add_completion=False,
                  help="Liên Thông: luân chuyển hồ sơ một cửa liên thông / cross-agency dossier routing.")
procedure = typer.Typer(no_args_is_help=True, help="Thủ tục / procedures.")
calendar_commands = typer.Typer(no_args_is_help=True, help="Lịch làm việc / working calendars.")
app.add_typer(procedure, name="procedure")
app.add_typer(calendar_commands, name="calendar")
out = Console()
TEST_KEYS = "Chữ ký số ở đây dùng khóa thử nghiệm, không có giá trị pháp lý. [dim]· test keys, no legal force[/]\n"


@contextmanager
def one_line() -> Iterator[None]:
    """A refusal is a sentence in both languages on stderr, never a traceback."""
    try:
        yield
    except LienThongError as error:
        print(error.message("vi"), error.message("en"), sep="\n", file=sys.stderr)
        raise typer.Exit(1) from None
    except DeclarationError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None


@app.command()
def up() -> None:
    """Chạy mọi thứ trên máy này / run everything on this machine."""
    chosen = settings()
    raise typer.Exit(run_up(chosen, _welcome, seed=lambda env: _seed(chosen, env)))


def _seed(chosen: Settings, environment: Mapping[str, str]) -> None:
    seed.seed(environment["DATABASE_OWNER_URL"], chosen.province)


def _welcome(machine: Machine) -> str:
    accounts = seed.demo_accounts(settings().province)
    width = max(len(who) for who, _ in accounts) + 2
    rows = "\n".join(f"  {who:<{width}}{login}" for who, login in accounts)
    return (f"\n[bold]Liên Thông đã sẵn sàng: [link={machine.address}]{machine.address}[/link][/bold] "
            f"[dim]· ready[/]\n\nTài khoản thử, mật khẩu chung [bold]{seed.DEMO_PASSWORD}[/] "
            f"[dim]· demonstration accounts, one password[/]\n{rows}\n\n"
            f"{TEST_KEYS if settings().test_keys else ''}Ctrl-C để dừng. [dim]· Ctrl-C stops everything[/]")


@app.command()
def env() -> None:
    """In biến môi trường để nối tới máy đang chạy / print the variables that reach the running machine."""
    for name, value in Machine(settings()).environment().items():
        print(f"{name}={value}")


@app.command("seed")
def seed_command() -> None:
    """Nạp tỉnh mẫu vào cơ sở dữ liệu trống / fill an empty database with the demonstration province."""
    with one_line():
        seed.seed(settings().database_owner_url.get_secret_value(), settings().province)


def _reachable() -> Settings:
    """The environment's services, or those of the machine that runs on this home."""
    chosen = settings()
    if chosen.database_url.get_secret_value():
        return chosen
    os.environ.update(Machine(chosen).environment())
    settings.cache_clear()
    return settings()


@contextmanager
def _opened() -> Iterator[Office]:
    """The office of the services that run; a refusal ends in a line."""
    with one_line(), opening.office(_reachable()) as office:
        yield office


ELSEWHERE: dict[str, Callable[[], typer.Typer]] = {
    "demo": lambda: import_module("api.demo.command").app,
    "due": lambda: import_module("api.due").commands(one_line, _reachable),
    "clock": lambda: import_module("api.clock").commands(_opened),
    "audit": lambda: import_module("api.auditing").commands(_opened),
    "agency": lambda: import_module("api.agency.commands").agency,
    "portal": lambda: import_module("api.portal_cli").commands(_reachable),
    "peer": lambda: import_module("api.peers").commands(_opened),
    "evidence": lambda: import_module("api.evidence").commands(_opened),
    "reach": lambda: import_module("api.reaching").commands(_opened),
}


@procedure.command("check")
def procedure_check(
    paths: Annotated[list[Path], typer.Argument(help="tệp hoặc thư mục / files or folders")],
    province_name: Annotated[str, typer.Option("--province", help="tỉnh để xét người và đơn vị")] = "soc-trang",
    monthly: Annotated[int | None, typer.Option(help="số hồ sơ mỗi tháng / dossiers a month")] = None,
) -> None:
    """Kiểm tra thủ tục trước khi công bố / check procedures before they are published."""
    with one_line():
        checked = checking.check(paths, province.load(province_name), now().astimezone(ZONE).date(), monthly)
    print("\n".join(checked.lines))
    raise typer.Exit(1 if checked.faulty else 0)


@procedure.command("schema")
def procedure_schema() -> None:
    """JSON Schema của tệp khai báo, cho trình soạn thảo / for editors."""
    print(json.dumps(schema(), ensure_ascii=False, indent=2))


@procedure.command("show")
def procedure_show(key: Annotated[str, typer.Argument()] = "") -> None:
    """Các bước của một thủ tục, hoặc danh mục / the steps of a procedure, or the catalogue."""
    library = load_library()
    if not key:
        for name, declaration in library.items():
            print(f"{name:<28}{declaration.name.vi}")
        return
    if key not in library:
        print(f"Không có thủ tục “{key}”; có: {', '.join(library)} / no such procedure", file=sys.stderr)
        raise typer.Exit(1)
    table = Table(title=library[key].name.vi)
    for heading in ("Bước / step", "Ai / who", "Thời hạn / limit", "Việc / events"):
        table.add_column(heading)
    shown = Procedure(library[key])
    for state, info in shown.states.items():
        if info.party is not None:
            events = ", ".join(command.name.vi for command in shown.declared(state))
            table.add_row(info.name.vi, f"{info.party} · {info.role}", info.limit or "-", events)
    out.print(table)


@calendar_commands.command("check")
def calendar_check() -> None:
    """Năm tới đã có lịch nghỉ lễ, tết chưa / whether the next year is confirmed; exit 1 from 1 December if not."""
    with one_line():
        missing, told = calendars.check(_reachable(), now())
    print(told)
    raise typer.Exit(1 if missing else 0)


def main() -> None:
    app()
