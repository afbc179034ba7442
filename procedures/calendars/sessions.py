"""The working time within a day and a week, as a calendar file writes it."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from procedures.reading import refuse

MINUTES_A_DAY = 1440

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Declared(BaseModel):
    """Nothing beyond what is declared, and nothing changed afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Session(Declared):
    """Working time within one date, in minutes after midnight."""

    opens: int = Field(ge=0, lt=MINUTES_A_DAY)
    closes: int = Field(gt=0, lt=MINUTES_A_DAY)

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            refuse("giờ mở phải trước giờ đóng: hãy ghi như 07:00-11:30",
                   "a session must open before it closes: write it like 07:00-11:30")
        return self

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{self.closes // 60:02}:{self.closes % 60:02}"


def _spelled(value: object) -> object:
    """Accept the way people write it: "07:00-11:30"."""
    if not isinstance(value, str):
        return value
    try:
        opens, closes = (_minutes(clock) for clock in value.split("-"))
    except ValueError:
        shown = value[:40]
        refuse(f"ca làm việc ghi như 07:00-11:30, không phải “{shown}”",
               f"a session is written like 07:00-11:30, not “{shown}”")
    return {"opens": opens, "closes": closes}


def _minutes(clock: str) -> int:
    hours, minutes = (int(figure) for figure in clock.split(":"))
    if not (0 <= hours < 24 and 0 <= minutes < 60):
        raise ValueError(clock)
    return hours * 60 + minutes


def in_order(sessions: tuple[Session, ...]) -> None:
    for earlier, later in pairwise(sessions):
        if later.opens < earlier.closes:
            refuse(f"các ca trong ngày phải theo thứ tự và không chồng lên nhau: hãy sửa {earlier} và {later}",
                   f"the sessions of a day must be in order and must not overlap: correct {earlier} and {later}")


Sessions = tuple[Annotated[Session, BeforeValidator(_spelled)], ...]


class WeekPart(Declared):
    days: tuple[Weekday, ...] = Field(min_length=1)
    sessions: Sessions = Field(min_length=1)


class Hours(Declared):
    """The week's sessions from `since` on; a weekday not named is the weekly rest."""

    since: dt.date
    basis: str = Field(min_length=1)
    week: tuple[WeekPart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_weekday_once(self) -> Self:
        named = [day for part in self.week for day in part.days]
        if len(named) != len(set(named)):
            refuse("một thứ trong tuần được kể hai lần: hãy gộp các ca của thứ đó lại",
                   "a weekday is named twice: put its sessions together")
        for part in self.week:
            in_order(part.sessions)
        return self

    def sessions(self, weekday: int) -> tuple[Session, ...]:
        name = WEEKDAYS[weekday]
        return next((part.sessions for part in self.week if name in part.days), ())
