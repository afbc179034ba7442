"""Who had a dossier how long: its life cut into pieces without gap or overlap, and the time of each piece of work.

A stop of the legal clock is booked to nobody, with its cause. What is on its way to an agency is transit until a named
person registers it, at the latest until the time to register is over: from then on the agency has it, or it could hold
back time by not registering. An outage stops nothing: it only lengthens transit, which no officer answers for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from engine.clocks.calendar import Calendar
from engine.clocks.zone import instant_of, minute_of

# Whose working time counts for a unit.
CalendarOf = Callable[[int], Calendar]


class Stay(StrEnum):
    """STOPPED: the legal clock stands still. UNHELD: nobody had it, which the mechanism should not let happen."""

    OFFICE = "office"
    TRANSIT = "transit"
    STOPPED = "stopped"
    UNHELD = "unheld"


class Way(StrEnum):
    """Why something is in transit: the message has not arrived, or nobody has registered it."""

    UNDELIVERED = "undelivered"
    UNREGISTERED = "unregistered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """A stop of the legal clock; `ends` is None while it lasts."""

    begins: datetime
    ends: datetime | None
    cause: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A piece of work of a unit. `register_due` is None for what came without a hand-off.

    `person` is who did it. A wait of the citizen is no work: it is not among these.
    """

    no: int
    unit: int
    opened: datetime
    delivered: datetime | None = None
    registered: datetime | None = None
    register_due: datetime | None = None
    closed: datetime | None = None
    person: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """What the record tells of a dossier from valid receipt to the end of its time, or to now; in any order."""

    received: datetime
    ended: datetime
    waits: Sequence[Wait] = ()
    items: Sequence[Item] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A piece of the life. `items`: the numbers of those at work, or on their way; `minutes` of working time.

    `cause`: of a stop what stopped it, of transit a Way; else empty.
    """

    begins: datetime
    ends: datetime
    stay: Stay
    items: tuple[int, ...]
    cause: str
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Booked:
    """Working minutes of one item: the unit's own, by its calendar; those on the way, by the desk's."""

    item: Item
    office: int
    transit: int


@dataclass(frozen=True, slots=True)
class _Piece:
    begins: int
    ends: int
    stay: Stay
    item: int
    cause: str


def tile(life: Life, calendar: Calendar) -> tuple[Segment, ...]:
    """The life without gap or overlap, by the calendar of the agency that took it in.

    At any moment a stop comes before work, and work before transit. Neighbours that differ in nothing are one.
    """
    pieces = [*_waits(life), *(piece for item in life.items for piece in _pieces(item, life))]
    begins, ends = _bounds(life)
    cuts = sorted({begins, ends, *(cut for piece in pieces for cut in (piece.begins, piece.ends))})
    found: list[tuple[int, int, Stay, tuple[int, ...], str]] = []
    for start, stop in pairwise(cuts):
        stay, items, cause = _at(start, pieces)
        if found and found[-1][2:] == (stay, items, cause):
            start = found.pop()[0]
        found.append((start, stop, stay, items, cause))
    return tuple(
        Segment(begins=instant_of(start), ends=instant_of(stop), stay=stay, items=items, cause=cause,
                minutes=calendar.worked(stop) - calendar.worked(start))
        for start, stop, stay, items, cause in found)


def book(life: Life, calendar: Calendar, calendar_of: CalendarOf) -> tuple[Booked, ...]:
    """What each piece of work took, without the stops; where agencies work in parallel their times overlap."""
    stops = _merged((piece.begins, piece.ends) for piece in _waits(life))
    booked = []
    for item in sorted(life.items, key=lambda item: item.no):
        pieces = _pieces(item, life)
        own = calendar_of(item.unit)
        booked.append(Booked(
            item=item, office=sum(_worked(piece, stops, own) for piece in pieces if piece.stay is Stay.OFFICE),
            transit=sum(_worked(piece, stops, calendar) for piece in pieces if piece.stay is Stay.TRANSIT)))
    return tuple(booked)


def _bounds(life: Life) -> tuple[int, int]:
    """What ended before the office opened again took no time."""
    begins = minute_of(life.received)
    return begins, max(begins, minute_of(life.ended))


def _waits(life: Life) -> list[_Piece]:
    found = [_clipped(life, wait.begins, wait.ends, Stay.STOPPED, 0, wait.cause) for wait in life.waits]
    return [piece for piece in found if piece is not None]


def _pieces(item: Item, life: Life) -> list[_Piece]:
    """On the way until it arrived, until it was registered; then with the unit."""
    closed = life.ended if item.closed is None else item.closed
    taken = min(closed, _taken(item))
    delivered = min(taken, max(item.opened, item.delivered or taken))
    found = (
        _clipped(life, item.opened, delivered, Stay.TRANSIT, item.no, Way.UNDELIVERED),
        _clipped(life, delivered, taken, Stay.TRANSIT, item.no, Way.UNREGISTERED),
        _clipped(life, taken, closed, Stay.OFFICE, item.no, ""),
    )
    return [piece for piece in found if piece is not None]


def _taken(item: Item) -> datetime:
    """From when the unit answers for it."""
    if item.register_due is None:
        return item.opened
    return max(item.opened, min(item.register_due, item.registered or item.register_due))


def _clipped(life: Life, begins: datetime, ends: datetime | None, stay: Stay, item: int, cause: str) -> _Piece | None:
    """The part of it within the life, in whole minutes; None if there is none."""
    first, last = _bounds(life)
    start = max(first, minute_of(begins))
    stop = last if ends is None else min(last, minute_of(ends))
    return _Piece(start, stop, stay, item, cause) if start < stop else None


def _at(minute: int, pieces: Iterable[_Piece]) -> tuple[Stay, tuple[int, ...], str]:
    """What counts from that minute to the next cut."""
    there = [piece for piece in pieces if piece.begins <= minute < piece.ends]
    stops = [piece for piece in there if piece.stay is Stay.STOPPED]
    if stops:
        return Stay.STOPPED, (), min(stops, key=lambda piece: (piece.begins, piece.cause)).cause
    for stay in (Stay.OFFICE, Stay.TRANSIT):
        held = [piece for piece in there if piece.stay is stay]
        if held:
            # of several on their way, one that has not even arrived is what holds the others up
            return stay, tuple(sorted({piece.item for piece in held})), min(piece.cause for piece in held)
    return Stay.UNHELD, (), ""


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _worked(piece: _Piece, stops: Sequence[tuple[int, int]], calendar: Calendar) -> int:
    """Working minutes of a piece that no stop covers."""
    total = calendar.worked(piece.ends) - calendar.worked(piece.begins)
    for begins, ends in stops:
        start, stop = max(begins, piece.begins), min(ends, piece.ends)
        if start < stop:
            total -= calendar.worked(stop) - calendar.worked(start)
    return total
