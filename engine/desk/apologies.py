"""The apologies of a dossier, Form 04, as people see them: drafts, issued ones, and drafts that nobody issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.casework.apologies import cutoff, rules_of, too_late
from engine.casework.clocks import calendar_of
from engine.casework.decision import Decision
from engine.casework.obligations import lead_of
from engine.desk.holdings import People, instant
from procedures.declaration import Text


class Standing(StrEnum):
    """LAPSED: not issued in time, or the due date it was drafted for is no longer the dossier's."""

    DRAFT = "draft"
    ISSUED = "issued"
    LAPSED = "lapsed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ApologyRow:
    """`reason`: of the act that issued it; empty before. `issuer`: the agency whose letter it is, draft or issued.

    `last`: the last minute it could be issued.
    """

    no: int
    standing: Standing
    drafted_at: datetime
    original_due_at: datetime
    proposed_due_at: datetime
    new_due_at: datetime | None
    issued_at: datetime | None
    issued_by: str
    issuer: Text
    last: datetime
    reason: str


def apologies(decision: Decision, rows: list[dict[str, Any]], people: People,
              reasons: Mapping[int, str]) -> list[ApologyRow]:
    """`reasons`: of the entries of the record, by their number."""
    found, issuer, calendar = [], _issuer(decision), calendar_of(decision)
    lead = rules_of(decision).apology_lead_days
    for row in sorted(rows, key=lambda row: int(row["no"])):
        due = datetime.fromisoformat(row["original_due_at"])
        found.append(ApologyRow(
            no=row["no"], standing=_standing(decision, row["issued_at"], due), original_due_at=due,
            drafted_at=datetime.fromisoformat(row["drafted_at"]),
            proposed_due_at=datetime.fromisoformat(row["proposed_due_at"]), new_due_at=instant(row["new_due_at"]),
            issued_at=instant(row["issued_at"]), issued_by=people.get(str(row["issued_by"]), ""), issuer=issuer,
            last=cutoff(calendar, due, lead), reason=reasons.get(row["seq"], "")))
    return found


def _issuer(decision: Decision) -> Text:
    """The agency that answers for the handling (R17), else the one that took the dossier in."""
    unit = lead_of(decision) or decision.catalogue.units[decision.loaded.intake_unit_id]
    return Text(vi=unit.agency_vi, en=unit.agency_en)


def _standing(decision: Decision, issued_at: str | None, due: datetime) -> Standing:
    if issued_at is not None:
        return Standing.ISSUED
    lead = rules_of(decision).apology_lead_days
    running = decision.loaded.due_at == due and decision.loaded.finished_at is None
    if running and not too_late(calendar_of(decision), decision.at, due, lead):
        return Standing.DRAFT
    return Standing.LAPSED
