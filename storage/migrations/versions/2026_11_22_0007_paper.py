"""Paper: routes, bags and seals, every change of custody, transfers that wait for their receiver."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "paper.sql").read_text(encoding="utf-8"))
