"""Rows of files on their way. Their bytes are in the spool; who sends them is the only one who knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from storage.session import Database

_COLUMNS = """u.id, d.code, u.component, u.name, u.media_type, u.size, u.received, u.key, u.replaces, u.sha256
from upload u join dossier d on d.id = u.dossier_id"""

_BEGIN = """
insert into upload (id, person_id, dossier_id, component, name, media_type, size, received, key, replaces)
select %(id)s, %(person)s, d.id, %(component)s, %(name)s, %(media_type)s, %(size)s, 0, %(key)s, %(replaces)s
from dossier d where d.code = %(code)s
on conflict (person_id, key) do nothing"""

_GREW = """update upload set received = %(received)s, changed_at = clock_timestamp()
where id = %(id)s and sha256 is null"""

_ARRIVED = """update upload set sha256 = %(sha256)s, changed_at = clock_timestamp(),
received = case when %(sha256)s::text is null then 0 else size end where id = %(id)s"""

_STALE = """delete from upload where id in (
  select id from upload where changed_at < clock_timestamp() - %(age)s order by changed_at limit 500)
returning id"""

_IDLE = """delete from upload where person_id = %(person)s and sha256 is null
and changed_at < clock_timestamp() - %(age)s returning id"""


@dataclass(slots=True)
class Arriving:
    """`received` of `size` octets are on the disk; `sha256` once all of them are and it was computed."""

    id: UUID
    code: str
    component: str
    name: str
    media_type: str | None
    size: int
    received: int
    key: str
    replaces: UUID | None
    sha256: str | None


def begin(db: Database, upload: Arriving, person: int) -> Arriving:
    """The upload under that key of that person: this one, or the one that was begun before."""
    with db.connection() as connection:
        connection.execute(_BEGIN, {
            "id": upload.id, "person": person, "component": upload.component, "name": upload.name,
            "media_type": upload.media_type, "size": upload.size, "key": upload.key, "replaces": upload.replaces,
            "code": upload.code})
    found = db.one(Arriving, f"select {_COLUMNS} where u.person_id = %s and u.key = %s", (person, upload.key))
    assert found is not None, "it was there a moment ago"
    return found


def find(db: Database, upload_id: UUID, person: int) -> Arriving | None:
    return db.one(Arriving, f"select {_COLUMNS} where u.id = %s and u.person_id = %s", (upload_id, person))


def by_key(db: Database, key: str, person: int) -> Arriving | None:
    return db.one(Arriving, f"select {_COLUMNS} where u.person_id = %s and u.key = %s", (person, key))


def grew(db: Database, upload_id: UUID, received: int) -> None:
    """Notes that so many octets are on the disk."""
    with db.connection() as connection:
        connection.execute(_GREW.encode(), {"id": upload_id, "received": received})


def arrived(db: Database, upload_id: UUID, sha256: str | None) -> None:
    """All of it is there under that name; None: it is gone again, and has to be sent from the beginning."""
    with db.connection() as connection:
        connection.execute(_ARRIVED.encode(), {"id": upload_id, "sha256": sha256})


def forget(db: Database, upload_id: UUID) -> None:
    with db.connection() as connection:
        connection.execute(b"delete from upload where id = %s", (upload_id,))


def unfinished(db: Database, person: int) -> int:
    return int(db.value("select count(*) from upload where person_id = %s and sha256 is null", (person,)))


def drop_idle(db: Database, person: int, age: timedelta) -> list[UUID]:
    """Forgets what the person began and did not go on with for so long."""
    with db.connection() as connection:
        return [row[0] for row in connection.execute(_IDLE.encode(), {"person": person, "age": age})]


def drop_stale(db: Database, age: timedelta) -> list[UUID]:
    """Forgets everybody's that did not change for so long, at most 500."""
    with db.connection() as connection:
        return [row[0] for row in connection.execute(_STALE.encode(), {"age": age})]


def answered(db: Database, key: str, person: int) -> tuple[bytes, str] | None:
    """Fingerprint and reply of the request that came under that key, if one did."""
    with db.connection() as connection:
        found = connection.execute(b"select fingerprint, reply from idempotency where actor_id = %s and key = %s",
                                   (person, key)).fetchone()
    return None if found is None else (bytes(found[0]), str(found[1]))
