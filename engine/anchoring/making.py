"""Makes an anchor: the heads of all chains at one instant, under one hash, numbered, signed."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from engine.anchoring.tree import Tree, leaf
from engine.errors import Conflict
from engine.exchange.envelope import seal, words_of
from engine.exchange.keys import signer
from engine.office import Office
from storage import anchors
from storage.anchors import AnchorRow, Head
from storage.locks import Job, alone

EVERY = timedelta(hours=1)
FIRST = "0" * 64
NAMED = 10


class HeadsWentBack(Conflict):
    """Somebody changed the record behind the application's back: no anchor shall bless that."""

    code = "heads_went_back"
    vi = "Không lập được mốc niêm phong: sổ ghi vết của các hồ sơ sau đã bị cắt hoặc sửa: {names}."
    en = "No anchor was made: the record of these dossiers was cut or changed: {names}."


class ClockWentBack(Conflict):
    code = "clock_went_back"
    vi = "Không lập được mốc niêm phong: đồng hồ máy sớm hơn mốc trước ({last})."
    en = "No anchor was made: the machine's clock is earlier than the last anchor ({last})."


def make(office: Office, now: datetime) -> int | None:
    """Its number; None where it is too early, or another process is at it.

    Raises HeadsWentBack, ClockWentBack, KeyFileMissing.
    """
    with alone(office.db, Job.ANCHOR) as mine:
        if not mine:
            return None
        sign = signer(office, now)
        with anchors.snapshot(office.db) as connection:
            before = anchors.last(connection)
            if before is not None and now < before.at:
                raise ClockWentBack(last=before.at.isoformat(timespec="minutes"))
            if before is not None and now < before.at + EVERY:
                return None
            tree, known, back = Tree(), 0, list[str]()
            for head in anchors.heads(connection):
                tree.add(leaf(head.id, head.seq, head.head))
                known += head.was_seq is not None
                if _went_back(head) and len(back) < NAMED:
                    back.append(head.code)
            if before is not None and known < before.heads:
                back += [f"id {id_}" for id_ in anchors.gone(connection, NAMED)]
            if back or (before is not None and tree.size < before.heads):
                raise HeadsWentBack(names=", ".join(back))
            no, root = (before.no if before else 0) + 1, tree.root().hex()
            body = {"type": "anchor", "installation": office.name, "no": no, "at": words_of(now), "root": root,
                    "heads": tree.size, "previous": hashlib.sha256(before.sealed).hexdigest() if before else FIRST}
            anchors.add(connection, AnchorRow(no=no, at=now, root=root, heads=tree.size, sealed=seal(sign, body)))
    return no


def _went_back(head: Head) -> bool:
    """Shorter than it was, another end at the same length, or longer without containing what was its end."""
    if head.was_seq is None:
        return False
    if head.seq == head.was_seq:
        return head.head != head.was_head
    return head.seq < head.was_seq or head.entry != head.was_head
