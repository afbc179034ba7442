"""`lienthong agency`: a partner to try the line with, and the kit that tests one."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.agency.bodies import Address
from api.agency.kit.clauses import Finding, Outcome
from api.agency.kit.run import Wanted, conformance
from api.agency.manners import Manner
from api.agency.parties import other, own
from api.agency.simulating import Plan, simulated, split_listen
from engine.clocks.zone import ZONE
from engine.errors import LienThongError
from engine.settings import settings

agency = typer.Typer(no_args_is_help=True, add_completion=False,
                     help="Cơ quan đối tác mô phỏng và bộ kiểm thử / a simulated partner agency, and the conformance "
                          "kit.")
MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.UNTESTED: "–"}
NAMES = {Outcome.PASSED: "đạt / passed", Outcome.FAILED: "KHÔNG ĐẠT / FAILED",
         Outcome.UNTESTED: "chưa kiểm / not tested"}
SIMULATED_KEY, KIT_KEY = "simulated-agency.key", "conformance-kit.key"
_KEY = ("tệp khóa bí mật, tự tạo nếu chưa có; không ghi: {0} ở LIENTHONG_HOME / private key, made if missing; by "
        "default {0} in LIENTHONG_HOME")
SimulatedKey = Annotated[Path | None, typer.Option("--key", help=_KEY.format(SIMULATED_KEY))]
KitKey = Annotated[Path | None, typer.Option("--key", help=_KEY.format(KIT_KEY))]
PeerKey = Annotated[str, typer.Option("--peer-key",
                                      help="dòng “lienthong peer show-key” in ở hệ thống kia / their line")]
Name = Annotated[str, typer.Option("--name", help="tên hệ thống này / the name of this installation")]
Agency = Annotated[str, typer.Option("--agency", help="mã cơ quan ở đây / the agency played here")]
Unit = Annotated[str, typer.Option("--unit", help="đơn vị ở đây / its unit")]


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except LienThongError as error:
        typer.echo(f"{error.message('vi')}\n{error.message('en')}", err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        typer.echo(f"Không chạy được: {error.strerror or error} / cannot run: {error}", err=True)
        raise typer.Exit(1) from None


def _in_home(name: str) -> Path:
    home = settings().home
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home / name


@agency.command()
def simulate(
    port: Annotated[int, typer.Option(help="cổng / the port to listen on")],
    peer: Annotated[str, typer.Option(help="địa chỉ hệ thống kia / the other installation's URL")],
    peer_key: PeerKey,
    manner: Annotated[Manner, typer.Option(help="cách cư xử / how it behaves")] = Manner.PROMPT,
    key: SimulatedKey = None,
    name: Name = "co-quan-mo-phong",
    agency_code: Agency = "H51.05",
    unit: Unit = "chuyen-mon",
    after: Annotated[float, typer.Option(help="giây một người cần để làm / seconds a person takes")] = 3,
    state: Annotated[Path | None, typer.Option(help="tệp giữ mọi thứ / the file it keeps all in")] = None,
    host: Annotated[str, typer.Option(help="nơi lắng nghe / where it listens")] = "127.0.0.1",
) -> None:
    """Một cơ quan đối tác trong một tiến trình nhỏ / a partner agency in one small process; Ctrl-C stops it."""
    with _one_line():
        mine = own(name, key or _in_home(SIMULATED_KEY))
        plan = Plan(own=mine, other=other(peer, peer_key), manner=manner, after=after, state=state,
                    home=Address(installation=name, agency=agency_code, unit=unit))
        with simulated(plan, host, port, _tell) as listening:
            typer.echo(f"Khóa để hệ thống kia nhập / the key for the other side:\n  {mine.handed_over}\n"
                       f"Địa chỉ / address: http://{host}:{listening}\nĐơn vị / unit: {agency_code}/{unit}")
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                typer.echo("Đã dừng / stopped")


@agency.command("conformance")
def conform(
    url: Annotated[str, typer.Argument(help="hệ thống được kiểm / the installation to test")],
    peer_key: PeerKey,
    to: Annotated[str, typer.Option(help="đơn vị nhận, H51.01/van-thu / the unit addressed there")],
    key: KitKey = None,
    name: Name = "bo-kiem-thu",
    agency_code: Agency = "H51.05",
    unit: Unit = "chuyen-mon",
    listen: Annotated[str, typer.Option(help="nơi hệ thống kia gọi lại / where they reach us")] = "127.0.0.1:8690",
    wait: Annotated[float, typer.Option(help="giây chờ máy bên kia / seconds their machine may take")] = 60,
    interactive_wait: Annotated[float, typer.Option(
        help="giây chờ người bên kia, 0: không có ai / seconds for a person there, 0: nobody is")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="chỉ các mục này / only these clauses")] = None,
) -> None:
    """Kiểm một hệ thống theo docs/exchange.md / test an installation by docs/exchange.md; exit 1 if a clause fails."""
    with _one_line():
        mine = own(name, key or _in_home(KIT_KEY))
        target, _, target_unit = to.partition("/")
        partner = other(url, peer_key)
        wanted = Wanted(own=mine, other=partner, home=Address(installation=name, agency=agency_code, unit=unit),
                        target=Address(installation=partner.name, agency=target, unit=target_unit), wait=wait,
                        interactive=interactive_wait, only=frozenset(only or ()))
        typer.echo(f"Khóa của bộ kiểm thử / the kit's key: {mine.handed_over}")
        found = conformance(wanted, *split_listen(listen), _Shown().one)
    numbers = {outcome: sum(one.outcome is outcome for one in found) for outcome in Outcome}
    typer.echo(", ".join(f"{NAMES[outcome]}: {number}" for outcome, number in numbers.items()))
    raise typer.Exit(1 if numbers[Outcome.FAILED] or not numbers[Outcome.PASSED] else 0)


class _Shown:
    """Findings as a numbered list."""

    def __init__(self) -> None:
        self.number = 0

    def one(self, finding: Finding) -> None:
        self.number += 1
        clause = finding.clause
        lines = [f"{self.number:>3}. {MARKS[finding.outcome]} {clause.words.vi} / {clause.words.en}"
                 f"  [{clause.key}; docs/exchange.md, {clause.section}]"]
        if finding.outcome is Outcome.FAILED:
            lines += [f"      mong đợi / expected: {finding.expected}", f"      nhận được / came: {finding.came}"]
        elif finding.outcome is Outcome.UNTESTED:
            lines.append(f"      chưa kiểm / not tested: {finding.came}")
        typer.echo("\n".join(lines))
        sys.stdout.flush()


def _tell(vi: str, en: str) -> None:
    typer.echo(f"{datetime.now(ZONE):%H:%M:%S}  {vi} / {en}")
    sys.stdout.flush()
