"""Hands behind the engine's back: the superuser with the triggers off, and other bytes under a key of the store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import psycopg
from minio import Minio

from api.demo.stage import Stage
from storage.objects import key_of


class Tamperer:
    def __init__(self, stage: Stage) -> None:
        self._url = stage.machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong"
        told = stage.machine.environment()
        self._bucket = told["S3_BUCKET"]
        self._store = Minio(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], secure=False)

    def one(self, query: str) -> tuple[object, ...]:
        with psycopg.connect(self._url) as connection:
            found = connection.execute(query.encode()).fetchone()
        assert found is not None
        return found

    @contextmanager
    def row(self, table: str, change: str, where: str) -> Iterator[None]:
        """Changes rows and puts them back as they were."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            # no trigger fires for this session, as for whoever owns the machine
            connection.execute(b"set session_replication_role = replica")
            connection.execute(f"create temporary table kept as select * from {table} where {where}".encode())
            changed = connection.execute(f"update {table} set {change} where {where}".encode()).rowcount
            assert changed == 1
            try:
                yield
            finally:
                connection.execute(f"delete from {table} where {where}".encode())
                connection.execute(f"insert into {table} select * from kept".encode())

    @contextmanager
    def bytes_of(self, sha256: str, data: bytes) -> Iterator[None]:
        key = key_of(sha256)
        answer = self._store.get_object(self._bucket, key)
        kept = answer.read()
        answer.release_conn()
        self._store.put_object(self._bucket, key, BytesIO(data), len(data))
        try:
            yield
        finally:
            self._store.put_object(self._bucket, key, BytesIO(kept), len(kept))
