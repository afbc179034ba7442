"""The hash tree over all audit heads, as RFC 6962 section 2.1 builds it: one hash stands for a million chains, and a
few show that one chain is among them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256().digest()


def leaf(dossier_id: int, seq: int, head: bytes) -> bytes:
    """`<id> <seq> ` in decimal digits, then the 32 bytes of the head."""
    return hashlib.sha256(b"\0%d %d %b" % (dossier_id, seq, head)).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Takes leaves one by one and keeps one hash for each power of two."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[bytes | None] = []

    def add(self, hashed: bytes) -> None:
        self.size += 1
        for height, left in enumerate(self._levels):
            if left is None:
                self._levels[height] = hashed
                return
            hashed, self._levels[height] = node(left, hashed), None
        self._levels.append(hashed)

    def root(self) -> bytes:
        whole: bytes | None = None
        for left in self._levels:
            if left is not None:
                whole = left if whole is None else node(left, whole)
        return EMPTY if whole is None else whole


def path(leaves: Sequence[bytes], place: int) -> list[tuple[str, bytes]]:
    """From the leaf at `place` up to the root: what to put to its `left` or `right`."""
    level, steps = list(leaves), list[tuple[str, bytes]]()
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            steps.append(("left" if beside < place else "right", level[beside]))
        level = [node(level[at], level[at + 1]) if at + 1 < len(level) else level[at]
                 for at in range(0, len(level), 2)]
        place //= 2
    return steps
