"""Drafts, scenarios, bundles, consultations beside the procedure, moves between versions."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('bundle_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bundle', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('decision_no', sa.Text(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_by', sa.Integer(), nullable=True),
    sa.Column('approved_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("state in ('draft', 'published', 'retired')", name='bundle_version_state_known'),
    sa.ForeignKeyConstraint(['approved_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('bundle', 'number')
    )
    op.create_table('scenario',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recorded_from', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_scenario_procedure'), 'scenario', ['procedure'], unique=False)
    op.create_table('bundle',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('intake_agency', sa.String(), nullable=False),
    sa.Column('intake_unit_id', sa.Integer(), nullable=False),
    sa.Column('received_by', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('return_way', sa.Text(), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('first_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_provisional', sa.Boolean(), nullable=False),
    sa.Column('gather_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('partial_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('partial_by', sa.Integer(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('letters', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.CheckConstraint("channel in ('direct', 'online', 'post')", name='bundle_channel_known'),
    sa.CheckConstraint("return_way in ('counter', 'post', 'electronic')", name='bundle_return_way_known'),
    sa.ForeignKeyConstraint(['intake_agency'], ['agency.code'], ),
    sa.ForeignKeyConstraint(['intake_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['partial_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['received_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['version_id'], ['bundle_version.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('code')
    )
    op.create_index('bundle_gathering', 'bundle', ['gather_until'], unique=False, postgresql_where=sa.text('gather_until is not null'))
    op.create_index('bundle_of_desk', 'bundle', ['intake_unit_id', sa.literal_column('submitted_at desc')], unique=False)
    op.create_table('migration',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('from_version_id', sa.Integer(), nullable=False),
    sa.Column('to_version_id', sa.Integer(), nullable=False),
    sa.Column('plan', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('decision_no', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['from_version_id'], ['procedure_version.id'], ),
    sa.ForeignKeyConstraint(['to_version_id'], ['procedure_version.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('procedure_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('procedure', sa.Text(), nullable=False),
    sa.Column('base_version_id', sa.Integer(), nullable=True),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checked_by', sa.Integer(), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_sha256', sa.Text(), nullable=True),
    sa.Column('report', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('published_id', sa.Integer(), nullable=True),
    sa.Column('writers', postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
    sa.CheckConstraint("state in ('open', 'checked', 'published', 'discarded')", name='procedure_draft_state_known'),
    sa.ForeignKeyConstraint(['base_version_id'], ['procedure_version.id'], ),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['checked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['published_id'], ['procedure_version.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('event_log_of_draft', 'event_log', [sa.literal_column("(details->>'draft')"), 'id'], unique=False, postgresql_where=sa.text("kind = 'draft_changed'"))
    op.create_index('procedure_draft_open', 'procedure_draft', [sa.literal_column('changed_at desc')], unique=False, postgresql_where=sa.text("state in ('open', 'checked')"))
    op.create_table('pending_import',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id')
    )
    op.create_table('addition',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('documents', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_table('asset_claim',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('identity', sa.String(), nullable=False),
    sa.Column('held_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'kind', 'identity')
    )
    op.create_index('asset_held_once', 'asset_claim', ['kind', 'identity'], unique=True, postgresql_where=sa.text('held_at is not null'))
    op.create_table('bundle_part',
    sa.Column('bundle_id', sa.BigInteger(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('expected_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stopped_for', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['bundle_id'], ['bundle.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('bundle_id', 'part'),
    sa.UniqueConstraint('dossier_id')
    )
    op.create_table('consultation',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('item_no', sa.Integer(), nullable=False),
    sa.Column('join_rule', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verdict', sa.Text(), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer_seq', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_index('consultation_by_unit', 'consultation', ['unit_id', 'asked_at'], unique=False)
    op.create_table('migration_item',
    sa.Column('migration_id', sa.BigInteger(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('moved_seq', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("state in ('moved', 'failed', 'undone')", name='migration_item_state_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['migration_id'], ['migration.id'], ),
    sa.ForeignKeyConstraint(['undone_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('migration_id', 'dossier_id')
    )
    op.create_index(op.f('ix_migration_item_dossier_id'), 'migration_item', ['dossier_id'], unique=False)
    op.create_table('obligation',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fulfilled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fulfilled_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['fulfilled_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.add_column('agency', sa.Column('parent', sa.String(), nullable=True))
    op.create_foreign_key(None, 'agency', 'agency', ['parent'], ['code'])
    op.add_column('procedure_version', sa.Column('checked_by', sa.Integer(), nullable=True))
    op.add_column('procedure_version', sa.Column('approved_by', sa.Integer(), nullable=True))
    op.create_foreign_key(None, 'procedure_version', 'person', ['checked_by'], ['id'])
    op.create_foreign_key(None, 'procedure_version', 'person', ['approved_by'], ['id'])
    _vocabulary("work_item", "duty", ("step", "resolve", "consult"))
    _vocabulary("clock", "kind", ("dossier", "step", "handoff", "consultation", "obligation"))
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "procedures.sql").read_text(encoding="utf-8"))


def _vocabulary(table: str, column: str, words: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{word}'" for word in words)
    op.drop_constraint(f"{table}_{column}_known", table)
    op.create_check_constraint(f"{table}_{column}_known", table, sa.text(f"{column} in ({allowed})"))
