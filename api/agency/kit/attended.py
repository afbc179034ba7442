"""What needs a person at the other side: registered by name, answered with documents, kept after a late recall."""

from __future__ import annotations

import hashlib

from api.agency.bodies import BASE, Body
from api.agency.kit.bench import Bench, Failed, Untested
from api.agency.kit.clauses import clause
from api.agency.kit.desk import Came
from engine.casework.evidence import VERDICTS

KINDS = "Kinds"
DOCUMENTS = "Documents"
NOBODY_SITS_THERE = "needs a person at the other side: run again with --interactive-wait"


def _spoken(bench: Bench, thread: str, kind: str, asked_for: str) -> Body:
    def there(found: list[Came]) -> bool:
        return any(one.body["kind"] == kind for one in found)

    found = bench.awaited(thread, there, asked_for, bench.interactive)
    return next(one.body for one in found if one.body["kind"] == kind)


def _named(body: Body) -> None:
    by = body["content"].get("by")
    if not isinstance(by, dict) or not by.get("name") or not by.get("unit"):
        raise Failed("`by` with the name and unit of a person", by)


@clause("registered", KINDS, "Người ký nhận có tên; thu hồi sau đó thì “kept”",
        "Registered by a named person; a recall after that is answered with `kept`")
def registered(bench: Bench) -> None:
    if not bench.interactive:
        raise Untested(NOBODY_SITS_THERE)
    thread = bench.thread()
    handed = bench.handoff(thread, 1)
    bench.stored(handed)
    taken = _spoken(bench, thread, "registered", "`registered` (somebody must register the hand-off)")
    _named(taken)
    bench.stored(bench.recall(thread, 2, handed["content"]["handoff"]))
    kept = _spoken(bench, thread, "kept", "`kept` (the recall came too late)")
    if any(one.body["kind"] == "recalled" for one in bench.desk.messages[thread]):
        raise Failed("`kept` alone", "`recalled`, too")
    if kept["no"] <= taken["no"]:
        raise Failed(f"`kept` after number {taken['no']}, which was `registered`", kept["no"])


@clause("answered", DOCUMENTS, "Trả lời kèm tài liệu; tài liệu tải được theo khoảng, đúng mã băm",
        "Answered with a document, given whole and in ranges to us only, with the right bytes")
def answered(bench: Bench) -> None:
    if not bench.interactive:
        raise Untested(NOBODY_SITS_THERE)
    thread = bench.thread()
    bench.stored(bench.handoff(thread, 1))
    told = _spoken(bench, thread, "answered", "`answered` (somebody must answer with a document)")
    _named(told)
    before = [one.body["kind"] for one in bench.desk.messages[thread] if one.body["no"] < told["no"]]
    if "registered" not in before:
        raise Failed("`registered` before `answered`: nobody answers what nobody took", before)
    if told["content"]["event"] != "give_opinion" or told["content"]["verdict"] not in VERDICTS:
        raise Failed("one of the answers that were offered, with a verdict", told["content"])
    if not told["content"]["words"].strip():
        raise Failed("words with the verdict", told["content"])
    if not told["documents"]:
        raise Untested("the answer came without a document")
    _ranges(bench, told)


def _ranges(bench: Bench, told: Body) -> None:
    one = told["documents"][0]
    path = f"{BASE}/documents/{one['sha256']}?message={told['message']}"
    whole = bench.line.ask(path)
    if whole.status != 200 or hashlib.sha256(whole.data).hexdigest() != one["sha256"] or len(whole.data) != one["size"]:
        raise Failed(f"200 with {one['size']} bytes of that hash", whole)
    half = one["size"] // 2
    for first, last in ((half, one["size"] - 1), (0, 9)):
        wanted, named = whole.data[first:last + 1], f"bytes {first}-{last}/{one['size']}"
        answer = bench.line.ask(path, part=f"bytes={first}-{'' if first else last}")
        if answer.status != 206 or answer.data != wanted:
            raise Failed(f"206 with {len(wanted)} bytes from {first} on", answer)
        if answer.headers.get("content-range") != named:
            raise Failed(f"Content-Range: {named}", answer.headers.get("content-range"))
    past = bench.line.ask(path, part=f"bytes={one['size']}-")
    if past.status != 416:
        raise Failed("416 past the end", past)
    other = bench.line.ask(f"{BASE}/documents/{one['sha256']}?message={bench.handoff('x', 1)['message']}")
    if other.status != 404:
        raise Failed("404 for a message that does not name it", other)


@clause("revoked", "Messages", "Khóa đã thu hồi, đối tác tạm dừng: 401, 403",
        "A revoked key, a suspended partner: 401, 403")
def revoked(bench: Bench) -> None:
    raise Untested("the other side would have to revoke our key, or suspend us: do it, then send anything")
