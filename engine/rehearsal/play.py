"""Plays a scenario on a procedure that may never have been published: no database, any time, the real rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from engine.casework.act import BESIDE
from engine.casework.evidence import RESULT
from engine.casework.offers import Offer, offers
from engine.casework.orders import Actor
from engine.casework.receive import Paper, Person, Submission
from engine.casework.telling import ACTS, act_name
from engine.catalogue import Catalogue, UnitInfo, takes
from engine.clocks.zone import ZONE
from engine.errors import Invalid, LienThongError, MissingDocument
from engine.rehearsal.acting import ATTACH, WAIT, Cast, decider, path_of
from engine.rehearsal.happened import Happened, Held, Result, failed
from engine.rehearsal.memory import Row
from engine.rehearsal.people import People
from engine.rehearsal.scenario import Expect, Scenario, Step, Told, later
from engine.rehearsal.stage import TRIAL, Stage, catalogue_for, unbound
from engine.states.names import ROLES
from engine.states.procedure import Command, Need, Procedure
from procedures.declaration import Declaration, Event, Role, Text
from storage.dossiers import Loaded

RECEIVE = "receive"
WAITING = Text(vi="Chờ", en="Wait")
# One who may look at everything and has done nothing himself.
ONLOOKER = Actor(id=2**31 - 1, name="")
MOST_HANDOFFS = 60
# Work of a step all the same, but not what one does first.
BACKWARDS = (Event.SEND_BACK, Event.PROPOSE_REJECTION, Event.REFUSE, Event.REQUEST_SUPPLEMENT, Event.REQUEST_PAYMENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Possible:
    """An act that might come next. `why` not None: the one whose it is would be refused now."""

    event: str
    state: str | None
    name: Text
    place: Text | None
    by: Text | None
    fields: tuple[str, ...]
    why: Text | None


def play(procedure: Declaration | Procedure, scenario: Scenario, catalogue: Catalogue) -> Result:
    """`catalogue` is the province's; its database is never asked."""
    return Play(procedure, scenario, catalogue).through()


class Play:
    """One performance; `through` plays all of it, afterwards `possible` says what might come next."""

    def __init__(self, procedure: Declaration | Procedure, scenario: Scenario, catalogue: Catalogue) -> None:
        self.procedure = procedure if isinstance(procedure, Procedure) else Procedure(procedure)
        self.scenario, self.now = scenario, scenario.received
        self.desk, on = desk_of(self.procedure, scenario, catalogue), scenario.received.astimezone(ZONE).date()
        self.stand_ins = unbound(catalogue, self.procedure, self.desk, on)
        self.catalogue = catalogue_for(catalogue, self.procedure, self.desk, on)
        self.calendar = self.catalogue.calendar(self.desk.agency)
        self.people = People(self.catalogue)
        self.stage = Stage(self.catalogue, self.people)
        self.cast = Cast(self.stage, self.people, self.desk)
        self.names = {state: info.name for state, info in self.procedure.states.items()}
        self._seen: dict[str, int] = {}

    def through(self) -> Result:
        told = [self.reception()]
        for step in self.scenario.steps:
            if self._stuck(told[-1]):
                break
            told.append(self.step(step))
        end = tuple(failed(replace_refusal(self.scenario.end, told[-1]), told[-1], self.names)
                    if self.scenario.end else ())
        return Result(name=self.scenario.name, steps=tuple(told), end=end,
                      left=len(self.scenario.steps) + 1 - len(told), stand_ins=tuple(self._parties()),
                      expects=self.scenario.expects)

    def _stuck(self, last: Happened) -> bool:
        """After a refusal nobody foresaw the rest would mean nothing; nor is there anything before the reception."""
        return not self.stage.memory.dossier or any(one.kind == "refused" for one in last.failed)

    # acts

    def reception(self) -> Happened:
        title, actor = ACTS[RECEIVE], self.people.at((self.desk.id, Role.RECEPTIONIST))
        try:
            self.stage.receive(self._submission(actor), TRIAL, self.now)
        except LienThongError as refusal:
            return self._shown(RECEIVE, title, actor, self.scenario.expect, refusal)
        self._settle()
        return self._shown(RECEIVE, title, actor, self.scenario.expect)

    def _submission(self, actor: Actor) -> Submission:
        scenario, forms = self.scenario, self.procedure.declaration.documents
        papers = scenario.papers
        if papers is None:
            facts = {**self.procedure.answered(scenario.facts), "channel": scenario.channel}
            papers = {name: forms[name].form for name in self.procedure.required_documents(facts)}
        return Submission(
            procedure=self.procedure.key, unit=self.desk.id, channel=scenario.channel, return_way=scenario.return_way,
            applicant=Person(name="Người nộp", address="–"), subject="Hồ sơ thử", actor=actor, key="-",
            facts=dict(scenario.facts),
            papers=tuple(Paper(component=name, form=form) for name, form in papers.items()), accept=scenario.accept)

    def step(self, step: Step) -> Happened:
        until = max(self.now, step.at or later(self.now, step.after, self.calendar))
        self.stage.ring(until, then=self._after_alarm)
        self.now = until
        if step.does == WAIT:
            return self._shown(WAIT, WAITING, None, step.expect)
        title = act_name(self.procedure, step.does, self._states())
        actor = None
        try:
            order = self.cast.order(step, self.now)
            actor = order.actor
            self._draft_result(step)
            if actor.id:
                order = replace(order, seen_version=self.stage.memory.dossier["version"])
            self.stage.transact(order, decider(step), self.now)
        except LienThongError as refusal:
            return self._shown(step.does, title, actor, step.expect, refusal)
        self._settle()
        return self._shown(step.does, title, actor, step.expect)

    def _draft_result(self, step: Step) -> None:
        """Whoever needs the draft of the result finds it there."""
        command = self.cast.command(step)
        there = any(row["component"] == RESULT and row["replaced_by"] is None
                    for row in self.stage.memory.rows["document"])
        if "result" in self.scenario.by_hand or there or command is None or Need.RESULT_DOCUMENT not in command.needs:
            return
        drafting = Step(does=ATTACH, state=step.state, told=Told(component=RESULT))
        # where nobody may write it any more, the act itself says what is missing
        with suppress(LienThongError):
            self.stage.transact(self.cast.order(drafting, self.now), decider(drafting), self.now)

    # what follows by itself

    def _after_alarm(self, rang: datetime) -> None:
        self.now = max(self.now, rang)
        self._settle()

    def _settle(self) -> None:
        """Messages arrive, hand-offs are registered, paper is carried: unless the scenario does that by hand."""
        for _ in range(MOST_HANDOFFS):
            self.stage.deliver(self.now)
            if not (self._register() or self._carry()):
                return

    def _register(self) -> bool:
        waiting = {row["id"] for row in self.stage.memory.rows["handoff"] if row["state"] == "delivered"}
        item = next((item for item in self.stage.memory.items() if item["handoff_id"] in waiting), None)
        if item is None or "register" in self.scenario.by_hand:
            return False
        self._do(Step(does="register", state=item["state"]))
        return True

    def _carry(self) -> bool:
        listed = self.stage.list_papers()
        if "paper" in self.scenario.by_hand or not listed:
            return False
        for row in self.stage.memory.rows["paper"]:
            if row["barcode"] in listed:
                for event in ("take_paper", "confirm_paper"):
                    self._do(Step(does=event, told=Told(paper=row["kind"])))
        return True

    def _do(self, step: Step) -> None:
        self.stage.act(self.cast.order(step, self.now), self.now)

    # what is seen

    def _states(self) -> list[str]:
        return [row["state"] for row in self.stage.memory.rows["active_state"]]

    def _shown(self, event: str, title: Text, actor: Actor | None, expect: Expect | None,
               refusal: LienThongError | None = None) -> Happened:
        dossier = self.stage.memory.dossier
        loaded = self.stage.memory.load((), blind=True)
        fresh = self._fresh()
        shown = Happened(
            event=event, title=title, by=self._title(actor), at=self.now, states=tuple(self._ordered()),
            places=self._places(), status=dossier["status"] if dossier else 1, due=loaded.due_at if loaded else None,
            provisional=bool(loaded and loaded.due_provisional), outcome=loaded.outcome if loaded else None,
            closed=bool(loaded and loaded.closed_at), held=tuple(self._held(loaded)),
            notices=tuple(sorted({row["kind"] for row in fresh["notice"]})),
            rang=tuple(ACTS[row["action"]] for row in fresh["audit"] if row["action"] in ACTS
                       and row["action"].startswith("alarm:")),
            sent_to=tuple(path_of(self.catalogue.units[row["to_unit_id"]]) for row in fresh["handoff"]),
            sent=tuple(self._unit(row["to_unit_id"]) for row in fresh["handoff"]),
            code=refusal.code if refusal else None,
            why=Text(vi=refusal.message(), en=refusal.message("en")) if refusal else None)
        return replace(shown, failed=tuple(failed(expect, shown, self.names)))

    def _fresh(self) -> dict[str, list[Row]]:
        """What was written since the last look."""
        found = {}
        for table in ("notice", "audit", "handoff"):
            rows = self.stage.memory.rows[table]
            found[table] = rows[self._seen.get(table, 0):]
            self._seen[table] = len(rows)
        return found

    def _ordered(self) -> list[str]:
        order = list(self.procedure.states)
        return sorted(self._states(), key=order.index)

    def _places(self) -> tuple[Text, ...]:
        """Where people would say it is: finished branches of a consultation are left out while others work."""
        infos = [self.procedure.states[state] for state in self._ordered()]
        at = [info for info in infos if info.party is not None]
        return tuple(info.name for info in at or [one for one in infos if one.branch_of is None] or infos)

    def _held(self, loaded: Loaded | None) -> Iterator[Held]:
        if loaded is None:
            return
        taken = {row["id"] for row in loaded.handoffs if row["state"] == "registered"}
        for item in [*loaded.items, *loaded.consulted]:
            yield Held(state=item["state"], name=self.names.get(item["state"], ACTS["consult_further"]),
                       unit=self._unit(item["unit_id"]), path=path_of(self.catalogue.units[item["unit_id"]]),
                       role=ROLES[item["role"]],
                       due=datetime.fromisoformat(item["due_at"]) if item["due_at"] else None,
                       registered=item["handoff_id"] is None or item["handoff_id"] in taken)

    def _unit(self, unit_id: int) -> Text:
        unit = self.catalogue.units[unit_id]
        return Text(vi=unit.full_vi, en=unit.full_en)

    def _title(self, actor: Actor | None) -> Text | None:
        if actor is None or not actor.id:
            return None
        return self.people.title(self.people[actor.id][-1])

    def _parties(self) -> Iterator[Text]:
        for party in self.stand_ins:
            yield self.procedure.declaration.parties.get(party) or Text(vi=party, en=party)

    # what might come next

    def possible(self) -> list[Possible]:
        """Acts that the dossier's place allows, by whomever; the work of the steps first."""
        loaded = self.stage.memory.load(self.cast.posts(self.now), blind=True)
        if loaded is None:
            return []
        found = sorted(offers(loaded, ONLOOKER, self.catalogue, self.now),
                       key=lambda one: (not one.closes, self._why(one) is not None, one.event in BACKWARDS))
        shown = [Possible(event=one.event, state=one.state, name=one.name, place=self.names.get(one.state or ""),
                          by=self._by(one.event, one.state), fields=one.fields, why=self._why(one)) for one in found]
        return list({(one.event, one.state): one for one in shown}.values())

    def _why(self, offer: Offer) -> Text | None:
        """What stands in the way, apart from the draft of the result, which will be there."""
        drafted = Need.RESULT_DOCUMENT in offer.needs and "result" not in self.scenario.by_hand
        if offer.permitted or (drafted and offer.code == MissingDocument.code):
            return None
        return Text(vi=offer.why_vi, en=offer.why_en)

    def _by(self, event: str, state: str | None) -> Text | None:
        command: Command | None = self.cast.command(Step(does=event, state=state))
        if command is None and event not in BESIDE:
            return None
        return self._title(self.cast.order(Step(does=event, state=state), self.now).actor)


def replace_refusal(end: Expect | None, last: Happened) -> Expect | None:
    """The end is about where things stand; whether the last act was refused is that step's own matter."""
    return end.model_copy(update={"refused": last.code}) if end else None


def desk_of(procedure: Procedure, scenario: Scenario, catalogue: Catalogue) -> UnitInfo:
    """The scenario's desk, else the first that takes this procedure in. Raises Invalid where there is none."""
    desks = [unit for unit in catalogue.units.values() if takes(unit, procedure.declaration.received_at)
             and (unit.id, Role.RECEPTIONIST) in catalogue.staffed]
    if scenario.desk is not None:
        desks = [unit for unit in catalogue.units.values() if path_of(unit) == scenario.desk]
    if not desks:
        raise Invalid({"desk": ("không có quầy nào tiếp nhận thủ tục này", "no desk takes in this procedure")})
    return desks[0]

