"""The example of docs/exchange.md, by which somebody else tries an implementation, is what this one makes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.exchange.canonical import decode
from engine.exchange.keys import fingerprint, key_id

DOC = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")
EXAMPLE = DOC.partition("To try yours:")[2].partition("\n## ")[0]


def test_the_example_of_the_contract_is_signed_by_its_key() -> None:
    private, public, key, told_fingerprint = re.findall(r"`([0-9a-f ]{30,64})`", EXAMPLE.partition("It signs")[0])
    told = EXAMPLE.partition("```\n")[2].partition("\n```")[0].encode()
    signature = re.search(r"`([0-9a-f]{128})`", EXAMPLE)
    assert signature

    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(private))
    assert signer.public_key().public_bytes_raw().hex() == public
    assert key_id(bytes.fromhex(public)) == key
    assert fingerprint(bytes.fromhex(public)) == told_fingerprint
    assert decode(told)["key"] == key
    assert json.loads(told)["body"]["type"] == "request"
    assert signer.sign(b"lienthong-exchange/1\nrequest\n" + told).hex() == signature[1]
