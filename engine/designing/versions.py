"""What readers of the catalogue see: procedures in force, coming and ended; one version; two of them side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.access import must_read
from engine.casework.orders import Actor
from engine.casework.words import fold
from engine.catalogue import Catalogue, VersionRow, code_on
from engine.clocks.zone import ZONE
from engine.designing import drafts
from engine.designing.differences import Difference, differences
from engine.designing.drafts import Draft
from engine.errors import NotFound, Refused
from engine.office import Office
from procedures.declaration import Declaration, Text
from storage import versions
from storage.versions import VersionDetails


class Standing(StrEnum):
    IN_FORCE = "in_force"
    COMING = "coming"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A version in a list. `until`: the last day it is offered; `open`: dossiers of it that are not closed."""

    id: int
    key: str
    number: int
    name: Text
    field: Text
    code: str
    standing: Standing
    since: date
    until: date | None
    open: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    rows: Mapping[Standing, list[Row]]
    drafts: list[Draft]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """A version or a draft to compare with. `ref`: “v12” or “d3”."""

    ref: str
    title: Text
    declaration: Declaration


def listing(office: Office, actor: Actor, now: datetime, search: str = "") -> Listing:
    """`search`: words of name, code, key or field, with or without accents; all of them must occur. Raises NotFound."""
    must_read(office, actor, now)
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    counts, wanted = versions.open_dossiers(office.db), fold(search).split()
    rows: dict[Standing, list[Row]] = {standing: [] for standing in Standing}
    for version in catalogue.versions:
        row = _row(catalogue, version, counts.get(version.id, 0), today)
        if _matches(wanted, row.name.vi, row.name.en, row.field.vi, row.field.en, row.code, row.key):
            rows[row.standing].append(row)
    found = [draft for draft in drafts.unfinished(office, actor, now)
             if _matches(wanted, draft.name.vi, draft.name.en, draft.key)]
    return Listing(rows={standing: sorted(held, key=lambda row: (fold(row.field.vi), fold(row.name.vi), -row.number))
                         for standing, held in rows.items()}, drafts=found)


def _row(catalogue: Catalogue, version: VersionRow, count: int, today: date) -> Row:
    listed = catalogue.listings[version.sha256]
    return Row(id=version.id, key=version.procedure, number=version.number, name=listed.name, field=listed.field.name,
               code=code_on(listed.codes, today), standing=standing(version, today), since=version.valid_from,
               until=version.valid_to, open=count)


def standing(version: VersionRow | VersionDetails, today: date) -> Standing:
    if version.state != "published" or (version.valid_to is not None and version.valid_to < today):
        return Standing.ENDED
    return Standing.COMING if version.valid_from > today else Standing.IN_FORCE


def _matches(wanted: list[str], *told: str) -> bool:
    said = fold(" ".join(told))
    return all(word in said for word in wanted)


def names(office: Office) -> dict[str, Text]:
    """What procedures are called, by key, after their newest version."""
    catalogue = office.fresh_catalogue()
    return {row.procedure: catalogue.listings[row.sha256].name for row in reversed(catalogue.versions)}


def history(office: Office, actor: Actor, key: str, now: datetime) -> list[VersionDetails]:
    """Every version of a procedure, the newest first. Raises NotFound."""
    must_read(office, actor, now)
    found = versions.of_procedure(office.db, key)
    if not found:
        raise NotFound(what=f"thủ tục “{key}”", what_en=f"procedure “{key}”")
    return found


def version(office: Office, actor: Actor, key: str, number: int, now: datetime) -> VersionDetails:
    """Raises NotFound."""
    for found in history(office, actor, key, now):
        if found.number == number:
            return found
    raise NotFound(what=f"phiên bản {number} của thủ tục “{key}”", what_en=f"version {number} of “{key}”")


def declared(office: Office, version_id: int) -> Declaration:
    """What a version says; compiled once and kept."""
    return office.fresh_catalogue().procedures[version_id].declaration


def side(office: Office, actor: Actor, ref: str, now: datetime) -> Side:
    """Raises NotFound, and Refused for a draft that is not complete enough to be compared."""
    must_read(office, actor, now)
    number = int(ref[1:]) if ref[1:].isascii() and ref[1:].isdigit() and len(ref) < 11 else 0
    if ref[:1] == "d":
        return of_draft(drafts.open_for(office, actor, number, now))
    found = versions.details(office.db, number) if ref[:1] == "v" and number < 2**31 else None
    if found is None:
        raise NotFound(what="phiên bản để so sánh", what_en="version to compare")
    told = declared(office, found.id)
    return Side(ref=ref, declaration=told, title=Text(vi=f"{told.name.vi}, phiên bản {found.number}",
                                                      en=f"{told.name.en}, version {found.number}"))


def of_draft(draft: Draft) -> Side:
    """Raises Refused while the draft has faults."""
    if draft.declaration is None:
        raise Refused(reason_vi="Bản thảo còn thiếu hoặc sai nên chưa so sánh, chưa xuất được. Hãy xem danh sách trong "
                                "bản thảo.",
                      reason_en="The draft is not complete yet and cannot be compared or exported. See its list of "
                                "what is missing.")
    return Side(ref=f"d{draft.id}", declaration=draft.declaration,
                title=Text(vi=f"{draft.name.vi}, bản thảo {draft.id}", en=f"{draft.name.en}, draft {draft.id}"))


def compared(old: Side, new: Side) -> list[Difference]:
    """Without the number of the version, which always differs."""
    return [one for one in differences(old.declaration, new.declaration) if one.where != ("version",)]


def others(office: Office, actor: Actor, key: str, now: datetime) -> dict[str, Text]:
    """What a version or draft of a procedure may be compared with, by ref."""
    found = {f"v{one.id}": Text(vi=f"Phiên bản {one.number}", en=f"Version {one.number}")
             for one in versions.of_procedure(office.db, key)}
    mine = [draft for draft in drafts.unfinished(office, actor, now) if draft.key == key]
    return found | {f"d{draft.id}": Text(vi=f"Bản thảo {draft.id} ({draft.row.changed_name})",
                                         en=f"Draft {draft.id} ({draft.row.changed_name})") for draft in mine}
