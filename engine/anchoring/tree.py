"""The hash tree over all audit heads, as RFC 6962 section 2.1 builds it: one hash stands for a million chains, and a
few show that one chain is among them."""

from __future__ import annotations

import hashlib

EMPTY = hashlib.sha256().digest()


def leaf(dossier_id: int, seq: int, head: bytes) -> bytes:
    """`<id> <seq> ` in decimal digits, then the 32 bytes of the head."""
    return hashlib.sha256(b"\0%d %d %b" % (dossier_id, seq, head)).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Takes leaves one by one and keeps one hash for each power of two, and the way up from the leaf it follows."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytes | None] = []
        # as far as it is known, and the height of the subtree it has come to
        self._way: list[tuple[str, bytes]] = []
        self._at: int | None = None

    def add(self, hashed: bytes, *, follow: bool = False) -> None:
        """`follow`: this is the leaf that `path` is asked for; only one is."""
        self.size += 1
        for height, left in enumerate(self._levels):
            if left is None:
                self._levels[height] = hashed
                self._at = height if follow else self._at
                return
            if follow:
                self._way.append(("left", left))
            elif self._at == height:
                self._way.append(("right", hashed))
                follow = True
            hashed, self._levels[height] = node(left, hashed), None
        self._at = len(self._levels) if follow else self._at
        self._levels.append(hashed)

    def root(self) -> bytes:
        return self._closed()[0]

    def path(self) -> list[tuple[str, bytes]]:
        """From the leaf that is followed up to the root: what to put to its `left` or `right`."""
        return self._way + self._closed()[1]

    def _closed(self) -> tuple[bytes, list[tuple[str, bytes]]]:
        """The root, and the end of the way to it."""
        whole, mine, way = b"", False, list[tuple[str, bytes]]()
        for height, left in enumerate(self._levels):
            if left is None:
                continue
            if whole and mine:
                way.append(("left", left))
            elif whole and self._at == height:
                way.append(("right", whole))
            mine = mine or self._at == height
            whole = node(left, whole) if whole else left
        return whole or EMPTY, way
