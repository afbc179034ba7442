"""Anchors of all audit heads, kept outside the database."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('anchor',
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('root', sa.Text(), nullable=False),
    sa.Column('heads', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('no')
    )
    op.create_table('anchor_copy',
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('receipt', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('peer_id', 'no')
    )
    op.create_table('anchor_place',
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('receipt', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['no'], ['anchor.no'], ),
    sa.PrimaryKeyConstraint('no', 'place')
    )
    op.create_table('anchored_head',
    sa.Column('dossier_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('head', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['no'], ['anchor.no'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_index('event_log_of_anchors', 'event_log', ['id'], unique=False, postgresql_where=sa.text("kind in ('anchors_late', 'anchors_kept_again', 'anchor_of_peer_refused')"))
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "anchors.sql").read_text(encoding="utf-8"))
