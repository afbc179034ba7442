"""What was asked with the act that gave a unit its work: the same words for whoever is asked, wherever he works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.audit import read_told
from procedures.declaration import Event

Row = dict[str, Any]

# Sends on what was asked before; who does it need not say it again.
_AGAIN = ("resend", Event.SUPPLEMENT, Event.PAY)


def by_version(timeline: Sequence[Row]) -> dict[int, Row]:
    """The entries of the acts, by the version each made; `timeline`: rows of storage.views.dossier.TIMELINE."""
    acts: dict[int, Row] = {}
    for row in timeline:
        version = read_told(row["details"]).get("version")
        if isinstance(version, int):
            acts.setdefault(version, row)
    return acts


def asking(acts: Mapping[int, Row], state: str, version: int) -> Row | None:
    """The entry that asked for the work at `state` which was opened at this version of the dossier.

    Of what was only sent again, without a word, the entry that asked first.
    """
    entry = acts.get(version)
    while entry is not None and entry["action"] in _AGAIN and not written(entry):
        seq = entry["seq"]
        before = max((row for row in acts.values() if row["seq"] < seq and state in row["to_states"]
                      and state not in row["from_states"]), key=lambda row: int(row["seq"]), default=None)
        if before is None:
            break
        entry = before
    return entry


def written(entry: Row | None) -> str:
    """What was written with the entry; empty if nothing was."""
    return in_words(read_told(entry["words"])) if entry and entry["words"] else ""


def in_words(spoken: Mapping[str, str]) -> str:
    """As whoever is asked reads it: the question, then the reason or the law."""
    return "\n".join(str(text) for name in ("words", "reason") if (text := spoken.get(name)))
