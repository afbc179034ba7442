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
from procedures.declaration import Text
from storage.session import Database

SHARED = ""
SHARED_NAME = Text(vi="Lịch chung", en="Shared calendar")


@dataclass(slots=True, frozen=True)
class VersionHead:
    """A version without its content. Numbers rise over all scopes."""

    id: int
    scope: str
    sha256: str


class Calendars:
    """Shared by threads; a calendar is built when an agency first needs it. Agencies that declare nothing share one.

    What counts now is in memory; what counted once is read when it is asked for.
    """

    def __init__(self, db: Database, heads: Sequence[VersionHead], line: Callable[[str], Sequence[str]],
                 known: Calendars | None = None) -> None:
        self.number = max((head.id for head in heads), default=0)
        self._db, self._line = db, line
        self._versions: dict[str, list[VersionHead]] = {}
        for head in sorted(heads, key=lambda one: one.id):
            self._versions.setdefault(head.scope, []).append(head)
        # by what they say, which never changes
        self._built: dict[tuple[str, ...], Calendar] = known._built if known else {}
        self._contents: dict[str, str] = known._contents if known else {}
        self._read([versions[-1] for versions in self._versions.values()])

    def of(self, agency: str, number: int | None = None) -> Calendar:
        """The calendar of an agency ('' is the shared one), as of `number` or now."""
        heads = self._line_of(agency, self.number if number is None else number)
        made_of = tuple(head.sha256 for head in heads)
        known = self._built.get(made_of)
        if known is None:
            known = self._built[made_of] = self._build(heads)
        return known

    def versions(self, agency: str, number: int) -> tuple[int, ...]:
        """What it is made of: the shared calendar first, the agency's own rows last."""
        return tuple(head.id for head in self._line_of(agency, number))

    def _line_of(self, agency: str, number: int) -> list[VersionHead]:
        scopes = [SHARED, *(reversed(self._line(agency)) if agency else ())]
        return [head for scope in scopes if (head := self._newest(scope, number)) is not None]

    def _newest(self, scope: str, number: int) -> VersionHead | None:
        versions = self._versions.get(scope, [])
        found = bisect_right(versions, number, key=lambda head: head.id)
        return versions[found - 1] if found else None

    def _build(self, heads: Sequence[VersionHead]) -> Calendar:
        self._read(heads)
        if not heads or heads[0].scope != SHARED:
            return national()
        shared, *own = (self._contents[head.sha256] for head in heads)
        return effective(CalendarDeclaration.model_validate_json(shared),
                         [LocalRules.model_validate_json(text) for text in own])

    def _read(self, heads: Sequence[VersionHead]) -> None:
        missing = [head for head in heads if head.sha256 not in self._contents]
        if missing:
            found = read_contents(self._db, [head.id for head in missing])
            self._contents |= {head.sha256: text for head, (_, text) in zip(missing, found, strict=True)}


def read_calendars(db: Database, line: Callable[[str], Sequence[str]], known: Calendars | None) -> Calendars:
    heads = db.rows(VersionHead, "select id, scope, sha256 from calendar_version")
    return Calendars(db, heads, line, known)


def read_contents(db: Database, ids: Sequence[int]) -> list[tuple[str, str]]:
    """Scope and content of versions, in the order asked for."""
    with db.connection() as connection:
        found: Mapping[int, tuple[str, str]] = {row[0]: (row[1], row[2]) for row in connection.execute(
            b"select id, scope, content from calendar_version where id = any(%s)", (list(ids),)).fetchall()}
    return [found[id_] for id_ in ids]
