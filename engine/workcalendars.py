"""The working calendars as they are declared: which one counts for an agency, now or as of a number.

A calendar number names one moment of the whole: of every scope (the shared calendar, then each agency from the top of
the organisation down) the newest version with no greater number. So one integer beside a due date says with which
calendar it was computed, whatever was declared later.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.clocks.calendar import Calendar, effective, national
from procedures.calendars.declaration import CalendarDeclaration, LocalRules
from storage.session import Database

SHARED = ""


@dataclass(slots=True, frozen=True)
class VersionHead:
    """A version without its content. Numbers rise over all scopes."""

    id: int
    scope: str


class Calendars:
    """Shared by threads; a calendar is built when an agency first needs it. Agencies that declare nothing share one."""

    def __init__(self, db: Database, heads: Sequence[VersionHead], line: Callable[[str], Sequence[str]],
                 built: dict[tuple[int, ...], Calendar] | None = None) -> None:
        self.number = max((head.id for head in heads), default=0)
        self._db, self._line = db, line
        self._versions: dict[str, list[int]] = {}
        for head in sorted(heads, key=lambda one: one.id):
            self._versions.setdefault(head.scope, []).append(head.id)
        # by the versions it is made of: those never change
        self.built: dict[tuple[int, ...], Calendar] = {} if built is None else built

    def of(self, agency: str, number: int | None = None) -> Calendar:
        """The calendar of an agency ('' is the shared one), as of `number` or now."""
        ids = self.versions(agency, self.number if number is None else number)
        known = self.built.get(ids)
        if known is None:
            known = self.built[ids] = self._build(ids)
        return known

    def versions(self, agency: str, number: int) -> tuple[int, ...]:
        """What it is made of: the shared calendar first, the agency's own rows last."""
        scopes = [SHARED, *(reversed(self._line(agency)) if agency else ())]
        return tuple(id_ for scope in scopes if (id_ := self._newest(scope, number)) is not None)

    def _newest(self, scope: str, number: int) -> int | None:
        ids = self._versions.get(scope, [])
        found = bisect_right(ids, number)
        return ids[found - 1] if found else None

    def _build(self, ids: tuple[int, ...]) -> Calendar:
        contents = read_contents(self._db, ids)
        shared = next((text for scope, text in contents if scope == SHARED), None)
        if shared is None:
            return national()
        return effective(CalendarDeclaration.model_validate_json(shared),
                         [LocalRules.model_validate_json(text) for scope, text in contents if scope != SHARED])


def read_calendars(db: Database, line: Callable[[str], Sequence[str]], known: Calendars | None) -> Calendars:
    heads = db.rows(VersionHead, "select id, scope from calendar_version")
    return Calendars(db, heads, line, known.built if known else None)


def read_contents(db: Database, ids: Sequence[int]) -> list[tuple[str, str]]:
    """Scope and content of versions, in the order asked for."""
    with db.connection() as connection:
        found: Mapping[int, tuple[str, str]] = {row[0]: (row[1], row[2]) for row in connection.execute(
            b"select id, scope, content from calendar_version where id = any(%s)", (list(ids),)).fetchall()}
    return [found[id_] for id_ in ids]
