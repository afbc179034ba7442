"""Opens an office from the settings: the one place where a process meets its services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from engine.office import Office
from engine.settings import Settings
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool

# The office of the services that run, for a command; refusals end in a line.
Opened = Callable[[], AbstractContextManager[Office]]


@contextmanager
def office(settings: Settings) -> Iterator[Office]:
    """The office of this process; its connections close with it."""
    db = Database(settings.database_url.get_secret_value(), settings.pool_size).open()
    store = ObjectStore(settings.s3_endpoint, settings.s3_access_key.get_secret_value(),
                        settings.s3_secret_key.get_secret_value(), settings.s3_bucket, settings.s3_secure)
    try:
        yield Office(db, store, Spool(settings.spool), name=settings.name, keys=settings.keys)
    finally:
        db.close()
