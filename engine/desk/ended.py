"""How work that another installation asked for has ended here: answered, asked back, not needed, not taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.desk.story import Entry
from procedures.declaration import Text
from procedures.entry import text
from storage.dossiers import Loaded
from storage.tables.casework import Mirror

ANSWERED = text("Đã trả lời", "Answered")
_HOW: Mapping[str, Text] = {
    "answer_task": ANSWERED,
    "recalled": text("Bên gửi đã thu hồi", "Taken back by the sender"),
    "withdrawn_elsewhere": text("Bên gửi không cần nữa", "The sender no longer needs it"),
    "refuse_handoff": text("Không nhận, đã trả về bên gửi", "Not taken in, given back to the sender"),
}
# In a list, where only the status is at hand.
STATUSES = {8: text("Kết thúc, không trả lời", "Ended without an answer"), 10: ANSWERED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """`who` did it, here or there; `reason` where they gave one."""

    how: Text
    answered: bool
    at: datetime
    who: str
    reason: str


def ended(loaded: Loaded, told: Sequence[Entry]) -> Ended | None:
    """By the act that moved it to its end."""
    if loaded.mirror != Mirror.SUCCESSOR or loaded.closed_at is None:
        return None
    last = next((entry for entry in reversed(told) if entry.action in _HOW and entry.to_names), None)
    if last is None:
        return None
    return Ended(how=_HOW[last.action], answered=last.action == "answer_task", at=last.at, who=last.who,
                 reason=last.words.get("reason", ""))
