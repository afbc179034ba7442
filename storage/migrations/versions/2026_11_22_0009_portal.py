"""The national portal: what it is told of each dossier in order, exceptions with an owner, reconciliation."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
UNSENT = "sent_at is null and closed_at is null"


def upgrade() -> None:
    op.create_table(
        "portal_item",
        sa.Column("dossier_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", JSONB(), nullable=True),
        sa.Column("owner_unit_id", sa.Integer(), nullable=False),
        sa.Column("reconciled", sa.Boolean(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alone", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faults", JSONB(), nullable=True),
        sa.Column("corrections", JSONB(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('dossier', 'progress')", name="portal_item_kind_known"),
        sa.CheckConstraint("status between 1 and 10", name="portal_item_status_known"),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"]),
        sa.ForeignKeyConstraint(["owner_unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"]),
        sa.PrimaryKeyConstraint("dossier_id", "no"),
    )
    op.create_index("portal_item_due", "portal_item", ["next_attempt_at"],
                    postgresql_where=sa.text(f"{UNSENT} and held_at is null"))
    op.create_index("portal_item_open", "portal_item", ["dossier_id", "no"], postgresql_where=sa.text(UNSENT))
    op.create_index("portal_item_held", "portal_item", ["held_at"],
                    postgresql_where=sa.text(f"held_at is not null and {UNSENT}"))
    op.create_index("portal_item_sent", "portal_item", ["sent_at"], postgresql_where=sa.text("sent_at is not null"))
    op.create_table(
        "portal_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name="portal_line_one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "portal_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (
            "sent", "compared", "equal", "different", "missing_there", "missing_here", "waiting")),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "portal_difference",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("fields", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.CheckConstraint("what in ('different', 'missing_there', 'missing_here')", name="portal_difference_what_known"),
        sa.CheckConstraint("remedy in ('again', 'exception', 'noted')", name="portal_difference_remedy_known"),
        sa.PrimaryKeyConstraint("day", "code"),
    )
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "portal.sql").read_text(encoding="utf-8"))
