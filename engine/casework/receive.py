"""Takes a dossier in at a desk: code, applicant, papers, first step; accepted in the same act if the desk says so."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import structlog

from engine import audit
from engine.casework import evidence, steps
from engine.casework.decision import Decision, hexed, iso
from engine.casework.orders import Actor, Order, Particulars, Reply, fingerprint
from engine.casework.words import fold
from engine.catalogue import Catalogue, UnitInfo, takes
from engine.clocks.zone import ZONE
from engine.errors import Invalid, KeyReused, WrongRole
from engine.office import Office
from engine.states.procedure import Procedure
from storage import dossiers
from storage.dossiers import Loaded
from storage.tables.casework import ReturnWay

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """The applicant as the desk writes him down. `id_number`: 9 or 12 digits, or empty for an organisation."""

    name: str
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A required document that the desk has taken in. Its scan comes after; why not at once, `reason` says."""

    component: str
    form: str = "original"
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    procedure: str
    unit: int
    channel: str
    return_way: str
    applicant: Person
    subject: str
    actor: Actor
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    accept: bool = True

    def fingerprint(self) -> bytes:
        return fingerprint([self.procedure, self.unit, self.channel, self.return_way, self.applicant, self.subject,
                            self.facts, self.papers, self.accept])


def receive(office: Office, submission: Submission, now: datetime) -> Reply:
    """Raises WrongRole, Invalid (every fault at once), MissingDocument; committed on return."""
    today = now.astimezone(ZONE).date()
    desk = dossiers.load_desk(office.db, person=submission.actor.id, key=submission.key, today=today)
    said = submission.fingerprint()
    if desk.asked_before is not None:
        return answered_before(bytes(desk.asked_before), desk.replied_before or "", said)
    catalogue = office.catalogue(desk.revision)
    _check_desk(submission, desk.memberships, catalogue)
    version_id, procedure = catalogue.current(submission.procedure, today)
    facts = _checked(submission, procedure, catalogue, today)
    if submission.accept:
        _rehearse(submission, catalogue, desk, version_id, facts, now)
    agency = catalogue.units[submission.unit].agency
    dossier_id, code = dossiers.take_code(office.db, agency, today.strftime("%y%m%d"))
    blank = _blank(submission, desk, dossier_id, code, version_id, agency, facts, now)
    decision = _decide(submission, blank, catalogue, now)
    kept = dossiers.record_receipt(office.db, _payload(decision, submission, said, blank))
    if kept is not None:
        return answered_before(kept[0], kept[1], said)
    log.info("dossier_received", code=code, procedure=submission.procedure)
    return decision.reply()


def answered_before(asked: bytes, reply: str, said: bytes) -> Reply:
    """The stored reply, if the same was asked; the key of another request is refused."""
    if asked != said:
        raise KeyReused
    return Reply.from_json(reply)


def _check_desk(submission: Submission, memberships: list[tuple[int, str]], catalogue: Catalogue) -> None:
    unit = catalogue.units.get(submission.unit)
    if unit is None or (submission.unit, "receptionist") not in {(u, r) for u, r in memberships}:
        name_vi, name_en = (unit.full_vi, unit.name_en) if unit else ("quầy tiếp nhận", "a reception desk")
        raise WrongRole(event="tiếp nhận", who_vi=f"cán bộ tiếp nhận – {name_vi}", who_en=f"receptionist – {name_en}")


def _checked(submission: Submission, procedure: Procedure, catalogue: Catalogue, today: date) -> dict[str, Any]:
    """The typed answers; Invalid names every field that is wrong."""
    faults = dict(_form_faults(submission, procedure, catalogue.units[submission.unit]))
    faults |= {f"facts.{name}": fault for name, fault in procedure.check_facts(submission.facts, today).items()}
    if faults:
        raise Invalid(faults)
    return procedure.answered(submission.facts)


def _form_faults(submission: Submission, procedure: Procedure, unit: UnitInfo) -> dict[str, tuple[str, str]]:
    faults: dict[str, tuple[str, str]] = {}
    who = submission.applicant
    if not 1 <= len(who.name.strip()) <= 200:
        faults["applicant.name"] = ("ghi họ tên người nộp (tối đa 200 ký tự)", "give the applicant's name (at most 200)")
    if who.id_number and not (who.id_number.isascii() and who.id_number.isdigit() and len(who.id_number) in (9, 10, 12, 13)):
        faults["applicant.id_number"] = ("số định danh gồm 12 chữ số (CMND cũ: 9)", "an ID number has 12 digits (older: 9)")
    if any(len(text) > 500 for text in (who.phone, who.email, who.address)):
        faults["applicant"] = ("thông tin liên hệ dài quá 500 ký tự", "contact details are longer than 500 characters")
    if len(submission.subject) > 1000:
        faults["subject"] = ("trích yếu dài quá 1000 ký tự", "the subject is longer than 1000 characters")
    if not takes(unit, procedure):
        faults["procedure"] = (f"{unit.agency_vi} không tiếp nhận thủ tục này", f"{unit.agency_en} does not take in this procedure")
    if submission.channel not in procedure.declaration.channels:
        faults["channel"] = ("thủ tục này không nhận qua kênh đã chọn", "this procedure is not taken in that way")
    if submission.return_way not in list(ReturnWay):
        faults["return_way"] = ("chọn cách trả: quầy, bưu chính, điện tử", "choose counter, post or electronic")
    known = procedure.declaration.documents
    for paper in submission.papers:
        if paper.component not in known:
            faults["papers"] = (f"không có thành phần “{paper.component}” trong thủ tục này",
                                f"this procedure has no document “{paper.component}”")
    return faults


def _blank(submission: Submission, desk: dossiers.Desk, dossier_id: int, code: str, version_id: int, agency: str,
           facts: dict[str, Any], now: datetime) -> Loaded:
    """The dossier before anything happened to it, so that reception is decided like any other act."""
    added = iso(now)
    documents = [{
        "id": str(uuid.uuid4()), "dossier_id": dossier_id, "component": paper.component, "form": paper.form,
        "name": "", "state": "promised", "reason": paper.reason or "quét sau khi tiếp nhận", "sha256": None,
        "added_by": submission.actor.id, "added_at": added,
    } for paper in submission.papers]
    return Loaded(
        id=dossier_id, code=code, version_id=version_id, intake_agency=agency, intake_unit_id=submission.unit,
        channel=submission.channel, return_way=submission.return_way, facts=facts, received_at=None, first_due_at=None,
        due_at=None, due_provisional=False, finished_at=None, closed_at=None, outcome=None, status=1, history={},
        supplements=0, version=0, item_no=0, clock_no=0, handoff_seq=0, audit_seq=0, audit_head=audit.GENESIS,
        states=[], items=[], done=[], clocks=[], handoffs=[], documents=documents, payments=[], papers=[],
        memberships=desk.memberships, asked_before=None, replied_before=None, last_actor="", last_action="",
        last_at=now, revision=desk.revision,
    )


def _rehearse(submission: Submission, catalogue: Catalogue, desk: dossiers.Desk, version_id: int,
              facts: dict[str, Any], now: datetime) -> None:
    """Decides once before a number is taken, so that what is refused burns no code."""
    agency = catalogue.units[submission.unit].agency
    _decide(submission, _blank(submission, desk, 0, "", version_id, agency, facts, now), catalogue, now)


def _decide(submission: Submission, blank: Loaded, catalogue: Catalogue, now: datetime) -> Decision:
    procedure = catalogue.procedures[blank.version_id]
    order = Order(code=blank.code, event="receive", actor=submission.actor, key=submission.key)
    decision = Decision(blank, order, catalogue, procedure, now)
    unit = catalogue.units[submission.unit]
    outcome = procedure.start({**blank.facts, "channel": blank.channel})
    _register(decision, submission, outcome.configuration, unit)
    if not submission.accept:
        decision.enter(outcome.configuration)
        steps.open_step(decision, procedure.states[outcome.configuration[0]], unit)
        decision.states = outcome.configuration
        return decision
    return _accept_at_once(decision, blank, outcome.configuration, outcome.history)


def _register(decision: Decision, submission: Submission, states: tuple[str, ...], unit: Any) -> None:
    decision.version = 1
    for document in decision.loaded.documents:
        decision.add("document", document)
    details = {"code": decision.loaded.code, "procedure": submission.procedure, "version_id": decision.loaded.version_id,
               "channel": submission.channel, "papers": [paper.component for paper in submission.papers],
               "facts": {name: str(value) for name, value in decision.loaded.facts.items()
                         if not isinstance(value, str)}}
    key = decision.changes["commit_key"] = secrets.token_bytes(16)
    who = submission.applicant
    details["applicant"] = audit.commitment(key, "\n".join((who.name, who.id_number, who.phone, who.email, who.address)))
    decision.audit("receive", unit=unit, after=states, details=details)


def _accept_at_once(decision: Decision, blank: Loaded, states: tuple[str, ...],
                    history: dict[str, list[str]]) -> Decision:
    """`accept` follows in the same act: one transaction, two entries."""
    procedure, loaded = decision.procedure, decision.loaded
    loaded.states = list(states)
    command = procedure.command(states, "accept")
    unit = decision.catalogue.units[loaded.intake_unit_id]
    evidence.check(decision, command, unit)
    outcome = procedure.step(states, history, command, {**blank.facts, "channel": blank.channel})
    decision.order = Order(code=loaded.code, event="accept", actor=decision.actor, key=decision.order.key,
                           particulars=Particulars())
    steps.follow(decision, command, outcome, unit)
    decision.exited.clear()
    decision.lists["enter"] = []
    decision.enter(outcome.configuration)
    return decision


def _payload(decision: Decision, submission: Submission, said: bytes, blank: Loaded) -> dict[str, Any]:
    told = decision.payload()
    who = submission.applicant
    told["dossier"] |= {
        "code": blank.code, "version_id": blank.version_id, "intake_agency": blank.intake_agency,
        "intake_unit_id": blank.intake_unit_id, "channel": blank.channel, "return_way": blank.return_way,
        "subject": submission.subject, "facts": blank.facts, "submitted_at": decision.stamp,
    }
    told["applicant"] = {
        "dossier_id": blank.id, "name": who.name, "id_number": who.id_number, "phone": who.phone, "email": who.email,
        "address": who.address, "commit_key": hexed(decision.changes["commit_key"]),
        "search": fold(" ".join((blank.code, who.name, who.id_number, who.phone, submission.subject))),
    }
    told["request"] = {"actor_id": submission.actor.id, "key": submission.key, "fingerprint": hexed(said),
                       "reply": decision.reply().to_json()}
    return told

