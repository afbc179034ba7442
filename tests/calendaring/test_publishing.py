"""Drafts of calendars and what becomes of them: one a scope, refused where somebody was first, then a version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from api import calendars as commands
from api.cli import app
from engine import timekeeper
from engine.calendaring import confirming, drafts, editing, publishing, scopes, years
from engine.calendaring.drafts import NoCalendarDraft, StaleCalendar
from engine.calendaring.entering import RowGiven
from engine.calendaring.publishing import CalendarMoved
from engine.calendaring.scopes import NotKeeper, Scope
from engine.casework.orders import Actor
from engine.clocks import ZONE, national
from engine.errors import Invalid, NotFound, Refused
from engine.office import Office
from engine.settings import Settings, settings
from procedures.calendars.declaration import CalendarDeclaration
from procedures.calendars.proposal import proposed
from storage import calendars as rows
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast

ADMINISTRATOR = "H51.01/kiem-soat-thu-tuc:administrator"
SHARED = ""
STORM = date(2026, 12, 1)
Keep = Callable[[str], Scope]


@pytest.fixture
def keeper(cast: Cast) -> Actor:
    return cast[ADMINISTRATOR]


@pytest.fixture
def scope(office: Office, keeper: Actor) -> Keep:
    return lambda code: scopes.find(office, keeper, code, MONDAY)


def closing(day: date = STORM, kind: str = "closure", sessions: str = "") -> RowGiven:
    return RowGiven(day=day, until=None, until_said=False, kind=kind, sessions=sessions, vi="Bão số 9", en="Storm 9",
                    basis="12/QĐ-UBND")


def closed(office: Office, keeper: Actor, scope: Scope, given: RowGiven | None = None) -> int:
    """Publishes one row more; the calendar number."""
    draft = drafts.begin(office, keeper, scope, MONDAY)
    edit = drafts.entering_row(given or closing(), keeper, MONDAY)
    draft = drafts.change(office, keeper, scope, draft.version, edit, MONDAY)
    return publishing.publish(office, keeper, scope, draft.version, ("12/QĐ-UBND", "Bão"), MONDAY)


def test_a_published_closure_counts_from_now_on_and_waits_to_be_recomputed(
        office: Office, keeper: Actor, scope: Keep) -> None:
    number = closed(office, keeper, scope(SHARED))
    catalogue = office.catalogue()
    assert catalogue.calendar_no == number == 2
    assert not catalogue.calendar("H51.21").is_working_day(STORM)
    assert catalogue.calendar_at("H51.21", 1).is_working_day(STORM)
    job = publishing.recompute(office, keeper, number, MONDAY)
    assert job.from_at == datetime(2026, 12, 1, 7, tzinfo=ZONE)
    assert (job.finished_at, job.reason) == (None, "12/QĐ-UBND: Bão")
    [told, first] = publishing.history(office, keeper, scope(SHARED), MONDAY)
    assert [one.vi for one in told.changes] == ["Thêm 01/12/2026 Đóng cửa theo quyết định: Bão số 9 (12/QĐ-UBND)"]
    assert (told.version.entered_name, first.version.entered_name, first.first) == (keeper.name, None, True)
    assert drafts.find(office, keeper, scope(SHARED), MONDAY) is None


def test_days_that_are_over_are_changed_by_whoever_says_so(office: Office, keeper: Actor, scope: Keep) -> None:
    shared = scope(SHARED)
    draft = drafts.begin(office, keeper, shared, MONDAY)
    past = drafts.entering_row(closing((MONDAY - timedelta(days=3)).date()), keeper, MONDAY)
    draft = drafts.change(office, keeper, shared, draft.version, past, MONDAY)
    because = ("12/QĐ-UBND", "")
    with pytest.raises(Invalid) as error:
        publishing.publish(office, keeper, shared, draft.version, because, MONDAY)
    assert set(error.value.fields) == {"past"}
    assert publishing.publish(office, keeper, shared, draft.version, because, MONDAY, past=True) == 2


def test_only_administrators_change_and_readers_look(office: Office, cast: Cast, scope: Keep) -> None:
    manager, desk = cast["H51.02/tiep-nhan:manager"], cast["H51.02/tiep-nhan:receptionist"]
    assert scopes.standings(office, manager, MONDAY)
    with pytest.raises(NotKeeper):
        drafts.begin(office, manager, scope(SHARED), MONDAY)
    for look in (scopes.standings, publishing.recomputes):
        with pytest.raises(NotFound):
            look(office, desk, MONDAY)


def test_the_database_refuses_a_publication_by_anybody_else(office: Office, cast: Cast, keeper: Actor, scope: Keep
                                                            ) -> None:
    draft = drafts.begin(office, keeper, scope(SHARED), MONDAY)
    told = rows.Publication(scope=SHARED, seen=draft.version, content=draft.row.content, base_id=1, reason="x",
                            person=cast["H51.02/tiep-nhan:manager"].id, from_at=MONDAY, at=MONDAY)
    with pytest.raises(psycopg.Error) as error:
        rows.publish(office.db, told)
    assert error.value.sqlstate == "LT403"
    assert office.fresh_catalogue().calendar_no == 1


def test_a_draft_is_one_a_scope_and_the_second_hand_is_told(office: Office, keeper: Actor, scope: Keep) -> None:
    shared = scope(SHARED)
    begun = drafts.begin(office, keeper, shared, MONDAY)
    changed = drafts.change(office, keeper, shared, 1, drafts.entering_row(closing(), keeper, MONDAY), MONDAY)
    assert drafts.begin(office, keeper, shared, MONDAY).changes == changed.changes != begun.changes
    other = drafts.entering_row(closing(STORM + timedelta(days=1)), keeper, MONDAY)
    with pytest.raises(StaleCalendar):
        drafts.change(office, keeper, shared, 1, other, MONDAY)
    with pytest.raises(StaleCalendar):
        publishing.publish(office, keeper, shared, 1, ("12/QĐ-UBND", ""), MONDAY)
    with pytest.raises(StaleCalendar):
        drafts.discard(office, keeper, shared, 1, MONDAY)
    drafts.discard(office, keeper, shared, 2, MONDAY)
    with pytest.raises(NoCalendarDraft):
        drafts.change(office, keeper, shared, 2, other, MONDAY)


def test_what_was_not_looked_at_is_not_published(office: Office, keeper: Actor, scope: Keep) -> None:
    """Between the look and the confirmation: the draft changed, or the calendar did."""
    shared = scope(SHARED)
    draft = drafts.begin(office, keeper, shared, MONDAY)
    told = rows.Publication(scope=SHARED, seen=draft.version + 1, content=draft.row.content, base_id=1, reason="x",
                            person=keeper.id, from_at=MONDAY, at=MONDAY)
    with pytest.raises(CalendarMoved):
        rows.publish(office.db, told)
    with pytest.raises(Refused):
        publishing.publish(office, keeper, shared, draft.version, ("12/QĐ-UBND", ""), MONDAY)
    with pytest.raises(Invalid) as error:
        publishing.publish(office, keeper, shared, draft.version, ("", "x" * 301), MONDAY)
    assert set(error.value.fields) == {"decision", "reason"}
    for word in ("Bão số", "1/Q", "gấp"):
        with pytest.raises(Invalid) as error:
            publishing.publish(office, keeper, shared, draft.version, (word, ""), MONDAY)
        assert set(error.value.fields) == {"decision"}


def test_a_draft_begun_before_the_newest_version_cannot_be_published(
        office: Office, fresh: Fresh, keeper: Actor, scope: Keep) -> None:
    shared = scope(SHARED)
    draft = drafts.begin(office, keeper, shared, MONDAY)
    draft = drafts.change(office, keeper, shared, draft.version, drafts.entering_row(closing(), keeper, MONDAY), MONDAY)
    with psycopg.connect(fresh.owner_url, autocommit=True) as connection:
        connection.execute("insert into calendar_version (scope, number, content, sha256, reason, entered_at) select "
                           "scope, 2, content, sha256, 'meanwhile', entered_at from calendar_version where id = 1")
    assert drafts.opened(office, keeper, shared, MONDAY).outdated
    with pytest.raises(CalendarMoved):
        publishing.publish(office, keeper, shared, draft.version, ("12/QĐ-UBND", ""), MONDAY)


def test_the_nearest_row_wins_and_the_year_says_where_each_comes_from(office: Office, keeper: Actor, scope: Keep
                                                                      ) -> None:
    """The half day of the People's Committee's Office reaches its wards; a ward opens on the day it is closed above."""
    closed(office, keeper, scope("H51.01"), closing(date(2026, 12, 4), "half_day", "07:00-11:30"))
    closed(office, keeper, scope("H51.01"))
    closed(office, keeper, scope("H51.21"), closing(STORM, "worked"))
    closed(office, keeper, scope("H51.21"), closing(date(2026, 12, 7)))
    shown = {code: years.year_of(scopes.layers(office, scope(code)), 2026) for code in ("H51.21", "H51.22", "H51.05")}
    ward = {row.first: row for row in shown["H51.21"].rows}
    assert (ward[STORM].inherited, ward[date(2026, 12, 4)].inherited) == (False, True)
    instead = ward[STORM].instead
    assert instead is not None
    assert (instead[0].code, instead[1].kind.value) == ("H51.01", "closure")
    own = {code for code, year in shown.items() for row in year.rows if row.first == date(2026, 12, 7)}
    assert own == {"H51.21"}
    assert {code: year.working_days for code, year in shown.items()} == {"H51.21": 248, "H51.22": 248, "H51.05": 249}
    standing = {one.scope.code: one for one in scopes.standings(office, keeper, MONDAY)}
    assert [one.code for one in standing["H51.21"].inherits] == ["H51.01", ""]
    assert (standing["H51.21"].own_days, standing["H51.22"].own_days, standing["H51.01"].heirs) == (2, 0, 14)


@pytest.mark.parametrize("year", range(2021, 2030))
def test_every_day_of_a_year_is_shown_as_it_counts(office: Office, keeper: Actor, scope: Keep, year: int) -> None:
    shown = years.year_of(scopes.layers(office, scope(SHARED)), year)
    cells = [cell for month in shown.months for week in month.weeks for cell in week if cell]
    assert len(cells) == date(year, 12, 31).timetuple().tm_yday
    for cell in cells:
        assert national().is_working_day(cell.day) == (cell.look in ("work", "half", "worked"))
        assert bool(cell.anchor) == bool(cell.sign)
        assert cell.look == "work" or cell.words


def test_a_year_nobody_confirmed_is_told_from_december_on(office: Office, fresh: Fresh, keeper: Actor, scope: Keep
                                                          ) -> None:
    eve, december = (datetime(2026, 12, 1, tzinfo=ZONE) - timedelta(minutes=1), datetime(2026, 12, 1, tzinfo=ZONE))
    told = Settings(database_url=fresh.app_url)  # type: ignore[arg-type]
    assert confirming.unconfirmed(office, eve) is None
    assert confirming.unconfirmed(office, december) == 2027
    assert confirming.unconfirmed(office, december + timedelta(days=40)) == 2027
    assert [commands.check(told, at)[0] for at in (eve, december)] == [False, True]
    shared = scope(SHARED)
    drafts.begin(office, keeper, shared, MONDAY)

    def confirm(content: CalendarDeclaration) -> CalendarDeclaration:
        return editing.set_year(editing.take_proposal(content, proposed(2027, content)), 2027, True, ["9999/TB-BNV"])

    draft = drafts.change(office, keeper, shared, 1, lambda content: confirm(drafts.shared_of(content)), MONDAY)
    number = publishing.publish(office, keeper, shared, draft.version, ("9999/TB-BNV", ""), MONDAY)
    assert publishing.recompute(office, keeper, number, MONDAY).from_at == datetime(2027, 1, 1, tzinfo=ZONE)
    assert confirming.unconfirmed(office, december) is None
    assert commands.check(told, december)[0] is False


def test_the_commands_read_the_database_and_exit_as_monitors_want(
        office: Office, fresh: Fresh, keeper: Actor, scope: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
        ) -> None:
    closed(office, keeper, scope("H51.21"))
    monkeypatch.setenv("DATABASE_URL", fresh.app_url)
    clock = tmp_path / "clock.json"
    monkeypatch.setattr(timekeeper, "_path", str(clock))
    settings.cache_clear()
    try:
        for month, code in ((11, 0), (12, 1)):
            timekeeper.set_shown(clock, datetime(2026, month, 30, 9, tzinfo=ZONE), 1.0)
            assert CliRunner().invoke(app, ["calendar", "check"]).exit_code == code
        asked = ["due", "2026-11-30 09:00", "1 working day", "--mode", "DAY", "--language", "en", "--agency"]
        ward, other, nobody = (CliRunner().invoke(app, [*asked, code]) for code in ("H51.21", "H51.22", "H51.99"))
    finally:
        settings.cache_clear()
    assert "Due: 17:00 Wednesday 02/12/2026" in ward.output
    assert "Storm 9" in ward.output
    assert "Due: 17:00 Tuesday 01/12/2026" in other.output
    assert nobody.exit_code == 1


def test_a_due_date_by_the_calendar_of_an_agency(office: Office, fresh: Fresh, keeper: Actor, scope: Keep) -> None:
    closed(office, keeper, scope("H51.21"))
    told = Settings(database_url=fresh.app_url)  # type: ignore[arg-type]
    assert [commands.of_agency(told, code).is_working_day(STORM) for code in ("H51.21", "H51.22")] == [False, True]
    with pytest.raises(NotFound):
        commands.of_agency(told, "H51.99")
