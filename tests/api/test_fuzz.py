"""Schemathesis against the running server, as three roles: no failure of ours, nothing undocumented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine import delivery, timekeeper
from tests.api.conftest import DESK, OFFICER
from tests.api.web import Session, Web

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Signing out would end the fuzzing; ten wrong passwords are enough to be told to wait.
LEFT_OUT = ("/api/v1/session",)
EVENTS = ["accept", "refuse", "request_supplement", "supplement", "withdraw", "consult", "give_opinion", "forward",
          "sign", "send_back", "stop", "register", "recall", "resend", "extend", "request_payment", "pay", "no_event"]
# Seconds for each role; together more than a thousand requests on two busy cores.
SECONDS = 20


def described(session: Session, codes: list[str]) -> dict[str, Any]:
    """The document with dossiers that exist, so that requests get further than 404."""
    told: dict[str, Any] = session.get("/openapi.json").json()
    for path in LEFT_OUT:
        del told["paths"][path]
    chosen = {"code": codes, "event": EVENTS, "barcode": [f"{code}-S" for code in codes], "run": [1, 2, 2**63 - 1],
              "key": ["conference_permit_local", "funeral_allowance", "no_such_thing"],
              "If-Match": ['"1"', '"2"', '"9"']}
    for operations in told["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] in chosen:
                    kind = parameter["schema"]["type"]
                    parameter["schema"] = {"type": kind, "enum": chosen[parameter["name"]]}
                    parameter.pop("examples", None)
    return told


def fuzz(web: Web, session: Session, document: Path, seed: int) -> tuple[int, str]:
    """How many requests were made, and what schemathesis said if it found something."""
    found = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", web.address, "--checks", CHECKS,
         "--header", f"Authorization: {session.client.headers['Authorization']}", "--max-time", str(SECONDS),
         "--phases", "examples,coverage,fuzzing", "--seed", str(seed), "--generation-database", "none",
         "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all", "--no-color"],
        capture_output=True, text=True, cwd=document.parent, timeout=SECONDS * 15)
    made = re.search(r"(\d+) generated", found.stdout)
    return int(made[1]) if made else 0, "" if found.returncode == 0 else found.stdout + found.stderr


@pytest.mark.timeout(2400)
def test_a_thousand_requests_nobody_would_write_break_nothing(web: Web, tmp_path: Path) -> None:
    desk, officer = web.sign_in(DESK), web.sign_in(OFFICER)
    codes = [desk.received() for _ in range(3)] + [desk.received(accept=False) for _ in range(3)]
    delivery.drain(web.office, timekeeper.now())
    document, made = tmp_path / "openapi.json", 0
    document.write_text(json.dumps(described(desk, codes)), encoding="utf-8")
    people = (desk, officer, web.sign_in("H51.09/giao-nhan:courier"))
    for seed, session in enumerate(people * 5, start=1):
        requests, said = fuzz(web, session, document, seed)
        assert not said, said[-6000:]
        made += requests
        if seed >= len(people) and made >= 1000:  # a slow machine takes more rounds
            return
    raise AssertionError(f"{made} requests only")
