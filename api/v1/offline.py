"""What a counter took in while its network was down: codes set aside before, receipts sent one by one after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi.responses import Response
from pydantic import ConfigDict, Field, StringConstraints

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals, tagged, version_tag
from api.v1.dossiers import desk_of
from api.v1.inputs import LARGEST_INT, Input, Instant, Key, Submission
from engine.casework import receive
from engine.casework.orders import Reply
from engine.counter import offline

router = Counter(prefix=f"{PREFIX}/offline", tags=["offline"])


class Wanted(Input):
    """`unit`: the desk; it may be left out by who works at one desk only."""

    unit: Annotated[int, Field(ge=1, le=LARGEST_INT)] | None = None


class Receipt(Input):
    """`received_at`: when the applicant stood at the counter, after the code was set aside."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "code": "H51.02-261123-0001", "received_at": "2026-11-23T09:30:00+07:00",
        "submission": {"procedure": "conference_permit_local", "unit": 1, "applicant": {"name": "Nguyễn Thị Bích Ngọc"},
                       "papers": [{"component": "request_letter"}]}}})

    code: Annotated[str, StringConstraints(max_length=50)]
    received_at: Instant
    submission: Submission


@dataclass(frozen=True, kw_only=True, slots=True)
class Codes:
    """Good for dossiers received on the day of `taken_at`; what is not used then is used no more."""

    unit: int
    period: str
    taken_at: datetime
    codes: list[str]


@router.post("/blocks", status_code=201, response_model=Codes, responses=refusals())
def take_block(caller: Caller, given: Wanted) -> Response:
    """Set twenty codes of today aside for this person at this desk."""
    block = offline.take_block(caller.office, caller.actor, given.unit or desk_of(caller), caller.now)
    return answer(Codes(unit=block.unit_id, period=block.period, taken_at=block.taken_at, codes=block.codes), 201)


@router.post("/receipts", status_code=201, response_model=Reply,
             responses=refusals(404, 409) | {201: tagged("recorded as of the moment it was received")})
def synchronise(caller: Caller, given: Receipt, key: Key) -> Response:
    """Record a dossier that was taken in without a network. The same receipt sent again gets the same answer."""
    told = given.submission
    reply = offline.synchronise(caller.office, receive.Submission(
        procedure=told.procedure, unit=told.unit or desk_of(caller), channel=told.channel, return_way=told.return_way,
        applicant=receive.Person(**told.applicant.model_dump()), subject=told.subject, actor=caller.actor, key=key,
        facts=told.facts, papers=tuple(receive.Paper(**paper.model_dump()) for paper in told.papers),
        accept=told.accept), given.code, given.received_at, caller.now)
    return answer(reply, 201, ETag=version_tag(reply.version), Location=f"/api/v1/dossiers/{reply.code}")
