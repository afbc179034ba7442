"""A dossier of ours goes to the simulated agency: well, over a broken machine, and to a liar."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from api.agency.bodies import Address
from api.agency.manners import Manner
from api.agency.parties import stranger
from api.agency.simulating import Plan, simulated
from engine.courier import incidents
from engine.courier.incidents import StillStuck
from engine.exchange import peers, stuck
from engine.exchange.envelope import unseal
from engine.exchange.keys import from_string
from engine.exchange.stuck import NotParked
from engine.timekeeper import now
from storage.objects import ObjectStore
from tests.agency.conftest import working
from tests.agency.test_ourselves import ourselves
from tests.conftest import Fresh
from tests.exchange.sides import HERE, POLICE_AGENCY, Side, consult, handoff_to_police, side
from tests.machine import free_first

PARTNER = Address(installation="cong-an-mo-phong", agency=POLICE_AGENCY, unit="chuyen-mon")
COUNTER = "H51.02/tiep-nhan:receptionist"


@pytest.fixture
def here(fresh: Fresh, store: ObjectStore, tmp_path: Path, inside: None) -> Iterator[Side]:
    store.ensure_bucket()
    with side(HERE, fresh, store, tmp_path / HERE) as made:
        yield made


@contextmanager
def police_in(here: Side, manner: Manner) -> Iterator[list[str]]:
    """What the simulated police say they do."""
    own, port, told = stranger(PARTNER.installation), free_first(), list[str]()
    here.befriend(own.name, f"http://127.0.0.1:{port}", from_string(own.handed_over))
    peers.host(here.administrator(0), POLICE_AGENCY, own.name)
    plan = Plan(own=own, other=ourselves(here), home=PARTNER, manner=manner, after=0.3)
    with simulated(plan, "127.0.0.1", port, lambda vi, en: told.append(vi)), working(here):
        yield told


def wait_for(true: Callable[[], object], seconds: float = 150) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)


def handoff(here: Side, code: str) -> dict[str, object]:
    row, = here.rows("select state, their_code from handoff where id = %s", handoff_to_police(here, code))
    return row


def opinions(here: Side) -> list[dict[str, object]]:
    return here.rows("select state, verdict from opinion")


def test_a_prompt_agency_registers_by_name_and_answers_with_a_document(here: Side) -> None:
    with police_in(here, Manner.PROMPT) as told:
        code = consult(here)
        wait_for(lambda: opinions(here))

    assert opinions(here) == [{"state": "police", "verdict": "agree"}]
    row = handoff(here, code)
    assert row["state"] == "registered"
    assert str(row["their_code"]).startswith(POLICE_AGENCY)
    names = [entry["actor_name"] for entry in here.rows("select actor_name from audit where action = 'register'")]
    assert any(name.startswith("Lê Thị Mô Phỏng") for name in names)
    assert here.rows("select count(*) from document where component = 'received'")[0]["count"] == 1
    assert [line.split()[0] for line in told].count("Ký") == 1


def test_a_broken_machine_delays_and_doubles_nothing(here: Side) -> None:
    with police_in(here, Manner.BROKEN) as told:
        code = consult(here)
        wait_for(lambda: opinions(here))

    assert {"Trả lỗi 500", "Trả 200 với nội dung rác", "Im lặng", "Cắt kết nối giữa chừng"} \
        <= {line.partition(":")[0] for line in told}
    assert handoff(here, code)["state"] == "registered"
    assert len(opinions(here)) == 1
    assert here.rows("select count(*) from arrival")[0]["count"] == 2


def test_what_is_parked_again_has_its_owner_again(here: Side) -> None:
    known = "select id from incident where kind = 'message_parked' and closed_at is null"
    parked = "select document_id from pull where parked_at is not null"
    with police_in(here, Manner.LYING):
        consult(here)
        wait_for(lambda: here.rows(parked) and here.rows(known))
        incident = here.rows(known)[0]["id"]
        wait_for(lambda: tried_again_and_closed(here, incident))
        wait_for(lambda: here.rows(parked) and here.rows(known) == [{"id": incident}])

    assert opinions(here) == []


def tried_again_and_closed(here: Side, incident: UUID) -> bool:
    """By its owner, before it is parked again: then it is still the owner's, and may not be closed."""
    try:
        stuck.again(here.office, incident, here.cast[COUNTER], now())
        incidents.close(here.office, incident, here.cast[COUNTER], "Đã cho tải lại", now())
    except (NotParked, StillStuck):
        return False
    return True


def test_of_a_liar_nothing_is_believed(here: Side) -> None:
    with police_in(here, Manner.LYING) as told:
        code = consult(here)
        wait_for(lambda: here.rows("select 1 from pull where parked_at is not null"))
        wait_for(lambda: here.rows("select 1 from incident where kind = 'message_parked'"))
        wait_for(lambda: here.rows("select 1 from outbox where kind = 'handoff' and receipt is not null"))

    assert "Biên nhận ký bằng khóa lạ" in told
    assert any(line.startswith("Trả lời điều không ai hỏi: 422 unknown_handoff") for line in told)
    assert handoff(here, code)["state"] == "registered"
    assert opinions(here) == []
    assert here.rows("select count(*) from arrival where thread like '%%-000000-0001'")[0]["count"] == 0
    sent, = here.rows("select receipt from outbox where kind = 'handoff' and peer_id is not null")
    assert unseal(bytes(sent["receipt"]), "receipt", peers.key_of(here.office.db)).body["no"] == 1
