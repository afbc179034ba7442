"""The desk: claims, absences, letters and signatures, drafts, reserved codes, uploads in pieces, messages."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('substitute_id', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('units', JSONB(), nullable=False),
    sa.Column('procedures', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_by', sa.Integer(), nullable=True),
    sa.CheckConstraint('first_day <= last_day', name='absence_in_order'),
    sa.CheckConstraint('person_id <> substitute_id', name='absence_of_somebody_else'),
    sa.ForeignKeyConstraint(['ended_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['substitute_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('absence_of_person', 'absence', ['person_id', 'first_day'], unique=False)
    op.create_index('absence_of_substitute', 'absence', ['substitute_id', 'first_day'], unique=False)
    op.create_table('preference',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('mail', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('channels', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('unwanted', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_until', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id')
    )
    op.create_table('reception_draft',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.Text(), nullable=False),
    sa.Column('content', JSONB(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('reception_draft_of_person', 'reception_draft', ['person_id', sa.literal_column('changed_at desc')], unique=False)
    op.create_table('code_block',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('period', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('first_no', sa.Integer(), nullable=False),
    sa.Column('last_no', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('first_no <= last_no', name='code_block_in_order'),
    sa.ForeignKeyConstraint(['agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('code_block_of_person', 'code_block', ['person_id', 'period'], unique=False)
    op.create_table('rating',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.Text(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint('score between 1 and 5', name='rating_score_known'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('rating_of_unit', 'rating', ['unit_id', 'day'], unique=False)
    op.create_table('book_entry',
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('agency', 'year', 'no'),
    sa.UniqueConstraint('dossier_id')
    )
    op.create_table('letter',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('content', JSONB(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('drafted_by', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('initialled_by', sa.Integer(), nullable=True),
    sa.Column('initialled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_by', sa.Integer(), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('book', sa.Text(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('issued_by', sa.Integer(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('document_id', sa.Uuid(), nullable=True),
    sa.Column('replaces', sa.Integer(), nullable=True),
    sa.Column('replaced_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind in ('result', 'supplement', 'refusal', 'apology', 'stop', 'other')", name='letter_kind_known'),
    sa.CheckConstraint("state in ('draft', 'submitted', 'signed', 'issued', 'replaced', 'cancelled')", name='letter_state_known'),
    sa.ForeignKeyConstraint(['agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['drafted_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['initialled_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['issued_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['signed_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no'),
    sa.UniqueConstraint('agency', 'book', 'year', 'number')
    )
    op.create_table('letter_comment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('letter_no', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_letter_comment_dossier_id', 'letter_comment', ['dossier_id'], unique=False)
    op.create_table('mention',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'seq', 'person_id')
    )
    op.create_index('mention_unread', 'mention', ['person_id', 'at'], unique=False, postgresql_where=sa.text('read_at is null'))
    op.create_table('message',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('owner_unit_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('data', JSONB(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('closed_why', sa.Text(), nullable=True),
    sa.CheckConstraint("channel in ('mail', 'sms', 'webhook')", name='message_channel_known'),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['owner_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('message_due', 'message', ['next_attempt_at'], unique=False, postgresql_where=sa.text('sent_at is null and parked_at is null'))
    op.create_index('message_of_dossier', 'message', ['dossier_id'], unique=False)
    op.create_index('message_of_none', 'message', ['kind', 'created_at'], unique=False, postgresql_where=sa.text('dossier_id is null'))
    op.create_index('message_parked', 'message', ['owner_unit_id', 'parked_at'], unique=False, postgresql_where=sa.text('parked_at is not null and sent_at is null and closed_at is null'))
    op.create_table('rating_given',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id')
    )
    op.create_table('signature',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('letter_no', sa.Integer(), nullable=True),
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('for_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Text(), nullable=False),
    sa.Column('adapter', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=True),
    sa.Column('issuer', sa.Text(), nullable=True),
    sa.Column('serial', sa.Text(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('personal', 'agency', 'wet')", name='signature_kind_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['for_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_signature_dossier_id', 'signature', ['dossier_id'], unique=False)
    op.create_index('signature_of_document', 'signature', ['document_id'], unique=False)
    op.create_table('signing_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('letter_no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('certificate', sa.LargeBinary(), nullable=False),
    sa.Column('prepared', sa.Text(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('state', JSONB(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('personal', 'agency', 'wet')", name='signing_request_kind_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_signing_request_dossier_id', 'signing_request', ['dossier_id'], unique=False)
    op.create_table('snooze',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id', 'dossier_id', 'item_no')
    )
    op.create_index('ix_snooze_dossier_id', 'snooze', ['dossier_id'], unique=False)
    op.create_table('upload',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('component', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('replaces', sa.Uuid(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'key')
    )
    op.create_index('ix_upload_dossier_id', 'upload', ['dossier_id'], unique=False)
    op.create_index('upload_abandoned', 'upload', ['changed_at'], unique=False)
    op.add_column('document', sa.Column('reused_from', sa.Uuid(), nullable=True))
    op.add_column('document', sa.Column('quality', JSONB(), nullable=True))
    op.add_column('document', sa.Column('copies', sa.Integer(), nullable=True))
    op.add_column('dossier', sa.Column('letters', sa.Boolean(), nullable=True))
    op.add_column('membership', sa.Column('for_person_id', sa.Integer(), nullable=True))
    op.add_column('membership', sa.Column('absence_id', sa.Integer(), nullable=True))
    op.add_column('membership', sa.Column('procedures', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False))
    op.drop_constraint('membership_person_id_unit_id_role_valid_from_key', 'membership', type_='unique')
    op.create_index('membership_own', 'membership', ['person_id', 'unit_id', 'role', 'valid_from'], unique=True, postgresql_where=sa.text('for_person_id is null'))
    op.create_index('membership_of_person', 'membership', ['person_id'], unique=False)
    op.create_index('membership_standing_in', 'membership', ['absence_id'], unique=False, postgresql_where=sa.text('absence_id is not null'))
    op.create_foreign_key(None, 'membership', 'absence', ['absence_id'], ['id'])
    op.create_foreign_key(None, 'membership', 'person', ['for_person_id'], ['id'])
    op.add_column('work_item', sa.Column('claimed_by', sa.Integer(), nullable=True))
    op.add_column('work_item', sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('work_item', sa.Column('procedure', sa.Text(), nullable=True))
    op.add_column('work_item', sa.Column('desk', sa.Text(), nullable=True))
    op.add_column('work_item', sa.Column('closed_for', sa.Integer(), nullable=True))
    op.create_foreign_key(None, 'work_item', 'person', ['closed_for'], ['id'])
    op.create_foreign_key(None, 'work_item', 'person', ['claimed_by'], ['id'])
    op.create_index('work_item_newest', 'work_item', ['unit_id', sa.literal_column('available_at desc')], unique=False, postgresql_where=sa.text('available_at is not null'))
    op.create_index('work_item_claimed', 'work_item', ['unit_id', 'claimed_at'], unique=False, postgresql_where=sa.text('claimed_at is not null and closed_at is null'))
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "desk.sql").read_text(encoding="utf-8"))
