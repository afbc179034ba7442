"""A stage for measuring: one dossier driven to the signer by hand, copied a thousand times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import psycopg

from engine import seed
from engine.casework.orders import Actor
from engine.office import Office
from storage import migrate
from storage.local.cluster import Role
from storage.local.machine import Machine
from storage.objects import ObjectStore
from storage.session import Database
from storage.spool import Spool
from tests.journey import Cast, Journey

COPIED = ("applicant", "active_state", "work_item", "clock", "timer", "audit", "opinion", "document", "paper")
FRESH = {"document": ", 'id', gen_random_uuid()", "paper": ", 'barcode', t.barcode || '-' || n"}
CONSULTED = (("foreign_affairs", "H51.04"), ("police", "H51.05"), ("agriculture", "H51.06"))


@dataclass
class Stage:
    """`codes`: dossiers at `signing`; `approver` and `signer` send them to and fro between two steps of one agency."""

    machine: Machine
    url: str
    codes: list[str]
    approver: Actor
    signer: Actor
    version: int
    approver_login: str = ""
    signer_login: str = ""

    def office(self) -> Office:
        told = self.machine.environment()
        store = ObjectStore(told["S3_ENDPOINT"], told["S3_ACCESS_KEY"], told["S3_SECRET_KEY"], told["S3_BUCKET"])
        return Office(Database(self.url).open(), store, Spool(self.machine.home / "spool"))

    def server(self) -> psutil.Process:
        """The postmaster: its CPU and that of its children belongs to every transition."""
        born = json.loads((self.machine.place.run / "postgres.json").read_text(encoding="utf-8"))
        return psutil.Process(born["pid"])


def bare(machine: Machine) -> Stage:
    """The demonstration province without a dossier."""
    owner = machine.database_url(Role.OWNER)
    migrate.upgrade(owner)
    seed.seed(owner, "soc-trang")
    nobody = Actor(id=0, name="")
    return Stage(machine, machine.database_url(Role.APP), [], nobody, nobody, 0)


@contextmanager
def staged(machine: Machine, copies: int) -> Iterator[Stage]:
    stage = bare(machine)
    office = stage.office()
    cast = Cast(office)
    journey = Journey(office, cast)
    code = drive_to_signer(journey, cast)
    stage.approver, stage.signer = cast["H51.01/lanh-dao:head"], cast["H51.01/lanh-dao:signer"]
    stage.approver_login = cast.member("H51.01/lanh-dao:head").login
    stage.signer_login = cast.member("H51.01/lanh-dao:signer").login
    stage.version = journey.version(code)
    office.db.close()
    stage.codes = copy(machine, code, copies)
    yield stage


def drive_to_signer(journey: Journey, cast: Cast) -> str:
    code = journey.receive().code
    lead = cast["H51.01/ngoai-vu:officer"]
    journey.register_all(code)
    journey.do(code, "consult", lead)
    journey.register_all(code)
    for state, agency in CONSULTED:
        journey.do(code, "give_opinion", cast[f"{agency}/chuyen-mon:officer"], state=state, verdict="agree", words="ok")
    journey.register_all(code)
    journey.do(code, "forward", lead)
    journey.do(code, "approve", cast["H51.01/lanh-dao:head"])
    return code


def copy(machine: Machine, code: str, copies: int, first: int = 1000) -> list[str]:
    """Copies rows, not meaning: the copies' audit chains carry the original's id and are only ever appended to."""
    url = machine.postgres.superuser_url.rsplit("/", 1)[0] + "/lienthong"
    with psycopg.connect(url, autocommit=True) as connection:
        pattern = connection.execute("select id from dossier where code = %s", (code,)).fetchone()
        assert pattern is not None
        change = "jsonb_build_object('id', %(first)s + n, 'code', %(code)s || (%(first)s + n))"
        connection.execute(f"insert into dossier select (jsonb_populate_record(d, {change})).* "
                           "from dossier d, generate_series(1, %(copies)s) n where d.id = %(id)s",
                           {"code": code[:-4], "copies": copies, "id": pattern[0], "first": first})
        for table in COPIED:
            change = "'dossier_id', %(first)s + n" + FRESH.get(table, "")
            connection.execute(
                f"insert into {table} select (jsonb_populate_record(t, jsonb_build_object({change}))).* "
                f"from {table} t, generate_series(1, %(copies)s) n where t.dossier_id = %(id)s",
                {"copies": copies, "id": pattern[0], "first": first})
        connection.execute("update work_item set handoff_id = null where dossier_id > %s", (first,))
        connection.execute("vacuum analyze")
    return [f"{code[:-4]}{first + n}" for n in range(1, copies + 1)]
