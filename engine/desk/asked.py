"""What the reader's units were asked and have not answered: in which words, by whom, when, until when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework.questions import asking, by_version, written
from engine.catalogue import Catalogue
from engine.clocks.limits import Limit
from engine.desk.places import Lateness, UnitRef, lateness, state_name, unit_ref
from engine.states.procedure import Procedure
from procedures.declaration import Text
from storage.dossiers import Loaded

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionRow:
    """`unit` is asked by `person` of `asking` for its opinion; `words` is empty where nothing was written.

    `state`: where it is answered. Nobody of a unit asks where the system did. `due_at`: None while no clock counts the
    answer; before it is registered that may be to come, and lasts `within` then.
    """

    state: str
    step: Text
    unit: UnitRef
    asking: UnitRef | None
    person: str
    at: datetime
    words: str
    due_at: datetime | None
    within: Text | None
    lateness: Lateness


def questions(catalogue: Catalogue, procedure: Procedure, loaded: Loaded, timeline: Sequence[Row],
              days: tuple[datetime, datetime]) -> list[QuestionRow]:
    """Those the reader's units are to answer, in the order they came.

    `timeline`: rows of the record; `days`: now, and before when something is due soon.
    """
    items = list(_open(procedure, loaded))
    acts = by_version(timeline) if items else {}
    return [QuestionRow(
        state=item["state"], step=state_name(procedure, item["state"]), unit=unit_ref(catalogue, item["unit_id"]),
        asking=unit_ref(catalogue, entry["unit_id"]) if entry["unit_id"] else None, person=entry["who"],
        at=datetime.fromisoformat(entry["at"]), words=written(entry), due_at=(due := _due(loaded, item["no"])),
        within=_within(procedure, item["state"]) if due is None else None, lateness=lateness(due, *days))
        for item in items if (entry := asking(acts, item["state"], item["opened_version"])) is not None]


def _due(loaded: Loaded, item: int) -> datetime | None:
    """When the answer is due; the time to register is no part of that."""
    due = next((row["due_at"] for row in loaded.clocks
                if row["item_no"] == item and row["kind"] in ("step", "consultation")), None)
    return datetime.fromisoformat(due) if due else None


def _within(procedure: Procedure, state: str) -> Text | None:
    info = procedure.states.get(state)
    if info is None or info.limit is None:
        return None
    limit = Limit.parse(info.limit)
    return Text(vi=limit.vi, en=limit.en)


def _open(procedure: Procedure, loaded: Loaded) -> Iterator[Row]:
    """A consultation of the procedure, or one beside it; what came back to whoever asked is not asked of him."""
    mine = {unit for unit, _ in loaded.memberships}
    for item in sorted([*loaded.items, *loaded.consulted], key=lambda row: int(row["no"])):
        known = procedure.states.get(item["state"])
        asked = item["duty"] == "consult" or (item["duty"] == "step" and known and known.branch_of is not None)
        if asked and item["unit_id"] in mine:
            yield item
