"""What other systems got wrong with dossiers; each must stay impossible here. Wrong due dates are in tests/clocks."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import psycopg
import pytest

from engine import alarms, documents
from engine.casework.clocks import rebuild
from engine.casework.orders import Actor
from engine.casework.telling import STATUSES
from engine.clocks.calendar import national
from engine.clocks.evaluation import evaluate
from engine.errors import LienThongError, MissingDocument
from storage.objects import DocumentCorrupted
from tests import samples
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh

MANAGER, DESK = "H51.02/tiep-nhan:manager", "H51.02/tiep-nhan:receptionist"
HOUR = timedelta(hours=1)


def attached(walk: Walk, component: str, content: bytes, actor: Actor) -> UUID:
    """A real scan: checked, and kept in the store."""
    told = documents.Upload(code=walk.code, component=component, name=f"{component}.pdf",
                            declared_type="application/pdf", actor=actor, key=str(uuid.uuid4()))
    documents.attach(walk.office, told, [content], walk.now)
    sha256 = hashlib.sha256(content).hexdigest()
    return next(UUID(str(row["id"])) for row in walk.of("document") if row["sha256"] == sha256)


def read(walk: Walk, document: UUID, actor: Actor) -> bytes:
    _, file = documents.read(walk.office, document, actor, walk.now)
    with file:
        return file.read()


@pytest.mark.parametrize(("procedure", "event", "status"), [
    ("conference_permit_local", "request_supplement", 5), ("test_copies", "request_payment", 6),
    ("conference_permit_local", "stop", 8)])
def test_fault_5_what_waits_or_was_stopped_is_not_reported_as_finished(
        start: Start, procedure: str, event: str, status: int) -> None:
    """Elsewhere 5, 6 and 8 were sent as 9."""
    walk = start(procedure)
    walk.journey.register_all(walk.code)

    reply = (walk.do("stop", walk.cast[MANAGER], reason="Có văn bản đề nghị dừng") if event == "stop"
             else walk.step(event))

    assert reply.status == walk.dossier["status"] == status
    assert STATUSES[status] != STATUSES[9]
    assert walk.dossier["outcome"] is None


def test_fault_5_it_is_reported_as_finished_from_the_moment_its_result_is_ready(start: Start) -> None:
    walk = start()
    reported: list[tuple[int, bool]] = []
    while walk.dossier["closed_at"] is None:
        reported.append((walk.dossier["status"], walk.dossier["finished_at"] is not None))
        walk.go_on()

    assert all((status == 9) == finished for status, finished in reported)
    assert {status for status, _ in reported} == {2, 4, 9}
    assert walk.dossier["status"] == 10


def test_fault_6_codes_are_counted_and_never_drawn(start: Start, fresh: Fresh) -> None:
    """Elsewhere a random number stood in for the code, or a made-up one for a dossier that did not exist."""
    first, second = start(), start()

    assert [walk.code for walk in (first, second)] == ["H51.02-261123-0001", "H51.02-261123-0002"]
    assert re.fullmatch(r"[A-Z][0-9.]+-[0-9]{6}-[0-9]{4,}", first.code)
    twice = pytest.raises(psycopg.errors.UniqueViolation, match=r"\(code\)")
    with psycopg.connect(fresh.owner_url) as connection, twice:
        connection.execute("insert into dossier select (jsonb_populate_record(d, jsonb_build_object('id', -1))).* "
                           "from dossier d where code = %s", (first.code,))


def test_fault_7_no_file_the_citizen_handed_in_is_taken_for_the_result(start: Start) -> None:
    """Elsewhere the first input file was sent as the result."""
    walk = start()
    handed_in, result = samples.small_pdf(mark="plan"), samples.small_pdf(mark="result")
    attached(walk, "plan", handed_in, walk.cast[DESK])
    walk.go_to("signing")
    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"))

    signed = attached(walk, "result", result, walk.holder("signing"))
    walk.go_to("returning")

    (row,) = [row for row in walk.of("document") if row["component"] == "result" and row["replaced_by"] is None]
    assert (row["id"], row["sha256"]) == (signed, hashlib.sha256(result).hexdigest())
    assert read(walk, signed, walk.holder("returning")) == result != handed_in


def test_fault_8_a_file_cut_short_is_neither_taken_in_nor_given_out(start: Start) -> None:
    """On its way in, and in the store."""
    walk, desk = start(), start().cast[DESK]
    whole = samples.pdf()
    kept = walk.of("document")
    with pytest.raises(LienThongError) as refused:
        attached(walk, "plan", samples.truncated(whole), desk)
    assert refused.value.data["reason"] == "damaged"
    assert walk.of("document") == kept

    document = attached(walk, "plan", whole, desk)
    assert read(walk, document, desk) == whole
    sha256 = hashlib.sha256(whole).hexdigest()
    name, half = f"sha256/{sha256[:2]}/{sha256[2:4]}/{sha256}", whole[:len(whole) // 2]
    store = walk.office.store
    try:
        store._client.put_object(store._bucket, name, BytesIO(half), len(half))
        with pytest.raises(DocumentCorrupted):
            read(walk, document, desk)
    finally:
        store._client.put_object(store._bucket, name, BytesIO(whole), len(whole))


def test_the_clock_of_the_machine_set_back_an_hour_leaves_a_valid_clock(start: Start) -> None:
    """The later act is earlier by the clock: its mark takes the instant of the one before it."""
    walk = start()
    walk.journey.register_all(walk.code)
    walk.journey.now += 26 * HOUR
    walk.step("request_supplement")
    asked = walk.clocks("dossier")[0]["marks"][-1]["at"]

    walk.journey.now -= HOUR
    walk.step("supplement")

    row = walk.clocks("dossier")[0]
    assert [(mark["kind"], mark["at"]) for mark in row["marks"][1:]] == [("stop", asked), ("restart", asked)]
    assert walk.dossier["due_at"] == evaluate(rebuild(row), national()).due
    assert walk.dossier["due_at"] > walk.dossier["first_due_at"]


def test_the_clock_set_back_rings_nothing_twice_and_ends_what_ends(start: Start) -> None:
    walk = start().go_to("examining")
    walk.journey.now = walk.dossier["due_at"] - timedelta(days=5)
    alarms.sweep(walk.office, walk.now)
    rung = [row["action"] for row in walk.entries]

    walk.journey.now -= HOUR
    alarms.sweep(walk.office, walk.now)
    assert [row["action"] for row in walk.entries] == rung
    walk.do("stop", walk.cast[MANAGER], reason="Có văn bản đề nghị dừng")

    marks = [mark["at"] for mark in walk.clocks("dossier")[0]["marks"]]
    assert marks == sorted(marks)
    assert [row["ended_at"] is not None for row in walk.of("clock", "no")] == [True] * len(walk.of("clock"))
    assert walk.of("timer") == []
