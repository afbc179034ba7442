"""What somebody asks of a dossier, and what they are told when it is done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A signed-in person; id 0 is the machine itself (timers, delivery)."""

    id: int
    name: str


MACHINE = Actor(id=0, name="Hệ thống")


@dataclass(frozen=True, kw_only=True, slots=True)
class Particulars:
    """What an act may carry: ids and free text, never evidence. Which of it is needed, the command says."""

    reason: str = ""
    verdict: str = ""
    words: str = ""
    recipient: str = ""
    slip: str = ""
    amount: int = 0
    proof: str = ""
    documents: tuple[str, ...] = ()
    handoff: UUID | None = None
    unit: int | None = None
    new_due: datetime | None = None

    def spoken(self) -> dict[str, str]:
        """The free text: it may name people, so it is kept beside the audit and only committed to in it."""
        spoken = {"reason": self.reason, "words": self.words, "recipient": self.recipient, "slip": self.slip,
                  "proof": self.proof}
        return {name: text for name, text in spoken.items() if text}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """`seen_version` is the version the person decided on; None only for the machine.

    `key` makes the order answerable once: the same key with the same order gives the first reply again.
    """

    code: str
    event: str
    actor: Actor
    state: str | None = None
    seen_version: int | None = None
    key: str | None = None
    particulars: Particulars = field(default_factory=Particulars)

    def fingerprint(self) -> bytes:
        """SHA-256 of everything the requester said (not of who, which is part of the key's scope)."""
        return fingerprint([self.code, self.event, self.state, self.seen_version, self.particulars])


def fingerprint(said: list[Any]) -> bytes:
    return hashlib.sha256(orjson.dumps(said)).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What was recorded. The same order gives the same reply, also after a lost answer."""

    code: str
    version: int
    action: str
    states: tuple[str, ...]
    status: int
    due_at: str | None
    at: str
    handoffs: tuple[str, ...] = ()

    def to_json(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Reply:
        told = orjson.loads(text)
        return cls(**{**told, "states": tuple(told["states"]), "handoffs": tuple(told["handoffs"])})
