"""One object, one dossier: a certificate that several dossiers work on is held by one of them at a time.

Claims are written at reception. A dossier takes hold of the object when it enters the first step that works on it, if
nobody has it, else when it completes that step; it lets go in the act that leaves the last of those steps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.casework.decision import Decision, Row
from engine.casework.orders import Faults
from engine.casework.words import fold
from engine.catalogue import UnitInfo
from engine.errors import Refused
from engine.states.procedure import Outcome, Procedure

_SPACING = re.compile(r"[^0-9a-z]+")


class AssetHeld(Refused):
    """Another dossier works on the object; `holder` is its code."""

    code = "asset_held"
    vi = "{name_vi} {value} đang do hồ sơ {holder} giữ. Hãy chờ hồ sơ đó làm xong phần việc trên giấy này."
    en = "{name_en} {value} is held by dossier {holder}. Wait until that one has finished its work on it."


def identity(value: object) -> str:
    """One object however it is written: letters without marks, no spaces or punctuation."""
    return _SPACING.sub("", fold(str(value)))


def claim(decision: Decision) -> None:
    """At reception: what this dossier will work on."""
    kinds = {info.asset for info in decision.procedure.states.values() if info.asset is not None}
    for kind in sorted(kinds):
        value = decision.loaded.facts.get(kind)
        if value is not None and identity(value):
            decision.add("asset_claim", {"dossier_id": decision.loaded.id, "kind": kind,
                                         "identity": identity(value), "held_at": None})


def refuse_held(decision: Decision, unit: UnitInfo, faults: Faults) -> None:
    """Raises AssetHeld while another dossier has what the present step works on."""
    loaded, states = decision.loaded, decision.procedure.states
    here = {states[state].asset for state in loaded.states}
    for row in loaded.claims:
        if row["kind"] in here and row["holder"] not in (None, loaded.code):
            name = decision.procedure.declaration.facts[row["kind"]].label
            raise AssetHeld(name_vi=name.vi, name_en=name.en, value=loaded.facts.get(row["kind"]),
                            holder=row["holder"])


def follow(decision: Decision, outcome: Outcome) -> None:
    """Takes hold of what a step just entered works on, lets go of what no step ahead works on."""
    for row in decision.loaded.claims:
        mine, free = row["holder"] == decision.loaded.code, row["holder"] is None
        keeps = not outcome.ended and _works_on(decision.procedure, outcome.configuration, row["kind"], mine)
        if mine != keeps and (mine or free):
            decision.add("asset_claim", _row(decision, row, decision.stamp if keeps else None))
        elif free and _left(decision, outcome, row["kind"]):
            # it was free only now: held for the length of this act, so that two never complete at once
            decision.add("asset_passed", _row(decision, row, decision.stamp))


def _row(decision: Decision, row: Row, held_at: str | None) -> Row:
    return {"dossier_id": decision.loaded.id, "kind": row["kind"], "identity": row["identity"], "held_at": held_at}


def _left(decision: Decision, outcome: Outcome, kind: str) -> bool:
    states = decision.procedure.states
    return any(states[state].asset == kind for state in decision.loaded.states if state in outcome.exited)


def _works_on(procedure: Procedure, configuration: Sequence[str], kind: str, mine: bool) -> bool:
    """At a step that works on it; whoever holds it keeps it between such steps, and while the dossier waits."""
    order = [key for _, key, _ in procedure.declaration.machine.steps()]
    working = [at for at, key in enumerate(order) if procedure.states[key].asset == kind]
    places = [order.index(state) for state in configuration if state in order]
    if any(place in working for place in places):
        return True
    if not mine:
        return False
    return not places or any(working[0] < place < working[-1] for place in places)
