"""The audit chain of a dossier: how an entry becomes bytes, how the bytes are chained, how the chain is verified.

Format (version 1): the fields below in order, each as UTF-8, each prefixed by its length in bytes and a colon;
lists are their length followed by their members; absent values are the length -1. The hash of an entry is
SHA-256 over those bytes, which include the hash of the entry before. The first entry follows 32 zero bytes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

GENESIS = bytes(32)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What was true when it happened: names are kept, not looked up later."""

    dossier_id: int
    seq: int
    at: datetime
    actor_id: int | None
    actor_name: str
    unit_id: int | None
    unit_name: str
    action: str
    from_states: Sequence[str]
    to_states: Sequence[str]
    details: str


def entry_hash(entry: Entry, prev: bytes) -> bytes:
    """SHA-256 of the entry chained to `prev` (32 bytes)."""
    stamp = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    parts = [
        _field("1"), _field(entry.dossier_id), _field(entry.seq), _field(stamp), _field(entry.actor_id),
        _field(entry.actor_name), _field(entry.unit_id), _field(entry.unit_name), _field(entry.action),
        _several(entry.from_states), _several(entry.to_states), _field(entry.details), prev,
    ]
    return hashlib.sha256(b"".join(parts)).digest()


def _field(value: str | int | None) -> bytes:
    if value is None:
        return b"-1:"
    data = str(value).encode()
    return b"%d:%b" % (len(data), data)


def _several(values: Sequence[str]) -> bytes:
    return b"%d;" % len(values) + b"".join(_field(value) for value in values)


def commitment(key: bytes, words: str) -> str:
    """A keyed commitment (HMAC-SHA-256, hex): once the key is erased nobody can find the words again by trying."""
    return hmac.new(key, words.encode(), hashlib.sha256).hexdigest()


def read_told(text: str) -> dict[str, Any]:
    """Empty when it cannot be read: a record that was tampered with must still be looked at."""
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """The first entry of a chain that does not hold, and why."""

    code: str
    seq: int
    why: str


def verify_chain(code: str, rows: Iterable[Mapping[str, Any]], head: bytes, last_seq: int) -> Fault | None:
    """`rows` in order of seq with every column of the audit table; `head` and `last_seq` as the dossier has them."""
    prev, expected = GENESIS, 1
    for row in rows:
        if row["seq"] != expected:
            return Fault(code=code, seq=expected, why="entry missing")
        if bytes(row["prev"]) != prev:
            return Fault(code=code, seq=expected, why="does not follow the entry before")
        entry = Entry(**{name: row[name] for name in Entry.__slots__})
        prev = entry_hash(entry, prev)
        if prev != bytes(row["hash"]):
            return Fault(code=code, seq=expected, why="entry was changed")
        expected += 1
    if expected <= last_seq:
        return Fault(code=code, seq=expected, why="entries cut off at the end")
    if expected - 1 > last_seq:
        return Fault(code=code, seq=last_seq + 1, why="entry that the dossier does not know of")
    if prev != bytes(head):
        return Fault(code=code, seq=last_seq, why="not the last entry that the dossier names")
    return None
