"""Serves the flows that run by the clock: `python -m engine.flows.serve`. Each run is a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any

import psutil
import structlog
from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from engine import logs
from engine.bell import Bell
from engine.flows import orphans
from engine.flows.anchor import anchor
from engine.flows.courier_run import courier_run
from engine.flows.exchange import exchange
from engine.flows.housekeeping import housekeeping
from engine.flows.motor import PAUSES, answers
from engine.flows.notify import notify
from engine.flows.portal import portal, reconcile_portal
from engine.flows.recompute_dues import recompute_dues
from engine.flows.reconcile import reconcile
from engine.flows.watch_deadlines import watch_deadlines
from engine.settings import settings

log = structlog.get_logger()

ZONE = "Asia/Ho_Chi_Minh"
# The dispatcher sees to all of this within a second; these runs are the second pair of eyes, and what an operator
# finds in Prefect. A run costs three seconds of processor time, so they are far apart.
SCHEDULES: dict[Flow[..., Any], str] = {
    courier_run: "30 8,10 * * MON-SAT|0 14,16 * * MON-SAT",
    watch_deadlines: "*/15 * * * *",
    reconcile: "7,37 * * * *",
    exchange: "10,40 * * * *",
    housekeeping: "22 * * * *",
    anchor: "4,34 * * * *",
    recompute_dues: "12,42 * * * *",
    # in the morning it also tells what is overdue
    notify: "17,47 * * * *",
}
# Only where the national portal is set up. Yesterday is compared once; the later ones are for a portal that was away.
WITH_PORTAL: dict[Flow[..., Any], str] = {portal: "2,32 * * * *", reconcile_portal: "40 1,5,7 * * *"}
AT_ONCE = 2
POLL_SECONDS = 10
STOP_WITHIN = 3.0


def deployments() -> list[RunnerDeployment]:
    chosen = SCHEDULES | (WITH_PORTAL if settings().npsp_url else {})
    return [_deployment(flow, lines.split("|")) for flow, lines in chosen.items()]


def _deployment(flow: Flow[..., Any], lines: list[str]) -> RunnerDeployment:
    made = flow.to_deployment("by the clock", schedules=[Cron(line, timezone=ZONE) for line in lines],
                              entrypoint_type=EntrypointType.MODULE_PATH)
    assert isinstance(made, RunnerDeployment)
    return made


def wait_for_prefect() -> None:
    tries = 0
    while not answers(os.environ.get("PREFECT_API_URL", "")):
        time.sleep(PAUSES[min(tries, 2)])
        tries += 1


def work() -> None:
    """Ends when Prefect has been away for longer than its runner bears; the supervisor starts us again."""
    wait_for_prefect()
    missed = asyncio.run(orphans.skip_missed())
    log.info("flows_served", missed=missed)
    serve(*deployments(), limit=AT_ONCE, pause_on_shutdown=False, print_starting_message=False,
          query_seconds=POLL_SECONDS)


def main() -> None:
    """The runner works in a thread: on SIGTERM it would wait for a server that is being stopped too."""
    logs.configure()
    ended = Bell()
    code = 1

    def run() -> None:
        try:
            work()
        finally:
            ended.ring()

    def leave(*_: object) -> None:
        nonlocal code
        code = 0
        ended.ring()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    threading.Thread(target=run, daemon=True).start()
    ended.wait()
    _end_children()
    os._exit(code)


def _end_children() -> None:
    """A run that is cut off is done again by the next one."""
    children = psutil.Process().children(recursive=True)
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.terminate()
    for child in psutil.wait_procs(children, timeout=STOP_WITHIN)[1]:
        with suppress(psutil.NoSuchProcess):
            child.kill()


if __name__ == "__main__":
    main()
