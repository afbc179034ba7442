"""An act being decided: collects the rows it will write and chains its audit entries. No I/O.

The result is one JSON object for the database function `record_act`, which writes it and decides nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from engine.audit import Entry, commitment, entry_hash
from engine.casework import elsewhere, messages, portal_items
from engine.casework.orders import Actor, Order, Reply
from engine.catalogue import Catalogue, UnitInfo
from engine.states.procedure import Procedure
from storage.dossiers import Loaded

Row = dict[str, Any]
SYSTEM_UNIT = "Hệ thống"


def iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def hexed(data: bytes) -> str:
    return "\\x" + data.hex()


class Decision:
    """Built from what was loaded; `now` never goes back behind the last entry of the dossier."""

    def __init__(self, loaded: Loaded, order: Order, catalogue: Catalogue, procedure: Procedure, now: datetime) -> None:
        self.loaded, self.order, self.catalogue, self.procedure = loaded, order, catalogue, procedure
        self.at = max(now, loaded.last_at)
        self.stamp = iso(self.at)
        self.states: tuple[str, ...] = tuple(loaded.states)
        self.version, self.item_no, self.clock_no = loaded.version, loaded.item_no, loaded.clock_no
        self.handoff_seq, self.seq, self.head = loaded.handoff_seq, loaded.audit_seq, loaded.audit_head
        self.role = ""  # in which the actor acts, once that is known
        self.stands_for: tuple[int, str] | None = None  # id and name of the person in whose place
        self.changes: Row = {}
        self.exited: list[str] = []
        self.closed: list[int] = []
        self.lists: dict[str, list[Row]] = {}
        self.more: dict[str, list[Row]] = {}
        self.silenced: list[int] = []
        self.settled: list[str] = []
        self.marks: list[list[Any]] = []
        self.handoff_ids: list[str] = []
        self.heard: set[str] = set()  # hand-offs whose end other installations told us of

    @property
    def actor(self) -> Actor:
        return self.order.actor

    def act_as(self, unit_id: int, role: str, claimed_by: int | None = None) -> None:
        """By a post that is known to be the actor's: his own goes before one that he holds in somebody's place.

        What somebody he stands in for has taken on (`claimed_by`) he does in that person's place.
        """
        self.role = role
        self.stands_for = self._place_of(unit_id, role, claimed_by)

    def _place_of(self, unit_id: int, role: str, claimed_by: int | None = None) -> tuple[int, str] | None:
        """Without a role: by whatever the actor is in the unit."""
        lent = [(person, name) for unit, held, person, name in self.loaded.standing_in
                if unit == unit_id and role in ("", held)]
        held = sum(unit == unit_id and role in ("", own) for unit, own in self.loaded.memberships)
        claimed = [one for one in lent if one[0] == claimed_by]
        return next(iter(claimed or ([] if held > len(lent) else lent)), None)

    def add(self, table: str, row: Row) -> None:
        self.more.setdefault(table, []).append(row)

    def put(self, name: str, row: Row) -> None:
        self.lists.setdefault(name, []).append(row)

    def move_to(self, version_id: int) -> None:
        """From now on the dossier is under another version of its procedure."""
        self.add("version", {"dossier_id": self.loaded.id, "version_id": version_id})

    def raise_version(self) -> None:
        self.version = self.loaded.version + 1

    def enter(self, states: Sequence[str]) -> None:
        for state in states:
            self.put("enter", {"dossier_id": self.loaded.id, "state": state, "entered_at": self.stamp})

    def open_item(self, *, state: str, unit: UnitInfo, role: str, duty: str = "step", handoff_id: str | None = None,
                  available: bool = True) -> Row:
        """A work item for `unit`; its due date is filled in when its clock starts."""
        self.item_no += 1
        row: Row = {
            "dossier_id": self.loaded.id, "no": self.item_no, "state": state, "duty": duty, "unit_id": unit.id,
            "role": role, "handoff_id": handoff_id, "opened_version": self.version, "opened_at": self.stamp,
            "available_at": self.stamp if available else None, "due_at": None, "procedure": self.procedure.key,
            "desk": self.loaded.intake_agency,
        }
        self.put("open", row)
        return row

    def speak(self, spoken: dict[str, str], details: Row) -> None:
        """Keeps free text with the next entry: the words in a remark, their commitment in the entry."""
        if spoken:
            key, body = secrets.token_bytes(16), orjson.dumps(spoken).decode()
            details["words"] = commitment(key, body)
            self.add("remark", {"dossier_id": self.loaded.id, "seq": self.seq + 1, "body": body, "key": hexed(key)})

    def audit(self, action: str, *, unit: UnitInfo | None, before: Sequence[str] = (), after: Sequence[str] = (),
              details: Row | None = None, spoken: dict[str, str] | None = None) -> None:
        told = dict(details or {})
        if self.stands_for is None and unit is not None:
            self.stands_for = self._place_of(unit.id, self.role)
        if self.stands_for is not None:
            told["for"] = self.stands_for[0]
        self.speak(spoken or {}, told)
        if self.marks:
            told["marks"], self.marks = self.marks, []
        self.seq += 1
        entry = Entry(
            dossier_id=self.loaded.id, seq=self.seq, at=self.at, actor_id=self.actor.id or None,
            actor_name=self.signature(), unit_id=unit.id if unit else None,
            unit_name=unit.full_vi if unit else SYSTEM_UNIT, action=action, from_states=tuple(before),
            to_states=tuple(after), details=orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode(),
        )
        prev, self.head = self.head, entry_hash(entry, self.head)
        self.put("audit", {
            "dossier_id": entry.dossier_id, "seq": entry.seq, "at": self.stamp, "actor_id": entry.actor_id,
            "actor_name": entry.actor_name, "unit_id": entry.unit_id, "unit_name": entry.unit_name,
            "action": action, "from_states": entry.from_states, "to_states": entry.to_states,
            "details": entry.details, "prev": hexed(prev), "hash": hexed(self.head),
        })

    def signature(self) -> str:
        """Who acted, as the record names him for ever."""
        return f"{self.actor.name} (thay {self.stands_for[1]})" if self.stands_for else self.actor.name

    def current(self, name: str) -> Any:
        """A column of the dossier as this act leaves it."""
        return self.changes[name] if name in self.changes else getattr(self.loaded, name)

    def reply(self) -> Reply:
        """Who may not see the dossier is told nothing of where it is."""
        due = None if self.loaded.blind else iso(self.current("due_at"))
        states = () if self.loaded.blind else self.states
        return Reply(code=self.loaded.code, version=self.version, action=self.order.event, states=states,
                     status=self.current("status"), due_at=due, at=self.stamp or "", handoffs=tuple(self.handoff_ids))

    def _dossier(self, told: list[Row]) -> Row:
        row: Row = {name: iso(self.current(name))
                    for name in ("received_at", "first_due_at", "due_at", "finished_at", "closed_at")}
        row |= {name: self.current(name) for name in ("due_provisional", "outcome", "status", "history", "supplements")}
        row |= {"id": self.loaded.id, "version": self.version, "item_no": self.item_no, "clock_no": self.clock_no,
                "handoff_seq": self.handoff_seq + len(told), "audit_seq": self.seq, "audit_head": hexed(self.head)}
        return row

    def payload(self) -> Row:
        """The argument of `record_act`."""
        elsewhere_too = elsewhere.caused_by(self)
        told: Row = {
            "at": self.stamp, "event": self.order.event, "seen_seq": self.loaded.audit_seq,
            "seen_head": hexed(self.loaded.audit_head), "dossier": self._dossier(elsewhere_too), **self.lists,
            "calendar_no": self.catalogue.calendar_no,
        }
        if self.actor.id:
            told["actor_id"] = self.actor.id
        if self.stands_for is not None:
            told["actor_for"] = self.stands_for[0]
        if self.order.key:
            told["request"] = self.request(self.order.fingerprint(), self.reply().to_json())
        for name, values in (("exit", self.exited), ("close", self.closed), ("silence", self.silenced),
                             ("settle", self.settled)):
            if values:
                told[name] = "{" + ",".join(map(str, values)) + "}"
        more = self.more | {key: rows for key, caused_by in CAUSED.items() if (rows := caused_by(self))}
        if messages_out := [*self.more.get("outbox", ()), *elsewhere_too]:
            more["outbox"] = messages_out
        if more:
            told["more"] = more
        return told

    def request(self, fingerprint: bytes, reply: str) -> Row:
        return {"actor_id": self.actor.id, "key": self.order.key, "fingerprint": hexed(fingerprint), "reply": reply}


# What follows from an act whoever decides it: rows by the key they are recorded under.
CAUSED: dict[str, Callable[[Decision], list[Row]]] = {
    "message": messages.caused_by,
    "portal_item": portal_items.caused_by,
}
