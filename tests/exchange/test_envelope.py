"""What is signed is read back by whoever has the key; everything else is refused with the code that says why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import LienThongError
from engine.exchange.canonical import encode
from engine.exchange.envelope import instant_of, seal, unseal, words_of
from engine.exchange.keys import KeyOfAnother, NoKey, as_string, fingerprint, from_string
from engine.exchange.verify_evidence import signed_by, sound_key
from tests.exchange.keyrings import MESSAGE, RECEIPT, Keyring

RING = Keyring()
SEALED = seal(RING.signer, MESSAGE)


def code_of(data: bytes, kind: Any = "message", ring: Keyring = RING) -> str:
    with pytest.raises(LienThongError) as refused:
        unseal(data, kind, ring.look)
    return refused.value.code


def test_a_sealed_message_is_read_back_as_it_was() -> None:
    found = unseal(SEALED, "message", RING.look)

    assert found.body == MESSAGE
    assert found.key == RING.public
    assert found.data == SEALED
    assert seal(RING.signer, MESSAGE) == SEALED


def test_the_signature_is_over_the_words_of_the_protocol() -> None:
    whole = json.loads(SEALED)
    rest = json.dumps({"body": whole["body"], "key": whole["key"]}, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)

    assert signed_by(RING.public.public, bytes.fromhex(whole["signature"]),
                     b"lienthong-exchange/1\nmessage\n" + rest.encode())


def test_another_key_is_unknown_and_a_revoked_one_is_named() -> None:
    assert code_of(SEALED, ring=Keyring(seed=2)) == "unknown_key"
    revoked = Keyring()
    revoked.public = replace(revoked.public, revoked_at=datetime.now(UTC))
    assert code_of(SEALED, ring=revoked) == "revoked_key"


def test_who_signs_with_another_key_under_this_keys_name_is_found_out() -> None:
    thief = replace(Keyring(seed=2).signer, key_id=RING.public.key_id)
    assert code_of(seal(thief, MESSAGE)) == "bad_signature"


def test_a_receipt_is_no_message_even_with_the_right_words() -> None:
    sealed = seal(RING.signer, RECEIPT)
    assert code_of(sealed) == "malformed"
    assert unseal(sealed, "receipt", RING.look).body == RECEIPT


@pytest.mark.parametrize("change", [
    {"no": 0}, {"no": "1"}, {"no": True}, {"message": "5F0C3F5E-0001-4000-8000-000000000001"}, {"message": None},
    {"created_at": "2026-02-30T01:00:00.000000Z"}, {"created_at": "2026-11-23T01:00:00Z"}, {"content": []},
    {"created_at": "2026-11-23T01:00:00.000000Z\n"}, {"extra": 1}, {"protocol": "lienthong-exchange/2"}, {"thread": ""},
    {"sender": {"installation": "SOC", "agency": "a", "unit": "b"}}, {"documents": [{}]}, {"documents": None},
])
def test_a_member_that_is_missing_or_of_another_type_is_malformed(change: dict[str, Any]) -> None:
    body = {**MESSAGE, **change}
    rest = encode({"body": body, "key": RING.public.key_id})
    signature = RING.signer.sign(b"lienthong-exchange/1\nmessage\n" + rest).hex()

    assert code_of(encode({"body": body, "key": RING.public.key_id, "signature": signature})) == "malformed"
    with pytest.raises(LienThongError):
        seal(RING.signer, {**MESSAGE, **change})


@pytest.mark.parametrize("name", [name for name in MESSAGE if name != "type"])
def test_every_member_is_needed(name: str) -> None:
    body = {member: value for member, value in MESSAGE.items() if member != name}
    assert code_of(encode({"body": body, "key": RING.public.key_id, "signature": "00" * 64})) == "malformed"


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'"x"', b'{"body":{},"key":"","signature":""}',
                                  SEALED[:-1], SEALED + b"\n", b" " + SEALED, SEALED.replace(b'"no":1', b'"no": 1')])
def test_rubbish_is_malformed(data: bytes) -> None:
    assert code_of(data) == "malformed"


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_one_other_byte_anywhere_is_refused(place: int, difference: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= difference
    with pytest.raises(LienThongError):
        unseal(bytes(changed), "message", RING.look)


def test_the_key_goes_from_hand_to_hand_as_one_line() -> None:
    line = as_string("soc-trang", RING.public.public)

    assert from_string(f" {line}\n", "soc-trang") == RING.public.public
    assert from_string(RING.public.public.hex()) == RING.public.public
    assert len(fingerprint(RING.public.public).replace(" ", "")) == 30
    with pytest.raises(KeyOfAnother) as met:
        from_string(line, "ca-mau")
    for language in ("vi", "en"):
        assert "“soc-trang”" in met.value.message(language)
        assert "“ca-mau”" in met.value.message(language)


@pytest.mark.parametrize("words", ["", "x", "00" * 31, "01" + "00" * 31, "00" * 32, "ff" * 32,
                                   "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"])
def test_what_is_no_key_or_one_that_everybody_can_sign_for_is_refused(words: str) -> None:
    with pytest.raises(NoKey):
        from_string(words)


@pytest.mark.parametrize(("public", "signature", "message"), [
    # RFC 8032, 7.1: tests 1, 2 and 3
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe246"
     "55141438e7a100b", ""),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb"
     "00d291612bb0c00", "72"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc"
     "027beceea1ec40a", "af82"),
])
def test_the_verifier_without_libraries_agrees_with_the_standard(public: str, signature: str, message: str) -> None:
    key, data, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)

    assert sound_key(key)
    assert signed_by(key, signed, data)
    assert not signed_by(key, signed, data + b"x")
    assert not signed_by(key, signed[:32] + (int.from_bytes(signed[32:], "little") + 2**252
                                             + 27742317777372353535851937790883648493).to_bytes(32, "little"), data)


@given(st.binary(max_size=60), st.integers(1, 255))
def test_both_verifiers_say_the_same(data: bytes, seed: int) -> None:
    ring = Keyring(seed=seed)
    signature = ring.signer.sign(data)

    assert signed_by(ring.public.public, signature, data)
    assert ring.public.verifies(signature, data)
    bad = bytes([signature[0] ^ 1]) + signature[1:]
    assert not signed_by(ring.public.public, bad, data)
    assert not ring.public.verifies(bad, data)


def test_instants_are_written_and_read() -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, 45, UTC)
    assert instant_of(words_of(moment)) == moment
