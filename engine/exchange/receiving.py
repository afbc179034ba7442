"""Takes messages of other installations in: checked, stored in their lane, receipted.

Message and receipt are committed together before anybody is told; what the message does is another matter
(engine.exchange.effects).
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from engine.catalogue import UnitInfo
from engine.errors import Conflict, Forbidden, LienThongError, Refused
from engine.exchange import contents
from engine.exchange.canonical import decode
from engine.exchange.envelope import Malformed, RevokedKey, Sealed, UnknownKey, seal, unseal, words_of
from engine.exchange.keys import PublicKey, signer
from engine.exchange.lanes import ANSWERS, KINDS
from engine.exchange.peers import key_of
from engine.office import Office
from engine.settings import settings
from storage import arrivals, exchange, shadows, threads
from storage.arrivals import Coming, Stored

log = structlog.get_logger()

# The next one is a number, too.
LARGEST_NO = 2**31 - 2


class NotForUs(Forbidden):
    code = "not_for_us"
    vi = "Nội dung này gửi cho nơi khác, không phải hệ thống này."
    en = "This is addressed to somebody else, not to this installation."


class NotYours(Forbidden):
    code = "not_yours"
    vi = "Cơ quan {agency} không thuộc hệ thống đã ký nội dung này."
    en = "The agency {agency} is not hosted by the installation that signed this."


class Suspended(Forbidden):
    code = "suspended"
    vi = "Việc trao đổi với hệ thống này đang tạm dừng."
    en = "The exchange with this installation is suspended."


class OtherContent(Conflict):
    code = "other_content"
    vi = "Thông điệp hoặc số thứ tự này đã nhận với nội dung khác."
    en = "This message, or this number of its lane, came before with other bytes."


class UnknownUnit(Refused):
    code = "unknown_unit"
    vi = "Không có đơn vị {unit}."
    en = "There is no unit {unit}."


class UnknownKind(Refused):
    code = "unknown_kind"
    vi = "Không hiểu loại thông điệp “{kind}”."
    en = "Messages of the kind “{kind}” are not understood."


class UnknownHandoff(Refused):
    code = "unknown_handoff"
    vi = "Không có phiếu chuyển này giữa hai hệ thống."
    en = "There is no such hand-off between the two installations."


class TooManyHeld(Refused):
    """At most storage.arrivals.MOST_HELD wait for one that is missing."""

    code = "too_many_held"
    vi = "Còn thiếu thông điệp trước đó nên chưa nhận thêm."
    en = "An earlier message of this lane is missing; no more are held."


class TooManyShadows(Refused):
    """At most settings.shadows_a_day are opened for a peer within a day; it tries again, as with every 429."""

    code = "too_many_shadows"
    vi = "Hệ thống này đã báo tình trạng của {most} hồ sơ không chuyển cho ta trong một ngày; tạm chưa nhận thêm."
    en = "This installation has told of {most} dossiers that it did not hand over within a day; no more for now."


def receive(office: Office, data: bytes, now: datetime) -> bytes:
    """The signed receipt, once the message is stored; a retry gets one that says so.

    Raises Malformed, UnknownKey, RevokedKey, BadSignature and what is defined above.
    """
    try:
        sealed = unseal(data, "message", key_of(office.db))
    except RevokedKey:
        sealed = _stored_with_it(office, data)
    body, peer = sealed.body, known_peer(sealed.key)
    if body["receiver"]["installation"] != office.name:
        raise NotForUs
    coming = Coming(peer_id=peer, message_id=UUID(body["message"]), thread=body["thread"], no=body["no"],
                    kind=body["kind"], data=data, sha256=sealed.sha256)
    try:
        _check(office, body, sealed.key, coming)
        _check_shadow(office, sealed.key, coming, now)
    except LienThongError:
        # what was taken when it came is receipted again, whatever has changed here since
        if not arrivals.stored_before(office.db, peer, coming.message_id, coming.sha256):
            raise

    def receipted(stored: Stored) -> bytes:
        if stored.first is None:
            raise OtherContent
        if not stored.expected:
            raise TooManyHeld
        return seal(signer(office), _receipt(office, sealed, stored))

    receipt = arrivals.store(office.db, coming, now, receipted)
    exchange.heard(office.db, peer)
    return receipt


def known_peer(key: PublicKey) -> int:
    """Who signed is a peer, and nothing has been suspended. Raises UnknownKey, Suspended."""
    if key.peer_id is None:
        raise UnknownKey(key=key.key_id)
    if not key.active:
        raise Suspended
    return key.peer_id


def _stored_with_it(office: Office, data: bytes) -> Sealed:
    """A retry of what was stored before its key was revoked: it was good when it came, and nothing is stored now."""
    told = decode(data)
    look, sha256 = key_of(office.db), hashlib.sha256(data).hexdigest()
    key = look(told["key"])
    if key is None or key.peer_id is None or not arrivals.stored_before(
            office.db, key.peer_id, UUID(told["body"]["message"]), sha256):
        raise RevokedKey(key=told["key"])
    return Sealed(told["body"], key, data, sha256)


def _check(office: Office, body: dict[str, Any], key: PublicKey, coming: Coming) -> None:
    if not (coming.thread + coming.kind).isprintable() or coming.no > LARGEST_NO:
        raise Malformed(why="thread or no")
    if len({row["id"] for row in body["documents"]}) != len(body["documents"]):
        raise Malformed(why="documents: an id is named twice")
    if coming.kind not in KINDS:
        raise UnknownKind(kind=ascii(coming.kind)[1:-1][:60])
    units = list(office.fresh_catalogue().units.values())
    sender, receiver = body["sender"], body["receiver"]
    theirs = [unit for unit in units if unit.agency == sender["agency"]]
    if sender["installation"] != key.owner or not _may_speak(office, theirs, sender["agency"], coming):
        raise NotYours(agency=ascii(sender["agency"])[1:-1][:60])
    ours = [unit for unit in units if unit.agency == receiver["agency"] and not unit.outside]
    if not ours:
        raise NotForUs
    _unit(theirs, sender)
    _unit(ours, receiver)
    contents.check(coming.kind, body["content"])
    if coming.kind in ANSWERS and not threads.handed_out(office.db, coming.peer_id, coming.thread,
                                                         body["content"]["handoff"]):
        raise UnknownHandoff


def _check_shadow(office: Office, key: PublicKey, coming: Coming, now: datetime) -> None:
    """Nothing entitles a peer to tell of a dossier it did not hand over, so their number is bounded."""
    most = settings().shadows_a_day
    if (coming.kind == "progress" and shadows.opens(office.db, coming.peer_id, coming.thread)
            and not shadows.one_more(office.db, coming.peer_id, now, most)):
        shadows.refused(office.db, key.owner, now, most)
        raise TooManyShadows(most=most)


def _may_speak(office: Office, units: list[UnitInfo], agency: str, coming: Coming) -> bool:
    """For an agency it hosts; of one that works elsewhere by now, about what crossed between us before, never anew."""
    return any(unit.peer == coming.peer_id for unit in units) or (
        coming.kind != "handoff" and threads.crossed(office.db, coming.peer_id, coming.thread, agency))


def _unit(units: list[UnitInfo], place: dict[str, str]) -> UnitInfo:
    found = next((unit for unit in units if unit.key == place["unit"]), None)
    if found is None:
        raise UnknownUnit(unit=ascii(f"{place['agency']}/{place['unit']}")[1:-1][:120])
    return found


def _receipt(office: Office, sealed: Sealed, stored: Stored) -> dict[str, Any]:
    body = sealed.body
    missing = body["no"] >= stored.expected
    return {"type": "receipt", "message": body["message"], "envelope": sealed.sha256, "sender": office.name,
            "receiver": sealed.key.owner, "thread": body["thread"], "no": body["no"],
            "status": "duplicate" if not stored.first else "held" if missing else "stored",
            "expected": stored.expected, "received_at": words_of(stored.received_at)}
