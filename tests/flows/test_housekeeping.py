"""What is forgotten after its time, what is named until a person has seen to it, and who may do it at the same time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
import structlog
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.states import Pending, Running, Scheduled

from engine import documents
from engine.casework.receive import receive
from engine.documents import Upload
from engine.flows import orphans
from engine.flows.deliver import deliver
from engine.flows.housekeeping import housekeeping
from engine.flows.reconcile import reconcile
from engine.office import Office
from storage import duties
from storage.locks import Job, alone
from storage.objects import ObjectStore
from tests import samples
from tests.conftest import Fresh
from tests.flows.ledger import Ledger
from tests.flows.resident import eventually
from tests.journey import Cast, Journey


def test_requests_are_remembered_for_thirty_days_and_sessions_until_they_end(
        office: Office, journey: Journey, ledger: Ledger) -> None:
    for _ in range(2):
        journey.receive()
    ledger.do("update idempotency set at = at - interval '31 days' where reply like '%%0001%%'")
    for token, ends in (("old", "- interval '1 minute'"), ("new", "+ interval '1 hour'")):
        ledger.do("insert into session (token_hash, person_id, form_key, language, expires_at) "
                  f"values (%s, 1, 'k', 'vi', clock_timestamp() {ends})", token.encode())

    asyncio.run(housekeeping.fn())

    assert ledger.value("select count(*) from idempotency") == 1
    assert [bytes(left) for left in ledger.values("select token_hash from session")] == [b"new"]


def test_parked_messages_are_named_every_hour(office: Office, journey: Journey, ledger: Ledger) -> None:
    code = receive(office, journey.submission(), journey.now).code
    ledger.do("update outbox set parked_at = clock_timestamp(), last_error = 'not_found', attempts = 10")

    with structlog.testing.capture_logs() as told:
        asyncio.run(housekeeping.fn())

    (said,) = [entry for entry in told if entry["event"] == "message_parked"]
    assert (said["code"], said["why"], said["log_level"]) == (code, "not_found", "error")


def test_one_job_is_done_by_one_at_a_time_and_free_again_when_its_connection_dies(
        office: Office, fresh: Fresh) -> None:
    with alone(office.db, Job.RECONCILE) as mine:
        assert mine
        with alone(office.db, Job.RECONCILE) as another, alone(office.db, Job.HOUSEKEEPING) as other_job:
            assert (another, other_job) == (False, True)
        busy = asyncio.run(reconcile.fn())
        assert busy.message == "busy 1"
    with alone(office.db, Job.RECONCILE) as again:
        assert again

    dead = psycopg.connect(fresh.app_url, autocommit=True)
    dead.execute("select pg_try_advisory_lock(7419, 3)")
    with alone(office.db, Job.RECONCILE) as mine:
        assert not mine
    dead.close()

    def free() -> bool:
        with alone(office.db, Job.RECONCILE) as mine:
            return mine

    eventually(free)


@pytest.mark.usefixtures("prefect")
def test_flow_runs_whose_process_is_gone_are_closed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "PENDING_TOO_LONG", timedelta(0))
    monkeypatch.setattr(orphans, "RUNNING_TOO_LONG", timedelta(0))

    async def play() -> list[Any]:
        async with get_client() as client:
            stuck = await client.create_flow_run(deliver, state=Pending())
            gone = await client.create_flow_run(deliver, state=Pending())
            await client.set_flow_run_state(gone.id, Running(), force=True)
            await orphans.close()
            return [(await client.read_flow_run(run.id)).state_type for run in (stuck, gone)]

    assert asyncio.run(play()) == [StateType.CANCELLED, StateType.CRASHED]


@pytest.mark.usefixtures("prefect")
def test_scheduled_runs_that_were_missed_are_not_all_made_up_for(office: Office) -> None:
    async def play() -> list[Any]:
        async with get_client() as client:
            present = datetime.now(UTC)
            runs = [await client.create_flow_run(
                        deliver, state=Scheduled(scheduled_time=present + timedelta(hours=hours)))
                    for hours in (-3, -2, 1)]
            await orphans.skip_missed()
            return [(await client.read_flow_run(run.id)).state_type for run in runs]

    assert asyncio.run(play()) == [StateType.CANCELLED, StateType.CANCELLED, StateType.SCHEDULED]


def test_scans_taken_in_while_the_store_was_away_are_due_after_a_minute_and_then_stored(
        office: Office, journey: Journey, cast: Cast, ledger: Ledger) -> None:
    code = journey.receive().code
    away = Office(office.db, ObjectStore("127.0.0.1:1", "nobody", "nothing", "nowhere"), office.spool)
    upload = Upload(code=code, component="plan", name="ke-hoach.pdf", declared_type="application/pdf",
                    actor=cast["H51.02/tiep-nhan:receptionist"], key="away-0001")
    documents.attach(away, upload, [samples.small_pdf(mark="away")], journey.now)
    assert ledger.values("select state from document where component = 'plan'") == ["pending"]
    waiting = [duties.look(office.db, journey.now + timedelta(seconds=later)).scans for later in (0, 61)]

    done = asyncio.run(reconcile.fn())

    assert waiting == [False, True]
    assert done.message == "stored 1"
    assert ledger.values("select state from document where component = 'plan'") == ["stored"]
    assert not duties.look(office.db, journey.now + timedelta(seconds=61)).scans
