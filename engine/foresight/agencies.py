"""Whether what agencies have for their steps fits: with the steps themselves, and with the statutory limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.foresight.durations import MEASURE_EN, MEASURE_VI, Course, in_days, minutes
from engine.foresight.limits import Compared, compared
from engine.states.findings import Finding, Severity
from procedures import parties
from procedures.declaration import Declaration, Parallel, Step


@dataclass(frozen=True, slots=True)
class Run:
    """The limit at place `at` of the list, and the steps in order for which its agency has it together."""

    at: int
    limit: str
    steps: tuple[str, ...]


def agency_findings(declaration: Declaration) -> Iterator[Finding]:
    if declaration.agency_limits:
        yield from _too_short(declaration)
        yield from _too_long(declaration)


def runs(declaration: Declaration) -> list[Run]:
    """As a dossier goes through them in order; a consultation comes between, its bodies have their own limits."""
    limits = {rule.party: (at, rule.limit) for at, rule in enumerate(declaration.agency_limits)}
    found: list[Run] = []
    before: str | None = None
    for key, (_, place) in Course(declaration).places.items():
        party = place.party if isinstance(place, Step) else None
        if party is not None and party == before and party in limits:
            found[-1] = Run(found[-1].at, found[-1].limit, (*found[-1].steps, key))
        elif party is not None and party in limits:
            found.append(Run(*limits[party], (key,)))
        before = party
    return found


def _too_short(declaration: Declaration) -> Iterator[Finding]:
    """Nobody who keeps the limits of his steps can keep the one of the agency."""
    places = Course(declaration).places
    for run in runs(declaration):
        steps = [place for key in run.steps if isinstance(place := places[key][1], Step)]
        total, allowed = sum((minutes(step.limit) for step in steps), Fraction(0)), minutes(run.limit)
        if total > allowed:
            party = parties.name(declaration, declaration.agency_limits[run.at].party)
            yield Finding(
                severity=Severity.AMBER,
                code="agency_limit_short",
                where=("agency_limits", run.at, "limit"),
                vi=f"Các bước liền nhau của “{party.vi}” cộng lại là {in_days(total)[0]}, dài hơn thời hạn của cơ quan "
                f"{in_days(allowed)[0]} ({MEASURE_VI}).",
                en=f"The consecutive steps of “{party.en}” add up to {in_days(total)[1]}, longer than the "
                f"{in_days(allowed)[1]} of the agency ({MEASURE_EN}).",
            )


def _too_long(declaration: Declaration) -> Iterator[Finding]:
    """Agencies that use all they have, one after the other, with the steps of those that have no limit of their own."""
    found = list(compared(_with_agencies(declaration)))
    worst: Compared | None = max(found, key=lambda case: case.span.most - case.allowed, default=None)
    if worst is None or worst.span.most <= worst.allowed:
        return
    total, limit = in_days(worst.span.most), in_days(worst.allowed)
    yield Finding(
        severity=Severity.AMBER,
        code="agency_limits_exceed",
        where=("agency_limits",),
        vi=f"Thời hạn của các cơ quan và của các bước còn lại cộng lại có khi là {total[0]}, dài hơn thời hạn "
        f"giải quyết {limit[0]} ({MEASURE_VI}).",
        en=f"The limits of agencies and of the other steps may add up to {total[1]}, longer than the limit of "
        f"{limit[1]} ({MEASURE_EN}).",
    )


def _with_agencies(declaration: Declaration) -> Declaration:
    """The same procedure in which the first step of each run has the whole limit of the agency, the others none."""
    fresh: dict[str, str | None] = {}
    for run in runs(declaration):
        fresh |= dict.fromkeys(run.steps)
        fresh[_sure(declaration, run.steps)] = run.limit
    machine = declaration.machine
    changes = {name: {key: place.model_copy(update={"limit": fresh[key]}) if key in fresh else place
                      for key, place in places.items()}
               for name, places in (("processing", machine.processing), ("signing", machine.signing))}
    return declaration.model_copy(update={"machine": machine.model_copy(update=changes)})


def _sure(declaration: Declaration, steps: Sequence[str]) -> str:
    """One that no dossier passes over, where there is one."""
    places = Course(declaration).places
    return next((key for key in steps if not isinstance(place := places[key][1], Parallel) and place.when is None),
                steps[0])
