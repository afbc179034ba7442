"""The command line. Every command says what went wrong in one line and exits non-zero."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api import calendars, checking, evidence, peers, portal_cli
from api.agency.commands import agency
from api.clock import clock_lines
from api.demo.run import run_demo
from api.due import due_lines
from api.reaching import agency_lines, reach_lines
from api.up import run_up
from engine import opening, seed
from engine.clocks import ZONE
from engine.errors import LienThongError
from engine.office import Office
from engine.settings import Settings, settings
from engine.states.procedure import Procedure
from engine.timekeeper import now
from engine.verification import Findings, verify
from procedures import province
from procedures.declaration import DeclarationError, load_library
from procedures.schema import schema
from storage.local.machine import Machine

app = typer.Typer(no_args_is_help=True, add_completion=False,
                  help="Liên Thông: luân chuyển hồ sơ một cửa liên thông / cross-agency dossier routing.")
audit = typer.Typer(no_args_is_help=True, help="Kiểm chứng sổ ghi vết / verify the record.")
procedure = typer.Typer(no_args_is_help=True, help="Thủ tục / procedures.")
calendar_commands = typer.Typer(no_args_is_help=True, help="Lịch làm việc / working calendars.")
app.add_typer(audit, name="audit")
app.add_typer(procedure, name="procedure")
app.add_typer(calendar_commands, name="calendar")
app.add_typer(agency, name="agency")
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
def demo(short: Annotated[bool, typer.Option("--short", help="22 hồ sơ / 22 dossiers")] = False) -> None:
    """Chơi lại một ngày làm việc rồi kiểm chứng / play a working day, then verify it."""
    raise typer.Exit(run_demo(small=short))


@app.command()
def env() -> None:
    """In biến môi trường để nối tới máy đang chạy / print the variables that reach the running machine."""
    for name, value in Machine(settings()).environment().items():
        print(f"{name}={value}")


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
        working = calendars.of_agency(_reachable(), agency) if agency else calendar
        print("\n".join(due_lines(received, limit, mode, working, language)))


@app.command()
def clock(
    code: Annotated[str, typer.Argument(help="mã hồ sơ / the dossier's code")],
    no: Annotated[int | None, typer.Option(help="số của thời hạn, để trống: mọi thời hạn / its number")] = None,
    language: Annotated[str, typer.Option(help="vi / en")] = "vi",
) -> None:
    """Vì sao hồ sơ có hạn này / why a dossier is due when it is."""
    with one_line(), opening.office(_reachable()) as office:
        print("\n".join(clock_lines(office, code, no, now(), "en" if language == "en" else "vi")))


@app.command("seed")
def seed_command() -> None:
    """Nạp tỉnh mẫu vào cơ sở dữ liệu trống / fill an empty database with the demonstration province."""
    with one_line():
        seed.seed(settings().database_owner_url.get_secret_value(), settings().province)


@audit.command("verify")
def audit_verify() -> None:
    """Kiểm chứng chuỗi vết, tài liệu, chữ ký, thời hạn, người giữ / verify chains, documents, signatures, due dates,
    owners."""
    with one_line(), opening.office(_reachable()) as office:
        found = verify(office)
    show(found)
    raise typer.Exit(1 if found.faults else 0)


def _reachable() -> Settings:
    """The environment's services, or those of the machine that runs on this home."""
    chosen = settings()
    if chosen.database_url.get_secret_value():
        return chosen
    os.environ.update(Machine(chosen).environment())
    settings.cache_clear()
    return settings()


def show(found: Findings) -> None:
    table = Table(title="Kiểm chứng / verification")
    table.add_column("")
    table.add_column("", justify="right")
    for name, number in (("Hồ sơ / dossiers", found.dossiers), ("Mục ghi vết / audit entries", found.entries),
                         ("Tài liệu / documents", found.documents), ("Thời hạn / clocks", found.clocks),
                         ("Tệp ký số / signed files", found.signatures), ("Sai lệch / faults", len(found.faults))):
        table.add_row(name, str(number))
    out.print(table)
    for fault in found.faults:
        out.print(f"✗ {fault}", style="bold red", markup=False, highlight=False)


@contextmanager
def _opened() -> Iterator[Office]:
    """The office of the services that run; a refusal ends in a line."""
    with one_line(), opening.office(_reachable()) as office:
        yield office


app.add_typer(portal_cli.commands(_reachable), name="portal")
app.add_typer(peers.commands(_opened), name="peer")
app.add_typer(evidence.commands(_opened), name="evidence")


@app.command("reach")
def reach_command(
    code: Annotated[str, typer.Argument(help="mã cơ quan; để trống: danh sách / its code; empty: lists them")] = "",
    way: Annotated[str, typer.Argument(help="here, mail, paper")] = "",
    by: peers.By = "",
    address: Annotated[str, typer.Option(help="địa chỉ thư của cơ quan / its mail address")] = "",
) -> None:
    """Mã các cơ quan; cơ quan nhận hồ sơ bằng cách nào / codes of agencies; how work comes to one without a system."""
    if code and not (way and by):
        raise typer.BadParameter("ghi cách nhận và --by / give the way and --by")
    with one_line(), opening.office(_reachable()) as office:
        print("\n".join(reach_lines(office, code, way, address, by) if code else agency_lines(office)))


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
