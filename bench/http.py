"""The same transitions over HTTP: one uvicorn process, eight connections, every answer read."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil

from bench.measure import Done, Run, cpu
from bench.stage import Stage
from engine.seed import DEMO_PASSWORD

CONNECTIONS = 8
ROUNDS = 5
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def measure(stage: Stage, codes: list[str]) -> Run:
    """CPU of the web process (printed as client) and of PostgreSQL; the load generator's is not counted."""
    with web(stage) as (port, process):
        tokens = [_sign_in(port, login) for login in (stage.signer_login, stage.approver_login)]
        _share(port, tokens, stage.version, codes[:CONNECTIONS * 2], 1)
        busy = codes[CONNECTIONS * 2:]
        before = cpu(process), cpu(stage.server())
        began = time.perf_counter()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            counts = list(pool.map(lambda n: _share(port, tokens, stage.version, busy[n::CONNECTIONS], ROUNDS),
                                   range(CONNECTIONS)))
        wall = time.perf_counter() - began
        spent = cpu(process) - before[0], cpu(stage.server()) - before[1]
    done = Done(sum(counts), spent[0], wall)
    return Run(name=f"HTTP, {CONNECTIONS} connections", count=done.count, wall=done.wall, client=done.client,
               server=spent[1])


@contextmanager
def web(stage: Stage) -> Iterator[tuple[int, psutil.Process]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (stage.machine.home / "log" / "bench-web.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "api.app:create_app", "--factory", "--host", "127.0.0.1",
         "--port", str(port), "--no-access-log", "--log-level", "warning"],
        env={**os.environ, **stage.machine.environment()}, stdout=log, stderr=log)
    try:
        _wait(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(15)
        log.close()


def _wait(port: int) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the web server did not start")


def _sign_in(port: int, login: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answer = _ask(connection, "/api/v1/session", {"login": login, "password": DEMO_PASSWORD}, {})
    connection.close()
    return str(answer["token"])


def _share(port: int, tokens: list[str], version: int, codes: list[str], rounds: int) -> int:
    """Sends each dossier back and approves it again; a wrong answer ends the measurement."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    seen = dict.fromkeys(codes, version)
    for _ in range(rounds):
        for code in codes:
            for event, token, reason in (("send_back", tokens[0], "Sửa lại"), ("approve", tokens[1], "")):
                answer = _ask(connection, f"/api/v1/dossiers/{code}/commands/{event}",
                              {"particulars": {"reason": reason}},
                              {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()),
                               "If-Match": f'"{seen[code]}"'})
                seen[code] = int(str(answer["version"]))
    connection.close()
    return len(codes) * rounds * 2


def _ask(connection: http.client.HTTPConnection, path: str, body: dict[str, object],
         headers: dict[str, str]) -> dict[str, object]:
    connection.request("POST", path, json.dumps(body), HEADERS | headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status >= 300:
        raise RuntimeError(f"{path}: {answer.status} {told[:300]!r}")
    found: dict[str, object] = json.loads(told)
    return found
