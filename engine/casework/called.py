"""What people here call another installation: its title; where nobody gave it one, by the agencies that work there."""

from __future__ import annotations

from collections.abc import Iterable

from procedures.declaration import Text
from storage import peers
from storage.peers import Called
from storage.session import Database


def called(db: Database, wanted: Iterable[int]) -> dict[int, Text]:
    """By the id of the installation; no query where there is none."""
    ids = sorted(set(wanted))
    return {row.id: _name(row) for row in peers.called(db, ids)} if ids else {}


def _name(row: Called) -> Text:
    if row.title != row.name:
        return Text(vi=row.title, en=row.title)
    if not row.agencies:
        return Text(vi=f"Hệ thống “{row.name}”", en=f"System “{row.name}”")
    if row.agencies == 1:
        return Text(vi=row.agency_vi, en=row.agency_en)
    more = row.agencies - 1
    return Text(vi=f"Hệ thống của {row.agency_vi} và {more} cơ quan khác",
                en=f"System of {row.agency_en} and {more} more {'agency' if more == 1 else 'agencies'}")
