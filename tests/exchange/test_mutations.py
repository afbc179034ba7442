"""Nothing that was changed on its way is taken, nothing meant for another is, and a new key undoes no evidence."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import LienThongError
from engine.exchange import keys, peers, receiving
from engine.exchange.envelope import Kind, RevokedKey, seal, unseal
from engine.exchange.receiving import NotForUs
from engine.exchange.verify_evidence import signed_by
from engine.timekeeper import now
from tests.exchange.keyrings import MESSAGE, RECEIPT, Keyring
from tests.exchange.sides import Pair, consult

RING = Keyring()
SIGNED: dict[Kind, bytes] = {"message": seal(RING.signer, MESSAGE), "receipt": seal(RING.signer, RECEIPT)}
CHANGES = 10_000
CODES = {"malformed", "unknown_key", "bad_signature"}


def refusal(data: bytes, kind: Kind) -> str:
    """The code it is refused with; anything but a refusal fails the test."""
    try:
        unseal(data, kind, RING.look)
    except LienThongError as error:
        return error.code
    return "accepted"


def test_of_ten_thousand_changed_bytes_none_is_accepted() -> None:
    chance = random.Random(20261123)
    met = set()
    for number in range(CHANGES):
        kind: Kind = "message" if number % 2 else "receipt"
        data = bytearray(SIGNED[kind])
        place = chance.randrange(len(data))
        data[place] ^= chance.randrange(1, 256)
        code = refusal(bytes(data), kind)
        assert code in CODES, (kind, place, data[place], code)
        met.add(code)

    assert met == CODES


@pytest.mark.parametrize("kind", ["message", "receipt"])
def test_every_single_bit_counts(kind: Kind) -> None:
    for place in range(len(SIGNED[kind])):
        for bit in range(8):
            data = bytearray(SIGNED[kind])
            data[place] ^= 1 << bit
            assert refusal(bytes(data), kind) in CODES, (place, bit)


@pytest.mark.parametrize("kind", ["message", "receipt"])
def test_bytes_left_out_doubled_or_added_are_not_accepted(kind: Kind) -> None:
    right = SIGNED[kind]
    for place in range(len(right)):
        for data in (right[:place], right[:place] + right[place + 1:], right[:place + 1] + right[place:],
                     right[:place] + b" " + right[place:]):
            assert data == right or refusal(data, kind) in CODES, (place, data[place:place + 5])
    assert refusal(right, kind) == "accepted"


def test_members_exchanged_between_two_signed_things_are_not_accepted() -> None:
    """Each member alone is genuine."""
    other: dict[str, Any] = MESSAGE | {"no": 2, "message": "5f0c3f5e-0002-4000-8000-000000000002"}
    for name in ("no", "message"):
        mixed = seal(RING.signer, MESSAGE | {name: other[name]})
        signature = SIGNED["message"][-130:-2]
        assert refusal(mixed[:-130] + signature + mixed[-2:], "message") == "bad_signature"


def test_what_was_meant_for_another_installation_is_refused_here(pair: Pair) -> None:
    consult(pair.here)
    pair.settle()
    message, = pair.sent()

    with pytest.raises(NotForUs):
        receiving.receive(replace(pair.police.office, name="ca-mau"), bytes(message["envelope"]), now())
    assert len(pair.arrived()) == 1


def test_what_was_signed_before_a_key_changed_still_verifies(pair: Pair) -> None:
    consult(pair.here)
    pair.settle()
    message, = pair.sent()
    envelope, receipt = bytes(message["envelope"]), bytes(message["receipt"])
    ours, theirs = (keys.own_key(side.office) for side in (pair.here, pair.police))

    keys.rotate(pair.here.office, None, now())
    keys.rotate(pair.police.office, None, now())
    peers.revoke_key(pair.here.administrator(0), theirs.key_id)

    assert keys.own_key(pair.here.office).key_id != ours.key_id
    assert unseal(envelope, "message", keys.own_key_of(pair.here.office)).key.key_id == ours.key_id
    with pytest.raises(RevokedKey):
        unseal(receipt, "receipt", peers.key_of(pair.here.office.db))
    whole = unseal(receipt, "receipt", lambda wanted: theirs)
    assert whole.body["envelope"] == message_hash(envelope)
    stored, = pair.here.rows("select public from peer_key where key_id = %s", theirs.key_id)
    told = receipt.rpartition(b',"signature":"')
    assert signed_by(bytes(stored["public"]), bytes.fromhex(told[2][:128].decode()),
                     b"lienthong-exchange/1\nreceipt\n" + told[0] + b"}")


def message_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
