"""The one form of a bundle: questions and papers of all parts merged, each with the parts it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from api.context import Person
from api.dates import date_fault
from api.pages.forms import Posted, whole, written_date
from api.pages.questions import Question, answer, question
from api.pages.reception_form import desks_of
from api.words import CHANNELS, FORMS, RETURN_WAYS
from engine.bundles import declared
from engine.bundles.declared import Joined
from engine.bundles.reception import typed
from engine.bundles.submission import BundleSubmission
from engine.casework.submission import Paper
from engine.casework.submission import Person as Applicant
from engine.catalogue import UnitInfo, code_on, takes
from engine.desk.places import day_of
from engine.errors import NotFound
from procedures import planner
from procedures.answers import FeeDue
from procedures.declaration import FactType, Text
from procedures.planner import Path, Requirements

Faults = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedBundle:
    key: str
    code: str | None
    name: Text
    parts: list[Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question or a paper with the parts it is for; none named where it is for all."""

    question: Question
    parts: list[Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperLine:
    key: str
    name: Text
    form: str
    copies: int
    needed: bool
    ticked: bool
    original_returned: bool
    parts: list[Text]


@dataclass(frozen=True, kw_only=True, slots=True)
class PartLine:
    """A part as the form promises it. `produced`: papers it gets from other parts, so nobody brings them."""

    key: str
    name: Text
    expected: datetime | None
    after: list[Text]
    fees: tuple[FeeDue, ...]
    produced: list[tuple[Text, Text]]


def offered(caller: Person) -> list[OfferedBundle]:
    """What the caller's desks take in."""
    catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
    return [OfferedBundle(
        key=joined.bundle.bundle, name=joined.bundle.name,
        code=code_on(joined.bundle.codes, today) if joined.bundle.codes else None,
        parts=[joined.declarations[part].name for part in joined.bundle.order])
        for joined in declared.offered(caller.office, catalogue, today, desks_of(caller))]


@dataclass(frozen=True)
class Desk:
    """One bundle at the desks where this person may receive it, and what was typed so far."""

    caller: Person
    joined: Joined
    desks: list[UnitInfo]
    posted: Posted

    @classmethod
    def find(cls, caller: Person, key: str, posted: Posted) -> Desk:
        catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
        joined = declared.current(caller.office, catalogue, key, today)
        desks = [desk for desk in desks_of(caller) if takes(desk, joined.bundle.received_at)]
        if not desks:
            raise NotFound(what=f"hồ sơ liên thông “{key}” tại quầy của bạn", what_en=f"bundle “{key}” at your desk")
        return cls(caller, joined, desks, posted)

    @cached_property
    def facts(self) -> dict[str, Any]:
        """As typed in, for every part."""
        asked = {name: fact for told in self.joined.declarations.values() for name, fact in told.facts.items()}
        answers = {name: answer(fact, self.posted.text(f"facts.{name}")) for name, fact in asked.items()}
        return {name: said for name, said in answers.items() if said}

    @property
    def channel(self) -> str:
        return self.posted.text("channel") or str(self.joined.bundle.channels[0])

    @cached_property
    def answers(self) -> dict[str, Any]:
        """As far as they can be read."""
        return typed(self.joined, self.facts)[0]

    @cached_property
    def plan(self) -> Requirements:
        return planner.plan(self.joined.bundle, self.joined.declarations, self.answers, self.channel)

    @cached_property
    def path(self) -> Path:
        calendar = self.caller.office.catalogue().calendar(self.desks[0].agency)
        limits = planner.limits(self.joined.declarations, self.answers, self.channel)
        return planner.critical_path(self.joined.bundle, self.plan.parts, limits, declared.due_on(calendar),
                                     calendar.valid_receipt(self.caller.now))

    def taken(self) -> list[str]:
        """Kinds ticked, or sent along as a file."""
        ticked = set(self.posted.many("paper"))
        return [kind for kind in self.plan.papers if kind in ticked or self.posted.uploads(f"file.{kind}")]

    def submission(self) -> BundleSubmission:
        """As the person meant it; every check is the engine's."""
        posted = self.posted
        who = {name: posted.text(f"applicant.{name}") for name in ("name", "id_number", "phone", "email", "address")}
        who["id_number"] = who["id_number"].replace(" ", "")
        return BundleSubmission(
            bundle=self.joined.bundle.bundle, unit=whole(posted.text("unit")) or self.desks[0].id,
            channel=posted.text("channel"), return_way=posted.text("return_way"), applicant=Applicant(**who),
            subject=posted.text("subject"), actor=self.caller.actor, key=posted.once, facts=self.facts,
            papers=tuple(Paper(component=kind, form=self._form_of(kind)) for kind in self.taken()))

    def _form_of(self, kind: str) -> str:
        wanted = self.posted.text(f"form.{kind}")
        return wanted if wanted in FORMS else self.plan.papers[kind].form

    def _names(self, parts: tuple[str, ...]) -> list[Text]:
        """Nothing where it is for all: saying it a dozen times helps nobody."""
        if len(parts) == len(self.plan.parts):
            return []
        return [self.joined.declarations[part].name for part in parts]

    def preview(self) -> dict[str, Any]:
        path, plan, names = self.path, self.plan, self.joined.declarations
        parts = [PartLine(
            key=part, name=names[part].name, expected=path.parts[part], fees=plan.fees[part],
            after=[names[other].name for other in planner.waits_for(self.joined.bundle, part, plan.parts)],
            produced=[(names[part].documents[key].name, names[maker].name)
                      for key, maker in plan.produced.get(part, {}).items()]) for part in plan.parts]
        calendar = self.caller.office.catalogue().calendar(self.desks[0].agency)
        return {"due": path.due, "provisional": declared.provisional(calendar, path.due), "parts": parts,
                "unlimited": [names[part].name for part in path.unlimited], "total": plan.total,
                "needed": [kind for kind, asked in plan.papers.items() if asked.needed_by]}

    def view(self) -> dict[str, Any]:
        english = self.caller.chosen_language == "en"
        bundle, desk, today = self.joined.bundle, self.desks[0], day_of(self.caller.now)
        return {
            "bundle": {"key": bundle.bundle, "name": bundle.name,
                       "code": code_on(bundle.codes, today) if bundle.codes else None},
            "form_address": f"/receive/bundles/{bundle.bundle}",
            "desk_name": desk.full_en if english else desk.full_vi,
            "desks": {str(unit.id): Text(vi=unit.full_vi, en=unit.full_en) for unit in self.desks},
            "questions": self._questions(), "papers": self._papers(), "forms": FORMS, "return_ways": RETURN_WAYS,
            "channels": {key: CHANNELS[key] for key in bundle.channels}, "preview": self.preview(),
        }

    def _questions(self) -> list[Asked]:
        return [Asked(question=question(name, told.fact.model_copy(update={"required": told.required})),
                      parts=self._names(told.parts)) for name, told in self.plan.questions.items()]

    def _papers(self) -> list[PaperLine]:
        taken = self.taken()
        return [PaperLine(key=kind, name=asked.name, form=self._form_of(kind), copies=asked.copies,
                          needed=bool(asked.needed_by), ticked=kind in taken, parts=self._names(tuple(asked.papers)),
                          original_returned=asked.original_returned) for kind, asked in self.plan.papers.items()]

    def faults(self, found: Faults) -> dict[str, tuple[str, str]]:
        """By the field that shows them; a date is asked for in the way it is written here."""
        shown = dict(found)
        for name, told in self.plan.questions.items():
            entered = self.posted.text(f"facts.{name}")
            if told.fact.type is FactType.DATE and entered and written_date(entered) is None:
                label, (vi, en) = told.fact.label, date_fault(entered)
                shown[f"facts.{name}"] = (f"{label.vi}: {vi}.", f"{label.en}: {en}.")
        return shown
