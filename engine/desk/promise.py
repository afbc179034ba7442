"""What the desk would promise if it accepted a dossier now: the date, its arithmetic, papers, fees, advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.catalogue import Catalogue
from engine.clocks.evaluation import evaluate
from engine.clocks.explanation import explain
from engine.clocks.ledger import Line
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock
from engine.states.procedure import Procedure
from procedures import answers
from procedures.answers import FeeDue
from procedures.declaration import Check, RequiredDocument, Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Promise:
    """`due` is None for a procedure without an overall limit; then nothing is promised."""

    received: datetime
    limit: Text | None
    limit_note: Text | None
    due: datetime | None
    provisional: bool
    lines: tuple[Line, ...]
    documents: Mapping[str, RequiredDocument]
    fees: tuple[FeeDue, ...]
    advice: tuple[Check, ...]


def promise(catalogue: Catalogue, procedure: Procedure, agency: str, facts: Mapping[str, object],
            now: datetime) -> Promise:
    """`facts` may be incomplete: what is not answered yet asks for nothing."""
    declared, calendar = procedure.declaration, catalogue.calendar(agency)
    received = calendar.valid_receipt(now)
    parts, mode = answers.limit(declared, facts)
    clock = Clock.started(Limit.parse(parts), CountMode(mode), received, "") if parts else None
    stands = evaluate(clock, calendar) if clock else None
    return Promise(
        received=received, limit=Text(vi=clock.limit.vi, en=clock.limit.en) if clock else None,
        limit_note=declared.limit_note, due=stands.due if stands else None,
        provisional=stands.provisional if stands else False, lines=explain(clock, calendar) if clock else (),
        documents=procedure.required_documents(facts), fees=procedure.fees(facts), advice=procedure.advice(facts))
