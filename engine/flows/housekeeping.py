"""What nobody needs any more is forgotten, and what waits for a person is named."""

from __future__ import annotations

from collections import Counter

import structlog
from prefect import State, flow

from engine import uploads
from engine.flows import orphans
from engine.flows.office import office
from engine.flows.shift import NOWHERE, work_through
from engine.timekeeper import now
from storage import housekeeping as house
from storage import outbox, reception
from storage.locks import Job, alone

log = structlog.get_logger()


@flow(name="housekeeping", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def housekeeping() -> State[None]:
    done = await work_through(lambda _: _tidy(), lambda: False)
    await orphans.close()
    return done


def _tidy() -> Counter[str]:
    db = office().db
    with alone(db, Job.HOUSEKEEPING) as mine:
        if not mine:
            return Counter(busy=1)
        waiting = outbox.parked(db)
        for message in waiting:
            log.error("message_parked", code=message.code, message=str(message.message_id), receiver=message.receiver,
                      attempts=message.attempts, why=message.last_error, since=message.parked_at.isoformat())
        return Counter(requests=house.forget_requests(db), sessions=house.end_sessions(db),
                       sweeps=house.forget_sweeps(db, now()), drafts=reception.sweep(db, now()),
                       parked=len(waiting), **uploads.sweep(office()))
