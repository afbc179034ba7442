"""A province's whole catalogue: what 2,000 procedures of 60 shapes cost to publish, to keep, to step through."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from multiprocessing import get_context
from statistics import median
from typing import Any

import psutil
import psycopg
import structlog

from bench.acts import Share, to_and_fro
from bench.measure import Done, Run, Stopwatch, cpu
from bench.stage import Stage
from engine.office import Office
from engine.states.procedure import Procedure
from engine.states.topology import Topology
from procedures.declaration import Declaration, canonical, load_library
from storage.local.cluster import Role
from storage.session import Database

PUBLISHED, SHAPES = 2000, 60
REPEATS, ROUNDS = 5, 25
SINCE = date(2021, 1, 1)


def declarations(shapes: int = SHAPES) -> Iterator[Declaration]:
    """Procedures without end, in turn of so many different machines; names, codes and limits are each one's own."""
    patterns = list(load_library().values())
    number = 0
    while True:
        shape = number % shapes
        number += 1
        yield _another(patterns[shape % len(patterns)], shape, number)


def _another(pattern: Declaration, shape: int, number: int) -> Declaration:
    """One of the library with one to three more steps, which are the shape's own, behind the first of processing."""
    told: dict[str, Any] = json.loads(canonical(pattern))
    days = f"{3 + number % 40} working days"
    more = {f"shape_{shape}_{step}": {
        "party": pattern.lead, "role": "officer", "limit": f"{1 + number % 9} working days",
        "name": {"vi": f"Rà soát lần {step} của thủ tục {number}", "en": f"Review {step} of procedure {number}"},
    } for step in range(1, 2 + shape % 3)}
    (first, place), *rest = told["machine"]["processing"].items()
    told["machine"]["processing"] = {first: place, **more, **dict(rest)}
    return Declaration.model_validate(told | {
        "procedure": f"procedure_{number}", "codes": [{"code": f"1.{number:06d}", "valid_from": SINCE}],
        "name": {"vi": f"{pattern.name.vi}, loại {number}", "en": f"{pattern.name.en}, kind {number}"},
    } | ({"limit": days} if pattern.limit else {}))


def publish(owner_url: str, declared: Iterator[Declaration]) -> float:
    """Seconds to check, compile and store them all, as one publication."""
    began = time.perf_counter()
    store(owner_url, [Procedure(told) for told in declared], SINCE)
    return time.perf_counter() - began


def store(owner_url: str, made: Sequence[Procedure], since: date) -> None:
    rows = [(one.key, one.declaration.version, canonical(one.declaration).decode(), one.content_hash, since,
             datetime.now(UTC)) for one in made]
    with psycopg.connect(owner_url) as connection, connection.cursor() as cursor:
        cursor.executemany("insert into procedure (key) values (%s) on conflict do nothing", [row[:1] for row in rows])
        cursor.executemany(
            "insert into procedure_version (procedure, number, content, sha256, state, valid_from, published_at) "
            "values (%s, %s, %s, %s, 'published', %s, %s)", rows)
        cursor.execute("update revision set number = number + 1")


@dataclass(frozen=True, slots=True)
class Loaded:
    """`read` and `used` in seconds: all listings; then a first step in every procedure. `held` in bytes."""

    procedures: int
    shapes: int
    read: float
    used: float
    held: int


def load(office: Office) -> Loaded:
    """What a worker does in its whole life, at once: every procedure is asked for."""
    began = time.perf_counter()
    catalogue = office.fresh_catalogue()
    read = time.perf_counter()
    shapes: set[Topology] = set()
    for procedure in catalogue.procedures.values():
        procedure.start({})
        shapes.add(procedure.topology)
    used = time.perf_counter()
    gc.collect()
    return Loaded(len(catalogue.procedures), len(shapes), read - began, used - read, psutil.Process().memory_info().rss)


@dataclass(frozen=True, slots=True)
class Worked:
    loaded: Loaded
    acts: Run


def worker(share: Share, server: int) -> Worked:
    """In a process of its own: the whole catalogue, then acts on the share's dossiers."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    office = Office(Database(share.url, 1).open(), None, None)  # type: ignore[arg-type]
    loaded = load(office)
    seen = dict.fromkeys(share.codes, share.version)
    to_and_fro(office, share, seen, share.codes[:3])
    postmaster = psutil.Process(server)
    before, watch = cpu(postmaster), Stopwatch()
    for _ in range(share.rounds):
        to_and_fro(office, share, seen, share.codes)
    done: Done = watch.done(len(share.codes) * share.rounds * 2)
    acts = Run(name=f"act, {loaded.procedures:,} procedures", count=done.count, wall=done.wall, client=done.client,
               server=cpu(postmaster) - before)
    office.db.close()
    return Worked(loaded, acts)


def measure(stage: Stage, codes: list[str]) -> None:
    """Prints time, memory and the ratio of acts per CPU second; the same dossiers in two databases, taken in turn."""
    few, many = _copied(stage, "lienthong_few"), _copied(stage, "lienthong_many")
    published = publish(many.machine.database_url(Role.OWNER).rsplit("/", 1)[0] + "/lienthong_many",
                        islice(declarations(), PUBLISHED))
    per = len(codes) // REPEATS
    pairs = [_pair(few, many, codes[n * per:(n + 1) * per], turned=n % 2 == 1) for n in range(REPEATS)]
    loaded = pairs[0][1].loaded
    more = median(rich.loaded.held - poor.loaded.held for poor, rich in pairs) / 2**20
    print(f"\ncatalogue of {loaded.procedures:,} procedures, {loaded.shapes} shapes")
    print(f"  published in {published:.1f} s, read in {loaded.read:.2f} s, each used once in {loaded.used:.1f} s "
          f"({1000 * loaded.used / loaded.procedures:.1f} ms)")
    print(f"  a worker that used them all holds {more:.0f} MiB more than with {pairs[0][0].loaded.procedures}")
    for runs in zip(*pairs, strict=True):
        print(f"  {sorted((one.acts for one in runs), key=lambda run: run.per_core)[REPEATS // 2].line()}")
    print("  ratio of acts per CPU second, median of pairs: "
          f"{median(rich.acts.per_core / poor.acts.per_core for poor, rich in pairs):.2f}")


def _copied(stage: Stage, name: str) -> Stage:
    """The same stage in a database of its own."""
    with psycopg.connect(stage.machine.postgres.superuser_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template lienthong owner lienthong_owner".encode())
    return replace(stage, url=f"{stage.url.rsplit('/', 1)[0]}/{name}")


def _pair(few: Stage, many: Stage, codes: list[str], *, turned: bool) -> tuple[Worked, Worked]:
    """One after the other, every second time the other first: a busy machine disturbs both alike."""
    if turned:
        rich = _alone(many, codes)
        return _alone(few, codes), rich
    return _alone(few, codes), _alone(many, codes)


def _alone(stage: Stage, codes: list[str]) -> Worked:
    share = Share(stage.url, tuple(codes), stage.approver, stage.signer, stage.version, ROUNDS)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(worker, share, stage.server().pid).result()
