"""What went wrong and is still open, by the unit that must see to it; and papers given that nobody confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.casework.telling import INCIDENTS
from engine.catalogue import Catalogue
from engine.desk import wire
from engine.desk.places import UnitRef, day_of, unit_ref
from engine.office import Office
from procedures.declaration import Text
from storage import custody as rows
from storage import linewatch
from storage.custody import Incident, Waiting
from storage.linewatch import Stuck

GONE_ON = Text(vi="Không còn dừng: ghi đã xử lý thế nào rồi khép sự việc.",
               en="It has gone on: write what was done and close the incident.")
LOST = "document_lost"


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentRow:
    """`own`: of a unit of the person, whose it is to do something about it.

    `code`: of the dossier, None for a bag. `detail`: the barcode or the seal, empty for a message that is parked,
    which `about` tells in words, and `needs` what is to be done; `way`: how it went (storage.linewatch), None when it
    has gone on; `asks`: the other side can be asked for it anew. `paper`: its kind; `reported_by`: None for what the
    system itself found.
    """

    id: UUID
    kind: str
    name: Text
    code: str | None
    detail: str
    owner: UnitRef
    run_id: int | None
    opened_at: datetime
    about: Text | None
    paper: str | None
    reported_by: UnitRef | None
    own: bool = True
    way: str | None = None
    needs: Text | None = None
    asks: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingRow:
    """`mine`: to be confirmed by the person; `late`: past the time for it; `carried`: by a courier, `bag_id`: in this
    sealed bag, which is to be opened.
    """

    barcode: str
    code: str
    giver: str
    sender: UnitRef
    receiver: UnitRef
    person: str | None
    offered_at: datetime
    due_at: datetime
    mine: bool
    late: bool
    carried: bool
    bag_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Troubles:
    incidents: list[IncidentRow]
    waiting: list[WaitingRow]


def troubles(office: Office, person: int, now: datetime) -> Troubles:
    """Of the person's own units, the oldest first; who audits reads the incidents of the others, too."""
    catalogue, today = office.fresh_catalogue(), day_of(now)
    found = rows.incidents(office.db, person, today)
    ids = [row.message for row in found if row.message is not None]
    stuck = {row.id: row for row in linewatch.stuck(office.db, ids)} if ids else {}
    return Troubles(incidents=[_incident(catalogue, row, stuck) for row in found],
                    waiting=[_waiting(catalogue, row, now) for row in rows.waiting(office.db, person, today)])


def how_many(office: Office, person: int, now: datetime) -> int:
    """Open incidents of the person's units, and papers not confirmed in time."""
    return rows.troubles(office.db, person, day_of(now), now)


def _incident(catalogue: Catalogue, row: Incident, stuck: Mapping[UUID, Stuck]) -> IncidentRow:
    """`stuck`: what of messages still does not go on."""
    name = INCIDENTS.get(row.kind, Text(vi=row.kind, en=row.kind))
    message = row.kind in rows.MESSAGES
    still = stuck.get(row.message) if row.message else None
    why = still.detail if still and still.why else row.detail
    return IncidentRow(id=row.id, kind=row.kind, name=name, code=row.code, detail="" if message else row.detail,
                       owner=unit_ref(catalogue, row.unit_id), run_id=row.run_id, opened_at=row.opened_at,
                       about=wire.parked(why) if message else None, paper=row.paper, own=row.own,
                       way=still.way if still else None, asks=bool(still and still.message and row.code),
                       needs=_needs(row.kind, still) if message else None,
                       reported_by=unit_ref(catalogue, row.reported_by) if row.reported_by is not None else None)


def _needs(kind: str, still: Stuck | None) -> Text:
    if kind == LOST:
        return wire.LOST
    return wire.needed(still.way, still.why) if still else GONE_ON


def _waiting(catalogue: Catalogue, row: Waiting, now: datetime) -> WaitingRow:
    return WaitingRow(barcode=row.barcode, code=row.code, giver=row.giver, person=row.receiver, mine=row.mine,
                      sender=unit_ref(catalogue, row.from_unit_id), receiver=unit_ref(catalogue, row.to_unit_id),
                      offered_at=row.offered_at, due_at=row.due_at, late=row.due_at <= now,
                      carried=row.carried, bag_id=row.bag_id)
