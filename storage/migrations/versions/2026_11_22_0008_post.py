"""Post: papers taken in by post, results sent by post with proof, money paid out at home."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    op.create_table('post_batch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('worker', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id']),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('post_batch_of_unit', 'post_batch', ['unit_id', sa.text('opened_at desc')], unique=False)
    op.create_table('post_intake',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('worker', sa.Text(), nullable=False),
    sa.Column('receiver', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('signed_by', sa.Integer(), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id']),
    sa.ForeignKeyConstraint(['signed_by'], ['person.id']),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('post_intake_of_unit', 'post_intake', ['unit_id', sa.text('opened_at desc')], unique=False)
    op.create_table('payout_list',
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('passed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('passed_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['agency'], ['agency.code']),
    sa.ForeignKeyConstraint(['passed_by'], ['person.id']),
    sa.PrimaryKeyConstraint('agency', 'month')
    )
    op.create_table('payout',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('beneficiary', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('first_month', sa.Date(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('visits', sa.Integer(), nullable=False),
    sa.Column('ordered_by', sa.Integer(), nullable=False),
    sa.Column('ordered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.CheckConstraint("way in ('home', 'transfer', 'counter')", name='payout_way_known'),
    sa.CheckConstraint('amount > 0', name='payout_amount_positive'),
    sa.ForeignKeyConstraint(['agency'], ['agency.code']),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id']),
    sa.ForeignKeyConstraint(['ordered_by'], ['person.id']),
    sa.PrimaryKeyConstraint('dossier_id', 'no'),
    sa.UniqueConstraint('dossier_id', 'purpose')
    )
    op.create_index('payout_of_month', 'payout', ['month'], unique=False)
    op.create_table('post_intake_line',
    sa.Column('intake_id', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('slip', sa.Text(), nullable=False),
    sa.Column('sender', sa.Text(), nullable=False),
    sa.Column('procedure', sa.Text(), nullable=False),
    sa.Column('completes', sa.Text(), nullable=True),
    sa.Column('papers', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('also', sa.Text(), nullable=False),
    sa.Column('complete', sa.Boolean(), nullable=False),
    sa.Column('lacking', sa.Text(), nullable=False),
    sa.Column('fee', sa.BigInteger(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("complete or lacking <> ''", name='post_intake_line_lacks_something'),
    sa.CheckConstraint('fee >= 0', name='post_intake_line_fee_not_negative'),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id']),
    sa.ForeignKeyConstraint(['intake_id'], ['post_intake.id']),
    sa.PrimaryKeyConstraint('intake_id', 'no'),
    sa.UniqueConstraint('slip')
    )
    op.create_index('post_intake_line_of_dossier', 'post_intake_line', ['dossier_id'], unique=False)
    op.create_table('payout_visit',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('payout_no', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('agency', sa.String(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('officers', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('receipt', sa.Text(), nullable=False),
    sa.Column('proof', sa.Text(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['agency'], ['agency.code']),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id']),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id']),
    sa.CheckConstraint("(receipt <> '') <> (why <> '')", name='payout_visit_paid_or_why_not'),
    sa.PrimaryKeyConstraint('dossier_id', 'payout_no', 'no')
    )
    op.create_index('payout_paid_once', 'payout_visit', ['dossier_id', 'payout_no'], unique=True, postgresql_where=sa.text("receipt <> ''"))
    op.create_index('payout_visit_of_month', 'payout_visit', ['month'], unique=False)
    op.create_table('posting',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('slip', sa.Text(), nullable=False),
    sa.Column('carrier', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('batch_id', sa.Integer(), nullable=True),
    sa.Column('recipient', sa.Text(), nullable=False),
    sa.Column('originals', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('fee', sa.BigInteger(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_by', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('delivered_on', sa.Date(), nullable=True),
    sa.Column('received_by', sa.Text(), nullable=False),
    sa.Column('proof', sa.Text(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('sent', 'returning', 'lost', 'delivered', 'came_back')", name='posting_state_known'),
    sa.CheckConstraint("(state in ('delivered', 'came_back')) = (ended_at is not null)", name='posting_ended'),
    sa.CheckConstraint('fee >= 0', name='posting_fee_not_negative'),
    sa.ForeignKeyConstraint(['batch_id'], ['post_batch.id']),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id']),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id']),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id']),
    sa.PrimaryKeyConstraint('dossier_id', 'no'),
    sa.UniqueConstraint('slip')
    )
    op.create_index('posting_came_back', 'posting', ['unit_id', 'ended_at'], unique=False, postgresql_where=sa.text("state = 'came_back'"))
    op.create_index('posting_of_batch', 'posting', ['batch_id'], unique=False)
    op.create_index('posting_open', 'posting', ['unit_id', 'sent_at'], unique=False, postgresql_where=sa.text('ended_at is null'))
    op.create_table('posting_attempt',
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('posting_no', sa.Integer(), nullable=False),
    sa.Column('no', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id']),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id']),
    sa.PrimaryKeyConstraint('dossier_id', 'posting_no', 'no')
    )
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "post.sql").read_text(encoding="utf-8"))
