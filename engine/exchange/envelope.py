"""What installations sign: messages, receipts, requests, identities, directories, anchors (docs/exchange.md)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.errors import Forbidden
from engine.exchange.canonical import NotCanonical, decode, encode
from engine.exchange.keys import PublicKey, Signer

PROTOCOL = "lienthong-exchange/1"
# Of a message, in bytes; what is longer is refused before it is read.
LARGEST = 256 * 1024


def _exists(instant: str) -> str:
    """Far from the ends of the calendar, where no other time zone can show it."""
    if not 1900 <= datetime.fromisoformat(instant).year <= 2999:
        raise ValueError
    return instant


def _plain(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("control characters")
    return text


def instant_of(words: str) -> datetime:
    """The moment an `Instant` names."""
    return datetime.fromisoformat(words)


def words_of(moment: datetime) -> str:
    """A moment as the protocol writes it: UTC, six digits after the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Instant = Annotated[str, StringConstraints(
    pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"), AfterValidator(_exists)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_plain)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_plain)]
Number = Annotated[int, Field(ge=1)]
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_KEY = re.compile(r"[0-9a-f]{32}")


class Malformed(NotCanonical):
    """Canonical, but a member is missing, of another type or unknown. `why` says which."""


class UnknownKey(Forbidden):
    code = "unknown_key"
    vi = "Không biết khóa {key} đã ký nội dung này."
    en = "The key {key} that signed this is not known."


class RevokedKey(Forbidden):
    code = "revoked_key"
    vi = "Khóa {key} đã bị thu hồi."
    en = "The key {key} was revoked."


class BadSignature(Forbidden):
    code = "bad_signature"
    vi = "Chữ ký không khớp với nội dung."
    en = "The signature does not fit the content."


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Body(Part):
    """What every signed thing says of itself."""

    protocol: Literal["lienthong-exchange/1"]


class Said(Part):
    vi: Words
    en: Words


class Place(Part):
    installation: Name
    agency: Short
    unit: Short


class DocumentPart(Part):
    id: Uuid
    component: Short
    name: Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_plain)]
    media_type: Short
    size: Annotated[int, Field(ge=0, le=2**31 - 1)]
    sha256: Sha256


class MessageBody(Body):
    """`content` differs by kind and is looked at where it has its effect."""

    type: Literal["message"]
    message: Uuid
    kind: Short
    sender: Place
    receiver: Place
    thread: Short
    no: Number
    created_at: Instant
    content: dict[str, Any]
    documents: Annotated[list[DocumentPart], Field(max_length=200)]


class ReceiptBody(Body):
    """`message` and `expected` are null in the receipt for an anchor."""

    type: Literal["receipt"]
    message: Uuid | None
    envelope: Sha256
    sender: Name
    receiver: Name
    thread: Short | None
    no: Number
    status: Literal["stored", "held", "duplicate"]
    expected: Number | None
    received_at: Instant


class RequestBody(Body):
    type: Literal["request"]
    method: Literal["GET"]
    path: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    sender: Name
    receiver: Name
    at: Instant
    nonce: Short


class IdentityBody(Body):
    type: Literal["identity"]
    installation: Name
    title: Short
    protocols: Annotated[list[Short], Field(min_length=1, max_length=20)]
    keys: Annotated[list[KeyId], Field(min_length=1, max_length=100)]
    at: Instant


class UnitPart(Part):
    key: Short
    name: Said


class AgencyPart(Part):
    code: Short
    name: Said
    level: Short
    units: Annotated[list[UnitPart], Field(max_length=1000)]


class DirectoryBody(Body):
    type: Literal["directory"]
    installation: Name
    agencies: Annotated[list[AgencyPart], Field(max_length=2000)]
    at: Instant


class AnchorBody(Body):
    """`previous`: SHA-256 of the anchor before, as signed; 64 zeros of the first. `heads`: how many dossiers."""

    type: Literal["anchor"]
    installation: Name
    no: Number
    at: Instant
    root: Sha256
    heads: Annotated[int, Field(ge=0)]
    previous: Sha256


Kind = Literal["message", "receipt", "request", "identity", "directory", "anchor"]
MODELS: dict[str, type[Body]] = {
    "message": MessageBody, "receipt": ReceiptBody, "request": RequestBody, "identity": IdentityBody,
    "directory": DirectoryBody, "anchor": AnchorBody,
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """`data`: the bytes that came, whose hash is `sha256`; `key`: who signed, as `key_of` knew it."""

    body: dict[str, Any]
    key: PublicKey
    data: bytes
    sha256: str


def seal(signer: Signer, body: dict[str, Any]) -> bytes:
    """The signed bytes; `protocol` is added. Raises Malformed for a body that nobody would take."""
    whole = {"protocol": PROTOCOL, **body}
    _validate(whole, str(whole.get("type")))
    signature = signer.sign(_signed(whole, signer.key_id)).hex()
    return encode({"body": whole, "key": signer.key_id, "signature": signature})


def unseal(data: bytes, kind: Kind, key_of: Callable[[str], PublicKey | None]) -> Sealed:
    """What was signed, by whom. Raises Malformed, UnknownKey, RevokedKey, BadSignature, in this order."""
    body, key, signature = _opened(data, kind)
    known = key_of(key)
    if known is None or known.key_id != key:
        raise UnknownKey(key=key)
    if known.revoked_at is not None:
        raise RevokedKey(key=key)
    if not known.verifies(signature, _signed(body, key)):
        raise BadSignature
    return Sealed(body, known, data, hashlib.sha256(data).hexdigest())


def _signed(body: dict[str, Any], key: str) -> bytes:
    return f"{PROTOCOL}\n{body['type']}\n".encode() + encode({"body": body, "key": key})


def _opened(data: bytes, kind: str) -> tuple[dict[str, Any], str, bytes]:
    """Body, key id, signature. A directory may be long; whoever reads from the line limits what it reads."""
    whole = decode(data)
    if not isinstance(whole, dict) or set(whole) != {"body", "key", "signature"}:
        raise Malformed(why="a signed thing has body, key and signature")
    body, key, signature = whole["body"], whole["key"], whole["signature"]
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Malformed(why="key is no key id")
    if not isinstance(signature, str) or not _SIGNATURE.fullmatch(signature):
        raise Malformed(why="signature is not 128 lower-case hex digits")
    if not isinstance(body, dict) or body.get("type") != kind:
        raise Malformed(why=f"body is not of type {kind}")
    _validate(body, kind)
    return body, key, bytes.fromhex(signature)


def _validate(body: dict[str, Any], kind: str) -> None:
    if kind not in MODELS:
        raise Malformed(why=f"no type {kind}")
    try:
        MODELS[kind].model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Malformed(why=f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from error
