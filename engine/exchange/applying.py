"""What a message of another installation does here: one act of the dossier, in the name of who speaks, exactly once.

The row `applied` is written with the act, so the effect and its being over are one transaction. What can have no
effect any more is recorded all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

import psycopg

from engine.casework import further, mirrors, outside, successors
from engine.casework.act import transact
from engine.casework.called import called
from engine.casework.decision import Decision, iso
from engine.casework.orders import Actor, Order
from engine.casework.outside import Decide, Said, Voice
from engine.casework.successors import RECEIVED, Told
from engine.casework.telling import STATUSES
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Conflict, NotFound
from engine.exchange import contents
from engine.exchange.lanes import NotYet
from engine.office import Office
from storage import dossiers, threads
from storage.dossiers import Loaded

Row = dict[str, Any]
# The row of the message says that it was applied before (sql/exchange.sql).
APPLIED_BEFORE = "LT410"
# Of an act in our own words; the national number is the same everywhere.
IN_PROGRESS = 4
SYSTEM = "Hệ thống"


class HandoffKnown(Conflict):
    """Of ours, or of another peer: it stays as it is."""

    code = "handoff_known"
    vi = "Đã có phiếu chuyển mang mã này."
    en = "There is a hand-off of this id already."


class Arrived(Protocol):
    peer_id: int
    message_id: UUID
    thread: str
    kind: str
    sha256: str
    received_at: datetime


def apply(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    """`body`: of the envelope, whose signature and ends were checked when it came.

    Raises NotYet while documents it needs are still to be pulled; a LienThongError when it cannot have its effect.
    """
    contents.check(arrived.kind, body["content"])
    try:
        _EFFECT[arrived.kind](office, arrived, body, now)
    except psycopg.DatabaseError as error:
        if error.sqlstate != APPLIED_BEFORE:
            raise


# To us as those who work for a dossier of theirs.


def _handoff(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    content = body["content"]
    if threads.taken(office.db, arrived.peer_id, arrived.thread, content["handoff"]):
        raise HandoffKnown
    status = STATUSES[IN_PROGRESS]
    successors.open_for(office, _told(
        office, arrived, body, content["dossier"], by=_actor(content["by"]), handoff=UUID(content["handoff"]),
        task=content["task"], due_at=_instant(content["task"]["due_at"]), status=IN_PROGRESS,
        status_name={"vi": status.vi, "en": status.en}, sent_at=_instant(body["created_at"]),
        received_at=arrived.received_at, documents=tuple(
            {**row, "local": str(_local(arrived, row["id"]))} for row in body["documents"])), now)


def _told(office: Office, arrived: Arrived, body: Row, dossier: Row, **more: Any) -> Told:
    catalogue = office.fresh_catalogue()
    return Told(peer_id=arrived.peer_id, thread=arrived.thread, unit=_unit(catalogue, body["receiver"]),
                sender=_unit(catalogue, body["sender"]), dossier=dossier, proof=_proof(arrived, body),
                key=f"exchange.{arrived.peer_id}.{arrived.message_id}", applied=_applied(arrived), **more)


def _recall(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    content = body["content"]
    registered = threads.registered(office.db, content["handoff"])
    _act(office, arrived, _successor(office, arrived, content["handoff"]), "recalled", _actor(content["by"]),
         mirrors.recall(content, _proof(arrived, body), registered), now)


def _withdrawn(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    content = body["content"]
    _act(office, arrived, _successor(office, arrived, content["handoff"]), "withdrawn_elsewhere",
         _installation(office, arrived), mirrors.withdrawn(content, _proof(arrived, body)), now)


def _more_documents(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    """Bytes that the dossier has, or already waits for, are not asked for again."""
    content = body["content"]
    code = _successor(office, arrived, content["handoff"])
    known = threads.hashes(office.db, code)
    fresh = {row["sha256"]: {**row, "local": str(_local(arrived, row["id"]))}
             for row in body["documents"] if row["sha256"] not in known}
    _act(office, arrived, code, "documents_came", _actor(content["by"]),
         further.came(content, list(fresh.values()), _proof(arrived, body), arrived.peer_id), now)


def _progress(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    """Every successor of the thread shows it; where there is none, a shadow."""
    content, due_at = body["content"], _instant(body["content"]["due_at"])
    codes = threads.mirrored(office.db, arrived.peer_id, arrived.thread)
    if not codes:
        successors.open_for(office, _told(
            office, arrived, body, content["dossier"], by=_installation(office, arrived), due_at=due_at,
            status=content["status"], status_name=content["status_name"], ended=content["ended"]), now)
        return
    decide = mirrors.progress(content, due_at, _proof(arrived, body))
    for code in codes[:-1]:
        # once, also when it is told again after a crash; the last act ends the message
        transact(office, Order(code=code, event="progress", actor=_installation(office, arrived),
                               key=f"exchange.{arrived.message_id}.{code}"), decide, now)
    _act(office, arrived, codes[-1], "progress", _installation(office, arrived), decide, now)


# To us as the master of the dossier.


def _registered(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    content = body["content"]
    _heard(office, arrived, body, "register", outside.register(
        _voice(office, arrived, body), content["handoff"], content["code"]), now)


def _refused(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    content = body["content"]
    _heard(office, arrived, body, "refuse_handoff", outside.refuse(
        _voice(office, arrived, body), content["handoff"], content["reason"]), now)


def _recalled(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    voice = _voice(office, arrived, body)
    _heard(office, arrived, body, "recalled", outside.recalled(voice, body["content"]["handoff"]), now)


def _kept(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    voice = _voice(office, arrived, body)
    _heard(office, arrived, body, "recall_kept", outside.kept(voice, body["content"]["handoff"]), now)


def _answered(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    """Only when its documents are here: what rests on them must not stand without them."""
    content = body["content"]
    voice, handoff = _voice(office, arrived, body), content["handoff"]
    code = _ours(office, arrived, handoff)
    if body["documents"] and _still_out(office, code, handoff):
        _fetch(office, arrived, body, code, voice, now)
    said = Said(event=content["event"], verdict=content["verdict"], words=content["words"], reason=content["reason"])
    _heard(office, arrived, body, content["event"], outside.answer(voice, handoff, said), now)


def _fetch(office: Office, arrived: Arrived, body: Row, code: str, voice: Voice, now: datetime) -> None:
    """Raises NotYet until all are here; asks for them the first time."""
    wanted = {_local(arrived, row["id"]): row for row in body["documents"]}
    known = threads.document_states(office.db, list(wanted))
    if set(known) != set(wanted):
        transact(office, outside.order(code, "expect_documents", voice), _expect(arrived, body, voice, wanted), now)
        raise NotYet
    if "promised" in known.values():
        raise NotYet


def _expect(arrived: Arrived, body: Row, voice: Voice, wanted: dict[UUID, Row]) -> Decide:
    """The documents an answer brings, promised: linked when they have come and were checked."""
    coming = tuple({**row, "local": str(local)} for local, row in wanted.items())

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        item = next(row for row in [*loaded.items, *loaded.consulted]
                    if row["handoff_id"] == body["content"]["handoff"])
        decision.raise_version()
        for row in coming:
            result = outside.component_here(decision, item, row["component"]) == "result"
            decision.add("document", successors.promised(
                loaded.id, row, decision.at, "result" if result else RECEIVED))
        successors.expect(decision, arrived.peer_id, str(arrived.message_id), coming)
        decision.audit("expect_documents", unit=catalogue.units[item["unit_id"]], details={
            "version": decision.version, "documents": sorted(row["local"] for row in coming), "proof": voice.proof})
        return decision

    return decide


def _resend_wanted(office: Office, arrived: Arrived, body: Row, now: datetime) -> None:
    """A person there asks for something anew: the sending unit sees it on the dossier."""
    content = body["content"]
    code = threads.told_by(office.db, arrived.peer_id, content["message"])
    if code is None:
        raise NotFound(what="thông điệp này", what_en="that message")
    proof = _proof(arrived, body)

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        about = next((row for row in loaded.handoffs if row["id"] == content["message"]), None)
        unit = about["from_unit_id"] if about else loaded.intake_unit_id
        decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "resend_wanted", "unit_id": unit,
                                "about": decision.stamp, "at": decision.stamp})
        decision.audit("resend_wanted", unit=None, spoken={"reason": content["reason"]},
                       details={"message": content["message"], "proof": proof})
        return decision

    _act(office, arrived, code, "resend_wanted", _actor(content["by"]), decide, now)


# What all of them do.


def _heard(office: Office, arrived: Arrived, body: Row, event: str, decide: Decide, now: datetime) -> None:
    """Of a hand-off that is over, whatever they say is recorded and nothing else."""
    handoff, proof = body["content"]["handoff"], _proof(arrived, body)
    code = _ours(office, arrived, handoff)

    def while_out(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if outside.is_out(loaded, handoff):
            return decide(loaded, order, catalogue, now)
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        return mirrors.without_effect(decision, {**proof, "kind": arrived.kind})

    _transact(office, arrived, outside.order(code, event, _voice(office, arrived, body)), while_out, now)


def _act(office: Office, arrived: Arrived, code: str, event: str, actor: Actor, decide: Decide, now: datetime) -> None:
    _transact(office, arrived, Order(code=code, event=event, actor=actor), decide, now)


def _transact(office: Office, arrived: Arrived, order: Order, decide: Decide, now: datetime) -> None:
    def once(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = decide(loaded, order, catalogue, now)
        decision.add("applied", {**_applied(arrived), "dossier_id": loaded.id, "applied_at": iso(now)})
        return decision

    transact(office, order, once, now)


def _applied(arrived: Arrived) -> Row:
    return {"peer_id": arrived.peer_id, "message_id": str(arrived.message_id)}


def _ours(office: Office, arrived: Arrived, handoff: str) -> str:
    """The dossier whose hand-off went to that peer, in this thread. Raises NotFound."""
    return _found(threads.handed_out(office.db, arrived.peer_id, arrived.thread, handoff), handoff)


def _successor(office: Office, arrived: Arrived, handoff: str) -> str:
    return _found(threads.successor(office.db, arrived.peer_id, arrived.thread, handoff), handoff)


def _found(code: str | None, handoff: str) -> str:
    if code is None:
        raise NotFound(what=f"phiếu chuyển {handoff}", what_en=f"the hand-off {handoff}")
    return code


def _still_out(office: Office, code: str, handoff: str) -> bool:
    loaded = dossiers.read(office.db, code)
    return loaded is not None and outside.is_out(loaded, handoff)


def _local(arrived: Arrived, document: str) -> UUID:
    """Their id of a document may be one of ours: what went out comes back."""
    return uuid5(arrived.message_id, document)


def _unit(catalogue: Catalogue, place: Row) -> UnitInfo:
    found = catalogue.unit_at(place["agency"], place["unit"])
    if found is None:
        raise NotFound(what=f"đơn vị {place['agency']}/{place['unit']}",
                       what_en=f"the unit {place['agency']}/{place['unit']}")
    return found


def _proof(arrived: Arrived, body: Row) -> Row:
    return {"peer": body["sender"]["installation"], "message": str(arrived.message_id), "envelope": arrived.sha256}


def _voice(office: Office, arrived: Arrived, body: Row) -> Voice:
    by = body["content"].get("by") or {"name": "", "unit": {"vi": "", "en": ""}}
    name = by["name"] or _installation(office, arrived).name
    return Voice(name=name, where=by["unit"]["vi"][:outside.LONGEST_NAME],
                 proof=_proof(arrived, body))


def _actor(by: Row) -> Actor:
    where = by["unit"]["vi"][:outside.LONGEST_NAME]
    return Actor(id=0, name=f"{by['name']} ({where})" if by["name"] else where)


def _installation(office: Office, arrived: Arrived) -> Actor:
    """Where nobody by name has said it."""
    title = called(office.db, [arrived.peer_id])[arrived.peer_id].vi
    name = title if title.lower().startswith(SYSTEM.lower()) else f"{SYSTEM} {title}"
    return Actor(id=0, name=name[:outside.LONGEST_NAME])


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


_EFFECT: dict[str, Callable[[Office, Arrived, Row, datetime], None]] = {
    "handoff": _handoff, "recall": _recall, "withdrawn": _withdrawn, "more_documents": _more_documents,
    "progress": _progress,
    "registered": _registered, "refused": _refused, "recalled": _recalled, "kept": _kept, "answered": _answered,
    "resend_wanted": _resend_wanted,
}
