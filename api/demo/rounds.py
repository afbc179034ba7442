"""The work lists: who looks at his list when, and which rows he takes up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.demo.acting import Hands, Playing, Stumble, hash_of, instant, kind_of
from api.demo.cast import ORDER, Cast, Desk
from api.demo.client import Json, Refusal
from api.demo.script import NEVER, at
from engine.clocks.calendar import national
from engine.clocks.zone import ZONE

# Minutes a piece of work takes from lying on the desk to being done: by state, then some more by dossier.
MINUTES = {"examining": 20, "confirming": 20, "synthesis": 20, "drafting": 20, "checking": 5}
OPINION_MINUTES, USUAL_MINUTES, REGISTER_MINUTES, SPREAD = 35, 10, 2, 15
ROUND_MINUTES = 15
OPINIONS = frozenset({"give_opinion", "record_reply", "answer_consultation"})
# On the desk's list so that somebody owns it; the results of the other parts release it.
AWAITING_PARTS = "awaiting_parts"
RESULT_READY = "returning"
AGAIN = timedelta(minutes=ROUND_MINUTES)
MOST_ROWS = 200


@dataclass(kw_only=True)
class Rounds:
    """`due`: when somebody at the desk next has something to do, as far as is known."""

    hands: Hands
    cast: Cast
    playing: dict[str, Playing]
    faults: list[str]
    due: dict[Desk, datetime] = field(default_factory=dict)
    woken: set[Desk] = field(default_factory=set)
    number: int = 0

    def anything(self, moment: datetime) -> bool:
        return any(when <= moment for when in self.due.values())

    def everybody(self, moment: datetime) -> None:
        """In the morning everybody looks."""
        for desk in self.due:
            self.due[desk] = moment

    def wake(self, desk: Desk, moment: datetime) -> None:
        self.due[desk] = min(moment, self.due.get(desk, NEVER))

    def wake_for(self, playing: Playing, reply: Json, moment: datetime) -> None:
        """The desks that an act may have given work."""
        found = [self.cast.desk_of(playing.case, state) for state in reply["states"]]
        self._wake([desk for desk in found if desk is not None] + self.cast.asked(playing.case), moment)
        if RESULT_READY in reply["states"]:
            # what other parts of the bundle may have waited for
            for other in playing.others:
                self.wake_all(other, moment)

    def wake_all(self, playing: Playing, moment: datetime) -> None:
        self._wake(self.cast.desks_of(playing.case), moment)

    def _wake(self, desks: Iterable[Desk], moment: datetime) -> None:
        for desk in desks:
            self.woken.add(desk)
            self.wake(desk, moment)

    def go(self, moment: datetime) -> int:
        """Every desk that has something to do, the last of a dossier's way first; how many acts it gave."""
        self.number += 1
        self.woken.clear()
        ready = sorted((desk for desk, when in self.due.items() if when <= moment),
                       key=lambda desk: (ORDER.index(desk.role), desk.unit))
        done = sum(self._desk(desk, moment) for desk in ready)
        for desk in self.woken:
            # he may have looked before it was delivered
            self.wake(desk, moment)
        return done

    def _desk(self, desk: Desk, moment: datetime) -> int:
        who = self.cast.on_duty(desk, self.number)
        rows = self.hands.api.get(who, "/work", size=MOST_ROWS)["rows"]
        self.due[desk] = NEVER
        done = 0
        for row in rows:
            playing = self.playing[row["code"]]
            if playing.stuck or row["state"] == AWAITING_PARTS:
                continue
            when = self._ready(playing, row)
            if when > moment or not self._take_up(playing, row, who, moment):
                self.wake(desk, when if when > moment else moment + AGAIN)
            else:
                done += 1
        return done

    def _ready(self, playing: Playing, row: Json) -> datetime:
        """When somebody gets round to it."""
        kind, state = kind_of(row), str(row["state"])
        turn = playing.turn(state, kind)
        minutes = REGISTER_MINUTES if kind != "step" else self._minutes(playing, state)
        since = _round_of(instant(row["since"]))
        lain = _next_morning(since) if state == "posting" else since + timedelta(minutes=minutes)
        return max(lain, turn.not_before) if turn is not None and turn.not_before is not None else lain

    def _minutes(self, playing: Playing, state: str) -> int:
        usual = self.cast.usual(playing.case, state)
        base = OPINION_MINUTES if usual in OPINIONS else MINUTES.get(state, USUAL_MINUTES)
        return base + hash_of(playing.case.name + state) % SPREAD

    def _take_up(self, playing: Playing, row: Json, who: str, moment: datetime) -> bool:
        turn = playing.turn(str(row["state"]), kind_of(row))
        try:
            reply = self.hands.work(playing, row, turn.by if turn is not None and turn.by else who)
        except (Refusal, Stumble) as fault:
            self.faults.append(f"{playing.code} ({playing.case.name}): {fault}")
            playing.stuck = True
            return True
        if reply is None:
            return False
        if reply["action"] in ("refuse_handoff", "recall"):
            self.wake_all(playing, moment)
        self.wake_for(playing, reply, moment)
        return True


def _round_of(moment: datetime) -> datetime:
    """Delivery takes a moment that is never the same; what came in during one round counts as from its beginning."""
    return moment - timedelta(minutes=moment.minute % ROUND_MINUTES, seconds=moment.second,
                              microseconds=moment.microsecond)


def _next_morning(since: datetime) -> datetime:
    """The postman comes round on the next working day."""
    day, calendar = since.astimezone(ZONE).date() + timedelta(days=1), national()
    while not calendar.is_working_day(day):
        day += timedelta(days=1)
    return at(day, "09:00")
