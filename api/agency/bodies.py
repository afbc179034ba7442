"""The bodies of what is signed (docs/exchange.md), as plain values, so that they can also be made wrong."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from engine.exchange.canonical import encode
from engine.exchange.envelope import words_of
from engine.exchange.keys import Signer
from engine.timekeeper import now

PROTOCOL = "lienthong-exchange/1"
BASE = "/exchange/v1"

Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """An agency's unit at an installation."""

    installation: str
    agency: str
    unit: str

    def told(self) -> Body:
        return {"installation": self.installation, "agency": self.agency, "unit": self.unit}


def instant(at: datetime | None = None) -> str:
    return words_of(at or now())


def message(sender: Address, receiver: Address, thread: str, no: int, kind: str, content: Body, *,
            documents: tuple[Body, ...] = ()) -> Body:
    return {"protocol": PROTOCOL, "type": "message", "message": str(uuid4()), "kind": kind, "sender": sender.told(),
            "receiver": receiver.told(), "thread": thread, "no": no, "created_at": instant(), "content": content,
            "documents": list(documents)}


def receipt(of: Body, envelope: str, status: str, expected: int, received_at: str) -> Body:
    """Signed by whoever received `of`."""
    return {"protocol": PROTOCOL, "type": "receipt", "message": of["message"], "envelope": envelope,
            "sender": of["receiver"]["installation"], "receiver": of["sender"]["installation"],
            "thread": of["thread"], "no": of["no"], "status": status, "expected": expected,
            "received_at": received_at}


def request(path: str, sender: str, receiver: str, at: datetime | None = None) -> Body:
    return {"protocol": PROTOCOL, "type": "request", "method": "GET", "path": path, "sender": sender,
            "receiver": receiver, "at": instant(at), "nonce": uuid4().hex}


def identity(name: str, title: str, key: str) -> Body:
    return {"protocol": PROTOCOL, "type": "identity", "installation": name, "title": title, "protocols": [PROTOCOL],
            "keys": [key], "at": instant()}


def directory(home: Address, name: Body) -> Body:
    """Of an installation with one unit."""
    return {"protocol": PROTOCOL, "type": "directory", "installation": home.installation, "at": instant(),
            "agencies": [{"code": home.agency, "name": name, "level": "province",
                          "units": [{"key": home.unit, "name": name}]}]}


def anchor_receipt(of: Body, envelope: str, sender: str) -> Body:
    return {"protocol": PROTOCOL, "type": "receipt", "message": None, "envelope": envelope, "sender": sender,
            "receiver": of["installation"], "thread": None, "no": of["no"], "status": "stored", "expected": None,
            "received_at": instant()}


def document(sha256: str, size: int, *, component: str = "opinion", name: str = "y-kien.pdf") -> Body:
    return {"id": str(uuid4()), "component": component, "name": name, "media_type": "application/pdf", "size": size,
            "sha256": sha256}


def signed(signer: Signer, body: Body) -> bytes:
    """Whatever the body says: `seal` signs nothing that is wrong."""
    told = encode({"body": body, "key": signer.key_id})
    signature = signer.sign(f"{PROTOCOL}\n{body.get('type')}\n".encode() + told).hex()
    return encode({"body": body, "key": signer.key_id, "signature": signature})


def header(data: bytes) -> str:
    """Base64url without padding, as Exchange-Request carries a signed request."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_header(text: str) -> bytes:
    """Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def named(vi: str, en: str) -> Body:
    return {"vi": vi, "en": en}
