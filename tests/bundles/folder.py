"""Drives one bundle of the demonstration province: its parts are walks of their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg

from engine import delivery
from engine.bundles import advance, citizen, declared
from engine.bundles.reception import receive, typed
from engine.bundles.submission import BundleReply, BundleSubmission
from engine.casework.orders import Actor, Reply
from engine.casework.submission import Paper, Person
from engine.clocks.zone import ZONE
from procedures import planner
from storage import bundles
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey

DESK = "H51.22/mot-cua"
# The answers each bundle needs; every further question is answered with "no".
FACTS: dict[str, dict[str, Any]] = {
    "land_certificate": {
        "certificate_number": "CK 123456", "parcel": "thửa 214, tờ bản đồ 17", "change": "address",
        "new_information": "Ấp Tham Đôn", "error_source": "authority", "error_description": "Sai năm sinh",
        "land_area": "4318,5", "term_ended_on": "2013-10-15", "direct_farming": True,
    },
    "birth": {
        "child_name": "Thạch Sà Rươl", "date_of_birth": "2026-11-10", "child_sex": "male",
        "place_of_birth": "Bệnh viện đa khoa tỉnh", "parents_married": False, "late_registration": False,
        "household_head": "Thạch Sóc Kha", "residence_address": "Ấp Tham Đôn", "first_clinic": "Trạm y tế Mỹ Xuyên",
        "guardian_name": "Thạch Sóc Kha", "registrant": "newborn",
    },
    "death": {
        "deceased_name": "Lâm Văn Bé", "deceased_id_number": "094000000001", "date_of_death": "2026-11-03",
        "place_of_death": "home", "cause_of_death": "Bệnh", "late_registration": False,
        "residence_address": "Phường Mỹ Xuyên", "merit_category": "war_invalid", "buried_by": "relative",
    },
}


class Folder:
    """`folder["residence"]` walks through that part; the journey's clock moves with every act."""

    def __init__(self, journey: Journey, reply: BundleReply) -> None:
        self.journey, self.office, self.reply, self.code = journey, journey.office, reply, reply.code
        self.walks = {part.part: Walk(journey, part.code) for part in reply.parts}

    def __getitem__(self, part: str) -> Walk:
        return self.walks[part]

    @property
    def now(self) -> datetime:
        return self.journey.now

    @property
    def row(self) -> dict[str, Any]:
        told = bundles.read(self.office.db, self.code)
        assert told is not None
        return told

    def part(self, key: str) -> dict[str, Any]:
        return next(row for row in self.row["parts"] if row["part"] == key)

    def states(self) -> dict[str, str]:
        return {row["part"]: ",".join(sorted(row["states"])) for row in self.row["parts"]}

    @property
    def receptionist(self) -> Actor:
        return self.journey.cast[f"{DESK}:receptionist"]

    def supplement(self, key: str | None = None) -> list[Reply]:
        self.journey.now += timedelta(minutes=1)
        replies = citizen.supplement(self.office, self.code, self.receptionist, key or str(uuid.uuid4()), self.now)
        delivery.drain(self.office, self.now)
        return replies

    def advance(self) -> int:
        return advance.advance(self.office, self.code, self.now)

    def reject(self, part: str) -> None:
        """Proposed by the officer, signed and issued: the refusal is the result (R16)."""
        walk = self[part]
        walk.journey.register_all(walk.code)
        walk.step("propose_rejection", next(iter(walk.items)))
        walk.go_to("returning")


def submission(journey: Journey, key: str, **changes: Any) -> BundleSubmission:
    """Every paper the plan asks for, every question answered."""
    office, desk = journey.office, journey.cast.member(f"{DESK}:receptionist")
    joined = declared.current(office, office.fresh_catalogue(), key, journey.now.astimezone(ZONE).date())
    facts = {**FACTS[key], **changes.pop("facts", {})}
    channel = changes.get("channel", "direct")
    plan = planner.plan(joined.bundle, joined.declarations, typed(joined, facts)[0], channel)
    for name, question in plan.questions.items():
        if question.required and name not in facts and question.fact.type == "boolean":
            facts[name] = False
    plan = planner.plan(joined.bundle, joined.declarations, typed(joined, facts)[0], channel)
    given: dict[str, Any] = {
        "bundle": key, "unit": desk.unit_id, "channel": channel, "return_way": "counter",
        "applicant": Person(name="Thạch Sóc Kha", id_number="094000000002", phone="0900000002"),
        "subject": "Hồ sơ liên thông", "actor": Actor(id=desk.id, name=desk.name), "key": str(uuid.uuid4()),
        "facts": facts,
        "papers": tuple(Paper(component=kind, form=asked.form) for kind, asked in plan.papers.items()
                        if asked.needed_by),
    }
    return BundleSubmission(**{**given, **changes})


def open_folder(journey: Journey, key: str, **changes: Any) -> Folder:
    reply = receive(journey.office, submission(journey, key, **changes), journey.now)
    delivery.drain(journey.office, journey.now)
    return Folder(journey, reply)


@contextmanager
def cut_off(fresh: Fresh, dossier: int) -> Iterator[None]:
    """No act of this dossier can be recorded: whatever is under way ends there."""
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("create or replace function cut_off() returns trigger language plpgsql as "
                           "$$ begin raise exception 'cut off on purpose'; end $$")
        connection.execute(f"create trigger cut_off before insert on audit for each row "
                           f"when (new.dossier_id = {dossier}) execute function cut_off()".encode())
        try:
            yield
        finally:
            connection.execute("drop trigger cut_off on audit")
