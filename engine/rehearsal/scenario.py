"""A scenario as data: what comes in, who does what when, and what is expected to follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from engine.clocks.calendar import Calendar
from engine.clocks.limits import HOURS_A_DAY
from engine.errors import Refused
from procedures.entry import Entry, Id, Line
from procedures.province import UnitPath
from procedures.words import Channel, DocumentForm, Role

Span = Annotated[str, StringConstraints(
    pattern=r"^[0-9]{1,9} (seconds?|minutes?|hours?|days?|working hours?|working days?)$")]
Said = Annotated[str, StringConstraints(max_length=2000)]
FIRST_YEAR, LAST_YEAR = 2000, 2100


def _ours(moment: datetime) -> datetime:
    """No calendar has other years, and at the ends of time none can be counted."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"not between {FIRST_YEAR} and {LAST_YEAR}")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_ours)]
Whole = Annotated[int, Field(ge=-10**15, le=10**15)]
MOST_STEPS = 300
# What a rehearsal does by itself unless a scenario does it by hand: hand-offs are registered when they arrive, paper
# is carried at once, the draft of the result is there when it is asked for.
Hand = Literal["register", "paper", "result"]


class Who(Entry):
    """Somebody of the unit that fills `party`, in `role`. The same `person` in two steps is one human being."""

    party: Id
    role: Role
    person: Id | None = None


class Told(Entry):
    """What the act's form says; what it asks for and is not given here is filled in with neutral words."""

    reason: Said | None = None
    verdict: Said | None = None
    words: Said | None = None
    recipient: Said | None = None
    slip: Said | None = None
    proof: Said | None = None
    amount: int | None = Field(default=None, ge=0, le=10**12)
    documents: tuple[Id, ...] | None = None
    new_due: date | None = None
    unit: UnitPath | None = None
    units: tuple[UnitPath, ...] = ()
    limit: Said | None = None
    join: Said | None = None
    expiry: Said | None = None
    kind: Said | None = None
    outcome: Said | None = None
    component: Id | None = None
    paper: Literal["submitted", "result"] | None = None


class Expect(Entry):
    """What must hold after a step; what is not named may be anything. `due` "none": no due date stands.

    `step_due` and `held_by` by state; `notices` and `sent_to` of this step alone; `refused` is the code of a refusal.
    """

    states: tuple[Id, ...] | None = None
    status: int | None = Field(default=None, ge=1, le=10)
    due: AwareDatetime | Literal["none"] | None = None
    step_due: dict[Id, AwareDatetime] = Field(default={}, max_length=60)
    held_by: dict[Id, UnitPath] = Field(default={}, max_length=60)
    notices: tuple[Id, ...] | None = None
    sent_to: tuple[UnitPath, ...] | None = None
    outcome: Literal["approved", "rejected", "none"] | None = None
    closed: bool | None = None
    refused: Id | None = None


class Step(Entry):
    """`who`: a party and role; "holder", whoever may do it here; "machine", time and messages. `does`: an event.

    It happens `after` the step before, or at the moment `at`. `does` "wait" only lets time pass.
    """

    who: Who | Literal["holder", "machine"] = "holder"
    does: Id
    state: Annotated[str, StringConstraints(max_length=60)] | None = None
    told: Told = Told()
    after: Span = "1 minute"
    at: Moment | None = None
    expect: Expect | None = None


class Scenario(Entry):
    """`desk`: where it is received, by default the first desk that takes this procedure in. `papers` None: all that
    are needed. `expect` is about the reception, `end` about what stands after the last step.
    """

    name: Line
    desk: UnitPath | None = None
    channel: Channel = Channel.DIRECT
    return_way: Literal["counter", "post", "electronic"] = "counter"
    received: Moment
    facts: dict[Id, str | Whole | bool] = Field(default={}, max_length=60)
    papers: dict[Id, DocumentForm] | None = Field(default=None, max_length=60)
    accept: bool = True
    by_hand: tuple[Hand, ...] = ()
    expect: Expect | None = None
    steps: tuple[Step, ...] = Field(default=(), max_length=MOST_STEPS)
    end: Expect | None = None

    @property
    def expects(self) -> bool:
        """Whether it says anything that could fail."""
        return any((self.expect, self.end, *(step.expect for step in self.steps)))


def written(scenario: Scenario) -> dict[str, Any]:
    """Plain data for JSON; `read` takes it back."""
    return scenario.model_dump(mode="json", exclude_defaults=True)


def read(data: object) -> Scenario:
    return Scenario.model_validate(data)


def later(since: datetime, span: str, calendar: Calendar) -> datetime:
    """The moment a span after `since`; a working day is eight hours of work. Raises Refused for one nobody lives to."""
    try:
        return _ours(_after(since, span, calendar))
    except (ValueError, OverflowError):
        raise Refused(reason_vi=f"“{span}” sau đó vượt quá năm {LAST_YEAR}.",
                      reason_en=f"“{span}” later is past the year {LAST_YEAR}.") from None


def _after(since: datetime, span: str, calendar: Calendar) -> datetime:
    amount, _, unit = span.partition(" ")
    count = int(amount)
    match unit.rstrip("s"):
        case "working hour":
            return calendar.add(since, count * 60)
        case "working day":
            return calendar.add(since, count * HOURS_A_DAY * 60)
        case "second":
            return since + timedelta(seconds=count)
        case "minute":
            return since + timedelta(minutes=count)
        case "hour":
            return since + timedelta(hours=count)
        case _:
            return since + timedelta(days=count)
