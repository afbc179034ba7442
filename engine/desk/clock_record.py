"""What the audit says of a clock: which act made each mark, and every date the clock ever had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from engine.audit import read_told
from engine.casework.telling import act_name
from engine.catalogue import Catalogue
from engine.clocks.marks import MarkKind
from engine.desk.story import MOVES, RECOMPUTED, in_force
from engine.states.procedure import Procedure
from procedures.declaration import Text
from storage.views.clocks import Record

Row = dict[str, Any]
CONFIRMING = ("confirmed", "provisional")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """The entry of the audit that moved a clock. `words` are what was written with it, by field."""

    seq: int
    at: datetime
    who: str
    unit: str
    action: str
    name: Text
    words: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DateChange:
    """A date the clock was given; `due_at` is None when it stood still from then on.

    `calendar_no`: the calendar it was computed with. `kind`: what was done to the clock (start, stop, resume, restart,
    extend); `calendar` when nothing but the calendar changed, `confirmed` when that left the date but made it final,
    `provisional` when it is final no more.
    """

    cause: Cause
    kind: str
    due_at: datetime | None
    calendar_no: int | None


class Acts:
    """The audit of one dossier, read once for all its clocks."""

    def __init__(self, record: Record, catalogue: Catalogue) -> None:
        self.procedure = catalogue.procedures[record.version_id]
        self.before = in_force(catalogue, self.procedure, record.timeline)
        self._rows = [(row, read_told(row["details"])) for row in record.timeline]
        self._by_mark: dict[tuple[object, str], Row] = {}
        for row, told in self._rows:
            for no, kind, mark, *_ in _entries(told, "marks"):
                self._by_mark.setdefault((no, _key(mark)), row)
                self._by_mark.setdefault((str(kind), _key(mark)), row)

    def made(self, clock: Row) -> list[Cause | None]:
        """Who made each mark, in the order of the marks; None where the audit does not say."""
        return [self._of_mark(clock, mark) for mark in clock["marks"]]

    def _of_mark(self, clock: Row, mark: Row) -> Cause | None:
        row = self._by_mark.get((clock["no"], _key(mark)))
        if row is None or row["action"] in MOVES:
            # a clock that another version of the procedure continued has the marks of the one before it
            row = self._by_mark.get((clock["kind"], _key(mark)), row)
        return None if row is None else self._cause(row)

    def declared(self, clock: Row) -> Procedure:
        """The version a clock has its limit from: that under which it was first written."""
        row = self._by_mark.get((clock["no"], _key(clock["marks"][0])))
        return self.under(None if row is None else self._cause(row))

    def under(self, cause: Cause | None) -> Procedure:
        """The version of the procedure that held when an act was over."""
        later = sorted(seq for seq in self.before if cause is not None and seq > cause.seq)
        return self.before[later[0]] if later else self.procedure

    def dates(self, clock: Row) -> list[DateChange]:
        """Oldest first. An end leaves the date as it is and is not among them."""
        found: list[DateChange] = []
        for row, told in self._rows:
            change = self._recomputed(clock, row, told) or self._marked(clock, row, told)
            if change is None:
                continue
            if change.kind in CONFIRMING and found:
                found.append(replace(change, due_at=found[-1].due_at))
            elif not found or change.due_at != found[-1].due_at:
                found.append(change)
        return found

    def _marked(self, clock: Row, row: Row, told: Row) -> DateChange | None:
        mine = [entry for entry in _entries(told, "marks") if entry[0] == clock["no"]]
        if not mine or mine[-1][2].get("kind") == MarkKind.END:
            return None
        _, _, mark, due, *rest = mine[-1]
        return DateChange(cause=self._cause(row), kind=str(mark.get("kind")), due_at=_instant(due),
                          calendar_no=rest[0] if rest else None)

    def _recomputed(self, clock: Row, row: Row, told: Row) -> DateChange | None:
        if row["action"] != RECOMPUTED:
            return None
        moved, number = _entries(told, "clocks"), told.get("calendar")
        new = next((entry[3] for entry in moved if entry[0] == clock["no"]), None)
        if new is None and (moved or clock["kind"] != "dossier"):
            return None
        # nothing moved: what changed is whether the dossier's date is final
        kind = "calendar" if moved else CONFIRMING[told.get("provisional") is True]
        return DateChange(cause=self._cause(row), kind=kind, due_at=_instant(new),
                          calendar_no=number if isinstance(number, int) else None)

    def _cause(self, row: Row) -> Cause:
        return Cause(
            seq=row["seq"], at=datetime.fromisoformat(row["at"]), who=row["who"], unit=row["unit"],
            action=row["action"], name=act_name(self.before[row["seq"]], row["action"], row["from_states"]),
            words={name: str(words) for name, words in read_told(row["words"] or "{}").items()})


def _entries(told: Mapping[str, Any], name: str) -> list[list[Any]]:
    """Those that have the four values every one of them begins with: a record that was tampered with is read, too."""
    listed = told.get(name)
    return [entry for entry in listed if isinstance(entry, list) and len(entry) >= 4
            and (name != "marks" or isinstance(entry[2], dict))] if isinstance(listed, list) else []


def _key(mark: Row) -> str:
    return orjson.dumps(mark, option=orjson.OPT_SORT_KEYS).decode()


def _instant(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
