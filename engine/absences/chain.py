"""Who stands in for whom on which days: pure, from posts and absences; chains of any length, never in a circle.

A substitute gets the posts of the person he stands in for and no other rights. Where he is away himself, his own
substitute has them for those days. Whoever is away for a part of his work only keeps his place in a chain, and his
substitute has that part beside him.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from procedures.words import Role

# Whoever configures or inspects does so in person.
NOT_LENT = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
EVER = date.max
_DAY = timedelta(days=1)
Piece = TypeVar("Piece", "Lent", "Gap")


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """What a person holds in his own right, from the first day to the last, both included."""

    person: int
    unit: int
    role: str
    since: date
    until: date = EVER


@dataclass(frozen=True, kw_only=True, slots=True)
class Away:
    """An absence as it is in force, both days included. Empty `units` and `procedures`: for everything."""

    id: int
    person: int
    substitute: int
    first: date
    last: date
    units: frozenset[int] = frozenset()
    procedures: frozenset[str] = frozenset()

    def covers(self, unit: int) -> bool:
        return not self.units or unit in self.units

    @property
    def whole(self) -> bool:
        return not self.units and not self.procedures


@dataclass(frozen=True, kw_only=True, slots=True)
class Lent:
    """A post of `principal` that `person` holds in his place; for `procedures` only, where there are any."""

    absence: int
    person: int
    principal: int
    unit: int
    role: str
    since: date
    until: date
    procedures: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Days on which nobody stands in for `person`: the chain ends at `missing`, who holds no post or is away too."""

    absence: int
    person: int
    missing: int
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Standing:
    lent: tuple[Lent, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class _World:
    posts: dict[int, list[Post]]
    absences: dict[int, list[Away]]

    def held(self, person: int, day: date) -> list[Post]:
        return [post for post in self.posts[person] if post.since <= day <= post.until and post.role not in NOT_LENT]

    def away(self, person: int, day: date) -> Away | None:
        return next((away for away in self.absences[person] if away.first <= day <= away.last), None)


def standing(posts: Sequence[Post], absences: Sequence[Away]) -> Standing:
    """Everything that is lent by these absences, days that follow each other in one piece."""
    world = _World(defaultdict(list), defaultdict(list))
    for post in posts:
        world.posts[post.person].append(post)
    for away in absences:
        world.absences[away.person].append(away)
    lent: list[Lent] = []
    gaps: list[Gap] = []
    for away in absences:
        for since, until in _stretches(world, away):
            for found in _of_one(world, away, since):
                piece = replace(found, since=since, until=until)
                if isinstance(piece, Lent):
                    lent.append(piece)
                else:
                    gaps.append(piece)
    return Standing(tuple(_joined(lent)), tuple(_joined(gaps)))


def _stretches(world: _World, away: Away) -> Iterator[tuple[date, date]]:
    """The days of an absence, cut wherever somebody in reach of it comes, goes, gets or loses a post."""
    cuts = {away.first}
    reached, waiting = set[int](), [away.person]
    while waiting:
        person = waiting.pop()
        if person in reached:
            continue
        reached.add(person)
        for post in world.posts[person]:
            cuts |= {post.since} | ({post.until + _DAY} if post.until < EVER else set())
        for other in world.absences[person]:
            cuts |= {other.first, other.last + _DAY}
            waiting.append(other.substitute)
    begins = sorted(cut for cut in cuts if away.first <= cut <= away.last)
    for begin, following in zip(begins, [*begins[1:], away.last + _DAY], strict=True):
        yield begin, following - _DAY


def _of_one(world: _World, away: Away, day: date) -> Iterator[Lent | Gap]:
    missing = set[int]()
    for post in world.held(away.person, day):
        if away.covers(post.unit):
            for holder, procedures in _holders(world, post.unit, away, day, away.procedures, (away.person,)):
                if procedures is None:
                    missing.add(holder)
                else:
                    yield Lent(absence=away.id, person=holder, principal=away.person, unit=post.unit, role=post.role,
                               since=day, until=day, procedures=procedures)
    for person in sorted(missing):
        yield Gap(absence=away.id, person=away.person, missing=person, since=day, until=day)


def _holders(world: _World, unit: int, away: Away, day: date, procedures: frozenset[str],
             trail: tuple[int, ...]) -> Iterator[tuple[int, frozenset[str] | None]]:
    """Along the chain: who has it for which procedures; None for a person at whom it ends without anybody."""
    person = away.substitute
    if person in trail or not world.held(person, day):
        yield person, None
        return
    own = world.away(person, day)
    if own is None or not own.whole:
        yield person, procedures
    if own is None or not own.covers(unit):
        return
    rest = procedures & own.procedures if procedures and own.procedures else procedures or own.procedures
    if rest or not (procedures or own.procedures):
        yield from _after(world, unit, own, day, rest, (*trail, person))


def _after(world: _World, unit: int, own: Away, day: date, procedures: frozenset[str],
           trail: tuple[int, ...]) -> Iterator[tuple[int, frozenset[str] | None]]:
    """What a substitute who is away passes on; nothing is missing where he has kept his place himself."""
    for holder, passed in _holders(world, unit, own, day, procedures, trail):
        if passed is not None or own.whole:
            yield holder, passed


def _joined(pieces: list[Piece]) -> list[Piece]:
    """The same on days that follow each other is one row."""
    found: dict[Piece, list[Piece]] = {}
    for piece in sorted(pieces, key=lambda piece: piece.since):
        rows = found.setdefault(replace(piece, since=EVER, until=EVER), [])
        if rows and rows[-1].until + _DAY == piece.since:
            rows[-1] = replace(rows[-1], until=piece.until)
        else:
            rows.append(piece)
    return [piece for rows in found.values() for piece in rows]


def circle(absences: Sequence[Away], new: Away) -> tuple[int, ...]:
    """The people of the circle that the new absence would close on some day, beginning with its own; else empty."""
    by_person: dict[int, list[Away]] = defaultdict(list)
    for away in absences:
        by_person[away.person].append(away)
    waiting: list[tuple[tuple[int, ...], date, date]] = [((new.person, new.substitute), new.first, new.last)]
    while waiting:
        trail, first, last = waiting.pop()
        for away in by_person[trail[-1]]:
            since, until = max(first, away.first), min(last, away.last)
            if since > until:
                continue
            if away.substitute == new.person:
                return trail
            if away.substitute not in trail:
                waiting.append(((*trail, away.substitute), since, until))
    return ()
