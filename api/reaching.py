"""`lienthong reach`: how work comes to an agency that has no system of its own, or has one again."""

from __future__ import annotations

from typing import Annotated

import typer

from api.peers import By, account, counter_lines, proven
from engine.answering.reaching import reach
from engine.office import Office
from engine.opening import Opened
from engine.timekeeper import now
from procedures.declaration import Text
from storage import links
from storage.tables.organisation import Reach

WAYS: dict[str, Text] = {
    Reach.HERE: Text(vi="làm việc trên hệ thống này", en="works here"),
    Reach.MAIL: Text(vi="nhận liên kết trả lời qua thư điện tử", en="gets a link by mail"),
    Reach.PAPER: Text(vi="nhận phiếu giấy", en="gets a slip of paper"),
    Reach.PEER: Text(vi="làm việc ở hệ thống khác", en="works at another installation"),
}


def commands(opened: Opened) -> typer.Typer:
    """`opened` gives the office and ends refusals in a line."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def reach_command(
        code: Annotated[str, typer.Argument(help="mã cơ quan; để trống: danh sách / its code; empty: lists them")] = "",
        way: Annotated[str, typer.Argument(help="here, mail, paper")] = "",
        by: By = "",
        address: Annotated[str, typer.Option(help="địa chỉ thư của cơ quan / its mail address")] = "",
    ) -> None:
        """Mã các cơ quan; cơ quan nhận hồ sơ bằng cách nào / codes of agencies; how work comes to one without a
        system."""
        if code and not (way and by):
            raise typer.BadParameter("ghi cách nhận và --by / give the way and --by")
        with opened() as office:
            typer.echo("\n".join(reach_lines(office, code, way, address, by) if code else agency_lines(office)))
    return app


def agency_lines(office: Office) -> list[str]:
    """Every agency with its code, as commands and the protocol name it."""
    return [f"{row.code}  {row.name_vi} / {row.name_en}: {WAYS[row.reach].vi} / {WAYS[row.reach].en}"
            + (f" ({told})" if (told := row.mail or row.peer) else "") for row in links.agencies(office.db)]


def reach_lines(office: Office, agency: str, way: str, address: str, login: str) -> list[str]:
    """What was changed, in both languages. Raises Invalid, NotFound, Refused and what `proven` raises."""
    by = proven(office, login)
    anew = reach(office, agency, way, address, account(), now(), by.id)
    named = WAYS[way]
    return [f"{agency}: {named.vi}; {anew} hồ sơ chưa ai ký nhận được chuyển theo cách này.",
            f"{agency}: {named.en}; {anew} hand-offs that nobody has registered yet go that way.",
            *counter_lines(office, agency)]
