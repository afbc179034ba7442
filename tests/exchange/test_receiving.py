"""What comes over the line: taken once and receipted, or refused with a code of the protocol; no failure of ours."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from engine.exchange import keys, peers
from engine.exchange.envelope import seal
from tests.exchange.forging import MESSAGES, body, message, post, progress, receipt, refusal, signed_anyhow
from tests.exchange.keyrings import Keyring
from tests.exchange.sides import Pair


def arrivals(pair: Pair) -> list[dict[str, Any]]:
    return pair.police.rows("select no, state, kind from arrival order by thread, no")


def test_a_message_is_stored_before_it_is_receipted_and_the_receipt_names_its_bytes(pair: Pair) -> None:
    data = message(pair)

    told = receipt(pair.police, post(pair.police, data))

    stored, = pair.police.rows("select * from arrival")
    assert bytes(stored["envelope"]) == data
    assert stored["receipt"] is not None
    assert told["envelope"] == stored["sha256"]
    assert {name: told[name] for name in ("status", "no", "expected", "sender", "receiver")} == {
        "status": "stored", "no": 1, "expected": 2, "sender": "police", "receiver": "soc-trang"}


def test_a_replayed_message_is_receipted_again_and_stored_once(pair: Pair) -> None:
    data = message(pair)
    first = receipt(pair.police, post(pair.police, data))

    again = receipt(pair.police, post(pair.police, data))

    assert (again["status"], again["received_at"]) == ("duplicate", first["received_at"])
    assert len(arrivals(pair)) == 1
    pair.police.applier.drain()
    assert receipt(pair.police, post(pair.police, data))["status"] == "duplicate"
    assert pair.police.applier.drain().total() == 0


def test_eight_of_the_same_at_once_are_one(pair: Pair) -> None:
    data = message(pair)

    with ThreadPoolExecutor(8) as pool:
        told = [receipt(pair.police, one) for one in pool.map(lambda _: post(pair.police, data), range(8))]

    assert sorted(one["status"] for one in told) == ["duplicate"] * 7 + ["stored"]
    assert len({one["received_at"] for one in told}) == 1
    assert len(arrivals(pair)) == 1


def test_what_was_taken_is_receipted_again_after_its_agency_moved_or_its_unit_closed(pair: Pair) -> None:
    data = message(pair)
    first = receipt(pair.police, post(pair.police, data))
    pair.police.applier.drain()
    pair.police.rows("update agency set reach = 'here', peer_id = null where code = 'H51.01'")
    pair.police.rows("update unit set key = key || '-cu' where agency = 'H51.05'")
    pair.police.rows("update revision set number = number + 1")

    again = receipt(pair.police, post(pair.police, data))
    assert (again["status"], again["received_at"]) == ("duplicate", first["received_at"])
    # what is new is refused
    fresh = {**body(pair), "message": str(uuid.uuid4()), "no": 2}
    assert refusal(post(pair.police, seal(keys.signer(pair.here.office), fresh)))[0] in (403, 422)


@pytest.mark.parametrize("same", ["message", "no"])
def test_the_same_message_or_number_with_other_bytes_is_refused(pair: Pair, same: str) -> None:
    first = body(pair)
    receipt(pair.police, post(pair.police, seal(keys.signer(pair.here.office), first)))
    other = {**first, "content": progress(status=5)} if same == "message" else {**first, "message": str(uuid.uuid4())}

    answer = post(pair.police, seal(keys.signer(pair.here.office), other))

    assert refusal(answer) == (409, "other_content")
    assert len(arrivals(pair)) == 1


def test_a_message_id_in_another_lane_is_other_content(pair: Pair) -> None:
    first = body(pair)
    receipt(pair.police, post(pair.police, seal(keys.signer(pair.here.office), first)))

    answer = post(pair.police, seal(keys.signer(pair.here.office), {**first, "thread": "H51.02-261123-0888"}))

    assert refusal(answer) == (409, "other_content")


def test_a_forged_message_is_refused(pair: Pair) -> None:
    stranger = Keyring("soc-trang", seed=9)
    assert refusal(post(pair.police, seal(stranger.signer, body(pair)))) == (401, "unknown_key")
    data = message(pair)
    changed = data.replace("lúa thơm".encode(), "cây thơm".encode())
    assert changed != data
    assert refusal(post(pair.police, changed)) == (401, "bad_signature")
    assert arrivals(pair) == []


def _place(side: str, **changes: str) -> Callable[[Pair], dict[str, Any]]:
    return lambda pair: {side: {**body(pair)[side], **changes}}


WRONG: dict[str, tuple[Callable[[Pair], dict[str, Any]], tuple[int, str]]] = {
    "for another installation": (_place("receiver", installation="ca-mau"), (403, "not_for_us")),
    "for an agency of others": (_place("receiver", agency="H51.04", unit="chuyen-mon"), (403, "not_for_us")),
    "for no unit": (_place("receiver", unit="khong-co"), (422, "unknown_unit")),
    "from an agency of ours": (_place("sender", agency="H51.05", unit="chuyen-mon"), (403, "not_yours")),
    "from nobody": (_place("sender", agency="H99.01"), (403, "not_yours")),
    "from no unit": (_place("sender", unit="khong-co"), (422, "unknown_unit")),
    "in another's name": (_place("sender", installation="ca-mau"), (403, "not_yours")),
    "of a kind": (lambda pair: {"kind": "greeting"}, (422, "unknown_kind")),
    "without content": (lambda pair: {"content": {}}, (422, "invalid")),
    "about no hand-off": (lambda pair: {"kind": "recalled", "content": {
        "handoff": str(uuid.uuid4()), "at": "2026-11-23T03:00:00.000000Z"}}, (422, "unknown_handoff")),
    "with a control character": (lambda pair: {"thread": "H51.02\x07"}, (400, "malformed")),
    "with a number too large": (lambda pair: {"no": 2**40}, (400, "malformed")),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_for_us_or_not_theirs_is_refused_with_its_reason(pair: Pair, case: str) -> None:
    changes, expected = WRONG[case]

    answer = post(pair.police, signed_anyhow(keys.signer(pair.here.office), body(pair, **changes(pair))))

    assert refusal(answer) == expected
    assert arrivals(pair) == []


def test_a_suspended_peer_is_told_so(pair: Pair) -> None:
    peers.suspend(pair.police.administrator(0), "soc-trang")
    assert refusal(post(pair.police, message(pair))) == (403, "suspended")
    peers.resume(pair.police.administrator(0), "soc-trang")
    assert receipt(pair.police, post(pair.police, message(pair)))["status"] == "stored"


def test_rubbish_is_malformed_and_never_a_failure_of_ours(pair: Pair) -> None:
    good, chance = message(pair), random.Random(5)
    signer = keys.signer(pair.here.office)
    rubbish = [b"", b"null", b"[]", b"{}", b"\xff\xfe", b'{"body":1}', good[:-1], good + b" ", good[:200],
               signed_anyhow(signer, {**body(pair), "no": "1"}), signed_anyhow(signer, {**body(pair), "no": 0}),
               signed_anyhow(signer, {**body(pair), "more": 1}), signed_anyhow(signer, {"type": "message"}),
               signed_anyhow(signer, {**body(pair), "documents": [{}]}), b"[" * 100_000,
               *(chance.randbytes(chance.randrange(1, 400)) for _ in range(20))]
    with httpx.Client(base_url=pair.police.url, headers={"Content-Type": "application/json"}) as client:
        for data in rubbish:
            assert refusal(client.post(MESSAGES, content=data)) == (400, "malformed"), data[:80]
    assert arrivals(pair) == []


def test_no_changed_byte_is_accepted(pair: Pair) -> None:
    """A sample; the ten thousand are tried on the envelope itself."""
    data, chance = message(pair), random.Random(7)
    with httpx.Client(base_url=pair.police.url, headers={"Content-Type": "application/json"}) as client:
        for _ in range(150):
            place = chance.randrange(len(data))
            changed = data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1:]
            status, _ = refusal(client.post(MESSAGES, content=changed))
            assert status in (400, 401)
    assert arrivals(pair) == []


def test_a_message_that_is_too_large_is_not_even_read(pair: Pair) -> None:
    assert refusal(post(pair.police, b"x" * (256 * 1024 + 1))) == (413, "too_large")
    assert refusal(post(pair.police, b"{}", **{"Content-Type": "text/html"}))[0] == 415


def test_a_message_delayed_for_a_year_or_from_a_clock_that_is_wrong_is_taken(pair: Pair) -> None:
    for no, at in enumerate(("2025-11-23T03:00:00.000000Z", "2026-11-23T03:20:00.000000Z"), 1):
        assert receipt(pair.police, post(pair.police, message(pair, no, created_at=at)))["status"] == "stored"


def test_a_revoked_key_signs_nothing_more_but_what_it_signed_before_is_still_receipted(pair: Pair) -> None:
    stored, fresh = message(pair), message(pair, 2)
    receipt(pair.police, post(pair.police, stored))

    peers.revoke_key(pair.police.administrator(0), keys.signer(pair.here.office).key_id)

    assert refusal(post(pair.police, fresh)) == (401, "revoked_key")
    assert receipt(pair.police, post(pair.police, stored))["status"] == "duplicate"


def test_reordered_messages_wait_for_the_missing_one_and_have_their_effect_in_order(pair: Pair) -> None:
    made = {no: message(pair, no, content=progress(status=no)) for no in (1, 2, 3, 4)}

    told = {no: receipt(pair.police, post(pair.police, made[no])) for no in (3, 2, 4)}
    assert {no: (one["status"], one["expected"]) for no, one in told.items()} == {
        3: ("held", 1), 2: ("held", 1), 4: ("held", 1)}
    assert pair.police.applier.drain().total() == 0
    assert (last := receipt(pair.police, post(pair.police, made[1])))["status"] == "stored"
    assert last["expected"] == 5

    assert pair.police.applier.drain() == {"applied": 4}
    assert pair.police.rows("select status from counterpart") == [{"status": 4}]
    assert [row["state"] for row in arrivals(pair)] == ["applied"] * 4


def test_what_follows_a_message_that_was_stored_is_no_gap_although_it_had_no_effect_yet(pair: Pair) -> None:
    told = [receipt(pair.police, post(pair.police, message(pair, no))) for no in (1, 2)]

    assert [(one["status"], one["expected"]) for one in told] == [("stored", 2), ("stored", 3)]
    assert [row["state"] for row in arrivals(pair)] == ["waiting", "held"]


def test_a_hundred_are_held_and_no_more(pair: Pair) -> None:
    with httpx.Client(base_url=pair.police.url, headers={"Content-Type": "application/json"}) as client:
        for no in range(2, 102):
            assert client.post(MESSAGES, content=message(pair, no)).status_code == 200
        assert refusal(client.post(MESSAGES, content=message(pair, 102))) == (429, "too_many_held")
        assert client.post(MESSAGES, content=message(pair, 1)).status_code == 200
        assert receipt(pair.police, client.post(MESSAGES, content=message(pair, 102)))["expected"] == 103


def test_identity_and_directory_are_signed_and_the_directory_is_for_peers(pair: Pair) -> None:
    answer = httpx.get(f"{pair.police.url}/exchange/v1/identity")
    assert answer.status_code == 200
    assert keys.signer(pair.police.office).key_id in answer.text
    assert refusal(httpx.get(f"{pair.police.url}/exchange/v1/directory")) == (400, "malformed")
    pair.here.read_directory("police")
    assert pair.here.rows("select count(*) from unit u join agency a on a.code = u.agency where a.reach = 'peer'"
                          ) == [{"count": 6}]
