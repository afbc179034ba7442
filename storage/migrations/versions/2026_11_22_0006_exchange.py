"""Exchange between installations: peers and their keys, what arrives and in which order, counterparts, documents to pull."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('own_key',
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('key_id')
    )
    op.create_table('peer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('proposed_by', sa.Text(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reached_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trouble', sa.Text(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('retry_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('proposed', 'active', 'suspended', 'ended')", name='peer_state_known'),
    sa.CheckConstraint("state in ('proposed', 'ended') or approved_at is not null", name='peer_approved'),
    sa.CheckConstraint('approved_by <> proposed_by', name='peer_approved_by_another'),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('lane',
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('thread', sa.String(), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('peer_id', 'thread')
    )
    op.create_table('peer_key',
    sa.Column('key_id', sa.String(), nullable=False),
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('public', sa.LargeBinary(), nullable=False),
    sa.Column('proposed_by', sa.Text(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_by', sa.Text(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('approved_by <> proposed_by', name='peer_key_approved_by_another'),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('key_id')
    )
    op.create_index('ix_peer_key_peer_id', 'peer_key', ['peer_id'], unique=False)
    op.create_table('arrival',
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('thread', sa.Text(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('envelope', sa.LargeBinary(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('receipt', sa.LargeBinary(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dossier_id', sa.BigInteger(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.CheckConstraint("state in ('held', 'waiting', 'applied', 'parked', 'refused')", name='arrival_state_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('peer_id', 'message_id'),
    sa.UniqueConstraint('peer_id', 'thread', 'no')
    )
    op.create_index('arrival_due', 'arrival', ['next_attempt_at'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_index('arrival_open', 'arrival', ['peer_id', 'received_at'], unique=False, postgresql_where=sa.text("state in ('held', 'waiting', 'parked')"))
    op.create_index('arrival_parked', 'arrival', ['received_at'], unique=False, postgresql_where=sa.text("state = 'parked'"))
    op.create_index('ix_arrival_dossier_id', 'arrival', ['dossier_id'], unique=False)
    op.create_table('counterpart',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('thread', sa.Text(), nullable=False),
    sa.Column('handoff_id', sa.Uuid(), nullable=True),
    sa.Column('task', JSONB(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('status_name', JSONB(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('status between 1 and 10', name='counterpart_status_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('dossier_id'),
    sa.UniqueConstraint('peer_id', 'thread', 'handoff_id', postgresql_nulls_not_distinct=True)
    )
    op.create_index('counterpart_thread', 'counterpart', ['thread'], unique=False)
    op.create_index('counterpart_shadow', 'counterpart', ['peer_id', 'dossier_id'], unique=False, postgresql_where=sa.text('handoff_id is null'))
    op.create_index('event_log_of_shadows', 'event_log', [sa.literal_column("(details->>'peer')"), 'at'], unique=False, postgresql_where=sa.text("kind = 'shadows_refused'"))
    op.create_index('ix_counterpart_handoff_id', 'counterpart', ['handoff_id'], unique=False)
    op.create_table('pull',
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('peer_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('refusals', sa.Integer(), server_default='0', nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('unanswered', sa.Integer(), server_default='0', nullable=False),
    sa.Column('unanswered_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('owned_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('received between 0 and size', name='pull_received_of_size'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['peer_id'], ['peer.id'], ),
    sa.PrimaryKeyConstraint('document_id')
    )
    op.create_index('pull_due', 'pull', ['next_attempt_at'], unique=False, postgresql_where=sa.text('done_at is null and parked_at is null'))
    op.create_index('pull_open', 'pull', ['peer_id', 'message_id'], unique=False, postgresql_where=sa.text('done_at is null'))
    op.create_index('pull_stuck', 'pull', ['parked_at'], unique=False, postgresql_where=sa.text('(parked_at is not null or owned_at is not null) and done_at is null'))
    op.create_index('ix_pull_dossier_id', 'pull', ['dossier_id'], unique=False)
    op.add_column('agency', sa.Column('reach', sa.Text(), server_default='here', nullable=False))
    op.add_column('agency', sa.Column('peer_id', sa.Integer(), nullable=True))
    op.add_column('agency', sa.Column('mail', sa.Text(), nullable=True))
    op.create_foreign_key(None, 'agency', 'peer', ['peer_id'], ['id'])
    op.add_column('dossier', sa.Column('mirror', sa.Text(), nullable=True))
    op.add_column('handoff', sa.Column('their_code', sa.Text(), nullable=True))
    op.add_column('handoff', sa.Column('recall_asked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('outbox', sa.Column('peer_id', sa.Integer(), nullable=True))
    op.add_column('outbox', sa.Column('thread', sa.Text(), nullable=True))
    op.add_column('outbox', sa.Column('no', sa.Integer(), nullable=True))
    op.add_column('outbox', sa.Column('refusals', sa.Integer(), server_default='0', nullable=False))
    op.add_column('outbox', sa.Column('envelope', sa.LargeBinary(), nullable=True))
    op.add_column('outbox', sa.Column('receipt', sa.LargeBinary(), nullable=True))
    op.add_column('outbox', sa.Column('unanswered', sa.Integer(), server_default='0', nullable=False))
    op.add_column('outbox', sa.Column('unanswered_since', sa.DateTime(timezone=True), nullable=True))
    op.add_column('outbox', sa.Column('owned_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('outbox_owned', 'outbox', ['owned_at'], unique=False, postgresql_where=sa.text('owned_at is not null and sent_at is null'))
    op.create_index('outbox_due_peer', 'outbox', ['peer_id', 'next_attempt_at'], unique=False, postgresql_where=sa.text('sent_at is null and parked_at is null and peer_id is not null'))
    op.create_index('outbox_parked', 'outbox', ['parked_at'], unique=False, postgresql_where=sa.text('parked_at is not null and sent_at is null'))
    op.create_unique_constraint(None, 'outbox', ['peer_id', 'thread', 'no'])
    op.create_foreign_key(None, 'outbox', 'peer', ['peer_id'], ['id'])
    op.create_check_constraint('agency_reach_known', 'agency', "reach in ('here', 'peer', 'mail', 'paper')")
    op.create_check_constraint('agency_peer_known', 'agency', "(reach = 'peer') = (peer_id is not null)")
    op.create_check_constraint('dossier_mirror_known', 'dossier', "mirror is null or mirror in ('successor', 'shadow')")
    op.alter_column('document', 'added_by', nullable=True)
    op.drop_index('outbox_due', 'outbox')
    op.create_index('outbox_due', 'outbox', ['next_attempt_at'], unique=False, postgresql_where=sa.text('sent_at is null and parked_at is null and peer_id is null'))
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "exchange.sql").read_text(encoding="utf-8"))
