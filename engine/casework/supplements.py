"""What the citizen was asked to add, and what of it has come in (Decree 61/2018, articles 15(3) and 19(4)).

A paper has come in when a document of its kind is newer than the request: a scan, or the paper itself, which the desk
ticks. The dossier goes on once all of it is there; what comes earlier is taken down, and nothing moves.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults
from engine.catalogue import UnitInfo

# A paper no declaration lists.
OTHER = "other"
SCANNED_LATER = "bản giấy bổ sung, quét sau"


def asked(additions: Sequence[Row]) -> tuple[str, ...]:
    """Components of the last request, of all who asked with it."""
    last = _last(additions)
    rows = [row for row in additions if row["asked_at"] is not None and _instant(row["asked_at"]) == last]
    return tuple(dict.fromkeys(name for row in rows for name in row["documents"]))


def arrived(additions: Sequence[Row], documents: Sequence[Row]) -> tuple[str, ...]:
    """Those of them of which something has come in since."""
    since = _last(additions)
    if since is None:
        return ()
    fresh = {row["component"] for row in documents if _instant(row["added_at"]) >= since}
    return tuple(name for name in asked(additions) if name in fresh)


def check(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    """Everything that was asked is here or ticked."""
    loaded = decision.loaded
    here = {*arrived(loaded.additions, loaded.documents), *decision.order.particulars.documents}
    missing = [name for name in asked(loaded.additions) if name not in here]
    if missing:
        names = [name_of(decision, name) for name in missing]
        faults["documents"] = (f"còn thiếu: {'; '.join(vi for vi, _ in names)}",
                               f"still missing: {'; '.join(en for _, en in names)}")
    check_known(decision, faults)


def check_known(decision: Decision, faults: Faults) -> None:
    known = {*decision.procedure.declaration.documents, OTHER}
    if not known.issuperset(decision.order.particulars.documents):
        faults["documents"] = ("có giấy tờ không thuộc thủ tục này", "holds a paper this procedure does not know")


def take(decision: Decision, unit: UnitInfo, details: Row) -> None:
    """Writes down what was ticked; its scan is promised. A scan that was promised before stays one row."""
    loaded = decision.loaded
    ticked = tuple(dict.fromkeys(decision.order.particulars.documents))
    here = arrived(loaded.additions, loaded.documents)
    for component in (name for name in ticked if name not in here):
        old = next((row for row in loaded.documents if row["component"] == component and row["state"] == "promised"),
                   None)
        fresh = {"id": str(uuid.uuid4()), "dossier_id": loaded.id, "component": component, "form": "original",
                 "name": "", "state": "promised", "sha256": None}
        decision.add("document", {**(old or fresh), "reason": SCANNED_LATER, "added_by": decision.actor.id or None,
                                  "added_at": decision.stamp})
    if came := list(dict.fromkeys((*here, *ticked))):
        details["documents"] = came


def name_of(decision: Decision, component: str) -> tuple[str, str]:
    declared = decision.procedure.declaration.documents.get(component)
    return (declared.name.vi, declared.name.en) if declared else ("tài liệu khác", "another document")


def _last(additions: Sequence[Row]) -> datetime | None:
    return max((_instant(row["asked_at"]) for row in additions if row["asked_at"] is not None), default=None)


def _instant(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
