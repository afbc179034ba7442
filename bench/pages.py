"""Pages: what a list and a dossier cost the server among 200,000 dossiers with four people at work, and how light.

`python -m bench.pages` with 20,000 dossiers, FULL=1 in the environment with 200,000.
"""

from __future__ import annotations

import http.client
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urljoin

import psutil
import psycopg
import structlog

from bench.crowd import crowd
from bench.http import web
from bench.measure import cpu
from bench.stage import Stage, bare
from engine import timekeeper
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from engine.settings import Settings
from storage.local.machine import Machine, Service
from storage.session import Database
from tests.api.web import serving
from tests.journey import MONDAY, Cast
from tests.machine import machine as running_machine

SMALL, FULL = 20_000, 200_000
ROUNDS, ALONE = 40, 20
WITHIN, FIRST_LOAD, FIRST_REQUESTS, AFTER = 50.0, 100_000, 8, 15_000
LOADED = ("/", "/?tab=unit", "/receive", "/receive/conference_permit_local", "/handoffs", "/find?search=lua+thom")
PACKED = {"Accept-Encoding": "gzip"}

# Who sits at the four desks, and what each looks at; {code} is one dossier after the other of the person's own list.
LISTS = ("/", "/?tab=unit", "/?due=overdue", "/?search=nguyen+thi", "/?search=h51.02", "/find?search=lua+thom",
         "/find?search=nguyen+van+an", "/find?search=094000012345", "/handoffs", "/notices", "/courier")
DOSSIER = ("/dossiers/{code}", "/dossiers/{code}/clocks")
DESKS = {
    "H51.02/tiep-nhan:receptionist": (*LISTS, "/receive", "/receive/conference_permit_local", "/return", "/book",
                                      "/absences", *DOSSIER),
    "H51.01/ngoai-vu:officer": (*LISTS, *DOSSIER),
    "H51.01/lanh-dao:head": (*LISTS, "/absences", *DOSSIER),
    "H51.05/chuyen-mon:officer": (*LISTS, *DOSSIER),
}


@dataclass
class Seen:
    """One page: server time in ms of every answer; `cost` in ms of CPU, server and database together, which tells on a
    busy machine what the page itself needs."""

    took: list[float] = field(default_factory=list)
    missing: int = 0
    queries: int = 0
    size: int = 0
    cost: float = 0.0

    @property
    def late(self) -> float:
        """The 95th percentile."""
        return sorted(self.took)[int(len(self.took) * 0.95)]


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with running_machine({Service.POSTGRES, Service.STORE}) as running, tempfile.TemporaryDirectory() as folder:
        measure(running, Path(folder), FULL if os.environ.get("FULL") else SMALL)


def measure(machine: Machine, folder: Path, dossiers: int) -> dict[str, Seen]:
    """Prints every page against the goals; those are of the full size."""
    clock = folder / "clock.json"
    timekeeper.set_shown(clock, MONDAY + timedelta(hours=2), 1.0)
    stage = _staged(machine, dossiers)
    with _at(clock), web(stage) as (port, process):
        cookies = {desk: _sign_in(port, stage, desk) for desk in DESKS}
        codes = {desk: _codes(port, cookie) for desk, cookie in cookies.items()}
        def all_at_once(rounds: int) -> list[dict[str, Seen]]:
            with ThreadPoolExecutor(len(DESKS)) as pool:
                return list(pool.map(lambda desk: _look(port, cookies[desk], desk, codes[desk], rounds), DESKS))

        all_at_once(2)  # fills caches and prepares statements
        shares = all_at_once(ROUNDS)
        costs = _costs(stage, port, process, cookies, codes)
        light = _first_load(port, cookies["H51.02/tiep-nhan:receptionist"])
    pages = _together(shares)
    for path, cost in costs.items():
        pages[path].cost = cost
    _count(stage, pages, codes)
    _print(dossiers, pages, light)
    return pages


@contextmanager
def _at(clock: Path) -> Iterator[None]:
    """Whoever is started by now lives at its time; nobody who is started later."""
    os.environ["LIENTHONG_CLOCK"] = str(clock)
    try:
        yield
    finally:
        del os.environ["LIENTHONG_CLOCK"]


def _staged(machine: Machine, dossiers: int) -> Stage:
    stage = bare(machine)
    office = stage.office()
    crowd(office, machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong", dossiers)
    office.db.close()
    return stage


def _sign_in(port: int, stage: Stage, desk: str) -> str:
    """The cookie of the person at that desk."""
    office = stage.office()
    login = Cast(office).member(desk).login
    office.db.close()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/sign-in", urlencode({"login": login, "password": DEMO_PASSWORD}),
                       {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return (answer.headers["set-cookie"] or "").partition(";")[0]


def _ask(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection.request("GET", path, headers={**PACKED, "Cookie": cookie})
    answer = connection.getresponse()
    return answer, answer.read()


def _codes(port: int, cookie: str) -> list[str]:
    """The dossiers of the person's own list."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/?tab=unit", headers={"Cookie": cookie})
    found = re.findall(r'href="/dossiers/([0-9A-Z.-]+)"', connection.getresponse().read().decode())
    connection.close()
    if not found:
        raise RuntimeError("somebody has no work: nothing to measure")
    return list(dict.fromkeys(found))


def _look(port: int, cookie: str, desk: str, codes: Sequence[str], rounds: int) -> dict[str, Seen]:
    """Each page of the desk in turn, again and again; a page that does not exist (yet) is said."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    pages = {path: Seen() for path in DESKS[desk]}
    for turn in range(rounds):
        for path, seen in pages.items():
            answer, body = _ask(connection, path.format(code=codes[turn % len(codes)]), cookie)
            if answer.status == 200:
                seen.took.append(float(answer.headers["server-timing"].partition("dur=")[2]))
                seen.size = max(seen.size, len(body))
            elif answer.status >= 500:
                raise RuntimeError(f"{path}: {answer.status}")
            else:
                seen.missing = answer.status
    connection.close()
    return pages


def _together(shares: Sequence[dict[str, Seen]]) -> dict[str, Seen]:
    pages: dict[str, Seen] = {}
    for share in shares:
        for path, seen in share.items():
            whole = pages.setdefault(path, Seen())
            whole.took += seen.took
            whole.size = max(whole.size, seen.size)
            whole.missing = whole.missing or seen.missing
    return pages


def _costs(stage: Stage, port: int, process: psutil.Process, cookies: dict[str, str],
           codes: dict[str, list[str]]) -> dict[str, float]:
    """ms of CPU an answer, one person after the other: the dearest of them counts."""
    costs: dict[str, float] = {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for desk, paths in DESKS.items():
        for path in paths:
            before = cpu(process) + cpu(stage.server())
            for turn in range(ALONE):
                _ask(connection, path.format(code=codes[desk][turn % len(codes[desk])]), cookies[desk])
            spent = cpu(process) + cpu(stage.server()) - before
            costs[path] = max(costs.get(path, 0.0), spent * 1000 / ALONE)
    connection.close()
    return costs


class Counting(Database):
    """Counts how often the pool is asked for a connection: once a query."""

    asked = 0

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        self.asked += 1
        with super().connection() as connection:
            yield connection


def _count(stage: Stage, pages: dict[str, Seen], codes: dict[str, list[str]]) -> None:
    """Queries of each page, by the person who looks at it, in a server of our own."""
    plain = stage.office()
    counting = Counting(stage.url)
    office = Office(counting.open(), plain.store, plain.spool)
    plain.db.close()
    with serving(office, Cast(office), Settings(home=stage.machine.home)) as running:
        for desk, paths in DESKS.items():
            session = running.by_cookie(desk)
            for path in paths:
                session.client.get(path.format(code=codes[desk][0]))
                before = counting.asked
                session.client.get(path.format(code=codes[desk][0]))
                pages[path].queries = max(pages[path].queries, counting.asked - before)
    office.db.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a browser fetches for a page: with nothing kept, and with everything kept that may be."""

    path: str
    size: int
    requests: int
    after: int


def _first_load(port: int, cookie: str) -> list[Load]:
    """The page, its sheet, letters, sign and modules, and what modules import."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for path in LOADED:
        connection.request("GET", path, headers={"Cookie": cookie})
        text = connection.getresponse().read().decode()
        size = len(_ask(connection, path, cookie)[1])
        wanted = {urljoin(path, address) for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text)}
        sizes: dict[str, int] = {}
        while wanted - sizes.keys():
            address = (wanted - sizes.keys()).pop()
            connection.request("GET", address)
            body = connection.getresponse().read().decode(errors="replace")
            sizes[address] = len(_ask(connection, address, "")[1])
            wanted |= {urljoin(address, a or b) for a, b in re.findall(r'url\("([^"]+)"\)|from "([^"]+)"', body)}
        found.append(Load(path=path, size=size + sum(sizes.values()), requests=1 + len(sizes), after=size))
    connection.close()
    return found


def _print(dossiers: int, pages: dict[str, Seen], light: Sequence[Load]) -> None:
    print(f"\nPages: {dossiers:,} dossiers, {len(DESKS)} people at once (goal {WITHIN:.0f} ms at p95)")
    print(f"  {'page':<36}{'median':>9}{'p95':>9}{'worst':>9}{'CPU':>9}{'queries':>9}{'kB':>7}")
    for path, seen in pages.items():
        if not seen.took:
            print(f"  {path:<36}   answered {seen.missing}")
            continue
        times = (median(seen.took), seen.late, max(seen.took), seen.cost)
        print(f"  {path:<36}{''.join(f'{time:>6.1f} ms' for time in times)}{seen.queries:>9}"
              f"{seen.size / 1000:>7.1f}{'' if seen.late < WITHIN else '  slow'}")
    print(f"  first load (goals {FIRST_LOAD / 1000:.0f} kB, {FIRST_REQUESTS} requests; after {AFTER / 1000:.0f} kB)")
    for load in light:
        good = load.size <= FIRST_LOAD and load.requests <= FIRST_REQUESTS and load.after < AFTER
        print(f"  {load.path:<36}{load.size / 1000:>7.1f} kB in {load.requests} requests, "
              f"after {load.after / 1000:.1f} kB{'' if good else '  heavy'}")


if __name__ == "__main__":
    main()
