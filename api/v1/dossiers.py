"""Dossiers: received, found, looked at, acted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response

from api.context import Caller, Counter, Person
from api.v1.answers import PREFIX, answer, refusals, tagged, version_tag
from api.v1.inputs import Code, Command, Event, IfMatch, Key, SearchText, Submission, version_of
from engine import desk
from engine.casework import act, receive
from engine.casework.orders import Order, Particulars, Reply
from engine.desk.dossier import DossierView
from engine.desk.lists import Found
from engine.errors import Invalid

router = Counter(prefix=PREFIX, tags=["dossiers"])
NOTHING_SAID = Command()


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainEntry:
    """An entry as it is stored; `hash` covers it and `prev`, both SHA-256 in hexadecimal."""

    seq: int
    at: datetime
    actor_name: str
    unit_name: str
    action: str
    from_states: list[str]
    to_states: list[str]
    details: str
    prev: str
    hash: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainView:
    """`holds`: every hash was computed anew and led to the head. Else `broken_at` is the first entry that does not."""

    code: str
    holds: bool
    broken_at: int | None
    why: str | None
    entries: list[ChainEntry]


@router.post("/dossiers", status_code=201, response_model=Reply,
             responses=refusals(404, 409) | {201: tagged("received")})
def receive_dossier(caller: Caller, given: Submission, key: Key) -> Response:
    """Take a dossier in. Every fault of the form is said at once."""
    applicant = receive.Person(**given.applicant.model_dump())
    papers = tuple(receive.Paper(**paper.model_dump()) for paper in given.papers)
    reply = receive.receive(caller.office, receive.Submission(
        procedure=given.procedure, unit=given.unit or desk_of(caller), channel=given.channel,
        return_way=given.return_way, applicant=applicant, subject=given.subject, actor=caller.actor, key=key,
        facts=given.facts, papers=papers, accept=given.accept, slip=given.slip), caller.now)
    return answer(reply, 201, ETag=version_tag(reply.version), Location=f"/api/v1/dossiers/{reply.code}")


def desk_of(caller: Person) -> int:
    """The one desk where the caller receives; 0, which is nobody's desk, if there is none."""
    desks = {unit for unit, role in caller.identity.memberships if role == "receptionist"}
    if len(desks) > 1:
        raise Invalid({"unit": ("bạn thuộc nhiều quầy, hãy chọn một", "you work at several desks: choose one")})
    return desks.pop() if desks else 0


@router.get("/dossiers", response_model=list[Found], responses=refusals(reading=True))
def find(caller: Caller, search: SearchText) -> Response:
    """Find dossiers I may see, newest first, at most fifty."""
    return answer(desk.search(caller.office, caller.id, search, caller.now))


@router.get("/dossiers/{code}", response_model=DossierView,
            responses=refusals(404, reading=True) | {200: tagged("the dossier")})
def look(caller: Caller, code: Code) -> Response:
    """One dossier: where it is, what may be done, what was done, by when it is due."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    return answer(view, ETag=version_tag(view.header.version))


@router.get("/dossiers/{code}/audit", response_model=ChainView, responses=refusals(404, reading=True))
def audit(caller: Caller, code: Code) -> Response:
    """The chain of the audit, verified while reading."""
    chain = desk.audit_of(caller.office, code, caller.actor, caller.now)
    entries = [ChainEntry(
        seq=link.seq, at=link.at, actor_name=link.actor_name, unit_name=link.unit_name, action=link.action,
        from_states=list(link.from_states), to_states=list(link.to_states), details=link.details, prev=link.prev.hex(),
        hash=link.hash.hex()) for link in chain.links]
    fault = chain.fault
    return answer(ChainView(code=code, holds=fault is None, broken_at=fault.seq if fault else None,
                            why=fault.why if fault else None, entries=entries))


@router.post("/dossiers/{code}/commands/{event}", response_model=Reply,
             responses=refusals(404, 409, 428) | {200: tagged("done and recorded")})
def command(caller: Caller, code: Code, event: Event, key: Key, if_match: IfMatch,
            given: Command | None = None) -> Response:
    """Do something with a dossier. Recorded when it answers; the same request sent again gets the same answer."""
    given = given or NOTHING_SAID
    told = given.particulars
    particulars = Particulars(
        reason=told.reason, verdict=told.verdict, words=told.words, recipient=told.recipient, slip=told.slip,
        amount=told.amount, proof=told.proof, documents=tuple(told.documents), handoff=told.handoff, unit=told.unit,
        units=tuple(told.units), limit=told.limit, join=told.join, expiry=told.expiry, new_due=told.new_due,
        kind=told.kind, outcome=told.outcome, person=told.person, people=tuple(told.people),
        day=told.day, way=told.way, names=tuple(told.names), address=told.address, identity=told.identity)
    order = Order(code=code, event=event, actor=caller.actor, state=given.state, seen_version=version_of(if_match),
                  key=key, particulars=particulars)
    reply = act.act(caller.office, order, caller.now)
    return answer(reply, ETag=version_tag(reply.version))
