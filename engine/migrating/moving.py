"""Moves one dossier to another version of its procedure, and back again: an act like any other, in its own record.

What was done stays as it was: closed work, opinions, papers, hand-offs. Units keep the work they hold; due dates stay
unless the plan says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.casework import budgets, clocks, parts, sending
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.limits import CountMode, Limit
from engine.clocks.marks import Clock
from engine.clocks.zone import ZONE
from engine.errors import NotPossibleHere, Refused
from engine.migrating.plan import ClockRule, Landing, Plan
from engine.migrating.verdict import Case, Kind, judge
from engine.states.procedure import Procedure
from procedures import answers
from procedures.declaration import Role
from storage.dossiers import Loaded
from storage.moves import Migration

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
Wanted = tuple[Limit, CountMode]


def move(migration: Migration) -> Decide:
    """Raises Refused with the verdict's words where the dossier cannot move."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        case = case_of(loaded, catalogue, migration, now)
        verdict = judge(case)
        if verdict.kind is not Kind.MOVES:
            raise Refused(reason_vi=verdict.why.vi, reason_en=verdict.why.en, verdict=verdict.kind.value)
        return moved(case, migration, order, now)

    return decide


def case_of(loaded: Loaded, catalogue: Catalogue, migration: Migration, now: datetime) -> Case:
    """Raises NotPossibleHere for a dossier that is not under the old version."""
    if loaded.version_id != migration.from_version_id:
        raise _elsewhere()
    return Case(loaded=loaded, old=catalogue.procedures[migration.from_version_id],
                new=catalogue.procedures[migration.to_version_id], plan=Plan.from_json(migration.plan),
                catalogue=catalogue, on=now.astimezone(ZONE).date())


def _elsewhere() -> NotPossibleHere:
    return NotPossibleHere(event="chuyển phiên bản", event_en="move to another version",
                           where_vi="phiên bản khác", where_en="another version", possible="-")


def moved(case: Case, migration: Migration, order: Order, now: datetime) -> Decision:
    """The whole act, for a case that was judged to move."""
    loaded, landing = case.loaded, case.landing()
    decision = Decision(loaded, order, case.catalogue, case.new, now)
    decision.move_to(migration.to_version_id)
    decision.raise_version()
    before = _picture(case, landing)
    before["clocks"], dues = _reclock(decision, case)
    _rename(decision, before["renamed"], landing.added)
    decision.states, decision.changes["history"] = tuple(landing.leaves), landing.history
    _restate(decision, case, dues)
    _readdress(decision, {row["no"]: _asked_from(case, row["state"]) for row in loaded.consultations})
    for state in landing.added:
        if case.new.states[state].party is not None:
            sending.open_step(decision, case.new.states[state], _lead(decision))
    before |= {"opened": [row["no"] for row in decision.lists.get("open", [])], "version": decision.version,
               "clock_no": decision.clock_no}
    _tell_bundle(decision)
    decision.audit("migrate", unit=None, before=loaded.states, after=decision.states, details={
        "version": decision.version, "migration": migration.id, "decision": migration.decision_no,
        "from_version": migration.from_version_id, "to_version": migration.to_version_id,
        "from": case.old.content_hash, "to": case.new.content_hash, "states": case.plan.changed(),
        "clocks": case.plan.clocks.value, "added": landing.added, "left_out": landing.left_out,
    })
    decision.add("migration_item", {
        "migration_id": migration.id, "dossier_id": loaded.id, "state": "moved", "why": None, "before": before,
        "moved_seq": decision.seq, "at": decision.stamp,
    })
    return decision


def _picture(case: Case, landing: Landing) -> Row:
    """What an undo puts back."""
    loaded = case.loaded
    return {"renamed": {state: case.plan.of(state, case.old) for state in loaded.states}, "added": landing.added,
            "states": list(loaded.states), "history": loaded.history,
            "items": [{"no": item["no"], "state": item["state"], "role": item["role"], "due_at": item["due_at"]}
                      for item in loaded.items],
            "consultations": {str(row["no"]): row["state"] for row in loaded.consultations}}


def _rename(decision: Decision, renamed: Mapping[str, str], added: Sequence[str]) -> None:
    mine = decision.loaded.id
    for state, fresh in renamed.items():
        if fresh != state:
            decision.add("rename", {"dossier_id": mine, "state": state, "fresh": fresh})
    for fresh in added:
        decision.add("rename", {"dossier_id": mine, "state": None, "fresh": fresh, "entered_at": decision.stamp})


def _restate(decision: Decision, case: Case, dues: Mapping[int, str | None]) -> None:
    """Open work is called as in the new version; a hand-off that came back stays with whoever sent it."""
    for item in decision.loaded.items:
        info = case.becomes(item["state"])
        role = info.role if item["duty"] == "step" and info.role is not None else item["role"]
        due = dues.get(item["no"], item["due_at"])
        if (info.id, role, due) != (item["state"], item["role"], item["due_at"]):
            decision.add("restate", {"dossier_id": decision.loaded.id, "no": item["no"], "state": info.id,
                                     "role": role, "due_at": due})


def _asked_from(case: Case, state: str) -> str:
    """A step that has no place any more, now or since an earlier move, keeps its name: nothing is open there."""
    return (case.plan.of(state, case.old) or state) if state in case.old.states else state


def _readdress(decision: Decision, asked_from: Mapping[int, str]) -> None:
    """A question beside the procedure is waited for by the step it was asked from, whatever that is called."""
    for row in decision.loaded.consultations:
        if asked_from[row["no"]] != row["state"]:
            decision.add("consultation", {**row, "state": asked_from[row["no"]]})


def _tell_bundle(decision: Decision) -> None:
    """The other parts are promised for a date that may follow from this one's."""
    if "due_at" in decision.changes:
        parts.tell(decision)


def _lead(decision: Decision) -> UnitInfo:
    """In whose name a body that only the new version knows is asked."""
    decision.role = Role.OFFICER
    on = decision.at.astimezone(ZONE).date()
    return decision.catalogue.unit_for(decision.procedure.declaration.lead, decision.loaded.intake_agency, on)


# Clocks. The limit of a clock never changes: the old one ends, a new one goes on with its marks.

def _reclock(decision: Decision, case: Case) -> tuple[list[Row], dict[int, str | None]]:
    """What the plan says of limits; returns the clocks it replaced and the due dates of the open work it changed."""
    told: list[Row] = []
    dues: dict[int, str | None] = {}
    own = clocks.of_dossier(decision)
    if case.plan.clocks is ClockRule.ALL and own is not None:
        wanted = _statutory(case)
        if wanted is not None and not _same(own, wanted):
            told.append({"kind": "dossier", "item_no": None, "was": _bare(own)})
            due = iso(_replaced(decision, own, wanted))
            dues |= {item["no"]: due for item in case.loaded.items if _shows_the_dossiers(decision, item)}
    if case.plan.clocks is not ClockRule.KEEP:
        for item in case.loaded.items:
            _reclock_step(decision, item, case.becomes(item["state"]).limit, told, dues)
    return told, dues


def _reclock_step(decision: Decision, item: Row, limit: str | None, told: list[Row],
                  dues: dict[int, str | None]) -> None:
    """Work that nobody has registered yet has no clock: it begins with the receipt, under the limit of that day."""
    row, wanted = clocks.of_item(decision, item["no"], "step"), _parsed(limit)
    begun = row["marks"][0]["at"] if row is not None else _begun(decision, item)
    if begun is None or _same(row, wanted):
        return
    told.append({"kind": "step", "item_no": item["no"], "was": None if row is None else _bare(row)})
    if row is not None and wanted is not None:
        dues[item["no"]] = iso(_replaced(decision, row, wanted))
    elif row is not None:
        clocks.end(decision, row, decision.order.event)
        dues[item["no"]] = iso(decision.current("due_at"))
    elif wanted is not None:
        clock = Clock.started(*wanted, datetime.fromisoformat(begun), item["state"])
        dues[item["no"]] = iso(clocks.continued(decision, {"kind": "step", "item_no": item["no"]}, clock))


def _begun(decision: Decision, item: Row) -> str | None:
    """When somebody could begin with work that has no clock of its own."""
    if item["duty"] != "step":
        return None
    handoff = next((row for row in decision.loaded.handoffs if row["id"] == item["handoff_id"]), None)
    if handoff is None:
        return str(item["opened_at"])
    return min(handoff["registered_at"], handoff["register_due_at"]) if handoff["state"] == "registered" else None


def _parsed(written: str | None) -> Wanted | None:
    if written is None:
        return None
    limit = Limit.parse(written)
    return limit, clocks.mode_of(limit)


def _statutory(case: Case) -> Wanted | None:
    parts, mode = answers.limit(case.new.declaration, case.facts)
    return (Limit.parse(parts), CountMode(mode)) if parts else None


def _same(row: Row | None, wanted: Wanted | None) -> bool:
    if row is None or wanted is None:
        return row is None and wanted is None
    return (row["time_limit"], row["count_mode"]) == (wanted[0].written(), wanted[1])


def _bare(row: Row) -> Row:
    return {name: row[name] for name in ("time_limit", "count_mode", "marks", "fires_at", "agency", "expiry")}


def _replaced(decision: Decision, row: Row, wanted: Wanted) -> datetime | None:
    clocks.end(decision, row, decision.order.event)
    return clocks.continued(decision, row, Clock.from_json(wanted[0].written(), wanted[1], row["marks"]))


def _shows_the_dossiers(decision: Decision, item: Row) -> bool:
    due = decision.loaded.due_at
    timed = any(row["item_no"] == item["no"] for row in decision.loaded.clocks)
    return not timed and due is not None and item["due_at"] is not None \
        and datetime.fromisoformat(item["due_at"]) == due


def undo(migration: Migration, before: Row, moved_seq: int) -> Decide:
    """Everything as it was, while nobody has acted on the dossier since.

    Alarms, refusals and technical receipts are no acts. Raises Refused once it has moved on.
    """

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if loaded.version_id != migration.to_version_id:
            raise _elsewhere()
        if loaded.version != before["version"]:
            raise Refused(reason_vi="Hồ sơ đã được xử lý tiếp sau khi chuyển, không hoàn tác được nữa.",
                          reason_en="The dossier has moved on since; the move can no longer be undone.")
        old, new = (catalogue.procedures[version] for version in (migration.from_version_id, migration.to_version_id))
        decision = Decision(loaded, order, catalogue, old, now)
        decision.move_to(migration.from_version_id)
        decision.raise_version()
        _close_opened(decision, before["opened"])
        _put_back(decision, before, _clocks_back(decision, before, old))
        _tell_bundle(decision)
        decision.audit("undo_migration", unit=None, before=loaded.states, after=decision.states, details={
            "version": decision.version, "migration": migration.id, "moved": moved_seq,
            "from_version": migration.to_version_id, "to_version": migration.from_version_id,
            "from": new.content_hash, "to": old.content_hash,
        })
        decision.add("migration_item", {
            "migration_id": migration.id, "dossier_id": loaded.id, "state": "undone", "why": None, "before": before,
            "moved_seq": moved_seq, "at": decision.stamp, "undone_at": decision.stamp, "undone_by": order.actor.id,
        })
        return decision

    return decide


def _close_opened(decision: Decision, opened: list[int]) -> None:
    """What only the move had given out is taken back."""
    decision.closed.extend(opened)
    clocks.end_items(decision, opened, decision.order.event)
    sending.recall_waiting(decision, opened)
    budgets.settle(decision, decision.order.event)


def _put_back(decision: Decision, before: Row, dues: Mapping[int, str | None]) -> None:
    decision.exited.extend(before["added"])
    _rename(decision, {fresh: state for state, fresh in before["renamed"].items()}, ())
    # a calendar may have moved since what the move left as it was
    present = {} if before["clocks"] else {item["no"]: item["due_at"] for item in decision.loaded.items}
    for row in before["items"]:
        due = dues.get(row["no"], present.get(row["no"], row["due_at"]))
        decision.add("restate", {"dossier_id": decision.loaded.id, **row, "due_at": due})
    _readdress(decision, {int(no): state for no, state in before["consultations"].items()})
    decision.states, decision.changes["history"] = tuple(before["states"]), before["history"]


def _clocks_back(decision: Decision, before: Row, old: Procedure) -> dict[int, str | None]:
    """The clocks that the move replaced go on under their old limits, with their old marks.

    One that has begun since, because nobody registered in time, gets the limit it would have had; its due date is
    returned.
    """
    for told in before["clocks"]:
        row = next((row for row in decision.loaded.clocks
                    if (row["kind"], row["item_no"]) == (told["kind"], told["item_no"])), None)
        if row is not None:
            clocks.end(decision, row, decision.order.event)
        if told["was"] is not None:
            was = told["was"]
            clock = Clock.from_json(was["time_limit"], was["count_mode"], was["marks"])
            clocks.continued(decision, {**was, "kind": told["kind"], "item_no": told["item_no"]}, clock)
    dues: dict[int, str | None] = {}
    for item in before["items"]:
        row = clocks.of_item(decision, item["no"], "step")
        if row is not None and row["no"] > before["clock_no"]:
            dues[item["no"]] = row["due_at"]
            _reclock_step(decision, {**item, "duty": "step"}, old.states[item["state"]].limit, [], dues)
    return dues

