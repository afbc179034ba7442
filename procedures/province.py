"""A province's agencies, people and who fills which party, read from three files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures.declaration import Level, Role
from procedures.entry import Entry, Id, Line, Text
from procedures.reading import DeclarationError, Fault, Source, Where, read, validated

PROVINCES = Path(__file__).parent / "provinces"

AgencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}(\.[0-9]{2,3}){0,3}$")]
UnitId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
UnitPath = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9.]{2,14}/[a-z][a-z0-9-]{0,40}$")]
Login = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9.]{1,40}$")]


class Unit(Entry):
    name: Text


class Agency(Entry):
    """`receives`: it has a one-stop desk and gives dossiers their code; `courier`: it carries paper.

    `parent`: the agency above it, whose bindings it inherits; it stands earlier in the file.
    """

    name: Text
    level: Level
    receives: bool = False
    courier: bool = False
    parent: AgencyCode | None = None
    units: dict[UnitId, Unit] = Field(min_length=1)


class Agencies(Entry):
    """agencies.yaml"""

    code: Annotated[str, StringConstraints(pattern=r"^H[0-9]{2}$")]
    name: Text
    agencies: dict[AgencyCode, Agency] = Field(min_length=1)


class Membership(Entry):
    unit: UnitPath
    role: Role


class Person(Entry):
    name: Line
    title: Text
    memberships: tuple[Membership, ...] = Field(min_length=1)


class People(Entry):
    """people.yaml: invented people, by the name they sign in with."""

    people: dict[Login, Person] = Field(min_length=1)


class Binding(Entry):
    """The unit that fills a party, for every dossier or for those one agency, or one below it, received."""

    party: Id
    unit: UnitPath
    receiving: AgencyCode | None = None


class Bindings(Entry):
    """bindings.yaml"""

    bindings: tuple[Binding, ...] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Province:
    code: str
    name: Text
    agencies: Mapping[str, Agency]
    people: Mapping[str, Person]
    bindings: tuple[Binding, ...]

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Every unit by agency and id, as in "H51.01/ngoai-vu"."""
        return dict(_units(self.agencies))

    def receiving(self, levels: Iterable[Level]) -> tuple[str, ...]:
        """The agencies with a desk at these levels."""
        wanted = set(levels)
        return tuple(code for code, agency in self.agencies.items() if agency.receives and agency.level in wanted)

    def unit_of(self, party: str, receiving: str) -> str | None:
        """The unit that fills `party` for dossiers received by `receiving`: the closest binding up the tree wins."""
        for scope in (*self.line(receiving), None):
            unit = self._bound.get((party, scope))
            if unit is not None:
                return unit
        return None

    def line(self, agency: str) -> Iterator[str]:
        """The agency, the one above it, and so on to the top."""
        above: str | None = agency
        while above is not None:
            yield above
            found = self.agencies.get(above)
            above = found.parent if found else None

    @cached_property
    def _bound(self) -> Mapping[tuple[str, str | None], str]:
        return {(binding.party, binding.receiving): binding.unit for binding in self.bindings}

    def members(self, unit: str, role: Role) -> tuple[str, ...]:
        """Who holds `role` in `unit`."""
        wanted = Membership(unit=unit, role=role)
        return tuple(login for login, person in self.people.items() if wanted in person.memberships)


def load_province(folder: Path) -> Province:
    """The three files of a province; DeclarationError lists every fault with file and line."""
    sources = {name: _read(folder / f"{name}.yaml") for name in ("agencies", "people", "bindings")}
    agencies = validated(Agencies, sources["agencies"])
    people = validated(People, sources["people"])
    bindings = validated(Bindings, sources["bindings"])
    units = {path for path, _ in _units(agencies.agencies)}
    faults = [
        *_unknown_codes(sources["agencies"], agencies),
        *_misplaced_parents(sources["agencies"], agencies),
        *_unknown_memberships(sources["people"], people, units),
        *_faulty_bindings(sources["bindings"], bindings, agencies, units),
    ]
    if faults:
        raise DeclarationError(faults)
    return Province(
        code=agencies.code,
        name=agencies.name,
        agencies=agencies.agencies,
        people=people.people,
        bindings=bindings.bindings,
    )


def load(name: str) -> Province:
    """A province by the name of its folder."""
    return load_province(PROVINCES / name)


def _read(path: Path) -> Source:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        fault = Fault(str(path), 1, "", "không có tệp này", "there is no such file")
        raise DeclarationError([fault]) from None
    return read(text, str(path))


def _units(agencies: Mapping[str, Agency]) -> Iterator[tuple[str, Unit]]:
    for code, agency in agencies.items():
        for key, unit in agency.units.items():
            yield f"{code}/{key}", unit


def _unknown_codes(source: Source, agencies: Agencies) -> Iterator[Fault]:
    for code in agencies.agencies:
        if not code.startswith(agencies.code):
            yield source.fault(
                ("agencies", code),
                f"mã cơ quan phải bắt đầu bằng {agencies.code}",
                f"the code of an agency must begin with {agencies.code}",
            )


def _misplaced_parents(source: Source, agencies: Agencies) -> Iterator[Fault]:
    """A parent is declared before what is below it, so there can be no circle."""
    above: list[str] = []
    for code, agency in agencies.agencies.items():
        if agency.parent is not None and agency.parent not in above:
            known = ", ".join(above) or "-"
            yield source.fault(
                ("agencies", code, "parent"),
                f"cơ quan cấp trên phải khai báo trước trong tệp; đã có: {known}",
                f"the agency above must stand earlier in the file; there are: {known}",
            )
        above.append(code)


def _unknown_memberships(source: Source, people: People, units: set[str]) -> Iterator[Fault]:
    for login, person in people.people.items():
        for at, membership in enumerate(person.memberships):
            if membership.unit not in units:
                yield _no_unit(source, ("people", login, "memberships", at, "unit"), membership.unit, units)


def _faulty_bindings(source: Source, bindings: Bindings, agencies: Agencies, units: set[str]) -> Iterator[Fault]:
    count = Counter((binding.party, binding.receiving) for binding in bindings.bindings)
    for at, binding in enumerate(bindings.bindings):
        where = ("bindings", at)
        if binding.unit not in units:
            yield _no_unit(source, (*where, "unit"), binding.unit, units)
        if binding.receiving is not None and binding.receiving not in agencies.agencies:
            known = ", ".join(agencies.agencies)
            yield source.fault(
                (*where, "receiving"),
                f"không có cơ quan này; có: {known}",
                f"no such agency; there are: {known}",
            )
        if count[binding.party, binding.receiving] > 1:
            yield source.fault(where, f"“{binding.party}” được phân công hai lần", f"“{binding.party}” is bound twice")


def _no_unit(source: Source, where: Where, unit: str, units: set[str]) -> Fault:
    agency = unit.split("/")[0]
    known = ", ".join(sorted(path for path in units if path.startswith(f"{agency}/"))) or ", ".join(sorted(units))
    return source.fault(where, f"không có đơn vị “{unit}”; có: {known}", f"no unit “{unit}”; there are: {known}")
