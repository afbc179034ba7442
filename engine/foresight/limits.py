"""Whether the steps fit into the statutory limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.foresight.durations import MEASURE_EN, MEASURE_VI, Course, Minutes, Span, Truths, in_days, minutes
from engine.states.cases import cases
from engine.states.findings import Finding, Severity, Where
from procedures.declaration import Declaration, Phase
from procedures.guards import compile_guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The limit of one case, where it stands, and what the steps add up to in that case."""

    where: Where
    allowed: Minutes
    span: Span


def limit_findings(declaration: Declaration) -> Iterator[Finding]:
    """Red where even the shortest way is too long in every case; amber where a way in some case is."""
    found = list(compared(declaration))
    if found:
        yield from _exceeded(found)
    if found or declaration.limit_cases:
        yield from _unlimited_steps(declaration)


def compared(declaration: Declaration) -> Iterator[Compared]:
    course = Course(declaration)
    sources = list(dict.fromkeys([*course.conditions(), *(case.when for case in declaration.limit_cases)]))
    possible, _ = cases(declaration, [compile_guard(source, declaration.names) for source in sources])
    for case in sorted(possible):
        truths = dict(zip(sources, case, strict=True))
        where, limit = _limit(declaration, truths)
        if limit is not None:
            yield Compared(where=where, allowed=minutes(limit), span=course.span(truths))


def _limit(declaration: Declaration, truths: Truths) -> tuple[Where, str | Sequence[str] | None]:
    for at, case in enumerate(declaration.limit_cases):
        if truths[case.when]:
            return ("limit_cases", at, "limit"), case.limit
    return ("limit",), declaration.limit


def _exceeded(found: Sequence[Compared]) -> Iterator[Finding]:
    always = all(case.span.least > case.allowed for case in found)
    worst = max(found, key=lambda case: (case.span.least if always else case.span.most) - case.allowed)
    total = worst.span.least if always else worst.span.most
    if total <= worst.allowed:
        return
    steps, limit = in_days(total), in_days(worst.allowed)
    yield Finding(
        severity=Severity.RED if always else Severity.AMBER,
        code="limit_exceeded" if always else "limit_exceeded_sometimes",
        where=worst.where,
        vi=f"{'Trong mọi trường hợp' if always else 'Có trường hợp'} thời hạn các bước cộng lại là {steps[0]}, "
        f"dài hơn thời hạn giải quyết {limit[0]} ({MEASURE_VI}).",
        en=f"{'In every case' if always else 'In some case'} the limits of the steps add up to {steps[1]}, "
        f"longer than the limit of {limit[1]} ({MEASURE_EN}).",
    )


def _unlimited_steps(declaration: Declaration) -> Iterator[Finding]:
    """Their time is not in the sum; a wait for an outside body has no limit of ours."""
    names = [
        step.name
        for phase, _, step in declaration.machine.steps()
        if phase in (Phase.PROCESSING, Phase.SIGNING) and step.limit is None and step.external is None
    ]
    if names:
        yield Finding(
            severity=Severity.NOTE,
            code="step_without_limit",
            where=("machine",),
            vi=f"Chưa có thời hạn, nên chưa cộng vào: {', '.join(name.vi for name in names)}.",
            en=f"Without a limit, so not in the sum: {', '.join(name.en for name in names)}.",
        )
