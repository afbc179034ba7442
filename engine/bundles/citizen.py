"""What the citizen does once for the whole bundle, written down by the desk: the supplement, taking results early."""

from __future__ import annotations

import hashlib
from datetime import datetime

from engine.bundles import moves
from engine.bundles.advance import load, unknown
from engine.bundles.moves import Settled
from engine.bundles.progress import Part, Progress
from engine.casework import parts
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Reply
from engine.casework.receive import answered_before
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import Conflict, NotPossibleHere, Refused, WrongRole
from engine.office import Office
from procedures.bundle import Return
from procedures.declaration import Event, Role
from storage import bundles, dossiers
from storage.dossiers import Loaded

_DESK = (Role.RECEPTIONIST, Role.RETURNER)


def supplement(office: Office, code: str, actor: Actor, key: str, now: datetime) -> list[Reply]:
    """Every part that was asked goes on, at the same instant. Raises NotPossibleHere when nothing was asked for.

    The same key again gives the first replies again. NotFound for whoever may see none of its parts.
    """
    progress = _seen(office, code, actor, now)
    replies = _before(office, progress, actor, key, now)
    letter = progress.open_letter()
    if letter is None:
        if replies:
            return replies
        raise NotPossibleHere(event="Nhận hồ sơ bổ sung", event_en="Take in the supplement", possible="-",
                              where_vi="không có yêu cầu bổ sung đang chờ", where_en="nothing is asked for")
    for row in letter["asking"]:
        part = progress.parts[row["part"]]
        if part.awaiting_supplement:
            try:
                replies.append(transact(office, _brought(part, actor, key), moves.answer(letter["no"]), now))
            except Settled:
                continue  # the message of the first part was quicker
    return replies


def _brought(part: Part, actor: Actor, key: str) -> Order:
    return Order(code=part.code, event=Event.SUPPLEMENT.value, actor=actor, key=_key(key, part))


def _before(office: Office, progress: Progress, actor: Actor, key: str, now: datetime) -> list[Reply]:
    """What was answered to this very request, of every part that has taken it in already."""
    replies = []
    for part in progress.parts.values():
        order = _brought(part, actor, key)
        loaded = dossiers.load(office.db, code=part.code, person=actor.id, key=order.key,
                               today=now.astimezone(ZONE).date(), blind=True)
        if loaded is not None and loaded.asked_before is not None:
            replies.append(answered_before(loaded.asked_before, loaded.replied_before or "", order.fingerprint()))
    return replies


def _seen(office: Office, code: str, actor: Actor, now: datetime) -> Progress:
    if not bundles.seen(office.db, code, actor.id, now.astimezone(ZONE).date()):
        raise unknown(code)
    return load(office, code, now)


def _key(key: str, part: Part) -> str:
    return hashlib.sha256(f"{key}/{part.code}".encode()).hexdigest()


def agree_partial(office: Office, code: str, actor: Actor, key: str, now: datetime) -> Reply:
    """The citizen wants what is ready before the rest is: written on the first part that is ready.

    NotFound for whoever may see none of its parts.
    """
    progress = _seen(office, code, actor, now)
    if progress.bundle.return_ is not Return.PARTIAL_ON_REQUEST:
        raise Refused(reason_vi="Hồ sơ liên thông này trả kết quả cùng một lần.",
                      reason_en="The results of this bundle are returned together.")
    ready = next((part for part in progress.parts.values() if part.finished and not part.closed), None)
    if ready is None:
        raise Refused(reason_vi="Chưa có phần nào có kết quả để trả trước.",
                      reason_en="No part has a result that could be returned first.")
    order = Order(code=ready.code, event="agree_partial", actor=actor, key=_key(key, ready))
    return transact(office, order, _agree, now)


def _agree(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    desk = catalogue.units[loaded.intake_unit_id]
    own = [role for unit, role in loaded.memberships if role in _DESK and _agency(catalogue, unit) == desk.agency]
    if not own:
        raise WrongRole(event="ghi nhận trả trước một phần", event_en="record that finished parts are returned first",
                        who_vi=f"quầy tiếp nhận, trả kết quả – {desk.agency_vi}",
                        who_en=f"the desk of {desk.agency_en}")
    bundle = loaded.bundle
    if bundle is None or bundle["partial_at"] is not None:
        raise Conflict
    decision.role = own[0]
    decision.raise_version()
    parts.write(decision, partial_at=decision.stamp, partial_by=order.actor.id)
    decision.audit("agree_partial", unit=desk, before=loaded.states, after=loaded.states,
                   details={"version": decision.version, "bundle": bundle["code"]})
    return decision


def _agency(catalogue: Catalogue, unit: int) -> str:
    return catalogue.units[unit].agency
