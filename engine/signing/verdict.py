"""What the signatures of a PDF are worth, in words.

Decided by the bottom line of every signature, by what the last one covers and by what was changed after each. That a
signature is intact and valid says nothing about pages added later, so it never decides alone. The file is read in a
process of its own, with little memory and little time: it may come from anybody.
"""

from __future__ import annotations

import atexit
import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from engine.casework.signatures import CASES, Case
from procedures.declaration import Text
from storage.quarantine import Answer, Quarantine

__all__ = ["CASES", "Case", "SignatureVerdict", "Trust", "Verdict", "verdict"]

_quarantine = Quarantine(module="engine.signing.verdict_child", ahead=1, at_once=2,
                         longest=16_384)
atexit.register(_quarantine.close)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom this installation believes: roots and lists of revoked certificates, DER."""

    roots: tuple[bytes, ...]
    revoked: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureVerdict:
    """`kind`: personal or agency, as the certificate says; `at` is what the signer's machine claimed."""

    kind: str
    name: str
    issuer: str
    serial: str
    at: datetime | None
    case: Case

    @property
    def why(self) -> Text:
        return CASES[self.case]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """`signatures` in the order they were made."""

    case: Case
    signatures: list[SignatureVerdict] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.case is Case.VALID

    @property
    def why(self) -> Text:
        return CASES[self.case]

    def lacking(self, kinds: Sequence[str]) -> Case | None:
        """What a valid file still misses of `kinds`."""
        there = {one.kind for one in self.signatures}
        missing = [kind for kind in kinds if kind not in there]
        if not missing:
            return None
        return Case.PERSON_MISSING if missing[0] == "personal" else Case.AGENCY_MISSING

    def row(self) -> dict[str, object]:
        """As a document's row keeps it."""
        return {"case": self.case, "kinds": [one.kind for one in self.signatures]}


def verdict(pdf: bytes, trust: Trust, now: datetime, *, quarantine: Quarantine = _quarantine) -> Verdict:
    """Raises Unavailable when the checker itself does not work."""
    asked = {"roots": [b64encode(der).decode() for der in trust.roots],
             "revoked": [b64encode(der).decode() for der in trust.revoked], "now": now.isoformat()}
    return _read(quarantine.examine(BytesIO(json.dumps(asked).encode() + b"\n" + pdf)))


def _read(answer: Answer) -> Verdict:
    """A child that died of the file, or took too long over it, has judged the file."""
    try:
        said = json.loads(answer.text)
    except ValueError:
        return Verdict(case=Case.UNREADABLE)
    if "fault" in said:
        return Verdict(case=Case(said["fault"]))
    found = [SignatureVerdict(**{**one, "case": Case(one["case"]),
                                 "at": datetime.fromisoformat(one["at"]) if one["at"] else None})
             for one in said["signatures"]]
    worst = next((one.case for one in found if one.case is not Case.VALID), Case.VALID)
    return Verdict(case=worst if found else Case.UNSIGNED, signatures=found)
