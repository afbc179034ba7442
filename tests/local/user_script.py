"""A whole machine in one ordinary user's hands: start, put, read, stop.

python user_script.py HOME
"""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import psycopg
from minio import Minio

from storage.local.cluster import Role
from storage.local.machine import Machine, Service
from tests.machine import fresh_settings


def play(home: Path) -> None:
    with Machine(fresh_settings(home)).running({Service.POSTGRES, Service.STORE}) as machine:
        with psycopg.connect(machine.database_url(Role.OWNER)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
        told = machine.environment()
        client = Minio(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], secure=False)
        client.put_object(told["S3_BUCKET"], "one", io.BytesIO(b"one"), 3)
        assert client.get_object(told["S3_BUCKET"], "one").data == b"one"
        sys.stdout.write(f"uid {os.geteuid()} owner {(home / 'postgres' / 'data').stat().st_uid}\n")


if __name__ == "__main__":
    play(Path(sys.argv[1]))
