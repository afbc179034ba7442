"""The one judgement that publication, the command line and the designer ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from engine.clocks import Calendar
from engine.foresight.agencies import agency_findings
from engine.foresight.closures import closure_findings
from engine.foresight.limits import limit_findings
from engine.foresight.load import load_findings
from engine.states.exploration import Budget
from engine.states.findings import Report, sorted_by_weight
from engine.states.soundness import BUDGET, examine
from engine.states.staffing import Staffing
from procedures.declaration import Declaration


def judge(
    declaration: Declaration,
    *,
    staffing: Staffing | None = None,
    calendar: Calendar | None = None,
    today: date | None = None,
    monthly: int | None = None,
    known: Collection[str] | None = None,
    budget: Budget = BUDGET,
) -> Report:
    """Everything that can be told before the first dossier; what is not given is not judged.

    `monthly`: dossiers expected. `known`: the keys of the procedures there are.
    """
    report = examine(declaration, budget=budget, staffing=staffing, known=known)
    findings = [*report.findings, *limit_findings(declaration), *agency_findings(declaration)]
    if calendar is not None and today is not None:
        findings += closure_findings(declaration, calendar, today)
    if monthly is not None:
        findings += load_findings(declaration, monthly)
    return replace(report, findings=sorted_by_weight(findings))
