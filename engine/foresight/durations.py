"""Limits of different units made comparable, and how long the steps of a procedure may take together.

The measure is working time: a working day is 8 working hours, 7 days are 5 working days, a month is 30.5 days.
The law compares nothing of the kind, so what follows from it is said together with the measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.clocks.limits import HOURS_A_DAY, Limit, Unit
from procedures.declaration import AtLeast, Declaration, Event, Parallel, Phase, Step, Transition

Minutes = Fraction
Truths = Mapping[str, bool]  # of each condition, by its words

_WORKING_DAY = Fraction(HOURS_A_DAY * 60)
_DAY = _WORKING_DAY * 5 / 7
_LASTS = {
    Unit.WORKING_HOUR: Fraction(60),
    Unit.WORKING_DAY: _WORKING_DAY,
    Unit.DAY: _DAY,
    Unit.MONTH: _DAY * 61 / 2,
}
MEASURE_VI = "quy đổi: 1 ngày làm việc = 8 giờ làm việc, 7 ngày = 5 ngày làm việc, 1 tháng = 30,5 ngày"
MEASURE_EN = "measured so: 1 working day = 8 working hours, 7 days = 5 working days, 1 month = 30.5 days"


def minutes(written: str | Sequence[str] | None) -> Minutes:
    """Of working time; nothing where there is no limit."""
    if written is None:
        return Fraction(0)
    return sum((part.amount * _LASTS[part.unit] for part in Limit.parse(written).parts), Fraction(0))


def in_days(amount: Minutes) -> tuple[str, str]:
    """In working days with at most two decimals, in both languages."""
    days = f"{round(float(amount / _WORKING_DAY), 2):g}"
    return f"{days.replace('.', ',')} ngày làm việc", f"{days} working day{'' if days == '1' else 's'}"


@dataclass(frozen=True, slots=True)
class Span:
    """The least and the most the limits of the steps add up to."""

    least: Minutes
    most: Minutes


class Course:
    """The way from acceptance to the return, while the clock runs: processing and signing in their order."""

    def __init__(self, declaration: Declaration) -> None:
        machine = declaration.machine
        self.places: dict[str, tuple[Phase, Step | Parallel]] = {
            **{key: (Phase.PROCESSING, place) for key, place in machine.processing.items()},
            **{key: (Phase.SIGNING, step) for key, step in machine.signing.items()},
        }
        self.order = list(self.places)
        self.transitions = declaration.transitions

    def conditions(self) -> Iterator[str]:
        """The words of every condition that decides which way is taken."""
        for _, place in self.places.values():
            steps = place.parallel.values() if isinstance(place, Parallel) else [place]
            yield from (step.when for step in steps if step.when is not None)
        yield from (transition.when for transition in self.transitions if transition.when is not None)

    def span(self, truths: Truths) -> Span:
        return self.spans(truths)[self.order[0]]

    def spans(self, truths: Truths) -> Mapping[str | None, Span]:
        """From the beginning of each place. What is sent back has used its time, which no limit foresees: only ways
        that lead on are counted.
        """
        known: dict[str | None, Span] = {None: Span(Fraction(0), Fraction(0))}
        for key in reversed(self.order):
            known[key] = self._span(key, truths, known)
        return known

    def _span(self, key: str, truths: Truths, known: Mapping[str | None, Span]) -> Span:
        _, place = self.places[key]
        own = _consulting(place, truths) if isinstance(place, Parallel) else _working(place, truths)
        if own is None:
            return known[self._after(key)]
        ways = [known[target] for target in self._targets(key, truths)]
        least = min((way.least for way in ways), default=Fraction(0))
        most = max((way.most for way in ways), default=Fraction(0))
        return Span(own.least + least, own.most + most)

    def _after(self, key: str) -> str | None:
        at = self.order.index(key) + 1
        return self.order[at] if at < len(self.order) else None

    def _targets(self, key: str, truths: Truths) -> Iterator[str | None]:
        """Where the work of the step leads, and where people may lead it besides."""
        phase, place = self.places[key]
        completing = place.completed_by(phase) if isinstance(place, Step) else None
        open_ = [t for t in self.transitions if t.from_ == key and (t.when is None or truths[t.when])]
        moved = next((transition for transition in open_ if transition.on == completing), None)
        targets: list[str | None] = [moved.to if moved is not None else self._after(key)]
        targets += [transition.to for transition in open_ if self._besides(transition, completing)]
        if isinstance(place, Parallel) and place.negative_to is not None:
            targets.append(place.negative_to)
        for target in targets:
            if target is None or self.order.index(target) > self.order.index(key):
                yield target

    def _besides(self, transition: Transition, completing: str | None) -> bool:
        return transition.on not in (completing, Event.SEND_BACK)


def _working(step: Step, truths: Truths) -> Span | None:
    if step.when is not None and not truths[step.when]:
        return None
    return Span(minutes(step.limit), minutes(step.limit))


def _consulting(place: Parallel, truths: Truths) -> Span | None:
    """All work at the same time; how many answers suffice says when the group can be left at the earliest."""
    asked = [branch for branch in place.parallel.values() if branch.when is None or truths[branch.when]]
    if not asked:
        return None
    lasts = sorted(minutes(branch.limit) for branch in asked)
    wanted = {"all": len(asked)}.get(place.join, 1) if isinstance(place.join, str) else _quorum(place.join, len(asked))
    return Span(lasts[wanted - 1], lasts[-1])


def _quorum(join: AtLeast, asked: int) -> int:
    return min(join.at_least, asked)
