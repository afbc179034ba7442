"""Takes a dossier in at a desk: code, applicant, papers, first step; accepted in the same act if the desk says so."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import structlog

from engine import audit
from engine.casework import assets, evidence, sending, slips, steps
from engine.casework.decision import Decision, hexed, iso
from engine.casework.orders import Order, Particulars, Reply, check_key
from engine.casework.submission import Paper, Person, Submission, form_faults
from engine.casework.words import fold
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, KeyReused, WorksElsewhere, WrongRole
from engine.office import Office
from engine.states.procedure import Procedure
from procedures.declaration import Role
from storage import blocks, dossiers, events
from storage.dossiers import Loaded, Moved

__all__ = ["Paper", "Person", "Submission", "answered_before", "receive"]

log = structlog.get_logger()


def receive(office: Office, submission: Submission, now: datetime) -> Reply:
    """Raises WrongRole, Refused, Invalid (every fault at once), MissingDocument; committed on return.

    Conflict where the calendar, or where the agency works, changed at this moment.
    """
    check_key(submission.key)
    today = now.astimezone(ZONE).date()
    desk = dossiers.load_desk(office.db, person=submission.actor.id, key=submission.key, today=today,
                               procedures=(submission.procedure,))
    said = submission.fingerprint()
    catalogue = office.catalogue(desk.revision)
    try:
        check_desk(submission.unit, desk.memberships, catalogue)
    except WrongRole:
        events.append(office.db, "receipt_refused", submission.actor.id, now, {"unit": submission.unit})
        raise
    except WorksElsewhere:
        if desk.asked_before is None:
            raise  # else it was recorded while the agency worked here, and only the answer was lost
    if desk.asked_before is not None:
        return answered_before(bytes(desk.asked_before), desk.replied_before or "", said)
    version_id, _ = catalogue.current(submission.procedure, today)
    agency = catalogue.units[submission.unit].agency
    blank = unnumbered(submission, desk, version_id, catalogue, now)
    blank.post = slips.of_reception(office, submission)
    # Decided once before a number is taken, so that what is refused burns no code.
    decide_receipt(submission, numbered(blank, 0, ""), catalogue, now)
    if submission.offline:
        blank = numbered(blank, blocks.next_id(office.db), submission.offline.code)
    else:
        blank = numbered(blank, *dossiers.take_code(office.db, agency, today.strftime("%y%m%d")))
    decision = decide_receipt(submission, blank, catalogue, now)
    kept = _record(office, receipt(decision, submission, blank), submission)
    if kept is not None:
        return answered_before(kept[0], kept[1], said)
    log.info("dossier_received", code=blank.code, procedure=submission.procedure)
    return decision.reply()


def _record(office: Office, told: dict[str, Any], submission: Submission) -> tuple[bytes, str] | None:
    try:
        return dossiers.record_receipt(office.db, told)
    except Moved:
        if submission.slip:
            raise Invalid({"slip": slips.USED}) from None
        raise Conflict from None


def answered_before(asked: bytes, reply: str, said: bytes) -> Reply:
    """The stored reply, if the same was asked; the key of another request is refused."""
    if asked != said:
        raise KeyReused
    return Reply.from_json(reply)


def check_desk(desk: int, memberships: list[tuple[int, str]], catalogue: Catalogue) -> None:
    """Raises WrongRole for whoever takes nothing in there, WorksElsewhere where its agency works elsewhere."""
    unit = catalogue.units.get(desk)
    if unit is None or (desk, "receptionist") not in {(u, r) for u, r in memberships}:
        name_vi, name_en = (unit.full_vi, unit.name_en) if unit else ("quầy tiếp nhận", "a reception desk")
        raise WrongRole(event="tiếp nhận", event_en="take in a dossier",
                        who_vi=f"cán bộ tiếp nhận – {name_vi}", who_en=f"receptionist – {name_en}")
    refuse_elsewhere(unit)


def refuse_elsewhere(unit: UnitInfo) -> None:
    if unit.outside:
        raise WorksElsewhere(reason_vi=f"{unit.full_vi} không làm việc trên hệ thống này nên không mở hồ sơ ở đây.",
                             reason_en=f"{unit.full_en} does not work with this system, so no dossier is opened there.")


def _checked(submission: Submission, procedure: Procedure, catalogue: Catalogue, today: date) -> dict[str, Any]:
    """The typed answers; Invalid names every field that is wrong."""
    faults = form_faults(submission, procedure, catalogue.units[submission.unit])
    faults |= {f"facts.{name}": fault for name, fault in procedure.check_facts(submission.facts, today).items()}
    if faults:
        raise Invalid(faults)
    return procedure.answered(submission.facts)


def unnumbered(submission: Submission, desk: dossiers.Desk, version_id: int, catalogue: Catalogue,
               now: datetime) -> Loaded:
    """The dossier before anything happened to it, so that reception is decided like any other act. Raises Invalid."""
    procedure, added = catalogue.procedures[version_id], iso(now)
    facts = _checked(submission, procedure, catalogue, now.astimezone(ZONE).date())
    documents = [{
        "id": str(uuid.uuid4()), "dossier_id": 0, "component": paper.component, "form": paper.form,
        "name": "", "copies": paper.copies, "state": "promised", "reason": paper.reason or "quét sau khi tiếp nhận",
        "sha256": None, "added_by": submission.actor.id, "added_at": added,
    } for paper in submission.papers]
    return Loaded(
        id=0, code="", version_id=version_id, intake_unit_id=submission.unit,
        intake_agency=catalogue.units[submission.unit].agency,
        channel=submission.channel, return_way=submission.return_way, facts=facts, received_at=None, first_due_at=None,
        due_at=None, due_provisional=False, finished_at=None, closed_at=None, outcome=None, status=1, history={},
        supplements=0, version=0, item_no=0, clock_no=0, handoff_seq=0, audit_seq=0, audit_head=audit.GENESIS,
        states=[], items=[], done=[], clocks=[], handoffs=[], documents=documents, payments=[], papers=[],
        memberships=desk.memberships, standing_in=desk.standing_in, asked_before=None, replied_before=None,
        last_actor="", last_action="", last_at=now, revision=desk.revision,
    )


def numbered(blank: Loaded, dossier_id: int, code: str) -> Loaded:
    """A copy whose lists a decision may fill."""
    documents = [{**row, "dossier_id": dossier_id} for row in blank.documents]
    return replace(blank, id=dossier_id, code=code, documents=documents, papers=[])


def decide_receipt(submission: Submission, blank: Loaded, catalogue: Catalogue, now: datetime) -> Decision:
    """The whole reception, from what is known; no I/O."""
    procedure = catalogue.procedures[blank.version_id]
    order = Order(code=blank.code, event="receive", actor=submission.actor, key=submission.key)
    decision = Decision(blank, order, catalogue, procedure, now)
    decision.version = 1
    decision.act_as(submission.unit, Role.RECEPTIONIST)
    unit = catalogue.units[submission.unit]
    outcome = procedure.start({**blank.facts, "channel": blank.channel})
    if not submission.accept:
        decision.enter(outcome.configuration)
        sending.open_step(decision, procedure.states[outcome.configuration[0]], unit)
        decision.states = outcome.configuration
    slips.hold(decision, outcome.configuration[0], unit, accepted=submission.accept)
    _register(decision, submission, outcome.configuration, unit)
    if submission.accept:
        _accept_at_once(decision, blank, outcome.configuration, outcome.history)
    return decision


def _register(decision: Decision, submission: Submission, states: tuple[str, ...], unit: Any) -> None:
    """The first entry; it holds the marks of whatever clock began with it."""
    for document in decision.loaded.documents:
        decision.add("document", document)
    assets.claim(decision)
    bundle = decision.loaded.bundle
    details = {"code": decision.loaded.code, "procedure": submission.procedure, "version": decision.version,
               "version_id": decision.loaded.version_id, "channel": submission.channel,
               "papers": [paper.component for paper in submission.papers],
               "facts": {name: str(value) for name, value in decision.loaded.facts.items()
                         if not isinstance(value, str)},
               **({"bundle": bundle["code"], "part": bundle["part"]} if bundle else {})}
    if submission.offline:
        details["offline"] = {"synchronised_at": iso(submission.offline.synchronised_at)}
    slips.enter(decision, details)
    key = decision.changes["commit_key"] = secrets.token_bytes(16)
    who = submission.applicant
    written_down = "\n".join((who.name, who.id_number, who.phone, who.email, who.address))
    details["applicant"] = audit.commitment(key, written_down)
    decision.audit("receive", unit=unit, after=states, details=details)


def _accept_at_once(decision: Decision, blank: Loaded, states: tuple[str, ...],
                    history: dict[str, list[str]]) -> None:
    """`accept` follows in the same act: one transaction, two entries. A part that waits for others is held."""
    procedure, loaded = decision.procedure, decision.loaded
    loaded.states = list(states)
    held = loaded.bundle is not None and loaded.bundle["waits"]
    command = procedure.command(states, "hold" if held else "accept")
    unit = decision.catalogue.units[loaded.intake_unit_id]
    evidence.check(decision, command, unit)
    outcome = procedure.step(states, history, command, {**blank.facts, "channel": blank.channel})
    decision.order = Order(code=loaded.code, event=command.event, actor=decision.actor, key=decision.order.key,
                           particulars=Particulars())
    steps.follow(decision, command, outcome, unit)
    decision.exited.clear()
    decision.lists["enter"] = []
    decision.enter(outcome.configuration)


def receipt(decision: Decision, submission: Submission, blank: Loaded) -> dict[str, Any]:
    """The argument of `record_receipt`."""
    told = decision.payload()
    who = submission.applicant
    told["dossier"] |= {
        "code": blank.code, "version_id": blank.version_id, "intake_agency": blank.intake_agency,
        "intake_unit_id": blank.intake_unit_id, "channel": blank.channel, "return_way": blank.return_way,
        "subject": submission.subject, "facts": blank.facts,
        "submitted_at": blank.post.get("submitted_at") or decision.stamp,
    }
    told["applicant"] = {
        "dossier_id": blank.id, "name": who.name, "id_number": who.id_number, "phone": who.phone, "email": who.email,
        "address": who.address, "commit_key": hexed(decision.changes["commit_key"]),
        "search": fold(" ".join((blank.code, *_bundle_code(blank), who.name, who.id_number, who.phone,
                                 submission.subject, submission.slip))),
    }
    told["request"] = decision.request(submission.fingerprint(), decision.reply().to_json())
    return told


def _bundle_code(blank: Loaded) -> tuple[str, ...]:
    """Who has the receipt of the bundle finds its parts by that code."""
    return (blank.bundle["code"],) if blank.bundle is not None else ()
