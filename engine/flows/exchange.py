"""What goes to other installations and what came from them: sent, pulled, applied. Any number may run at once."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from prefect import State, flow

from engine.anchoring import standing
from engine.exchange.effects import Applier
from engine.exchange.lines import Lines
from engine.flows.office import office
from engine.flows.shift import NOWHERE, Enough, work_through
from engine.settings import settings
from engine.timekeeper import now
from storage import exchange as rows

# What came while lines were busy is to have its effect soon.
PATIENCE = 0.3


@flow(name="exchange", persist_result=False, result_storage=NOWHERE, validate_parameters=False)
async def exchange() -> State[None]:
    """Gives what came its effect, and carries everything that is due to its peer."""
    return await work_through(_drain, _due)


@lru_cache
def lines() -> Lines:
    """One a process: connections to peers outlive a run."""
    return Lines(office(), now, settings().peers_inside, standing.sends(office(), now), PATIENCE)


def _due() -> bool:
    return lines().holding or rows.anything_due(office().db, sends=lines().may_send())


def _drain(enough: Enough) -> Counter[str]:
    done = Applier(office(), now).drain(enough)
    return done + lines().drain(enough)
