"""Between two installations: hand-offs with a document of 1 MB each, and a long queue after the line is back.

`python -m bench.lines`; FULL=1 drains 20,000 messages of the queue, else as many as a minute allows.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from io import BytesIO
from statistics import quantiles
from typing import Any

import psutil
import psycopg
import structlog
from pikepdf import Name, Pdf, Stream
from PIL import Image

from bench.stage import copy
from engine import documents, timekeeper
from engine.casework.act import act
from engine.casework.orders import Order, Particulars
from engine.settings import Settings, settings
from storage.local.cluster import Role
from tests.journey import Journey
from tests.two.installation import Installation, installation
from tests.two.peering import hosted_there, introduce

RATE, GOAL_SECONDS = 25.0, 40
# In its first seconds a process plans its statements; an installation runs for months.
WARM = 100
# A page of A4 at 200 dpi, as scans between agencies are: 1.0 MB of JPEG in a PDF (Circular 01/2023/TT-VPCP).
WIDTH, HEIGHT, QUALITY = 1654, 2339, 25
QUEUED, DRAINED, MINUTE = 250_000, 20_000, 60.0
FULL = bool(os.environ.get("FULL"))
SHIPPED = f"PT{Settings.model_fields['poll'].default.total_seconds()}S"
LEAD = "H51.01/ngoai-vu:officer"


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    os.environ["LIENTHONG_PEERS_INSIDE"] = "true"
    os.environ["LIENTHONG_SHADOWS_A_DAY"] = str(LANES)  # the queue tells of dossiers that nobody handed over
    settings.cache_clear()
    with both() as (here, there):
        with straight(here, there):
            hand_offs(here, there, int(RATE * GOAL_SECONDS))
        long_queue(here, there)


@contextmanager
def both() -> Iterator[tuple[Installation, Installation]]:
    start = datetime.now(UTC)
    with installation("tinh", "soc-trang", start, poll=SHIPPED) as here, \
            installation("cong-an", "soc-trang-police", start, poll=SHIPPED) as there:
        for side in (here, there):  # one clock, that of both databases
            timekeeper.set_shown(side.machine.home / "clock.json", datetime.now(UTC), 1.0)
        introduce(here, there, start)
        hosted_there(here, there, "H51.05", start)
        yield here, there


@contextmanager
def straight(here: Installation, there: Installation) -> Iterator[None]:
    """Without the wire that can be cut, which would carry every byte in this process."""
    def reach(url: Callable[[Installation], str]) -> None:
        for side, other in ((here, there), (there, here)):
            with psycopg.connect(side.machine.database_url(Role.OWNER), autocommit=True) as connection:
                connection.execute("update peer set url = %s", (url(other),))

    reach(lambda other: f"http://127.0.0.1:{other.machine.ports.web}")
    try:
        yield
    finally:
        reach(lambda other: other.url)


KEPT = "select count(*) from pull where done_at is not null"


def hand_offs(here: Installation, there: Installation, count: int) -> None:
    """Questions to the police at a steady rate, each with a scan of its own, after some that warm both sides up.

    Prints seconds and rates.
    """
    codes = dossiers(here, WARM + count)
    unit = value(here, "select id from unit where agency = 'H51.05' and key = 'chuyen-mon'")
    said = Particulars(words="Cần ý kiến", limit="3 ngày làm việc", join="all", units=(unit,))
    lead, seen = here.cast[LEAD], value(here, "select version from dossier where code = %s", codes[0])

    def ask(chosen: Sequence[str]) -> dict[str, datetime]:
        """At the steady rate; when each was committed."""
        began, sent = time.perf_counter(), dict[str, datetime]()
        for number, code in enumerate(chosen):
            time.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            act(here.office, Order(code=code, event="consult_further", actor=lead, seen_version=seen,
                                   key=str(uuid.uuid4()), particulars=said), datetime.now(UTC))
            sent[code] = datetime.now(UTC)
        return sent

    ask(codes[:WARM])
    _until(lambda: value(there, KEPT), WARM, time.perf_counter(), 300)
    began, cpu = time.perf_counter(), _cpu(here, there)
    sent = ask(codes[WARM:])
    offered = time.perf_counter() - began
    _until(lambda: value(there, KEPT), WARM + count, began, 300)
    desk, linked, kept = _came(there, sent)
    used = _cpu(here, there)
    # what is queued at the end of the first half may come late; in the second a line in step does as much as is asked
    half, end = sent[codes[WARM + count // 2]], sent[codes[-1]]
    print(f"\nhand-offs between two installations, 1 MB each: {len(linked)} of {count} offered at "
          f"{count / offered:.1f}/s; in the second half of the time {_rate(linked, half, end):.1f}/s were linked "
          f"(goal {RATE:.0f}, ratio {_rate(linked, half, end) / RATE:.2f}); the store had all "
          f"{(max(kept.values()) - end).total_seconds():.1f} s after the last was sent")
    print("  from the commit " + ", ".join(
        f"to {name} p50 {_at(waits, 50):.2f} s, p95 {_at(waits, 95):.2f} s" for name, waits in (
            (name, [(at - sent[code]).total_seconds() for code, at in came.items()]) for name, came in (
                ("the other desk", desk), ("its document linked", linked), ("in the store", kept)))))
    print("  CPU ms a hand-off: " + ", ".join(
        f"{name} {(seconds - cpu[name]) / count * 1000:.0f}" for name, seconds in used.items()))


def dossiers(here: Installation, count: int) -> list[str]:
    """Copies of one at the lead's desk, with scans of which no two are the same."""
    journey = Journey(here.office, here.cast, datetime.now(UTC))
    pattern = journey.receive().code
    journey.register_all(pattern)
    first = documents.Upload(code=pattern, component="plan", name="ke-hoach.pdf", declared_type="",
                             actor=here.cast[LEAD], key=str(uuid.uuid4()))
    documents.attach(here.office, first, iter([scan()]), datetime.now(UTC))
    codes = copy(here.machine, pattern, count, first=100_000)
    with psycopg.connect(here.machine.database_url(Role.OWNER), autocommit=True) as connection:
        rows = connection.execute("select id from document where dossier_id > 100000 and sha256 is not null").fetchall()
        for (document,) in rows:
            data = scan()
            told = here.office.spool.receive(iter([data]))
            assert told.sha256 == sha256(data).hexdigest()
            here.office.store.put(told.path, told.sha256, told.size, "application/pdf")
            connection.execute("update document set sha256 = %s, size = %s where id = %s",
                               (told.sha256, told.size, document))
    assert len(rows) == count
    return codes


@cache
def picture() -> bytes:
    file = BytesIO()
    Image.effect_noise((WIDTH, HEIGHT), 64).save(file, "jpeg", quality=QUALITY)
    return file.getvalue()


def scan() -> bytes:
    """One page in a file that nobody else has."""
    file = BytesIO()
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        name = page.add_resource(Stream(
            pdf, picture(), Type=Name.XObject, Subtype=Name.Image, Width=WIDTH, Height=HEIGHT,
            ColorSpace=Name.DeviceGray, BitsPerComponent=8, Filter=Name.DCTDecode), Name.XObject)
        page.contents_add(f"q 595 0 0 842 0 0 cm {name} Do Q % {uuid.uuid4()}".encode())
        pdf.save(file)
    return file.getvalue()


def _came(there: Installation, sent: Mapping[str, datetime]) -> tuple[dict[str, datetime], ...]:
    """Of those that were sent, by thread: when it was at the other desk, when its document was part of the dossier,
    when the store had it.
    """
    with there.office.db.connection() as connection:
        came = connection.execute(b"select a.thread, a.applied_at, f.added_at, l.done_at from arrival a "
                                  b"join pull l on l.message_id = a.message_id "
                                  b"join document f on f.id = l.document_id and f.state <> 'promised'").fetchall()
    return tuple({row[0]: row[column] for row in came if row[column] and row[0] in sent} for column in (1, 2, 3))


def _rate(came: Mapping[str, datetime], since: datetime, until: datetime) -> float:
    """How many a second came between the two."""
    return sum(since < at <= until for at in came.values()) / (until - since).total_seconds()


# What a master says of how its dossiers stand; the other side keeps a shadow of each.
QUEUE = """
insert into outbox (message_id, dossier_id, seq, kind, sender, receiver, payload, created_at, attempts)
select gen_random_uuid(), d.id, 1000 + n, 'progress', d.intake_agency, 'H51.05',
  '{"status": 4, "due_at": null, "ended": false}', now(), 0
from (select * from dossier where id between %s and %s) d, generate_series(1, %s) n
"""
LANES = 10_000


def long_queue(here: Installation, there: Installation) -> None:
    """The line was away for days; now it is back."""
    journey = Journey(here.office, here.cast, datetime.now(UTC))
    pattern = journey.receive().code
    copy(here.machine, pattern, LANES, first=200_000)
    there.line.part()
    # what numbers the lanes is planned for the table as it is: first for a small one, then for a large one
    for first, last in ((1, 50), (51, LANES)):
        with psycopg.connect(here.machine.database_url(Role.OWNER), autocommit=True) as connection:
            connection.execute(QUEUE.encode(), (200_000 + first, 200_000 + last, QUEUED // LANES))
            connection.execute("vacuum analyze outbox")
    sender, receiver = (psutil.Process(side.pid("dispatcher")) for side in (here, there))
    time.sleep(5)
    before, at = (sender.memory_info().rss, receiver.memory_info().rss), time.perf_counter()
    there.line.mend()
    with psycopg.connect(here.machine.database_url(Role.OWNER), autocommit=True) as connection:
        connection.execute("update peer set retry_at = now() where trouble_since is not null")
    done = "select count(*) from arrival where state = 'applied' and kind = 'progress'"
    spent = _until(lambda: value(there, done), DRAINED, at, 3600 if FULL else MINUTE)
    drained = value(there, done)
    after = sender.memory_info().rss, receiver.memory_info().rss
    print(f"queue of {QUEUED:,} after the line is back: {drained:,} sent and applied in {spent:.0f} s "
          f"({drained / spent:.0f}/s); memory of the dispatchers " + ", ".join(
              f"{one >> 20} to {other >> 20} MB (ratio {other / one:.2f})"
              for one, other in zip(before, after, strict=True)))


def _until(count: Any, wanted: int, began: float, longest: float) -> float:
    """Seconds from `began` until there were so many, or so long."""
    while count() < wanted and time.perf_counter() - began < longest:
        time.sleep(0.25)
    return time.perf_counter() - began


def _cpu(*sides: Installation) -> dict[str, float]:
    """CPU seconds of every process by its name, with those of its children; "people" are this one and the lines."""
    told: dict[str, float] = {"people": time.process_time()}
    for side in sides:
        assert side.machine.supervisor is not None
        for name, pid in side.machine.supervisor.pids().items():
            process = psutil.Process(pid)
            total = 0.0
            for one in (process, *process.children(recursive=True)):
                times = one.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
            told[f"{side.name}/{name}"] = total
    return told


def value(side: Installation, query: str, *params: Any) -> Any:
    return side.office.db.value(query, params)


def _at(values: Sequence[float], per_cent: int) -> float:
    return quantiles(values, n=100)[per_cent - 1]


if __name__ == "__main__":
    main()
