"""Who declares a calendar: all agencies together, and each agency what it has of its own. Who inherits from whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.access import NotAdministrator, may_read, may_write
from engine.casework.orders import Actor
from engine.clocks.calendar import Calendar, effective
from engine.errors import NotFound
from engine.office import Office
from engine.workcalendars import SHARED, SHARED_NAME, read_contents
from procedures.calendars.declaration import CalendarDeclaration, DayRule, LocalRules
from procedures.declaration import Text
from storage import calendars as rows
from storage.calendars import Agency, Draft, Version

Content = CalendarDeclaration | LocalRules


class NotKeeper(NotAdministrator):
    vi = "Chỉ người giữ vai trò quản trị được sửa lịch làm việc."
    en = "Only administrators may change working calendars."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """`code` is '' for the calendar all agencies share, else an agency's."""

    code: str
    name: Text
    parent: str | None = None

    @property
    def shared(self) -> bool:
        return self.code == SHARED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One line of the list. `version` None: nothing of its own. `heirs`: agencies whose calendar contains it.

    `inherits`: the scopes above it that declare something, the nearest first, the shared calendar last.
    """

    scope: Scope
    depth: int
    version: Version | None
    own_days: int
    own_hours: int
    inherits: tuple[Scope, ...]
    heirs: int
    draft: Draft | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """What one scope declares, as part of an agency's calendar."""

    scope: Scope
    content: Content


def must_read(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotFound for whoever is neither administrator nor head, manager or auditor today."""
    if not may_read(office, actor, now):
        raise NotFound(what="lịch làm việc", what_en="working calendars")


def must_write(office: Office, actor: Actor, now: datetime) -> None:
    """Raises NotKeeper."""
    if not may_write(office, actor, now):
        raise NotKeeper


def standings(office: Office, actor: Actor, now: datetime) -> list[Standing]:
    """The shared calendar, then every agency below the one it stands under. Raises NotFound."""
    must_read(office, actor, now)
    agencies = {one.code: one for one in rows.agencies(office.db)}
    known = {SHARED: _shared(), **{code: _scope(one) for code, one in agencies.items()}}
    versions = {one.scope: one for one in rows.newest(office.db)}
    drafts = {one.scope: one for one in rows.drafts(office.db)}
    above = {code: tuple(known[one] for one in _above(code, agencies) if one in versions) for code in known}
    counts = {code: 0 for code in known}
    for code in agencies:
        for one in _above(code, agencies):
            counts[one] += 1
    placed = dict(_tree(agencies))
    return [_standing(known[code], placed.get(code, 0), versions.get(code), above[code], counts[code], drafts.get(code))
            for code in [SHARED, *dict.fromkeys([*placed, *agencies])]]


def _standing(scope: Scope, depth: int, version: Version | None, above: tuple[Scope, ...], heirs: int,
              draft: Draft | None) -> Standing:
    content = read(scope, version.content) if version else None
    return Standing(scope=scope, depth=depth, version=version, inherits=above, heirs=heirs, draft=draft,
                    own_days=len(all_rows(content)) if content else 0, own_hours=len(content.hours) if content else 0)


def _tree(agencies: Mapping[str, Agency], under: str | None = None, depth: int = 0) -> Iterator[tuple[str, int]]:
    for code, one in agencies.items():
        if one.parent == under:
            yield code, depth
            yield from _tree(agencies, code, depth + 1)


def _above(code: str, agencies: Mapping[str, Agency]) -> list[str]:
    """The scopes an agency inherits from, the nearest first."""
    if code == SHARED:
        return []
    line: list[str] = []
    parent = agencies[code].parent
    while parent is not None and parent not in line and parent != code:
        line.append(parent)
        parent = agencies[parent].parent
    return [*line, SHARED]


def find(office: Office, actor: Actor, code: str, now: datetime) -> Scope:
    """Raises NotFound where there is no such agency, or the actor may not read calendars."""
    must_read(office, actor, now)
    if code == SHARED:
        return _shared()
    found = next((one for one in rows.agencies(office.db) if one.code == code), None)
    if found is None:
        raise NotFound(what="lịch làm việc của cơ quan này", what_en="working calendar of this agency")
    return _scope(found)


def layers(office: Office, scope: Scope) -> list[Layer]:
    """What an agency's calendar is made of: the shared one first, its own rows last; those that declare nothing too."""
    agencies = {one.code: one for one in rows.agencies(office.db)}
    versions = {one.scope: one.content for one in rows.newest(office.db)}
    codes = [*reversed(_above(scope.code, agencies)), scope.code]
    known = [_shared() if code == SHARED else _scope(agencies[code]) for code in codes]
    return [Layer(scope=one, content=read(one, versions.get(one.code))) for one in known]


def merged(found: list[Layer]) -> Calendar:
    """The calendar these layers make."""
    shared = found[0].content
    assert isinstance(shared, CalendarDeclaration), "the first layer is the shared calendar"
    return effective(shared, [one.content for one in found[1:] if isinstance(one.content, LocalRules)])


def newest(office: Office, scope: Scope) -> tuple[int, Content]:
    """The calendar number and content of a scope's newest version; 0 and nothing where it has none."""
    found = next(iter(rows.history(office.db, scope.code, 1)), None)
    return (found.id, read(scope, found.content)) if found else (0, read(scope, None))


def as_of(office: Office, scope: Scope, number: int) -> Content:
    """What a scope declared with the version of that number; 0 is before the first."""
    contents = read_contents(office.db, [number]) if number else []
    return read(scope, contents[0][1] if contents else None)


def read(scope: Scope, content: str | None) -> Content:
    if scope.shared:
        assert content is not None, "the shared calendar has a version from the beginning"
        return CalendarDeclaration.model_validate_json(content)
    if content is None:
        return LocalRules(code=scope.code, vi=scope.name.vi, en=scope.name.en)
    return LocalRules.model_validate_json(content)


def all_rows(content: Content) -> tuple[DayRule, ...]:
    """Every row of a calendar, in the order of dates."""
    years = content.years if isinstance(content, CalendarDeclaration) else ()
    found = [*content.days, *(row for year in years for row in year.days)]
    return tuple(sorted(found, key=lambda row: row.date))


def _shared() -> Scope:
    return Scope(code=SHARED, name=SHARED_NAME)


def _scope(one: Agency) -> Scope:
    return Scope(code=one.code, name=Text(vi=one.name_vi, en=one.name_en), parent=one.parent)
