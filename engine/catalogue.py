"""Procedures, units and bindings as they are in force: read once a revision, kept in memory, shared by threads.

A province has thousands of procedures and works with few at a time: of every version only what lists show is read;
a procedure is compiled when a dossier first needs it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any

from engine.clocks.calendar import Calendar
from engine.clocks.limits import Limit
from engine.errors import NotFound, Refused
from engine.states.procedure import Procedure
from engine.workcalendars import Calendars, read_calendars
from procedures.declaration import Area, Code, Role, Text, restore
from storage.session import Database

KEPT = 512  # compiled procedures a process, 0.12 MB each; one that was given up is compiled again in 5 ms
PARTIES_KEPT = 10_000


@dataclass(slots=True, frozen=True)
class UnitInfo:
    id: int
    agency: str
    key: str
    name_vi: str
    name_en: str
    agency_vi: str
    agency_en: str
    level: str
    receives: bool
    reach: str = "here"
    peer: int | None = None

    @property
    def outside(self) -> bool:
        """Its people do not work here: what they say comes by a message, a link or on paper."""
        return self.reach != "here"

    @property
    def full_vi(self) -> str:
        """Unit and agency, once: many units are named after their agency."""
        return self.name_vi if self.agency_vi in self.name_vi else f"{self.name_vi}, {self.agency_vi}"

    @property
    def full_en(self) -> str:
        return self.name_en if self.agency_en in self.name_en else f"{self.name_en}, {self.agency_en}"


@dataclass(slots=True)
class VersionRow:
    id: int
    procedure: str
    number: int
    sha256: str
    state: str
    valid_from: date
    valid_to: date | None

    def receives(self, on: date) -> bool:
        """Whether what comes in on that day is dealt with under this version."""
        return (self.state == "published" and self.valid_from <= on
                and (self.valid_to is None or on <= self.valid_to))


@dataclass(slots=True, frozen=True, kw_only=True)
class Listing:
    """What lists show of a published declaration. `limit` is None where no law sets a general one."""

    key: str
    number: int
    name: Text
    field: Area
    level: str
    received_at: tuple[str, ...]
    channels: tuple[str, ...]
    codes: tuple[Code, ...]
    limit: Limit | None
    limit_note: Text | None
    documents: int


def code_on(codes: Sequence[Code], day: date) -> str:
    """The national code of that day; codes churn."""
    begun = [code for code in codes if code.valid_from <= day] or codes
    return ([code for code in begun if code.valid_to is None or day <= code.valid_to] or begun)[-1].code


@dataclass(slots=True)
class BindingRow:
    party: str
    receiving_agency: str | None
    unit_id: int
    valid_from: date
    valid_to: date | None


@dataclass(slots=True)
class Post:
    unit_id: int
    role: str


class Compiled:
    """Compiled procedures by the hash of their content; the one that was not asked for longest goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Procedure] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, sha256: str) -> Procedure | None:
        with self._lock:
            found = self._kept.get(sha256)
            if found is not None:
                self._kept.move_to_end(sha256)
            return found

    def keep(self, sha256: str, procedure: Procedure) -> Procedure:
        """The one that is kept: another thread's, if that was first."""
        with self._lock:
            kept = self._kept.setdefault(sha256, procedure)
            self._kept.move_to_end(sha256)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return kept


class Procedures(Mapping[int, Procedure]):
    """Every version that ever received a dossier, by id; compiled when first asked for.

    One that was published after this was read is found all the same: dossiers may be newer than the catalogue.
    """

    def __init__(self, db: Database, hashes: Mapping[int, str], compiled: Compiled) -> None:
        self._db, self._hashes, self.compiled = db, hashes, compiled

    def __getitem__(self, version_id: int) -> Procedure:
        sha256 = self._hashes.get(version_id)
        known = self.compiled.get(sha256) if sha256 is not None else None
        return self._compile(version_id) if known is None else known

    def _compile(self, version_id: int) -> Procedure:
        with self._db.connection() as connection:
            row = connection.execute("select sha256, content from procedure_version where id = %s and state <> 'draft'",
                                     (version_id,)).fetchone()
        if row is None:
            raise KeyError(version_id)
        return self.compiled.keep(row[0], Procedure(restore(row[1])))

    def __iter__(self) -> Iterator[int]:
        return iter(self._hashes)

    def __len__(self) -> int:
        return len(self._hashes)


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """`procedures` by version id, `listings` by the hash of their content: both are carried over between revisions.

    `versions`: published and retired ones, the newest of a procedure first. `parents`: the agency above an agency.
    `staffed`: the units and roles that somebody holds.
    """

    revision: int
    procedures: Procedures
    versions: list[VersionRow]
    listings: Mapping[str, Listing]
    units: Mapping[int, UnitInfo]
    parents: Mapping[str, str | None]
    bindings: Mapping[tuple[str, str | None], list[BindingRow]]
    staffed: frozenset[tuple[int, str]]
    calendars: Calendars
    _of: dict[str, list[VersionRow]] = field(init=False, default_factory=dict)
    _parties: dict[tuple[str, str, date], UnitInfo] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.versions:
            self._of.setdefault(row.procedure, []).append(row)

    def unit_at(self, agency: str, key: str) -> UnitInfo | None:
        """By its own key inside its agency, as installations name units to each other."""
        return next((unit for unit in self.units.values() if (unit.agency, unit.key) == (agency, key)), None)

    def unit_for(self, party: str, receiving_agency: str, on: date) -> UnitInfo:
        """The unit that fills `party` for what `receiving_agency` takes in; Refused names the missing binding.

        What is bound for the agency itself wins, then for the one above it, and so on, last what is bound for all.
        """
        asked = (party, receiving_agency, on)
        known = self._parties.get(asked)
        if known is None:
            if len(self._parties) >= PARTIES_KEPT:
                self._parties.clear()
            known = self._parties[asked] = self._bound(party, receiving_agency, on)
        return known

    def binding_for(self, party: str, receiving_agency: str | None, on: date) -> BindingRow | None:
        """What `unit_for` goes by; its `receiving_agency` says from where it is inherited. None: for all agencies."""
        scopes = (*self._upwards(receiving_agency), None) if receiving_agency else (None,)
        return next((row for scope in scopes for row in self.bindings.get((party, scope), ())
                     if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)), None)

    def _bound(self, party: str, receiving_agency: str, on: date) -> UnitInfo:
        found = self.binding_for(party, receiving_agency, on)
        if found is not None:
            return self.units[found.unit_id]
        raise Refused(reason_vi=f"Chưa phân công đơn vị cho chức năng “{party}”. Báo quản trị bổ sung phân công.",
                      reason_en=f"No unit is bound to the function “{party}”. Ask an administrator to bind one.",
                      party=party)

    def _upwards(self, agency: str) -> list[str]:
        return upwards(agency, self.parents)

    def current(self, key: str, on: date) -> tuple[int, Procedure]:
        """The version in force for what is received on `on` (rules at submission)."""
        for row in self._of.get(key, ()):
            if row.receives(on):
                return row.id, self.procedures[row.id]
        raise NotFound(what=f"thủ tục “{key}”", what_en=f"procedure “{key}”")

    def offered(self, on: date, desk: UnitInfo | None = None) -> dict[str, Listing]:
        """Every procedure that may be received on `on`, by key; at one desk, or anywhere. Compiles none."""
        found: dict[str, Listing] = {}
        for row in self.versions:
            if row.procedure not in found and row.receives(on):
                found[row.procedure] = self.listings[row.sha256]
        return found if desk is None else {key: one for key, one in found.items() if takes(desk, one.received_at)}

    @property
    def calendar_no(self) -> int:
        """Names the calendars of all agencies as they are now."""
        return self.calendars.number

    def calendar(self, agency: str) -> Calendar:
        """The working calendar of an agency; '' is the one all share."""
        return self.calendars.of(agency)

    def calendar_at(self, agency: str, number: int) -> Calendar:
        """As it was when `number` was the newest."""
        return self.calendars.of(agency, number)


def upwards(agency: str, parents: Mapping[str, str | None]) -> list[str]:
    """The agency and those above it; a circle, which nothing forbids, is gone round once."""
    line: list[str] = []
    above: str | None = agency
    while above is not None and above not in line:
        line.append(above)
        above = parents.get(above)
    return line


def takes(desk: UnitInfo, received_at: Collection[str]) -> bool:
    """Whether dossiers of a procedure that is received at these levels come in at this desk."""
    return desk.receives and desk.level in received_at


def read_catalogue(db: Database, known: Catalogue | None = None) -> Catalogue:
    """Of what `known` has, only what can have changed is read again: published content never does."""
    # before what it counts: a change in between leads to one more reading, never to one too few
    revision = db.value("select number from revision")
    versions = db.rows(VersionRow, "select id, procedure, number, sha256, state, valid_from, valid_to "
                                   "from procedure_version where state <> 'draft' order by procedure, number desc")
    units = db.rows(UnitInfo, "select u.id, u.agency, u.key, u.name_vi, u.name_en, a.name_vi as agency_vi, "
                              "a.name_en as agency_en, a.level, a.receives, a.reach, a.peer_id as peer "
                              "from unit u join agency a on a.code = u.agency")
    bindings: dict[tuple[str, str | None], list[BindingRow]] = {}
    for bound in db.rows(BindingRow, "select party, receiving_agency, unit_id, valid_from, valid_to from binding "
                                     "order by valid_from desc"):
        bindings.setdefault((bound.party, bound.receiving_agency), []).append(bound)
    staffed = db.rows(Post, "select distinct unit_id, role from membership")
    procedures = Procedures(db, {row.id: row.sha256 for row in versions},
                            known.procedures.compiled if known else Compiled())
    parents = _parents(db)
    return Catalogue(revision=revision or 0, procedures=procedures, versions=versions,
                     listings=_listings(db, versions, known.listings if known else {}),
                     units={unit.id: unit for unit in units}, parents=parents, bindings=bindings,
                     staffed=frozenset((post.unit_id, post.role) for post in staffed) | _elsewhere(units),
                     calendars=read_calendars(db, lambda agency: upwards(agency, parents),
                                              known.calendars if known else None))


def _elsewhere(units: Sequence[UnitInfo]) -> frozenset[tuple[int, str]]:
    """Who works at another agency's system is its own affair: every unit there is taken to have people."""
    return frozenset((unit.id, str(role)) for unit in units if unit.outside for role in Role)


@dataclass(slots=True)
class _Listed:
    """The parts of a stored declaration that lists need; what it leaves out is null."""

    key: str
    number: int
    sha256: str
    name: dict[str, Any]
    field: dict[str, Any]
    level: str
    received_at: list[str] | None
    channels: list[str]
    codes: list[dict[str, Any]]
    limit: str | list[str] | None
    limit_note: dict[str, Any] | None
    documents: int

    def listing(self, area: Area) -> Listing:
        return Listing(key=self.key, number=self.number, name=Text(**self.name), field=area, level=self.level,
                       received_at=tuple(self.received_at or ()), channels=tuple(self.channels),
                       codes=tuple(Code.model_validate(code) for code in self.codes),
                       limit=Limit.parse(self.limit) if self.limit else None,
                       limit_note=Text(**self.limit_note) if self.limit_note else None, documents=self.documents)


def _listings(db: Database, versions: Sequence[VersionRow], known: Mapping[str, Listing]) -> dict[str, Listing]:
    missing = [row.id for row in versions if row.sha256 not in known]
    found = {row.sha256: known[row.sha256] for row in versions if row.sha256 in known}
    areas: dict[str, Area] = {}
    if missing:
        for row in db.rows(_Listed, """
                select v.procedure as key, v.number, v.sha256, d.name, d.field, d.level, d.received_at, d.channels,
                  d.codes, d.limit, d.limit_note, (select count(*) from json_object_keys(d.documents)) as documents
                from procedure_version v, json_to_record(v.content::json) as d(
                  name json, field json, level text, received_at json, channels json, codes json, "limit" json,
                  limit_note json, documents json)
                where v.id = any(%s)""", (missing,)):
            area = Area.model_validate(row.field)
            found[row.sha256] = row.listing(areas.setdefault(area.model_dump_json(), area))
    return found


def _parents(db: Database) -> dict[str, str | None]:
    with db.connection() as connection:
        return dict(connection.execute("select code, parent from agency").fetchall())
