"""A version's dossiers moved by one plan: looked at first, then moved one by one, undone while that is possible."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from engine.access import must_write
from engine.casework.act import transact
from engine.casework.orders import Actor, Order, reason_faults, text_faults
from engine.catalogue import VersionRow
from engine.clocks.zone import ZONE
from engine.errors import Invalid, LienThongError, NotFound, Unavailable
from engine.migrating.moving import case_of, move, moved, undo
from engine.migrating.plan import Plan, check
from engine.migrating.verdict import Case, Kind, Verdict, judge
from engine.office import Office
from procedures.declaration import Text
from storage import dossiers, events, moves
from storage.moves import Item, Listed, Migration, Planned

log = structlog.get_logger()

# Dossiers looked at, or moved, in one request: a few seconds of work.
SLICE = 200
LONGEST_DECISION = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """What might be done with the dossiers under one version."""

    from_version: int
    to_version: int
    plan: Plan

    def to_json(self, chosen: Sequence[int]) -> dict[str, Any]:
        return {**self.plan.to_json(), "dossiers": list(chosen)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One dossier under the plan. `where`: the steps it is at; `due_then` is None too where no clock runs."""

    id: int
    code: str
    where: tuple[Text, ...]
    verdict: Verdict
    due_now: datetime | None
    due_then: datetime | None
    steps: tuple[tuple[Text, datetime | None, datetime | None], ...] = ()

    @property
    def moves(self) -> bool:
        return self.verdict.kind is Kind.MOVES


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A page of what would happen; `after` is where the next one begins, None behind the last. `open`: of all pages."""

    rows: tuple[Foreseen, ...]
    open: int
    after: int | None

    def of(self, kind: Kind) -> list[Foreseen]:
        return [row for row in self.rows if row.verdict.kind is kind]


@dataclass(slots=True)
class Progress:
    """What one run did; `left` are still to be tried. `refused`: codes with the reason why not."""

    done: int = 0
    left: int = 0
    refused: dict[str, Text] = field(default_factory=dict)


def versions(office: Office, key: str) -> list[VersionRow]:
    """Those a dossier may be under, the newest first. Raises NotFound."""
    found = [row for row in office.fresh_catalogue().versions if row.procedure == key]
    if not found:
        raise NotFound(what=f"thủ tục “{key}”", what_en=f"procedure “{key}”")
    return found


def preview(office: Office, actor: Actor, told: Proposal, now: datetime, after: int = 0) -> Preview:
    """What the plan would do to the dossiers that are open now; changes nothing. Raises Invalid, NotAdministrator."""
    must_write(office, actor, now)
    _check(office, told, now)
    trial = _trial(told, actor, now)
    found = moves.open_codes(office.db, told.from_version, after, SLICE)
    rows = [row for _, code in found if (row := _foreseen(office, code, trial, actor, now)) is not None]
    more = found[-1][0] if len(found) == SLICE else None
    return Preview(rows=tuple(rows), open=moves.count_open(office.db, told.from_version), after=more)


def _check(office: Office, told: Proposal, now: datetime) -> None:
    """Nothing is dealt with under rules that are not in force yet, or were taken back."""
    rows = {row.id: row for row in office.fresh_catalogue().versions}
    old, new = rows.get(told.from_version), rows.get(told.to_version)
    if old is None or new is None or old.procedure != new.procedure or old.id == new.id:
        raise Invalid({"to": ("chọn hai phiên bản khác nhau của cùng một thủ tục",
                              "choose two different versions of one procedure")})
    if new.state != "published":
        raise Invalid({"to": ("phiên bản này đã bị rút, không chuyển hồ sơ sang được",
                              "this version was retired; dossiers cannot move to it")})
    if new.valid_from > now.astimezone(ZONE).date():
        raise Invalid({"to": (f"phiên bản này đến {new.valid_from:%d/%m/%Y} mới áp dụng",
                              f"this version is not in force before {new.valid_from:%d/%m/%Y}")})
    procedures = office.catalogue().procedures
    check(told.plan, procedures[old.id], procedures[new.id])


def _trial(told: Proposal, actor: Actor, now: datetime) -> Migration:
    return Migration(id=0, from_version_id=told.from_version, to_version_id=told.to_version, plan=told.to_json(()),
                     decision_no="", reason="", created_by=actor.id, created_at=now)


def _foreseen(office: Office, code: str, trial: Migration, actor: Actor, now: datetime) -> Foreseen | None:
    """None for a dossier that somebody moved in this very moment."""
    today = now.astimezone(ZONE).date()
    loaded = dossiers.load(office.db, code=code, person=actor.id, key=None, today=today, blind=True)
    if loaded is None or loaded.version_id != trial.from_version_id:
        return None
    case = case_of(loaded, office.catalogue(loaded.revision), trial, now)
    verdict = judge(case)
    seen = Foreseen(id=loaded.id, code=code, where=_where(case), verdict=verdict, due_now=loaded.due_at,
                    due_then=loaded.due_at)
    if verdict.kind is not Kind.MOVES:
        return seen
    decision = moved(case, trial, Order(code=code, event="migrate", actor=actor), now)
    fresh = {row["no"]: row["due_at"] for row in decision.more.get("restate", [])}
    steps = tuple((case.becomes(item["state"]).name, _instant(item["due_at"]), _instant(fresh[item["no"]]))
                  for item in loaded.items
                  if _instant(fresh.get(item["no"], item["due_at"])) != _instant(item["due_at"]))
    return replace(seen, due_then=decision.current("due_at"), steps=steps)


def _where(case: Case) -> tuple[Text, ...]:
    """As somebody would name it: finished branches of a consultation are left out."""
    infos = [case.old.states[state] for state in case.loaded.states]
    return tuple(info.name for info in infos if info.party is not None) or tuple(info.name for info in infos)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def plan(office: Office, actor: Actor, told: Proposal, *, decision_no: str, reason: str,
         codes: Collection[str] | None, now: datetime) -> int:
    """Keeps the plan with its decision; `codes` None: every dossier that is open. Moves nothing yet.

    Returns its number. Raises Invalid with every wrong entry, NotAdministrator.
    """
    must_write(office, actor, now)
    _check(office, told, now)
    faults = text_faults({"decision_no": decision_no}, LONGEST_DECISION) | text_faults({"reason": reason})
    if not decision_no.strip():
        faults["decision_no"] = ("ghi số quyết định cho chuyển", "give the number of the decision")
    faults |= reason_faults(reason)
    chosen = _every(office, told) if codes is None else moves.ids(office.db, told.from_version, sorted(codes))
    if not chosen:
        faults["dossiers"] = ("chọn ít nhất một hồ sơ", "choose at least one dossier")
    if faults:
        raise Invalid(faults)
    return moves.insert(office.db, Planned(
        from_version_id=told.from_version, to_version_id=told.to_version, plan=told.to_json(chosen),
        decision_no=decision_no.strip(), reason=reason.strip(), created_by=actor.id, created_at=now))


def _every(office: Office, told: Proposal) -> list[int]:
    return moves.open_ids(office.db, told.from_version)


def found(office: Office, actor: Actor, migration_id: int, now: datetime) -> Migration:
    """Raises NotFound, NotAdministrator."""
    must_write(office, actor, now)
    migration = moves.get(office.db, migration_id)
    if migration is None:
        raise NotFound(what=f"đợt chuyển {migration_id}", what_en=f"move {migration_id}")
    return migration


def report(office: Office, actor: Actor, migration_id: int, now: datetime) -> tuple[Migration, list[Item]]:
    return found(office, actor, migration_id, now), moves.items(office.db, migration_id)


def history(office: Office, actor: Actor, key: str, now: datetime) -> list[Listed]:
    """The moves between versions of a procedure, the newest first."""
    must_write(office, actor, now)
    return moves.of_procedure(office.db, key)


def run(office: Office, actor: Actor, migration_id: int, now: datetime, *, codes: Collection[str] | None = None,
        most: int = SLICE) -> Progress:
    """Moves the chosen dossiers that were not tried yet, or `codes` of them once more; at most `most`.

    Each is an act of its own: what fails is noted and holds nobody up; whatever was cut off goes on where it was.
    """
    migration = found(office, actor, migration_id, now)
    items = moves.items(office.db, migration_id)
    waiting = [item for item in items if item.state is None or (item.state == "failed" and item.code in (codes or ()))]
    progress = Progress(left=max(0, len(waiting) - most))
    for item in waiting[:most]:
        order = Order(code=item.code, event="migrate", actor=actor)
        try:
            transact(office, order, move(migration), now, unseen=True)
        except Unavailable:
            raise
        except LienThongError as refusal:
            why = Text(vi=refusal.message("vi"), en=refusal.message("en"))
            _note(office, migration, item, why, now, progress)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one dossier, the others must go on
            log.error("move_failed", migration=migration_id, code=item.code, why=type(error).__name__)
            why = Text(vi="Lỗi không lường trước; hồ sơ giữ nguyên.", en="An unforeseen error; nothing was changed.")
            _note(office, migration, item, why, now, progress)
        else:
            progress.done += 1
    _log(office, actor, "migration_run", migration_id, progress, now)
    return progress


def _log(office: Office, actor: Actor, kind: str, migration_id: int, progress: Progress, now: datetime) -> None:
    """Each dossier has its own entry; this one says who pressed the button."""
    events.append(office.db, kind, actor.id, now, {"migration": migration_id, "done": progress.done,
                                                   "refused": sorted(progress.refused), "left": progress.left})


def _note(office: Office, migration: Migration, item: Item, why: Text, now: datetime, progress: Progress) -> None:
    progress.refused[item.code] = why
    moves.fail(office.db, migration.id, item.dossier_id, json.dumps({"vi": why.vi, "en": why.en}, ensure_ascii=False),
               now)


def why_of(item: Item) -> Text | None:
    """Why a dossier was not moved."""
    return Text(**json.loads(item.why)) if item.why else None


def may_undo(migration: Migration, item: Item) -> bool:
    """Moved, and nobody has acted on the dossier since."""
    return (item.state == "moved" and item.before is not None and item.version_id == migration.to_version_id
            and item.version == item.before["version"])


def undo_moves(office: Office, actor: Actor, migration_id: int, codes: Collection[str] | None, now: datetime, *,
               most: int = SLICE) -> Progress:
    """Puts back those of `codes` (None: all) that were moved; `refused` says which have moved on since."""
    migration = found(office, actor, migration_id, now)
    wanted = [item for item in moves.items(office.db, migration_id)
              if item.state == "moved" and (may_undo(migration, item) if codes is None else item.code in codes)]
    progress = Progress(left=max(0, len(wanted) - most))
    for item in wanted[:most]:
        assert item.before is not None, "what was moved has its picture"
        assert item.moved_seq is not None, "what was moved has its entry"
        order = Order(code=item.code, event="undo_migration", actor=actor)
        try:
            transact(office, order, undo(migration, item.before, item.moved_seq), now, unseen=True)
        except Unavailable:
            raise
        except LienThongError as refusal:
            progress.refused[item.code] = Text(vi=refusal.message("vi"), en=refusal.message("en"))
        else:
            progress.done += 1
    _log(office, actor, "migration_undone", migration_id, progress, now)
    return progress
