"""Transitions per second through `casework.act`, against the same rows written by one call that decides nothing."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import psycopg
import structlog
from psycopg.types.json import Jsonb

from bench.measure import Done, Run, Stopwatch, run
from bench.stage import Stage
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars
from engine.office import Office
from storage.local.cluster import Role
from storage.session import Database
from tests.journey import MONDAY

FLOOR = Path(__file__).parent / "floor.sql"
NOW = MONDAY + timedelta(hours=3)
WARM = 3
# What an average act of the pair writes, so that the floor writes as much.
UNIT_NAME = "Lãnh đạo Ủy ban nhân dân tỉnh và Văn phòng, Văn phòng Ủy ban nhân dân tỉnh"
REPLY = ('{"code":"H51.02-261123-0001-100","version":14,"action":"approve","states":["signing"],"status":4,'
         '"due_at":"2026-12-22T10:00:00+00:00","at":"2026-11-23T04:00:00+00:00","handoffs":[]}')
MARKS = [{"at": "2026-11-23T04:00:00+00:00", "kind": "start", "reason": "reviewing"}]
DETAILS = ('{"marks":[[13,"step",{"at":"2026-11-23T04:00:00+00:00","kind":"end","reason":"send_back"},'
           '"2026-11-25T01:11:00+00:00"],[14,"step",{"at":"2026-11-23T04:00:00+00:00","kind":"start","reason":'
           '"reviewing"},"2026-11-25T04:00:00+00:00"]],"version":13}')


@dataclass(frozen=True, slots=True)
class Share:
    """One worker's dossiers. `version` is what each of them starts with."""

    url: str
    codes: tuple[str, ...]
    approver: Actor
    signer: Actor
    version: int
    rounds: int


def shares(stage: Stage, codes: list[str], workers: int, rounds: int) -> list[Share]:
    return [Share(stage.url, tuple(codes[n::workers]), stage.approver, stage.signer, stage.version, rounds)
            for n in range(workers)]


def act_share(share: Share) -> Done:
    """Sends every dossier back and approves it again, `rounds` times."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    office = Office(Database(share.url, 1).open(), None, None)  # type: ignore[arg-type]
    office.fresh_catalogue()
    seen = dict.fromkeys(share.codes, share.version)
    to_and_fro(office, share, seen, share.codes[:WARM])
    watch = Stopwatch()
    for _ in range(share.rounds):
        to_and_fro(office, share, seen, share.codes)
    done = watch.done(len(share.codes) * share.rounds * 2)
    office.db.close()
    return done


def to_and_fro(office: Office, share: Share, seen: dict[str, int], codes: Sequence[str]) -> None:
    for code in codes:
        for order in pair(share, seen, code):
            seen[code] = act(office, order, NOW).version


def pair(share: Share, seen: dict[str, int], code: str) -> Iterator[Order]:
    """Back and approved again; each is made when the one before it has moved `seen`."""
    for event, actor, reason in (("send_back", share.signer, "Sửa lại"), ("approve", share.approver, "")):
        yield Order(code=code, event=event, actor=actor, seen_version=seen[code], key=str(uuid.uuid4()),
                    particulars=Particulars(reason=reason))


CALL = b"select bench_floor(" + b",".join([b"%s"] * 26) + b")"


def floor_share(share: Share) -> Done:
    """The same rows for the same dossiers, by one prepared call each."""
    db = Database(share.url, 1).open()
    with db.connection() as connection:
        found = connection.execute("select id, item_no, clock_no, audit_seq from dossier where code = any(%s)",
                                   (list(share.codes),)).fetchall()
        found = [_floor_pair(connection, share, *row) for row in found[:WARM]] + found[WARM:]
        watch = Stopwatch()
        for _ in range(share.rounds):
            found = [_floor_pair(connection, share, *row) for row in found]
        done = watch.done(len(share.codes) * share.rounds * 2)
    db.close()
    return done


def _floor_pair(connection: psycopg.Connection[tuple[object, ...]], share: Share, dossier: int, item: int, clock: int,
                seq: int) -> tuple[int, int, int, int]:
    for event, before, after, words in (("send_back", "signing", "reviewing", '{"reason":"Sửa lại"}'),
                                        ("approve", "reviewing", "signing", None)):
        connection.execute(CALL, (
            dossier, share.signer.id, str(uuid.uuid4()), os.urandom(32), REPLY, NOW, before, after, item, item + 1, 2,
            clock, clock + 1, Jsonb(["1 working day"]), Jsonb(MARKS), NOW, _far(), seq + 1, share.signer.name,
            UNIT_NAME, event, DETAILS, os.urandom(32), os.urandom(32), words, b"k" * 16))
        item, clock, seq = item + 1, clock + 1, seq + 1
    return dossier, item, clock, seq


def _far() -> datetime:
    return NOW + timedelta(days=400)


def spread(shared: list[Share], one: Callable[[Share], Done]) -> list[Done]:
    """One process a worker: a thread would measure the interpreter's lock."""
    with ProcessPoolExecutor(len(shared), mp_context=get_context("spawn")) as pool:
        return list(pool.map(one, shared))


def prepare(stage: Stage) -> None:
    with psycopg.connect(stage.machine.database_url(Role.OWNER), autocommit=True) as connection:
        connection.execute(FLOOR.read_text(encoding="utf-8"))


def compare(stage: Stage, codes: list[str], workers: int, repeats: int = 5) -> Run:
    """Prints the medians and their ratio of transitions per CPU second; returns the median run of acts."""
    acts: list[Run] = []
    floors: list[Run] = []
    per = len(codes) // (2 * repeats)
    for n in range(repeats):
        mine = codes[2 * n * per:(2 * n + 1) * per]
        its = codes[(2 * n + 1) * per:(2 * n + 2) * per]
        acts.append(_timed("casework.act", stage, mine, workers, act_share))
        floors.append(_timed("floor: one call, decides nothing", stage, its, workers, floor_share))
    ratio = median(a.per_core / f.per_core for a, f in zip(acts, floors, strict=True))
    print(f"\n{workers} worker{'s' if workers > 1 else ''}, median of {repeats}")
    middle = [sorted(runs, key=lambda found: found.per_core)[repeats // 2] for runs in (acts, floors)]
    for found in middle:
        print(f"  {found.line()}")
    print(f"  ratio per CPU second, median of pairs: {ratio:.2f}")
    return middle[0]


def _timed(name: str, stage: Stage, codes: list[str], workers: int, one: Callable[[Share], Done]) -> Run:
    shared = shares(stage, codes, workers, rounds=5)
    if workers == 1:
        return run(name, lambda: [one(shared[0])], stage.server())
    return run(name, lambda: spread(shared, one), stage.server())
