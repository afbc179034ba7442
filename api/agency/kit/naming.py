"""Who the other side is: identity and directory, and who may ask for what."""

from __future__ import annotations

import secrets
from datetime import timedelta

from api.agency import bodies
from api.agency.bodies import BASE
from api.agency.kit.bench import Bench, Failed
from api.agency.kit.clauses import clause
from api.agency.line import Answer
from api.agency.parties import stranger
from engine.timekeeper import now

SECTION = "Identity and directory"
DOCUMENTS = "Documents"
DIRECTORY = f"{BASE}/directory"


@clause("identity", SECTION, "Danh tính được ký bằng khóa đã trao, nêu tên và khóa đang dùng",
        "The identity is signed with the key handed over, and names installation, protocol and key")
def identity(bench: Bench) -> None:
    answer = bench.line.get(f"{BASE}/identity")
    if answer.status != 200:
        raise Failed("200", answer)
    told = bench.opened(answer.data, "identity")
    if told["installation"] != bench.other.name:
        raise Failed(f"installation {bench.other.name}", told["installation"])
    if bodies.PROTOCOL not in told["protocols"] or bench.other.key.key_id not in told["keys"]:
        raise Failed(f"{bodies.PROTOCOL} and key {bench.other.key.key_id}", (told["protocols"], told["keys"]))


@clause("directory", SECTION, "Danh bạ cho đối tác có ký yêu cầu, có đơn vị nhận",
        "The directory is given for a signed request, and has the unit addressed here")
def directory(bench: Bench) -> None:
    answer = bench.line.ask(DIRECTORY)
    if answer.status != 200:
        raise Failed("200", answer)
    told = bench.opened(answer.data, "directory")
    units = {(agency["code"], unit["key"]) for agency in told["agencies"] for unit in agency["units"]}
    if told["installation"] != bench.other.name or (bench.target.agency, bench.target.unit) not in units:
        raise Failed(f"{bench.target.agency}/{bench.target.unit} at {bench.other.name}", sorted(units)[:10])


@clause("requests-signed", SECTION, "Yêu cầu không ký, ký sai, cho đường dẫn hay hệ thống khác: không được đáp ứng",
        "A request that is unsigned, wrongly signed, or for another path or installation is not answered")
def requests_signed(bench: Bench) -> None:
    right = bodies.request(DIRECTORY, bench.own.name, bench.other.name)
    nobody = stranger(bench.own.name)
    changed = bytearray(bodies.signed(bench.own.signer, right))
    changed[-10] = ord("0") if changed[-10] != ord("0") else ord("1")
    for what, header in (
            ("no Exchange-Request", None), ("no base64url", "§§"), ("rubbish", bodies.header(secrets.token_bytes(40))),
            ("a strange key", bodies.header(bodies.signed(nobody.signer, right))),
            ("a changed signature", bodies.header(bytes(changed))),
            ("another path", _header(bench, path=f"{BASE}/other")),
            ("another installation", _header(bench, receiver="somebody-else")),
            ("another sender", _header(bench, sender="somebody-else")),
            ("two hours old", _header(bench, at=bodies.instant(now() - timedelta(hours=2))))):
        answer = bench.line.get(DIRECTORY, {} if header is None else {"Exchange-Request": header.replace("§", "!")})
        _turned_away(answer, what)


def _header(bench: Bench, **changed: str) -> str:
    return bodies.header(bodies.signed(bench.own.signer,
                                       bodies.request(DIRECTORY, bench.own.name, bench.other.name) | changed))


def _turned_away(answer: Answer, what: str) -> None:
    if answer.status not in (400, 401, 403) or not answer.code:
        raise Failed(f"400, 401 or 403 with a problem ({what})", answer)


@clause("clock-of-requests", DOCUMENTS, "Yêu cầu lệch đồng hồ mười phút vẫn được nhận, hai mươi phút thì không",
        "A request of a clock ten minutes off is accepted, of one twenty minutes off it is not")
def clock_of_requests(bench: Bench) -> None:
    for minutes in (-10, 10):
        answer = bench.line.ask(DIRECTORY, at=now() + timedelta(minutes=minutes))
        if answer.status != 200:
            raise Failed(f"200 for a clock {minutes} minutes off", answer)
    for minutes in (-20, 20):
        _turned_away(bench.line.ask(DIRECTORY, at=now() + timedelta(minutes=minutes)), f"{minutes} minutes off")
