"""The kit as receiver: what the other side sends by itself, and what it does when we answer badly.

A hand-off that is recalled at once makes any installation send a message without a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from api.agency import bodies
from api.agency.bodies import BASE, Body
from api.agency.kit.bench import Bench, Failed
from api.agency.kit.clauses import clause
from api.agency.kit.desk import Answering, Came
from api.agency.life import opinion
from api.agency.parties import Own, stranger
from api.agency.partner import ranged
from api.agency.serving import Asked, Reply
from engine.exchange.envelope import seal

KINDS = "Kinds"
MESSAGES = "Messages"
DOCUMENTS = "Documents"
ELSEWHERE = f"{BASE}/elsewhere"
# Seconds within which a machine has done what takes no time.
AT_ONCE = 3


@clause("recall", KINDS, "Thu hồi trước khi ký nhận: trả lời “recalled” về đúng làn, một lần",
        "A recall before registration is answered with `recalled`, number 1 of their lane, once")
def recall(bench: Bench) -> None:
    thread = bench.thread()
    handed = bench.handoff(thread, 1)
    back = bench.recall(thread, 2, handed["content"]["handoff"])
    for body in (handed, back):
        bench.stored(body)
        bench.stored(body, "duplicate")
    came = bench.awaited(thread, bool, "`recalled`")[0].body
    told = (came["kind"], came["no"], came["sender"], came["receiver"], came["content"].get("handoff"))
    wanted = ("recalled", 1, bench.target.told(), bench.home.told(), handed["content"]["handoff"])
    if told != wanted:
        raise Failed(str(wanted), told)
    bench.pause(AT_ONCE)
    further = [one.body["kind"] for one in bench.desk.messages[thread] if one.body["message"] != came["message"]]
    if further:
        raise Failed("one `recalled` for a recall that came twice", further)


@clause("recall-ahead", KINDS, "Thu hồi đến trước hồ sơ: giữ lại, rồi trả lời “recalled”",
        "A recall that overtakes its hand-off is held, and answered with `recalled` when its turn comes")
def recall_ahead(bench: Bench) -> None:
    thread = bench.thread()
    handed = bench.handoff(thread, 1)
    bench.stored(bench.recall(thread, 2, handed["content"]["handoff"]), "held", 1)
    bench.stored(handed, "stored", 3)
    kinds = [one.body["kind"] for one in bench.awaited(thread, bool, "`recalled`")]
    if kinds[0] != "recalled":
        raise Failed("`recalled`", kinds)


@clause("retry", MESSAGES, "Ta trả 500, rác, hoặc cắt kết nối: gửi lại đúng những byte đó",
        "We answer 500, rubbish, or cut the connection: the same bytes are sent again")
def retry(bench: Bench) -> None:
    _repeated(bench, lambda asked, body: Reply(status=500), lambda asked, body: Reply(data=b"<html>ok</html>"),
              lambda asked, body: Reply(data=b"x" * 400, cut=True))


@clause("false-receipt", MESSAGES, "Biên nhận sai (nội dung khác, khóa lạ, số khác) không được coi là đã nhận",
        "A false receipt (other bytes, strange key, other message) is none: the same bytes are sent again")
def false_receipt(bench: Bench) -> None:
    nobody = stranger(bench.own.name)

    def lying(by: Own, **changed: str) -> Answering:
        def answer(asked: Asked, body: Body) -> Reply:
            told = bodies.receipt(body, hashlib.sha256(asked.data).hexdigest(), "stored", body["no"] + 1,
                                  bodies.instant())
            return Reply(data=seal(by.signer, told | changed))
        return answer

    _repeated(bench, lying(bench.own, envelope=hashlib.sha256(b"").hexdigest()), lying(nobody),
              lying(bench.own, receiver="somebody-else"))


@clause("redirect", MESSAGES, "Không đi theo chuyển hướng", "Redirects are not followed")
def redirect(bench: Bench) -> None:
    before = len(bench.desk.strays)
    _repeated(bench, *(_redirected(status) for status in (302, 307)))
    followed = [asked for asked in bench.desk.strays[before:] if asked.path == ELSEWHERE]
    if followed:
        raise Failed("no request at the address of the redirect", f"{followed[0].method} {followed[0].target}")


def _redirected(status: int) -> Answering:
    return lambda asked, body: Reply(status=status, headers={"location": ELSEWHERE})


def _repeated(bench: Bench, *answers: Answering) -> None:
    """Each of the answers must make the other side send the same bytes again."""
    thread = bench.thread()
    bench.desk.plan(thread, *answers)
    bench.recalled(thread)
    wanted = len(answers) + 1
    came = bench.awaited(thread, lambda found: len(found) >= wanted, f"the same message {wanted} times",
                         bench.wait * len(answers))
    _same_bytes(came[:wanted])


def _same_bytes(came: list[Came]) -> None:
    if len({one.sha256 for one in came}) != 1:
        raise Failed("the same bytes in every retry", [one.sha256[:12] for one in came])


@clause("sent-from-gap", MESSAGES, "Ta báo thiếu (“held”, hay “duplicate”): gửi lại số còn thiếu",
        "We say `held`, or `duplicate`, and name a number that is missing: it is sent again")
def sent_from_gap(bench: Bench) -> None:
    for status in ("held", "duplicate"):
        _sent_from_gap(bench, status)


def _sent_from_gap(bench: Bench, status: str) -> None:
    thread = bench.thread()
    bench.recalled(thread)
    first = bench.awaited(thread, bool, "`recalled`")[0]
    # as if number 1 had been lost here after its receipt
    bench.desk.plan(thread, lambda asked, body: Reply(data=bench.desk.receipt(
        body, hashlib.sha256(asked.data).hexdigest(), status, 1)))
    bench.recalled(thread, 3)
    came = bench.awaited(thread, lambda found: [one.body["no"] for one in found].count(1) > 1,
                         f"number 1 again after `{status}`")
    _same_bytes([first, *(one for one in came if one.body["no"] == 1)])


@clause("pull", DOCUMENTS, "Tài liệu được tải theo mã băm, yêu cầu có ký; bị cắt giữa chừng thì tải tiếp",
        "Documents are pulled by hash with signed requests, and a cut is resumed")
def pull(bench: Bench) -> None:
    data = _paper(bench)
    sha256 = hashlib.sha256(data).hexdigest()
    bench.desk.plan(sha256, lambda asked, body: Reply(data=data, media_type="application/octet-stream", cut=True))
    _offered(bench, data, sha256)
    pulls = _pulled(bench, sha256, lambda found: len(found) > 1, "a second request after the first was cut")
    part = pulls[1].asked.headers.get("range", "")
    if part and not part.startswith("bytes="):
        raise Failed("a Range of bytes, or all again", part)


@clause("more-documents", "Kinds", "Tài liệu gửi thêm sau khi chuyển được tải về; byte đã có thì không tải lại",
        "Documents that follow a hand-off are pulled; bytes that are there are not")
def more_documents(bench: Bench) -> None:
    first, later = _paper(bench), _paper(bench)
    known, new = (hashlib.sha256(data).hexdigest() for data in (first, later))
    handed = _offered(bench, first, known)
    _pulled(bench, known, bool, "a request for the document of the hand-off")
    bench.pause(AT_ONCE)
    asked = len(bench.desk.pulls[known])
    follow = bench.further(handed, 2, (bodies.document(known, len(first)), bodies.document(new, len(later))))
    bench.desk.documents[new, follow["message"]] = later
    bench.stored(follow, "stored", 3)
    bench.stored(follow, "duplicate", 3)
    pulls = _pulled(bench, new, bool, "a request for the document that followed")
    if any(follow["message"] not in one.asked.target for one in pulls):
        raise Failed(f"message={follow['message']} in the request", pulls[0].asked.target)
    if len(bench.desk.pulls[known]) > asked:
        raise Failed("no further request for a document that is there", bench.desk.pulls[known][-1].asked.target)


@clause("wrong-bytes", DOCUMENTS, "Tài liệu không khớp mã băm không được nhận: tải lại",
        "A document whose bytes do not match is not taken: it is pulled again")
def wrong_bytes(bench: Bench) -> None:
    data = _paper(bench)
    sha256 = hashlib.sha256(data).hexdigest()
    wrong = bytes(byte ^ 1 for byte in data)
    bench.desk.plan(sha256, lambda asked, body: ranged(wrong, asked.headers.get("range", "")))
    _offered(bench, data, sha256)
    _pulled(bench, sha256, lambda found: len(found) > 1, "a second request after wrong bytes")


def _paper(bench: Bench) -> bytes:
    """A PDF nobody has seen yet."""
    return opinion(bodies.instant() + bench.thread())


def _offered(bench: Bench, data: bytes, sha256: str) -> Body:
    thread = bench.thread()
    handed = bench.handoff(thread, 1, (bodies.document(sha256, len(data)),))
    bench.desk.documents[sha256, handed["message"]] = data
    bench.stored(handed)
    return handed


def _pulled(bench: Bench, sha256: str, enough: Callable[[list[Came]], bool], expected: str) -> list[Came]:
    pulls = bench.desk.pulls[sha256]
    if not bench.desk.wait(lambda: enough(pulls), bench.wait):
        raise Failed(expected, f"{len(pulls)} requests within {bench.wait:g} s")
    faulty = [one.fault for one in pulls if one.fault]
    if faulty:
        raise Failed("requests signed for exactly this path", faulty[0])
    return list(pulls)


@clause("documents-strangers", DOCUMENTS, "Tài liệu không thuộc thông điệp gửi cho ta: 404",
        "A document that no message to us names: 404, also one they have")
def documents_strangers(bench: Bench) -> None:
    data = _paper(bench)
    sha256 = hashlib.sha256(data).hexdigest()
    thread = bench.thread()
    handed = bench.handoff(thread, 1, (bodies.document(sha256, len(data)),))
    bench.desk.documents[sha256, handed["message"]] = data
    bench.stored(handed)
    _pulled(bench, sha256, bool, "a request for the document")
    for what, wanted, message in (("nobody's", hashlib.sha256(b"nobody's").hexdigest(), handed["message"]),
                                  ("our own", sha256, handed["message"])):
        # they may still be putting it away: what they must not do is give it, now or then
        for _ in range(3):
            answer = bench.line.ask(f"{BASE}/documents/{wanted}?message={message}")
            if answer.status != 404:
                raise Failed(f"404 ({what})", answer)
            bench.pause(1)
    unsigned = bench.line.get(f"{BASE}/documents/{sha256}?message={handed['message']}")
    if unsigned.status not in (400, 401, 403, 404):
        raise Failed("400, 401, 403 or 404 without a signed request", unsigned)


@clause("documents-rubbish", DOCUMENTS, "Đường dẫn tài liệu sai không bao giờ gây lỗi 500",
        "A path that names no document never answers 500")
def documents_rubbish(bench: Bench) -> None:
    for path in ("xyz", "0" * 64, "0" * 63, "..%2f..%2fetc", "0" * 64 + "?message=1", json.dumps({})):
        answer = bench.line.ask(f"{BASE}/documents/{path.replace(' ', '%20')}")
        if not 400 <= answer.status < 500:
            raise Failed(f"4xx for {path}", answer)
