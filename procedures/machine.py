"""What a procedure file may say of its machine: phases, steps, consultations, exceptions to the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from procedures.entry import Condition, Entry, Id, Limit, Line, Text
from procedures.words import Event, Expiry, Paper, Phase, Role, Starts


class Step(Entry):
    """A state in which somebody works.

    `also`: further roles of the party that may complete it (Decree 61/2018, article 17(5)). `when`: the step is passed
    over where this does not hold. `external`: an outside body decides, the officer records its reply. `asset`: the fact
    that names the one object worked on here (a certificate); no two dossiers are at such steps with it at a time.
    `starts`: when the limit begins if another agency sends the dossier. `expiry`: what happens when it is used up (not
    said: who holds it, his head and the management of the desk are told); `expiry_basis`: the law that says so.
    """

    party: Id
    role: Role
    also: tuple[Role, ...] = ()
    name: Text
    when: Condition | None = None
    limit: Limit | None = None
    starts: Starts = Starts.REGISTERED
    expiry: Expiry | None = None
    expiry_basis: Line | None = None
    event: Id | None = None
    event_name: Text | None = None
    paper: Paper = Paper.NONE
    external: Text | None = None
    asset: Id | None = None

    def completed_by(self, phase: Phase) -> str:
        """The event that completes the step and leads to the next in order."""
        if self.event is not None:
            return self.event
        if self.external is not None:
            return Event.RECORD_REPLY
        return _COMPLETED_BY.get((phase, self.role), Event.FORWARD)

    def answers(self, phase: Phase) -> bool:
        """Whether completing it gives a verdict, which an answer that does not come can stand for."""
        return self.external is not None or self.completed_by(phase) == Event.GIVE_OPINION


class Branch(Step):
    """A consulted body; left out of a dossier where `when` does not hold."""

    def completed_by(self, phase: Phase) -> str:
        return self.event or (Event.GIVE_OPINION if self.external is None else Event.RECORD_REPLY)


_COMPLETED_BY = {
    (Phase.RECEPTION, Role.RECEPTIONIST): Event.ACCEPT,
    (Phase.SIGNING, Role.HEAD): Event.APPROVE,
    (Phase.SIGNING, Role.SIGNER): Event.SIGN,
    (Phase.SIGNING, Role.CLERK): Event.ISSUE,
}


class AtLeast(Entry):
    """A quorum; of fewer bodies than that, all."""

    at_least: int = Field(ge=1, le=12)


Join = Literal["all", "any", "first_negative"] | AtLeast


class Parallel(Entry):
    """Consultation: every branch works at the same time.

    The group is left when the set of answers that came satisfies `join`; in which order they came never matters.
    `first_negative`: when all have answered, or at the first that disagrees, which leads to `negative_to` if that is
    given. What nobody answered by then is closed.
    """

    name: Text
    parallel: dict[Id, Branch] = Field(min_length=1, max_length=12)
    join: Join = "all"
    negative_to: Id | None = None


def _kind(value: object) -> str:
    keys = value if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    return "group" if "parallel" in keys else "step"


Place = Annotated[Annotated[Step, Tag("step")] | Annotated[Parallel, Tag("group")], Discriminator(_kind)]


class Machine(Entry):
    """The four phases; each lists its places in order."""

    reception: dict[Id, Step] = Field(min_length=1, max_length=1)
    processing: dict[Id, Place] = Field(min_length=1, max_length=40)
    signing: dict[Id, Step] = Field(min_length=1, max_length=20)
    return_: dict[Id, Step] = Field(alias="return", min_length=1, max_length=10)

    def phases(self) -> Iterator[tuple[Phase, Mapping[str, Step | Parallel]]]:
        yield Phase.RECEPTION, self.reception
        yield Phase.PROCESSING, self.processing
        yield Phase.SIGNING, self.signing
        yield Phase.RETURN, self.return_

    def steps(self) -> Iterator[tuple[Phase, str, Step]]:
        """Every step of every phase in order, branches among them."""
        for phase, places in self.phases():
            for key, place in places.items():
                branches: Mapping[str, Step] = place.parallel if isinstance(place, Parallel) else {key: place}
                for name, step in branches.items():
                    yield phase, name, step


class Transition(Entry):
    """What differs from "next in order"; several with one event are tried in order, the default last."""

    from_: Id = Field(alias="from")
    on: Id
    to: Id
    when: Condition | None = None
    name: Text | None = None
    reason: bool = False
