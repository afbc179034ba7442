"""A document that a message of ours promised is lost here: both sides are told, and either can end it."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest

from engine import desk, documents, timekeeper
from engine.courier import incidents
from engine.desk.troubles import IncidentRow, troubles
from engine.exchange import stuck
from engine.exchange.stuck import NEVER_CAME, NotParked
from storage.objects import key_of
from tests.exchange.forging import refusal
from tests.exchange.sides import Pair, Side, consult, handoff_to_police
from tests.exchange.test_pulling import deliver, pulls, ranged, with_scan
from tests.samples import small_pdf

LEAD, OFFICER, HEAD = "H51.01/ngoai-vu:officer", "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head"
COUNTER = "H51.02/tiep-nhan:receptionist"
STRANGER = "H51.08/chuyen-mon:officer"
WHY = "Bản lưu đã mất, không quét lại được."


@dataclass
class Lost:
    """`code`, `message`: of the province; `theirs`: of the police."""

    pair: Pair
    code: str
    theirs: str
    message: UUID
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    def pull(self, times: int = 1) -> None:
        for _ in range(times):
            self.pair.police.hurry()
            self.pair.police.work()


def lose(side: Side, sha256: str) -> None:
    """As a store that came back from an old backup, long after the spool was tidied."""
    side.office.spool.path(sha256).unlink(missing_ok=True)
    side.office.store.remove(sha256)


@pytest.fixture
def lost(pair: Pair) -> Lost:
    content = small_pdf(mark=uuid.uuid4().hex)
    code = with_scan(pair, content)
    deliver(pair)
    made = Lost(pair, code, str(pair.police.rows("select code from dossier")[0]["code"]),
                handoff_to_police(pair.here, code), content)
    lose(pair.here, made.sha256)
    return made


def open_of(side: Side, member: str) -> list[IncidentRow]:
    return troubles(side.office, side.cast[member].id, timekeeper.now()).incidents


def test_both_owners_are_told_what_is_lost_of_which_dossier_and_it_is_not_asked_for_again(lost: Lost) -> None:
    pair = lost.pair
    lost.pull(5)

    row, = pulls(pair)
    assert (row["last_error"], row["attempts"]) == ("document_gone", 1)
    assert row["parked_at"] is not None
    sender, = open_of(pair.here, LEAD)
    assert (sender.kind, sender.code, sender.way) == ("document_lost", lost.code, None)
    assert sender.about is not None
    assert sender.about.vi.endswith("ke-hoach.pdf: kho tài liệu không còn tệp này")
    assert sender.needs is not None
    assert "Gửi thêm tài liệu" in sender.needs.vi
    assert open_of(pair.here, STRANGER) == []
    receiver, = open_of(pair.police, OFFICER)
    assert (receiver.code, receiver.way) == (lost.theirs, "document")
    assert receiver.about is not None
    assert receiver.about.vi.endswith("ke-hoach.pdf: bên gửi báo bản lưu ở đó không còn")
    assert receiver.needs is not None
    assert receiver.needs.en.startswith("Waiting or trying again is useless")


def test_the_same_file_attached_again_is_pulled_when_the_receiver_tries_again(lost: Lost) -> None:
    pair = lost.pair
    lost.pull()
    told = documents.Upload(code=lost.code, component="plan", name="ke-hoach.pdf", declared_type="",
                            actor=pair.here.cast[LEAD], key=str(uuid.uuid4()))
    documents.attach(pair.here.office, told, iter([lost.content]), pair.here.journey.now)
    incident, = open_of(pair.police, OFFICER)

    stuck.again(pair.police.office, incident.id, pair.police.cast[OFFICER], timekeeper.now())
    lost.pull()

    assert pulls(pair)[0]["done_at"] is not None
    with pair.police.office.store.open_verified(lost.sha256) as file:
        assert file.read() == lost.content


def test_whoever_tries_again_in_vain_has_one_incident_and_ends_it_once(lost: Lost) -> None:
    police = lost.pair.police
    lost.pull()
    for _ in range(2):
        incident, = open_of(police, OFFICER)
        stuck.again(police.office, incident.id, police.cast[OFFICER], timekeeper.now())
        lost.pull()
    assert pulls(lost.pair)[0]["parked_at"] is not None

    end(police, OFFICER, stuck.give_up)

    assert pulls(lost.pair)[0]["done_at"] is not None


def test_another_scan_goes_as_a_further_document_and_the_lost_one_is_left_out(lost: Lost) -> None:
    pair = lost.pair
    lost.pull()
    other = small_pdf(mark=uuid.uuid4().hex)
    told = documents.Upload(code=lost.code, component="plan", name="quet-lai.pdf", declared_type="",
                            actor=pair.here.cast[LEAD], key=str(uuid.uuid4()))
    documents.attach(pair.here.office, told, iter([other]), pair.here.journey.now)
    fresh = pair.here.rows("select id::text as id from document where name = 'quet-lai.pdf'")[0]["id"]
    pair.here.journey.do(lost.code, "send_documents", pair.here.cast[LEAD], handoff=lost.message, documents=(fresh,))
    pair.settle()

    end(pair.police, OFFICER, stuck.give_up)
    end(pair.here, LEAD, incidents.close)

    view = desk.dossier(pair.police.office, lost.theirs, pair.police.cast[OFFICER], pair.police.journey.now)
    shown = {row.name.rpartition(" - ")[2]: row for row in view.documents}
    assert shown["ke-hoach.pdf"].reason == NEVER_CAME
    assert shown["quet-lai.pdf"].state in ("pending", "stored")
    assert pair.police.rows("select from pull where done_at is null") == []


def end(side: Side, member: str, done: Any) -> None:
    """What the owner does about the only incident."""
    incident, = open_of(side, member)
    done(side.office, incident.id, side.cast[member], WHY, timekeeper.now())
    assert open_of(side, member) == []


def test_who_has_closed_it_is_not_told_again_however_often_they_ask(lost: Lost) -> None:
    lost.pull()
    end(lost.pair.here, LEAD, incidents.close)
    for _ in range(3):
        assert refusal(ranged(lost.pair, lost.sha256, lost.message)) == (404, "document_gone")
    assert open_of(lost.pair.here, LEAD) == []
    assert lost.pair.here.rows("select count(*) from incident") == [{"count": 1}]


def test_nothing_but_a_document_that_was_promised_is_said_to_be_lost(lost: Lost) -> None:
    pair = lost.pair
    assert refusal(ranged(pair, lost.sha256, uuid.uuid4())) == (404, "not_found")
    assert refusal(ranged(pair, "ab" * 32, lost.message)) == (404, "not_found")
    assert pair.here.rows("select 1 from incident") == []


def test_what_only_the_spool_has_is_not_said_to_be_lost_while_the_spool_is_away(lost: Lost) -> None:
    """Whoever waits for it goes on asking."""
    lost.pair.here.rows("update document set state = 'pending' where sha256 = %s", lost.sha256)
    lost.pull(2)
    row, = pulls(lost.pair)
    assert (row["last_error"], row["attempts"], row["parked_at"]) == ("HTTP 404", 2, None)
    assert lost.pair.here.rows("select 1 from incident") == []


def test_a_stored_copy_that_was_altered_is_as_good_as_lost(lost: Lost) -> None:
    store, altered = lost.pair.here.office.store, lost.content[:-1] + b"?"
    store._client.put_object(store._bucket, key_of(lost.sha256), BytesIO(altered), len(altered))
    lost.pull()
    assert pulls(lost.pair)[0]["last_error"] == "document_gone"
    incident, = open_of(lost.pair.here, LEAD)
    assert incident.about is not None
    assert incident.about.en.endswith("its stored copy was altered")


def test_the_sender_of_a_lost_document_cannot_be_asked_to_do_what_only_a_receiver_does(lost: Lost) -> None:
    lost.pull()
    incident, = open_of(lost.pair.here, LEAD)
    for done in (stuck.give_up, stuck.ask_anew):
        with pytest.raises(NotParked):
            done(lost.pair.here.office, incident.id, lost.pair.here.cast[LEAD], WHY, timekeeper.now())


def test_a_document_of_an_answer_that_is_lost_where_the_work_has_ended_is_left_out_with_it(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    handoff, office = handoff_to_police(pair.here, code), pair.police.office
    theirs = str(pair.police.rows("select code from dossier")[0]["code"])
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff)
    content = small_pdf(mark=uuid.uuid4().hex)
    told = documents.Upload(code=theirs, component="other", name="cong-van.pdf", declared_type="",
                            actor=pair.police.cast[OFFICER], key=str(uuid.uuid4()))
    documents.attach(office, told, iter([content]), pair.police.journey.now)
    paper = pair.police.rows("select id::text as id from document where name = 'cong-van.pdf'")[0]["id"]
    lose(pair.police, hashlib.sha256(content).hexdigest())
    pair.police.journey.do(theirs, "answer_task", pair.police.cast[HEAD], kind="give_opinion", verdict="agree",
                           words="Thống nhất", documents=(paper,))
    pair.settle()

    sender, = open_of(pair.police, OFFICER)
    assert (sender.kind, sender.code) == ("document_lost", theirs)
    assert pair.here.rows("select state from arrival where kind = 'answered'") == [{"state": "waiting"}]
    end(pair.here, COUNTER, stuck.give_up)
    end(pair.police, OFFICER, incidents.close)
    assert pair.here.rows("select state from arrival where kind = 'answered'") == [{"state": "refused"}]
    view = desk.dossier(pair.here.office, code, pair.here.cast[LEAD], pair.here.journey.now)
    assert "close_consultation" in [offer.event for offer in view.offers if offer.permitted], "the step can go on"
