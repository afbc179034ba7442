"""The chain of a dossier's record: it verifies, it tells who refused what, and whoever changes it is found out."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from engine.audit import Entry, Fault, entry_hash, verify_chain
from engine.errors import LienThongError
from tests.casework.conftest import Start
from tests.casework.soundness import faults
from tests.casework.walking import Walk
from tests.conftest import Fresh

TAMPERS = True
Connection = psycopg.Connection[dict[str, Any]]


@contextmanager
def superuser(fresh: Fresh) -> Iterator[Connection]:
    """Somebody who may do everything, triggers switched off."""
    with psycopg.connect(fresh.superuser_url, row_factory=dict_row) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


def verify(connection: Connection) -> Fault | None:
    dossier = connection.execute("select * from dossier").fetchone()
    assert dossier is not None
    rows = connection.execute("select * from audit order by seq").fetchall()
    return verify_chain(dossier["code"], rows, dossier["audit_head"], dossier["audit_seq"])


@pytest.fixture
def walk(start: Start) -> Walk:
    """A dossier with a dozen entries."""
    return start().go_to("synthesis")


def rehashed(connection: Connection, seq: int) -> None:
    row = connection.execute("select * from audit where seq = %s", (seq,)).fetchone()
    assert row is not None
    entry = Entry(**{name: row[name] for name in Entry.__slots__})
    connection.execute("update audit set hash = %s where seq = %s", (entry_hash(entry, row["prev"]), seq))


def edit(connection: Connection, last: int) -> int:
    connection.execute("update audit set actor_name = 'Người khác' where seq = 5")
    return 5


def edit_details(connection: Connection, last: int) -> int:
    connection.execute("update audit set details = replace(details, '\"version\":1', '\"version\":9') where seq = 2")
    return 2


def edit_and_rehash(connection: Connection, last: int) -> int:
    edit(connection, last)
    rehashed(connection, 5)
    return 6


def edit_and_rehash_the_last(connection: Connection, last: int) -> int:
    connection.execute("update audit set action = 'sign' where seq = %s", (last,))
    rehashed(connection, last)
    return last


def delete_in_the_middle(connection: Connection, last: int) -> int:
    connection.execute("delete from audit where seq = 4")
    return 4


def delete_and_renumber(connection: Connection, last: int) -> int:
    delete_in_the_middle(connection, last)
    connection.execute("update audit set seq = seq - 1 where seq > 4")
    return 4


def cut_the_tail(connection: Connection, last: int) -> int:
    connection.execute("delete from audit where seq > %s", (last - 2,))
    return last - 1


def delete_all(connection: Connection, last: int) -> int:
    connection.execute("delete from audit")
    return 1


def swap(connection: Connection, last: int) -> int:
    connection.execute("update audit set seq = case seq when 3 then 103 else 104 end where seq in (3, 4)")
    connection.execute("update audit set seq = case seq when 103 then 4 else 3 end where seq > 100")
    return 3


def re_point(connection: Connection, last: int) -> int:
    connection.execute("alter table audit drop constraint audit_dossier_id_prev_key")
    connection.execute("update audit set prev = (select hash from audit where seq = 2) where seq = 6")
    return 6


def change_the_time(connection: Connection, last: int) -> int:
    connection.execute("update audit set at = at - interval '1 microsecond' where seq = 3")
    return 3


def insert(connection: Connection, last: int) -> int:
    row = connection.execute("select * from audit where seq = %s", (last,)).fetchone()
    assert row is not None
    row |= {"seq": last + 1, "prev": row["hash"], "action": "sign"}
    row["hash"] = entry_hash(Entry(**{name: row[name] for name in Entry.__slots__}), row["prev"])
    columns = ", ".join(row)
    connection.execute(f"insert into audit ({columns}) values ({', '.join(['%s'] * len(row))})".encode(),
                       list(row.values()))
    return last + 1


def edit_the_head(connection: Connection, last: int) -> int:
    connection.execute("update dossier set audit_head = sha256('x')")
    return last


def shorten_the_head(connection: Connection, last: int) -> int:
    connection.execute("update dossier set audit_seq = audit_seq - 1")
    return last


def move_to_another_dossier(connection: Connection, last: int) -> int:
    connection.execute("update audit set dossier_id = dossier_id + 1")
    connection.execute("update dossier set id = id + 1")
    return 1


TAMPERING: list[Callable[[Connection, int], int]] = [
    edit, edit_details, edit_and_rehash, edit_and_rehash_the_last, delete_in_the_middle, delete_and_renumber,
    cut_the_tail, delete_all, swap, re_point, change_the_time, insert, edit_the_head, shorten_the_head,
    move_to_another_dossier,
]


def test_whoever_tampers_is_found_out_at_the_first_entry_that_does_not_hold(walk: Walk, fresh: Fresh) -> None:
    assert faults(walk.office) == []
    last = walk.entries[-1]["seq"]
    assert last > 10
    for tamper in TAMPERING:
        with superuser(fresh) as connection:
            assert verify(connection) is None
            bad = tamper(connection, last)

            found = verify(connection)

            assert found is not None, tamper.__name__
            assert (found.code, found.seq) == (walk.code, bad), tamper.__name__
            connection.rollback()


def test_every_single_changed_bit_of_an_entry_is_found(walk: Walk) -> None:
    rows = walk.entries
    head, last = walk.dossier["audit_head"], len(rows)
    changes: dict[str, Callable[[Any], Any]] = {
        "at": lambda at: at.replace(microsecond=at.microsecond ^ 1), "actor_id": lambda id_: (id_ or 0) + 1,
        "actor_name": lambda name: name + " ", "unit_id": lambda id_: (id_ or 0) + 1,
        "unit_name": lambda name: name.upper(), "action": lambda action: action[:-1],
        "from_states": lambda states: [*states, "x"], "to_states": lambda states: [*states, ""],
        "details": lambda text: text.replace("{", "{ ", 1), "prev": lambda prev: bytes([prev[0] ^ 1]) + prev[1:],
        "hash": lambda hash_: hash_[:-1] + bytes([hash_[-1] ^ 128]), "dossier_id": lambda id_: id_ + 1,
    }
    assert verify_chain("x", rows, head, last) is None

    for at in range(last):
        for column, change in changes.items():
            damaged = [dict(row) for row in rows]
            damaged[at][column] = change(damaged[at][column])

            found = verify_chain("x", damaged, head, last)

            assert found is not None
            assert found.seq == at + 1


def test_a_refusal_is_recorded_after_the_roll_back_and_raises_no_version(walk: Walk) -> None:
    before = walk.dossier
    with pytest.raises(LienThongError):
        walk.do("forward", walk.cast["H51.05/chuyen-mon:officer"])

    after, entry = walk.dossier, walk.entries[-1]

    assert after["version"] == before["version"]
    assert after["audit_seq"] == before["audit_seq"] + 1
    assert {name: value for name, value in after.items() if not name.startswith("audit")} == {
        name: value for name, value in before.items() if not name.startswith("audit")}
    assert (entry["action"], entry["actor_id"]) == ("refused", walk.cast["H51.05/chuyen-mon:officer"].id)
    assert json.loads(entry["details"]) == {"event": "forward", "why": "wrong_role"}
    assert entry["unit_id"] == walk.cast.unit("H51.05/chuyen-mon")
    assert faults(walk.office) == []


def test_erasing_words_and_applicant_leaves_the_chain_whole(walk: Walk, fresh: Fresh) -> None:
    words = walk.of("remark")
    assert len(words) >= 3

    with superuser(fresh) as connection:
        connection.execute("delete from remark")
        connection.execute("update applicant set name = '', id_number = '', phone = '', email = '', address = '', "
                           "search = '', commit_key = ''")
        assert verify(connection) is None


def test_the_record_holds_no_name_number_or_words_of_a_citizen(start: Start) -> None:
    walk = start().go_to("reviewing")
    walk.step("send_back", reason="Ông Thạch Sóc Kha, CCCD 094000000002, chưa nộp")

    told = json.dumps([row["details"] for row in walk.entries], ensure_ascii=False)

    for secret in ("Bích Ngọc", "094000000001", "0900000001", "Sóc Kha", "094000000002", "Đồng ý", "Lúa thơm"):
        assert secret not in told


def test_words_are_committed_to_and_cannot_be_exchanged(walk: Walk) -> None:
    entries = {row["seq"]: json.loads(row["details"]) for row in walk.entries}
    for remark in walk.of("remark"):
        committed = hmac.new(remark["key"], remark["body"].encode(), hashlib.sha256).hexdigest()
        assert entries[remark["seq"]]["words"] == committed
    assert len({row["key"] for row in walk.of("remark")}) == len(walk.of("remark"))


def test_time_in_the_record_never_goes_back_even_when_a_clock_does(walk: Walk) -> None:
    latest = walk.entries[-1]["at"]
    walk.journey.now = latest.replace(hour=0)

    walk.step("forward")

    assert walk.entries[-1]["at"] >= latest
    assert faults(walk.office) == []
