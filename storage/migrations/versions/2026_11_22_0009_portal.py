"""The national portal: what it is told of each dossier in order, exceptions with an owner, reconciliation."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "portal.sql").read_text(encoding="utf-8"))
