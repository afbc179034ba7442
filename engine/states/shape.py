"""The structure of a procedure and nothing else, and what one step in it gives."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

Truth = tuple[bool | None, ...]  # of each condition; None: it could not be told
Kept = tuple[str, tuple[str, ...]]
History = tuple[Kept, ...]


class NotAllowed(Exception):
    """No transition answers this event here, or its condition does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A transition. `event` None: automatic; `joins`: taken when all parts of the state are done."""

    target: str
    event: str | None = None
    joins: bool = False
    guard: int | None = None
    resumes: bool = False  # the target is what was active in it when it was last left


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    id: str
    initial: bool = False
    final: bool = False
    parallel: bool = False
    remembers: bool = False  # keeps a deep history
    children: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()

    @property
    def passing(self) -> bool:
        """Left as soon as it is entered: nothing ever rests here."""
        return any(edge.event is None and not edge.joins for edge in self.edges)


@dataclass(frozen=True, slots=True)
class Move:
    """Leaves only, in the order of the declaration."""

    configuration: tuple[str, ...]
    history: History
    exited: tuple[str, ...]
    entered: tuple[str, ...]
    ended: bool


def walk(nodes: Sequence[Node], parent: str | None) -> Iterator[tuple[Node, str | None]]:
    for node in nodes:
        yield node, parent
        yield from walk(node.children, node.id)


def shape_hash(roots: Sequence[Node]) -> str:
    return hashlib.sha256(json.dumps([asdict(node) for node in roots], separators=(",", ":")).encode()).hexdigest()
