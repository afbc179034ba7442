"""Procedures, units and bindings as they are in force: read once a revision, kept in memory, shared by threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.clocks.calendar import Calendar, national
from engine.errors import NotFound, Refused
from engine.states.procedure import Procedure
from procedures.declaration import restore
from storage.session import Database


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
    content: str
    sha256: str
    state: str
    valid_from: date
    valid_to: date | None


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


@dataclass(slots=True, kw_only=True)
class Catalogue:
    """`procedures` by version id. Compiled procedures are carried over between revisions: published ones never change.

    `staffed`: the units and roles that somebody holds.
    """

    revision: int
    procedures: Mapping[int, Procedure]
    versions: list[VersionRow]
    units: Mapping[int, UnitInfo]
    bindings: Mapping[tuple[str, str | None], list[BindingRow]]
    staffed: frozenset[tuple[int, str]]
    _parties: dict[tuple[str, str, date], UnitInfo] = field(default_factory=dict)

    def unit_for(self, party: str, receiving_agency: str, on: date) -> UnitInfo:
        """The unit that fills `party` for what `receiving_agency` takes in; Refused names the missing binding."""
        asked = (party, receiving_agency, on)
        known = self._parties.get(asked)
        if known is None:
            known = self._parties[asked] = self._bound(party, receiving_agency, on)
        return known

    def _bound(self, party: str, receiving_agency: str, on: date) -> UnitInfo:
        for scope in (receiving_agency, None):
            for row in self.bindings.get((party, scope), ()):
                if row.valid_from <= on and (row.valid_to is None or on <= row.valid_to):
                    return self.units[row.unit_id]
        raise Refused(reason_vi=f"Chưa phân công đơn vị cho vai “{party}”. Báo quản trị bổ sung phân công.",
                      reason_en=f"No unit is bound to the party “{party}”. Ask an administrator to bind one.",
                      party=party)

    def current(self, key: str, on: date) -> tuple[int, Procedure]:
        """The version in force for what is received on `on` (rules at submission)."""
        for row in self.versions:
            if (row.procedure == key and row.state == "published" and row.valid_from <= on
                    and (row.valid_to is None or on <= row.valid_to)):
                return row.id, self.procedures[row.id]
        raise NotFound(what=f"thủ tục “{key}”", what_en=f"procedure “{key}”")

    def offered(self, on: date, desk: UnitInfo | None = None) -> dict[str, Procedure]:
        """Every procedure that may be received on `on`, by key; at one desk, or anywhere."""
        return {row.procedure: self.procedures[row.id] for row in reversed(self.versions)
                if row.state == "published" and row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)
                and (desk is None or takes(desk, self.procedures[row.id]))}

    def calendar(self, agency: str) -> Calendar:
        """The working calendar of an agency; all share the national one until one declares its own."""
        return national()


def takes(desk: UnitInfo, procedure: Procedure) -> bool:
    """Whether dossiers of this procedure come in at an agency of the desk's level."""
    return desk.receives and desk.level in procedure.declaration.received_at


def read_catalogue(db: Database, known: Catalogue | None = None) -> Catalogue:
    revision = db.value("select number from revision")
    versions = db.rows(VersionRow, "select id, procedure, number, content, sha256, state, valid_from, valid_to "
                                   "from procedure_version order by procedure, number desc")
    compiled = dict(known.procedures) if known else {}
    for row in versions:
        if row.id not in compiled:
            compiled[row.id] = Procedure(restore(row.content))
    units = db.rows(UnitInfo, "select u.id, u.agency, u.key, u.name_vi, u.name_en, a.name_vi as agency_vi, "
                              "a.name_en as agency_en, a.level, a.receives "
                              "from unit u join agency a on a.code = u.agency")
    bindings: dict[tuple[str, str | None], list[BindingRow]] = {}
    for bound in db.rows(BindingRow, "select party, receiving_agency, unit_id, valid_from, valid_to from binding "
                                     "order by valid_from desc"):
        bindings.setdefault((bound.party, bound.receiving_agency), []).append(bound)
    staffed = db.rows(Post, "select distinct unit_id, role from membership")
    return Catalogue(revision=revision or 0, procedures=compiled, versions=versions,
                     units={unit.id: unit for unit in units}, bindings=bindings,
                     staffed=frozenset((post.unit_id, post.role) for post in staffed))
