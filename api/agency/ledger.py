"""What the simulated partner keeps: one SQLite file, written before a receipt is signed, so that a restart loses
nothing."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

TABLES = """
create table if not exists arrival (message text primary key, thread text not null, no integer not null,
  kind text not null, data blob not null, sha256 text not null, receipt blob, applied integer not null default 0,
  unique (thread, no));
create table if not exists task (handoff text primary key, thread text not null, told text not null,
  state text not null, due real not null);
create table if not exists wanted (sha256 text primary key, message text not null, handoff text not null,
  size integer not null, data blob);
create table if not exists outgoing (message text primary key, thread text not null, no integer not null,
  kind text not null, data blob not null, sha256 text not null, sent integer not null default 0,
  tries integer not null default 0, next real not null default 0, unique (thread, no));
create table if not exists document (sha256 text, message text, data blob not null, primary key (sha256, message));
create table if not exists anchor (no integer primary key, sha256 text not null unique, data blob not null,
  receipt blob not null);
"""


@dataclass(frozen=True, slots=True)
class Arrived:
    message: str
    thread: str
    no: int
    kind: str
    data: bytes
    sha256: str
    receipt: bytes | None


@dataclass(frozen=True, slots=True)
class Task:
    """`told`: the body of the message that brought it."""

    handoff: str
    thread: str
    told: dict[str, Any]
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    sha256: str
    message: str
    handoff: str
    size: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Queued:
    message: str
    thread: str
    no: int
    kind: str
    data: bytes
    sha256: str
    tries: int


class Ledger:
    """One writer at a time. `path` may be ":memory:"."""

    def __init__(self, path: str) -> None:
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """All of it or nothing; may be nested."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def _rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(sql, given).fetchall()

    # what came

    def by_message(self, message: str) -> Arrived | None:
        return self._arrived("message = ?", message)

    def by_number(self, thread: str, no: int) -> Arrived | None:
        return self._arrived("thread = ? and no = ?", thread, no)

    def _arrived(self, where: str, *given: Any) -> Arrived | None:
        rows = self._rows(f"select message, thread, no, kind, data, sha256, receipt from arrival where {where}", *given)
        return Arrived(*rows[0]) if rows else None

    def store(self, message: str, thread: str, no: int, kind: str, data: bytes, sha256: str) -> None:
        self._rows("insert into arrival (message, thread, no, kind, data, sha256) values (?, ?, ?, ?, ?, ?)",
                   message, thread, no, kind, data, sha256)

    def signed(self, message: str, receipt: bytes) -> None:
        self._rows("update arrival set receipt = ? where message = ?", receipt, message)

    def expected(self, thread: str) -> int:
        """The first number that is missing."""
        numbers = [no for no, in self._rows("select no from arrival where thread = ? order by no", thread)]
        return next((place for place, no in enumerate(numbers, 1) if place != no), len(numbers) + 1)

    def held(self, thread: str) -> int:
        found = self._rows("select count(*) from arrival where thread = ? and no > ?", thread, self.expected(thread))
        return int(found[0][0])

    def applicable(self, thread: str) -> list[Arrived]:
        rows = self._rows("select message, thread, no, kind, data, sha256, receipt from arrival "
                          "where thread = ? and no < ? and not applied order by no", thread, self.expected(thread))
        return [Arrived(*row) for row in rows]

    def anybody(self) -> dict[str, str] | None:
        """Somebody who sent us something, as an address."""
        rows = self._rows("select data from arrival limit 1")
        return json.loads(rows[0][0])["body"]["sender"] if rows else None

    def applied(self, message: str) -> None:
        self._rows("update arrival set applied = 1 where message = ?", message)

    # what is to be done

    def open_task(self, handoff: str, thread: str, told: dict[str, Any], due: float) -> None:
        self._rows("insert or ignore into task values (?, ?, ?, 'delivered', ?)", handoff, thread,
                   json.dumps(told, ensure_ascii=False), due)

    def task(self, handoff: str) -> Task | None:
        rows = self._rows("select handoff, thread, told, state from task where handoff = ?", handoff)
        return _task(rows[0]) if rows else None

    def due_tasks(self, at: float) -> list[Task]:
        return [_task(row) for row in self._rows(
            "select handoff, thread, told, state from task where state in ('delivered', 'registered') and due <= ? "
            "and not exists (select 1 from wanted w where w.handoff = task.handoff and w.size > "
            "coalesce(length(w.data), 0)) order by due", at)]

    def move_task(self, handoff: str, state: str, due: float = 0) -> None:
        self._rows("update task set state = ?, due = ? where handoff = ?", state, due, handoff)

    def want(self, sha256: str, message: str, handoff: str, size: int) -> None:
        self._rows("insert or ignore into wanted values (?, ?, ?, ?, x'')", sha256, message, handoff, size)

    def missing(self) -> list[Wanted]:
        return [Wanted(*row) for row in self._rows(
            "select sha256, message, handoff, size, data from wanted where length(data) < size")]

    def pulled(self, sha256: str) -> bytes | None:
        rows = self._rows("select data from wanted where sha256 = ? and length(data) = size", sha256)
        return bytes(rows[0][0]) if rows else None

    def got(self, sha256: str, data: bytes) -> None:
        self._rows("update wanted set data = ? where sha256 = ?", data, sha256)

    # what goes out

    def next_no(self, thread: str) -> int:
        return int(self._rows("select coalesce(max(no), 0) + 1 from outgoing where thread = ?", thread)[0][0])

    def queue(self, message: str, thread: str, no: int, kind: str, data: bytes, sha256: str) -> None:
        self._rows("insert into outgoing (message, thread, no, kind, data, sha256) values (?, ?, ?, ?, ?, ?)",
                   message, thread, no, kind, data, sha256)

    def unsent(self, at: float) -> list[Queued]:
        """The oldest of every lane."""
        return [Queued(*row) for row in self._rows(
            "select message, thread, no, kind, data, sha256, tries from outgoing o where not sent and next <= ? "
            "and no = (select min(no) from outgoing p where p.thread = o.thread and not p.sent)", at)]

    def sent(self, message: str) -> None:
        self._rows("update outgoing set sent = 1 where message = ?", message)

    def again(self, thread: str, first: int, before: int) -> None:
        self._rows("update outgoing set sent = 0, next = 0 where thread = ? and no >= ? and no < ?", thread, first,
                   before)

    def failed(self, message: str, at: float) -> None:
        self._rows("update outgoing set tries = tries + 1, next = ? where message = ?", at, message)

    def put(self, sha256: str, message: str, data: bytes) -> None:
        self._rows("insert or ignore into document values (?, ?, ?)", sha256, message, data)

    def document(self, sha256: str, message: str) -> bytes | None:
        rows = self._rows("select data from document where sha256 = ? and message = ?", sha256, message)
        return bytes(rows[0][0]) if rows else None

    # the other side's anchors

    def anchor_receipt(self, sha256: str) -> bytes | None:
        rows = self._rows("select receipt from anchor where sha256 = ?", sha256)
        return bytes(rows[0][0]) if rows else None

    def last_anchor(self) -> tuple[int, str] | None:
        rows = self._rows("select no, sha256 from anchor order by no desc limit 1")
        return (rows[0][0], rows[0][1]) if rows else None

    def keep_anchor(self, no: int, sha256: str, data: bytes, receipt: bytes) -> None:
        self._rows("insert into anchor values (?, ?, ?, ?)", no, sha256, data, receipt)


def _task(row: tuple[Any, ...]) -> Task:
    handoff, thread, told, state = row
    return Task(handoff, thread, json.loads(told), state)
