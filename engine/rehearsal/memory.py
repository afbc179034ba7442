"""The rows of one dossier in memory, written and loaded as the database would. Like `record_act` it decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from procedures.words import At
from storage.dossiers import Loaded, read_loaded
from storage.tables import metadata

Row = dict[str, Any]
Memberships = Sequence[tuple[int, str]]

# Who has no business with the content of a dossier (storage.dossiers.VISIBLE).
_UNSEEING = ("courier", "administrator")


@dataclass(frozen=True, slots=True)
class Rule:
    """What makes two rows of a table the same, and what the later one changes of the earlier."""

    key: tuple[str, ...]
    changes: tuple[str, ...]


# As the functions of storage/migrations/sql have it. Tables that no decision reads again are not kept.
RULES: dict[str, Rule] = {
    "clock": Rule(("no",), ("marks", "due_at", "ended_at", "calendar_no", "expiry")),
    "timer": Rule(("clock_no",), ("kind", "fires_at")),
    "document": Rule(("id",), ("state", "reason", "name", "media_type", "size", "pages", "sha256", "replaced_by",
                               "added_by", "added_at")),
    "payment": Rule(("no",), ("paid_at", "proof")),
    "handoff": Rule(("id",), ("state", "delivered_at", "registered_at", "registered_by", "closed_at", "closed_by",
                              "close_seq", "escalated_at")),
    "outbox": Rule(("message_id",), ()),
    "paper": Rule(("barcode",), ("state", "unit_id", "person_id", "bound_for_unit_id", "bound_at", "run_id", "since")),
    "notice": Rule(("clock_no", "kind", "about", "unit_id"), ()),
    "consultation": Rule(("no",), ("due_at", "verdict", "answered_by", "answered_at", "answer_seq", "withdrawn_at")),
    "addition": Rule(("no",), ("asked_at",)),
    "obligation": Rule(("no",), ("due_at", "fulfilled_at", "fulfilled_by")),
    "asset_claim": Rule(("kind", "identity"), ("held_at",)),
    "supplement_leave": Rule(("no",), ("used_seq",)),
    "feedback": Rule(("no",), ("due_at", "outcome", "answered_by", "answered_at", "answer_seq")),
    "signature": Rule(("id",), ()),
    "posting": Rule(("no",), ("state", "attempts", "why", "delivered_on", "received_by", "proof", "ended_at")),
}
_TABLES = (*RULES, "work_item", "active_state", "audit")


class Memory:
    """`rows[table]` in the order they were first written, with every column; `dossier` is its own row."""

    def __init__(self) -> None:
        self.dossier: Row = {}
        self.rows: dict[str, list[Row]] = {name: [] for name in _TABLES}

    # writing

    def record(self, decision: Row) -> None:
        """The argument of `record_act`, or of `record_receipt` while there is no dossier."""
        told = orjson.loads(orjson.dumps(decision, option=orjson.OPT_PASSTHROUGH_SUBCLASS))
        if self.dossier:
            self._take_away(told)
            self._change_items(told)
        self._add(told)
        self.dossier |= told["dossier"]

    def _take_away(self, told: Row) -> None:
        left, silent = _listed(told, "exit"), {int(no) for no in _listed(told, "silence")}
        states, timers = self.rows["active_state"], self.rows["timer"]
        states[:] = [row for row in states if row["state"] not in left]
        timers[:] = [row for row in timers if row["clock_no"] not in silent]
        for row in self.rows["outbox"]:
            if row["message_id"] in _listed(told, "settle"):
                row["sent_at"] = row["sent_at"] or told["at"]

    def _change_items(self, told: Row) -> None:
        closed = {int(no) for no in _listed(told, "close")}
        changed = {row["no"]: row for row in told.get("change", ())}
        for item in self.rows["work_item"]:
            if item["no"] in closed:
                item |= {"closed_at": told["at"], "closed_by": told.get("actor_id"), "close_event": told["event"],
                         "closed_for": told.get("actor_for")}
            if item["no"] in changed:
                item |= {name: changed[item["no"]][name] for name in ("available_at", "due_at")}

    def _add(self, told: Row) -> None:
        for part, table in (("enter", "active_state"), ("open", "work_item"), ("audit", "audit")):
            self.rows[table] += [_whole(table, row) for row in told.get(part, ())]
        for part, table in (("clocks", "clock"), ("timers", "timer")):
            self._put(table, told.get(part, ()))
        more = told.get("more", {})
        self._put("notice", more.get("escalation", ()))
        for table in RULES:
            self._put(table, more.get(table, ()))
        for row in (*more.get("claim", ()), *more.get("forward", ())):
            next(item for item in self.rows["work_item"] if item["no"] == row["no"]).update(row)
        again = {row["no"]: row for row in more.get("restate", ())}
        for item in self.rows["work_item"]:
            if item["closed_at"] is None and item["no"] in again:
                item |= {name: again[item["no"]][name] for name in ("state", "role", "due_at")}

    def _put(self, table: str, rows: Iterable[Row]) -> None:
        rule, kept = RULES[table], self.rows[table]
        for row in rows:
            whole = _whole(table, row)
            same = next((old for old in kept if all(old[name] == whole[name] for name in rule.key)), None)
            if same is None:
                kept.append(whole)
            else:
                same |= {name: whole[name] for name in rule.changes}

    # loading

    def load(self, memberships: Memberships, *, blind: bool = False) -> Loaded | None:
        """What one act needs to know, for a person of these memberships; None for a stranger unless `blind`."""
        if not self.dossier or not (blind or self._visible(memberships)):
            return None
        last = self.rows["audit"][-1]
        return read_loaded({
            **{name: self.dossier[name] for name in _PLAIN}, **self._lists(), "bundle": None,
            "desk": {"standing_in": None, "letters": None, "signatures": _copies(self.rows["signature"]),
                     "colleagues": None, "claimants": self._claimants(), "transfers": None, "bags": None,
                     "post": {"postings": _copies(self.rows["posting"]), "address": "–"}},
            "audit_head": self.dossier["audit_head"].removeprefix("\\x"), "memberships": list(memberships),
            "asked_before": None, "replied_before": None, "last_actor": last["actor_name"],
            "last_action": last["action"], "last_at": last["at"], "revision": 0,
        })

    def _lists(self) -> dict[str, list[Any]]:
        items, kept = self.items(), self.rows
        brought = {item["handoff_id"] for item in items}
        alarms = {row["clock_no"]: row for row in kept["timer"]}
        nothing: Row = {"kind": None, "fires_at": None}
        return {
            "states": [row["state"] for row in kept["active_state"]],
            "items": _copies(items), "done": [
                [row["state"], row["closed_by"], row["role"], None] for row in kept["work_item"]
                if row["closed_by"] is not None and row["duty"] != "consult"],
            "waits": [[row["state"], row["opened_at"], row["closed_at"]] for row in kept["work_item"]
                      if row["state"] in (At.AWAITING_SUPPLEMENT, At.AWAITING_PAYMENT)],
            "clocks": [{**row, "alarm": alarms.get(row["no"], nothing)["kind"],
                        "fires_at": alarms.get(row["no"], nothing)["fires_at"]}
                       for row in kept["clock"] if row["ended_at"] is None],
            "handoffs": _copies(row for row in kept["handoff"] if row["state"] in ("pending", "delivered")
                                or row["id"] in brought),
            "documents": _copies(row for row in kept["document"] if row["replaced_by"] is None),
            **{name: _copies(kept[table]) for name, table in _LISTS.items()},
            # a rehearsal has one dossier: nobody else holds what it works on
            "claims": [{**row, "holder": self.dossier["code"] if row["held_at"] else None}
                       for row in kept["asset_claim"]],
        }

    def items(self) -> list[Row]:
        """The open work."""
        return [row for row in self.rows["work_item"] if row["closed_at"] is None]

    def _claimants(self) -> dict[str, str | None]:
        names = {row["actor_id"]: row["actor_name"] for row in self.rows["audit"]}
        return {str(item["no"]): names.get(item["claimed_by"]) for item in self.items() if item["claimed_by"]}

    def _visible(self, memberships: Memberships) -> bool:
        reached = {row["unit_id"] for row in self.rows["work_item"] if row["available_at"] is not None}
        reached.add(self.dossier["intake_unit_id"])
        return any(role == "auditor" or unit in reached for unit, role in memberships if role not in _UNSEEING)


_PLAIN = ("id", "code", "version_id", "intake_agency", "intake_unit_id", "channel", "return_way", "facts",
          "due_provisional", "outcome", "status", "history", "supplements", "version", "item_no", "clock_no",
          "handoff_seq", "audit_seq", "received_at", "first_due_at", "due_at", "finished_at", "closed_at")
_LISTS = {"payments": "payment", "papers": "paper", "consultations": "consultation", "additions": "addition",
          "obligations": "obligation", "leaves": "supplement_leave", "feedback": "feedback"}
_COLUMNS = {name: tuple(metadata.tables[name].columns.keys()) for name in _TABLES}


def _whole(table: str, row: Row) -> Row:
    return {name: row.get(name) for name in _COLUMNS[table]}


def _listed(told: Row, name: str) -> list[str]:
    """An array as PostgreSQL writes it; ids and numbers only, so nothing is quoted."""
    return [part for part in told.get(name, "").strip("{}").split(",") if part]


def _copies(rows: Iterable[Row]) -> list[Row]:
    return [dict(row) for row in rows]

