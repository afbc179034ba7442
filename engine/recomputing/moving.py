"""What a dossier's entry and rows are when its dates move. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson

from engine.audit import Entry, entry_hash
from engine.casework.decision import SYSTEM_UNIT, iso
from engine.casework.orders import MACHINE
from engine.catalogue import Catalogue
from engine.clocks.calendar import Calendar
from engine.recomputing.effect import leads, of_whom
from engine.recomputing.standing import Standing, stand
from storage.recomputing import Job, Moved, OpenClock, Writer

ACTION = "recompute_dues"
COPIED = frozenset({"consultation", "handoff", "obligation", "feedback"})


class Moving:
    """Dossiers under the calendars of one catalogue."""

    def __init__(self, catalogue: Catalogue, calendars: Mapping[str, Calendar], now: datetime) -> None:
        self.catalogue, self.calendars, self.now = catalogue, calendars, now

    def writer(self, job: Job) -> Writer:
        return Writer(job=job.calendar_no, calendar_no=self.catalogue.calendar_no, who=MACHINE.name, unit=SYSTEM_UNIT)

    def of(self, rows: list[OpenClock]) -> Moved | None:
        """`rows`: the open clocks of one dossier. None when nothing changes; ValueError when the rows contradict."""
        head = rows[0]
        made = Moved(id=head.id, seq=head.audit_seq, head=head.audit_head, at=max(self.now, head.last_at),
                     due=head.dossier_due, provisional=head.provisional, clocks=[], timers=[])
        told: list[list[object]] = []
        for row in rows:
            standing = stand(row, self.calendars[of_whom(row)], self.now, leads(self.catalogue, row))
            self._one(made, told, row, standing)
        if told or made.provisional != head.provisional:
            self._enter(made, told)
        return made if made.hash is not None or made.timers else None

    def _one(self, made: Moved, told: list[list[object]], row: OpenClock, standing: Standing) -> None:
        if (standing.due is None) != (row.due_at is None):
            raise ValueError(f"clock {row.no} is stored as due {row.due_at}, its marks give {standing.due}")
        moved = standing.due != row.due_at
        if moved:
            told.append([row.no, row.kind, iso(row.due_at), iso(standing.due)])
            made.copied = made.copied or row.kind in COPIED
        if row.kind == "dossier":
            self._own(made, row, standing)
        if moved or (row.kind == "dossier" and made.provisional != row.provisional):
            made.clocks.append((row.no, _shown_by(row), row.due_at, standing.due))
        alarm = standing.alarm
        if row.alarm is None:
            return  # it is nobody's to be told when this runs out
        if alarm is None or (alarm.kind, alarm.at) != (row.alarm, row.fires_at):
            made.timers.append((row.no, None, None) if alarm is None else (row.no, alarm.kind.value, alarm.at))

    def _own(self, made: Moved, row: OpenClock, standing: Standing) -> None:
        made.due, made.provisional = standing.due, standing.provisional
        if _later(row.due_at, standing.due):
            made.told, made.told_clock = row.intake_unit_id, row.no

    def _enter(self, made: Moved, told: list[list[object]]) -> None:
        details = {"calendar": self.catalogue.calendar_no, "clocks": told, "provisional": made.provisional}
        made.details = orjson.dumps(details, option=orjson.OPT_SORT_KEYS).decode()
        made.hash = entry_hash(Entry(
            dossier_id=made.id, seq=made.seq + 1, at=made.at, actor_id=None, actor_name=MACHINE.name, unit_id=None,
            unit_name=SYSTEM_UNIT, action=ACTION, from_states=(), to_states=(), details=made.details), made.head)


def _shown_by(row: OpenClock) -> int | None:
    """Work without a time of its own shows the date of the dossier."""
    return 0 if row.kind == "dossier" else row.item_no


def _later(old: datetime | None, new: datetime | None) -> bool:
    return old is not None and new is not None and new > old
