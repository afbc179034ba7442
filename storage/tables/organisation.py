"""Agencies, units, the people in them, what each may do there, and who is signed in."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from procedures.declaration import Role
from storage.tables.columns import instant, many_words, moment_now, octets, one_of, words


class Reach(StrEnum):
    """How work comes to an agency: it works here; at another installation (`peer_id`); it has no system of its own and
    gets a link by mail (`mail`), or a printed slip."""

    HERE = "here"
    PEER = "peer"
    MAIL = "mail"
    PAPER = "paper"


class Agency(SQLModel, table=True):
    """`code` is the canonical identifier (Decision 20/2020), `aliases` older spellings; `receives`: it has a desk.

    `parent`: the agency above it, whose bindings it inherits.
    """

    __table_args__ = (
        one_of("reach", Reach, "agency"),
        CheckConstraint("(reach = 'peer') = (peer_id is not null)", name="agency_peer_known"),
    )

    code: str = Field(primary_key=True)
    name_vi: str = words()
    name_en: str = words()
    level: str = words()
    receives: bool = False
    aliases: list[str] = many_words()
    parent: str | None = Field(default=None, foreign_key="agency.code")
    reach: str = Field(default="here", sa_column=Column(Text, nullable=False, server_default="here"))
    peer_id: int | None = Field(default=None, foreign_key="peer.id")
    mail: str | None = words(required=False)


class Unit(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("agency", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    agency: str = Field(foreign_key="agency.code")
    key: str = words()
    name_vi: str = words()
    name_en: str = words()


class Person(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    login: str = words(unique=True)
    name: str = words()
    password_hash: str = words()
    disabled_at: datetime | None = instant(required=False)


class Membership(SQLModel, table=True):
    """Secondment and delegation have dates (Decree 61/2018 art. 11).

    With `for_person_id` the person stands in for somebody absent, under `absence_id`; only for `procedures` if given.
    """

    __table_args__ = (
        Index("membership_own", "person_id", "unit_id", "role", "valid_from", unique=True,
              postgresql_where=text("for_person_id is null")),
        Index("membership_of_person", "person_id"),
        Index("membership_standing_in", "absence_id", postgresql_where=text("absence_id is not null")),
        one_of("role", Role, "membership"),
        Index("membership_of_unit", "unit_id", "role"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    unit_id: int = Field(foreign_key="unit.id")
    role: str = words()
    valid_from: date
    valid_to: date | None = None
    for_person_id: int | None = Field(default=None, foreign_key="person.id")
    absence_id: int | None = Field(default=None, foreign_key="absence.id")
    procedures: list[str] = many_words()


class Binding(SQLModel, table=True):
    """A function named by procedures (a party) and the unit that fills it, for one receiving agency or for all."""

    __table_args__ = (
        Index("binding_once", "party", text("coalesce(receiving_agency, '')"), "valid_from", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    party: str = words()
    receiving_agency: str | None = Field(default=None, foreign_key="agency.code")
    unit_id: int = Field(foreign_key="unit.id")
    valid_from: date
    valid_to: date | None = None


class Session(SQLModel, table=True):
    """Only the SHA-256 of the token is kept; ending a session is deleting its row."""

    token_hash: bytes = octets(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    form_key: str = words()
    language: str = Field(default="vi", max_length=2)
    created_at: datetime = moment_now()
    seen_at: datetime = moment_now()
    expires_at: datetime = instant()
