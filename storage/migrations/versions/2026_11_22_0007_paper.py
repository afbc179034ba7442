"""Paper: routes, bags and seals, every change of custody, transfers that wait for their receiver."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
STATES = "'held', 'carried', 'missing', 'posted', 'handed_over'"
NOW = sa.DateTime(timezone=True)


def upgrade() -> None:
    _papers()
    _routes_and_bags()
    connection = op.get_bind().connection.driver_connection
    assert connection is not None
    connection.execute((SQL / "paper.sql").read_text(encoding="utf-8"))


def _papers() -> None:
    op.add_column("paper", sa.Column("carrier", sa.Text(), nullable=True))
    op.create_check_constraint("paper_carried_by_somebody", "paper", "state <> 'carried' or person_id is not null")
    op.create_table('custody',
    sa.Column('barcode', sa.String(), nullable=False),
    sa.Column('no', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('carrier', sa.Text(), nullable=True),
    sa.Column('from_unit_id', sa.Integer(), nullable=True),
    sa.Column('from_person_id', sa.Integer(), nullable=True),
    sa.Column('since', NOW, nullable=False),
    sa.CheckConstraint(f"state in ({STATES})", name='custody_state_known'),
    sa.ForeignKeyConstraint(['barcode'], ['paper.barcode'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['from_person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('barcode', 'no')
    )
    op.create_index('ix_custody_dossier_id', 'custody', ['dossier_id'], unique=False)
    op.create_table('transfer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('barcode', sa.String(), nullable=False),
    sa.Column('dossier_id', sa.BigInteger(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('from_person_id', sa.Integer(), nullable=False),
    sa.Column('to_unit_id', sa.Integer(), nullable=False),
    sa.Column('to_person_id', sa.Integer(), nullable=True),
    sa.Column('offered_at', NOW, nullable=False),
    sa.Column('due_at', NOW, nullable=False),
    sa.Column('rung_at', NOW, nullable=True),
    sa.Column('settled_at', NOW, nullable=True),
    sa.Column('settled_by', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.CheckConstraint("outcome in ('confirmed', 'declined', 'overtaken')", name='transfer_outcome_known'),
    sa.CheckConstraint('(settled_at is null) = (outcome is null)', name='transfer_settled_somehow'),
    sa.ForeignKeyConstraint(['barcode'], ['paper.barcode'], ),
    sa.ForeignKeyConstraint(['dossier_id'], ['dossier.id'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['from_person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['to_person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_transfer_dossier_id', 'transfer', ['dossier_id'], unique=False)
    waits = sa.text('settled_at is null')
    op.create_index('transfer_open', 'transfer', ['barcode'], unique=True, postgresql_where=waits)
    op.create_index('transfer_given', 'transfer', ['from_unit_id'], unique=False, postgresql_where=waits)
    op.create_index('transfer_awaited', 'transfer', ['to_unit_id'], unique=False, postgresql_where=waits)
    op.create_index('transfer_due', 'transfer', ['due_at'], unique=False,
                    postgresql_where=sa.text('settled_at is null and rung_at is null'))


def _routes_and_bags() -> None:
    op.create_table('courier_route',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('stops', ARRAY(sa.Integer()), nullable=False),
    sa.Column('departures', ARRAY(sa.Time()), nullable=False),
    sa.Column('retired_at', NOW, nullable=True),
    sa.CheckConstraint("cardinality(departures) between 1 and 9", name='courier_route_departs'),
    sa.PrimaryKeyConstraint('id')
    )
    op.execute("insert into courier_route (name_vi, name_en, stops, departures) values ('Tuyến chung', "
               "'General route', '{}', '{08:30, 10:30, 14:00, 16:00}')")
    op.add_column("courier_run", sa.Column("route_id", sa.Integer(), sa.ForeignKey("courier_route.id"),
                                           server_default=sa.text("1"), nullable=False))
    op.add_column("courier_run", sa.Column("confirm_by", NOW, nullable=True))
    op.add_column("courier_run", sa.Column("confirm_by_unit", JSONB(), nullable=True))
    op.execute("update courier_run set confirm_by = arrived_at where arrived_at is not null")
    op.drop_constraint("courier_run_day_no_key", "courier_run")
    op.create_unique_constraint(None, "courier_run", ["route_id", "day", "no"])
    op.create_table('bag',
    sa.Column('id', sa.BigInteger(), autoincrement=True, nullable=False),
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('from_unit_id', sa.Integer(), nullable=False),
    sa.Column('to_unit_id', sa.Integer(), nullable=False),
    sa.Column('seal', sa.Text(), nullable=False),
    sa.Column('sealed_at', NOW, nullable=False),
    sa.Column('sealed_by', sa.Integer(), nullable=False),
    sa.Column('opened_at', NOW, nullable=True),
    sa.Column('opened_by', sa.Integer(), nullable=True),
    sa.Column('seal_found', sa.Text(), nullable=True),
    sa.Column('intact', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['run_id'], ['courier_run.id'], ),
    sa.ForeignKeyConstraint(['from_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['to_unit_id'], ['unit.id'], ),
    sa.ForeignKeyConstraint(['sealed_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['opened_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('seal')
    )
    op.create_index('bag_of_run', 'bag', ['run_id'], unique=False)
    op.add_column("courier_load", sa.Column("bag_id", sa.BigInteger(), sa.ForeignKey("bag.id"), nullable=True))
    op.create_index('courier_load_sent', 'courier_load', ['from_unit_id'], unique=False,
                    postgresql_where=sa.text('confirmed_at is null and taken_at is not null'))
    op.create_index('ix_courier_load_bag_id', 'courier_load', ['bag_id'], unique=False)
    op.alter_column("incident", "dossier_id", nullable=True)
    op.add_column("incident", sa.Column("bag_id", sa.BigInteger(), sa.ForeignKey("bag.id"), nullable=True))
    op.add_column("incident", sa.Column("closed_why", sa.Text(), nullable=True))
    op.create_index('incident_about', 'incident', ['detail'], unique=False,
                    postgresql_where=sa.text('closed_at is null'))
