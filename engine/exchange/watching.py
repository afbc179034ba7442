"""The lines to other installations for those who answer for them: how they stand, what is parked, starting it anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from engine import access
from engine.casework import elsewhere
from engine.casework.act import transact
from engine.casework.called import called
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars, check_words, reason_faults
from engine.catalogue import Catalogue
from engine.desk.places import UnitRef, unit_ref
from engine.desk.wire import KINDS, needed, reason
from engine.errors import Conflict, Invalid, NotFound
from engine.exchange import peers
from engine.exchange.canonical import decode
from engine.exchange.keys import fingerprint
from engine.exchange.peers import Desk
from engine.office import Office
from procedures.declaration import Text
from storage import custody, linewatch
from storage import peers as rows
from storage.dossiers import Loaded
from storage.linewatch import MOST_COUNTED, ParkedRow, PeerStanding, Source
from storage.peers import Deed, KeyRow
from storage.tables.exchange import PeerState


class NotParked(Conflict):
    code = "not_parked"
    vi = "Mục này không còn dừng: đã có người cho gửi lại, hoặc đã xong."
    en = "This is not parked any more: somebody started it anew, or it is done."


class NoDossierYet(Conflict):
    code = "no_dossier_yet"
    vi = "Chưa có hồ sơ nào ở đây cho thông điệp này nên chưa gửi đề nghị được. Hãy báo bên gửi bằng cách khác."
    en = ("There is no dossier here for this message yet, so nothing can be asked over the line. Tell the sender in "
          "another way.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A key, or a whole installation, that a second administrator must approve. `peer`: its name, `title`: what
    people call it; `digits`: to be compared.
    """

    key_id: str
    peer: str
    title: Text
    whole: bool
    proposed_by: str
    proposed_at: datetime
    digits: str
    mine: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """`way`: outgoing, incoming or document. `message`: of the other side, to ask for it anew; None where it is ours,
    or where no dossier here belongs to it. `tried_on`: not parked, but they never answer it; since `at`."""

    id: UUID
    way: str
    peer: Text
    code: str | None
    thread: str
    name: Text
    owner: UnitRef | None
    why: Text
    needs: Text
    attempts: int
    at: datetime
    message: UUID | None
    tried_on: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """`called`: what people call the installations, by id."""

    peers: list[PeerStanding]
    called: Mapping[int, Text]
    waiting: list[Waiting]
    outgoing: list[Parked]
    incoming: list[Parked]
    documents: list[Parked]
    may_mend: bool
    may_approve: bool
    most: int = MOST_COUNTED


def watched(office: Office, actor: Actor, now: datetime) -> Watched:
    """Raises NotFound for whoever is neither manager, administrator nor auditor today."""
    access.must_watch(office, actor, now)
    db, catalogue = office.db, office.fresh_catalogue()
    approves = access.may_write(office, actor, now)
    login = rows.login_of(db, actor.id) if approves else ""
    peers, keys = linewatch.standings(db), rows.keys(db)
    parked = {"outgoing": linewatch.parked_outgoing(db), "incoming": linewatch.parked_incoming(db),
              "document": linewatch.parked_documents(db)}
    names = called(db, chain([row.id for row in peers], [row.peer_id for row in keys],
                             [row.peer_id for row in chain(*parked.values())]))
    owners = custody.owners(db, [row.id for row in chain(*parked.values())])
    shown = {way: [_parked(catalogue, way, row, names[row.peer_id], owners.get(row.id)) for row in found]
             for way, found in parked.items()}
    return Watched(
        peers=peers, called=names,
        waiting=[_waiting(row, names[row.peer_id], login) for row in keys
                 if row.approved_at is None and row.revoked_at is None and row.state != PeerState.ENDED],
        outgoing=shown["outgoing"], incoming=shown["incoming"], documents=shown["document"],
        may_mend=access.may_mend(office, actor, now), may_approve=approves)


def again(office: Office, actor: Actor, way: str, wanted: UUID, now: datetime) -> None:
    """The transport tries it as if it were new; the same bytes go out. Raises NotParked."""
    access.must_mend(office, actor, now)
    deed = Deed(kind="exchange_tried_again", actor=actor.id, at=now, details={"way": way, "id": str(wanted)})
    if way not in linewatch.WAYS or not linewatch.again(office.db, way, wanted, deed):
        raise NotParked


def ask_anew(office: Office, actor: Actor, message: UUID, reason: str, now: datetime) -> None:
    """Asks the people there to send something anew, in a message of the dossier's own lane.

    Raises NotParked, NoDossierYet, Invalid.
    """
    access.must_mend(office, actor, now)
    ask(office, actor, message, reason, now)


def ask(office: Office, actor: Actor, message: UUID, reason: str, now: datetime) -> None:
    """The same for whoever may."""
    found = linewatch.source(office.db, message)
    if found is None:
        raise NotParked
    if found.code is None:
        raise NoDossierYet
    order = Order(code=found.code, event="ask_to_resend", actor=actor, particulars=Particulars(reason=reason))
    transact(office, order, _asking(found), now, unseen=True)


def give_up(office: Office, actor: Actor, message: UUID, reason: str, now: datetime) -> None:
    """What came never has its effect, and what waits behind it goes on. Raises NotParked, Invalid."""
    access.must_mend(office, actor, now)
    leave(office, actor, message, reason, now)


def leave(office: Office, actor: Actor, message: UUID, reason: str, now: datetime) -> None:
    """The same for whoever may."""
    check_words(Particulars(reason=reason), reason=True)
    deed = Deed(kind="message_given_up", actor=actor.id, at=now, details={"message": str(message), "reason": reason})
    if not linewatch.give_up(office.db, message, deed):
        raise NotParked


def approve(desk: Desk, key_id: str) -> None:
    """The key, or with its first key the whole installation. Raises NotAdministrator, SecondPersonNeeded, NotFound."""
    desk.login()
    found = rows.key(desk.office.db, key_id)
    if found is None:
        raise NotFound(what=f"khóa {key_id}", what_en=f"key {key_id}")
    if found.state == PeerState.PROPOSED:
        peers.approve(desk, found.name)
    else:
        peers.approve_key(desk, key_id)


def _asking(found: Source) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        if faults := reason_faults(order.particulars.reason):
            raise Invalid(faults)
        body = decode(bytes(found.envelope))["body"]
        here, there = (_unit(catalogue, body[end]) for end in ("receiver", "sender"))
        unit = catalogue.units[here]
        elsewhere.tell(decision, "resend_wanted", (here, there), {
            "message": str(found.message_id), "at": decision.stamp, "reason": order.particulars.reason,
            "by": {"name": order.actor.name, "unit": {"vi": unit.full_vi, "en": unit.full_en}}})
        decision.audit("ask_to_resend", unit=None, spoken={"reason": order.particulars.reason},
                       details={"message": str(found.message_id), "peer": found.peer})
        return decision

    return decide


def _unit(catalogue: Catalogue, place: dict[str, str]) -> int:
    found = catalogue.unit_at(place["agency"], place["unit"])
    if found is None:
        raise NotFound(what=f"đơn vị {place['unit']}", what_en=f"unit {place['unit']}")
    return found.id


def _waiting(row: KeyRow, title: Text, login: str) -> Waiting:
    return Waiting(key_id=row.key_id, peer=row.name, title=title, whole=row.state == PeerState.PROPOSED,
                   proposed_by=row.proposed_by, proposed_at=row.proposed_at, digits=fingerprint(bytes(row.public)),
                   mine=row.proposed_by == login)


def _parked(catalogue: Catalogue, way: str, row: ParkedRow, peer: Text, charged: int | None) -> Parked:
    """`charged`: the unit that has the incident; without one it is whoever would be asked first."""
    unit = charged if charged is not None else row.unit_id
    owner = catalogue.units.get(unit) if unit is not None else None
    if owner is None and row.envelope is not None:
        receiver = decode(bytes(row.envelope))["body"]["receiver"]
        owner = catalogue.unit_at(receiver["agency"], receiver["unit"])
    return Parked(id=row.id, way=way, peer=peer, code=row.code, thread=row.thread or "", attempts=row.attempts,
                  at=row.at, owner=unit_ref(catalogue, owner.id) if owner is not None else None, why=reason(row.why),
                  needs=needed(way, row.why),
                  name=KINDS.get(row.about, Text(vi=row.about, en=row.about)),
                  message=_to_ask(way, row), tried_on=row.tried_on)


def _to_ask(way: str, row: ParkedRow) -> UUID | None:
    """What a person there is asked to send anew: the message, or the one that names the document."""
    if way == "outgoing" or row.code is None or row.envelope is None:
        return None
    return UUID(decode(bytes(row.envelope))["body"]["message"])
