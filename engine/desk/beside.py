"""What a dossier has beside its procedure: consultations nobody foresaw, and what the applicant owes afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework.consulting import JOINS, silence
from engine.casework.questions import in_words
from engine.casework.telling import FEEDBACK_KINDS, FEEDBACK_OUTCOMES, VERDICTS
from engine.catalogue import Catalogue
from engine.desk.holdings import People, instant
from engine.desk.places import Lateness, UnitRef, lateness, unit_ref
from procedures.declaration import Text
from storage.dossiers import Loaded

Spoken = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsultationRow:
    """`purpose` is what was asked; `verdict` and `words` are the answer, `withdrawn_at` set where none will come.

    `tacit`: nobody answered in time, and that counts as the answer. `silence`: what it means if nobody does.
    """

    no: int
    unit: UnitRef
    asked_by: str
    asking: UnitRef
    asked_at: datetime
    purpose: str
    join: Text
    due_at: datetime | None
    lateness: Lateness
    verdict: str | None
    verdict_name: Text | None
    words: str
    person: str
    answered_at: datetime | None
    withdrawn_at: datetime | None
    tacit: bool
    silence: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ObligationRow:
    no: int
    name: Text
    due_at: datetime | None
    lateness: Lateness
    fulfilled_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedbackRow:
    """What a citizen said of the handling, and the answer; once there is one, `lateness` is that of the answer."""

    no: int
    clock_no: int
    kind: str
    kind_name: Text
    words: str
    received_by: str
    received_at: datetime
    due_at: datetime | None
    lateness: Lateness
    outcome: str | None
    outcome_name: Text | None
    answer: str
    answered_by: str
    answered_at: datetime | None


def feedback(rows: list[dict[str, Any]], people: People, spoken: Spoken, now: datetime,
             soon: datetime) -> list[FeedbackRow]:
    found = []
    for row in sorted(rows, key=lambda row: int(row["no"])):
        due, done = instant(row["due_at"]), instant(row["answered_at"])
        late = lateness(due, done or now, done or soon)
        found.append(FeedbackRow(
            no=row["no"], clock_no=row["clock_no"], kind=row["kind"], kind_name=FEEDBACK_KINDS[row["kind"]],
            words=spoken.get(row["seq"], {}).get("words", ""), received_by=people.get(str(row["received_by"]), ""),
            received_at=datetime.fromisoformat(row["received_at"]), due_at=due, lateness=late, outcome=row["outcome"],
            outcome_name=FEEDBACK_OUTCOMES[row["outcome"]] if row["outcome"] else None,
            answer=spoken.get(row["answer_seq"], {}).get("words", ""),
            answered_by=people.get(str(row["answered_by"]), ""), answered_at=done))
    return found


def consultations(catalogue: Catalogue, loaded: Loaded, people: People, spoken: Spoken, spoke: Mapping[int, str],
                  now: datetime, soon: datetime) -> list[ConsultationRow]:
    """`spoken`, `spoke`: the words, and who said it elsewhere, of the audit entries by their number."""
    found = []
    for row in sorted(loaded.consultations, key=lambda row: int(row["no"])):
        due, done = instant(row["due_at"]), instant(row["answered_at"]) or instant(row["withdrawn_at"])
        found.append(ConsultationRow(
            no=row["no"], unit=unit_ref(catalogue, row["unit_id"]), asked_by=people.get(str(row["asked_by"]), ""),
            asking=unit_ref(catalogue, row["from_unit_id"]), asked_at=datetime.fromisoformat(row["asked_at"]),
            purpose=in_words(spoken.get(row["seq"], {})), join=JOINS[row["join_rule"]], due_at=due,
            lateness=Lateness.NOT_COUNTED if done else lateness(due, now, soon), verdict=row["verdict"],
            verdict_name=VERDICTS.get(row["verdict"]) if row["verdict"] else None,
            words=spoken.get(row["answer_seq"], {}).get("words", ""),
            person=people.get(str(row["answered_by"]), spoke.get(row["answer_seq"], "")),
            answered_at=instant(row["answered_at"]), withdrawn_at=instant(row["withdrawn_at"]),
            tacit=(row["answered_at"] is not None and row["answered_by"] is None
                   and row["answer_seq"] not in spoke),
            silence=None if done else silence(loaded, row["item_no"])))
    return found


def obligations(rows: list[dict[str, Any]], now: datetime, soon: datetime) -> list[ObligationRow]:
    found = []
    for row in sorted(rows, key=lambda row: int(row["no"])):
        due, done = instant(row["due_at"]), instant(row["fulfilled_at"])
        found.append(ObligationRow(no=row["no"], name=Text(vi=row["name_vi"], en=row["name_en"]), due_at=due,
                                   lateness=Lateness.NOT_COUNTED if done else lateness(due, now, soon),
                                   fulfilled_at=done))
    return found
