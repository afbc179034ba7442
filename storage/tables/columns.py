"""How a column is written, once: instants with zone, closed vocabularies, JSON, text arrays."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, DateTime, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field


def instant(*, required: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=not required, index=index))


def moment_now() -> Any:
    """For the database's own book-keeping (leases, sessions): its clock, not the business clock."""
    return Field(default=None, sa_column=Column(
        DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")))


def document(*, required: bool = True) -> Any:
    return Field(default=None, sa_column=Column(JSONB, nullable=not required))


def words(*, required: bool = True, unique: bool = False) -> Any:
    return Field(default=None, sa_column=Column(Text, nullable=not required, unique=unique))


def many_words() -> Any:
    return Field(default=None, sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))


def octets(*, required: bool = True, primary_key: bool = False) -> Any:
    return Field(default=None, sa_column=Column(LargeBinary, nullable=not required, primary_key=primary_key))


def one_of(column: str, vocabulary: type[StrEnum], table: str) -> CheckConstraint:
    allowed = ", ".join(f"'{member.value}'" for member in vocabulary)
    return CheckConstraint(f"{column} in ({allowed})", name=f"{table}_{column}_known")
