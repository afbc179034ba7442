"""Everything anchors need, in one go: made when due, locked away, sent to peers; told when it fails for long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from engine.anchoring.keeping import Post, lock_away, send
from engine.anchoring.making import make
from engine.anchoring.standing import tell
from engine.errors import LienThongError, Unavailable
from engine.exchange.client import Client
from engine.office import Office
from engine.settings import settings
from storage.lost import DocumentCorrupted
from storage.peers import PeerRow


class NotKept(Unavailable):
    """It is tried again; after a quarter of an hour somebody is told, after hours sending stops."""

    code = "anchors_not_kept"
    vi = "Chưa lưu được mốc niêm phong: {why}."
    en = "Anchors are not kept as they should be: {why}."


def tend(office: Office, post: Post, now: datetime) -> Counter[str]:
    """A fault of one place keeps no anchor from another; raises NotKept when all was tried."""
    done, faults = Counter[str](), list[str]()

    def trying(step: Callable[[], Counter[str]]) -> None:
        try:
            done.update(step())
        except (LienThongError, DocumentCorrupted) as error:
            faults.append(getattr(error, "code", "corrupted"))

    trying(lambda: Counter(made=int(make(office, now) is not None)))
    trying(lambda: Counter(stored=lock_away(office, now)))
    trying(lambda: send(office, post, now))
    if done["refused"]:
        faults.append("peer")
    tell(office, now, ", ".join(faults))
    if faults:
        raise NotKept(why=", ".join(faults), seconds=60)
    return done


def by_client(peer: PeerRow, path: str, data: bytes) -> bytes:
    """Posts over the line. Raises Rejected, Unreachable."""
    return Client(peer.name, peer.url, inside=settings().peers_inside).post(path, data)
