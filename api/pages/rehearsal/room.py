"""What every page of a rehearsal needs: the draft as far as it can be played, its scenarios, who may write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Person
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import TITLES, status_of
from engine.access import NotAdministrator, may_write
from engine.catalogue import Catalogue, UnitInfo, takes
from engine.designing import drafts
from engine.designing.drafts import Draft
from engine.errors import Conflict, LienThongError, NotFound, NotSignedIn
from engine.rehearsal.happened import Result
from engine.rehearsal.keeping import Kept, find
from engine.rehearsal.replay import run_one
from engine.states.procedure import Procedure

PATH = "/procedures/drafts/{draft}/scenarios"


class NotYet(Conflict):
    code = "draft_incomplete"
    vi = "Bản thảo còn thiếu nội dung nên chưa diễn tập được. Hãy bổ sung những chỗ được nêu ở trang bản thảo."
    en = "The draft is not complete, so it cannot be tried yet. Fill in what the page of the draft names."


@dataclass(frozen=True)
class Room:
    caller: Person
    draft: Draft

    @classmethod
    def find(cls, caller: Person, draft: int) -> Room:
        return cls(caller, drafts.open_for(caller.office, caller.actor, draft, caller.now))

    @property
    def address(self) -> str:
        return f"/procedures/drafts/{self.draft.id}/scenarios"

    @property
    def english(self) -> bool:
        return self.caller.chosen_language == "en"

    @cached_property
    def writes(self) -> bool:
        return may_write(self.caller.office, self.caller.actor, self.caller.now)

    @cached_property
    def procedure(self) -> Procedure:
        """Raises NotYet."""
        declaration = self.draft.declaration
        if declaration is None:
            raise NotYet
        return Procedure(declaration)

    @cached_property
    def catalogue(self) -> Catalogue:
        return self.caller.office.fresh_catalogue()

    @cached_property
    def desks(self) -> list[UnitInfo]:
        """Where such dossiers come in."""
        levels = self.procedure.declaration.received_at
        return [unit for unit in self.catalogue.units.values() if takes(unit, levels)
                and (unit.id, "receptionist") in self.catalogue.staffed]

    def kept(self, number: int) -> Kept:
        return find(self.caller.office, self.draft.key, number)

    def run(self, name: str, content: object) -> Result:
        return run_one(name, content, self.procedure, self.catalogue, self.caller.now)

    def show(self, template: str, entered: Entered = BLANK, status: int = 200, **told: Any) -> Response:
        frame = {"draft": self.draft, "address": self.address, "writes": self.writes}
        return page(Visit(visitor=self.caller), template, entered, status=status, **frame, **told)

    def trouble(self, refusal: LienThongError) -> tuple[Entered, int]:
        """Shown above the page it came from; what is nobody's business here is raised."""
        if isinstance(refusal, NotSignedIn | NotAdministrator):
            raise refusal
        status = status_of(refusal)
        title = TITLES[status][self.english] if not isinstance(refusal, NotFound) else (
            "Not found" if self.english else "Không tìm thấy")
        return Entered(trouble=Trouble(title=title, words=refusal.message(self.caller.chosen_language))), status


def go(address: str) -> Response:
    return RedirectResponse(address, 303)
