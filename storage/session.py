"""Connections to PostgreSQL: one pool a process, and the only place that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg import Connection
from psycopg.rows import class_row, tuple_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout
from sqlalchemy import create_engine
from sqlmodel import Session

from engine.errors import Unavailable

Row = TypeVar("Row")
Params = Sequence[Any] | Mapping[str, Any]
# What belongs into the transaction of an act and is no row of its decision. What it raises undoes the act.
Also = Callable[[Connection[tuple[Any, ...]]], None]

set_json_loads(orjson.loads)
set_json_dumps(orjson.dumps)

# lock_timeout is shorter than statement_timeout so that a queue behind one dossier ends in a clear answer.
# Generic plans: the load of an act takes longer to plan than to run. What acts read is in memory: small tables are no
# reason to read them whole.
TIMEOUTS = ("-c timezone=UTC -c plan_cache_mode=force_generic_plan -c random_page_cost=1.1 -c statement_timeout=5000 "
            "-c lock_timeout=2000 -c idle_in_transaction_session_timeout=15000")


def down() -> Unavailable:
    return Unavailable(part="database", part_vi="Cơ sở dữ liệu", part_en="The database", seconds=5)


class Database:
    """`url` is a libpq URL. Statements run in autocommit unless inside `transaction()`."""

    def __init__(self, url: str, size: int = 8, options: str = TIMEOUTS) -> None:
        self.url = url
        self.pool: ConnectionPool[Connection[tuple[Any, ...]]] = ConnectionPool(
            # by default a pool waits longer after every failure, and notices a server that is back minutes late
            url, min_size=1, max_size=size, timeout=5, reconnect_timeout=0.5, open=False, reset=None,
            kwargs={"autocommit": True, "prepare_threshold": 2, "options": options, "connect_timeout": 5,
                    "row_factory": tuple_row},
        )

    def open(self) -> Database:
        self.pool.open()
        return self

    def close(self) -> None:
        self.pool.close()

    @contextmanager
    def connection(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """A connection in autocommit. A server that is away, or too slow, becomes Unavailable."""
        try:
            with self.pool.connection() as connection:
                yield connection
        except (PoolTimeout, PoolClosed) as error:
            raise down() from error
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            # after a restart every idle connection is dead: drop them all now, not one a request
            self.pool.check()
            raise down() from error

    @contextmanager
    def transaction(self) -> Iterator[Connection[tuple[Any, ...]]]:
        """Commits when the block reaches its end, else rolls back."""
        with self.connection() as connection, connection.transaction():
            yield connection

    def rows(self, row: type[Row], query: str, params: Params = ()) -> list[Row]:
        """Every row of a SELECT as `row`, whose fields are the columns' names."""
        with self.connection() as connection, connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(query.encode(), params).fetchall()

    def one(self, row: type[Row], query: str, params: Params = ()) -> Row | None:
        with self.connection() as connection, connection.cursor(row_factory=class_row(row)) as cursor:
            return cursor.execute(query.encode(), params).fetchone()

    def value(self, query: str, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        with self.connection() as connection:
            found = connection.execute(query.encode(), params).fetchone()
        return found[0] if found else None


@contextmanager
def objects(url: str) -> Iterator[Session]:
    """A SQLModel session for set-up work off the hot path; commits at the end."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with Session(engine) as session, session.begin():
            yield session
    finally:
        engine.dispose()
