"""What waits for somebody's decision and is no step of a dossier: feedback, apologies, orders to pay the dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.casework import payouts
from engine.casework.apologies import cutoff
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.desk.places import Lateness, day_of, lateness
from engine.desk.work import end_of_next_working_day
from engine.errors import Refused
from engine.office import Office
from engine.workcalendars import SHARED
from procedures import policies
from procedures.declaration import Role, Text
from procedures.entry import text
from storage.views import awaiting as views
from storage.views.awaiting import Waiting

_ASKED = {
    "feedback": text("Trả lời phản ánh, kiến nghị, góp ý", "Answer the feedback"),
    "died": text("Người nhận trợ cấp đã mất: chuyển lệnh chi cho người thừa kế, hoặc khép lệnh",
                 "The recipient of an allowance died: pass the order to an heir, or close it"),
    "apology": text("Phát hành văn bản xin lỗi và hẹn lại", "Issue the apology with a new date"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`place`: where on the dossier's page. `until`: the answer is due, or the last minute to issue the apology."""

    code: str
    subject: str
    procedure_name: Text
    place: str
    what: Text
    until: datetime | None
    lateness: Lateness


def awaiting(office: Office, person_id: int, now: datetime) -> list[Asked]:
    """Only what this person may do himself, and still can; due first."""
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    found = list(_possible(catalogue, views.waiting(office.db, person_id, day_of(now), now), now))
    return [Asked(code=row.code, subject=row.subject, place=row.kind, what=_ASKED[row.kind], until=until,
                  procedure_name=catalogue.procedures[row.version_id].declaration.name,
                  lateness=lateness(until, now, soon)) for row, until in found]


def deaths(office: Office, person_id: int, now: datetime) -> list[Asked]:
    """Orders to pay whose recipient died, of the agencies where this person may pass them to an heir or close them."""
    catalogue = office.fresh_catalogue()
    return [Asked(code=row.code, subject=row.subject, place="acts", what=payouts.of_order(_ASKED["died"], row.no),
                  until=None, procedure_name=catalogue.procedures[row.version_id].declaration.name,
                  lateness=Lateness.NOT_COUNTED)
            for row in views.deaths(office.db, person_id, day_of(now), payouts.ORDERS)]


def _possible(catalogue: Catalogue, rows: list[Waiting], now: datetime) -> Iterator[tuple[Waiting, datetime | None]]:
    for row in rows:
        until = row.due_at
        if row.kind == "apology" and row.due_at is not None:
            rules = policies.at((row.received_at or now).astimezone(ZONE).date())
            until = cutoff(catalogue.calendar(row.intake_agency), row.due_at, rules.apology_lead_days)
        if _may(catalogue, row, now) and (row.kind == "feedback" or until is None or now <= until):
            yield row, until


def _may(catalogue: Catalogue, row: Waiting, now: datetime) -> bool:
    """The management of the centre that took it in and the head of the lead; an apology, heads at work on it, too."""
    procedure = catalogue.procedures[row.version_id]
    heads = {unit for unit, state in row.open_items
             if row.kind == "apology" and state in procedure.states and procedure.states[state].branch_of is None}
    with suppress(Refused):  # nobody is bound to the lead: the centre answers
        heads.add(catalogue.unit_for(procedure.declaration.lead, row.intake_agency, day_of(now)).id)
    return any((role == Role.MANAGER and unit == row.intake_unit_id) or (role == Role.HEAD and unit in heads)
               for unit, role in row.posts)
