"""The first tables: organisation, catalogue, casework, exchange, custody, record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    op.execute(sa.schema.CreateSequence(sa.Sequence("dossier_id_seq", data_type=sa.BigInteger())))
    op.create_table('agency',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('level', sa.Text(), nullable=False),
    sa.Column('receives', sa.Boolean(), nullable=False),
    sa.Column('aliases', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.PrimaryKeyConstraint('code')
    )
    op.create_table('idempotency',
    sa.Column('actor_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('actor_id', 'key')
    )
    op.create_index('idempotency_age', 'idempotency', ['at'], unique=False)
    op.create_table('number_series',
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('series', sa.String(), nullable=False),
    sa.Column('period', sa.String(), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('agency', 'series', 'period')
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('login')
    )
    op.create_table('procedure',
    sa.Column('key', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.CheckConstraint('id = 1', name='revision_one_row'),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('courier_run',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('depart_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('courier_id', sa.Integer(), nullable=True),
    sa.Column('listed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('departed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('planned', 'listed', 'departed', 'arrived')", name='courier_run_state_known'),
    sa.CheckConstraint('no between 1 and 9', name='courier_run_no_small'),
    sa.ForeignKeyConstraint(['courier_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('day', 'no')
    )
    op.create_index('courier_run_due', 'courier_run', ['depart_at'], unique=False, postgresql_where=sa.text("state = 'planned'"))
    op.create_table('event_log',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('event_log_sign_in_login', 'event_log', [sa.literal_column("(details->>'login')"), 'kind', 'at'], unique=False, postgresql_where=sa.text("kind in ('signed_in', 'sign_in_failed')"))
    op.create_index('event_log_sign_in_address', 'event_log', [sa.literal_column("(details->>'address')"), 'kind', 'at'], unique=False, postgresql_where=sa.text("kind in ('signed_in', 'sign_in_failed')"))
    op.create_table('procedure_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('decision_no', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('draft', 'published', 'retired')", name='procedure_version_state_known'),
    sa.ForeignKeyConstraint(['procedure'], ['procedure.key'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('procedure', 'number')
    )
    op.create_table('session',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('form_key', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('token_hash')
    )
    op.create_index(op.f('ix_session_person_id'), 'session', ['person_id'], unique=False)
    op.create_table('unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['agency'], ['agency.code'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('agency', 'key')
    )
    op.create_table('binding',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('party', sa.Text(), nullable=False),
    sa.Column('receiving_agency', sa.String(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['receiving_agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('binding_once', 'binding', ['party', sa.literal_column("coalesce(receiving_agency, '')"), 'valid_from'], unique=True)
    op.create_table('dossier',
    sa.Column('id', sa.BigInteger(), server_default=sa.text("nextval('dossier_id_seq')"), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('intake_agency', sa.String(), nullable=False),
    sa.Column('intake_unit_id', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('return_way', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_provisional', sa.Boolean(), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('history', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('supplements', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('handoff_seq', sa.Integer(), nullable=False),
    sa.Column('audit_seq', sa.Integer(), nullable=False),
    sa.Column('audit_head', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint("channel in ('direct', 'online', 'post')", name='dossier_channel_known'),
    sa.CheckConstraint("outcome is null or outcome in ('approved', 'rejected')", name='dossier_outcome_known'),
    sa.CheckConstraint("return_way in ('counter', 'post', 'electronic')", name='dossier_return_way_known'),
    sa.CheckConstraint('status between 1 and 10', name='dossier_status_known'),
    sa.ForeignKeyConstraint(['intake_agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['intake_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['version_id'], ['procedure_version.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code')
    )
    op.create_index('dossier_of_desk', 'dossier', ['intake_unit_id', sa.literal_column('submitted_at desc')], unique=False)
    op.create_index('dossier_open', 'dossier', ['due_at'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint("role in ('receptionist', 'officer', 'head', 'signer', 'clerk', 'returner', 'courier', 'manager', 'administrator', 'auditor')", name='membership_role_known'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('person_id', 'unit_id', 'role', 'valid_from')
    )
    op.create_index('membership_of_unit', 'membership', ['unit_id', 'role'], unique=False)
    op.create_table('active_state',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'state')
    )
    op.create_index('active_state_by_state', 'active_state', ['state'], unique=False)
    op.create_table('applicant',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('id_number', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.Column('commit_key', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id')
    )
    op.create_index('applicant_id_number', 'applicant', ['id_number'], unique=False)
    op.create_index('applicant_search', 'applicant', ['search'], unique=False, postgresql_using='gin', postgresql_ops={'search': 'gin_trgm_ops'})
    op.create_table('audit',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('unit_name', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('from_states', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('to_states', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('prev', sa.LargeBinary(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'seq'),
    sa.UniqueConstraint('dossier_id', 'prev')
    )
    op.create_index('audit_by_actor', 'audit', ['actor_id', sa.literal_column('at desc')], unique=False)
    op.create_table('clock',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=True),
    sa.Column('time_limit', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('count_mode', sa.Text(), nullable=False),
    sa.Column('marks', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('dossier', 'step', 'handoff')", name='clock_kind_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_table('document',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('component', sa.Text(), nullable=False),
    sa.Column('form', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('media_type', sa.Text(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.Text(), nullable=True),
    sa.Column('replaced_by', sa.Uuid(), nullable=True),
    sa.Column('added_by', sa.Integer(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'promised') = (sha256 is null)", name='document_bytes_known'),
    sa.CheckConstraint("state in ('promised', 'pending', 'stored', 'damaged')", name='document_state_known'),
    sa.ForeignKeyConstraint(['added_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('document_content', 'document', ['sha256'], unique=False)
    op.create_index('document_unfinished', 'document', ['state'], unique=False, postgresql_where=sa.text("state = 'pending'"))
    op.create_index(op.f('ix_document_dossier_id'), 'document', ['dossier_id'], unique=False)
    op.create_table('handoff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('from_agency', sa.String(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('from_role', sa.Text(), nullable=False),
    sa.Column('to_agency', sa.String(), nullable=False),
    sa.Column('to_unit_id', sa.Integer(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('register_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('registered_by', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('close_seq', sa.Integer(), nullable=True),
    sa.Column('escalated_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('pending', 'delivered', 'registered', 'refused', 'recalled')", name='handoff_state_known'),
    sa.CheckConstraint("from_role in ('receptionist', 'officer', 'head', 'signer', 'clerk', 'returner', 'courier', 'manager', 'administrator', 'auditor')", name='handoff_from_role_known'),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['from_agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['registered_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['to_agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dossier_id', 'seq')
    )
    op.create_index('handoff_incoming', 'handoff', ['to_unit_id', 'created_at'], unique=False, postgresql_where=sa.text("state in ('pending', 'delivered')"))
    op.create_index('handoff_outgoing', 'handoff', ['from_unit_id', 'created_at'], unique=False, postgresql_where=sa.text("state in ('pending', 'delivered', 'refused', 'recalled')"))
    op.create_table('inbox',
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('sender', 'message_id')
    )
    op.create_index(op.f('ix_inbox_dossier_id'), 'inbox', ['dossier_id'], unique=False)
    op.create_table('incident',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_incident_dossier_id'), 'incident', ['dossier_id'], unique=False)
    op.create_index('incident_open', 'incident', ['unit_id'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.create_table('notice',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('about', sa.DateTime(timezone=True), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('notice_once', 'notice', ['dossier_id', 'clock_no', 'kind', 'about', 'unit_id'], unique=True)
    op.create_index('notice_unread', 'notice', ['unit_id', sa.literal_column('at desc')], unique=False, postgresql_where=sa.text('read_at is null'))
    op.create_table('opinion',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'item_no')
    )
    op.create_table('outbox',
    sa.Column('message_id', sa.Uuid(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('sender', sa.Text(), nullable=False),
    sa.Column('receiver', sa.Text(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('message_id'),
    sa.UniqueConstraint('dossier_id', 'seq')
    )
    op.create_index('outbox_due', 'outbox', ['next_attempt_at'], unique=False, postgresql_where=sa.text('sent_at is null and parked_at is null'))
    op.create_table('paper',
    sa.Column('barcode', sa.String(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('bound_for_unit_id', sa.Integer(), nullable=True),
    sa.Column('bound_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('run_id', sa.BigInteger(), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind in ('submitted', 'result')", name='paper_kind_known'),
    sa.CheckConstraint("state in ('held', 'carried', 'missing', 'posted', 'handed_over')", name='paper_state_known'),
    sa.ForeignKeyConstraint(['bound_for_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('barcode'),
    sa.UniqueConstraint('dossier_id', 'kind')
    )
    op.create_index('paper_waiting', 'paper', ['unit_id'], unique=False, postgresql_where=sa.text('bound_for_unit_id is not null'))
    op.create_table('payment',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('proof', sa.Text(), nullable=True),
    sa.CheckConstraint('amount > 0', name='payment_amount_positive'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_table('remark',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('key', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'seq')
    )
    op.create_table('work_item',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('duty', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('handoff_id', sa.Uuid(), nullable=True),
    sa.Column('opened_version', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('available_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Integer(), nullable=True),
    sa.Column('close_event', sa.Text(), nullable=True),
    sa.CheckConstraint("duty in ('step', 'resolve')", name='work_item_duty_known'),
    sa.CheckConstraint("role in ('receptionist', 'officer', 'head', 'signer', 'clerk', 'returner', 'courier', 'manager', 'administrator', 'auditor')", name='work_item_role_known'),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_index('work_item_done', 'work_item', ['unit_id', sa.literal_column('closed_at desc')], unique=False, postgresql_where=sa.text('closed_at is not null'))
    op.create_index('work_item_open', 'work_item', ['unit_id', 'due_at', 'dossier_id'], unique=False, postgresql_where=sa.text('closed_at is null and available_at is not null'))
    op.create_table('courier_load',
    sa.Column('run_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('barcode', sa.String(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('to_unit_id', sa.Integer(), nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by', sa.Integer(), nullable=True),
    sa.Column('missing_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['barcode'], ['paper.barcode'], ),
    sa.ForeignKeyConstraint(['confirmed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['taken_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('run_id', 'barcode')
    )
    op.create_index('courier_load_waiting', 'courier_load', ['to_unit_id'], unique=False, postgresql_where=sa.text('confirmed_at is null'))
    op.create_index(op.f('ix_courier_load_dossier_id'), 'courier_load', ['dossier_id'], unique=False)
    op.create_table('timer',
    sa.Column('dossier_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('fires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('retry_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id', 'clock_no'], ['clock.dossier_id', 'clock.no'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'clock_no')
    )
    op.create_index('timer_due', 'timer', ['fires_at'], unique=False)
