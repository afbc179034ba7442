"""Which unit does the work of a party: seen with what is inherited, bound from a day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.access import must_read, must_write
from engine.casework.orders import Actor
from engine.catalogue import BindingRow, Catalogue
from engine.clocks.zone import ZONE
from engine.designing.versions import names
from engine.errors import Invalid, NotFound
from engine.office import Office
from procedures import parties
from procedures.declaration import Text
from storage import drafts as draft_rows
from storage import versions
from storage.versions import NewBinding


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """Who does a party's work for what one agency takes in. `scope` None: bound for all; `unit` None: nobody."""

    agency: str
    agency_name: Text
    unit: Text | None
    scope: Text | None
    inherited: bool
    since: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Party:
    """`general`: the unit for all agencies. `own`: agencies with a binding of their own. `missing`: with nobody."""

    key: str
    name: Text
    procedures: tuple[Text, ...]
    general: Text | None
    own: int
    missing: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """A binding as it is recorded, also one that has ended or is to come."""

    scope: Text | None
    unit: Text
    since: date
    until: date | None


def overview(office: Office, actor: Actor, now: datetime) -> list[Party]:
    """Every party of the common list and of procedures in force. Raises NotFound."""
    must_read(office, actor, now)
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    called, desks = names(office), _agencies(catalogue, receiving=True)
    offered = catalogue.offered(today)
    used = versions.parties_of(office.db, [row.id for row in catalogue.versions if row.receives(today)])
    levels = {unit.agency: unit.level for unit in catalogue.units.values()}
    keys = dict.fromkeys([*parties.known(), *used, *(party for party, _ in catalogue.bindings)])
    found = []
    for key in keys:
        general = catalogue.binding_for(key, None, today)
        procedures = tuple(called[one] for one in used.get(key, ()))
        taken = {level for one in used.get(key, ()) if one in offered for level in offered[one].received_at}
        missing = [name for agency, name in desks.items()
                   if levels[agency] in taken and catalogue.binding_for(key, agency, today) is None]
        own = sum(1 for party, scope in catalogue.bindings if party == key and scope is not None)
        found.append(Party(key=key, name=named(key), procedures=procedures, own=own,
                           general=_unit(catalogue, general.unit_id) if general else None,
                           missing=tuple(missing)))
    return found


def party(office: Office, actor: Actor, key: str, now: datetime) -> tuple[list[Filled], list[Bound]]:
    """Who fills it for every agency that takes dossiers in, and everything that is recorded. Raises NotFound."""
    must_read(office, actor, now)
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    if not _exists(office, catalogue, key):
        raise NotFound(what=f"chức năng “{key}”", what_en=f"function “{key}”")
    agencies = _agencies(catalogue)
    filled = [_filled(catalogue, agencies, (key, agency, today))
              for agency in _agencies(catalogue, receiving=True)]
    bound = [Bound(scope=agencies[scope] if scope else None, unit=_unit(catalogue, row.unit_id), since=row.valid_from,
                   until=row.valid_to)
             for (bound_key, scope), rows in catalogue.bindings.items() if bound_key == key for row in rows]
    return filled, sorted(bound, key=lambda one: (one.scope is not None, one.scope.vi if one.scope else "", one.since))


def bind(office: Office, actor: Actor, told: NewBinding, now: datetime) -> None:
    """From a day on that is not past. Raises NotAdministrator, NotFound, Invalid (receiving, unit, since)."""
    must_write(office, actor, now)
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    if not _exists(office, catalogue, told.party):
        raise NotFound(what=f"chức năng “{told.party}”", what_en=f"function “{told.party}”")
    faults: dict[str, tuple[str, str]] = {}
    if told.receiving is not None and told.receiving not in _agencies(catalogue):
        faults["receiving"] = ("Chọn cơ quan tiếp nhận.", "Choose the receiving agency.")
    if told.unit_id not in catalogue.units:
        faults["unit"] = ("Chọn đơn vị thực hiện.", "Choose the unit.")
    if not today <= told.since <= today + timedelta(days=3660):
        faults["since"] = ("Ghi ngày bắt đầu, từ hôm nay trở đi.", "Give the first day, today or later.")
    if faults:
        raise Invalid(faults)
    versions.bind(office.db, told, actor.id, now)
    office.fresh_catalogue()


def filling(catalogue: Catalogue, today: date) -> dict[str, Text]:
    """The unit that fills each party now, in a word or two; parties nobody is bound to are left out."""
    own = {party for party, scope in catalogue.bindings if scope is not None}
    found = {}
    for key in {party for party, _ in catalogue.bindings}:
        general = catalogue.binding_for(key, None, today)
        if key in own:
            found[key] = Text(vi="mỗi nơi tiếp nhận một đơn vị", en="a unit for each place of reception")
        elif general is not None:
            found[key] = _unit(catalogue, general.unit_id)
    return found


def named(key: str) -> Text:
    return parties.known().get(key) or Text(vi=key, en=key)


def units(office: Office) -> dict[str, Text]:
    """Every unit by id, by agency and name."""
    catalogue = office.fresh_catalogue()
    held = sorted(catalogue.units.values(), key=lambda unit: (unit.agency, unit.name_vi))
    return {str(unit.id): _unit(catalogue, unit.id) for unit in held}


def agencies(office: Office) -> dict[str, Text]:
    """Every agency by code; a binding for one that takes nothing in holds for those below it."""
    return _agencies(office.fresh_catalogue())


def _agencies(catalogue: Catalogue, *, receiving: bool = False) -> dict[str, Text]:
    held = sorted(catalogue.units.values(), key=lambda unit: unit.agency)
    return {unit.agency: Text(vi=unit.agency_vi, en=unit.agency_en) for unit in held if unit.receives or not receiving}


def _exists(office: Office, catalogue: Catalogue, key: str) -> bool:
    """In the common list, bound already, or named by a version or a draft."""
    if key in parties.known() or any(party == key for party, _ in catalogue.bindings):
        return True
    in_drafts = any(f'"party":"{key}"' in row.content for row in draft_rows.unfinished(office.db))
    return in_drafts or key in versions.parties_of(office.db, [row.id for row in catalogue.versions])


def _filled(catalogue: Catalogue, agencies: dict[str, Text], asked: tuple[str, str, date]) -> Filled:
    key, agency, today = asked
    row: BindingRow | None = catalogue.binding_for(key, agency, today)
    scope = agencies.get(row.receiving_agency) if row and row.receiving_agency else None
    return Filled(agency=agency, agency_name=agencies[agency], unit=_unit(catalogue, row.unit_id) if row else None,
                  scope=scope, inherited=row is not None and row.receiving_agency != agency,
                  since=row.valid_from if row else None)


def _unit(catalogue: Catalogue, unit_id: int) -> Text:
    unit = catalogue.units[unit_id]
    return Text(vi=unit.full_vi, en=unit.full_en)
