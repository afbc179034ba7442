"""How far promises were kept in a period: by agency, procedure, unit, step and person, and the dossiers behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from engine.casework.orders import Actor
from engine.catalogue import Catalogue
from engine.clocks.judgement import Ground, Verdict
from engine.clocks.limits import Limit
from engine.clocks.zone import ZONE
from engine.desk.places import day_of
from engine.errors import Invalid, NotFound
from engine.judging.figures import Figures, rate
from engine.judging.words import ENDS, GROUNDS
from engine.judging.work import Gathered, OfPerson, OfStep, OfUnit
from engine.office import Office
from engine.settings import settings
from procedures.declaration import Text
from procedures.words import Role
from storage import portal
from storage.views import timeliness as views
from storage.views.timeliness import Asked, Counted, Listed, Open

# Auditors and administrators see all, the management of an agency its agency, a head the own unit.
EVERYWHERE = frozenset({Role.AUDITOR, Role.ADMINISTRATOR})
READERS = (*EVERYWHERE, Role.MANAGER, Role.HEAD)
LONGEST = timedelta(days=366)
PAGE = 50
# What a list of dossiers can be asked for: a local class, or one of the reasons people look for.
CLASSES = ("early", "on_time", "late", "not_judged", "national_late", "asked_again", "extended")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Both days included. `agency`: dossiers it took in or worked on, and the work of its units."""

    since: date
    until: date
    agency: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfAgency:
    """Judged dossiers that an agency took in."""

    agency: str
    name: Text
    figures: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class OfProcedure:
    procedure: str
    name: Text
    figures: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """`rate` in per cent."""

    dossiers: int
    told: int
    rate: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Dossiers whose time ended in the period, and work that was finished in it; `in_flight` is as of now.

    `shared`: of the dossiers submitted in the period, those the national portal knows as they stand (Decision 766,
    indicator 1.4); None where no portal is set up.
    """

    period: Period
    total: Figures
    in_flight: Open
    shared: Told | None
    agencies: list[OfAgency]
    procedures: list[OfProcedure]
    units: list[OfUnit]
    steps: list[OfStep]
    people: list[OfPerson]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A dossier of the list. `visible`: the reader may open it. Amounts are working minutes.

    `due_judged` None: it is judged by the first date; `due_new` None: it was not put off. `limit`: as it is written.
    """

    code: str
    procedure_name: Text
    agency_name: Text
    ended_at: datetime
    end: Text
    due_original: datetime | None
    due_judged: datetime | None
    due_new: datetime | None
    national: Verdict
    local: Verdict
    grounds: list[Text]
    late_original: int
    late_new: int
    worked: int
    allowed: int | None
    limit: Text | None
    visible: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedPage:
    """At most PAGE dossiers; `more`: there is another page."""

    period: Period
    verdict: str | None
    rows: list[Judged]
    page: int
    more: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choices:
    """What a reader may narrow the report to, by code and key."""

    agencies: dict[str, Text]
    procedures: dict[str, Text]


def this_month(now: datetime) -> Period:
    """From the first of the month to today."""
    today = day_of(now)
    return Period(since=today.replace(day=1), until=today)


def choices(office: Office, actor: Actor, now: datetime) -> Choices:
    """Raises NotFound for whoever has no such report to read."""
    catalogue = office.fresh_catalogue()
    units = _allowed(office, catalogue, actor, now)
    agencies = {catalogue.units[unit].agency for unit in units or catalogue.units}
    named = {agency: name for agency, name in _agencies(catalogue).items() if agency in agencies}
    return Choices(agencies=named, procedures=dict(sorted(_names(catalogue).items(), key=lambda pair: pair[1].vi)))


def report(office: Office, actor: Actor, period: Period, now: datetime) -> Report:
    """Raises NotFound for whoever has no such report to read, Invalid for a period that is none."""
    catalogue = office.fresh_catalogue()
    asked = _asked(office, catalogue, actor, period, now)
    counted = views.counted(office.db, asked)
    names, agencies = _names(catalogue), _agencies(catalogue)
    work = Gathered(catalogue)
    for done in views.done(office.db, replace(asked, units=asked.units or sorted(catalogue.units))):
        work.take(done)
    return Report(
        period=period, total=Figures.of(counted), in_flight=views.in_flight(office.db, asked, now),
        shared=_told(office, asked, sorted(asked.units or catalogue.units)),
        agencies=[OfAgency(agency=key, name=agencies[key], figures=Figures.of(rows))
                  for key, rows in _grouped(counted, lambda row: row.agency).items()],
        procedures=[OfProcedure(procedure=key, name=names[key], figures=Figures.of(rows))
                    for key, rows in _grouped(counted, lambda row: row.procedure).items()],
        units=work.of_units(), steps=work.of_steps(names), people=work.of_people())


def _told(office: Office, asked: Asked, units: list[int]) -> Told | None:
    if not settings().npsp_url:
        return None
    found = portal.shared(office.db, units, asked.procedure, asked.since, asked.until)
    return Told(dossiers=found.dossiers, told=found.told, rate=rate(found.told, found.dossiers))


def dossiers(office: Office, actor: Actor, period: Period, verdict: str | None, page: int, now: datetime) -> JudgedPage:
    """The dossiers behind the figures, the latest end first. Raises NotFound, Invalid."""
    catalogue = office.fresh_catalogue()
    asked = _asked(office, catalogue, actor, period, now)
    if verdict is not None and verdict not in CLASSES:
        raise Invalid({"verdict": ("chọn một kết quả trong danh sách", "choose one of the list")})
    rows = views.listed(office.db, asked, verdict, (actor.id, day_of(now)), (PAGE + 1, PAGE * (page - 1)))
    names, agencies = _names(catalogue), _agencies(catalogue)
    return JudgedPage(period=period, verdict=verdict, page=page, more=len(rows) > PAGE,
                      rows=[_judged(row, names[row.procedure], agencies[row.agency]) for row in rows[:PAGE]])


def _judged(row: Listed, procedure: Text, agency: Text) -> Judged:
    return Judged(
        code=row.code, procedure_name=procedure, agency_name=agency, ended_at=row.ended_at, end=ENDS[row.end_kind],
        due_original=row.due_original, due_judged=None if row.due_judged == row.due_original else row.due_judged,
        due_new=row.due_new if row.extended else None, national=Verdict(row.national), local=Verdict(row.local),
        grounds=[GROUNDS[Ground(ground)] for ground in row.grounds],
        late_original=row.late_original, late_new=row.late_new, worked=row.worked, allowed=row.allowed,
        limit=_limit(row), visible=row.visible)


def _limit(row: Listed) -> Text | None:
    written = Limit.parse(row.time_limit) if row.time_limit else None
    return Text(vi=written.vi, en=written.en) if written else None


def _asked(office: Office, catalogue: Catalogue, actor: Actor, period: Period, now: datetime) -> Asked:
    units = _allowed(office, catalogue, actor, now)
    faults: dict[str, tuple[str, str]] = {}
    if period.until < period.since:
        faults["until"] = ("ngày cuối phải từ ngày đầu trở đi", "the last day must not be before the first")
    elif period.until - period.since > LONGEST:
        faults["until"] = ("chọn khoảng thời gian không quá một năm", "choose a period of at most a year")
    if period.agency is not None:
        units = [unit for unit in (catalogue.units if units is None else units)
                 if catalogue.units[unit].agency == period.agency]
        if not units:
            faults["agency"] = ("chọn một cơ quan trong danh sách", "choose an agency of the list")
    if period.procedure is not None and period.procedure not in _names(catalogue):
        faults["procedure"] = ("chọn một thủ tục trong danh sách", "choose a procedure of the list")
    if faults:
        raise Invalid(faults)
    return Asked(since=_begin(period.since), until=_begin(period.until + timedelta(days=1)),
                 procedure=period.procedure, units=units)


def _allowed(office: Office, catalogue: Catalogue, actor: Actor, now: datetime) -> list[int] | None:
    """The units a reader may see the work of; None for all."""
    posts = views.posts(office.db, actor.id, list(READERS), day_of(now))
    if not posts:
        raise NotFound(what="báo cáo thời hạn giải quyết", what_en="report on time limits")
    if any(post.role in EVERYWHERE for post in posts):
        return None
    own = {post.unit_id for post in posts}
    managed = {catalogue.units[post.unit_id].agency for post in posts if post.role == Role.MANAGER}
    return sorted(unit.id for unit in catalogue.units.values() if unit.id in own or unit.agency in managed)


def _grouped(rows: Iterable[Counted], key: Callable[[Counted], str]) -> dict[str, list[Counted]]:
    found: dict[str, list[Counted]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return dict(sorted(found.items()))


def _names(catalogue: Catalogue) -> Mapping[str, Text]:
    """Every procedure by its newest name."""
    return {row.procedure: catalogue.listings[row.sha256].name for row in reversed(catalogue.versions)}


def _agencies(catalogue: Catalogue) -> dict[str, Text]:
    return {unit.agency: Text(vi=unit.agency_vi, en=unit.agency_en)
            for unit in sorted(catalogue.units.values(), key=lambda unit: unit.agency)}


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)
