"""Guards that let one process at a time do a job. PostgreSQL lets go of them when a connection ends, however."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from storage.session import Database

# The first half of every key; the second is the job. Nobody else uses advisory locks in this database.
FAMILY = 7419


class Job(IntEnum):
    """Jobs of which one at a time is enough. Delivery is none of them: its leases divide the work."""

    WATCH_DEADLINES = 1
    COURIER_RUN = 2
    RECONCILE = 3
    HOUSEKEEPING = 4
    RECOMPUTE_DUES = 5
    ABSENCES = 6
    OWN_KEY = 7
    ANCHOR = 8
    PORTAL = 9


@contextmanager
def alone(db: Database, job: Job) -> Iterator[bool]:
    """True for whoever comes first; the others get False at once and leave the job to him.

    A connection that breaks loses its guard while the job still runs: a guard saves work, it is no proof.
    """
    with db.connection() as connection:
        key = (FAMILY, int(job))
        found = connection.execute(b"select pg_try_advisory_lock(%s, %s)", key).fetchone()
        mine = bool(found and found[0])
        try:
            yield mine
        finally:
            if mine and not connection.broken:
                connection.execute(b"select pg_advisory_unlock(%s, %s)", key)
