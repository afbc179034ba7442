"""Digests that wait for a token or a remote signing service, for the program that talks to it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi.responses import Response
from pydantic import Base64Bytes, Field

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.inputs import Input
from engine.letters import sealing
from storage.letters import Request

router = Counter(prefix=PREFIX, tags=["signing"])


class Signature(Input):
    """What the key made of the digest: RSA PKCS#1 v1.5 or ECDSA (DER), base64."""

    signature: Annotated[Base64Bytes, Field(max_length=4000)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """`digest`: the SHA-256 to be signed, base64; `kind`: personal or agency."""

    id: UUID
    code: str
    letter: int
    kind: str
    digest: str
    hash: str
    expires_at: datetime
    done_at: datetime | None


@router.get("/signing-requests/{request}", response_model=Waiting, responses=refusals(404, reading=True))
def waiting(caller: Caller, request: UUID) -> Response:
    """One's own only."""
    return answer(_told(sealing.waiting(caller.office, request, caller.actor)))


@router.post("/signing-requests/{request}", response_model=Waiting, responses=refusals(404, 409))
def sign(caller: Caller, request: UUID, given: Signature) -> Response:
    """The signature of the digest. It is checked against the certificate before it becomes part of the file."""
    sealing.finish(caller.office, request, given.signature, caller.actor, caller.now)
    return answer(_told(sealing.waiting(caller.office, request, caller.actor)))


def _told(found: Request) -> Waiting:
    return Waiting(id=found.id, code=found.code, letter=found.letter_no, kind=found.kind, hash="SHA-256",
                   digest=b64encode(found.digest).decode(), expires_at=found.expires_at, done_at=found.done_at)
