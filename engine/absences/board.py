"""Absences as a person sees them: his own, those in which he stands in, those of his unit in the next days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.absences import register
from engine.absences.chain import NOT_LENT, Away, Post, Standing
from engine.absences.register import SUPERIORS
from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.office import Office
from procedures.declaration import Text
from storage import absences as kept
from storage.absences import Listed, Named, StoodInFor

DAYS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """Days, both included, on which `name` stands in; `nobody`: it would be this person, who is not there either."""

    name: str
    since: date
    until: date
    nobody: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """`stands` follows the chain of substitutes; `reason` is empty for whom it is no business of."""

    id: int
    name: str
    substitute: str
    first: date
    last: date
    units: list[Text]
    procedures: list[Text]
    reason: str
    entered_by: str
    stands: list[Stretch]
    running: bool
    mine: bool
    standing_in: bool
    may_end: bool
    days: list[bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """`people`: who may be named as substitute; `led`: for whom else the person may enter an absence."""

    days: list[date]
    mine: list[Absence]
    standing_in: list[Absence]
    others: list[Absence]
    lends: bool
    leads: bool
    people: dict[int, str]
    led: dict[int, str]
    units: dict[int, Text]
    procedures: dict[str, Text]


def board(office: Office, actor: Actor, now: datetime) -> Board:
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    with kept.looked_at(office.db) as read:
        posts = [register.post_of(row) for row in read.posts(today)]
        in_force = {row.id: register.away_of(row) for row in read.absences(today)}
    view = _View(office, catalogue, actor, today, posts, in_force)
    return view.board()


class _View:
    def __init__(self, office: Office, catalogue: Catalogue, actor: Actor, today: date, posts: list[Post],
                 in_force: dict[int, Away]) -> None:
        self.office, self.catalogue, self.actor, self.today, self.in_force = office, catalogue, actor, today, in_force
        self.held: dict[int, list[Post]] = {}
        for post in posts:
            self.held.setdefault(post.person, []).append(post)
        self.mine = [post for post in self.held.get(actor.id, []) if post.role not in NOT_LENT]
        self.led_agencies = self._agencies(post for post in self.mine
                                           if post.role in SUPERIORS and post.since <= today <= post.until)
        self.agencies = self._agencies(self.mine)
        self.days = [today + timedelta(days=number) for number in range(DAYS)]

    def board(self) -> Board:
        listed = [row for row in kept.near(self.office.db, self.actor.id, sorted(self.agencies), self.today)
                  if row.id in self.in_force]
        standing = register.as_it_stands(self.office, self.today) if listed else Standing((), ())
        names = self._names(standing)
        shown = [self._absence(row, standing, names) for row in listed if self._concerns(row)]
        people = kept.people(self.office.db, sorted(self.agencies), self.today, self.days[-1])
        units = dict.fromkeys(post.unit for post in self.mine)
        return Board(
            days=self.days, mine=[row for row in shown if row.mine],
            standing_in=[row for row in shown if row.standing_in and not row.mine],
            others=[row for row in shown if not row.mine and not row.standing_in],
            lends=bool(self.mine), leads=bool(self.led_agencies),
            people=_called(row for row in people if row.id != self.actor.id),
            led=_called(row for row in people if row.id != self.actor.id and row.agency in self.led_agencies),
            units={unit: self._unit(unit) for unit in units}, procedures=self._procedures())

    def _absence(self, row: Listed, standing: Standing, names: Mapping[int, str]) -> Absence:
        away = self.in_force[row.id]
        stands = _stretches(row.id, standing, names)
        mine, superior = row.person == self.actor.id, self._leads(row.person)
        return Absence(
            id=row.id, name=row.name, substitute=row.substitute_name, first=away.first, last=away.last,
            units=[self._unit(unit) for unit in row.units],
            procedures=[self._procedures().get(key, Text(vi=key, en=key)) for key in row.procedures],
            reason=row.reason if mine or superior or row.entered_by == self.actor.id else "",
            entered_by="" if row.entered_by == row.person else row.entered_name, stands=stands,
            running=away.first <= self.today, mine=mine, may_end=mine or superior,
            standing_in=any(lent.absence == row.id and lent.person == self.actor.id for lent in standing.lent),
            days=[away.first <= day <= away.last for day in self.days])

    def _concerns(self, row: Listed) -> bool:
        """One's own, those one stands in for, one's unit's, one's agency's where one answers for it."""
        units = {post.unit for post in self.mine}
        return (self.actor.id in (row.person, row.substitute) or self._leads(row.person)
                or any(post.unit in units for post in self.held.get(row.person, [])))

    def _leads(self, person: int) -> bool:
        return bool(self.led_agencies & self._agencies(
            post for post in self.held.get(person, []) if post.role not in NOT_LENT))

    def _agencies(self, posts: Iterable[Post]) -> set[str]:
        return {self.catalogue.units[post.unit].agency for post in posts}

    def _unit(self, unit: int) -> Text:
        found = self.catalogue.units[unit]
        return Text(vi=found.full_vi, en=found.full_en)

    def _procedures(self) -> dict[str, Text]:
        return {procedure.key: procedure.declaration.name for procedure in self.catalogue.procedures.values()}

    def _names(self, standing: Standing) -> dict[int, str]:
        ids = {lent.person for lent in standing.lent} | {gap.missing for gap in standing.gaps}
        return kept.names(self.office.db, sorted(ids)) if ids else {}


def _called(people: Iterable[Named]) -> dict[int, str]:
    return {row.id: f"{row.name} ({row.login})" for row in people}


def _stretches(absence: int, standing: Standing, names: Mapping[int, str]) -> list[Stretch]:
    """One line for a person and his days, however many posts he holds on them."""
    found = {Stretch(name=names.get(lent.person, ""), since=lent.since, until=lent.until)
             for lent in standing.lent if lent.absence == absence}
    found |= {Stretch(name=names.get(gap.missing, ""), since=gap.since, until=gap.until, nobody=True)
              for gap in standing.gaps if gap.absence == absence}
    return sorted(found, key=lambda one: (one.since, one.until, one.name))


def stood_in_for(office: Office, actor: Actor, now: datetime) -> list[StoodInFor]:
    """In whose place the person may act today, and until when."""
    return kept.stood_in_for(office.db, actor.id, now.astimezone(ZONE).date())


def by_login(office: Office, login: str) -> int | None:
    """Somebody of another agency, as a superior names him."""
    found: Sequence[Named] = kept.of_login(office.db, login.strip().removeprefix("@").casefold())
    return found[0].id if found else None
