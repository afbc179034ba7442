"""Post and bags: what came out of a bag, where a result was sent, an order whose recipient died."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.add_column("bag", sa.Column("unpacked", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"),
                                   nullable=False))
    op.add_column("posting", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("payout", sa.Column("since_month", sa.Date(), nullable=True))
    op.add_column("payout", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_check_constraint("payout_ends_once", "payout", "paid_on is null or closed_on is null")
    op.create_index("payout_open", "payout", ["agency"],
                    postgresql_where=sa.text("paid_on is null and closed_on is null"))
    op.create_table(
        "payout_turn",
        sa.Column("dossier_id", sa.BigInteger(), nullable=False),
        sa.Column("payout_no", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("beneficiary", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.Column("heir", sa.Text(), nullable=False),
        sa.Column("heir_id", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('closed', 'heir')", name="payout_turn_kind_known"),
        sa.CheckConstraint("(kind = 'heir') = (heir <> '')", name="payout_turn_to_somebody"),
        sa.CheckConstraint("proof <> ''", name="payout_turn_proven"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"]),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("dossier_id", "payout_no", "no"),
    )
    op.create_index("payout_turn_of_month", "payout_turn", ["month"])
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "post_and_bags.sql").read_text(encoding="utf-8"))
