"""What belongs to a dossier: documents, papers, hand-offs, payments, opinions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from engine.casework.questions import asking, by_version, written
from engine.casework.successors import RECEIVED
from engine.casework.telling import ACTS, VERDICTS
from engine.catalogue import Catalogue
from engine.desk.places import UnitRef, standing, state_name, unit_ref
from engine.desk.story import document_name, why_back
from engine.states.mechanism import EVENT_NAMES
from engine.states.procedure import Procedure
from procedures.declaration import Text

Row = dict[str, Any]
People = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentRow:
    """`state`: promised (paper is in, scan is not), pending (safe here), stored, damaged. `current`: not replaced.

    `quality` is what the machine saw on the scan (storage.previews.brief); `reused`: taken from an earlier dossier.
    `came`: which agency sent what nobody here added. `original_returned`: the original that was shown for comparison
    goes back to the citizen.
    """

    id: UUID
    component: str
    component_name: Text
    name: str
    form: str
    state: str
    reason: str | None
    media_type: str | None
    size: int | None
    pages: int | None
    sha256: str | None
    added_by: str
    added_at: datetime
    current: bool
    quality: Row | None
    reused: bool
    copies: int = 1
    original_returned: bool = False
    came: Text | None = None

    @property
    def readable(self) -> bool:
        return self.state in ("pending", "stored")

    @property
    def title(self) -> Text:
        """Which paper it is: of what another installation sent only its name tells."""
        if self.component != RECEIVED or not self.name:
            return self.component_name
        stem = PurePath(self.name).stem
        return Text(vi=stem, en=stem)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunRef:
    id: int
    day: date
    no: int
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRow:
    """In whose hands a paper was from `since` on, and the act that put it there."""

    state: str
    holder: UnitRef
    person: str | None
    carrier: str | None
    since: datetime
    act: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRow:
    """`state`: held, carried, missing, posted, handed_over; `holder` is answerable, `bound_for` is where it must go.

    `carrier`: who has it outside. `offered_to`: who has yet to confirm it. `history`: the latest first.
    """

    barcode: str
    kind: str
    state: str
    holder: UnitRef
    person: str | None
    bound_for: UnitRef | None
    run: RunRef | None
    since: datetime
    carrier: str | None = None
    offered_to: UnitRef | None = None
    history: list[HeldRow] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoffView:
    """`words`: what was written with it, as whoever it went to reads it; empty where nothing was."""

    id: UUID
    seq: int
    state: str
    sender: UnitRef
    receiver: UnitRef
    created_by: str | None
    created_at: datetime
    register_due_at: datetime
    delivered_at: datetime | None
    registered_at: datetime | None
    registered_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    escalated_at: datetime | None
    # it came from another installation, not from here
    came: bool = False
    # the installation it went to or came from, the code it has there, and when it was asked back
    peer: Text | None = None
    their_code: str | None = None
    recall_asked_at: datetime | None = None
    # its answer slip may be printed or entered: the receiver has no system and the answer is awaited
    slip: bool = False
    # the state, and for a receiver without the system what really left here, and when
    standing: str = ""
    mailed_at: datetime | None = None
    # why it was refused, recalled or is asked back
    reason: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRow:
    no: int
    amount: int
    requested_at: datetime
    paid_at: datetime | None
    proof: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OpinionRow:
    """`tacit`: nobody answered in time, and the law says what that means."""

    state: str
    state_name: Text
    unit: UnitRef
    person: str
    verdict: str
    verdict_name: Text
    words: str
    at: datetime
    tacit: bool
    # the ids of what came with it from elsewhere
    documents: tuple[str, ...] = ()


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def documents(procedure: Procedure, rows: list[Row], people: People, came: Mapping[str, Text]) -> list[DocumentRow]:
    """`came`: what is told of who sent a document, by its id."""
    return [DocumentRow(
        id=UUID(row["id"]), component=row["component"], component_name=document_name(procedure, row["component"]),
        name=row["name"], form=row["form"], state=row["state"], reason=row["reason"], media_type=row["media_type"],
        size=row["size"], pages=row["pages"], sha256=row["sha256"], added_by=people.get(str(row["added_by"]), ""),
        added_at=datetime.fromisoformat(row["added_at"]), current=row["replaced_by"] is None,
        quality=row["quality"], reused=row["reused_from"] is not None, copies=row["copies"] or 1,
        original_returned=_goes_back(procedure, row), came=came.get(row["id"])) for row in rows]


def unscanned(procedure: Procedure, rows: list[Row]) -> list[Text]:
    """Papers there is no file of yet: whoever reads only what is electronic is told that they are there."""
    return [document_name(procedure, row["component"]) for row in rows
            if row["state"] == "promised" and not row["replaced_by"] and row["component"] != RECEIVED]


def _goes_back(procedure: Procedure, row: Row) -> bool:
    declared = procedure.declaration.documents.get(row["component"])
    return declared is not None and declared.original_returned and row["form"] == "original"


@dataclass(frozen=True, kw_only=True, slots=True)
class Travelled:
    """What else is known of a dossier's papers: the runs that carry them, every holder they had, open offers."""

    runs: Mapping[str, Row]
    custody: list[Row]
    transfers: list[Row]


def papers(catalogue: Catalogue, rows: list[Row], people: People, travelled: Travelled) -> list[PaperRow]:
    offered = {row["barcode"]: unit_ref(catalogue, row["to_unit_id"]) for row in travelled.transfers}
    return [PaperRow(
        barcode=row["barcode"], kind=row["kind"], state=row["state"], holder=unit_ref(catalogue, row["unit_id"]),
        person=people.get(str(row["person_id"])), since=datetime.fromisoformat(row["since"]),
        bound_for=unit_ref(catalogue, row["bound_for_unit_id"]) if row["bound_for_unit_id"] else None,
        run=_run(row["run_id"], travelled.runs), carrier=row["carrier"], offered_to=offered.get(row["barcode"]),
        history=[_held(catalogue, line, people) for line in travelled.custody if line["barcode"] == row["barcode"]])
        for row in sorted(rows, key=lambda row: str(row["barcode"]))]


def _held(catalogue: Catalogue, row: Row, people: People) -> HeldRow:
    action = row["action"] or ""
    return HeldRow(state=row["state"], holder=unit_ref(catalogue, row["unit_id"]),
                   person=people.get(str(row["person_id"])), carrier=row["carrier"],
                   since=datetime.fromisoformat(row["since"]),
                   act=ACTS.get(action) or EVENT_NAMES.get(action) or Text(vi=action, en=action))


def _run(run_id: int | None, runs: Mapping[str, Row]) -> RunRef | None:
    row = runs.get(str(run_id))
    return RunRef(id=run_id, day=date.fromisoformat(row["day"]), no=row["no"], state=row["state"]) \
        if row and run_id is not None else None


def handoffs(catalogue: Catalogue, rows: list[Row], people: People, peers: Mapping[int, Text],
             spoke: Mapping[int, str], timeline: list[Row]) -> list[HandoffView]:
    """`peers`: installations by id; `spoke`: who said it, by the number of the entry, of what was said elsewhere;
    `timeline`: rows of the record.
    """
    reasons, acts = why_back(timeline), by_version(timeline)
    return [HandoffView(
        id=UUID(row["id"]), seq=row["seq"], state=row["state"], sender=unit_ref(catalogue, row["from_unit_id"]),
        receiver=unit_ref(catalogue, row["to_unit_id"]), created_by=people.get(str(row["created_by"])),
        created_at=datetime.fromisoformat(row["created_at"]),
        register_due_at=datetime.fromisoformat(row["register_due_at"]), delivered_at=instant(row["delivered_at"]),
        registered_at=instant(row["registered_at"]),
        registered_by=people.get(str(row["registered_by"]), spoke.get(row["close_seq"])),
        closed_at=instant(row["closed_at"]), closed_by=people.get(str(row["closed_by"]), spoke.get(row["close_seq"])),
        escalated_at=instant(row["escalated_at"]), peer=_peer(catalogue, row, peers),
        came=catalogue.units[row["from_unit_id"]].peer is not None, their_code=row["their_code"],
        recall_asked_at=instant(row["recall_asked_at"]), slip=_by_slip(catalogue, row),
        standing=standing_of(catalogue, row), mailed_at=instant(row["mailed_at"]),
        reason=_why(row, reasons), words=written(asking(acts, row["place"], row["opened_version"])))
        for row in sorted(rows, key=lambda row: int(row["seq"]))]


def _why(row: Row, reasons: Mapping[str, str]) -> str:
    """What was asked back and kept all the same has nothing to explain."""
    explained = row["state"] in ("refused", "recalled") or row["recall_asked_at"] is not None
    return reasons.get(row["id"], "") if explained else ""


def standing_of(catalogue: Catalogue, row: Row) -> str:
    reach = catalogue.units[row["to_unit_id"]].reach
    return standing(row["state"], reach, row["way"], (row["mailed_at"], row["mail_parked_at"]))


def _by_slip(catalogue: Catalogue, row: Row) -> bool:
    waits = row["state"] in ("pending", "delivered", "registered")
    return waits and catalogue.units[row["to_unit_id"]].reach in ("mail", "paper")


def _peer(catalogue: Catalogue, row: Row, peers: Mapping[int, Text]) -> Text | None:
    """Where it went, or came from, wherever the agency works by now."""
    if row["went_to"] is not None:
        return peers.get(row["went_to"])
    ends = (catalogue.units[row["to_unit_id"]], catalogue.units[row["from_unit_id"]])
    return next((title for unit in ends if unit.peer and (title := peers.get(unit.peer))), None)


def payments(rows: list[Row]) -> list[PaymentRow]:
    return [PaymentRow(no=row["no"], amount=row["amount"], requested_at=datetime.fromisoformat(row["requested_at"]),
                       paid_at=instant(row["paid_at"]), proof=row["proof"])
            for row in sorted(rows, key=lambda row: int(row["no"]))]


def opinions(catalogue: Catalogue, in_force: Mapping[int, Procedure], rows: list[Row], people: People,
             spoken: Mapping[int, Mapping[str, str]], spoke: Mapping[int, str],
             enclosed: Mapping[int, tuple[str, ...]]) -> list[OpinionRow]:
    """`in_force`, `spoken`, `spoke`, `enclosed`: the version, the words, who said it elsewhere, the documents that came
    with it, by the number of the entry.
    """
    return [OpinionRow(
        state=row["state"], state_name=state_name(in_force[row["seq"]], row["state"]),
        unit=unit_ref(catalogue, row["unit_id"]), verdict=row["verdict"],
        person=people.get(str(row["person_id"]), spoke.get(row["seq"], "")),
        verdict_name=VERDICTS.get(row["verdict"], Text(vi=row["verdict"], en=row["verdict"])),
        words=spoken.get(row["seq"], {}).get("words", ""), at=datetime.fromisoformat(row["at"]),
        tacit=row["person_id"] is None and row["seq"] not in spoke,
        documents=enclosed.get(row["seq"], ())) for row in rows]
