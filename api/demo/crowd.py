"""The dossiers with which nothing special happens, as many as a working day brings; always the same ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from api.demo.script import MONDAY, MY_XUYEN, NEVER, SOC_TRANG, THE_DAY, Case, End, Turn, at
from api.demo.special import HOSTING, HOSTING_PM, PERMIT, PERMIT_PM
from api.demo.subjects import conference, funeral

SEED = 51
# procedure, how many on Monday, how many on the day
CONFERENCES = ((PERMIT, 4, 8), (HOSTING, 2, 5), (PERMIT_PM, 0, 2), (HOSTING_PM, 0, 1))
FUNERALS = ((SOC_TRANG, 3, 6), (MY_XUYEN, 2, 6))
WAYS = ("counter", "counter", "post", "electronic")
CHANNELS = ("direct", "direct", "online", "post")
# The desk is open from 07:00 to 11:30 and from 13:30 to 17:00. Who comes later than this is not finished the morning
# after, and is left with the office that examines it.
LAST_FINISHED = "14:00"


def crowd() -> Iterator[Case]:
    dice = random.Random(SEED)
    number = 20
    for day, column in ((MONDAY, 1), (THE_DAY, 2)):
        for row in CONFERENCES:
            for _ in range(int(row[column])):
                number += 1
                yield _conference(str(row[0]), number, _arrival(day, dice), dice)
        for desk, *counts in FUNERALS:
            for _ in range(int(counts[column - 1])):
                number += 1
                yield _funeral(desk, number, _arrival(day, dice), dice)


def _arrival(day: date, dice: random.Random) -> datetime:
    """Two thirds come in the morning, as at every desk; Monday's all before the courier's cut-off."""
    if day == MONDAY or dice.random() < 0.67:
        return at(day, "07:05") + timedelta(minutes=dice.randrange(0, 235))
    return at(day, "13:35") + timedelta(minutes=dice.randrange(0, 180))


def _conference(procedure: str, number: int, arrives: datetime, dice: random.Random) -> Case:
    ministries = procedure.endswith("_pm")
    left = ministries or arrives > at(THE_DAY, LAST_FINISHED)
    stops = ("ministry_of_foreign_affairs", "ministry_of_public_security") if ministries else ("examining",)
    return conference(f"{procedure}_{number}", procedure, arrives, number, channel=dice.choice(CHANNELS),
                      returned_by=dice.choice(WAYS), end=End.OPEN if left else End.RETURNED,
                      turns=tuple(Turn(at=stop, not_before=NEVER) for stop in stops) if left else ())


def _funeral(desk: str, number: int, arrives: datetime, dice: random.Random) -> Case:
    left = arrives > at(THE_DAY, LAST_FINISHED)
    return funeral(f"funeral_{number}", desk, arrives, number, channel=dice.choice(CHANNELS),
                   returned_by=dice.choice(WAYS), end=End.OPEN if left else End.RETURNED,
                   turns=(Turn(at="confirming", not_before=NEVER),) if left else ())
