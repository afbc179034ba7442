"""A document of an answer that can never be taken: its owner goes without it, and a better answer counts."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

import pytest

from engine import delivery, desk, timekeeper
from engine.courier import incidents
from engine.courier.incidents import StillStuck
from engine.desk.troubles import troubles
from engine.errors import Invalid
from engine.exchange import stuck, watching
from engine.exchange.envelope import seal
from engine.exchange.keys import signer
from engine.exchange.stuck import NEVER_CAME, NotParked
from tests.exchange.forging import body, post, receipt
from tests.exchange.sides import Pair, consult, handoff_to_police

COUNTER = "H51.02/tiep-nhan:receptionist"
MANAGER = "H51.02/tiep-nhan:manager"
OFFICER = "H51.05/chuyen-mon:officer"
WHY = "Công an đã trả lời lại bằng văn bản khác."


def answer(pair: Pair, code: str, handoff: UUID, no: int, *documents: dict[str, Any]) -> str:
    """From the police, as a system of another make would send it; its id."""
    told = body(pair, no, kind="answered", thread=code, documents=list(documents), content={
        "handoff": str(handoff), "by": {"name": "Trần Văn Cường", "unit": {"vi": "Đội nghiệp vụ", "en": "Section"}},
        "at": "2026-11-23T03:00:00.000000Z", "event": "give_opinion", "verdict": "agree", "words": "Đồng ý.",
        "reason": ""})
    told["sender"], told["receiver"] = (
        {**told["receiver"]}, {"installation": pair.here.name, "agency": "H51.01", "unit": "ngoai-vu"})
    receipt(pair.here, post(pair.here, seal(signer(pair.police.office), told)))
    return str(told["message"])


def unusable() -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "component": "opinion", "name": "cong-van.pdf", "media_type": "application/pdf",
            "size": 900, "sha256": "ab" * 32}


def parked(pair: Pair, code: str, handoff: UUID) -> UUID:
    """An answer whose document was refused as no scan; the incident of it."""
    answer(pair, code, handoff, 2, unusable())
    pair.here.applier.drain()
    document, = pair.here.rows(
        "update pull set parked_at = clock_timestamp(), last_error = 'unacceptable_file: polyglot' "
        "where name = 'cong-van.pdf' returning document_id, dossier_id")
    delivery.give_an_owner(pair.here.office, document["document_id"], document["dossier_id"],
                           "cong-van.pdf: unacceptable_file: polyglot", timekeeper.now())
    return UUID(str(pair.here.rows("select id from incident where closed_at is null")[0]["id"]))


@pytest.fixture
def asked(pair: Pair) -> tuple[str, UUID]:
    """A question that the police registered."""
    code = consult(pair.here)
    pair.settle()
    handoff = handoff_to_police(pair.here, code)
    pair.police.journey.do(str(pair.police.rows("select code from dossier")[0]["code"]), "register",
                           pair.police.cast[OFFICER], handoff=handoff)
    pair.settle()
    return code, handoff


def test_who_goes_without_it_lets_the_next_answer_count(pair: Pair, asked: tuple[str, UUID]) -> None:
    code, handoff = asked
    incident = parked(pair, code, handoff)
    better = answer(pair, code, handoff, 3)
    pair.here.hurry()
    pair.here.applier.drain()
    states = "select state from arrival where kind = 'answered' order by no"
    assert [row["state"] for row in pair.here.rows(states)] == ["waiting", "held"], "a lane keeps its order"

    stuck.give_up(pair.here.office, incident, pair.here.cast[COUNTER], WHY, timekeeper.now())
    pair.here.applier.drain()

    assert [row["state"] for row in pair.here.rows(states)] == ["refused", "applied"]
    assert pair.here.rows("select verdict from opinion") == [{"verdict": "agree"}]
    assert pair.here.rows("select message_id from arrival where state = 'applied' and kind = 'answered'"
                          ) == [{"message_id": UUID(better)}]
    view = desk.dossier(pair.here.office, code, pair.here.cast[COUNTER], pair.here.journey.now)
    assert [row.reason for row in view.documents if row.name == "cong-van.pdf"] == [NEVER_CAME]
    acts = pair.here.rows("select action from audit order by dossier_id, seq")
    assert {"leave_document", "close_incident"} <= {row["action"] for row in acts}
    assert not pair.here.rows("select 1 from incident where closed_at is null")


def test_without_a_reason_nothing_is_given_up_and_what_came_meanwhile_is_not(
        pair: Pair, asked: tuple[str, UUID]) -> None:
    code, handoff = asked
    incident = parked(pair, code, handoff)
    with pytest.raises(Invalid):
        stuck.give_up(pair.here.office, incident, pair.here.cast[COUNTER], " ", timekeeper.now())
    pair.here.rows("update pull set parked_at = null where name = 'cong-van.pdf'")
    with pytest.raises(NotParked):
        stuck.give_up(pair.here.office, incident, pair.here.cast[COUNTER], WHY, timekeeper.now())
    assert pair.here.rows("select done_at from pull where name = 'cong-van.pdf'") == [{"done_at": None}]


def test_the_same_bytes_are_asked_for_when_they_are_sent_again(pair: Pair, asked: tuple[str, UUID]) -> None:
    code, handoff = asked
    incident = parked(pair, code, handoff)
    stuck.give_up(pair.here.office, incident, pair.here.cast[COUNTER], WHY, timekeeper.now())
    answer(pair, code, handoff, 3, unusable())
    pair.here.applier.drain()
    assert pair.here.rows("select count(*) from pull where name = 'cong-van.pdf' and done_at is null") == [{"count": 1}]


def test_its_incident_stays_open_while_it_is_stuck_and_is_closed_once_it_goes_on(
        pair: Pair, asked: tuple[str, UUID]) -> None:
    incident = parked(pair, *asked)
    office, owner = pair.here.office, pair.here.cast[COUNTER]

    with pytest.raises(StillStuck) as refused:
        incidents.close(office, incident, owner, "Đã gọi điện", timekeeper.now())
    assert "Làm lại hoặc Bỏ qua" in refused.value.message("vi")
    assert [row.id for row in troubles(office, owner.id, timekeeper.now()).incidents] == [incident]

    stuck.again(office, incident, owner, timekeeper.now())
    incidents.close(office, incident, owner, "Đã gọi điện", timekeeper.now())
    assert troubles(office, owner.id, timekeeper.now()).incidents == []


def test_the_lines_name_the_unit_that_has_the_incident(pair: Pair, asked: tuple[str, UUID]) -> None:
    """The dossier's intake, though the answer was addressed to those who asked."""
    incident = parked(pair, *asked)
    office = pair.here.office
    mine, = troubles(office, pair.here.cast[COUNTER].id, timekeeper.now()).incidents
    shown, = watching.watched(office, pair.here.cast[MANAGER], timekeeper.now()).documents
    assert (mine.id, shown.owner) == (incident, mine.owner)
