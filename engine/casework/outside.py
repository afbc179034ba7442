"""What people of an agency without our system say, or of one at another installation: registered, refused, answered.

It comes as a signed message, by a mailed link or on a slip of paper, and is applied by the machine in their name; it
closes a hand-off as people here do. `proof` says how we know, and stands in the record beside the act.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from engine.casework import clocks, consulting, elsewhere, evidence, handoffs, parts, scans, sending, steps
from engine.casework.decision import Decision, Row
from engine.casework.evidence import OTHER, RESULT
from engine.casework.orders import Actor, Order, Particulars, check_words, text_faults
from engine.casework.questions import asking, by_version, written
from engine.casework.scans import Scan
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.evaluation import evaluate
from engine.clocks.marks import Clock
from engine.errors import Invalid, NotPossibleHere, NotRegistered, WrongRole
from engine.office import Office
from engine.states.procedure import Command, Need
from procedures.declaration import Text
from storage.dossiers import Loaded
from storage.views.questions import given

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]

LONGEST_NAME = 200
# What somebody can say who does not sit at our pages: yes or no, with words, a reason or a document.
TELLABLE = frozenset({Need.REASON, Need.OPINION, Need.RESULT_DOCUMENT, Need.FOUR_EYES, Need.PAPER, Need.ASSET})


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """Who spoke and how we know: {"peer", "message", "envelope"}, {"link"} or {"slip", "entered_by"}.

    `where`: the unit and agency, or the position, as it shall stand in the record.
    """

    name: str
    where: str
    proof: Row


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """An answer: one of the events of the task; what its flags ask for is given."""

    event: str
    verdict: str = ""
    words: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One way to answer. `verdict`: with an opinion (evidence.VERDICTS) and words; `reason`: with a reason."""

    event: str
    name: Text
    verdict: bool
    reason: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What a hand-off asks of the unit it is addressed to. `paper`: the original comes, too."""

    step: Text
    words: str
    due_at: datetime | None
    answers: tuple[Answer, ...]
    paper: bool


def order(code: str, event: str, voice: Voice) -> Order:
    """For engine.casework.act.transact with one of the deciders below: the machine acts in that person's name."""
    faults = text_faults({"name": voice.name, "where": voice.where}, LONGEST_NAME)
    if not voice.name.strip():
        faults["name"] = ("ghi họ tên người thực hiện", "give the name of the person")
    if faults:
        raise Invalid(faults)
    where = f" ({voice.where.strip()})" if voice.where.strip() else ""
    return Order(code=code, event=event, actor=Actor(id=0, name=f"{voice.name.strip()}{where}"))


def task(loaded: Loaded, catalogue: Catalogue, handoff_id: UUID | str, now: datetime, words: str = "") -> Task:
    """`words`: from `words_of`, which looks them up. Raises NotPossibleHere once the hand-off is closed."""
    asked = Order(code=loaded.code, event="register", actor=Actor(id=0, name=""),
                  particulars=Particulars(handoff=UUID(str(handoff_id))))
    decision, handoff, item = handoffs.begin(loaded, asked, catalogue, now)
    if item["duty"] == "consult":
        step, paper = ACTS["consult_further"], False
        answers: tuple[Answer, ...] = (Answer(event="answer_consultation", name=ACTS["answer_consultation"],
                                              verdict=True, reason=False),)
    else:
        info = decision.procedure.states[item["state"]]
        step = info.name
        answers = tuple(Answer(event=one.event, name=one.name, verdict=Need.OPINION in one.needs,
                               reason=Need.REASON in one.needs) for one in _answers(decision, item))
        paper = info.paper_needed or any(row["bound_for_unit_id"] == item["unit_id"] for row in loaded.papers)
    return Task(step=step, words=words, due_at=answer_due(decision, handoff, item), answers=answers, paper=paper)


def words_of(office: Office, loaded: Loaded, handoff_id: UUID | str) -> str:
    """What was written with the act that sent the hand-off; empty if nothing was."""
    found = given(office.db, loaded.id, str(handoff_id))
    return written(asking(by_version(found.timeline), found.state, found.opened_version)) if found else ""


def _answers(decision: Decision, item: Row) -> Iterator[Command]:
    """The ways to complete the step that its own unit has."""
    own = decision.procedure.states[item["state"]]
    for command in decision.procedure.commands(decision.loaded.states):
        theirs = any(party == own.party for party, _ in command.actors)
        if (command.state == item["state"] and command.closes and theirs and command.needs <= TELLABLE
                and command.event not in steps.ENDINGS):
            yield command


def answer_due(decision: Decision, handoff: Row, item: Row) -> datetime | None:
    """Before registration: what it will be at the latest, if they register in time."""
    if item["duty"] == "consult" or handoff["state"] not in sending.WAITING:
        return datetime.fromisoformat(item["due_at"]) if item["due_at"] else None
    running = clocks.of_item(decision, item["no"], "step")
    if running is not None:
        return datetime.fromisoformat(running["due_at"]) if running["due_at"] else None
    limit = decision.procedure.states[item["state"]].limit
    if limit is None:
        return decision.loaded.due_at
    begins = datetime.fromisoformat(handoff["register_due_at"])
    calendar = decision.catalogue.calendar(decision.catalogue.units[item["unit_id"]].agency)
    return evaluate(Clock.started(*clocks.practice(limit), begins, item["state"]), calendar).due


def is_out(loaded: Loaded, handoff: str) -> bool:
    """Whether they have it: nobody here took it back, and it has not come back."""
    state = next((row["state"] for row in loaded.handoffs if row["id"] == handoff), None)
    return state in elsewhere.OUT and any(row["handoff_id"] == handoff and row["duty"] != "resolve"
                                          for row in [*loaded.items, *loaded.consulted])


def register(voice: Voice, handoff: UUID | str, their_code: str | None = None) -> Decide:
    """The formal receipt. `their_code`: of the dossier they keep for it."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row, item, unit = _begin(loaded, order, catalogue, now, Particulars(handoff=UUID(str(handoff))))
        if row["state"] not in sending.WAITING:
            raise handoffs.settled(decision, row)
        told: Row = {"proof": voice.proof}
        if their_code:
            told["their_code"] = their_code
            decision.add("handoff_note", {"id": row["id"], "their_code": their_code, "recall_asked_at": None})
        handoffs.take(decision, row, item, unit, told)
        return decision

    return decide


def refuse(voice: Voice, handoff: UUID | str, reason: str) -> Decide:
    """Not taken in; the sender decides again."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        said = Particulars(handoff=UUID(str(handoff)), reason=reason)
        decision, row, item, unit = _begin(loaded, order, catalogue, now, said)
        if row["state"] not in sending.WAITING:
            raise handoffs.settled(decision, row)
        check_words(said, reason=True)
        handoffs.hand_back(decision, row, item, "refused", unit, {"proof": voice.proof})
        return decision

    return decide


def answer(voice: Voice, handoff: UUID | str, said: Said) -> Decide:
    """The work is done: the step moves as if its people sat here, a question beside the procedure is answered.

    Raises NotRegistered, NotPossibleHere (answered before, withdrawn, no such answer), Invalid, or what the law misses.
    """

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        told = Particulars(handoff=UUID(str(handoff)), verdict=said.verdict, words=said.words, reason=said.reason)
        decision, row, item, unit = _begin(loaded, replace(order, event=said.event), catalogue, now, told)
        if row["state"] in sending.WAITING:
            raise NotRegistered(handoff=row["id"])
        if row["state"] != "registered":
            raise handoffs.settled(decision, row)
        decision.role = item["role"]
        if item["duty"] == "consult":
            _answer_beside(decision, item, unit, voice)
        else:
            _perform(decision, item, unit, voice)
        return decision

    return decide


def _perform(decision: Decision, item: Row, unit: UnitInfo, voice: Voice) -> None:
    said, loaded = decision.order.particulars, decision.loaded
    command = next((one for one in _answers(decision, item) if one.event == decision.order.event), None)
    if command is None:
        info = decision.procedure.states[item["state"]]
        names = [one.name for one in _answers(decision, item)]
        raise NotPossibleHere(event=decision.order.event, event_en=decision.order.event, where_vi=info.name.vi,
                              where_en=info.name.en, possible=", ".join(name.vi for name in names),
                              possible_en=", ".join(name.en for name in names))
    consulting.refuse_unanswered(decision, command)
    parts.refuse_alone(decision, command)
    evidence.check(decision, command, unit)
    facts = {**loaded.facts, "channel": loaded.channel}
    outcome = decision.procedure.step(loaded.states, loaded.history, command, facts, verdict=said.verdict)
    steps.follow(decision, command, outcome, unit, {"proof": voice.proof})


def _answer_beside(decision: Decision, item: Row, unit: UnitInfo, voice: Voice) -> None:
    asked = next((row for row in decision.loaded.consultations
                  if row["item_no"] == item["no"] and consulting.is_open(row)), None)
    if asked is None or decision.order.event != "answer_consultation":
        raise handoffs.settled(decision, None)
    faults = text_faults(decision.order.particulars.spoken())
    evidence.CHECKS[Need.OPINION](decision, unit, faults)
    if faults:
        raise Invalid(faults)
    decision.raise_version()
    consulting.keep_answer(decision, asked, unit, decision.order.particulars.verdict, {"proof": voice.proof})


def recalled(voice: Voice, handoff: UUID | str) -> Decide:
    """They gave it back before anybody registered it. Order event: "recalled"."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row, item, unit = _begin(loaded, order, catalogue, now, Particulars(handoff=UUID(str(handoff))))
        if row["state"] not in sending.WAITING:
            raise handoffs.settled(decision, row)
        handoffs.hand_back(decision, row, item, "recalled", unit, {"proof": voice.proof})
        return decision

    return decide


def kept(voice: Voice, handoff: UUID | str) -> Decide:
    """The recall came too late: they go on with it, and who asked is told. Order event: "recall_kept"."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row, _, unit = _begin(loaded, order, catalogue, now, Particulars(handoff=UUID(str(handoff))))
        decision.raise_version()
        decision.add("handoff_note", {"id": row["id"], "recall_asked_at": None})
        decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "recall_kept",
                                "about": row["recall_asked_at"] or row["created_at"], "unit_id": row["from_unit_id"],
                                "at": decision.stamp})
        decision.audit("recall_kept", unit=unit, details={"handoff": row["id"], "version": decision.version,
                                                          "proof": voice.proof})
        return decision

    return decide


def attach(voice: Voice, handoff: UUID | str, component: str, name: str, scan: Scan) -> Decide:
    """A document that comes with their answer, while they have the work; what is no draft of theirs is `other`."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row, item, unit = _begin(loaded, order, catalogue, now, Particulars(handoff=UUID(str(handoff))))
        if row["state"] != "registered":
            raise NotRegistered(handoff=row["id"])
        kind = component_here(decision, item, component)
        scans.check_scan(decision, kind, None)
        scans.keep(decision, unit, kind, name, scan, told={"proof": voice.proof})
        return decision

    return decide


def component_here(decision: Decision, item: Row, component: str) -> str:
    """A consulted agency gives its opinion; the result is not its to write."""
    info = decision.procedure.states.get(item["state"])
    if component == RESULT:
        return RESULT if info is not None and item["duty"] == "step" and scans.drafts(info) else OTHER
    return component if component in decision.procedure.declaration.documents else OTHER


def fill(document: UUID | str, scan: Scan, proof: Row) -> Decide:
    """The bytes of a document that a message promised have come and are what it said. Order event: "attach"."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        row = next((row for row in loaded.documents if row["id"] == str(document)), None)
        if row is None or row["state"] != "promised":
            raise NotPossibleHere(event=ACTS["attach"].vi, event_en=ACTS["attach"].en, where_vi="tài liệu đã có",
                                  where_en="the document is there already", possible="-", possible_en="-")
        decision.raise_version()
        decision.add("document", {**row, "state": scan.state, "reason": None, "media_type": scan.media_type,
                                  "size": scan.size, "pages": scan.pages, "sha256": scan.sha256,
                                  "added_at": decision.stamp})
        if scan.quality:
            decision.add("quality", {"id": row["id"], "quality": scan.quality, "reused_from": None})
        for old in scans.replaced(decision, row["component"], row["id"]):
            decision.add("document", {**old, "replaced_by": row["id"]})
        decision.audit("attach", unit=None, before=loaded.states, after=loaded.states, details={
            "document": row["id"], "component": row["component"], "sha256": scan.sha256, "size": scan.size,
            "version": decision.version, "proof": proof})
        return decision

    return decide


def _begin(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime,
           said: Particulars) -> tuple[Decision, Row, Row, UnitInfo]:
    """Only for hand-offs whose receivers do not work here, or did not when it went: others speak for themselves."""
    decision, row, item = handoffs.begin(loaded, replace(order, particulars=said), catalogue, now)
    unit = catalogue.units[row["to_unit_id"]]
    if not (unit.outside or elsewhere.at_peer(row)) or item["duty"] == "resolve":
        raise WrongRole(event="trả lời thay", event_en="answer for them", who_vi=unit.full_vi, who_en=unit.full_en)
    decision.heard.add(row["id"])
    return decision, row, item, unit
