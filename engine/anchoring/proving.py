"""Proves that anchors are whole and that the present record contains everything they ever stood for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from engine.anchoring.keeping import folder, key
from engine.anchoring.making import FIRST
from engine.anchoring.tree import Tree, leaf
from engine.errors import LienThongError, Unavailable
from engine.exchange.envelope import unseal, words_of
from engine.exchange.keys import own_key_of
from engine.office import Office
from storage import anchors
from storage.anchors import AnchorRow
from storage.lost import DocumentAbsent, DocumentCorrupted

# A record that was cut at a thousand places is cut.
MOST = 1000


def faults(office: Office) -> Iterator[str]:
    """Every mismatch. Reads each anchor in the database and in the store."""
    newest: AnchorRow | None = None
    for made in anchors.every(office.db):
        yield from (f"anchor {made.no}: {fault}" for fault in _faults_of(office, made, newest))
        newest = made
    if newest is not None:
        yield from _of_root(office, newest)
    yield from _in_store(office, newest)
    for lack in anchors.lacking(office.db, MOST):
        what = "was cut off" if lack.cut else "is another now"
        yield f"anchor {lack.no}: entry {lack.seq} of {lack.code} {what}"


def _faults_of(office: Office, made: AnchorRow, before: AnchorRow | None) -> Iterator[str]:
    """It is ours, says what its row says, and follows the one before."""
    try:
        body = unseal(made.sealed, "anchor", own_key_of(office)).body
    except LienThongError as error:
        yield f"its signature does not hold ({error.code})"
        return
    told = (body["installation"], body["no"], body["at"], body["root"], body["heads"])
    if told != (office.name, made.no, words_of(made.at), made.root, made.heads):
        yield "its row says something else than what was signed"
    previous = hashlib.sha256(before.sealed).hexdigest() if before else FIRST
    if body["previous"] != previous or made.no != (before.no + 1 if before else 1):
        yield "it does not follow the anchor before"
    if before and (made.at <= before.at or made.heads < before.heads):
        yield "it is older, or of fewer dossiers, than the anchor before"


def _of_root(office: Office, newest: AnchorRow) -> Iterator[str]:
    tree = Tree()
    with anchors.snapshot(office.db) as connection:
        for head in anchors.heads_at(connection, newest.no):
            tree.add(leaf(head.id, head.seq, head.head))
    if (tree.root().hex(), tree.size) != (newest.root, newest.heads):
        yield f"anchor {newest.no}: the heads noted for it are not those it was made of"


def _in_store(office: Office, newest: AnchorRow | None) -> Iterator[str]:
    """What was locked away is what the database has, and the store has none that the database forgot."""
    place, last = folder(office), newest.no if newest else 0
    try:
        yield from (f"anchor in the store that the database does not know: {name}"
                    for name in sorted(office.store.locked_keys(place)) if name > place + key(last))
        for made in anchors.stored(office.db):
            try:
                if office.store.locked_away(place + key(made.no)) != made.sealed:
                    yield f"anchor {made.no}: the store has other bytes"
            except (DocumentAbsent, DocumentCorrupted):
                yield f"anchor {made.no}: the store has lost it"
    except Unavailable:
        yield "anchors: the object store does not answer"
