"""How a dossier stands at another installation: the one that masters it, or those it went to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.audit import read_told
from engine.casework import mirrors
from engine.casework.called import called
from engine.catalogue import Catalogue, UnitInfo
from engine.desk.places import UnitRef, state_name, unit_ref
from engine.states.procedure import Procedure
from procedures.declaration import Text
from storage.dossiers import Loaded
from storage.session import Database
from storage.views.handoffs import Waiting
from storage.views.mirrored import shared
from storage.views.outstanding import Outstanding

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedFact:
    label: Text
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirrored:
    """Of a dossier that another installation masters. Without a `step` nothing was asked of us: we only see it.

    `thread`: its code there; `status_name`, `due_at`: how it stands there since `changed_at`; `task_due_at`: by when
    they need what they asked for, in `words`; `paper`: the original comes, too.
    """

    peer: Text
    thread: str
    procedure_name: Text
    facts: list[AskedFact]
    status_name: Text
    due_at: datetime | None
    changed_at: datetime
    ended_at: datetime | None
    sender: UnitRef
    by: str
    step: Text | None
    words: str
    task_due_at: datetime | None
    paper: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """What a row of a list calls a piece of work. `by`: who asks, where another installation masters the dossier."""

    procedure: Text
    step: Text
    by: UnitRef | None


def peers(db: Database, catalogue: Catalogue, loaded: Loaded, handoffs: Sequence[Row]) -> dict[int, Text]:
    """The installations this dossier has to do with, by id; no query where there are none."""
    wanted = _peers_of(catalogue, [number for row in handoffs for number in (row["from_unit_id"], row["to_unit_id"])])
    wanted |= {row["went_to"] for row in handoffs if row["went_to"] is not None}
    if loaded.counterpart is not None:
        wanted.add(loaded.counterpart["peer_id"])
    return called(db, wanted)


def installations(db: Database, catalogue: Catalogue, rows: Sequence[Waiting | Outstanding]) -> dict[int, Text]:
    """Those at the other end of hand-offs."""
    return called(db, _peers_of(catalogue, [number for row in rows for number in (row.from_unit_id, row.to_unit_id)]))


def _peers_of(catalogue: Catalogue, units: Iterable[int]) -> set[int]:
    return {peer for number in set(units) if (peer := catalogue.units[number].peer) is not None}


def named(catalogue: Catalogue, procedure: Procedure, state: str, asked: Row | None) -> Named:
    """`asked`: the column of storage.views.mirrored; what was asked is called as whoever asks calls it."""
    own = state_name(procedure, state)
    if asked is None:
        return Named(procedure=procedure.declaration.name, step=own, by=None)
    step = Text(**asked["step"]) if asked["step"] and state == mirrors.WORKING else own
    return Named(procedure=Text(**asked["procedure"]), step=step, by=unit_ref(catalogue, asked["sender"]))


def mirrored(catalogue: Catalogue, loaded: Loaded, names: Mapping[int, Text]) -> Mirrored | None:
    known = loaded.counterpart
    if known is None:
        return None
    told, task = known["task"]["dossier"], known["task"]["task"]
    return Mirrored(
        peer=names[known["peer_id"]], thread=known["thread"], procedure_name=Text(**told["procedure"]["name"]),
        facts=[AskedFact(label=Text(**row["label"]), value=row["value"]) for row in told["facts"]],
        status_name=Text(**known["status_name"]), due_at=_at(known["due_at"]),
        changed_at=datetime.fromisoformat(known["changed_at"]), ended_at=_at(known["ended_at"]),
        sender=unit_ref(catalogue, known["task"]["sender"]), by=known["task"]["by"],
        step=Text(**task["step"]) if task else None, words=task["words"] if task else "",
        task_due_at=_at(task["due_at"]) if task else None, paper=bool(task and task["paper"]))


def spoke(timeline: Sequence[Row]) -> dict[int, str]:
    """Who said it, by the number of the entry, of what was said elsewhere and recorded here."""
    return {row["seq"]: row["who"] for row in timeline if "proof" in read_told(row["details"])}


def enclosed(timeline: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    """The documents that came with what was said elsewhere, by the number of its entry: both have the same proof."""
    proofs = {row["seq"]: proof for row in timeline if (proof := read_told(row["details"]).get("proof"))}
    found: dict[int, tuple[str, ...]] = {}
    for row in timeline:
        details = read_told(row["details"]) if row["action"] in ANSWERING and row["seq"] in proofs else {}
        brought = (*details.get("documents", ()), *([details["document"]] if "document" in details else ()))
        for seq, proof in proofs.items() if brought else ():
            if proof == details["proof"]:
                found[seq] = tuple(dict.fromkeys([*found.get(seq, ()), *brought]))
    return found


# The entries that bring documents of another agency: with what it answers, or with what it asks.
ANSWERING, ASKING = ("attach", "expect_documents"), ("receive", "documents_came")


def came_from(catalogue: Catalogue, timeline: Sequence[Row], documents: Sequence[Row]) -> dict[str, Text]:
    """How documents nobody here added have come, and from which agency, by their id."""
    ways: dict[str, Text] = {}
    first: Text | None = None
    for row in timeline:
        unit = catalogue.units.get(row["unit_id"]) if row["action"] in (*ANSWERING, *ASKING) else None
        details = read_told(row["details"]) if unit else {}
        if unit is None or "proof" not in details:
            continue
        way = _sent_by(unit, answers=row["action"] in ANSWERING)
        if row["action"] == "receive":
            first = way
        one = [details["document"]] if "document" in details else []
        ways |= dict.fromkeys([*details.get("documents", one)], way)
    nobodys = [row["id"] for row in documents if row["added_by"] is None]
    return {document: told for document in nobodys if (told := ways.get(document, first)) is not None}


def linked_from(db: Database, catalogue: Catalogue, loaded: Loaded, documents: Sequence[Row],
                known: Mapping[str, Text]) -> dict[str, Text]:
    """The same of documents that were linked from another part of the bundle; no query where there are none."""
    wanted = {row["id"]: row["sha256"] for row in documents
              if row["added_by"] is None and row["sha256"] and row["id"] not in known}
    if loaded.bundle is None or not wanted:
        return {}
    found = {row.sha256: _sent_by(unit, answers=row.action in ANSWERING)
             for row in shared(db, loaded.id, list(wanted.values()), (*ANSWERING, *ASKING))
             if (unit := catalogue.units.get(row.unit_id)) is not None}
    return {document: found[sha256] for document, sha256 in wanted.items() if sha256 in found}


def _sent_by(unit: UnitInfo, *, answers: bool) -> Text:
    if answers:
        return Text(vi=f"theo trả lời của {unit.agency_vi}", en=f"with the answer of {unit.agency_en}")
    return Text(vi=f"do {unit.agency_vi} gửi", en=f"sent by {unit.agency_en}")


def _at(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None
