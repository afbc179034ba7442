"""What proves the rest: the audit chain, remembered requests, numbers given out, events outside dossiers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables.casework import of_dossier
from storage.tables.columns import document, instant, many_words, moment_now, octets, words


class Audit(SQLModel, table=True):
    """One chain a dossier: `hash` covers every column here and `prev`. Insert only, by privilege and by trigger."""

    __table_args__ = (UniqueConstraint("dossier_id", "prev"), Index("audit_by_actor", "actor_id", text("at desc")))

    dossier_id: int = of_dossier(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = instant()
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    actor_name: str = words()
    unit_id: int | None = Field(default=None, foreign_key="unit.id")
    unit_name: str = words()
    action: str = words()
    from_states: list[str] = many_words()
    to_states: list[str] = many_words()
    details: str = words()
    prev: bytes = octets()
    hash: bytes = octets()


class Idempotency(SQLModel, table=True):
    """`fingerprint` is the SHA-256 of the request; the reply is given again, byte for byte."""

    __table_args__ = (Index("idempotency_age", "at"),)

    actor_id: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: bytes = octets()
    reply: str = words()
    at: datetime = moment_now()


class NumberSeries(SQLModel, table=True):
    """The last number given out; the row lock makes it safe with many writers."""

    __tablename__ = "number_series"

    agency: str = Field(primary_key=True)
    series: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    last: int


class EventLog(SQLModel, table=True):
    """What happens outside any dossier: sign-in, sign-out, strangers turned away. Insert only."""

    __tablename__ = "event_log"
    __table_args__ = (
        Index("event_log_sign_in_login", text("(details->>'login')"), "kind", "at",
              postgresql_where=text("kind in ('signed_in', 'sign_in_failed')")),
        Index("event_log_sign_in_address", text("(details->>'address')"), "kind", "at",
              postgresql_where=text("kind in ('signed_in', 'sign_in_failed')")),
        Index("event_log_link_refused", text("(details->>'address')"), "at",
              postgresql_where=text("kind = 'link_refused'")),
        Index("event_log_of_anchors", "id",
              postgresql_where=text("kind in ('anchors_late', 'anchors_kept_again', 'anchor_of_peer_refused')")),
        Index("event_log_of_shadows", text("(details->>'peer')"), "at",
              postgresql_where=text("kind = 'shadows_refused'")),
        Index("event_log_of_draft", text("(details->>'draft')"), "id", postgresql_where=text("kind = 'draft_changed'")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigInteger, primary_key=True, autoincrement=True))
    at: datetime = instant()
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    kind: str = words()
    details: dict[str, Any] = document()
