"""Handing over results and what is thought of it (Decree 61/2018, articles 20 and 27 to 32)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.casework.orders import Actor, text_faults
from engine.clocks.zone import ZONE
from engine.desk.dossier import DossierView, dossier
from engine.errors import Conflict, Invalid
from engine.office import Office
from procedures.declaration import Text
from storage import returning
from storage.returning import Vote, Votes

LONGEST_WORDS = 1000
MOST_READY = 200
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


def ready(office: Office, units: Sequence[int]) -> list[Waiting]:
    catalogue = office.fresh_catalogue()
    return [Waiting(code=row.code, procedure_name=catalogue.procedures[row.version_id].declaration.name,
                    applicant=row.applicant, finished_at=row.finished_at, return_way=row.return_way,
                    rejected=row.outcome == "rejected") for row in returning.ready(office.db, units, MOST_READY)]


def votes(office: Office, units: Sequence[int], today: date) -> Votes:
    return returning.votes(office.db, units, today - OF_LATE)


def originals(view: DossierView) -> list[tuple[str, Text]]:
    """Papers that were taken for comparison only: their owner gets them back (Decree 61/2018, article 20)."""
    return list({row.component: (row.component, row.component_name) for row in view.documents
                 if row.current and row.original_returned}.values())


def rate(office: Office, code: str, actor: Actor, score: int, words: str, now: datetime) -> None:
    """A vote after the result was handed over. Raises NotFound for strangers, Invalid, AlreadyRated."""
    view = dossier(office, code, actor, now)
    faults = text_faults({"words": words}, LONGEST_WORDS)
    if not 1 <= score <= 5:
        faults["score"] = ("chọn từ 1 đến 5", "choose 1 to 5")
    if faults:
        raise Invalid(faults)
    if view.header.closed_at is None:
        raise Invalid({"score": ("đánh giá sau khi đã trả kết quả", "rate it once the result was handed over")})
    vote = Vote(day=now.astimezone(ZONE).date(), unit=view.header.desk.id, procedure=view.header.procedure,
                score=score, words=words.strip())
    if not returning.rate(office.db, code, vote):
        raise AlreadyRated
