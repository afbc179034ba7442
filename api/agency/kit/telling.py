"""The kit as sender: what is stored, held, repeated, refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

from api.agency import bodies
from api.agency.bodies import Body
from api.agency.kit.bench import Bench, Failed
from api.agency.kit.clauses import clause
from api.agency.parties import stranger
from engine.exchange.canonical import encode
from engine.timekeeper import now

CANONICAL = "Canonical bytes"
MESSAGES = "Messages"
LARGEST = 256 * 1024
MOST_HELD = 100


@clause("receipt", MESSAGES, "Biên nhận đã ký cho đúng những byte đã gửi",
        "A signed receipt for exactly the bytes sent")
def receipt(bench: Bench) -> None:
    bench.stored(bench.progress(bench.thread(), 1), "stored", 2)


@clause("same-receipt", MESSAGES, "Gửi lại cùng nội dung: biên nhận “duplicate”, cùng giờ nhận",
        "The same bytes again: a receipt “duplicate” with the same received_at")
def same_receipt(bench: Bench) -> None:
    body = bench.progress(bench.thread(), 1)
    first = bench.stored(body)
    for _ in range(2):
        again = bench.stored(body, "duplicate")
        if again["received_at"] != first["received_at"]:
            raise Failed(f"received_at {first['received_at']}", again["received_at"])


@clause("same-message-other-content", MESSAGES, "Cùng mã thông điệp, nội dung khác: 409",
        "The same message id with other bytes: 409 other_content")
def same_message_other_content(bench: Bench) -> None:
    body = bench.progress(bench.thread(), 1)
    bench.stored(body)
    bench.refused(bench.send(body | {"created_at": bodies.instant(now() + timedelta(seconds=1))}),
                  409, "other_content")
    bench.refused(bench.send(bench.progress(bench.thread(), 1) | {"message": body["message"]}),
                  409, "other_content", what="in another lane")
    bench.stored(body, "duplicate")


@clause("same-number-other-message", MESSAGES, "Cùng số, thông điệp khác: 409",
        "The same number with another message: 409 other_content")
def same_number_other_message(bench: Bench) -> None:
    thread = bench.thread()
    bench.stored(bench.progress(thread, 1))
    bench.refused(bench.send(bench.progress(thread, 1, 3)), 409, "other_content")


@clause("order", MESSAGES, "Đến sai thứ tự: giữ lại (“held”), nêu số còn thiếu, rồi đi tiếp",
        "Out of order: held, the missing number named, then the gap is filled")
def order(bench: Bench) -> None:
    thread = bench.thread()
    bench.stored(bench.progress(thread, 1), "stored", 2)
    ahead = bench.progress(thread, 3)
    bench.stored(ahead, "held", 2)
    bench.stored(ahead, "duplicate", 2)
    bench.stored(bench.progress(thread, 2), "stored", 4)
    bench.stored(bench.progress(thread, 4), "stored", 5)


@clause("held-at-most", MESSAGES, "Giữ nhiều nhất 100 thông điệp của một làn, thêm nữa: 429",
        "At most 100 messages of a lane are held; more are answered 429")
def held_at_most(bench: Bench) -> None:
    thread = bench.thread()
    for no in range(2, MOST_HELD + 2):
        bench.stored(bench.progress(thread, no), "held", 1)
    answer = bench.send(bench.progress(thread, MOST_HELD + 2))
    if answer.status != 429:
        raise Failed(f"429 for the {MOST_HELD + 1}st", answer)
    bench.stored(bench.progress(thread, 1), "stored", MOST_HELD + 2)


@clause("canonical", CANONICAL, "Byte không đúng dạng chuẩn: 400, dù chữ ký đúng",
        "Bytes that are not canonical: 400 malformed, although the signature is right")
def canonical(bench: Bench) -> None:
    for what, data in _not_canonical(bench.sign(bench.progress(bench.thread(), 1))):
        bench.refused(bench.line.post(data), 400, "malformed", what=what)


def _not_canonical(right: bytes) -> Iterator[tuple[str, bytes]]:
    told = json.loads(right)
    yield "white space", json.dumps(told, sort_keys=True, ensure_ascii=False).encode()
    yield "a line end at the end", right + b"\n"
    yield "members not sorted", json.dumps({name: told[name] for name in ("signature", "key", "body")},
                                           separators=(",", ":"), ensure_ascii=False).encode()
    yield "letters as \\u", json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    yield "a member twice", right.replace(b'"body":{', b'"body":{"created_at":"x",', 1)
    yield "a number with fraction", right.replace(b'"no":1,', b'"no":1.0,', 1)
    yield "a number with exponent", right.replace(b'"no":1,', b'"no":1e0,', 1)
    yield "an upper-case signature", right.replace(told["signature"].encode(), told["signature"].upper().encode())
    yield "a byte order mark", b"\xef\xbb\xbf" + right
    yield "UTF-16", right.decode().encode("utf-16")
    yield "truncated", right[:-1]
    yield "empty", b""
    yield "a number beyond 2^53-1", right.replace(b'"no":1,', b'"no":9007199254740992,', 1)
    yield "nested without end", b"[" * 20_000 + b"]" * 20_000


@clause("nfc", CANONICAL, "Chữ chưa chuẩn hóa NFC, U+0000, lồng quá 32 lớp: 400",
        "Text that is not in NFC, U+0000, more than 32 objects and lists within each other: 400 malformed")
def nfc(bench: Bench) -> None:
    for what, subject in (("not in NFC", "Ho\u0302\u0300 so\u031b"), ("U+0000", "a\0b"), ("33 deep", _nested(29))):
        body = bench.progress(bench.thread(), 1)
        body["content"]["dossier"]["subject"] = subject
        bench.refused(bench.line.post(_signed_all_the_same(bench, body)), 400, "malformed", what=what)


def _nested(times: int) -> list[Any]:
    """Lists within each other; four objects are around a subject already."""
    told: list[Any] = []
    for _ in range(times - 1):
        told = [told]
    return told


def _signed_all_the_same(bench: Bench, body: Body) -> bytes:
    """Of what has no canonical form."""
    told = {"body": body, "key": bench.own.signer.key_id}
    data = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = bench.own.signer.sign(f"{bodies.PROTOCOL}\nmessage\n".encode() + data).hex()
    return data[:-1] + f',"signature":"{signature}"}}'.encode()


@clause("members", MESSAGES, "Thiếu mục, thừa mục, sai kiểu, sai giao thức: 400, không bao giờ 500",
        "A member missing, unknown or of another type, another protocol: 400 malformed, never 500")
def members(bench: Bench) -> None:
    right = bench.progress(bench.thread(), 1)
    for name in ("message", "kind", "sender", "receiver", "thread", "no", "created_at", "content", "documents"):
        bench.refused(bench.send({key: value for key, value in right.items() if key != name}), 400, "malformed",
                      what=f"{name} missing")
    one = bodies.document(hashlib.sha256(b"").hexdigest(), 1)
    for name, wrong in (("no", "1"), ("no", 0), ("no", None), ("no", 2**31 - 1), ("message", "1"), ("sender", []),
                        ("content", "x"), ("created_at", "yesterday"), ("created_at", "1899-12-31T23:59:59.000000Z"),
                        ("created_at", "2026-02-30T00:00:00.000000Z"), ("documents", {}), ("documents", [one, one]),
                        ("documents", [one | {"size": 2**31}]), ("documents", [one | {"name": "a\tb.pdf"}]),
                        ("protocol", "lienthong-exchange/2"), ("type", "receipt"), ("thread", 7), ("urgent", True)):
        bench.refused(bench.send(right | {name: wrong}), 400, "malformed", what=f"{name} {wrong!r}")


@clause("signature", MESSAGES, "Chữ ký sai, nội dung bị sửa: 401",
        "A wrong signature, a changed content: 401 bad_signature")
def signature(bench: Bench) -> None:
    right = bench.sign(bench.progress(bench.thread(), 1))
    told = json.loads(right)
    turned = told["signature"][:-1] + ("0" if told["signature"][-1] != "0" else "1")
    for what, data in (
            ("another signature", right.replace(told["signature"].encode(), turned.encode())),
            ("a signature of zeros", right.replace(told["signature"].encode(), b"0" * 128)),
            ("a changed content", right.replace(b'"status":2', b'"status":3', 1)),
            ("a signature of another type of thing", _as_receipt(bench, told["body"]))):
        bench.refused(bench.line.post(data), 401, "bad_signature", what=what)


def _as_receipt(bench: Bench, body: Body) -> bytes:
    """What is signed for one purpose must not serve another."""
    told = encode({"body": body, "key": bench.own.signer.key_id})
    other = bench.own.signer.sign(f"{bodies.PROTOCOL}\nreceipt\n".encode() + told).hex()
    return encode({"body": body, "key": bench.own.signer.key_id, "signature": other})


@clause("unknown-key", MESSAGES, "Khóa chưa được phê duyệt: 401", "A key nobody approved: 401 unknown_key")
def unknown_key(bench: Bench) -> None:
    data = bodies.signed(stranger(bench.own.name).signer, bench.progress(bench.thread(), 1))
    bench.refused(bench.line.post(data), 401, "unknown_key")


@clause("replay-elsewhere", MESSAGES, "Thông điệp gửi cho hệ thống khác, hay cơ quan không ở đây: 403",
        "A message to another installation, replayed here, or to an agency that is not here: 403 not_for_us")
def replay_elsewhere(bench: Bench) -> None:
    for receiver in ({"installation": "somebody-else"}, {"agency": "H99.99"}):
        body = bench.progress(bench.thread(), 1)
        body["receiver"] |= receiver
        bench.refused(bench.send(body), 403, "not_for_us", what=str(receiver))


@clause("not-yours", MESSAGES, "Nhân danh cơ quan của hệ thống khác: 403",
        "In the name of an agency that is not hosted by who signed: 403 not_yours")
def not_yours(bench: Bench) -> None:
    for sender in ({"agency": bench.target.agency, "unit": bench.target.unit}, {"installation": "somebody-else"},
                   {"agency": "H99.99"}):
        body = bench.progress(bench.thread(), 1)
        body["sender"] |= sender
        bench.refused(bench.send(body), 403, "not_yours", what=str(sender))


@clause("unknown-unit", MESSAGES, "Đơn vị không có ở đây: 422", "A unit that is not here: 422 unknown_unit")
def unknown_unit(bench: Bench) -> None:
    body = bench.progress(bench.thread(), 1)
    body["receiver"]["unit"] = "khong-co"
    bench.refused(bench.send(body), 422, "unknown_unit")


@clause("unknown-kind", "Kinds", "Loại không biết, nội dung thiếu hoặc thừa, hồ sơ chuyển không biết: 422",
        "An unknown kind, content that lacks something or has more, an unknown hand-off: 422")
def unknown_kind(bench: Bench) -> None:
    thread = bench.thread()
    bench.refused(bench.send(bench.progress(thread, 1) | {"kind": "poetry"}), 422, "unknown_kind")
    right = bench.progress(thread, 1)
    for what, content in (("empty content", {}), ("an unknown member", right["content"] | {"urgent": True}),
                          ("status 11", right["content"] | {"status": 11})):
        bench.refused(bench.send(right | {"content": content}), 422, "invalid", what=what)
    bench.refused(bench.send(bench.progress(thread, 1) | {
        "kind": "recalled", "content": {"handoff": str(uuid4()), "at": bodies.instant()}}), 422, "unknown_handoff")
    bench.stored(bench.progress(thread, 1), "stored", 2)


@clause("size", MESSAGES, "Lớn hơn 256 kB: 413", "More than 256 kB: 413 too_large")
def size(bench: Bench) -> None:
    body = bench.progress(bench.thread(), 1)
    body["content"]["dossier"]["subject"] = "x" * LARGEST
    answer = bench.send(body)
    # a server may close the line before all of it was sent
    if answer.status:
        bench.refused(answer, 413, "too_large")


@clause("clock", MESSAGES, "Đồng hồ lệch mười phút, hay một ngày: vẫn nhận",
        "A clock ten minutes off, or a day: accepted")
def clock(bench: Bench) -> None:
    for off in (timedelta(minutes=-10), timedelta(minutes=10), timedelta(days=-1), timedelta(days=1)):
        bench.stored(bench.progress(bench.thread(), 1) | {"created_at": bodies.instant(now() + off)})


@clause("anchors", "Anchors", "Mốc neo: giữ, gửi lại được, sai số hoặc nội dung khác thì 409",
        "Anchors are kept and may be sent again; a number out of turn or other content: 409")
def anchors(bench: Bench) -> None:
    # always the same bytes, so that the kit can come again
    first = {"protocol": bodies.PROTOCOL, "type": "anchor", "installation": bench.own.name, "no": 1,
             "at": "2026-01-01T00:00:00.000000Z", "root": hashlib.sha256(b"").hexdigest(), "heads": 0,
             "previous": "0" * 64}
    data = bench.sign(first)
    answers = [bench.line.post(data, f"{bodies.BASE}/anchors") for _ in range(2)]
    if answers[0].status != 200:
        raise Failed("a receipt", answers[0])
    told = bench.opened(answers[0].data, "receipt")
    if (told["message"], told["no"], told["envelope"]) != (None, 1, hashlib.sha256(data).hexdigest()):
        raise Failed("a receipt for anchor 1", told)
    if answers[1].data != answers[0].data:
        raise Failed("the same receipt for the same bytes", answers[1])
    for wrong in ({"heads": 1}, {"no": 7}, {"no": 2, "previous": "1" * 64}):
        bench.refused(bench.line.post(bench.sign(first | wrong), f"{bodies.BASE}/anchors"), 409, "other_content",
                      what=str(wrong))
