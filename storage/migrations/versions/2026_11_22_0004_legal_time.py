"""Calendars as versions, clocks that know whose calendar counts, what legal time brings with it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
ROLES = ("receptionist", "officer", "head", "signer", "clerk", "returner", "courier", "manager", "administrator",
         "auditor")


def upgrade() -> None:
    op.create_table('heartbeat',
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('who', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('job')
    )
    op.create_table('sweep',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('rang', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('lag', sa.Integer(), nullable=False),
    sa.Column('kinds', JSONB(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('sweep_newest', 'sweep', [sa.literal_column('ended_at desc')], unique=False)
    op.create_table('calendar_draft',
    sa.Column('scope', sa.String(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('base_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('scope')
    )
    op.create_table('calendar_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('scope', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('entered_by', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['entered_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('scope', 'number')
    )
    op.create_table('calendar_recompute',
    sa.Column('calendar_no', sa.Integer(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cursor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('bundle_cursor', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('considered', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('moved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('failed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['calendar_no'], ['calendar_version.id'], ),
    sa.PrimaryKeyConstraint('calendar_no')
    )
    op.create_index('calendar_recompute_open', 'calendar_recompute', ['calendar_no'], unique=False, postgresql_where=sa.text('finished_at is null'))
    op.create_table('calendar_left',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('calendar_no', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['calendar_no'], ['calendar_recompute.calendar_no'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'calendar_no')
    )
    op.create_table('apology',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('original_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('proposed_due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('new_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('issued_by', sa.Integer(), nullable=True),
    sa.Column('seq', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['issued_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_table('feedback',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('clock_no', sa.Integer(), nullable=False),
    sa.Column('received_by', sa.Integer(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer_seq', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind in ('complaint', 'petition', 'suggestion')", name='feedback_kind_known'),
    sa.CheckConstraint("outcome in ('accepted', 'refused')", name='feedback_outcome_known'),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['received_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_table('supplement_leave',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('given_by', sa.Integer(), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_seq', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['given_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('dossier_id', 'no')
    )
    op.create_index('apology_open', 'apology', ['original_due_at'], unique=False, postgresql_where=sa.text('issued_at is null'))
    op.create_index('feedback_open', 'feedback', ['due_at'], unique=False, postgresql_where=sa.text('answered_at is null'))
    op.create_table('judgement',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('end_kind', sa.Text(), nullable=False),
    sa.Column('due_original', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_judged', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_new', sa.DateTime(timezone=True), nullable=True),
    sa.Column('national', sa.Text(), nullable=False),
    sa.Column('local', sa.Text(), nullable=False),
    sa.Column('late_original', sa.Integer(), nullable=False),
    sa.Column('late_new', sa.Integer(), nullable=False),
    sa.Column('worked', sa.Integer(), nullable=False),
    sa.Column('allowed', sa.Integer(), nullable=True),
    sa.Column('grounds', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('supplements', sa.Integer(), nullable=False),
    sa.Column('extended', sa.Boolean(), nullable=False),
    sa.Column('calendar_no', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("end_kind in ('result', 'rejected', 'stopped', 'withdrawn')", name='judgement_end_kind_known'),
    sa.CheckConstraint("local in ('early', 'on_time', 'late', 'not_judged')", name='judgement_local_known'),
    sa.CheckConstraint("national in ('on_time', 'late', 'not_judged')", name='judgement_national_known'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.PrimaryKeyConstraint('dossier_id')
    )
    op.create_index('judgement_by_end', 'judgement', ['ended_at'], unique=False)
    op.add_column('clock', sa.Column('agency', sa.String(), nullable=True))
    op.add_column('clock', sa.Column('calendar_no', sa.Integer(), server_default=sa.text('1'), nullable=False))
    op.add_column('clock', sa.Column('expiry', sa.Text(), nullable=True))
    op.create_foreign_key(None, 'clock', 'agency', ['agency'], ['code'])
    op.create_index('clock_outliving', 'clock', ['dossier_id'], unique=False,
                    postgresql_where=sa.text("ended_at is null and kind in ('obligation', 'feedback')"))
    op.create_index('dossier_in_flight', 'dossier', ['id'], unique=False, postgresql_where=sa.text('closed_at is null'))
    op.add_column('notice', sa.Column('role', sa.Text(), nullable=True))
    op.add_column('notice', sa.Column('due_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('notice_moved_later', 'notice', ['at'], unique=False, postgresql_where=sa.text("kind = 'due_moved_later'"))
    op.add_column('timer', sa.Column('why', sa.Text(), nullable=True))
    op.create_index('timer_failing', 'timer', ['retry_at'], unique=False, postgresql_where=sa.text('attempts > 0'))
    op.alter_column('opinion', 'person_id', existing_type=sa.Integer(), nullable=True)
    _vocabulary("clock", "kind", ("dossier", "step", "handoff", "consultation", "obligation", "agency", "answer",
                                  "request", "feedback"))
    _vocabulary("clock", "expiry", ("remind", "escalate", "return", "tacit_yes", "tacit_no", "nothing"))
    _vocabulary("notice", "role", ROLES)
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    for name in ("legal_time.sql", "calendars.sql"):
        connection.execute((SQL / name).read_text(encoding="utf-8"))


def _vocabulary(table: str, column: str, words: tuple[str, ...]) -> None:
    allowed = ", ".join(f"'{word}'" for word in words)
    op.execute(f"alter table {table} drop constraint if exists {table}_{column}_known")
    op.create_check_constraint(f"{table}_{column}_known", table, sa.text(f"{column} in ({allowed})"))
