"""A scenario from the record of a real dossier: the way it went, without anybody's name or words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal

from engine.access import must_write
from engine.casework import consulting, feedback, obligations
from engine.casework.act import BESIDE
from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import NotFound, Refused
from engine.office import Office
from engine.rehearsal.acting import ATTACH, ON_HANDOFF, ON_PAPER, path_of
from engine.rehearsal.scenario import MOST_STEPS, Expect, Scenario, Step, Told, Who
from engine.states.procedure import Command, Procedure
from procedures.declaration import FactType, Role
from storage import scenarios
from storage.scenarios import Recorded, Writing

Row = dict[str, Any]
NEUTRAL_FACT = "Nội dung thử"


def record(office: Office, code: str, actor: Actor, now: datetime) -> Scenario:
    """For administrators; that somebody looked is logged. Refused for a confidential dossier or a part of a bundle."""
    must_write(office, actor, now)
    found = scenarios.recorded(office.db, code)
    if found is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    procedure = office.catalogue().procedures[found.dossier["version_id"]]
    if confidential(found, procedure):
        raise Refused(reason_vi="Hồ sơ này thuộc diện hạn chế nên không ghi thành kịch bản diễn tập.",
                      reason_en="This dossier is confidential and is not recorded as a scenario.")
    scenario = recorded(found, procedure, office.catalogue())
    scenarios.note(office.db, "dossier_recorded", Writing(by=actor.id, at=now), {"code": code})
    return scenario


def confidential(found: Recorded, procedure: Procedure) -> bool:
    return procedure.confidential({**found.dossier["facts"], "channel": found.dossier["channel"]})


def recorded(found: Recorded, procedure: Procedure, catalogue: Catalogue, *, holders: bool = False) -> Scenario:
    """Moments are whole seconds after the one before; `holders`: which unit got each step is expected, too.

    Refused where the record does not follow this procedure: the dossier came from another version.
    """
    try:
        return Recording(found, procedure, catalogue, holders).scenario()
    except LookupError:
        raise Refused(reason_vi="Hồ sơ này đã chuyển từ phiên bản khác của thủ tục nên không ghi thành kịch bản được.",
                      reason_en="This dossier came from another version of the procedure and cannot be recorded."
                      ) from None


class Recording:
    """One record being turned into a scenario."""

    def __init__(self, found: Recorded, procedure: Procedure, catalogue: Catalogue, holders: bool) -> None:
        self.found, self.procedure, self.catalogue, self.holders = found, procedure, catalogue, holders
        self.begun: datetime = found.dossier["submitted_at"].replace(microsecond=0)
        self.states: list[str] = []
        self.due: str = "none"
        items = {item["no"]: item for item in found.items}
        self.clock_state = {clock["no"]: items[clock["item_no"]]["state"] for clock in found.clocks
                            if clock["kind"] == "step" and clock["item_no"] in items}
        self.busy = self._busy()

    def scenario(self) -> Scenario:
        dossier, (first, rest) = self.found.dossier, self._reception()
        forms = {row["component"]: row["form"] for row in self.found.papers}
        start = self._expected(first)
        steps, since = [], self.begun
        for entry in rest:
            expect, step = self._expected([entry]), self._step(entry, since)
            if step is not None:
                steps.append(step.model_copy(update={"expect": expect}))
                since = entry["at"].replace(microsecond=0)
        end = Expect(status=dossier["status"], outcome=dossier["outcome"] or "none",
                     closed=dossier["closed_at"] is not None)
        return Scenario(
            name=f"Ghi từ hồ sơ {dossier['code']}", desk=dossier["desk"], channel=dossier["channel"],
            return_way=dossier["return_way"], received=self.begun, facts=self._facts(), papers=forms,
            accept=len(first) > 1, by_hand=("register", "paper", "result"), expect=start,
            steps=tuple(steps[:MOST_STEPS]), end=end if len(steps) <= MOST_STEPS else None)

    def _reception(self) -> tuple[list[Row], list[Row]]:
        """The entries of the reception itself, and the rest."""
        entries = self.found.audit
        at_once = len(entries) > 1 and entries[1]["action"] == "accept" and entries[1]["at"] == entries[0]["at"]
        return entries[:1 + at_once], entries[1 + at_once:]

    def _facts(self) -> dict[str, Any]:
        declared, facts = self.procedure.declaration.facts, self.found.dossier["facts"]
        return {name: NEUTRAL_FACT if declared[name].type is FactType.TEXT else value
                for name, value in facts.items() if name in declared and value is not None}

    # acts

    def _step(self, entry: Row, since: datetime) -> Step | None:
        """None for what the machine does by itself, and for refusals: they moved nothing."""
        event, details = entry["action"], entry["details"]
        after = f"{max(0, int((entry['at'].replace(microsecond=0) - since).total_seconds()))} seconds"
        if "effect" in details:
            return None  # it happens again when the limit is over
        command = self._command(entry)
        if command is not None:
            return Step(does=event, state=command.state, who=self._who(entry, command), after=after,
                        told=Told(verdict=details.get("verdict"), amount=details.get("amount"),
                                  documents=details.get("documents")))
        if event != ATTACH and event not in BESIDE:
            return None
        return Step(does=event, state=self._place(entry), after=after, told=self._told(entry))

    def _command(self, entry: Row) -> Command | None:
        """The command of the entry; where several branches have its event, that of the work it closed."""
        if not entry["to_states"] or not entry["from_states"]:
            return None
        found = [one for one in self.procedure.commands(entry["from_states"]) if one.event == entry["action"]]
        left = {item["state"] for item in self._closed(entry)} | (set(entry["from_states"]) - set(entry["to_states"]))
        return next((one for one in found if one.state in left), found[0] if found else None)

    def _closed(self, entry: Row) -> list[Row]:
        return [item for item in self.found.items
                if item["closed_at"] == entry["at"] and item["close_event"] == entry["action"]]

    def _who(self, entry: Row, command: Command) -> Any:
        """By whom, as party and role; somebody with several hats is the same person in all of them."""
        if entry["actor_id"] is None:
            return "machine"
        post = self._post(entry, command)
        if post is None:
            return "holder"
        person = f"person_{entry['actor_id']}" if len(self.busy[entry["actor_id"]]) > 1 else None
        return Who(party=post[0], role=post[1], person=self._label(person))

    def _label(self, person: str | None) -> str | None:
        """A number within this scenario: ids of people stay where they are."""
        if person is None:
            return None
        several = [f"person_{actor}" for actor, posts in self.busy.items() if len(posts) > 1]
        return f"person_{several.index(person) + 1}"

    def _busy(self) -> dict[int, set[tuple[str, str]]]:
        """The posts in which each person acted."""
        found: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for entry in self.found.audit:
            command = self._command(entry) if entry["actor_id"] is not None else None
            post = self._post(entry, command) if command is not None else None
            if post is not None:
                found[entry["actor_id"]].add(post)
        return found

    def _post(self, entry: Row, command: Command) -> tuple[str, Role] | None:
        """Which of those who may was of the unit that acted; the work that closed tells the role."""
        roles = {item["role"] for item in self._closed(entry) if item["unit_id"] == entry["unit_id"]}
        on = entry["at"].astimezone(ZONE).date()
        able = [(party, role) for party, role in command.actors if self._unit_of(party, on) == entry["unit_id"]]
        return next((post for post in able if post[1] in roles), able[0] if able else None)

    def _unit_of(self, party: str, on: date) -> int | None:
        try:
            return self.catalogue.unit_for(party, self.found.dossier["intake_agency"], on).id
        except Refused:
            return None

    def _place(self, entry: Row) -> str | None:
        """The step an act beside the procedure was about."""
        event, details = entry["action"], entry["details"]
        if event in ON_HANDOFF:
            return next((item["state"] for item in self.found.items
                         if str(item["handoff_id"]) == details["handoff"]), None)
        if "consultation" in details:
            return consulting.place(details["consultation"])
        if "obligation" in details:
            return obligations.place(details["obligation"])
        if event == "answer_feedback":
            return feedback.place(details["feedback"])
        return str(details["from"]) if "from" in details else None

    def _told(self, entry: Row) -> Told:
        details, units = entry["details"], self.catalogue.units
        extended = next((mark["until"] for _, _, mark, *_ in details.get("marks", ()) if mark.get("until")), None)
        return Told(
            verdict=details.get("verdict"), documents=details.get("documents"), component=details.get("component"),
            new_due=_day(extended) if extended else None, join=details.get("join"),
            expiry=details.get("expiry"), outcome=details.get("outcome"),
            kind=details.get("kind") if entry["action"] == "take_feedback" else None,
            limit=" + ".join(details["limit"]) if "limit" in details else None,
            unit=path_of(units[details["to_unit"]]) if "to_unit" in details else None,
            units=tuple(path_of(units[unit]) for unit in details.get("units", ())),
            paper=_kind(details["paper"]) if entry["action"] in ON_PAPER else None)

    # what followed

    def _expected(self, entries: list[Row]) -> Expect:
        """The states and due dates as these entries left them."""
        for entry in entries:
            self.states = entry["to_states"] or self.states
            for _, kind, _, due, *_ in entry["details"].get("marks", ()):
                if kind == "dossier":
                    self.due = due or "none"
        at = entries[-1]["at"]
        return Expect(states=tuple(self.states), due=self.due, step_due=dict(self._steps(entries)),
                      held_by=dict(self._opened(at)) if self.holders else {})

    def _steps(self, entries: list[Row]) -> Iterator[tuple[str, datetime]]:
        for entry in entries:
            for no, kind, _, due, *_ in entry["details"].get("marks", ()):
                state = self.clock_state.get(no)
                if kind == "step" and due is not None and state in self.states:
                    yield state, datetime.fromisoformat(due)

    def _opened(self, at: datetime) -> Iterator[tuple[str, str]]:
        for item in self.found.items:
            open_then = item["opened_at"] == at and item["state"] in self.states
            if open_then and (item["closed_at"] is None or item["closed_at"] > at):
                yield item["state"], path_of(self.catalogue.units[item["unit_id"]])


def _kind(barcode: str) -> Literal["submitted", "result"]:
    return "result" if barcode.endswith("-R") else "submitted"


def _day(until: str) -> date:
    return datetime.fromisoformat(until).astimezone(ZONE).date()
