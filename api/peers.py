"""`lienthong peer`: other installations, their keys and ours."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from api import directory as directories
from engine import access, signin, timekeeper
from engine.casework.called import called
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.exchange import keys, peers
from engine.exchange.canonical import decode
from engine.exchange.keys import PublicKey
from engine.exchange.peers import Desk
from engine.office import Office
from engine.opening import Opened
from storage import anchors, blocks, links
from storage import peers as rows
from storage.peers import KeyRow
from storage.tables.organisation import Reach

By = Annotated[str, typer.Option("--by", help="quản trị viên, lệnh hỏi mật khẩu / an administrator; asks his password")]
Read = Annotated[str, typer.Option("--fingerprint", help="vân tay khóa nghe đọc qua điện thoại / as read out to you")]
Name = Annotated[str, typer.Argument(help="tên hệ thống / name of the installation")]
Key = Annotated[str, typer.Argument(help="dòng khóa, hoặc @tệp / the line of the key, or @file")]
# What a browser kept longer than this somebody has asked about before.
COUNTERS_KEEP = timedelta(days=7)
STATES = {"proposed": "chờ phê duyệt / proposed", "active": "đang trao đổi / active",
          "suspended": "tạm dừng / suspended", "ended": "đã chấm dứt / ended"}


class OtherFingerprint(peers.NotInThisState):
    """Whoever approves has compared the key with the other side, not only seen it here."""

    code = "other_fingerprint"
    vi = "Vân tay bạn ghi không khớp với khóa đã khai báo. Không phê duyệt; hãy hỏi lại bên kia."
    en = "The fingerprint is not that of the key entered. Not approved; ask the other side again."


class OtherName(peers.NotInThisState):
    """What a command tells others in a wrong name they refuse, or it is never for this installation."""

    code = "another_installation"
    vi = ("Cơ sở dữ liệu này là của hệ thống “{kept}”, lệnh lại nói thay “{said}”: đặt LIENTHONG_PROVINCE, "
          "LIENTHONG_INSTALLATION như của máy chủ.")
    en = ("This database is that of the installation “{kept}”, the command speaks for “{said}”: set LIENTHONG_PROVINCE "
          "and LIENTHONG_INSTALLATION as for the server.")


def commands(opened: Opened) -> typer.Typer:
    """`opened` gives the office and ends refusals in a line."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help="Hệ thống khác / other installations.")
    app.add_typer(_keys(opened), name="key")
    _entering(app, opened)
    _moving(app, opened)
    _looking(app, opened)
    return app


def _entering(app: typer.Typer, opened: Opened) -> None:
    @app.command("add")
    def add(name: Name, url: Annotated[str, typer.Argument(help="https://…")], key: Key, by: By,
            title: Annotated[str, typer.Option(help="tên gọi đầy đủ / full name")] = "") -> None:
        """Khai báo hệ thống khác; một quản trị khác phê duyệt / enter one; somebody else approves."""
        with by_its_name(opened) as office:
            entered = peers.propose(_desk(office, by), name, title or name, url, _text(key))
            typer.echo(f"Đã khai báo {name}, chờ quản trị khác phê duyệt / entered, waits for approval\n"
                       f"{_spoken(rows.key(office.db, entered))}")

    @app.command("approve")
    def approve(name: Name, fingerprint: Read, by: By) -> None:
        """Phê duyệt sau khi đối chiếu vân tay khóa với bên kia / approve after comparing the key."""
        with opened() as office:
            desk = _desk(office, by)
            _compare([row for row in rows.keys(office.db) if row.name == name and row.approved_at is None], fingerprint)
            peers.approve(desk, name)
            typer.echo(f"Đã phê duyệt {name}, thay mặt {desk.by.name} ({by}) / approved on behalf of {desk.by.name}")

    @app.command("host")
    def host(agency: Annotated[str, typer.Argument(help="mã cơ quan / code of the agency")], by: By,
             name: Annotated[str, typer.Argument(help="để trống: làm việc ở đây / empty: works here")] = "") -> None:
        """Cơ quan làm việc ở hệ thống nào / where an agency works."""
        with by_its_name(opened) as office:
            peers.host(_desk(office, by), agency, name)
            typer.echo("\n".join([f"{agency}: {name or 'ở đây / here'}", *counter_lines(office, agency)]))


def counter_lines(office: Office, agency: str) -> list[str]:
    """For whoever moved an agency elsewhere: counters that may still keep what they took in without a network."""
    if links.reach_of(office.db, agency) == Reach.HERE or not (
            named := blocks.holders(office.db, agency, timekeeper.now() - COUNTERS_KEEP)):
        return []
    return ["Quầy có thể còn giữ hồ sơ tiếp nhận khi mất mạng (trang “Tiếp nhận khi mất mạng” tại máy của họ); "
            "hỏi từng người. Còn hồ sơ thì đưa cơ quan về đây, đợi máy gửi xong rồi chuyển lại:",
            "Counters that may still keep dossiers taken in without a network; ask each. If so, let the agency "
            "work here again until they are sent:", *(f"  {one}" for one in named)]


def _moving(app: typer.Typer, opened: Opened) -> None:
    def move(done: Callable[[Desk, str], None], name: str, by: str, told: str) -> None:
        with opened() as office:
            done(_desk(office, by), name)
            typer.echo(f"{name}: {told}")

    @app.command("suspend")
    def suspend(name: Name, by: By) -> None:
        """Tạm dừng gửi và nhận / nothing goes out, nothing is taken."""
        move(peers.suspend, name, by, "tạm dừng / suspended")

    @app.command("resume")
    def resume(name: Name, by: By) -> None:
        """Tiếp tục / open the line again."""
        move(peers.resume, name, by, "hoạt động / active")

    @app.command("end")
    def end(name: Name, by: By) -> None:
        """Chấm dứt hẳn / for ever."""
        move(peers.end, name, by, "chấm dứt / ended")

    @app.command("directory")
    def directory(name: Name, by: By) -> None:
        """Lấy danh sách cơ quan, đơn vị của hệ thống đó / take over its agencies and units."""
        with by_its_name(opened) as office:
            desk = _desk(office, by)
            typer.echo(f"{name}: {directories.take(desk, name)} cơ quan / agencies")


def _looking(app: typer.Typer, opened: Opened) -> None:
    @app.command("list")
    def list_() -> None:
        """Các hệ thống và khóa của chúng / installations and their keys."""
        with opened() as office:
            known, found = rows.keys(office.db), rows.peers(office.db)
            if not found:
                typer.echo("Chưa khai báo hệ thống nào / no installation is entered")
            names = called(office.db, [peer.id for peer in found])
            for peer in found:
                reached = peer.reached_at.astimezone(ZONE).strftime("%d/%m/%Y %H:%M") if peer.reached_at else "–"
                typer.echo(f"{peer.name}  {names[peer.id].vi}: {STATES[peer.state]}\n"
                           f"  {peer.url}, liên lạc gần nhất / last reached {reached}"
                           + (f"  ✗ {peer.trouble}" if peer.trouble_since else ""))
                for row in known:
                    if row.peer_id == peer.id:
                        typer.echo(f"  khóa / key {row.key_id}: {_standing(row)}")

    @app.command("show-key")
    def show_key() -> None:
        """Khóa của hệ thống này, để giao cho bên kia / our key, to be handed over."""
        with by_its_name(opened) as office:
            _show(office, keys.own_key(office).public)

    @app.command("rotate")
    def rotate(
        by: By,
        prepare: Annotated[bool, typer.Option("--prepare", help="chỉ tạo và in ra, chưa dùng / make it, sign later")] =
            False,
    ) -> None:
        """Đổi khóa ký; nên --prepare và giao khóa mới trước / change the signing key; hand it over before."""
        with by_its_name(opened) as office:
            desk = _desk(office, by)
            _show(office, keys.prepare(office) if prepare else keys.rotate(office, desk.by.id, desk.now).public)


def _keys(opened: Opened) -> typer.Typer:
    app = typer.Typer(no_args_is_help=True, help="Khóa của hệ thống khác / keys of other installations.")

    @app.command("add")
    def add(name: Name, key: Key, by: By) -> None:
        """Khai báo thêm một khóa / a further key."""
        with opened() as office:
            entered = peers.add_key(_desk(office, by), name, _text(key))
            typer.echo(_spoken(rows.key(office.db, entered)))

    @app.command("approve")
    def approve(key: Annotated[str, typer.Argument(help="mã khóa / key id")], fingerprint: Read, by: By) -> None:
        """Phê duyệt khóa sau khi đối chiếu / approve a key after comparing it."""
        with opened() as office:
            desk, found = _desk(office, by), rows.key(office.db, key)
            _compare([found] if found else [], fingerprint)
            peers.approve_key(desk, key)
            typer.echo(f"Đã phê duyệt khóa, thay mặt {desk.by.name} ({by}) / approved on behalf of {desk.by.name}")

    @app.command("revoke")
    def revoke(key: Annotated[str, typer.Argument(help="mã khóa / key id")], by: By) -> None:
        """Thu hồi ngay một khóa / revoke a key at once."""
        with opened() as office:
            peers.revoke_key(_desk(office, by), key)
            typer.echo("Đã thu hồi khóa / revoked")
    return app


def _desk(office: Office, login: str) -> Desk:
    return Desk(office, proven(office, login), timekeeper.now(), account=account())


@contextmanager
def by_its_name(opened: Opened) -> Iterator[Office]:
    """The server signs its anchors in its name, so the database knows it. Raises OtherName."""
    with opened() as office:
        with office.db.connection() as connection:
            newest = anchors.last(connection)
        kept = decode(bytes(newest.sealed))["body"]["installation"] if newest else office.name
        if kept != office.name:
            raise OtherName(kept=kept, said=office.name)
        yield office


def account() -> str:
    """Of the machine, as the system has it: what the environment says anybody may set."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def proven(office: Office, login: str) -> Actor:
    """The administrator in whose name a command is given: he is there, whoever has the machine could name any other.

    Raises NotFound, NotAdministrator, WrongCredentials, TooManyAttempts.
    """
    found = rows.person(office.db, login)
    if found is None:
        raise NotFound(what=f"tài khoản “{login}”", what_en=f"account “{login}”")
    if not access.may_write(office, Actor(id=found.id, name=found.name), timekeeper.now()):
        raise peers.NotAdministrator
    issued = signin.sign_in(office, login, _password(login), f"lienthong, {account()}", terminal=True)
    signin.sign_out(office, issued.token, issued.actor)
    return issued.actor


def _password(login: str) -> str:
    """Typed unseen, or the first line of what a script pipes in."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt(f"Mật khẩu của {login} / password of {login}", hide_input=True, err=True)
    return typed


def _text(key: str) -> str:
    if not key.startswith("@"):
        return key
    try:
        return Path(key[1:]).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise keys.NoKey from error


def _compare(pending: list[KeyRow], told: str) -> None:
    shown = [keys.fingerprint(bytes(row.public)) for row in pending]
    if told.replace(" ", "") not in [one.replace(" ", "") for one in shown]:
        raise OtherFingerprint


def _spoken(row: KeyRow | None) -> str:
    assert row is not None
    public: PublicKey = peers.public_key(row)
    return f"{public.key_id}  {_standing(row)}"


def _standing(row: KeyRow) -> str:
    """The digits only of what somebody still has to compare."""
    if row.revoked_at:
        return "thu hồi / revoked"
    if row.approved_at:
        return "đã phê duyệt / approved"
    return f"chờ phê duyệt / waits for approval, vân tay / fingerprint {keys.fingerprint(bytes(row.public))}"


def _show(office: Office, public: bytes) -> None:
    typer.echo(f"{keys.as_string(office.name, public)}\n"
               f"Mã khóa / key id: {keys.key_id(public)}\nVân tay / fingerprint: {keys.fingerprint(public)}")
