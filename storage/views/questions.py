"""What a hand-off gave work to do, and the record that tells what was asked with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from storage.session import Database
from storage.views.dossier import TIMELINE

_GIVEN = f"""
select w.state, w.opened_version, {TIMELINE} as timeline
from handoff h join dossier d on d.id = h.dossier_id
join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no
where h.id = %s and h.dossier_id = %s"""


@dataclass(slots=True)
class Given:
    """The place of the work a hand-off brought, the version of the dossier it was opened at, the whole record."""

    state: str
    opened_version: int
    timeline: list[dict[str, Any]]


def given(db: Database, dossier: int, handoff: str) -> Given | None:
    return db.one(Given, _GIVEN, (handoff, dossier))
