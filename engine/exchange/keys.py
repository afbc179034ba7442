"""The keys installations sign with: ours, whose private halves are files, and the public ones of everybody."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.errors import Refused, Unavailable
from engine.exchange.verify_evidence import sound_key
from engine.office import Office
from engine.timekeeper import now as this_moment
from storage import peers
from storage.peers import Deed, OwnRow

# A key that was made and handed over, and does not sign yet.
NEXT = "next"
# A key that was retired still verifies, so a moment more of it does no harm.
_ASKED_AGAIN = 1.0
_signing: dict[str, tuple[float, str]] = {}
_STRING = re.compile(r"(?:lienthong-key/1 +(?P<name>[a-z0-9-]{1,40}) +)?(?P<hex>[0-9a-f]{64})")


class KeyFileMissing(Unavailable):
    """What must not happen silently: a new key would be one that nobody approved. No message is at fault."""

    code = "key_file_missing"
    vi = ("Không đọc được tệp khóa bí mật {path} ({why}). Hãy khôi phục tệp từ bản sao lưu, hoặc tạo khóa mới bằng "
          "“lienthong peer rotate” rồi giao khóa mới cho các hệ thống khác.")
    en = ("The private key file {path} cannot be read ({why}). Restore it from the backup, or make a new key with "
          "“lienthong peer rotate” and hand that to the other installations.")


class NoKey(Refused):
    code = "no_key"
    vi = "Khóa công khai không đúng. Hãy dán nguyên dòng mà “lienthong peer show-key” in ở hệ thống kia."
    en = "This is no public key. Paste the whole line that “lienthong peer show-key” prints at the other installation."


class KeyOfAnother(NoKey):
    code = "key_of_another"
    vi = ("Dòng khóa này là của hệ thống “{told}”, không phải “{name}”. Hãy gọi hệ thống kia đúng bằng tên ghi trong "
          "dòng khóa của nó.")
    en = ("This line is the key of the installation “{told}”, not of “{name}”. Call the other installation by the name "
          "that stands in its line.")


@dataclass(frozen=True, slots=True)
class Signer:
    """`sign(data)` gives the 64 bytes of the signature."""

    key_id: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicKey:
    """`owner`: the installation's name; `peer_id`: None for our own; `active`: nothing is taken from other peers."""

    key_id: str
    public: bytes
    owner: str
    peer_id: int | None = None
    active: bool = True
    revoked_at: datetime | None = None

    def verifies(self, signature: bytes, data: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


def key_id(public: bytes) -> str:
    """The first 16 bytes of the SHA-256 of the 32 bytes, in hex."""
    return hashlib.sha256(public).hexdigest()[:32]


def fingerprint(public: bytes) -> str:
    """Thirty digits in groups of five, to be read out on the telephone: nearly 100 of the 128 bits of the key's id."""
    digits = f"{int(key_id(public), 16) % 10**30:030d}"
    return " ".join(digits[at:at + 5] for at in range(0, 30, 5))


def as_string(name: str, public: bytes) -> str:
    """What one installation hands to another, outside the line."""
    return f"lienthong-key/1 {name} {public.hex()}"


def from_string(words: str, name: str = "") -> bytes:
    """The public key in a line made by `as_string`, or in 64 hex digits. Raises NoKey, KeyOfAnother."""
    found = _STRING.fullmatch(words.strip())
    if found is None:
        raise NoKey
    if name and found["name"] not in (None, name):
        raise KeyOfAnother(told=found["name"], name=name)
    public = bytes.fromhex(found["hex"])
    if not sound_key(public):
        raise NoKey
    return public


def signer(office: Office, now: datetime | None = None, *, anew: bool = False) -> Signer:
    """The newest own key, made now if there is none. Raises KeyFileMissing.

    One that another process changed to is seen within a second, or at once when it is asked for `anew`.
    """
    until, known = _signing.get(office.db.url, (0.0, ""))
    if anew or time.monotonic() > until:
        known = peers.signing_key(office.db) or _first(office, now or this_moment())
        _signing[office.db.url] = time.monotonic() + _ASKED_AGAIN, known
    return signer_of(_private(office.keys, known), known)


def signer_of(private: Ed25519PrivateKey, known: str | None = None) -> Signer:
    """For whoever keeps keys elsewhere, as the simulated partner does."""
    return Signer(known or key_id(private.public_key().public_bytes_raw()), private.sign)


def own_key(office: Office) -> PublicKey:
    """The one that signs now."""
    known = peers.own_key(office.db, signer(office).key_id)
    assert known is not None
    return _ours(office, known)


def own_key_of(office: Office) -> Callable[[str], PublicKey | None]:
    """Looks our own keys up, retired ones too: they verify what they signed."""
    def look(wanted: str) -> PublicKey | None:
        known = peers.own_key(office.db, wanted)
        return None if known is None else _ours(office, known)
    return look


def prepare(office: Office) -> bytes:
    """The public half of the key that `rotate` will change to: handed over first, so that no message is refused."""
    path = _path(office.keys, NEXT)
    if path.exists():
        public = _read(path).public_key().public_bytes_raw()
        # one that signs already was left here by a rotation that was killed
        if peers.own_key(office.db, key_id(public)) is None:
            return public
    private = Ed25519PrivateKey.generate()
    _write(path, private)
    return private.public_key().public_bytes_raw()


def rotate(office: Office, actor: int | None, now: datetime) -> PublicKey:
    """The prepared key, or a new one, signs from now on; the one before is retired and still verifies."""
    with peers.alone_with_own_keys(office.db) as connection:
        public = prepare(office)
        new = key_id(public)
        _keep(office.keys, new)
        peers.add_own(connection, new, public, Deed(kind="own_key_rotated", actor=actor, at=now, details={"key": new}))
    _signing.pop(office.db.url, None)
    # only now: a rotation that was rolled back finds its key again
    _path(office.keys, NEXT).unlink(missing_ok=True)
    return PublicKey(key_id=new, public=public, owner=office.name)


def _first(office: Office, now: datetime) -> str:
    """Whoever of several processes comes second finds it made."""
    with peers.alone_with_own_keys(office.db) as connection:
        known = peers.newest_own(connection)
        if known is not None:
            return known.key_id
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        new = key_id(public)
        _write(_path(office.keys, new), private)
        peers.add_own(connection, new, public, Deed(kind="own_key_made", actor=None, at=now, details={"key": new}))
    return new


def _ours(office: Office, row: OwnRow) -> PublicKey:
    return PublicKey(key_id=row.key_id, public=bytes(row.public), owner=office.name)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


@lru_cache(maxsize=64)
def _private(folder: Path, known: str) -> Ed25519PrivateKey:
    private = _read(_path(folder, known))
    if key_id(private.public_key().public_bytes_raw()) != known:
        raise KeyFileMissing(path=_path(folder, known), why="another key is in it", seconds=300)
    return private


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text(encoding="ascii"), validate=True))
    except (OSError, ValueError) as error:
        raise KeyFileMissing(path=path, why=error, seconds=300) from error


def _write(path: Path, private: Ed25519PrivateKey) -> None:
    """Whole or not at all, durable, and readable by nobody else from the first byte."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with suppress(FileNotFoundError):
        part.unlink()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(private.private_bytes_raw()))
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync(path.parent)


def _keep(folder: Path, new: str) -> None:
    """The prepared file under its own name too; both stay until the database has the key."""
    with suppress(FileExistsError):
        os.link(_path(folder, NEXT), _path(folder, new))
    _sync(folder)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
