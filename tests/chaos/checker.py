"""Compares the journal of what was acknowledged with what the database holds. Reads both, changes neither."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from engine.audit import verify_chain
from tests.chaos.journal import Kind, read

Act = tuple[str, int, str]


@dataclass
class Found:
    """`faults` empty: every acknowledged act has exactly one effect, and nothing happened that nobody asked for."""

    acts: int = 0
    handoffs: int = 0
    entries: int = 0
    faults: list[str] = field(default_factory=list)

    def blame(self, what: str, which: Iterable[object]) -> None:
        self.faults.extend(f"{what}: {each}" for each in which)


def check(url: str, journal: Path) -> Found:
    said, replies, found = _journal(journal)
    with psycopg.connect(url, row_factory=dict_row, autocommit=True) as connection:
        def rows(query: str) -> list[dict[str, Any]]:
            return connection.execute(query.encode()).fetchall()
        _receptions(rows("select code, subject from dossier"), said, replies, found)
        _acts(rows(ACTS), said, replies, found)
        _handoffs(rows(HANDOFFS), replies, found)
        _order(rows(DELIVERIES), found)
        _chains(rows("select id, code, audit_head, audit_seq from dossier"),
                rows("select * from audit order by dossier_id, seq"), found)
    return found


def _journal(path: Path) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], Found]:
    said: dict[str, dict[str, Any]] = {}
    replies: dict[str, dict[str, Any]] = {}
    found = Found()
    for entry in read(path):
        match entry["kind"]:
            case Kind.INTENT:
                said[entry["key"]] = entry
            case Kind.ACK:
                replies[entry["key"]] = entry["reply"]
            case Kind.REFUSED:
                found.blame("refused", [entry])
    found.acts = len(replies)
    found.blame("outcome unknown", said.keys() - replies.keys())
    return said, replies, found


def _receptions(dossiers: list[dict[str, Any]], said: dict[str, dict[str, Any]],
                replies: dict[str, dict[str, Any]], found: Found) -> None:
    """A dossier's subject names the request it came from."""
    asked = {entry["subject"]: key for key, entry in said.items() if entry["op"] == "receive"}
    stored = Counter(row["subject"] for row in dossiers)
    found.blame("received twice", (subject for subject, times in stored.items() if times > 1))
    found.blame("received, but nobody asked", stored.keys() - asked.keys())
    codes = {row["subject"]: row["code"] for row in dossiers}
    found.blame("acknowledged and lost", (subject for subject, key in asked.items()
                                          if key in replies and codes.get(subject) != replies[key]["code"]))


# Every entry that a person caused and that raised the dossier's version; a reception writes two under the first.
ACTS = """select d.code, (a.details::jsonb->>'version')::int as version, a.action
  from audit a join dossier d on d.id = a.dossier_id
  where a.actor_id is not null and a.action not in ('receive', 'accept')"""


def _acts(entries: list[dict[str, Any]], said: dict[str, dict[str, Any]], replies: dict[str, dict[str, Any]],
          found: Found) -> None:
    done = Counter[Act]((row["code"], row["version"], row["action"]) for row in entries)
    acked = Counter[Act]((reply["code"], reply["version"], said[key]["op"])
                         for key, reply in replies.items() if said[key]["op"] != "receive")
    found.blame("acknowledged and lost", (acked - done).elements())
    found.blame("done twice, or never asked for", (done - acked).elements())


HANDOFFS = """select h.id::text, d.code, h.state, o.sent_at is not null as sent,
    (select count(*) from inbox i where i.message_id = h.id) as received,
    (select count(*) from audit a where a.dossier_id = h.dossier_id and a.action = 'deliver'
       and a.details::jsonb->>'handoff' = h.id::text) as delivered
  from handoff h join dossier d on d.id = h.dossier_id left join outbox o on o.message_id = h.id"""


def _handoffs(stored: list[dict[str, Any]], replies: dict[str, dict[str, Any]], found: Found) -> None:
    told = {handoff for reply in replies.values() for handoff in reply["handoffs"]}
    found.handoffs = len(told)
    found.blame("hand-off told of and lost", told - {row["id"] for row in stored})
    found.blame("hand-off nobody was told of", {row["id"] for row in stored} - told)
    found.blame("hand-off not delivered exactly once", (
        row for row in stored if not (row["sent"] and row["received"] == 1 and row["delivered"] == 1)))


DELIVERIES = """select a.dossier_id, array_agg(h.seq order by a.seq) as seqs
  from audit a join handoff h on h.id::text = a.details::jsonb->>'handoff'
  where a.action = 'deliver' group by a.dossier_id"""


def _order(deliveries: list[dict[str, Any]], found: Found) -> None:
    found.blame("delivered out of order", (row for row in deliveries if row["seqs"] != sorted(row["seqs"])))


def _chains(heads: list[dict[str, Any]], entries: list[dict[str, Any]], found: Found) -> None:
    chains: dict[int, list[dict[str, Any]]] = {}
    for entry in entries:
        chains.setdefault(entry["dossier_id"], []).append(entry)
    found.entries = len(entries)
    for head in heads:
        fault = verify_chain(head["code"], chains.get(head["id"], []), head["audit_head"], head["audit_seq"])
        if fault is not None:
            found.blame("chain", [fault])


if __name__ == "__main__":
    result = check(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.write("\n".join([*result.faults, f"{result.acts} acts, {result.handoffs} hand-offs"]) + "\n")
    sys.exit(bool(result.faults))
