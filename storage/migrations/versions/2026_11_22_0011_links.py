"""Partners without a system: links by mail and printed slips that answer a hand-off."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.BigInteger(), nullable=False),
        sa.Column("from_unit_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", JSONB(), nullable=True),
        sa.CheckConstraint("way in ('mail', 'paper')", name="link_way_known"),
        sa.CheckConstraint("way <> 'mail' or expires_at is not null", name="link_ends"),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoff.id"]),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"]),
        sa.ForeignKeyConstraint(["from_unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("handoff_id"),
    )
    op.create_index("ix_link_dossier_id", "link", ["dossier_id"])
    op.create_index("link_open", "link", ["from_unit_id", "made_at"], postgresql_where=sa.text("closed_at is null"))
    op.create_table(
        "link_key",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("handoff_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["handoff_id"], ["link.handoff_id"]),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_link_key_handoff_id", "link_key", ["handoff_id"])
    # who signs on paper at an agency without a system is nobody of ours
    op.alter_column("signature", "person_id", nullable=True)
    op.create_check_constraint("signature_of_somebody", "signature", "person_id is not null or position <> ''")
    op.create_index("event_log_link_refused", "event_log", [sa.literal_column("(details->>'address')"), "at"],
                    postgresql_where=sa.text("kind = 'link_refused'"))
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "links.sql").read_text(encoding="utf-8"))
