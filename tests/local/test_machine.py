"""PostgreSQL and the object store of one machine: who may do what, and what is left after a kill."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from storage.local import seaweed
from storage.local.cluster import Database, Role
from storage.local.machine import Machine, Service
from storage.local.trouble import AlreadyRunning
from tests.local.toys import eventually
from tests.machine import fresh_settings, home
from tests.machine import machine as fresh_machine


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """Of its own: these tests kill what the others rely on."""
    with fresh_machine() as running:
        yield running


@pytest.fixture(scope="module")
def bucket(machine: Machine) -> str:
    return machine.settings.s3_bucket


@pytest.fixture(scope="module")
def client(machine: Machine) -> Minio:
    return client_of(machine)


def client_of(machine: Machine) -> Minio:
    told = machine.environment()
    return Minio(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], secure=False)


def query(machine: Machine, sql: str, role: Role = Role.OWNER) -> list[tuple[object, ...]]:
    with psycopg.connect(machine.database_url(role), autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def put(client: Minio, bucket: str, name: str, content: bytes) -> None:
    client.put_object(bucket, name, io.BytesIO(content), len(content))


def get(client: Minio, bucket: str, name: str) -> bytes:
    reply = client.get_object(bucket, name)
    try:
        return reply.read()
    finally:
        reply.close()
        reply.release_conn()


# PostgreSQL


def test_a_wrong_password_is_refused(machine: Machine) -> None:
    url = machine.postgres.url(Role.APP, "wrong", Database.LIENTHONG)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"])
def test_what_was_committed_is_on_the_disk(machine: Machine, setting: str) -> None:
    assert query(machine, f"SHOW {setting}") == [("on",)]


def test_it_speaks_utf8_and_listens_on_loopback_only(machine: Machine) -> None:
    assert query(machine, "SHOW server_encoding") == [("UTF8",)]
    assert query(machine, "SHOW listen_addresses") == [("127.0.0.1",)]
    assert query(machine, "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'lienthong'") == [
        ("b", "C.UTF-8")]


def test_no_role_of_ours_is_more_than_it_must_be(machine: Machine) -> None:
    rows = query(machine, "SELECT rolname FROM pg_roles WHERE rolname = ANY(ARRAY['" + "','".join(Role)
                 + "']) AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)")
    assert {name for (name,) in rows} == set(Role)


@pytest.mark.parametrize("role", [Role.APP, Role.AUDITOR, Role.BACKUP])
def test_only_the_owner_makes_tables(machine: Machine, role: Role) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        query(machine, "CREATE TABLE mine (id int)", role)


@pytest.mark.parametrize(("role", "database"), [
    (Role.APP, Database.PREFECT), (Role.APP, Database.SEAWEEDFS), (Role.PREFECT, Database.LIENTHONG),
    (Role.SEAWEEDFS, Database.LIENTHONG), (Role.AUDITOR, Database.SEAWEEDFS),
])
def test_nobody_enters_the_database_of_another(machine: Machine, role: Role, database: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(machine.database_url(role, database))


def test_a_killed_server_comes_back_with_everything_that_was_committed(machine: Machine) -> None:
    assert machine.supervisor is not None
    with psycopg.connect(machine.database_url(Role.OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    first = machine.supervisor.pids()["postgres"]
    os.kill(first, signal.SIGKILL)
    # those who serve live on for a moment and still answer
    eventually(lambda: machine.supervisor and machine.supervisor.pids()["postgres"] != first)
    eventually(machine.postgres.answers)
    assert query(machine, "SELECT count(*) FROM kept") == [(1000,)]


# The object store


def test_a_document_comes_back_as_it_was_put(client: Minio, bucket: str) -> None:
    content = os.urandom(11 << 20)  # several parts
    put(client, bucket, "sha256/large", content)
    assert hashlib.sha256(get(client, bucket, "sha256/large")).digest() == hashlib.sha256(content).digest()


def test_a_wrong_key_is_refused(machine: Machine, bucket: str) -> None:
    told = machine.environment()
    stranger = Minio(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], "wrong", secure=False)
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        get(stranger, bucket, "sha256/large")


def test_nobody_reads_without_a_key(machine: Machine, client: Minio, bucket: str) -> None:
    put(client, bucket, "secret", b"secret")
    with pytest.raises(S3Error, match="AccessDenied"):
        get(Minio(machine.store.endpoint, secure=False), bucket, "secret")


def test_the_filer_and_the_volumes_ask_for_a_token(machine: Machine, client: Minio, bucket: str) -> None:
    put(client, bucket, "secret", b"secret")
    told = query_store(machine, f"SELECT directory, name FROM \"{bucket}\" WHERE name = 'secret'")
    assert told, "the index of names is in PostgreSQL"
    for url in (f"http://127.0.0.1:{machine.ports.filer}/buckets/{bucket}/secret",
                f"http://127.0.0.1:{machine.ports.filer}/",
                f"http://127.0.0.1:{machine.ports.volume}/1,0123456789"):
        assert urllib3.request("GET", url).status == 401


def query_store(machine: Machine, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(machine.database_url(Role.SEAWEEDFS, Database.SEAWEEDFS)) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("attempt", ["make_bucket", "remove_bucket", "delete_bucket_encryption"])
def test_the_application_may_use_its_buckets_not_change_them(client: Minio, bucket: str, attempt: str) -> None:
    with pytest.raises(S3Error, match="AccessDenied"):
        getattr(client, attempt)(bucket if attempt != "make_bucket" else "other")


def test_an_anchor_cannot_be_taken_back_before_its_time(client: Minio, bucket: str) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    name = seaweed.anchors(bucket)
    anchor = client.put_object(name, "head", io.BytesIO(b"head"), 4, retention=Retention(COMPLIANCE, until))
    with pytest.raises(S3Error, match="AccessDenied"):
        client.remove_object(name, "head", version_id=anchor.version_id)
    assert get(client, name, "head") == b"head"


def test_what_lies_on_the_disk_is_encrypted(machine: Machine, client: Minio, bucket: str) -> None:
    plain = secrets.token_hex(2000).encode()
    put(client, bucket, "plain", plain)
    needle = plain[:64]
    found = [path for path in machine.store.folder.rglob("*") if path.is_file() and needle in path.read_bytes()]
    assert found == []


def test_every_document_is_written_through(machine: Machine) -> None:
    """Asked of the store itself: its default acknowledges what is only in memory."""
    child = machine.store.child()
    shell = [child.argv[0], "shell", f"-master=127.0.0.1:{machine.ports.master}.{machine.ports.master + 1}",
             f"-filer=127.0.0.1:{machine.ports.filer}.{machine.ports.filer + 1}"]
    told = subprocess.run(shell, input=b"fs.configure\n", env=dict(child.environment), cwd=child.folder,
                          capture_output=True, check=True, timeout=120).stdout.decode()
    rule = told[told.index('"/buckets/"'):]
    assert '"fsync":  true' in rule


def test_a_killed_store_comes_back_with_every_document(machine: Machine, client: Minio, bucket: str) -> None:
    assert machine.supervisor is not None
    for number in range(20):
        put(client, bucket, f"kept/{number}", f"document {number}".encode())
    first = machine.supervisor.pids()["store"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: machine.supervisor and machine.supervisor.pids()["store"] != first)
    eventually(machine.store.answers)
    for number in range(20):
        assert get(client, bucket, f"kept/{number}") == f"document {number}".encode()


# One machine and another


def test_a_second_start_on_the_same_home_is_told_who_runs_there(machine: Machine) -> None:
    second = Machine(machine.settings)
    with pytest.raises(AlreadyRunning) as caught:
        second.start({Service.POSTGRES})
    message = caught.value.message("vi")
    assert str(os.getpid()) in message
    assert machine.address in message
    assert "\n" not in message
    assert machine.postgres.answers()


def test_two_machines_run_side_by_side(machine: Machine, client: Minio, bucket: str) -> None:
    with home() as folder, Machine(fresh_settings(folder)).running({Service.POSTGRES, Service.STORE}) as other:
        put(client_of(other), bucket, "whose", b"other")
        put(client, bucket, "whose", b"first")
        assert get(client_of(other), bucket, "whose") == b"other"
        assert other.secrets.lienthong_app != machine.secrets.lienthong_app
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(other.postgres.url(Role.APP, machine.secrets.lienthong_app, Database.LIENTHONG))
    assert get(client, bucket, "whose") == b"first"
