"""What the script can say: dossiers, bundles of them, what goes otherwise than usual, and how each must end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from engine.clocks.zone import ZONE

CENTRE, SOC_TRANG, MY_XUYEN = "H51.02", "H51.21", "H51.22"

# The prologue begins long enough before the day for a limit of 20 working days to run out. The day follows a
# holiday, so what came in after 15:00 on Monday leaves with the first run of Wednesday.
LONG_AGO, REPLIES, MONDAY = date(2026, 10, 19), date(2026, 11, 2), date(2026, 11, 23)
THE_DAY, THE_MORNING_AFTER, LAST_POST = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)
DAYS = (LONG_AGO, REPLIES, MONDAY, THE_DAY, THE_MORNING_AFTER, LAST_POST)


def at(day: date, clock: str) -> datetime:
    """`at(THE_DAY, "07:30")`: an instant of the province's wall clock."""
    return datetime.combine(day, time.fromisoformat(clock), ZONE)


NEVER = at(date(2027, 12, 31), "17:00")


class End(StrEnum):
    """How a dossier stands when the play is over."""

    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    OPEN = "open"


class Shown(StrEnum):
    """What of legal time the record of a dossier shows."""

    TACIT = "tacit"
    ESCALATED = "escalated"
    DRAFTED = "drafted"
    EXTENDED = "extended"
    ASKED_AGAIN = "asked_again"
    ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """The next thing done in state `at`: `act` instead of the usual (empty: the usual), not before an instant.

    `attach` are papers that whoever acts puts in first; `told` is what he fills in. `by`: not one of the unit but this
    person, in the place of somebody who is away; `claims`: takes the work on first.
    """

    at: str
    act: str = ""
    not_before: datetime | None = None
    attach: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    by: str = ""
    claims: bool = False


# Not an act on a dossier: the list of what is to be paid out goes to whoever pays.
PASS_LIST = "pass_payout_list"


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """Something that is on nobody's work list: a citizen at the desk, a head who steps in, a second thought.

    `expects`: the code of the refusal that this must meet.
    """

    when: datetime
    who: str
    act: str
    told: Mapping[str, object] = field(default_factory=dict)
    expects: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """The first transport of the dossier's paper: missing on arrival, found later."""

    found: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Applicant:
    name: str
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One dossier of the script. `desk` is the agency that receives; `papers` what is brought along.

    `accept` False: it is looked at first, which the desk does where it expects something to be wrong.
    """

    name: str
    procedure: str
    desk: str
    arrives: datetime
    applicant: Applicant
    subject: str
    facts: Mapping[str, object]
    papers: tuple[str, ...]
    channel: str = "direct"
    returned_by: str = "counter"
    accept: bool = True
    turns: tuple[Turn, ...] = ()
    visits: tuple[Visit, ...] = ()
    lost: Lost | None = None
    # what the post brought it with: listed in a hand-over record that both sign when it arrives
    slip: str = ""
    # taken in without a network, with a code set aside before; when it was synchronised
    synchronised: datetime | None = None
    # its result is written at the desk and signed digitally, instead of coming in as a scan
    written: bool = False
    # the courier overlooks its paper once; the next run takes it
    left_behind: bool = False
    end: End = End.RETURNED
    late: bool = False
    rejected: bool = False
    # against the first promise, which an apology with a new date does not change; None: it waited for a result that
    # never came, so its time never began
    kept: str | None = "early"
    shows: frozenset[Shown] = frozenset()
    # part of the short play, which tests run
    short: bool = False
    # of the bundle it is a part of, which brings its papers and answers
    bundle: str = ""

    @property
    def ends_late(self) -> bool | None:
        """None where no date is promised, or where no result is returned."""
        return self.late if self.procedure not in WITHOUT_LIMIT and self.end is End.RETURNED else None

    @property
    def judged(self) -> str | None:
        """The local verdict on its time; None where its time never began, or has not ended."""
        if self.end in (End.REFUSED, End.OPEN) or (self.end is End.WITHDRAWN and not self.accept):
            return None
        if self.procedure in WITHOUT_LIMIT:
            return "not_judged"
        return "late" if self.late else self.kept

    @property
    def asked(self) -> tuple[str, ...]:
        """The units consulted beyond the procedure, in the order in which they are asked."""
        return tuple(unit for turn in self.turns if turn.act == CONSULT for unit in turn.told["units"])


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """One submission of several procedures. `cases`: its dossiers by part; `papers`: kind and form of each paper.

    `partial`: when the citizen asks for what is ready. `handed_on`: results that become papers of other parts.
    """

    name: str
    bundle: str
    desk: str
    arrives: datetime
    applicant: Applicant
    subject: str
    facts: Mapping[str, object]
    papers: Mapping[str, str]
    cases: Mapping[str, Case]
    partial: datetime | None = None
    handed_on: int = 0
    short: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Away:
    """Somebody is away on days, both included, and another one has his posts then. He enters it himself."""

    login: str
    substitute: str
    entered: datetime
    first: date
    last: date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Closure:
    """Days, both included, on which one agency is closed; published by the administrator while dossiers are open."""

    agency: str
    published: datetime
    first: date
    last: date
    decision: str
    reason: str


STORM = Closure(agency=MY_XUYEN, published=at(THE_DAY, "08:20"), first=date(2026, 11, 30), last=date(2026, 12, 1),
                decision="3120/QĐ-UBND", reason="Phòng, chống bão số 15")
OFFICER_AWAY = Away(login="thai.tq", substitute="ha.dtt", entered=at(MONDAY, "16:30"), first=THE_DAY, last=THE_DAY,
                    reason="Dự lớp bồi dưỡng nghiệp vụ")
# When the day's results are handed over, whoever came for one is asked what he thinks of it.
RATING = at(LAST_POST, "16:50")
CONSULT = "consult_further"
# Two departments without a system of their own: when the first answers by its link, when the slip of the other is
# printed, and when it is back.
MAILED, ON_PAPER = "H51.13/chuyen-mon", "H51.12/chuyen-mon"
LINK_ANSWERED, SLIP_PRINTED, SLIP_BACK = at(MONDAY, "10:35"), at(MONDAY, "10:40"), at(MONDAY, "14:10")
# The bag that one paper is missing from has another seal than it left with.
SEAL, SEAL_FOUND = "NP-260101", "NP-260107"
# Neither the law nor the province promises a date.
WITHOUT_LIMIT = frozenset({"conference_permit_pm", "conference_hosting_local", "conference_hosting_pm"})
