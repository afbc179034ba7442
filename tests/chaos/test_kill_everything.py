"""Every part is killed in turn while people work: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from engine import documents, opening
from engine.office import Office
from engine.settings import Settings
from engine.verification import verify
from tests.chaos.checker import check
from tests.chaos.conftest import Plan
from tests.chaos.crowd import Crowd, Desk, steadily
from tests.chaos.journal import Journal, Kind
from tests.chaos.people import Person
from tests.chaos.stack import VICTIMS, Stack, running
from tests.journey import Cast

RECEPTIONIST, LEAD = "H51.02/tiep-nhan:receptionist", "H51.01/ngoai-vu:officer"
CONSULTED = {"foreign_affairs": "H51.04/chuyen-mon:officer", "police": "H51.05/chuyen-mon:officer",
             "agriculture": "H51.06/chuyen-mon:officer"}
# Between two kills people get on with their work, so that every kill meets acts under way.
ACTS_BETWEEN = 12
BACK_WITHIN = 180.0


@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(plan: Plan, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    with running() as stack:
        desk = desk_of(stack, journal)
        crowd = Crowd(desk, journal)
        begun = time.monotonic()
        with crowd.at_work():
            slowest = kill_in_turn(stack, journal, crowd, plan)
        took = time.monotonic() - begun

        with office_of(stack) as office:
            documents.reconcile(office)
            found, proven = check(stack.database_url, journal.path), verify(office)
        print(f"\n{found.acts} acts, {found.handoffs} hand-offs, {found.entries} entries, "  # noqa: T201
              f"{len(stack.kills)} kills in {took:.0f} s; longest pause {slowest:.1f} s, "
              f"slowest delivery {desk.slowest:.1f} s")
        assert (found.faults, proven.faults) == ([], [])
        assert proven.documents >= found.acts // 30
        assert found.acts >= plan.acts
        assert found.handoffs >= plan.handoffs
        assert Counter(name for name, _ in stack.kills) >= Counter({name: plan.rounds for name in VICTIMS})
        the_checker_is_not_blind(stack, journal.path)


def the_checker_is_not_blind(stack: Stack, journal: Path) -> None:
    """The same database against journals that tell another story."""
    lines = journal.read_text(encoding="utf-8").splitlines()
    act = next(json.loads(line) for line in lines if '"op": "register"' in line)
    forgotten = [line for line in lines if act["key"] not in line]
    invented = [*lines, json.dumps({**act, "key": "k"}), json.dumps({
        "kind": Kind.ACK, "key": "k", "reply": {"code": act["code"], "version": 999, "handoffs": ["h"]}})]
    for story, faults in ((forgotten, {"done twice, or never asked for"}),
                          (invented, {"acknowledged and lost", "hand-off told of and lost"})):
        told = journal.with_suffix(".told")
        told.write_text("\n".join(story), encoding="utf-8")
        assert {fault.partition(":")[0] for fault in check(stack.database_url, told).faults} == faults


def kill_in_turn(stack: Stack, journal: Journal, crowd: Crowd, plan: Plan) -> float:
    """Goes on until the plan is fulfilled; the longest time in which nobody got on."""
    ends, slowest = time.monotonic() + plan.seconds, 0.0
    rounds = 0
    while rounds < plan.rounds or time.monotonic() < ends:
        order = list(VICTIMS)
        random.shuffle(order)
        for name in order:
            steadily(journal, ACTS_BETWEEN, BACK_WITHIN, alive(crowd))
            before = stack.kill(name)
            stack.await_another(name, before)
            slowest = max(slowest, steadily(journal, ACTS_BETWEEN, BACK_WITHIN, alive(crowd)))
        rounds += 1
    while journal.acks < plan.acts or journal.handoffs < plan.handoffs:
        steadily(journal, 1, BACK_WITHIN, alive(crowd))
    return slowest


def alive(crowd: Crowd) -> Callable[[], bool]:
    return lambda: not crowd.enough.is_set()


def office_of(stack: Stack) -> AbstractContextManager[Office]:
    told = stack.machine.environment()
    return opening.office(Settings(
        home=stack.machine.home, database_url=told["DATABASE_URL"], s3_endpoint=told["S3_ENDPOINT"],
        s3_access_key=told["S3_ACCESS_KEY"], s3_secret_key=told["S3_SECRET_KEY"], s3_bucket=told["S3_BUCKET"]))


def desk_of(stack: Stack, journal: Journal) -> Desk:
    with office_of(stack) as office:
        cast = Cast(office)
        logins = {who: cast.member(who).login for who in (RECEPTIONIST, LEAD, *CONSULTED.values())}

    def person(who: str) -> Person:
        return Person(stack.machine.address, logins[who], journal)

    return Desk(receptionist=person(RECEPTIONIST), lead=person(LEAD),
                consulted={state: person(who) for state, who in CONSULTED.items()})
