"""Opens a dossier for what another installation masters: a successor with its one piece of work, or a shadow."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from engine import audit
from engine.casework import clocks, mirrors
from engine.casework.decision import Decision, Row, hexed, iso
from engine.casework.orders import Actor, Order
from engine.casework.receive import numbered, refuse_elsewhere
from engine.casework.words import fold
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.office import Office
from procedures.declaration import Channel, Role
from storage import dossiers
from storage.dossiers import Loaded
from storage.tables.casework import Mirror, ReturnWay

# The component of documents another installation sends: nobody fills them by hand.
RECEIVED = "received"
FETCHING = "đang tải về từ hệ thống của cơ quan gửi"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What the other installation says of its dossier; the members of docs/exchange.md. `key`: names the message.

    `documents`: as the message names them, with the id each has here (`local`). `received_at`: of a hand-off, as its
    receipt says, by our clock; `sent_at` by theirs.
    """

    peer_id: int
    thread: str
    unit: UnitInfo
    sender: UnitInfo
    by: Actor
    dossier: Row
    status: int
    status_name: Row
    due_at: datetime | None
    proof: Row
    key: str
    applied: Row
    handoff: UUID | None = None
    task: Row | None = None
    documents: tuple[Row, ...] = ()
    ended: bool = False
    sent_at: datetime | None = None
    received_at: datetime | None = None


def open_for(office: Office, told: Told, now: datetime) -> str:
    """The code of the successor (with a hand-off) or of the shadow; the message has its effect in the same act.

    Raises Refused where the unit's agency works elsewhere by now.
    """
    refuse_elsewhere(told.unit)
    catalogue = office.catalogue()  # the one its unit is from
    blank = _blank(told, catalogue, now)
    _decide(told, numbered(blank, 0, ""), catalogue, now)
    taken = dossiers.take_code(office.db, told.unit.agency, now.astimezone(ZONE).date().strftime("%y%m%d"))
    blank = numbered(blank, *taken)
    decision = _decide(told, blank, catalogue, now)
    dossiers.record_receipt(office.db, _receipt(told, decision, blank))
    return blank.code


def version_of_task(catalogue: Catalogue) -> int:
    """The newest version of the built-in procedure. Raises NotFound where it was never installed."""
    found = max((row for row in catalogue.versions if row.procedure == mirrors.TASK), key=lambda row: row.number,
                default=None)
    if found is None:
        raise NotFound(what=f"thủ tục “{mirrors.TASK}”", what_en=f"procedure “{mirrors.TASK}”")
    return found.id


def _blank(told: Told, catalogue: Catalogue, now: datetime) -> Loaded:
    coming = [promised(0, row, now) for row in told.documents]
    return Loaded(
        id=0, code="", version_id=version_of_task(catalogue), intake_unit_id=told.unit.id,
        intake_agency=told.unit.agency, channel=Channel.ONLINE.value, return_way=ReturnWay.ELECTRONIC.value, facts={},
        received_at=None, first_due_at=None, due_at=told.due_at, due_provisional=False, finished_at=None,
        closed_at=None, outcome=None, status=4 if told.handoff else told.status, history={}, supplements=0, version=0,
        item_no=0, clock_no=0, handoff_seq=0, audit_seq=0, audit_head=audit.GENESIS, states=[], items=[], done=[],
        clocks=[], handoffs=[], documents=coming, payments=[], papers=[], memberships=[], asked_before=None,
        replied_before=None, last_actor="", last_action="", last_at=now, revision=catalogue.revision,
        mirror=(Mirror.SUCCESSOR if told.handoff else Mirror.SHADOW).value)


def _decide(told: Told, blank: Loaded, catalogue: Catalogue, now: datetime) -> Decision:
    order = Order(code=blank.code, event="receive", actor=told.by, key=told.key)
    decision = Decision(blank, order, catalogue, catalogue.procedures[blank.version_id], now)
    decision.version = 1
    ended = told.handoff is None and told.ended
    decision.states = ("returned",) if ended else (mirrors.WORKING,)
    decision.enter(decision.states)
    if ended:
        decision.changes["closed_at"] = decision.at
    if told.handoff is not None:
        _hand_in(decision, told)
    decision.add("counterpart", {
        "dossier_id": blank.id, "peer_id": told.peer_id, "thread": told.thread,
        "handoff_id": str(told.handoff) if told.handoff else None,
        "task": {"dossier": told.dossier, "task": told.task, "by": told.by.name, "sender": told.sender.id},
        "status": told.status, "status_name": told.status_name, "due_at": iso(told.due_at),
        "ended_at": decision.stamp if ended else None, "changed_at": decision.stamp})
    _documents(decision, told)
    decision.add("applied", {**told.applied, "dossier_id": blank.id, "applied_at": decision.stamp})
    _enter(decision, told)
    return decision


def _hand_in(decision: Decision, told: Told) -> None:
    """The work of the addressed unit, which registers it, or not, as it does with every hand-off."""
    item = decision.open_item(state=mirrors.WORKING, unit=told.unit, role=Role.OFFICER, handoff_id=str(told.handoff))
    received = min(told.received_at or decision.at, decision.at)
    register_due = clocks.start_handoff(decision, item, received)
    # by when it is to be answered shows once it is registered
    item["due_at"] = iso(min(register_due, told.due_at or register_due))
    decision.handoff_seq += 1
    decision.add("handoff", {
        "id": str(told.handoff), "dossier_id": decision.loaded.id, "seq": decision.handoff_seq, "item_no": item["no"],
        "state": "delivered", "from_agency": told.sender.agency, "from_unit_id": told.sender.id,
        "from_role": Role.OFFICER, "to_agency": told.unit.agency, "to_unit_id": told.unit.id, "created_by": None,
        "created_at": iso(min(told.sent_at or received, received)), "delivered_at": iso(received),
        "register_due_at": iso(register_due)})
    decision.add("inbox", {"sender": told.sender.agency, "message_id": str(told.handoff), "seq": decision.handoff_seq,
                           "dossier_id": decision.loaded.id, "received_at": decision.stamp})


def _documents(decision: Decision, told: Told) -> None:
    for row in decision.loaded.documents:
        decision.add("document", row)
    expect(decision, told.peer_id, told.proof["message"], told.documents)


def promised(dossier: int, row: Row, at: datetime, component: str = RECEIVED) -> Row:
    """A document whose bytes are still to come, as its message names it, with the id it has here (`local`)."""
    return {"id": row["local"], "dossier_id": dossier, "component": component, "form": "electronic",
            "name": row["name"], "copies": None, "state": "promised", "reason": FETCHING, "sha256": None,
            "added_by": None, "added_at": iso(at)}


def expect(decision: Decision, peer_id: int, message: str, documents: tuple[Row, ...]) -> None:
    """They are pulled by their hash (`local`: the id each gets here)."""
    for row in documents:
        decision.add("pull", {
            "document_id": row["local"], "dossier_id": decision.loaded.id, "peer_id": peer_id, "message_id": message,
            "sha256": row["sha256"], "size": row["size"], "name": row["name"], "media_type": row["media_type"]})


def _enter(decision: Decision, told: Told) -> None:
    """The first entry."""
    key = decision.changes["commit_key"] = secrets.token_bytes(16)
    who = told.dossier["applicant"]
    written_down = "\n".join((who["name"], who["id_number"], "", "", who["address"]))
    details: dict[str, Any] = {
        "code": decision.loaded.code, "thread": told.thread, "procedure": mirrors.TASK, "version": decision.version,
        "version_id": decision.loaded.version_id, "channel": decision.loaded.channel, "proof": told.proof,
        "mirror": decision.loaded.mirror, "applicant": audit.commitment(key, written_down),
        **({"handoff": str(told.handoff)} if told.handoff else {})}
    decision.audit("receive", unit=told.sender, after=decision.states, details=details)


def _receipt(told: Told, decision: Decision, blank: Loaded) -> Row:
    """The argument of `record_receipt`. Telephone and mail stay with the desk that answers to the citizen."""
    who, payload = told.dossier["applicant"], decision.payload()
    payload["dossier"] |= {
        "code": blank.code, "version_id": blank.version_id, "intake_agency": blank.intake_agency,
        "intake_unit_id": blank.intake_unit_id, "channel": blank.channel, "return_way": blank.return_way,
        "subject": told.dossier["subject"], "facts": blank.facts, "submitted_at": decision.stamp,
        "mirror": blank.mirror}
    payload["applicant"] = {
        "dossier_id": blank.id, "name": who["name"], "id_number": who["id_number"], "phone": "", "email": "",
        "address": who["address"], "commit_key": hexed(decision.changes["commit_key"]),
        "search": fold(" ".join((blank.code, told.thread, who["name"], who["id_number"], told.dossier["subject"])))}
    bare = replace(decision.reply(), handoffs=())
    payload["request"] = {"actor_id": 0, "key": told.key, "reply": bare.to_json(),
                          "fingerprint": hexed(hashlib.sha256(told.key.encode()).digest())}
    return payload
