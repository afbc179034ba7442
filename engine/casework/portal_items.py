"""What the national portal must be told of an act: how the dossier stands now, and who did what.

Rows of the act's own transaction, small ones: who the applicant is and which papers came is read when they are sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.settings import settings

if TYPE_CHECKING:
    from engine.casework.decision import Decision

Row = dict[str, Any]
# Columns of the dossier whose change it is told of at once; `more` keys whose rows it shows.
WATCHED = ("status", "received_at", "due_at", "finished_at", "closed_at", "outcome")
SHOWN = ("document", "addition", "payment")


def caused_by(decision: Decision) -> list[Row]:
    """Rows of `portal_item`, in order; none where no portal is set up, and none of a dossier another system masters.

    What is confidential has no place in a system reached over the internet (Law on State Secrets 29/2018/QH14).
    """
    loaded = decision.loaded
    if not settings().npsp_url or loaded.mirror is not None:
        return []
    moves = [row for row in decision.lists.get("audit", ()) if row["from_states"] and _moved(row)]
    changed = _changed(decision)
    if not (moves or changed) or decision.procedure.confidential({**loaded.facts, "channel": loaded.channel}):
        return []
    found = [_item(decision, "dossier", decision.seq, _standing(decision))] if changed else []
    return found + [_item(decision, "progress", row["seq"], _work(decision)) for row in moves]


def _moved(entry: Row) -> bool:
    return set(entry["from_states"]) != set(entry["to_states"])


def _changed(decision: Decision) -> bool:
    loaded = decision.loaded
    return (loaded.version == 0 or any(name in decision.more for name in SHOWN)
            or any(decision.current(name) != getattr(loaded, name) for name in WATCHED))


def _item(decision: Decision, kind: str, seq: int, told: Row) -> Row:
    return {"dossier_id": decision.loaded.id, "kind": kind, "status": decision.current("status"), "seq": seq,
            "at": decision.stamp, "told": told, "owner_unit_id": decision.loaded.intake_unit_id}


def _standing(decision: Decision) -> Row:
    """As this act leaves the dossier: others may follow before it is sent."""
    told: Row = {name: _iso(decision.current(name)) for name in ("received_at", "due_at", "finished_at", "closed_at")}
    closed = set(decision.closed)
    open_items = [row for row in decision.loaded.items if row["no"] not in closed]
    opened = [row for row in decision.lists.get("open", ()) if row["duty"] != "consult"]
    newest = max([*open_items, *opened], key=lambda row: int(row["no"]), default=None)
    return told | {"unit": newest["unit_id"] if newest else decision.loaded.intake_unit_id}


def _work(decision: Decision) -> Row:
    """What was done: in which post, since when, by when it was due."""
    closed = set(decision.closed)
    done: Row = next((row for row in decision.loaded.items if row["no"] in closed), {})
    return {"role": str(decision.role), "begun": done.get("opened_at"), "due": done.get("due_at")}


def _iso(at: Any) -> str | None:
    return at.isoformat() if at is not None else None
