"""Append-only triggers, the functions that record, and who may do what."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.execute("insert into revision (id, number) values (1, 1)")
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for name in ("guard", "record", "grants"):
        connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
