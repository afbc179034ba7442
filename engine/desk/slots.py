"""The papers a dossier has room for: those its procedure knows, the result, anything else; and who may fill them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from engine.casework import scans
from engine.casework.decision import Decision
from engine.casework.evidence import OTHER, RESULT
from engine.desk.story import document_name
from procedures.declaration import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """`needed`: this dossier is not complete without it. `open`: the person may attach a scan of it now."""

    component: str
    name: Text
    declared: bool
    needed: bool
    taken: bool
    open: bool


def replaceable(decision: Decision) -> list[UUID]:
    """The scans for which the person may put better ones now."""
    may, open_now = scans.replaceable(decision), {slot.component for slot in slots(decision) if slot.open}
    return [UUID(row["id"]) for row in decision.loaded.documents
            if row["id"] in may and row["sha256"] and row["component"] in open_now]


def slots(decision: Decision) -> list[Slot]:
    """In the order of the declaration, then the result, then the rest."""
    loaded, procedure = decision.loaded, decision.procedure
    taken = {row["component"] for row in loaded.documents}
    needed = procedure.required_documents({**loaded.facts, "channel": loaded.channel})
    return [Slot(component=component, name=document_name(procedure, component),
                 declared=component not in (RESULT, OTHER), needed=component in needed, taken=component in taken,
                 open=scans.may_attach(decision, component))
            for component in (*procedure.declaration.documents, RESULT, OTHER)]
