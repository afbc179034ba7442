"""What became of each dossier of a move: going on, trying again, undoing."""

from __future__ import annotations

from collections import Counter as Count
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Sheet
from api.pages.migrating.planning import CLOCKS, Key
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from engine.designing.versions import names
from engine.errors import NotFound
from engine.migrating import batch
from engine.migrating.plan import ClockRule
from procedures.declaration import Text
from storage.moves import Migration

router = Counter(include_in_schema=False, route_class=PageRoute)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Page = Annotated[int, Query(ge=1, le=10_000)]

STATES = {
    "moved": Text(vi="Đã chuyển", en="Moved"), "failed": Text(vi="Không chuyển được", en="Not moved"),
    "undone": Text(vi="Đã hoàn tác", en="Undone"), None: Text(vi="Chưa làm", en="Not tried yet"),
}


@router.get("/procedures/{key}/migrate/{migration}")
def result(caller: Caller, key: Key, migration: Id, sheet: Page = 1) -> Response:
    return _shown(caller, key, migration, sheet)


def _found(caller: Person, key: str, migration_id: int) -> Migration:
    """A move of this very procedure."""
    found = batch.found(caller.office, caller.actor, migration_id, caller.now)
    if found.from_version_id not in {row.id for row in batch.versions(caller.office, key)}:
        raise NotFound(what=f"đợt chuyển {migration_id}", what_en=f"move {migration_id}")
    return found


def _shown(caller: Person, key: str, migration_id: int, sheet: int = 1, entered: Entered = BLANK,
           status: int = 200) -> Response:
    migration = _found(caller, key, migration_id)
    _, items = batch.report(caller.office, caller.actor, migration_id, caller.now)
    rows = {row.id: row for row in batch.versions(caller.office, key)}
    sheets = -(-len(items) // batch.SLICE)
    first = (min(sheet, sheets) - 1) * batch.SLICE
    return page(
        Visit(visitor=caller), "migrating/result.html", entered, status=status, key=key, migration=migration,
        name=names(caller.office)[key],
        old=rows[migration.from_version_id], new=rows[migration.to_version_id], states=STATES,
        clocks=CLOCKS[ClockRule(migration.plan["clocks"])], counts=Count(item.state for item in items),
        undoable=sum(batch.may_undo(migration, item) for item in items), sheet=sheet, sheets=sheets, total=len(items),
        items=[(item, batch.why_of(item), batch.may_undo(migration, item))
               for item in items[first:first + batch.SLICE]])


@router.post("/procedures/{key}/migrate/{migration}/run")
def go_on(caller: Caller, key: Key, migration: Id, posted: Sheet) -> Response:
    """The next slice, or one dossier once more."""
    _found(caller, key, migration)
    batch.run(caller.office, caller.actor, migration, caller.now, codes=posted.many("code"))
    return RedirectResponse(f"/procedures/{key}/migrate/{migration}", 303)


@router.post("/procedures/{key}/migrate/{migration}/undo")
def undo(caller: Caller, key: Key, migration: Id, posted: Sheet) -> Response:
    """One dossier, or all that have not moved on."""
    _found(caller, key, migration)
    codes = posted.many("code") or None
    progress = batch.undo_moves(caller.office, caller.actor, migration, codes, caller.now)
    if progress.refused:
        return _refused(caller, key, migration, progress.refused)
    return RedirectResponse(f"/procedures/{key}/migrate/{migration}", 303)


def _refused(caller: Person, key: str, migration: int, refused: dict[str, Text]) -> Response:
    english = caller.chosen_language == "en"
    words = " ".join(f"{code}: {why.en if english else why.vi}" for code, why in refused.items())
    title = "Some dossiers were not put back" if english else "Có hồ sơ không hoàn tác được"
    return _shown(caller, key, migration, 1, Entered(trouble=Trouble(title=title, words=words)), 409)
