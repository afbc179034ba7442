"""Takes a bundle in at a desk: one code, one receipt, one appointment; every part a dossier of its own at once.

Parts with nothing before them are accepted in the same transaction, the others are held until they may begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from engine.bundles import declared
from engine.bundles.declared import Joined
from engine.bundles.submission import BundleReply, BundleSubmission, PartReply
from engine.casework.decision import Decision, hexed, iso
from engine.casework.orders import Faults, check_key
from engine.casework.receive import check_desk, decide_receipt, numbered, receipt, unnumbered
from engine.casework.submission import Paper, Submission
from engine.catalogue import Catalogue, takes
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Invalid, KeyReused, MissingDocument, WrongRole
from engine.office import Office
from procedures import answers, planner
from procedures.entry import Text
from procedures.planner import Path, Requirements
from storage import bundles, dossiers, events
from storage.dossiers import Desk, Loaded, Moved

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Case:
    """One submission being decided: its plan, its parts before anything happened to them, when each is expected."""

    submission: BundleSubmission
    joined: Joined
    plan: Requirements
    path: Path
    children: Mapping[str, tuple[Submission, Loaded]]

    def held(self, part: str) -> bool:
        return bool(planner.waits_for(self.joined.bundle, part, self.plan.parts))


def receive(office: Office, submission: BundleSubmission, now: datetime) -> BundleReply:
    """Raises WrongRole, NotFound, Invalid (every fault of every part at once), MissingDocument; committed on return."""
    check_key(submission.key)
    today = now.astimezone(ZONE).date()
    # who stands in for certain procedures only takes in no bundle
    desk = dossiers.load_desk(office.db, person=submission.actor.id, key=submission.key, today=today,
                              procedures=(submission.bundle,))
    said = submission.fingerprint()
    catalogue = office.catalogue(desk.revision)
    try:
        check_desk(submission.unit, desk.memberships, catalogue)
    except WrongRole:
        events.append(office.db, "receipt_refused", submission.actor.id, now, {"unit": submission.unit})
        raise
    if desk.asked_before is not None:
        return _answered(bytes(desk.asked_before), desk.replied_before or "", said)
    joined = declared.current(office, catalogue, submission.bundle, today)
    case = _case(submission, joined, desk, catalogue, now)
    # Decided once before numbers are taken, so that what is refused burns no codes.
    _decide(case, {part: (0, "") for part in case.plan.parts}, "", catalogue, now)
    agency, period = catalogue.units[submission.unit].agency, today.strftime("%y%m%d")
    _, code = dossiers.take_code(office.db, agency, period)
    numbers = {part: dossiers.take_code(office.db, agency, period) for part in case.plan.parts}
    decisions = _decide(case, numbers, code, catalogue, now)
    reply = _reply(case, code, decisions, now)
    try:
        kept = bundles.record(office.db, _payload(case, decisions, reply, catalogue, now))
    except Moved:
        raise Conflict from None
    if kept is not None:
        return _answered(kept[0], kept[1], said)
    log.info("bundle_received", code=code, bundle=submission.bundle, parts=len(decisions))
    return reply


def _answered(asked: bytes, reply: str, said: bytes) -> BundleReply:
    if asked != said:
        raise KeyReused
    return BundleReply.from_json(reply)


def typed(joined: Joined, raw: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    """The answers of all parts, and what is wrong with their form."""
    found: dict[str, Any] = {}
    faults: Faults = {}
    known = {name for declaration in joined.declarations.values() for name in declaration.facts}
    for name in raw:
        if name not in known:
            faults[f"facts.{name[:80]}"] = (f"Không phần nào hỏi “{name[:80]}”.", f"No part asks “{name[:80]}”.")
    for declaration in joined.declarations.values():
        own = {name: raw[name] for name in declaration.facts if name in raw}
        told, wrong = answers.typed(declaration, own)
        found |= told
        faults |= {f"facts.{name}": words for name, words in wrong.items()}
    return found, faults


def _case(submission: BundleSubmission, joined: Joined, desk: Desk, catalogue: Catalogue, now: datetime) -> _Case:
    facts, faults = typed(joined, submission.facts)
    plan = planner.plan(joined.bundle, joined.declarations, facts, submission.channel)
    faults |= _choices(submission, joined, plan, catalogue)
    begins = [part for part in plan.parts if not planner.waits_for(joined.bundle, part, plan.parts)]
    children: dict[str, tuple[Submission, Loaded]] = {}
    for part in plan.parts:
        child = _child(submission, joined, plan, part, begins)
        try:
            children[part] = child, unnumbered(child, desk, joined.versions[part], catalogue, now)
        except Invalid as refusal:
            faults |= refusal.fields
    if faults:
        raise Invalid(faults)
    if unmet := plan.unmet({paper.component for paper in submission.papers}):
        raise _missing(joined, unmet)
    calendar = catalogue.calendar(catalogue.units[submission.unit].agency)
    path = planner.critical_path(
        joined.bundle, plan.parts, planner.limits(joined.declarations, facts, submission.channel),
        declared.due_on(calendar), calendar.valid_receipt(now))
    return _Case(submission=submission, joined=joined, plan=plan, path=path, children=children)


def _choices(submission: BundleSubmission, joined: Joined, plan: Requirements, catalogue: Catalogue) -> Faults:
    faults: Faults = {}
    desk = catalogue.units[submission.unit]
    if not takes(desk, joined.bundle.received_at):
        faults["bundle"] = (f"{desk.agency_vi} không tiếp nhận hồ sơ liên thông này",
                            f"{desk.agency_en} does not take in this bundle")
    if submission.channel not in joined.bundle.channels:
        faults["channel"] = ("hồ sơ liên thông này không nhận qua kênh đã chọn",
                             "this bundle is not taken in that way")
    if unknown := [paper.component for paper in submission.papers if paper.component not in plan.papers]:
        faults["papers"] = (f"không cần giấy tờ “{unknown[0][:80]}”", f"the paper “{unknown[0][:80]}” is not asked for")
    return faults


def _missing(joined: Joined, unmet: Mapping[str, tuple[planner.Asked, ...]]) -> MissingDocument:
    """Which papers, and for which part: each agency would have asked for its own."""
    names = joined.declarations
    return MissingDocument(
        names_vi="; ".join(f"{names[part].name.vi}: {', '.join(paper.name.vi for paper in papers)}"
                           for part, papers in unmet.items()),
        names_en="; ".join(f"{names[part].name.en}: {', '.join(paper.name.en for paper in papers)}"
                           for part, papers in unmet.items()))


def _child(submission: BundleSubmission, joined: Joined, plan: Requirements, part: str,
           begins: list[str]) -> Submission:
    """What one part gets of it: its own answers and papers, nothing of the others'."""
    own, declaration = plan.own(part), joined.procedures[part].declaration
    taken = {paper.component: paper for paper in submission.papers}
    papers = [_paper(taken[kind], key, part, plan.bearer(kind, begins), joined)
              for key, kind in own.papers.items() if kind in taken]
    told = {**typed(joined, submission.facts)[0], "channel": submission.channel}
    needed = answers.required_documents(declaration, told)
    papers += [Paper(component=key, form="electronic", reason=_will_come(joined.declarations[maker].name).vi)
               for key, maker in own.produced.items() if key in needed]
    return Submission(
        procedure=declaration.procedure, unit=submission.unit, channel=submission.channel,
        return_way=submission.return_way, applicant=submission.applicant, subject=submission.subject,
        actor=submission.actor, key=submission.key, papers=tuple(papers),
        facts={name: submission.facts[name] for name in own.facts if name in submission.facts})


def _paper(taken: Paper, key: str, part: str, bearer: str, joined: Joined) -> Paper:
    """The one paper goes with one part; the others work with its scan."""
    if part == bearer:
        return replace(taken, component=key)
    name = joined.declarations[bearer].name
    return Paper(component=key, form="electronic", reason=taken.reason or f"bản giấy đi cùng phần “{name.vi}”"[:1000])


def _will_come(maker: Text) -> Text:
    return Text(vi=f"kết quả của phần “{maker.vi}” trong hồ sơ liên thông", en=f"the result of “{maker.en}”")


def _decide(case: _Case, numbers: Mapping[str, tuple[int, str]], code: str, catalogue: Catalogue,
            now: datetime) -> dict[str, Decision]:
    decisions = {}
    for part, (child, blank) in case.children.items():
        dossier = numbered(blank, *numbers[part])
        dossier.bundle = {"code": code, "part": part, "waits": case.held(part)}
        decisions[part] = decide_receipt(child, dossier, catalogue, now)
    return decisions


def _reply(case: _Case, code: str, decisions: Mapping[str, Decision], now: datetime) -> BundleReply:
    parts = tuple(PartReply(part=part, code=decision.loaded.code, procedure=decision.procedure.key,
                            states=decision.states, expected_at=iso(case.path.parts[part]))
                  for part, decision in decisions.items())
    return BundleReply(code=code, parts=parts, due_at=iso(case.path.due), at=iso(now) or "")


def _payload(case: _Case, decisions: Mapping[str, Decision], reply: BundleReply, catalogue: Catalogue,
             now: datetime) -> dict[str, Any]:
    submission = case.submission
    agency, due = catalogue.units[submission.unit].agency, iso(case.path.due)
    return {
        "request": {"actor_id": submission.actor.id, "key": submission.key,
                    "fingerprint": hexed(submission.fingerprint()), "reply": reply.to_json()},
        "bundle": {
            "code": reply.code, "version_id": case.joined.version_id, "intake_agency": agency,
            "intake_unit_id": submission.unit, "received_by": submission.actor.id, "channel": submission.channel,
            "return_way": submission.return_way, "subject": submission.subject, "submitted_at": iso(now),
            "first_due_at": due, "due_at": due,
            "due_provisional": declared.provisional(catalogue.calendar(agency), case.path.due)},
        "receipts": [receipt(decision, case.children[part][0], decision.loaded)
                     for part, decision in decisions.items()],
        "parts": [{"part": part, "dossier_id": decision.loaded.id, "expected_due_at": iso(case.path.parts[part]),
                   "released_at": None if case.held(part) else iso(now)} for part, decision in decisions.items()],
    }
