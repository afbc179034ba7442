"""Who speaks with whom: our own name and key, and the partner's, both as handed over outside the line."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.errors import Refused
from engine.exchange.keys import KeyFileMissing, PublicKey, Signer, as_string, from_string, key_id, signer_of


class NameMissing(Refused):
    code = "name_missing"
    vi = "Khóa của hệ thống kia phải kèm tên: dán nguyên dòng mà “lienthong peer show-key” in ra."
    en = "The other installation's key must come with its name: paste the whole line of “lienthong peer show-key”."


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """`handed_over`: the line the other side enters with `lienthong peer add`."""

    name: str
    signer: Signer
    handed_over: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """`url`: without a slash at its end."""

    name: str
    url: str
    key: PublicKey

    def key_of(self) -> Callable[[str], PublicKey | None]:
        return lambda wanted: self.key if wanted == self.key.key_id else None


def own(name: str, path: Path) -> Own:
    """The private key in the file, in base64, made if there is none. Raises KeyFileMissing."""
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()))
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes(), validate=True))
    except (OSError, ValueError) as error:
        raise KeyFileMissing(path=path, why=error) from error
    return with_key(name, private)


def with_key(name: str, private: Ed25519PrivateKey) -> Own:
    return Own(name=name, signer=signer_of(private),
               handed_over=as_string(name, private.public_key().public_bytes_raw()))


def other(url: str, handed_over: str) -> Other:
    """Raises NoKey, NameMissing."""
    public = from_string(handed_over)
    words = handed_over.split()
    if len(words) != 3:
        raise NameMissing
    return Other(name=words[1], url=url.rstrip("/"),
                 key=PublicKey(key_id=key_id(public), public=public, owner=words[1]))


def stranger(name: str) -> Own:
    """A key nobody approved."""
    return with_key(name, Ed25519PrivateKey.generate())
