"""Moves one dossier to another version of its procedure, and back again: an act like any other, in its own record.

What was done stays as it was: closed work, opinions, papers, hand-offs. Units keep the work they hold; due dates stay
unless the plan says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.casework import clocks, sending
from engine.casework.decision import Decision, Row
from engine.casework.orders import Order
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, Refused
from engine.migrating.plan import ClockRule, Plan, configuration
from engine.migrating.verdict import Kind, judge
from engine.states.procedure import Procedure
from procedures import answers
from procedures.declaration import Role
from storage.dossiers import Loaded

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]


def move(migration_id: int, plan: Plan, from_version: int, to_version: int) -> Decide:
    """Raises Refused with the verdict's words where the dossier cannot move."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        _must_be(loaded, from_version)
        old, new = catalogue.procedures[from_version], catalogue.procedures[to_version]
        verdict = judge(loaded, old, new, plan, catalogue)
        if verdict.kind is not Kind.MOVES:
            raise Refused(reason_vi=verdict.why.vi, reason_en=verdict.why.en, verdict=verdict.kind.value)
        decision = Decision(loaded, order, catalogue, new, now)
        decision.version_id = to_version
        decision.raise_version()
        leaves, history, added = configuration(loaded.states, loaded.history or {}, plan, old, new)
        renamed = {state: plan.of(state, old) for state in loaded.states}
        before = _picture(loaded, renamed, [leaf for leaf in leaves if leaf not in renamed.values()])
        _rename(decision, renamed, before["added"])
        decision.states, decision.changes["history"] = tuple(leaves), history
        _restate(decision, plan, old, new)
        before["clocks"] = _reclock(decision, plan, old, new)
        for state in added:
            if state in leaves:
                sending.open_step(decision, new.states[state], _lead(decision))
        before["opened"] = [row["no"] for row in decision.lists.get("open", [])]
        _record(decision, migration_id, before, {"from": old.content_hash, "to": new.content_hash, "states": renamed,
                                                 "clocks": plan.clocks.value})
        return decision

    return decide


def _must_be(loaded: Loaded, version_id: int) -> None:
    if loaded.version_id != version_id:
        raise NotPossibleHere(event="chuyển phiên bản", event_en="move to another version",
                              where_vi="phiên bản khác", where_en="another version", possible="-")


def _picture(loaded: Loaded, renamed: dict[str, str], added: list[str]) -> Row:
    """What an undo puts back."""
    return {"renamed": renamed, "added": added, "version_id": loaded.version_id, "states": list(loaded.states),
            "history": loaded.history or {},
            "items": [{"no": item["no"], "state": item["state"], "role": item["role"], "due_at": item["due_at"]}
                      for item in loaded.items]}


def _rename(decision: Decision, renamed: Mapping[str, str], added: Sequence[str]) -> None:
    mine = decision.loaded.id
    for state, fresh in renamed.items():
        if fresh != state:
            decision.add("rename", {"dossier_id": mine, "state": state, "fresh": fresh})
    for fresh in added:
        decision.add("rename", {"dossier_id": mine, "state": None, "fresh": fresh, "entered_at": decision.stamp})


def _restate(decision: Decision, plan: Plan, old: Procedure, new: Procedure) -> None:
    """Open work is called as in the new version; a hand-off that came back stays with whoever sent it."""
    for item in decision.loaded.items:
        info = new.states[plan.of(item["state"], old)]
        role = info.role if item["duty"] == "step" and info.role is not None else item["role"]
        if (info.id, role) != (item["state"], item["role"]):
            decision.add("restate", {"dossier_id": decision.loaded.id, "no": item["no"], "state": info.id,
                                     "role": role, "due_at": item["due_at"]})


def _reclock(decision: Decision, plan: Plan, old: Procedure, new: Procedure) -> list[Row]:
    """Clocks whose limit the plan changes go on under the new one with the same marks; returns what they were."""
    replaced = []
    for row in list(decision.loaded.clocks):
        limit = _limit_of(decision, row, plan, old, new)
        if limit is not None and (limit[0].written(), limit[1]) != (row["time_limit"], row["count_mode"]):
            replaced.append(_bare(row))
            _go_on(decision, row, *limit)
    return replaced


def _bare(row: Row) -> Row:
    return {name: row[name] for name in ("no", "kind", "item_no", "time_limit", "count_mode", "marks")}


def _limit_of(decision: Decision, row: Row, plan: Plan, old: Procedure,
              new: Procedure) -> tuple[Limit, CountMode] | None:
    if row["kind"] == "step" and plan.clocks is not ClockRule.KEEP:
        item = next((item for item in decision.loaded.items if item["no"] == row["item_no"]), None)
        written = new.states[plan.of(item["state"], old)].limit if item else None
        limit = Limit.parse(written) if written else None
        return (limit, clocks.mode_of(limit)) if limit else None
    if row["kind"] == "dossier" and plan.clocks is ClockRule.ALL:
        facts = {**decision.loaded.facts, "channel": decision.loaded.channel}
        parts, mode = answers.limit(new.declaration, facts)
        return (Limit.parse(parts), CountMode(mode)) if parts else None
    return None


def _go_on(decision: Decision, row: Row, limit: Limit, mode: CountMode) -> None:
    """A clock's limit never changes: the old one ends, a new one has its marks."""
    clocks.end(decision, row, "migrate")
    due = clocks.continued(decision, row, Clock.from_json(limit.written(), mode, row["marks"]))
    for item in decision.loaded.items:
        if item["no"] == row["item_no"] or (row["kind"] == "dossier" and _shows_the_dossiers(decision, item)):
            decision.put("change", {**item, "due_at": due.isoformat() if due else None})


def _shows_the_dossiers(decision: Decision, item: Row) -> bool:
    due = decision.loaded.due_at
    timed = any(row["item_no"] == item["no"] for row in decision.loaded.clocks)
    return not timed and due is not None and item["due_at"] is not None \
        and datetime.fromisoformat(item["due_at"]) == due


def _lead(decision: Decision) -> UnitInfo:
    """In whose name a body that only the new version knows is asked."""
    decision.role = Role.OFFICER
    on = decision.at.astimezone(ZONE).date()
    return decision.catalogue.unit_for(decision.procedure.declaration.lead, decision.loaded.intake_agency, on)


def _record(decision: Decision, migration_id: int, before: Row, details: dict[str, Any]) -> None:
    loaded = decision.loaded
    decision.audit("migrate", unit=None, before=loaded.states, after=decision.states,
                   details={"version": decision.version, "migration": migration_id, **details})
    decision.add("migration_item", {
        "migration_id": migration_id, "dossier_id": loaded.id, "state": "moved", "why": None, "before": before,
        "moved_seq": decision.seq, "at": decision.stamp,
    })


def undo(migration_id: int, before: Row, moved_seq: int, moved_version: int, to_version: int) -> Decide:
    """Everything as it was, while nobody has acted on the dossier since (`moved_version`: its version after the move).

    Alarms, refusals and technical receipts are no acts. Raises Refused once it has moved on.
    """

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        _must_be(loaded, to_version)
        if loaded.version != moved_version:
            raise Refused(reason_vi="Hồ sơ đã được xử lý tiếp sau khi chuyển, không hoàn tác được nữa.",
                          reason_en="The dossier has moved on since; the move can no longer be undone.")
        old = catalogue.procedures[before["version_id"]]
        decision = Decision(loaded, order, catalogue, old, now)
        decision.version_id = before["version_id"]
        decision.raise_version()
        _close_opened(decision, before["opened"])
        _put_back(decision, before)
        for row in before["clocks"]:
            _resume_clock(decision, row)
        decision.audit("undo_migration", unit=None, before=loaded.states, after=decision.states,
                       details={"version": decision.version, "migration": migration_id, "moved": moved_seq})
        decision.add("migration_item", {
            "migration_id": migration_id, "dossier_id": loaded.id, "state": "undone", "why": None, "before": before,
            "moved_seq": moved_seq, "at": decision.stamp, "undone_at": decision.stamp,
            "undone_by": order.actor.id or None,
        })
        return decision

    return decide


def _close_opened(decision: Decision, opened: list[int]) -> None:
    """What only the move had given out is taken back."""
    decision.closed.extend(opened)
    clocks.end_items(decision, opened, "undo_migration")
    sending.recall_waiting(decision, opened)


def _put_back(decision: Decision, before: Row) -> None:
    loaded, still = decision.loaded, {item["no"] for item in decision.loaded.items}
    decision.exited.extend(before["added"])
    _rename(decision, {fresh: state for state, fresh in before["renamed"].items()}, ())
    for row in before["items"]:
        if row["no"] in still:
            decision.add("restate", {"dossier_id": loaded.id, **row})
    decision.states, decision.changes["history"] = tuple(before["states"]), before["history"]


def _resume_clock(decision: Decision, told: Row) -> None:
    """The clock that the move replaced goes on, under its old limit and with its old marks."""
    row = next(row for row in decision.loaded.clocks
               if (row["kind"], row["item_no"]) == (told["kind"], told["item_no"]))
    _go_on(decision, row, Limit.parse(told["time_limit"]), CountMode(told["count_mode"]))
