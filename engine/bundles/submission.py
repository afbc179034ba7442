"""What a desk writes down when it takes a bundle in: once, for all parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from engine.casework.orders import Actor, fingerprint
from engine.casework.submission import Paper, Person


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleSubmission:
    """`papers`: their component is the kind of the paper, as the plan names it; `facts` are merged by id."""

    bundle: str
    unit: int
    channel: str
    return_way: str
    applicant: Person
    subject: str
    actor: Actor
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()

    def fingerprint(self) -> bytes:
        return fingerprint(["bundle", self.bundle, self.unit, self.channel, self.return_way, self.applicant,
                            self.subject, self.facts, self.papers])


@dataclass(frozen=True, kw_only=True, slots=True)
class PartReply:
    """A dossier of the bundle; `expected_at` is its date on the path of the whole."""

    part: str
    code: str
    procedure: str
    states: tuple[str, ...]
    expected_at: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleReply:
    """What was recorded. The same submission gives the same reply, also after a lost answer."""

    code: str
    parts: tuple[PartReply, ...]
    due_at: str | None
    at: str

    def to_json(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def from_json(cls, text: str) -> BundleReply:
        told = orjson.loads(text)
        parts = tuple(PartReply(**{**part, "states": tuple(part["states"])}) for part in told["parts"])
        return cls(**{**told, "parts": parts})
