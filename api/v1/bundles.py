"""Bundles: one submission, several dossiers; taken in, looked at, supplemented once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi.responses import Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from api.context import Caller, Counter
from api.v1.answers import PREFIX, answer, refusals
from api.v1.dossiers import desk_of
from api.v1.inputs import LARGEST_INT, Applicant, Code, FactValue, Id, Input, Key, Paper, clean
from engine.bundles import citizen, declared
from engine.bundles.reception import receive
from engine.bundles.submission import BundleReply, BundleSubmission
from engine.bundles.view import BundleView, view
from engine.casework import submission as intake
from engine.casework.orders import Reply
from engine.clocks.zone import ZONE
from procedures.declaration import Channel, Text
from storage.tables.casework import ReturnWay

router = Counter(prefix=PREFIX, tags=["bundles"])


class BundleIntake(Input):
    """Answers and papers once for all parts; the component of a paper is its kind, as the bundle's plan names it."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "bundle": "land_certificate", "applicant": {"name": "Thạch Sóc Kha"},
        "facts": {"certificate_number": "CK 123456"}, "papers": [{"component": "land_certificate"}],
    }})

    bundle: Id
    unit: Annotated[int, Field(ge=1, le=LARGEST_INT)] | None = None
    channel: Channel = Channel.DIRECT
    return_way: ReturnWay = ReturnWay.COUNTER
    applicant: Applicant
    subject: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True), AfterValidator(clean)] = ""
    facts: dict[Id, FactValue] = Field(default_factory=dict, max_length=200)
    papers: list[Paper] = Field(default_factory=list, max_length=200)


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """`parts`: the procedures it joins, by part, each after those it waits for."""

    bundle: str
    version: int
    name: Text
    channels: list[str]
    parts: dict[str, str]


@router.get("/bundles", response_model=list[Offered], responses=refusals(reading=True))
def offered(caller: Caller) -> Response:
    """Bundles that may be taken in today."""
    found = declared.in_force(caller.office, caller.office.fresh_catalogue(), caller.now.astimezone(ZONE).date())
    return answer([Offered(
        bundle=one.bundle.bundle, version=one.bundle.version, name=one.bundle.name, channels=list(one.bundle.channels),
        parts={part: one.bundle.parts[part].procedure for part in one.bundle.order}) for one in found])


@router.post("/bundles", status_code=201, response_model=BundleReply, responses=refusals(404, 409))
def take_in(caller: Caller, given: BundleIntake, key: Key) -> Response:
    """Take a bundle in. Every fault of every part is said at once; all parts come in, or none."""
    reply = receive(caller.office, BundleSubmission(
        bundle=given.bundle, unit=given.unit or desk_of(caller), channel=given.channel, return_way=given.return_way,
        applicant=intake.Person(**given.applicant.model_dump()), subject=given.subject, actor=caller.actor, key=key,
        facts=given.facts, papers=tuple(intake.Paper(**paper.model_dump()) for paper in given.papers)), caller.now)
    return answer(reply, 201, Location=f"/api/v1/bundles/{reply.code}")


@router.get("/bundles/{code}", response_model=BundleView, responses=refusals(404, reading=True))
def look(caller: Caller, code: Code) -> Response:
    """One bundle: how its parts stand, what waits for what, what the citizen was asked."""
    return answer(view(caller.office, code, caller.actor, caller.now))


@router.post("/bundles/{code}/supplement", response_model=list[Reply], responses=refusals(404, 409))
def supplement(caller: Caller, code: Code, key: Key) -> Response:
    """The citizen's supplement is in: every part that was asked goes on."""
    return answer(citizen.supplement(caller.office, code, caller.actor, key, caller.now))


@router.post("/bundles/{code}/partial", response_model=Reply, responses=refusals(404, 409))
def partial(caller: Caller, code: Code, key: Key) -> Response:
    """The citizen asks for finished parts before the others."""
    return answer(citizen.agree_partial(caller.office, code, caller.actor, key, caller.now))
