"""`lienthong evidence`: what was signed, as a file for third parties; and whether the record is anchored."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.peers import account, by_its_name
from engine import timekeeper
from engine.anchoring import evidence, standing
from engine.clocks import ZONE
from engine.exchange import verify_evidence
from engine.opening import Opened
from storage import events


def commands(opened: Opened) -> typer.Typer:
    """`opened` gives the office and ends refusals in a line."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, help="Bằng chứng / evidence.")

    @app.command("export")
    def export(
        out: Annotated[Path, typer.Option("-o", "--out", help="tệp ZIP / the ZIP file")],
        code: Annotated[str, typer.Argument(help="mã hồ sơ / code of the dossier")] = "",
        message: Annotated[UUID | None, typer.Option(help="hoặc mã một thông điệp / or of one message")] = None,
    ) -> None:
        """Xuất thông điệp, biên nhận, sổ ghi vết và mốc niêm phong / messages, receipts, chain and anchor."""
        if bool(code) == (message is not None):
            typer.echo("Ghi mã hồ sơ, hoặc --message / give a dossier or --message", err=True)
            raise typer.Exit(2)
        with by_its_name(opened) as office:
            moment = timekeeper.now()
            data = evidence.of_message(office, message, moment) if message else evidence.of_dossier(
                office, code, moment)
            events.append(office.db, "evidence_exported", None, moment, {
                "account": account(), **({"message": str(message)} if message else {"code": code})})
        try:
            out.write_bytes(data)
        except OSError as error:
            typer.echo(f"Không ghi được {out}: {error.strerror} / cannot be written", err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{out}: {len(data)} byte\n"
                   'Kiểm chứng / verify: python3 verify_evidence.py FILE.zip --trust "<khóa / key>" …; '
                   "không có --trust thì kết thúc với mã 3 / without --trust it ends with exit code 3")

    @app.command("verify")
    def verify(
        file: Path,
        trust: Annotated[list[str] | None, typer.Option(help="khóa bạn đã đối chiếu / a key you compared")] = None,
    ) -> None:
        """Kiểm chứng một tệp bằng chứng, của bất kỳ ai; mã 3: chưa ghi đủ khóa bạn tin / verify a file of evidence,
        anybody's; exit 3: consistent in itself, but some key was not named as trusted (--trust, once for each)."""
        sys.stdout.flush()
        raise typer.Exit(verify_evidence.main([str(file), *(["--trust", *trust] if trust else [])]))

    @app.command("anchors")
    def anchors() -> None:
        """Mốc niêm phong gần nhất; lỗi nếu trễ / the newest anchor; exit 1 when it is late."""
        with opened() as office:
            found = standing.standing(office, timekeeper.now())
        kept = f"{found.kept_at.astimezone(ZONE):%d/%m/%Y %H:%M}" if found.kept_at else "-"
        typer.echo(f"Mốc {found.no or '-'}, lưu bên ngoài gần nhất / last kept outside: {kept}"
                   + (" ✗ trễ / late" if found.late else ""))
        if found.stopped:
            typer.echo(standing.why_stopped().vi)
        raise typer.Exit(1 if found.late else 0)
    return app
