"""Documents that come after a hand-off has left: sent on to those who work on it, and taken in there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.casework import elsewhere, handoffs, mirrors, outside, successors
from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults, Order, text_faults
from engine.casework.staleness import refuse_stale
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue
from engine.errors import Invalid, NotPossibleHere
from procedures.declaration import Role
from storage.dossiers import Loaded

# As many as one message of the protocol names.
MOST = 200


def send(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The order's `documents` go to the installation that has the `handoff`, while it has it; `words` go with them.

    Raises NotPossibleHere (closed, or its receiver reads the dossier here), WrongRole, Invalid.
    """
    decision, handoff, item = handoffs.begin(loaded, order, catalogue, now)
    if not outside.is_out(loaded, handoff["id"]):
        raise handoffs.settled(decision, handoff)
    if not elsewhere.at_peer(handoff):
        act = ACTS["send_documents"]
        raise NotPossibleHere(event=act.vi, event_en=act.en, where_vi="bên nhận đọc hồ sơ ngay tại hệ thống này",
                              where_en="the receiver reads this very dossier", possible="-", possible_en="-")
    unit = handoffs.of_unit(decision, handoff["from_unit_id"], (handoff["from_role"], Role.OFFICER, Role.HEAD))
    refuse_stale(decision, item)
    chosen = _chosen(decision)
    decision.raise_version()
    elsewhere.tell(decision, "more_documents", (handoff["from_unit_id"], handoff["to_unit_id"]), {
        "handoff": handoff["id"], "at": decision.stamp, "words": order.particulars.words, "documents": chosen,
        "by": {"name": decision.signature(), "unit": {"vi": unit.full_vi, "en": unit.full_en}}})
    decision.audit("send_documents", unit=unit, spoken=order.particulars.spoken(), details={
        "version": decision.version, "handoff": handoff["id"], "documents": chosen})
    return decision


def newer(loaded: Loaded, handoff: Row) -> bool:
    """Whether there is anything of ours that the hand-off may have left without."""
    return any(row["sha256"] and row["added_by"] is not None
               and datetime.fromisoformat(row["added_at"]) > datetime.fromisoformat(handoff["created_at"])
               for row in loaded.documents)


def _chosen(decision: Decision) -> list[str]:
    told = decision.order.particulars
    faults: Faults = text_faults(told.spoken())
    files = {row["id"] for row in decision.loaded.documents if row["sha256"]}
    chosen = list(dict.fromkeys(told.documents))
    if not chosen or not files.issuperset(chosen) or len(chosen) > MOST:
        faults["documents"] = ("chọn ít nhất một tài liệu có tệp của hồ sơ này",
                               "choose at least one document of this dossier that has a file")
    if faults:
        raise Invalid(faults)
    return chosen


def came(said: Mapping[str, Any], documents: list[Row], proof: Row, peer_id: int) -> mirrors.Decide:
    """They are promised until they were pulled by their hash. `documents`: as the message names them, with the id each
    has here (`local`), without those whose bytes the dossier has. Order event: "documents_came".
    """

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        handoff = next((row for row in loaded.handoffs if mirrors.incoming(decision, row)), None)
        if handoff is None:
            return mirrors.without_effect(decision, proof)
        decision.raise_version()
        for row in documents:
            decision.add("document", successors.promised(loaded.id, row, decision.at))
        successors.expect(decision, peer_id, proof["message"], tuple(documents))
        decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "documents_came",
                                "unit_id": handoff["to_unit_id"], "about": decision.stamp, "at": decision.stamp})
        spoken = {"words": str(said["words"])} if said["words"] else {}
        decision.audit("documents_came", unit=catalogue.units[handoff["from_unit_id"]], spoken=spoken, details={
            "version": decision.version, "handoff": handoff["id"], "proof": proof,
            "documents": sorted(row["local"] for row in documents)})
        return decision

    return decide
