"""`lienthong audit verify`: whether the record, and what hangs on it, is as it was written."""

from __future__ import annotations

import typer
from rich.console import Console
from rich.table import Table

from engine.opening import Opened
from engine.verification import Findings, verify

out = Console()


def commands(opened: Opened) -> typer.Typer:
    """`opened` gives the office and ends refusals in a line."""
    app = typer.Typer(no_args_is_help=True, add_completion=False)

    @app.callback()
    def audit() -> None:
        """Kiểm chứng sổ ghi vết / verify the record."""

    @app.command("verify")
    def audit_verify() -> None:
        """Kiểm chứng chuỗi vết, tài liệu, chữ ký, thời hạn, người giữ / verify chains, documents, signatures, due
        dates, owners."""
        with opened() as office:
            found = verify(office)
        show(found)
        raise typer.Exit(1 if found.faults else 0)
    return app


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
