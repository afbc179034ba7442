"""The simulated agency in all its manners: prompt it passes the kit, otherwise it misbehaves as it says."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from api.agency.bodies import BASE
from api.agency.kit.bench import Bench, Failed
from api.agency.kit.clauses import CLAUSES, Outcome
from api.agency.kit.desk import Desk
from api.agency.line import Line
from api.agency.manners import Manner
from api.agency.parties import own, stranger
from api.agency.serving import listening, serving
from api.agency.simulating import Plan, simulated
from tests.agency.standing import KIT, PARTNER, Ends, failed, of
from tests.machine import free_first


def test_a_prompt_partner_passes_every_clause_also_those_that_need_a_person() -> None:
    ends = Ends()
    with ends.partner_in(Manner.PROMPT) as port:
        findings = ends.examined(port, interactive=20)

    assert failed(findings) == {}
    assert of(findings, Outcome.UNTESTED) == {"revoked"}
    assert len(findings) == len(CLAUSES) >= 30


def test_its_private_key_lies_in_the_home_and_not_where_the_command_was_given(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    command = [sys.executable, "-c", "from api.cli import main; main()", "agency", "simulate", "--port",
               str(free_first()), "--peer", "http://127.0.0.1:9", "--peer-key", stranger("ca-mau").handed_over]
    with subprocess.Popen(command, cwd=tmp_path / "here", stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "LIENTHONG_HOME": str(tmp_path / "home")}) as running:
        assert running.stdout is not None
        told = [next(running.stdout), next(running.stdout)]
        running.terminate()

    key = tmp_path / "home" / "simulated-agency.key"
    assert own("co-quan-mo-phong", key).handed_over == told[1].strip()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list((tmp_path / "here").iterdir()) == []


def sent(ends: Ends, port: int, seconds: float = 30) -> tuple[Bench, dict[str, Any]]:
    """The kit's end after one hand-off with a document, sent again until it is truly receipted."""
    desk = Desk(own=ends.kit, other=ends.partner_at(port), home=KIT)
    bench = Bench(own=ends.kit, other=ends.partner_at(port), line=Line(ends.kit, ends.partner_at(port), timeout=10),
                  desk=desk, home=KIT, target=PARTNER, wait=seconds)
    return bench, bench.handoff(bench.thread(), 1)


def attempts(bench: Bench, body: dict[str, Any], most: int = 12) -> list[str]:
    """What went wrong at each attempt, until it went well."""
    found = []
    for _ in range(most):
        data = bench.sign(body)
        try:
            bench.receipt(bench.line.post(data), data, body)
        except Failed as failed_again:
            found.append(failed_again.came)
        else:
            return found
    raise AssertionError(found)


def test_a_refusing_partner_refuses_with_a_reason() -> None:
    ends = Ends()
    with ends.partner_in(Manner.REFUSING, after=0.2) as port:
        bench, body = sent(ends, port)
        with serving(bench.desk.answer, listening("127.0.0.1", ends.kit_port)):
            bench.stored(body)
            came = bench.awaited(body["thread"], bool, "refused")

    assert [one.body["kind"] for one in came] == ["refused"]
    assert came[0].body["content"]["reason"]
    assert came[0].body["content"]["by"]["name"]


def test_a_broken_partner_breaks_in_four_ways_and_then_takes_it() -> None:
    ends = Ends()
    with ends.partner_in(Manner.BROKEN) as port:
        bench, body = sent(ends, port)
        met = attempts(bench, body)

    assert met[0].startswith("500")
    assert met[1].startswith("malformed")
    assert "Timeout" in met[2]
    assert len(met) == 4


def test_a_lying_partner_gives_three_false_receipts_and_lies_about_everything_else() -> None:
    ends = Ends()
    with ends.partner_in(Manner.LYING, after=0.2) as port:
        bench, body = sent(ends, port)
        met = attempts(bench, body)
        with serving(bench.desk.answer, listening("127.0.0.1", ends.kit_port)):
            lie = f"{PARTNER.agency}-000000-0001"
            lied = bench.awaited(lie, lambda found: len(found) == 2, "two lies")
            answered = bench.awaited(body["thread"], lambda found: len(found) == 2, "registered and answered")[1].body
            document = answered["documents"][0]
            given = bench.line.ask(f"{BASE}/documents/{document['sha256']}?message={answered['message']}")

    assert [met[0], met[2]] == [repr(hashlib.sha256(b"something else").hexdigest()), "2"]
    assert met[1].startswith("unknown_key")
    assert [(one.body["kind"], one.body["no"]) for one in lied] == [("answered", 1), ("kept", 9)]
    assert given.status == 200
    assert len(given.data) == document["size"]
    assert hashlib.sha256(given.data).hexdigest() != document["sha256"]


def test_a_slow_partner_answers_everything_late() -> None:
    ends = Ends()
    with ends.partner_in(Manner.SLOW, after=1.0) as port:
        bench, body = sent(ends, port)
        began = time.monotonic()
        bench.stored(body)

    assert time.monotonic() - began > 1.0


def test_what_a_partner_took_survives_its_end(tmp_path: Path) -> None:
    ends = Ends()
    plan = Plan(own=ends.partner, other=ends.kit_as_other(), home=PARTNER, hosts=(KIT.agency,), after=0.5,
                state=tmp_path / "partner.sqlite")
    with simulated(plan, "127.0.0.1", free_first(), lambda vi, en: None) as port:
        bench, body = sent(ends, port)
        first = bench.stored(body)
    with serving(bench.desk.answer, listening("127.0.0.1", ends.kit_port)), \
            simulated(plan, "127.0.0.1", port, lambda vi, en: None):
        again = bench.stored(body, "duplicate")
        came = bench.awaited(body["thread"], lambda found: len(found) == 2, "registered and answered")

    assert again["received_at"] == first["received_at"]
    assert [one.body["kind"] for one in came] == ["registered", "answered"]
