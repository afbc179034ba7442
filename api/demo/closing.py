"""The administrator closes an agency while dossiers are open: what the pages of calendars do, for the API has none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.demo.acting import ACT_SECONDS, instant
from api.demo.cast import Cast
from api.demo.client import Api
from api.demo.script import Closure, at
from api.demo.stage import Stage
from engine.calendaring import drafts, publishing, scopes
from engine.calendaring.entering import RowGiven
from engine.casework.orders import Actor
from procedures.calendars.declaration import DayKind
from storage.calendars import Recompute

Dues = dict[str, datetime]


@dataclass(frozen=True, kw_only=True, slots=True)
class Closing:
    """A closure in force: its calendar number, the job it brought, and the agency's open dossiers before and after."""

    closure: Closure
    number: int
    job: Recompute
    before: Dues
    after: Dues

    @property
    def moved(self) -> dict[str, tuple[datetime, datetime]]:
        """The old and the new date, by code."""
        return {code: (due, self.after[code]) for code, due in self.before.items() if self.after[code] != due}

    def faults(self) -> list[str]:
        """Every promise that lies behind the first day off moves later, no other does, and the job is over."""
        begins, found = at(self.closure.first, "00:00"), []
        if self.job.finished_at is None or self.job.failed:
            found.append(f"lịch số / calendar {self.number}: tính lại chưa xong / not recomputed")
        if not self.moved:
            found.append(f"lịch số / calendar {self.number}: không hạn nào dời / no due date moved")
        for code, due in self.before.items():
            if (self.after[code] > due) != (due >= begins) or (code in self.moved and due < begins):
                found.append(f"{code}: hạn / due {due:%H:%M %d/%m} ⇒ {self.after[code]:%H:%M %d/%m}, đóng cửa từ / "
                             f"closed from {begins:%d/%m}")
        return found


def close(stage: Stage, api: Api, cast: Cast, closure: Closure, codes: Iterable[str]) -> Closing:
    """Publishes it and waits until the due dates are recomputed. `codes`: the dossiers the agency has taken in."""
    before = _promised(api, cast, codes)
    me = api.get(cast.administrator, "/me")
    keeper, now = Actor(id=int(me["id"]), name=str(me["name"])), stage.clock.step(ACT_SECONDS)
    scope = scopes.find(stage.office, keeper, closure.agency, now)
    row = RowGiven(day=closure.first, until=closure.last, until_said=True, kind=DayKind.CLOSURE, sessions="",
                   vi=closure.reason, en="", basis=closure.decision)
    draft = drafts.begin(stage.office, keeper, scope, now)
    draft = drafts.change(stage.office, keeper, scope, draft.version, drafts.entering_row(row, keeper, now), now)
    number = publishing.publish(stage.office, keeper, scope, draft.version, (closure.decision, closure.reason), now)
    stage.settle()
    job = publishing.recompute(stage.office, keeper, number, now)
    return Closing(closure=closure, number=number, job=job, before=before, after=_promised(api, cast, before))


def _promised(api: Api, cast: Cast, codes: Iterable[str]) -> Dues:
    """The due dates of those whose time runs."""
    headers = [api.get(cast.auditor, f"/dossiers/{code}")["header"] for code in codes]
    return {str(header["code"]): instant(header["due_at"]) for header in headers
            if header["due_at"] and not header["finished_at"] and not header["closed_at"]}
