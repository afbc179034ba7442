"""Keeps anchors where whoever can change this database cannot: locked in the object store, and at every peer.

And keeps those of other installations for them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from datetime import datetime

import structlog

from engine.errors import LienThongError
from engine.exchange.client import ANCHORS
from engine.exchange.envelope import BadSignature, Malformed, Sealed, seal, unseal, words_of
from engine.exchange.keys import signer
from engine.exchange.peers import key_of
from engine.exchange.receiving import OtherContent, known_peer
from engine.office import Office
from engine.settings import settings
from storage import anchors, peers
from storage.anchors import AnchorRow, Copy, Place
from storage.peers import PeerRow
from storage.tables.exchange import PeerState

log = structlog.get_logger()

STORE = "store"
LARGEST_NO = 2**31 - 1
# Sends bytes to a path of a peer and gives its answer; engine.exchange.client in earnest.
Post = Callable[[PeerRow, str, bytes], bytes]


def folder(office: Office) -> str:
    """Where the store has ours: by name and first key, so that another installation may use the same store."""
    known = peers.own_keys(office.db)
    return f"anchors/{office.name}/{known[0].key_id if known else 'none'}/"


def key(no: int) -> str:
    return f"{no:010d}.json"


def lock_away(office: Office, now: datetime) -> int:
    """Puts what the store has not taken yet under retention there; how many. Raises Unavailable, DocumentCorrupted."""
    waiting = anchors.unkept(office.db, STORE, newest_only=False)
    for made in waiting:
        office.store.lock_away(folder(office) + key(made.no), made.sealed, made.at + settings().anchors_kept)
        anchors.kept(office.db, Place(no=made.no, place=STORE, at=now, receipt=None))
    return len(waiting)


def send(office: Office, post: Post, now: datetime) -> Counter[str]:
    """To every active peer what it has not got yet. One that does not answer is asked again next time."""
    done: Counter[str] = Counter()
    for peer in peers.peers(office.db):
        if peer.state != PeerState.ACTIVE:
            continue
        for made in anchors.unkept(office.db, peer.name, newest_only=True):
            try:
                receipt = post(peer, ANCHORS, made.sealed)
                _check(office, peer, made, receipt)
            except LienThongError as error:
                log.warning("anchor_not_kept", peer=peer.name, no=made.no, why=error.code)
                done["refused"] += 1
                break
            anchors.kept(office.db, Place(no=made.no, place=peer.name, at=now, receipt=receipt))
            done["sent"] += 1
    return done


def _check(office: Office, peer: PeerRow, made: AnchorRow, receipt: bytes) -> None:
    """Only a receipt that this peer signed for these bytes counts. Raises Malformed, BadSignature, …"""
    sealed = unseal(receipt, "receipt", key_of(office.db))
    told = (sealed.body["sender"], sealed.body["receiver"], sealed.body["no"], sealed.body["message"])
    if sealed.key.peer_id != peer.id:
        raise BadSignature
    if sealed.body["envelope"] != hashlib.sha256(made.sealed).hexdigest() or told != (
            peer.name, office.name, made.no, None):
        raise Malformed(why="a receipt for something else")


def keep(office: Office, data: bytes, now: datetime) -> bytes:
    """Takes an anchor of another installation; the signed receipt, the same for the same bytes.

    Raises Malformed, UnknownKey, RevokedKey, BadSignature, Suspended, OtherContent.
    """
    sealed = unseal(data, "anchor", key_of(office.db))
    peer = known_peer(sealed.key)
    if sealed.body["installation"] != sealed.key.owner or sealed.body["no"] > LARGEST_NO:
        raise Malformed(why="installation or no")
    return _kept(office, peer, sealed, now)


def _kept(office: Office, peer: int, sealed: Sealed, now: datetime) -> bytes:
    no, known = sealed.body["no"], anchors.copies(office.db, peer, sealed.body["no"])
    same = next((copy for copy in known if copy.no == no), None)
    if same is not None and same.sealed == sealed.data:
        return same.receipt
    last = known[0] if known else None
    follows = last is None or (no == last.no + 1
                               and sealed.body["previous"] == hashlib.sha256(last.sealed).hexdigest())
    if same is not None or not follows:
        anchors.refused(office.db, now, {
            "peer": sealed.key.owner, "no": no, "sha256": sealed.sha256, "last": last.no if last else None})
        raise OtherContent
    receipt = seal(signer(office), {
        "type": "receipt", "message": None, "envelope": sealed.sha256, "sender": office.name,
        "receiver": sealed.key.owner, "thread": None, "no": no, "status": "stored", "expected": None,
        "received_at": words_of(now)})
    if not anchors.add_copy(office.db, peer, Copy(no=no, sealed=sealed.data, receipt=receipt), now):
        return _kept(office, peer, sealed, now)
    return receipt
