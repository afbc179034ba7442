"""The clocks of a dossier as people see them: each due date, and why it is that date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from engine.casework import obligations
from engine.casework.clocks import rebuild
from engine.casework.expiry import effect_of
from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.clocks.calendar import Calendar
from engine.clocks.course import Measure
from engine.clocks.evaluation import Evaluation, evaluate
from engine.clocks.explanation import BEGUN, RECEIVED, explain
from engine.clocks.faults import OutsideCalendar
from engine.clocks.ledger import Line, LineKind
from engine.clocks.marks import Clock, ClockState, MarkKind
from engine.desk import clock_words
from engine.desk.clock_answer import Told, awaited, sentence
from engine.desk.clock_record import Acts, Cause, DateChange
from engine.desk.clock_words import Facts, Source
from engine.desk.places import Lateness, UnitRef, day_of, lateness, state_name, unit_ref
from engine.desk.story import RECOMPUTED
from engine.desk.work import end_of_next_working_day
from engine.errors import NotFound
from engine.office import Office
from engine.workcalendars import SHARED, SHARED_NAME
from procedures.declaration import Expiry, Text
from storage.views import clocks as views

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkRow:
    kind: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockView:
    """The dossier's own clock. `lines` explain the due date day by day; `remaining` is in working minutes."""

    no: int
    limit: Text
    mode: str
    state: ClockState
    first_due_at: datetime | None
    due_at: datetime | None
    due_if_resumed: datetime | None
    provisional: bool
    elapsed: int
    remaining: int | None
    marks: list[MarkRow]
    lines: list[Line]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockRow:
    """One clock. `unit` works under it; `anew_at`: since when it counts, if it began anew.

    `due_if_resumed`: the date if it went on now. Ended ones are late or not.

    `expiry`: what happens when it is due: remind, escalate, return, tacit_yes, tacit_no or nothing.
    """

    no: int
    kind: str
    name: Text
    unit: UnitRef | None
    limit: Text
    state: ClockState
    started_at: datetime
    anew_at: datetime | None
    first_due_at: datetime | None
    due_at: datetime | None
    due_if_resumed: datetime | None
    provisional: bool
    ended_at: datetime | None
    lateness: Lateness
    expiry: Expiry


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """Every clock a dossier has or had, in the order they began."""

    code: str
    procedure_name: Text
    clocks: list[ClockRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class ClockLine:
    """A line of the arithmetic. A day has what it added and the total so far, in `measure`; a mark has its `cause`."""

    kind: LineKind
    vi: str
    en: str
    day: date | None
    measure: Measure | None
    amount: int
    total: int
    basis: str
    mark: MarkKind | None
    cause: Cause | None
    rule: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarPart:
    """What one scope declared, and why: number `number` of its versions."""

    scope: str
    name: Text
    number: int
    reason: str
    entered_at: datetime
    entered_by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarUsed:
    """Whose calendar counted, as of which calendar number. `newer`: a later one says otherwise."""

    agency: str
    name: Text
    number: int
    parts: list[CalendarPart]
    newer: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """Why a clock is due when it is. `computed_due_at` is what the lines come to; `agrees`: it is the stored date.

    `changes`: every date the clock had, with what brought it. `awaits`: what would confirm a provisional date.
    """

    code: str
    procedure_name: Text
    applicant: str
    clock: ClockRow
    answer: Text
    source: Source
    way: Text
    begins: Text
    calendar: CalendarUsed
    lines: list[ClockLine]
    computed_due_at: datetime | None
    agrees: bool
    changes: list[DateChange]
    calendars: dict[str, CalendarPart]
    awaits: Text | None


def clocks_of(office: Office, code: str, reader: Actor | None, now: datetime) -> Clocks:
    """Raises NotFound for strangers; `reader` None is the machine itself."""
    seen = _Seen(office, code, reader, now)
    return Clocks(code=code, procedure_name=seen.acts.procedure.declaration.name,
                  clocks=[seen.row(clock) for clock in seen.record.clocks])


def why_due(office: Office, code: str, no: int, reader: Actor | None, now: datetime) -> Why:
    """Raises NotFound for strangers and for a number no clock has; `reader` None is the machine itself."""
    seen = _Seen(office, code, reader, now)
    row = next((row for row in seen.record.clocks if row["no"] == no), None)
    if row is None:
        raise NotFound(what=f"thời hạn số {no} của hồ sơ {code}", what_en=f"clock {no} of dossier {code}")
    return seen.why(row)


class _Seen:
    """A dossier's clocks before one reader at one moment."""

    def __init__(self, office: Office, code: str, reader: Actor | None, now: datetime) -> None:
        found = views.record(office.db, code, reader.id if reader else 0, day_of(now), blind=reader is None)
        if found is None:
            raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
        self.office, self.record, self.now = office, found, now
        self.catalogue = office.catalogue(found.revision)
        self.acts = Acts(found, self.catalogue)

    def row(self, clock: Row) -> ClockRow:
        return self._row(clock, *self._evaluated(clock))

    def _row(self, clock: Row, told: Clock, stands: Evaluation) -> ClockRow:
        item = self.record.items.get(str(clock["item_no"]))
        due, ended = _instant(clock["due_at"]), _instant(clock["ended_at"])
        return ClockRow(
            no=clock["no"], kind=clock["kind"], name=self._name(clock),
            unit=unit_ref(self.catalogue, item["unit_id"]) if item else None,
            limit=Text(vi=told.limit.vi, en=told.limit.en), state=stands.state, started_at=told.marks[0].at,
            anew_at=next((mark.at for mark in reversed(told.marks) if mark.kind is MarkKind.RESTART), None),
            first_due_at=_instant(clock["first_due_at"]), due_at=due, due_if_resumed=_utc(stands.due_if_resumed),
            provisional=stands.provisional, ended_at=ended, lateness=self._lateness(due, ended),
            expiry=effect_of(clock))

    def _lateness(self, due: datetime | None, ended: datetime | None) -> Lateness:
        if ended is None:
            own = self.catalogue.calendar(self.record.intake_agency)
            return lateness(due, self.now, end_of_next_working_day(self.now, own))
        if due is None:
            return Lateness.NOT_COUNTED
        return Lateness.OVERDUE if ended > due else Lateness.ON_TIME

    def _evaluated(self, clock: Row) -> tuple[Clock, Evaluation]:
        told = rebuild(clock)
        return told, evaluate(told, self._calendar(clock), max(self.now, told.marks[-1].at))

    def _agency(self, clock: Row) -> str:
        return clock["agency"] or self.record.intake_agency

    def _calendar(self, clock: Row) -> Calendar:
        return self.catalogue.calendar_at(self._agency(clock), self._number(clock))

    def _number(self, clock: Row) -> int:
        return calendar_number(self.catalogue, self._agency(clock), clock)

    def _name(self, clock: Row) -> Text:
        if clock["kind"] == "agency":
            return clock_words.clock_name("agency", self._agency_name(self._agency(clock)))
        return clock_words.clock_name(clock["kind"], self._step(clock) or self._owed(clock))

    def _step(self, clock: Row) -> Text | None:
        """What the step was called where its clock has its limit from; a consultation names none."""
        item = self.record.items.get(str(clock["item_no"]))
        if item is None or clock["kind"] == "consultation":
            return None
        declared, state = self.acts.declared(clock), item["state"]
        # a move to another version renames the work that was done before it, too
        return state_name(declared if state in declared.states else self.acts.procedure, state)

    def _owed(self, clock: Row) -> Text | None:
        owed = self.record.obligations.get(str(clock["no"]))
        return Text(vi=owed["vi"], en=owed["en"]) if owed else None

    def _agency_name(self, agency: str) -> Text:
        unit = next((unit for unit in self.catalogue.units.values() if unit.agency == agency), None)
        return Text(vi=unit.agency_vi, en=unit.agency_en) if unit else Text(vi=agency, en=agency)

    def why(self, clock: Row) -> Why:
        told, stands = self._evaluated(clock)
        made, changes, row = self.acts.made(clock), self.acts.dates(clock), self._row(clock, told, stands)
        facts = self._facts(clock, told)
        used, numbered = self._used(clock, changes)
        lines, calendar = list(self._lines(clock, told, made, facts)), self._calendar(clock)
        return Why(
            code=self.record.code, procedure_name=self.acts.procedure.declaration.name,
            applicant=self.record.applicant, clock=row,
            answer=sentence(told, stands, calendar, Told(off=lines_off(lines, calendar), place=used.name,
                                                         extended_from=_extended_from(changes))),
            source=clock_words.source(facts), way=clock_words.way(told.limit, told.mode),
            begins=clock_words.begins(facts, made[0]), calendar=used, lines=lines, computed_due_at=_utc(stands.due),
            agrees=stands.due == row.due_at, changes=changes, calendars=numbered,
            awaits=awaited(stands) if stands.provisional else None)

    def _facts(self, clock: Row, told: Clock) -> Facts:
        item = self.record.items.get(str(clock["item_no"]), {})
        return Facts(
            row=clock, limit=told.limit, procedure=self.acts.declared(clock),
            given={**self.record.facts, "channel": self.record.channel}, step=self._step(clock),
            owed=self._owed(clock), register_due=_instant(self.record.register_dues.get(item.get("handoff_id") or "")),
            on=clock_words.rules_of(None if clock["kind"] == "feedback" else self.record.received_at,
                                    told.marks[0].at))

    def _lines(self, clock: Row, told: Clock, made: Sequence[Cause | None], facts: Facts) -> Iterable[ClockLine]:
        # the reasons of the marks are ids of acts: their causes say more
        bare = replace(told, marks=tuple(replace(mark, reason="") for mark in told.marks))
        for line in explain(bare, self._calendar(clock), RECEIVED if clock["kind"] == "dossier" else BEGUN):
            if line.measure is Measure.UNTIL:
                continue  # under an apology no day counts: its date does
            cause = made[line.mark] if line.mark is not None else None
            mark = told.marks[line.mark].kind if line.mark is not None else None
            yield ClockLine(
                kind=line.kind, vi=line.vi, en=line.en, day=line.day, measure=line.measure, amount=line.amount,
                total=line.total, basis=line.basis, mark=mark, cause=cause,
                rule=clock_words.ruled(mark, cause, self.acts.under(cause), facts.on) if mark else None)

    def _used(self, clock: Row, changes: Sequence[DateChange]) -> tuple[CalendarUsed, dict[str, CalendarPart]]:
        """The calendar of the clock, and by number those whose publication moved it."""
        agency, number = self._agency(clock), self._number(clock)
        ids = self.catalogue.calendars.versions(agency, number)
        moved = {change.calendar_no for change in changes if change.cause.action == RECOMPUTED and change.calendar_no}
        found = views.versions(self.office.db, {*ids, *moved})
        parts = {id_: self._part(version) for id_, version in found.items()}
        newest = self.catalogue.calendars.versions(agency, self.catalogue.calendar_no)
        used = CalendarUsed(agency=agency, name=self._agency_name(agency), number=number,
                            parts=[parts[id_] for id_ in ids if id_ in parts], newer=ids != newest)
        return used, {str(id_): parts[id_] for id_ in moved if id_ in parts}

    def _part(self, version: views.Version) -> CalendarPart:
        return CalendarPart(
            scope=version.scope, name=SHARED_NAME if version.scope == SHARED else self._agency_name(version.scope),
            number=version.number, reason=version.reason, entered_at=version.entered_at, entered_by=version.entered_by)


def _extended_from(changes: Sequence[DateChange]) -> datetime | None:
    """The date the last apology replaced, as it was then."""
    before = None
    for former, change in pairwise(changes):
        before = former.due_at if change.kind == MarkKind.EXTEND else before
    return before


def calendar_number(catalogue: Catalogue, agency: str, clock: Row) -> int:
    """As of which calendar number a clock is explained: the newest as soon as that gives the stored date.

    Until it was computed again, and once it has ended, it is the one the date was computed with.
    """
    newest, told = catalogue.calendar_no, rebuild(clock)
    if clock["ended_at"] is not None:
        return int(clock["calendar_no"])
    try:
        holds = evaluate(told, catalogue.calendar_at(agency, newest)).due == _instant(clock["due_at"])
    except OutsideCalendar:
        holds = False  # a year the newer calendar does not cover
    return newest if holds else int(clock["calendar_no"])


def lines_off(lines: Sequence[ClockLine], calendar: Calendar) -> int:
    """The days off that were passed over since the clock last began anew."""
    off: list[date] = []
    for line in lines:
        if line.mark is MarkKind.RESTART:
            off.clear()
        if line.kind is LineKind.SKIPPED and line.day is not None and not calendar.is_working_day(line.day):
            off.append(line.day)
    return len(off)


def own(catalogue: Catalogue, agency: str, rows: Sequence[Row], now: datetime) -> ClockView | None:
    """The dossier's own clock; None for a procedure without a statutory limit, and before acceptance."""
    row = next((row for row in reversed(rows) if row["kind"] == "dossier"), None)
    if row is None:
        return None
    kept = rebuild(row)
    told = replace(kept, marks=tuple(replace(mark, reason="") for mark in kept.marks))
    whose = row["agency"] or agency
    calendar = catalogue.calendar_at(whose, calendar_number(catalogue, whose, row))
    stands = evaluate(told, calendar, max(now, told.marks[-1].at))
    return ClockView(
        no=row["no"], limit=Text(vi=told.limit.vi, en=told.limit.en), mode=told.mode, state=stands.state,
        first_due_at=stands.first_due, due_at=stands.due, due_if_resumed=stands.due_if_resumed,
        provisional=stands.provisional, elapsed=stands.elapsed, remaining=stands.remaining,
        marks=[MarkRow(kind=mark.kind, at=mark.at, until=mark.until) for mark in told.marks],
        lines=list(explain(told, calendar)))


def numbers(rows: Sequence[Row], items: Sequence[Row], owed: Sequence[Row]) -> dict[str, int]:
    """The clock behind each date that a dossier's page shows: of the dossier, a state, a hand-off, an obligation."""
    own_no = next((row["no"] for row in reversed(rows) if row["kind"] == "dossier"), None)
    found: dict[str, int] = {} if own_no is None else {"dossier": own_no}
    for item in items:
        mine = {row["kind"]: row["no"] for row in rows if row["item_no"] == item["no"] and row["ended_at"] is None}
        number = next((mine[kind] for kind in _OF_ITEM if kind in mine), own_no)
        if number is not None:
            found[item["state"]] = number
        if "handoff" in mine:
            found[item["handoff_id"]] = mine["handoff"]
    return found | {obligations.place(one["no"]): one["clock_no"] for one in owed}


# What an item's due date is, the first that runs.
_OF_ITEM = ("consultation", "step", "handoff", "answer", "request")


def _utc(at: datetime | None) -> datetime | None:
    """As everything stored is written."""
    return at.astimezone(UTC) if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
