"""The flows that run by the clock: registered with their schedules, run in a process of their own, stopped at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.schedules import CronSchedule

from storage.local.machine import Machine
from tests.flows.ledger import Ledger
from tests.flows.resident import ROOT, eventually
from tests.wire import Mode, Wire

pytestmark = pytest.mark.usefixtures("prefect")

EXPECTED = {
    "courier_run": {"30 8,10 * * MON-SAT", "0 14,16 * * MON-SAT"},
    "watch_deadlines": {"*/15 * * * *"},
    "reconcile": {"7,37 * * * *"},
    "exchange": {"10,40 * * * *"},
    "housekeeping": {"22 * * * *"},
    "anchor": {"4,34 * * * *"},
    "recompute_dues": {"12,42 * * * *"},
    "notify": {"17,47 * * * *"},
}


def schedules() -> dict[str, set[str]]:
    with get_client(sync_client=True) as client:
        found = {}
        for deployment in client.read_deployments():
            lines = [entry.schedule for entry in deployment.schedules]
            assert all(isinstance(line, CronSchedule) and line.timezone == "Asia/Ho_Chi_Minh" for line in lines)
            found[deployment.entrypoint or ""] = {line.cron for line in lines if isinstance(line, CronSchedule)}
        return found


def kept_house(ledger: Ledger) -> str | None:
    """What a run that is asked for says it has done, when there is a session that is over."""
    ledger.do("insert into session (token_hash, person_id, form_key, language, expires_at) "
              "values ('old', 1, 'k', 'vi', clock_timestamp() - interval '1 minute')")
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("housekeeping/by the clock")
        run = client.create_flow_run_from_deployment(deployment.id)
        eventually(lambda: client.read_flow_run(run.id).state_name == "Completed", 120)
        state = client.read_flow_run(run.id).state
    assert state is not None
    return state.message


def test_flows_are_served_once_prefect_is_there_and_their_process_stops_at_once(
        machine: Machine, environment: dict[str, str], tmp_path: Path, ledger: Ledger) -> None:
    wire = Wire(machine.ports.prefect)
    wire.turn(Mode.CUT)
    told = {**environment, "PREFECT_API_URL": f"http://127.0.0.1:{wire.port}/api", "PATH": "/usr/bin:/bin"}
    with (tmp_path / "serve.log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "engine.flows.serve"], cwd=ROOT, env=told, stdout=log,
                                  stderr=subprocess.STDOUT)
    try:
        time.sleep(4)
        assert server.poll() is None, "it waits"
        wire.turn(Mode.PASS)
        eventually(lambda: len(schedules()) == len(EXPECTED), 120)
        assert schedules() == {f"engine.flows.{name}.{name}": lines for name, lines in EXPECTED.items()}

        # its own hour may come just then, and take the session away
        assert any(kept_house(ledger) == "sessions 1" for _ in range(3))
        assert ledger.value("select count(*) from session") == 0
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
        wire.close()
