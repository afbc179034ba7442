"""What every page of a draft needs: the draft, its reader, what is still missing, where things are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse
from markupsafe import Markup

from api.context import Person
from api.pages.designer import showing
from api.pages.designer.fields import Around, Data, Field
from api.pages.forms import Posted, faults_of
from api.pages.rendering import Entered, Trouble, html_id, page
from api.pages.visits import Visit
from api.problems import TITLES, status_of
from engine.access import NotAdministrator, may_write
from engine.clocks.zone import ZONE
from engine.designing import bindings, conditions, drafts, references
from engine.designing.drafts import Draft, DraftClosed, Edit, StaleDraft
from engine.designing.troubles import SECTIONS, troubles
from engine.designing.troubles import Trouble as Missing
from engine.designing.words import UNITS, fit
from engine.errors import Invalid, LienThongError, NotFound, NotSignedIn
from engine.office import Office
from engine.states.diagram import draw
from engine.states.outline import outline_of_data
from procedures import parties
from procedures.declaration import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A line of the list of what is missing."""

    address: str
    words: Text


@dataclass(frozen=True)
class Desk:
    """A draft on the desk of somebody who may at least read it."""

    caller: Person
    draft: Draft

    @classmethod
    def find(cls, caller: Person, draft: int) -> Desk:
        return cls(caller, drafts.open_for(caller.office, caller.actor, draft, caller.now))

    @property
    def address(self) -> str:
        return f"/procedures/drafts/{self.draft.id}"

    @property
    def language(self) -> str:
        return self.caller.chosen_language

    @cached_property
    def writes(self) -> bool:
        return self.draft.open and may_write(self.caller.office, self.caller.actor, self.caller.now)

    @cached_property
    def around(self) -> Around:
        return Around(data=self.draft.data, questions=conditions.known_of(self.draft.data),
                      parties=known_parties(self.caller.office), procedures=known_procedures(self.caller.office),
                      units=bindings.filling(self.caller.office.catalogue(), self.caller.now.astimezone(ZONE).date()))

    @cached_property
    def missing(self) -> list[Missing]:
        return troubles(self.draft.data, self.draft.faults)

    @property
    def faulty(self) -> frozenset[str]:
        """The paths of entries with something missing."""
        return frozenset(one.entry for one in self.missing if one.entry)

    def links(self, found: list[Missing]) -> list[Link]:
        return [Link(address=self.to(one), words=fit(vi=f"{one.place.vi}: {one.words.vi}",
                                                      en=f"{one.place.en}: {one.words.en}")) for one in found]

    def to(self, one: Missing) -> str:
        """The field that is to be filled in."""
        edit = f"?edit={one.entry}" if one.entry else ""
        field = one.field if one.entry or one.section not in ("steps",) else one.field.removeprefix("machine.")
        return f"{self.address}/{one.section}{edit}#{html_id(field) if field else 'form'}"

    def sections(self) -> list[dict[str, Any]]:
        """The pages of the draft, with how much is missing on each."""
        count = dict.fromkeys(SECTIONS, 0)
        for one in self.missing:
            count[one.section] += 1
        return [{"key": key, "name": name, "missing": count[key]} for key, name in SECTIONS.items()]

    def picture(self) -> Markup:
        """Drawn on the server from whatever there is so far; steps lead to their forms."""
        steps = {place: f"{self.address}/steps?edit={path}" for place, path in _paths(self.draft.data)}
        shown = in_words(self.draft.data, self.around, self.language)
        return Markup(draw(outline_of_data(shown), language=self.language, href=steps))

    def show(self, template: str, entered: Entered, status: int = 200, **told: Any) -> Response:
        frame = {"draft": self.draft, "address": self.address, "sections": self.sections(), "writes": self.writes,
                 "answers": showing.answers(self.around), "comparisons": conditions.COMPARISONS, "units": UNITS}
        return page(Visit(visitor=self.caller), template, entered, status=status, **frame, **told)

    def change(self, posted: Posted, edit: Edit) -> Draft:
        seen = posted.version()
        return drafts.change(self.caller.office, self.caller.actor, self.draft.id, -1 if seen is None else seen, edit,
                             self.caller.now)

    def again(self, refusal: LienThongError, posted: Posted, fields: tuple[Field, ...] = ()) -> tuple[Entered, int]:
        """A form that comes back with everything typed; what does not belong on a form is raised."""
        if isinstance(refusal, NotFound | NotSignedIn | NotAdministrator | DraftClosed):
            raise refusal
        given = typed(posted)
        status, english = status_of(refusal), self.language == "en"
        if isinstance(refusal, Invalid):
            return Entered(given=given, faults=faults_of(refusal)), status
        title = TITLES[status][english]
        if isinstance(refusal, StaleDraft):
            title = "Somebody else was first" if english else "Có người vừa sửa trước bạn"
        return Entered(given=given, trouble=Trouble(title=title, words=refusal.message(self.language))), status


def in_words(data: Data, around: Around, language: str) -> Data:
    """A draft to be drawn: with names for its parties and sentences for its conditions."""
    shown: Data = json.loads(json.dumps(data))
    own = shown.get("parties")
    common = {key: {"vi": name.vi, "en": name.en} for key, name in around.parties.items()}
    shown["parties"] = {**common, **(own if isinstance(own, dict) else {})}
    for _, held, name in references.conditions(shown):
        words = conditions.sentence(held[name], around.questions)
        held[name] = words.en if language == "en" else words.vi
    return shown


def typed(posted: Posted) -> Mapping[str, str]:
    """What was posted, with every tick of a list under a name of its own."""
    ticks = {f"{name}.{value}": "yes" for name in posted.data for value in posted.many(name) if len(value) < 50}
    return {**ticks, **posted.typed()}


def back(address: str) -> Response:
    return RedirectResponse(address, 303)


def known_procedures(office: Office) -> Mapping[str, Text]:
    """Every procedure that was ever published, by name."""
    found = {listing.key: listing.name for listing in office.fresh_catalogue().listings.values()}
    return dict(sorted(found.items(), key=lambda item: item[1].vi))


def known_parties(office: Office) -> Mapping[str, Text]:
    """The common list, then what only this province has bound a unit to, called by that unit."""
    catalogue = office.catalogue()
    found = dict(parties.known())
    for (party, _), bound in catalogue.bindings.items():
        unit = catalogue.units[bound[0].unit_id]
        found.setdefault(party, fit(vi=unit.full_vi, en=unit.full_en))
    return found


def _paths(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for where, held in _places(data):
        found.append((where[-1], ".".join(where)))
        branches = held.get("parallel")
        if isinstance(branches, dict):
            found += [(branch, ".".join((*where, "parallel", branch))) for branch in branches]
    return found


def _places(data: Mapping[str, Any]) -> list[tuple[tuple[str, ...], Mapping[str, Any]]]:
    machine = data.get("machine")
    phases = machine.items() if isinstance(machine, dict) else ()
    return [(("machine", phase, key), held) for phase, places in phases if isinstance(places, dict)
            for key, held in places.items() if isinstance(held, dict)]
