"""One dossier as a person may see it: where it is, what may be done, what was done, by when it is due."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from engine.audit import Fault, verify_chain
from engine.casework import letters
from engine.casework.decision import Decision
from engine.casework.offers import Offer, offers
from engine.casework.orders import Actor, Order
from engine.casework.telling import STATUSES, masked
from engine.catalogue import Catalogue
from engine.desk import beside, holdings, mailed, story
from engine.desk import mirrored as elsewhere
from engine.desk.apologies import ApologyRow, Standing, apologies
from engine.desk.asked import QuestionRow, questions
from engine.desk.beside import ConsultationRow, FeedbackRow, ObligationRow
from engine.desk.clocks import ClockView, numbers, own
from engine.desk.ended import Ended, ended
from engine.desk.holdings import DocumentRow, HandoffView, OpinionRow, PaperRow, PaymentRow
from engine.desk.letters import LetterRow, letters_of
from engine.desk.places import Lateness, UnitRef, day_of, lateness, places_shown, state_name, unit_ref
from engine.desk.slots import Slot, replaceable, slots
from engine.desk.story import Entry
from engine.desk.way import Stretch, way
from engine.desk.work import end_of_next_working_day
from engine.errors import NotFound
from engine.office import Office
from engine.states.procedure import Procedure
from procedures.declaration import Fact, FactType, Text
from storage import dossiers
from storage.dossiers import Loaded
from storage.views import clocks
from storage.views import dossier as views
from storage.views.dossier import Details, Link

SUPPLEMENT_REQUESTED = 5
YES, NO = Text(vi="Có", en="Yes"), Text(vi="Không", en="No")


@dataclass(frozen=True, kw_only=True, slots=True)
class Applicant:
    """`id_number` shows its last three digits only."""

    name: str
    id_number: str
    phone: str
    email: str
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An active state. `unit` has its work item; `handoff_state` is set while that unit has not registered it,
    `handoff` is which of the hand-offs, `handoff_standing` how it is shown; `claimant` is who of the unit is at it.

    `duty` "resolve": the hand-off came back to the sender. Final states have no unit.
    """

    state: str
    name: Text
    phase: str | None
    unit: UnitRef | None
    role: str | None
    duty: str | None
    since: datetime | None
    due_at: datetime | None
    lateness: Lateness
    handoff_state: str | None
    handoff_standing: str | None
    handoff: UUID | None = None
    claimant: str | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FactRow:
    key: str
    label: Text
    value: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """A fee due at intake, in đồng; `full` before the exemption named by `exempted_by`."""

    name: Text
    amount: int
    full: int
    exempted_by: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    code: str
    version: int
    procedure: str
    procedure_name: Text
    version_id: int
    applicant: Applicant
    subject: str
    facts: list[FactRow]
    fees: list[Charge]
    channel: str
    return_way: str
    desk: UnitRef
    submitted_at: datetime
    received_at: datetime | None
    first_due_at: datetime | None
    due_at: datetime | None
    provisional: bool
    lateness: Lateness
    finished_at: datetime | None
    closed_at: datetime | None
    status: int
    status_name: Text
    outcome: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class PartRef:
    """A dossier of the same bundle, by what it is called and how it stands."""

    code: str
    name: Text
    status_name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleRef:
    """The bundle this dossier is a part of; `others` are its other parts."""

    code: str
    others: list[PartRef]


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierView:
    """`offers`: what the person may do comes first. `questions`: what his units were asked and have not answered.

    `clock` is None without a statutory limit or before acceptance.
    `clock_nos`: the clock behind each due date that is shown: `dossier`, a state, a hand-off, `obligation__1`.
    """

    header: Header
    where: list[Place]
    way: list[Stretch]
    offers: list[Offer]
    documents: list[DocumentRow]
    slots: list[Slot]
    missing: list[Text]
    papers: list[PaperRow]
    handoffs: list[HandoffView]
    payments: list[PaymentRow]
    opinions: list[OpinionRow]
    consultations: list[ConsultationRow]
    obligations: list[ObligationRow]
    feedback: list[FeedbackRow]
    clock: ClockView | None
    timeline: list[Entry]
    bundle: BundleRef | None = None
    apologies: list[ApologyRow] = field(default_factory=list)
    letters: list[LetterRow] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    clock_nos: dict[str, int] = field(default_factory=dict)
    mirrored: elsewhere.Mirrored | None = None
    ended: Ended | None = None
    # the scans in whose place this person may put better ones
    replaceable: list[UUID] = field(default_factory=list)
    postings: list[mailed.PostingRow] = field(default_factory=list)
    payouts: list[mailed.PayoutLine] = field(default_factory=list)
    questions: list[QuestionRow] = field(default_factory=list)

    @property
    def awaited(self) -> Text | None:
        """The papers the applicant was asked for and has not handed in."""
        if self.header.status != SUPPLEMENT_REQUESTED:
            return None
        return next((entry.about for entry in reversed(self.timeline) if entry.action == "request_supplement"), None)

    @property
    def drafted(self) -> ApologyRow | None:
        """The apology that waits to be issued."""
        return next((row for row in self.apologies if row.standing is Standing.DRAFT), None)


def dossier(office: Office, code: str, actor: Actor, now: datetime) -> DossierView:
    """Raises NotFound for strangers. The version shown is never newer than what is shown with it."""
    today = day_of(now)
    loaded = dossiers.load(office.db, code=code, person=actor.id, key=None, today=today, blind=False,
                            colleagues=True)
    details = views.details(office.db, code, actor.id, today) if loaded else None
    if loaded is None or details is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    catalogue = office.catalogue(loaded.revision)
    procedure = catalogue.procedures[loaded.version_id]
    published = clocks.versions(office.db, numbered) if (numbered := story.calendars_named(details.timeline)) else {}
    told = story.timeline(catalogue, procedure, details.timeline,
                          {number: version.reason for number, version in published.items()})
    spoken = {entry.seq: entry.words for entry in told}
    soon = end_of_next_working_day(now, catalogue.calendar(loaded.intake_agency))
    names, spoke = elsewhere.peers(office.db, catalogue, loaded, details.handoffs), elsewhere.spoke(details.timeline)
    came = elsewhere.came_from(catalogue, details.timeline, details.documents)
    came |= elsewhere.linked_from(office.db, catalogue, loaded, details.documents, came)
    opinions = holdings.opinions(catalogue, story.in_force(catalogue, procedure, details.timeline), details.opinions,
                                 details.people, spoken, spoke, elsewhere.enclosed(details.timeline))
    header, over = _header(loaded, details, catalogue, procedure, now), ended(loaded, told)
    looked = Decision(loaded, Order(code=code, event="", actor=actor), catalogue, procedure, now)
    return DossierView(
        header=replace(header, status_name=over.how) if over else header, ended=over,
        where=_where(loaded, details, catalogue, procedure, now),
        way=way(_as_now(loaded, procedure, details), catalogue, procedure, now,
                {story.called_now(procedure, details.timeline, row.state): row for row in opinions}),
        offers=offers(loaded, actor, catalogue, now),
        documents=holdings.documents(procedure, details.documents, details.people, came),
        slots=slots(looked), replaceable=replaceable(looked),
        missing=_missing(loaded, procedure),
        papers=holdings.papers(catalogue, loaded.papers, details.people, holdings.Travelled(
            runs=details.runs, custody=details.custody, transfers=loaded.transfers)),
        handoffs=holdings.handoffs(catalogue, details.handoffs, details.people, names, spoke, details.timeline),
        payments=holdings.payments(loaded.payments),
        opinions=opinions,
        consultations=beside.consultations(catalogue, loaded, details.people, spoken, spoke, now, soon),
        questions=questions(catalogue, procedure, loaded, details.timeline, (now, soon)),
        obligations=beside.obligations(loaded.obligations, now, soon),
        postings=mailed.postings(loaded.post), payouts=mailed.payouts(loaded.post),
        feedback=beside.feedback(loaded.feedback, details.people, spoken, now, soon),
        clock=own(catalogue, loaded.intake_agency, details.clocks, now),
        timeline=told, bundle=_bundle(loaded, catalogue),
        clock_nos=numbers(details.clocks, [*loaded.items, *loaded.consulted], loaded.obligations),
        mirrored=elsewhere.mirrored(catalogue, loaded, names),
        letters=letters_of(loaded.letters), drafts=sorted(letters.kinds(looked)),
        apologies=apologies(looked, details.apologies, details.people,
                            {entry.seq: entry.words.get("reason", "") for entry in told}))


def _bundle(loaded: Loaded, catalogue: Catalogue) -> BundleRef | None:
    if loaded.bundle is None:
        return None
    return BundleRef(code=loaded.bundle["code"], others=[
        PartRef(code=row["code"], name=catalogue.procedures[row["version_id"]].declaration.name,
                status_name=STATUSES[row["status"]])
        for row in loaded.bundle["parts"] if row["dossier_id"] != loaded.id])


def _as_now(loaded: Loaded, procedure: Procedure, details: Details) -> Loaded:
    """What was done, called as it is called now: under another version, or at another installation, by nobody here."""
    elsewhere_done = [(state, 0, "", None) for state in story.left_elsewhere(details.timeline)]
    done = [(story.called_now(procedure, details.timeline, state), person, role, stood_in_for)
            for state, person, role, stood_in_for in [*loaded.done, *elsewhere_done]]
    return replace(loaded, done=done)


def _header(loaded: Loaded, details: Details, catalogue: Catalogue, procedure: Procedure, now: datetime) -> Header:
    # once the result is ready, the promise is judged by when that was
    judged = loaded.finished_at or loaded.closed_at or now
    late = lateness(loaded.due_at, judged, end_of_next_working_day(judged, catalogue.calendar(loaded.intake_agency)))
    return Header(
        code=loaded.code, version=loaded.version, procedure=procedure.key, procedure_name=procedure.declaration.name,
        version_id=loaded.version_id,
        applicant=Applicant(name=details.applicant, id_number=masked(details.id_number), phone=details.phone,
                            email=details.email, address=details.address),
        subject=details.subject, facts=answers_given(loaded, procedure), channel=loaded.channel,
        return_way=loaded.return_way,
        fees=_fees(loaded, story.at_intake(catalogue, procedure, details.timeline)),
        desk=unit_ref(catalogue, loaded.intake_unit_id), submitted_at=details.submitted_at,
        received_at=loaded.received_at, first_due_at=loaded.first_due_at, due_at=loaded.due_at,
        provisional=loaded.due_provisional,
        lateness=Lateness.ON_TIME if late is Lateness.SOON and judged is not now else late,
        finished_at=loaded.finished_at, closed_at=loaded.closed_at, status=loaded.status,
        status_name=STATUSES[loaded.status], outcome=loaded.outcome)


def answers_given(loaded: Loaded, procedure: Procedure) -> list[FactRow]:
    """What was answered at intake, in the order of the procedure."""
    return [FactRow(key=name, label=fact.label, value=_answer(fact, loaded.facts[name]))
            for name, fact in procedure.declaration.facts.items() if name in loaded.facts]


def _fees(loaded: Loaded, procedure: Procedure) -> list[Charge]:
    return [Charge(name=due.name, amount=due.amount, full=due.full,
                   exempted_by=due.exempted_by.name if due.exempted_by else None)
            for due in procedure.fees({**loaded.facts, "channel": loaded.channel})]


def _answer(fact: Fact, value: object) -> Text:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, str) and fact.choices and value in fact.choices:
        return fact.choices[value]
    if isinstance(value, str) and fact.type is FactType.DATE:
        value = date.fromisoformat(value).strftime("%d/%m/%Y")
    return Text(vi=str(value), en=str(value))


def _where(loaded: Loaded, details: Details, catalogue: Catalogue, procedure: Procedure, now: datetime) -> list[Place]:
    items = {item["state"]: item for item in loaded.items}
    waiting = {row["id"]: row for row in details.handoffs if row["state"] != "registered"}
    soon, found = end_of_next_working_day(now, catalogue.calendar(loaded.intake_agency)), []
    for state in places_shown(procedure, loaded.states):
        info, item = procedure.states[state], items.get(state)
        due = holdings.instant(item["due_at"]) if item else None
        handoff = waiting.get(item["handoff_id"]) if item else None
        found.append(Place(
            state=state, name=state_name(procedure, state), phase=info.phase,
            unit=unit_ref(catalogue, item["unit_id"]) if item else None, role=item["role"] if item else None,
            duty=item["duty"] if item else None, since=holdings.instant((details.entered or {}).get(state)), due_at=due,
            lateness=lateness(due, now, soon), handoff_state=handoff["state"] if handoff else None,
            handoff_standing=holdings.standing_of(catalogue, handoff) if handoff else None,
            handoff=UUID(handoff["id"]) if handoff else None,
            **_claim(loaded, item)))
    return found


def _claim(loaded: Loaded, item: dict[str, Any] | None) -> dict[str, Any]:
    name = (loaded.claimants or {}).get(str(item["no"])) if item else None
    return {"claimant": name, "claimed_at": holdings.instant(item["claimed_at"])} if item and name else {}


def _missing(loaded: Loaded, procedure: Procedure) -> list[Text]:
    """Required papers that were not handed in."""
    taken = {row["component"] for row in loaded.documents}
    wanted = procedure.required_documents({**loaded.facts, "channel": loaded.channel})
    return [document.name for component, document in wanted.items() if component not in taken]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """The audit as it is stored; `fault` names the first entry that does not hold."""

    code: str
    links: list[Link]
    fault: Fault | None


def audit_of(office: Office, code: str, actor: Actor, now: datetime) -> Chain:
    links = views.chain(office.db, code, actor.id, day_of(now))
    if not links:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    fault = verify_chain(code, map(asdict, links), links[-1].audit_head, links[-1].audit_seq)
    return Chain(code=code, links=links, fault=fault)
