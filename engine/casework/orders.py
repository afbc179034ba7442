"""What somebody asks of a dossier, and what they are told when it is done."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from engine.errors import Invalid

Faults = dict[str, tuple[str, str]]

LONGEST_TEXT = 4000
LONGEST_KEY = 200
# PostgreSQL stores no NUL, JSON no lone surrogate; the other control characters have no business in a record.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def unfit(text: str) -> bool:
    """Whether the text holds characters that cannot be kept."""
    return _UNFIT.search(text) is not None


def text_faults(texts: dict[str, str], longest: int = LONGEST_TEXT) -> Faults:
    """What is wrong with free text, whatever it says."""
    faults: Faults = {}
    for name, text in texts.items():
        if len(text) > longest:
            faults[name] = (f"dài quá {longest} ký tự", f"longer than {longest} characters")
        elif unfit(text):
            faults[name] = ("có ký tự điều khiển không dùng được", "holds control characters")
    return faults


def reason_faults(reason: str) -> Faults:
    return {} if reason.strip() else {"reason": ("ghi rõ lý do", "give the reason")}


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
    units: tuple[int, ...] = ()
    limit: str = ""
    join: str = ""
    expiry: str = ""
    new_due: datetime | None = None
    people: tuple[int, ...] = ()
    kind: str = ""
    outcome: str = ""
    person: int | None = None
    # of post and pay-out: when it happened, which way, in whose presence, who carries it and on which list
    day: date | None = None
    way: str = ""
    names: tuple[str, ...] = ()
    address: str = ""
    # the number of who is named `recipient`
    identity: str = ""
    carrier: str = ""
    batch: int | None = None

    def spoken(self) -> dict[str, str]:
        """The free text: it may name people, so it is kept beside the audit and only committed to in it."""
        spoken = {"reason": self.reason, "words": self.words, "recipient": self.recipient, "slip": self.slip,
                  "proof": self.proof, "address": self.address, "identity": self.identity}
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


def check_words(particulars: Particulars, *, reason: bool) -> None:
    """Raises Invalid for free text that cannot be kept, or a missing reason where one is needed."""
    faults = text_faults(particulars.spoken())
    if reason:
        faults |= reason_faults(particulars.reason)
    if faults:
        raise Invalid(faults)


def fingerprint(said: list[Any]) -> bytes:
    try:
        return hashlib.sha256(orjson.dumps(said)).digest()
    except TypeError as error:
        # an integer of more than 64 bits, a lone surrogate
        raise Invalid({"request": ("có số hoặc ký tự không đọc được",
                                   "holds a number or a character that cannot be read")}) from error


def check_key(key: str) -> None:
    """Raises Invalid for a key that could not be kept."""
    if not 1 <= len(key) <= LONGEST_KEY or unfit(key):
        raise Invalid({"key": (f"khóa chống trùng gồm 1 đến {LONGEST_KEY} ký tự",
                               f"an Idempotency-Key has 1 to {LONGEST_KEY} characters")})


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
