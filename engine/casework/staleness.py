"""Whoever decided on what has changed since is told who was first."""

from __future__ import annotations

from datetime import datetime

from engine.casework.decision import Decision, Row, iso
from engine.clocks.zone import ZONE
from engine.errors import StaleVersion


def refuse_stale(decision: Decision, branch_item: Row | None) -> None:
    """A branch of a consultation is not made stale by another agency's answer, only by what reopened it."""
    loaded, seen = decision.loaded, decision.order.seen_version
    if seen is None or seen == loaded.version:
        return
    if branch_item is not None and branch_item["opened_version"] <= seen <= loaded.version:
        return
    raise stale(loaded.version, loaded.last_actor, loaded.last_action, loaded.last_at)


def stale(version: int, who: str, action: str, at: datetime) -> StaleVersion:
    return StaleVersion(who=who, action=action, version=version, at=iso(at),
                        when=at.astimezone(ZONE).strftime("%H:%M:%S %d/%m/%Y"))
