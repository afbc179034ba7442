"""Paper that travels with a dossier: who holds it, where the courier shall take it. State is never inferred from it."""

from __future__ import annotations

from typing import Any

from engine.casework.decision import Decision, Row
from engine.catalogue import UnitInfo
from engine.errors import Refused
from storage.dossiers import Loaded

# Who carries results where nobody said which carrier it is.
POST = "Bưu chính công ích"


def _paper(decision: Decision, kind: str, unit: UnitInfo, state: str = "held") -> Row:
    return {"barcode": f"{decision.loaded.code}-{kind[0].upper()}", "dossier_id": decision.loaded.id, "kind": kind,
            "state": state, "unit_id": unit.id, "person_id": decision.actor.id or None, "bound_for_unit_id": None,
            "bound_at": None, "run_id": None, "since": decision.stamp}


def of_kind(decision: Decision, kind: str) -> Row | None:
    return next((row for row in decision.loaded.papers if row["kind"] == kind), None)


def refuse_in_bag(loaded: Loaded, paper: Row) -> None:
    """Nobody can give away, or count, what lies under a seal. Raises Refused."""
    seal = next((row["seal"] for row in loaded.bags if row["barcode"] == paper["barcode"]), None)
    if seal is not None:
        raise Refused(reason_vi=f"Bản giấy {paper['barcode']} đang trong túi niêm phong số {seal}: "
                                "mở túi trước.",
                      reason_en=f"The paper {paper['barcode']} lies in the bag sealed with {seal}: "
                                "open the bag first.")


def take_in(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """On acceptance the desk holds the papers, unless everything came electronically."""
    on_paper = [row for row in decision.loaded.documents if row["form"] != "electronic"]
    if on_paper and decision.loaded.channel != "online":
        row = _paper(decision, "submitted", unit)
        decision.loaded.papers.append(row)
        decision.add("paper", row)
        details["paper"] = row["barcode"]


def bind(decision: Decision, unit: UnitInfo) -> None:
    """Sends the paper after the work: the result on its way back, else what was submitted."""
    _send(decision, "result" if decision.current("finished_at") is not None else "submitted", unit)


def give_back(decision: Decision, desk: UnitInfo) -> None:
    """A dossier that ends without a result: the citizen gets his papers where he brought them."""
    _send(decision, "submitted", desk)


def _send(decision: Decision, kind: str, unit: UnitInfo) -> None:
    row = of_kind(decision, kind)
    if row is None or row["state"] != "held":
        return
    holder = decision.catalogue.units[row["unit_id"]]
    bound = None if holder.agency == unit.agency else unit.id
    if bound != row["bound_for_unit_id"]:
        # a paper whose way has changed leaves the manifest it was on
        since = decision.stamp if bound else None
        queue(decision, {**row, "bound_for_unit_id": bound, "bound_at": since, "run_id": None})


def queue(decision: Decision, row: Row) -> None:
    """One row a paper and act: the last word counts."""
    waiting = decision.more.setdefault("paper", [])
    waiting[:] = [kept for kept in waiting if kept["barcode"] != row["barcode"]]
    waiting.append(row)


def held(decision: Decision, row: Row, unit: UnitInfo, since: str | None = None) -> Row:
    """In the actor's hands, at the unit, bound for nowhere."""
    kept = {**row, "state": "held", "unit_id": unit.id, "person_id": decision.actor.id, "bound_for_unit_id": None,
            "bound_at": None, "run_id": None, "since": since or decision.stamp}
    queue(decision, kept)
    return kept


def send_after_the_work(decision: Decision, held: Row) -> None:
    """The work may have moved on while the paper was on its way."""
    loaded, units = decision.loaded, decision.catalogue.units
    loaded.papers = [held if row["barcode"] == held["barcode"] else row for row in loaded.papers]
    for item in loaded.items:
        if decision.procedure.states[item["state"]].branch_of is None:
            bind(decision, units[item["unit_id"]])
    if loaded.closed_at is not None and loaded.received_at is not None and loaded.outcome is None:
        give_back(decision, units[loaded.intake_unit_id])


def outside_hands(decision: Decision, row: Row, name: str | None) -> None:
    """Who has it where we have nobody; None: it is with somebody of ours."""
    if (row.get("carrier"), name) != (None, None):
        decision.add("custody", {"barcode": row["barcode"], "carrier": name})


def print_result(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """In the hands of who finished the dossier; printed anew, it counts from now."""
    row, fresh = of_kind(decision, "result"), _paper(decision, "result", unit)
    if row is None:
        decision.loaded.papers.append(fresh)
    details["paper"] = fresh["barcode"]
    queue(decision, fresh)
    outside_hands(decision, row or fresh, decision.actor.name if unit.outside else None)


def _move(decision: Decision, unit: UnitInfo, state: str, details: dict[str, Any], carrier: str | None = None) -> None:
    row = of_kind(decision, "result")
    if row is not None:
        details["paper"] = row["barcode"]
        queue(decision, {**row, "state": state, "unit_id": unit.id, "person_id": decision.actor.id,
                          "bound_for_unit_id": None, "bound_at": None, "run_id": None, "since": decision.stamp})
        outside_hands(decision, row, carrier)


def give_out(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    """With the result go the originals that were taken for comparison (Decree 61/2018, article 20)."""
    if decision.order.particulars.documents:
        details["originals"] = list(dict.fromkeys(decision.order.particulars.documents))
    _move(decision, unit, "handed_over", details)


def hand_to_post(decision: Decision, unit: UnitInfo, details: dict[str, Any], carrier: str) -> None:
    """`carrier`: who has it now, outside; the unit stays answerable until delivery is proven."""
    _move(decision, unit, "posted", details, carrier)


def post(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    hand_to_post(decision, unit, details, POST)


def delivered(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    _move(decision, unit, "handed_over", details)


def came_back(decision: Decision, unit: UnitInfo, details: dict[str, Any]) -> None:
    _move(decision, unit, "held", details)
