"""`lienthong demo`."""

from __future__ import annotations

from typing import Annotated

import typer

from api.demo.run import run_demo

app = typer.Typer(add_completion=False)


@app.command()
def demo(short: Annotated[bool, typer.Option("--short", help="22 hồ sơ / 22 dossiers")] = False) -> None:
    """Chơi lại một ngày làm việc rồi kiểm chứng / play a working day, then verify it."""
    raise typer.Exit(run_demo(small=short))
