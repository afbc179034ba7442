"""What a person's units wait for from others: of whom, since when, how it stands, until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.casework.payouts import ORDERS
from engine.catalogue import Catalogue
from engine.desk.mirrored import installations, named
from engine.desk.places import Lateness, UnitRef, day_of, lateness, standing, unit_ref
from engine.desk.work import end_of_next_working_day
from engine.office import Office
from engine.workcalendars import SHARED
from procedures import policies
from procedures.declaration import Text
from storage.views import outstanding as views
from storage.views.outstanding import Asked, Outstanding


@dataclass(frozen=True, kw_only=True, slots=True)
class OutstandingRow:
    """`whom` has it and `asking` waits for it; `what` is asked, None where `whom` has others work for it meanwhile.

    `standing`: as of a hand-off; `inside`, a question within the agency; `to_pay`, an allowance on a list that was
    passed on. `stood_at`: since when. `until`: to be registered by then where `to_register`, else answered, or paid.
    """

    code: str
    subject: str
    applicant: str
    procedure_name: Text
    asking: UnitRef
    whom: UnitRef
    what: Text | None
    since: datetime
    standing: str
    stood_at: datetime | None
    until: datetime | None
    to_register: bool
    lateness: Lateness
    dossier_due_at: datetime | None
    escalated_at: datetime | None
    # the installation it is at and the code it has there, for what works elsewhere
    peer: Text | None
    their_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class OutstandingPage:
    """`more`: there is another page."""

    rows: list[OutstandingRow]
    page: int
    more: bool


def outstanding(office: Office, person_id: int, now: datetime, *, page: int = 1, size: int = 50) -> OutstandingPage:
    """Due first; page 1 is the first."""
    catalogue, today = office.fresh_catalogue(), day_of(now)
    page = max(page, 1)
    found = views.outstanding(office.db, Asked(
        person=person_id, today=today, orderers=ORDERS,
        report_before=policies.at(today).payout_report_before, size=size + 1, skip=(page - 1) * size))
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    peers = installations(office.db, catalogue, found)
    return OutstandingPage(rows=[_row(catalogue, row, now, soon, peers) for row in found[:size]], page=page,
                           more=len(found) > size)


def _row(catalogue: Catalogue, row: Outstanding, now: datetime, soon: datetime,
         peers: Mapping[int, Text]) -> OutstandingRow:
    procedure, whom = catalogue.procedures[row.version_id], catalogue.units[row.to_unit_id]
    called = named(catalogue, procedure, row.step, row.asked)
    return OutstandingRow(
        code=row.code, subject=row.subject, applicant=row.applicant, procedure_name=called.procedure,
        asking=unit_ref(catalogue, row.from_unit_id), whom=unit_ref(catalogue, row.to_unit_id),
        what=None if row.others or row.state == "to_pay" else called.step, since=row.since,
        standing=standing(row.state, whom.reach, row.way, (row.mailed_at, row.mail_parked_at)),
        stood_at=row.registered_at or row.mailed_at or row.delivered_at, until=row.due_at,
        to_register=row.to_register, lateness=lateness(row.due_at, now, soon), dossier_due_at=row.dossier_due_at,
        escalated_at=row.escalated_at, peer=peers.get(whom.peer) if whom.peer else None, their_code=row.their_code)
