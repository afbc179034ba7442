"""What a dossier owes the bundle it is a part of: it tells the others how it stands, and does nothing alone that the
citizen does once for all of them.
"""

from __future__ import annotations

import uuid
from typing import Any

from engine.casework.decision import Decision, Row
from engine.errors import Refused
from engine.states.procedure import Command, Outcome
from procedures.declaration import Event
from storage.dossiers import Loaded

SUPPLEMENT_LETTER, STOP_LETTER = "supplement", "stop"
_RETURNING = frozenset({Event.RETURN_AT_COUNTER.value, Event.SEND_BY_POST.value, Event.RETURN_ELECTRONICALLY.value})
_WRITTEN = ("id", "version", "due_at", "due_provisional", "gather_until", "partial_at", "partial_by", "closed_at",
            "letters")


def tell(decision: Decision) -> None:
    """A message to the bundle, in this very act: whatever follows for the other parts is done from there, once."""
    bundle, loaded = decision.loaded.bundle, decision.loaded
    if bundle is None or any(row["kind"] == "bundle" for row in decision.more.get("outbox", ())):
        return
    decision.handoff_seq += 1
    decision.add("outbox", {
        "message_id": str(uuid.uuid4()), "dossier_id": loaded.id, "seq": decision.handoff_seq, "kind": "bundle",
        "sender": loaded.intake_agency, "receiver": loaded.intake_agency, "created_at": decision.stamp,
        "payload": {"bundle": bundle["code"], "code": loaded.code},
    })


def follow(decision: Decision, outcome: Outcome) -> None:
    """A result that is ready, and an end without one, are what other parts wait for."""
    ready = decision.loaded.finished_at is None and decision.current("finished_at") is not None
    if ready or outcome.ended:
        tell(decision)


def own(loaded: Loaded) -> Row:
    """This dossier among the parts."""
    assert loaded.bundle is not None
    return next(row for row in loaded.bundle["parts"] if row["dossier_id"] == loaded.id)


def write(decision: Decision, **changes: Any) -> None:
    """Changes the bundle with this act; Moved when another part changed it since it was loaded."""
    assert decision.loaded.bundle is not None
    row = {name: decision.loaded.bundle[name] for name in _WRITTEN}
    decision.more["bundle"] = [{**(decision.more.get("bundle") or [row])[0], **changes}]


def open_letter(letters: list[Row], dossier_id: int) -> Row | None:
    """The letter that asked for this part's supplement and is not answered yet."""
    return next((letter for letter in reversed(letters) if letter["kind"] == SUPPLEMENT_LETTER
                 and letter["answered_at"] is None
                 and any(row["dossier_id"] == dossier_id for row in letter["asking"])), None)


def refuse_alone(decision: Decision, command: Command) -> None:
    """Raises Refused for what is done once for the whole bundle, not at one of its parts; and what only parts do."""
    loaded, bundle = decision.loaded, decision.loaded.bundle
    if bundle is None:
        if command.event == Event.HOLD:
            raise Refused(reason_vi="Hồ sơ này không thuộc hồ sơ liên thông nào nên không có phần nào để chờ.",
                          reason_en="This dossier is no part of a bundle: there is nothing it could wait for.")
        return
    if command.event == Event.SUPPLEMENT and open_letter(bundle["letters"], loaded.id) is not None:
        raise Refused(
            reason_vi=f"Công dân bổ sung một lần cho cả hồ sơ liên thông: hãy nhận tại trang của {bundle['code']}.",
            reason_en=f"The supplement is taken in once for the whole bundle, on the page of {bundle['code']}.",
            bundle=bundle["code"])
    if command.event in _RETURNING and bundle["partial_at"] is None:
        _refuse_before_others(decision, bundle)


def _refuse_before_others(decision: Decision, bundle: Row) -> None:
    open_parts = [row for row in bundle["parts"] if row["dossier_id"] != decision.loaded.id
                  and row["finished_at"] is None and row["closed_at"] is None]
    if not open_parts:
        return
    names = [decision.catalogue.procedures[row["version_id"]].declaration.name for row in open_parts]
    raise Refused(
        reason_vi=f"Kết quả của hồ sơ liên thông {bundle['code']} được trả cùng một lần; còn chờ: "
                  f"{'; '.join(name.vi for name in names)}.",
        reason_en=f"The results of bundle {bundle['code']} are returned together; still waiting for: "
                  f"{'; '.join(name.en for name in names)}.",
        bundle=bundle["code"])
