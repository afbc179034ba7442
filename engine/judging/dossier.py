"""One dossier's time: who had it how long, what was on its way, what stood still and why, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.casework.clocks import rebuild
from engine.casework.judging import longest_limit
from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.clocks.booking import Booked, Life, Segment, Stay, Way, book, tile
from engine.clocks.calendar import Calendar
from engine.clocks.judgement import Judgement, Verdict, judge, judge_undated, measure
from engine.clocks.limits import CountMode
from engine.desk.places import UnitRef, day_of, state_name, unit_ref
from engine.errors import NotFound
from engine.judging.lives import life_of, own_clock
from engine.judging.moves import Moved, moves_of
from engine.judging.words import CAUSES, WAYS
from engine.office import Office
from engine.states.mechanism import EVENT_NAMES
from engine.states.procedure import Procedure
from procedures.declaration import Text
from storage.views import timeliness as views
from storage.views.timeliness import LifeRow

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """A unit at work, at which step, and who did it, once it is done; nobody answers for what is on its way."""

    unit: UnitRef
    step: Text
    person: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """`holders`: who had it, or is to get it; `cause`: what stopped it, or why it was still on its way."""

    begins: datetime
    ends: datetime
    stay: Stay
    minutes: int
    holders: list[Holder]
    cause: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One piece of work, in working minutes by the unit's calendar; `transit` is nobody's.

    `verdict` is against the limit of the step: NOT_JUDGED without one, None while it runs and is not late.
    """

    holder: Holder
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    office: int
    transit: int
    verdict: Verdict | None
    late: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierTime:
    """`pieces` leave no gap and do not overlap; `totals` are their working minutes by stay, together `minutes`.

    `judgement` is what was written when its time ended, or how it stands while it runs (`final` False). None before
    the dossier is received. `limit`: as it is written, None where the dossier has none. `moves`: why the date is not
    the first any more.
    """

    code: str
    procedure: str
    procedure_name: Text
    received_at: datetime | None
    ended_at: datetime | None
    minutes: int
    totals: dict[str, int]
    pieces: list[Piece]
    works: list[Work]
    supplements: int
    judgement: Judgement | None
    final: bool
    limit: Text | None
    moves: list[Moved]


def dossier_time(office: Office, code: str, actor: Actor, now: datetime) -> DossierTime:
    """Raises NotFound for strangers."""
    row = views.life(office.db, code, actor.id, day_of(now))
    if row is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    catalogue, clock = office.fresh_catalogue(), own_clock(row)
    told = Reading(row, catalogue, now).told()
    if clock is None:
        return told
    return replace(told, moves=moves_of(office.db, catalogue, code, clock, (actor.id, day_of(now))))


class Reading:
    """What follows from the record of one dossier as of `now`."""

    def __init__(self, row: LifeRow, catalogue: Catalogue, now: datetime) -> None:
        self.row, self.catalogue, self.now = row, catalogue, now
        self.procedure: Procedure = catalogue.procedures[row.version_id]
        self.calendar = catalogue.calendar(row.intake_agency)
        self.items: Mapping[int, Row] = {item["no"]: item for item in row.items}

    def told(self) -> DossierTime:
        row, life = self.row, life_of(self.row, self.now)
        segments = tile(life, self.calendar) if life else ()
        booked = book(life, self.calendar, self._of_unit) if life else ()
        return DossierTime(
            code=row.code, procedure=self.procedure.key, procedure_name=self.procedure.declaration.name,
            received_at=row.received_at, ended_at=row.finished_at, minutes=sum(one.minutes for one in segments),
            totals={stay.value: sum(one.minutes for one in segments if one.stay is stay) for stay in Stay},
            pieces=[self._piece(one) for one in segments],
            works=[self._work(one) for one in booked if life is not None and one.item.opened < life.ended],
            supplements=row.supplements, judgement=self._judgement(life) if life else None,
            final=row.judgement is not None, limit=self._limit(), moves=[])

    def judged(self) -> Judgement | None:
        """What follows from the record again; None for what was never received."""
        life = life_of(self.row, self.now)
        return self._judgement(life) if life else None

    def _limit(self) -> Text | None:
        clock = own_clock(self.row)
        limit = rebuild(clock).limit if clock else None
        return Text(vi=limit.vi, en=limit.en) if limit else None

    def _of_unit(self, unit: int) -> Calendar:
        return self.catalogue.calendar(self.catalogue.units[unit].agency)

    def _holder(self, no: int, *, named: bool = True) -> Holder:
        item = self.items[no]
        return Holder(unit=unit_ref(self.catalogue, item["unit_id"]), step=state_name(self.procedure, item["state"]),
                      person=item["person"] if named else None)

    def _piece(self, one: Segment) -> Piece:
        cause = None
        if one.stay is Stay.TRANSIT:
            cause = WAYS[Way(one.cause)]
        elif one.stay is Stay.STOPPED:
            cause = CAUSES.get(one.cause) or EVENT_NAMES.get(one.cause) or Text(vi=one.cause, en=one.cause)
        return Piece(begins=one.begins, ends=one.ends, stay=one.stay, minutes=one.minutes, cause=cause,
                     holders=[self._holder(no, named=one.stay is Stay.OFFICE) for no in one.items])

    def _work(self, one: Booked) -> Work:
        item = one.item
        # the last, if the procedure changed under it
        clock = next((row for row in reversed(self.row.clocks) if row["item_no"] == item.no), None)
        verdict: Verdict | None = Verdict.NOT_JUDGED
        due, late = None, 0
        if clock is not None:
            calendar = self.catalogue.calendar_at(clock["agency"] or self.row.intake_agency, clock["calendar_no"])
            found = measure(rebuild(clock), item.closed or self.now, calendar)
            due, late = found.due, found.late
            verdict = found.verdict if item.closed is not None or found.after_due else None
        return Work(holder=self._holder(item.no), opened_at=item.opened, closed_at=item.closed, due_at=due,
                    office=one.office, transit=one.transit, verdict=verdict, late=late)

    def _judgement(self, life: Life) -> Judgement:
        """Derived from the record again, by the calendar that was in force for it: it must say what was written."""
        clock = own_clock(self.row)
        if clock is None:
            declaration = self.procedure.declaration
            return judge_undated(life, longest_limit(declaration), CountMode(declaration.count_mode),
                                 self.row.supplements, self._at(None))
        return judge(rebuild(clock), self.row.first_due_at, life.ended, self.row.supplements, self._at(clock))

    def _at(self, clock: Row | None) -> Calendar:
        written = self.row.judgement
        number = written["calendar_no"] if written else clock["calendar_no"] if clock else self.catalogue.calendar_no
        return self.catalogue.calendar_at(self.row.intake_agency, number)
