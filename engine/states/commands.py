"""What people see of a state, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass

from engine.states.mechanism import Clock, Need
from procedures.declaration import Expiry, Phase, Role, Starts, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StateInfo:
    """What people see of a state, and what casework needs when it is entered."""

    id: str
    phase: Phase | None
    name: Text
    party: str | None = None
    role: Role | None = None
    limit: str | None = None
    starts: Starts = Starts.REGISTERED
    expiry: Expiry | None = None
    expiry_basis: str = ""
    paper_needed: bool = False
    external: Text | None = None
    asset: str | None = None  # the fact that names the one object worked on here
    branch_of: str | None = None
    clock: Clock
    national_status: int
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An event somebody may cause; `state` is the step or consultation it is declared on."""

    state: str
    event: str
    name: Text
    actors: tuple[tuple[str, Role], ...]
    needs: frozenset[Need]
    branch_of: str | None = None
    closes: bool = False

    @property
    def machine_only(self) -> bool:
        """Nobody's to do: the system does it when its time has come."""
        return not self.actors
