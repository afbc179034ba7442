"""Which truths of conditions can hold together: found by trying every answer that makes a difference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import reduce
from itertools import product

from procedures.declaration import CHANNEL, Declaration, Fact, FactType
from procedures.guards import Guard

Case = tuple[bool, ...]  # the truth of each condition, in their order
Answer = str | int | bool | None

ANSWERS = 20_000  # combinations of answers tried for conditions that share facts: a fifth of a second
CASES = 4_096  # cases kept: twelve conditions that have nothing to do with one another

_DAYS = (date(2000, 1, 1), date(2000, 1, 2), date(2000, 1, 3))  # any that differ


def cases(declaration: Declaration, guards: Sequence[Guard]) -> tuple[frozenset[Case], bool]:
    """The truths these conditions can have together, and whether that is all of them.

    Conditions over other facts do not touch each other, so each group of them is tried apart.
    """
    found: list[tuple[list[int], frozenset[Case]]] = []
    whole = True
    for together in _groups(guards):
        some, tried = _tried(declaration, [guards[at] for at in together])
        found.append((together, some))
        whole = whole and tried
    number = reduce(lambda so_far, group: so_far * len(group[1]), found, 1)
    if number > CASES:
        return frozenset(samples(len(guards))), False
    order = [at for together, _ in found for at in together]
    chosen = (sum(parts, ()) for parts in product(*(some for _, some in found)))
    return frozenset(tuple(case[order.index(at)] for at in range(len(guards))) for case in chosen), whole


def samples(number: int) -> Iterator[Case]:
    """All true, all false, each alone and each alone missing: what is tried where there are too many cases."""
    for all_but in (False, True):
        yield (all_but,) * number
        for alone in range(number):
            yield tuple((at == alone) is not all_but for at in range(number))


def _groups(guards: Sequence[Guard]) -> list[list[int]]:
    """The conditions by the facts they share, directly or through a third."""
    groups: list[tuple[set[str], list[int]]] = []
    for at, guard in enumerate(guards):
        names, members = set(guard.names), [at]
        apart = []
        for known in groups:
            if known[0].isdisjoint(names):
                apart.append(known)
            else:
                names |= known[0]
                members = known[1] + members
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _tried(declaration: Declaration, guards: Sequence[Guard]) -> tuple[frozenset[Case], bool]:
    names = sorted(set().union(*(guard.names for guard in guards)))
    values = [_answers(declaration, name, guards) for name in names]
    if reduce(lambda so_far, some: so_far * len(some), values, 1) > ANSWERS:
        return frozenset(samples(len(guards))), False
    found = set()
    for chosen in product(*values):
        facts = dict(zip(names, chosen, strict=True))
        try:
            found.add(tuple(guard(facts) for guard in guards))
        except TypeError:  # a text compared with a number: where it stands, the step will not be possible
            continue
    return frozenset(found), True


def _answers(declaration: Declaration, name: str, guards: Sequence[Guard]) -> list[Answer]:
    """Answers to one question that conditions can tell apart."""
    if name == CHANNEL:
        return [channel.value for channel in declaration.channels]
    fact = declaration.facts[name]
    said = {value for guard in guards for _, value in guard.compared}
    answers = list(dict.fromkeys(_different(fact, said)))
    return answers if fact.required else [*answers, None]


def _different(fact: Fact, said: set[str | int | bool | None]) -> Iterator[Answer]:
    match fact.type:
        case FactType.BOOLEAN:
            yield from (True, False)
        case FactType.CHOICE:
            yield from fact.choices or {}
        case FactType.TEXT:
            yield from (value for value in said if isinstance(value, str))
            yield from ("…", "… …")
        case FactType.INTEGER:
            yield from _numbers(fact, [value for value in said if type(value) is int])
        case FactType.DATE:
            for day in (*_DAYS, *filter(None, map(_day, said))):
                yield from ((day + timedelta(days=apart)).isoformat() for apart in (-1, 0, 1))


def _numbers(fact: Fact, said: Sequence[int]) -> Iterator[int]:
    edges = [edge for edge in (fact.min, fact.max) if edge is not None]
    for middle in (1, *edges, *said):
        for number in (middle - 1, middle, middle + 1):
            if (fact.min is None or number >= fact.min) and (fact.max is None or number <= fact.max):
                yield number


def _day(value: Answer) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
