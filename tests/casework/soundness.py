"""What must hold of every dossier whatever was done to it, checked from the tables without the code that wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import dict_row

from engine.casework.clocks import rebuild
from engine.catalogue import Catalogue
from engine.clocks.evaluation import evaluate
from engine.clocks.marks import ClockState
from engine.office import Office

Row = dict[str, Any]


def faults(office: Office) -> list[str]:
    """Everything that is wrong in the whole database, named."""
    rows = _Tables(office)
    catalogue = office.fresh_catalogue()
    # what goes on paper waits for the printer, not in the queue
    on_paper = {unit.agency for unit in catalogue.units.values() if unit.reach == "paper"}
    found: list[str] = []
    for dossier in rows.all("dossier"):
        procedure = catalogue.procedures[dossier["version_id"]]
        parts = {name: rows.of(name, dossier["id"]) for name in _Tables.PARTS}
        states = {row["state"] for row in parts["active_state"]}
        worked = {state for state in states if procedure.states[state].party is not None}
        if dossier["mirror"] == "shadow":
            found += [f"{dossier['code']}: {fault}" for fault in _shadow(dossier, parts, states)]
            continue
        for check in (_chain(dossier, parts, states), _work(dossier, parts, worked, catalogue.staffed),
                      _handoffs(parts, on_paper), _clocks(dossier, parts, catalogue)):
            found += [f"{dossier['code']}: {fault}" for fault in check]
    return found


class _Tables:
    PARTS = ("counterpart", "active_state", "work_item", "clock", "timer", "audit", "handoff", "outbox", "inbox",
             "remark", "paper", "consultation")

    def __init__(self, office: Office) -> None:
        self.office = office
        self._known: dict[str, dict[int, list[Row]]] = {}

    def all(self, table: str) -> list[Row]:
        with self.office.db.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(f"select * from {table}".encode()).fetchall()

    def of(self, table: str, dossier: int) -> list[Row]:
        if table not in self._known:
            kept = self._known[table] = {}
            for row in self.all(table):
                kept.setdefault(row["dossier_id"], []).append(row)
        return self._known[table].get(dossier, [])


def framed(*values: str | int | None) -> bytes:
    """The format of an audit entry, written from its description and not from the code."""
    told = b""
    for value in values:
        told += b"-1:" if value is None else str(len(str(value).encode())).encode() + b":" + str(value).encode()
    return told


def hashed(row: Row, prev: bytes) -> bytes:
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    told = framed("1", row["dossier_id"], row["seq"], at, row["actor_id"], row["actor_name"], row["unit_id"],
                  row["unit_name"], row["action"])
    for states in (row["from_states"], row["to_states"]):
        told += str(len(states)).encode() + b";" + framed(*states)
    return hashlib.sha256(told + framed(row["details"]) + prev).digest()


def _chain(dossier: Row, parts: dict[str, list[Row]], states: set[str]) -> Iterator[str]:
    entries = sorted(parts["audit"], key=lambda row: int(row["seq"]))
    prev, last, version = bytes(32), datetime.min.replace(tzinfo=UTC), 0
    for number, row in enumerate(entries, start=1):
        if row["seq"] != number or row["prev"] != prev or row["hash"] != hashed(row, prev):
            yield f"entry {number} breaks the chain"
            return
        prev = row["hash"]
        if row["at"] < last:
            yield f"entry {number} is older than the one before"
        last = row["at"]
        told = json.loads(row["details"])
        if "version" in told and told["version"] not in (version, version + 1):
            yield f"entry {number} jumps from version {version} to {told['version']}"
        version = told.get("version", version)
        if row["action"] == "refused" and "version" in told:
            yield f"entry {number}: a refusal raised the version"
    if (dossier["audit_seq"], dossier["audit_head"]) != (len(entries), prev):
        yield "the dossier names another head"
    if version != dossier["version"]:
        yield f"the record ends at version {version}, the dossier at {dossier['version']}"
    moved = [row["to_states"] for row in entries if row["to_states"]]
    if set(moved[-1]) != states:
        yield f"the record ends in {moved[-1]}, the dossier is in {states}"
    committed = sum("words" in json.loads(row["details"]) for row in entries)
    if committed != len(parts["remark"]):
        yield f"{committed} commitments, {len(parts['remark'])} remarks"


def _shadow(dossier: Row, parts: dict[str, list[Row]], states: set[str]) -> Iterator[str]:
    """Another installation masters it: nothing is done here, nothing runs."""
    yield from _chain(dossier, parts, states)
    if any(parts[name] for name in ("work_item", "clock", "handoff", "outbox", "paper")):
        yield "a shadow is worked on"


def _work(dossier: Row, parts: dict[str, list[Row]], worked: set[str], staffed: Any) -> Iterator[str]:
    open_items = [row for row in parts["work_item"] if row["closed_at"] is None]
    of_steps = sorted(row["state"] for row in open_items if row["duty"] != "consult")
    latest = {row["state"]: row for row in sorted(parts["work_item"], key=lambda row: int(row["no"]))}
    given_up = {state for state in worked if state in latest and latest[state]["close_event"] == "expired:return"}
    if of_steps != sorted(worked - given_up):
        yield f"work for {of_steps}, but active is {sorted(worked)}"
    beside = sorted(row["no"] for row in open_items if row["duty"] == "consult")
    unanswered = sorted(row["item_no"] for row in parts["consultation"]
                        if row["answered_at"] is None and row["withdrawn_at"] is None)
    if beside != unanswered:
        yield f"questions beside the procedure are open as {unanswered}, their work as {beside}"
    for row in open_items:
        if (row["unit_id"], row["role"]) not in staffed:
            yield f"nobody is {row['role']} in unit {row['unit_id']}, which holds {row['state']}"
    if (dossier["closed_at"] is not None) != (not open_items):
        yield f"closed at {dossier['closed_at']} with {len(open_items)} open items"
    for counter, table in (("item_no", "work_item"), ("clock_no", "clock")):
        if sorted(row["no"] for row in parts[table]) != list(range(1, dossier[counter] + 1)):
            yield f"{table} is not numbered up to {dossier[counter]}"
    for row in parts["paper"]:
        if row["state"] == "held" and row["run_id"] is not None and row["bound_for_unit_id"] is None:
            yield f"{row['barcode']} is on a run and bound for nowhere"


def _handoffs(parts: dict[str, list[Row]], on_paper: set[str]) -> Iterator[str]:
    items = {row["handoff_id"]: row for row in parts["work_item"] if row["closed_at"] is None and row["handoff_id"]}
    sent = {row["message_id"]: row for row in parts["outbox"] if row["kind"] == "handoff"}
    taken = {row["message_id"] for row in parts["inbox"]}
    # what another installation sent us has its message there; what goes to one goes when the line is there
    came = {row["handoff_id"] for row in parts["counterpart"]}
    elsewhere = {number for number, row in sent.items() if row["peer_id"] is not None}
    for row in parts["handoff"]:
        item, state = items.get(row["id"]), row["state"]
        if state in ("pending", "delivered") and (item is None or item["duty"] == "resolve"):
            yield f"hand-off {row['seq']} is {state}, but its work is gone"
        if state in ("refused", "recalled") and item is not None and item["duty"] != "resolve":
            yield f"hand-off {row['seq']} was {state}, but its work goes on"
        printing = state == "pending" and row["to_agency"] in on_paper
        far = row["id"] in came or (row["id"] in elsewhere and state != "pending")
        if not far and state != "delivered" and not printing and (
                (state == "pending") != (sent[row["id"]]["sent_at"] is None)):
            yield f"hand-off {row['seq']} is {state}, its message sent at {sent[row['id']]['sent_at']}"
        if state in ("delivered", "registered") and row["id"] not in taken:
            yield f"hand-off {row['seq']} is {state} and was never received"
        if (row["close_seq"] is None) != (state in ("pending", "delivered")):
            yield f"hand-off {row['seq']} is {state} without the entry that closed it"
    if set(sent) != {row["id"] for row in parts["handoff"]} - came:
        yield f"{len(parts['handoff'])} hand-offs, {len(sent)} messages"


def _clocks(dossier: Row, parts: dict[str, list[Row]], catalogue: Catalogue) -> Iterator[str]:
    timers = {row["clock_no"]: row for row in parts["timer"]}
    closed = {row["no"] for row in parts["work_item"] if row["closed_at"] is not None}
    recorded = _recorded(parts["audit"])
    own = [row["no"] for row in parts["clock"] if row["kind"] == "dossier"]
    begun = _calendars_of_beginning(parts["audit"])
    for row in parts["clock"]:
        clock, name = rebuild(row), f"clock {row['no']} ({row['kind']})"
        agency = row["agency"] or dossier["intake_agency"]
        found = evaluate(clock, catalogue.calendar_at(agency, row["calendar_no"]))
        # the first date is that of the calendar it began under, whatever came later
        first = evaluate(clock, catalogue.calendar_at(agency, begun[row["no"]])).first_due
        if row["due_at"] != found.due or row["first_due_at"] != first:
            yield f"{name} is due {row['due_at']}, its marks give {found.due}"
        if row["marks"] != recorded.get(row["no"]):
            yield f"{name} has other marks than the audit"
        if (row["ended_at"] is not None) != (clock.state is ClockState.ENDED):
            yield f"{name} ended at {row['ended_at']}, but is {clock.state}"
        if row["no"] in timers and clock.state is not ClockState.RUNNING:
            yield f"{name} is {clock.state} and would still ring"
        if row["item_no"] in closed and row["ended_at"] is None:
            yield f"{name} runs for work that is closed"
        if row["no"] in own:
            # a move to another version may go on under another limit; the first date stays the promise
            yield from _own_clock(dossier, row, name, first=row["no"] == min(own))


def _calendars_of_beginning(entries: list[Row]) -> dict[int, int]:
    """The calendar each clock was first computed with, as the audit has it."""
    numbers: dict[int, int] = {}
    for entry in sorted(entries, key=lambda row: int(row["seq"])):
        for no, _, _, _, *number in json.loads(entry["details"]).get("marks", ()):
            if number:
                numbers.setdefault(no, number[0])
    return numbers


def _recorded(entries: list[Row]) -> dict[int, list[Any]]:
    """The marks of each clock as the audit has them."""
    marks: dict[int, list[Any]] = {}
    for entry in sorted(entries, key=lambda row: int(row["seq"])):
        for no, _, mark, *_ in json.loads(entry["details"]).get("marks", ()):
            marks.setdefault(no, []).append(mark)
    return marks


def _own_clock(dossier: Row, row: Row, name: str, *, first: bool) -> Iterator[str]:
    if first and row["first_due_at"] != dossier["first_due_at"]:
        yield f"{name}: the dossier was first due {dossier['first_due_at']}"
    if row["ended_at"] is None and row["due_at"] != dossier["due_at"]:
        yield f"{name}: the dossier shows {dossier['due_at']}"
    if dossier["closed_at"] is not None and row["ended_at"] is None:
        yield f"{name} runs on after the end"
