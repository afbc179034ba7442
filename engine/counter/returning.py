"""Handing over results and what is thought of it (Decree 61/2018, articles 20 and 27 to 32)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.casework.orders import Actor, text_faults
from engine.clocks.zone import ZONE
from engine.desk.dossier import DossierView
from engine.errors import Conflict, Invalid, NotFound, WrongRole
from engine.office import Office
from procedures.declaration import Text
from procedures.words import Role
from storage import dossiers, returning
from storage.returning import Vote, Votes

LONGEST_WORDS = 1000
MOST_READY = 200
AT_THE_DESK = (Role.RETURNER, Role.RECEPTIONIST)
OF_LATE = timedelta(days=30)
# The code of a dossier wherever it stands in what a scanner typed: the code itself, a paper's barcode, an address.
_CODE = re.compile(r"[0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    code: str
    procedure_name: Text
    applicant: str
    finished_at: datetime
    return_way: str
    rejected: bool


class AlreadyRated(Conflict):
    code = "already_rated"
    vi = "Giao dịch này đã được đánh giá; mỗi giao dịch một phiếu."
    en = "This transaction was rated already; one vote each."


def scanned(text: str) -> str | None:
    found = _CODE.search(text.upper())
    return found[0] if found else None


def ready(office: Office, units: Sequence[int], person: int, now: datetime) -> list[Waiting]:
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    return [Waiting(code=row.code, procedure_name=catalogue.procedures[row.version_id].declaration.name,
                    applicant=row.applicant, finished_at=row.finished_at, return_way=row.return_way,
                    rejected=row.outcome == "rejected")
            for row in returning.ready(office.db, units, person, today, MOST_READY)]


def votes(office: Office, units: Sequence[int], today: date) -> Votes:
    return returning.votes(office.db, units, today - OF_LATE)


def originals(view: DossierView) -> list[tuple[str, Text]]:
    """Papers that were taken for comparison only: their owner gets them back (Decree 61/2018, article 20)."""
    return list({row.component: (row.component, row.component_name) for row in view.documents
                 if row.current and row.original_returned}.values())


def rate(office: Office, code: str, actor: Actor, score: int, words: str, now: datetime) -> None:
    """A vote after the result was handed over, taken down at the desk that did so.

    Raises NotFound for strangers, WrongRole for everybody else who is at no desk of the agency, Invalid, AlreadyRated.
    """
    today = now.astimezone(ZONE).date()
    loaded = dossiers.load(office.db, code=code, person=actor.id, key=None, today=today, blind=False)
    if loaded is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    catalogue = office.catalogue(loaded.revision)
    desk = catalogue.units[loaded.intake_unit_id]
    agencies = {catalogue.units[unit].agency for unit, role in loaded.memberships if role in AT_THE_DESK}
    if desk.agency not in agencies:
        raise WrongRole(event="ghi đánh giá", event_en="take down a rating", who_vi=desk.full_vi, who_en=desk.full_en)
    faults = text_faults({"words": words}, LONGEST_WORDS)
    if not 1 <= score <= 5:
        faults["score"] = ("chọn từ 1 đến 5", "choose 1 to 5")
    elif loaded.closed_at is None:
        faults["score"] = ("đánh giá sau khi đã trả kết quả", "rate it once the result was handed over")
    if faults:
        raise Invalid(faults)
    vote = Vote(day=today, unit=desk.id, procedure=catalogue.procedures[loaded.version_id].key, score=score,
                words=words.strip())
    if not returning.rate(office.db, loaded.id, vote):
        raise AlreadyRated
