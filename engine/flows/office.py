"""The office of a process that runs flows, built once from the settings."""

from __future__ import annotations

from functools import lru_cache

from engine.office import Office
from engine.settings import settings
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool

# One for the look, one for each flow that runs at the same time, one for the guard of each.
CONNECTIONS = 8


@lru_cache
def office() -> Office:
    """Opens no connection by itself: what is down when a process starts may come up later."""
    told = settings()
    store = ObjectStore(told.s3_endpoint, told.s3_access_key.get_secret_value(), told.s3_secret_key.get_secret_value(),
                        told.s3_bucket, secure=told.s3_secure)
    return Office(Database(told.database_url.get_secret_value(), CONNECTIONS).open(), store, Spool(told.spool))
