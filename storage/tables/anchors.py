"""Anchors of all audit heads, and where they are kept outside this database. Insert only, by privilege and trigger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from storage.tables.columns import instant, octets, words


class Anchor(SQLModel, table=True):
    """`sealed`: the signed bytes (docs/exchange.md), of which `root` (hex) is the Merkle root over all heads."""

    no: int = Field(primary_key=True)
    at: datetime = instant()
    root: str = words()
    heads: int
    sealed: bytes = octets()


class AnchoredHead(SQLModel, table=True):
    """The head a dossier had at an anchor, where it was another than at the anchor before.

    No foreign key: that a dossier is gone must be found, not prevented from being noted.
    """

    __tablename__ = "anchored_head"

    dossier_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    no: int = Field(primary_key=True, foreign_key="anchor.no")
    seq: int
    head: bytes = octets()


class AnchorPlace(SQLModel, table=True):
    """Where an anchor is kept besides: `store`, or the name of a peer, with its signed receipt."""

    __tablename__ = "anchor_place"

    no: int = Field(primary_key=True, foreign_key="anchor.no")
    place: str = Field(primary_key=True)
    at: datetime = instant()
    receipt: bytes | None = octets(required=False)


class AnchorCopy(SQLModel, table=True):
    """An anchor of another installation, kept for it for ever, with the receipt we signed."""

    __tablename__ = "anchor_copy"

    peer_id: int = Field(primary_key=True, foreign_key="peer.id")
    no: int = Field(primary_key=True)
    sealed: bytes = octets()
    receipt: bytes = octets()
    received_at: datetime = instant()
