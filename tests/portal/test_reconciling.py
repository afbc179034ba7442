"""Both sides compared every day, with numbers; what differs is told again, what goes on differing is for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest

from engine.clocks.zone import ZONE
from engine.judging.report import Period, Told, report
from engine.office import Office
from engine.portal import desk
from engine.portal.drain import drain
from engine.portal.line import NationalPortal
from engine.portal.reconciling import begin, day_before, reconcile, unknown_procedures
from engine.settings import settings
from storage import portal, portal_days
from tests.casework.conftest import Start
from tests.conftest import Fresh
from tests.journey import MONDAY, Cast
from tests.portal.standin import StandIn

DAY = MONDAY.astimezone(ZONE).date()
NIGHT = datetime(2026, 11, 24, 1, 40, tzinfo=ZONE)
COMMUNE = "H51.21/mot-cua:manager"


def test_a_day_in_numbers(start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast) -> None:
    equal, differing, lost = start("test_copies"), start("test_copies"), start("test_copies")
    drain(office, line, MONDAY + timedelta(hours=1))
    npsp.dossiers[differing.code] |= {"TrangThaiHoSo": "9", "ChuHoSo": "Người khác"}
    stranger = {**npsp.dossiers.pop(lost.code), "MaHoSo": "H51.21-261123-9999"}
    npsp.dossiers["H51.21-261123-9999"] = stranger

    told = reconcile(office, line, day_before(NIGHT), NIGHT)

    assert told.day == DAY
    assert (told.sent, told.compared, told.equal, told.different) == (6, 3, 1, 1)
    assert (told.missing_there, told.missing_here, told.waiting) == (1, 1, 0)
    assert [(one.code, one.what, one.fields, one.remedy) for one in portal_days.differing(office.db, DAY)] == [
        (differing.code, "different", ["ChuHoSo", "TrangThaiHoSo"], "again"),
        ("H51.21-261123-9999", "missing_here", [], "noted"),
        (lost.code, "missing_there", [], "again")]
    assert desk.board(office, cast[COMMUNE], NIGHT).share == 33.33

    drain(office, line, NIGHT)
    assert npsp.dossiers[differing.code]["ChuHoSo"] == "Nguyễn Thị Bích Ngọc"
    assert equal.rows("select no from portal_item where dossier_id = %s and reconciled", equal.id) == []


def test_what_still_differs_after_it_was_told_again_is_for_a_person(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast) -> None:
    walk = start("test_copies")
    drain(office, line, MONDAY + timedelta(hours=1))
    npsp.dossiers[walk.code] |= {"TrangThaiHoSo": "9"}
    reconcile(office, line, DAY, NIGHT)
    drain(office, line, NIGHT)
    npsp.dossiers[walk.code] |= {"TrangThaiHoSo": "9"}

    told = reconcile(office, line, NIGHT.date(), NIGHT + timedelta(days=1))

    assert told.different == 1
    [held] = desk.board(office, cast[COMMUNE], NIGHT + timedelta(days=1)).held
    assert held.wrong[0].why.vi == "sau khi gửi lại, số liệu trên Cổng vẫn khác: Trạng thái hồ sơ"
    assert drain(office, line, NIGHT + timedelta(days=1)).sent == 0


def test_what_cannot_be_compared_is_for_a_person_and_stops_no_other_dossier(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast, fresh: Fresh) -> None:
    broken, _ = start("test_copies"), start("test_copies")
    drain(office, line, MONDAY + timedelta(hours=1))
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update document set form = 'parchment' where dossier_id = %s", (broken.id,))

    told = reconcile(office, line, DAY, NIGHT)

    assert (told.compared, told.equal, told.different) == (2, 1, 1)
    assert [(one.code, one.remedy) for one in portal_days.differing(office.db, DAY)] == [(broken.code, "exception")]
    [held] = desk.board(office, cast[COMMUNE], NIGHT).held
    assert (held.code, held.wrong[0].field) == (broken.code, "")


def test_the_portal_may_write_the_agency_its_own_way(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    """Scenario 19: the reversed order and an older name are the same agency."""
    walk = start("test_copies")
    drain(office, line, MONDAY + timedelta(hours=1))
    row = npsp.dossiers.pop(walk.code)
    agency, _, rest = walk.code.partition("-")
    npsp.dossiers["old"] = row | {"MaHoSo": f"{'.'.join(reversed(agency.split('.')))}-{rest}"}

    told = reconcile(office, line, DAY, NIGHT)

    assert (told.compared, told.equal, told.missing_here) == (1, 1, 0)


def test_what_waits_is_not_compared_and_mirrors_are_not_missing_here(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, fresh: Fresh) -> None:
    walk, mirror = start("test_copies"), start("test_copies")
    drain(office, line, MONDAY + timedelta(hours=1))
    walk.step("request_payment")
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("delete from portal_item where dossier_id = %s", (mirror.id,))
        connection.execute("update dossier set mirror = 'shadow' where id = %s", (mirror.id,))

    told = reconcile(office, line, DAY, NIGHT)

    assert (told.compared, told.waiting, told.missing_here) == (0, 1, 0)
    assert begin(office, NIGHT) == 0


def test_dossiers_of_before_the_line_was_set_up_are_told_once(
        start: Start, npsp: StandIn, office: Office, line: NationalPortal) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.delenv("NPSP_URL")
        settings.cache_clear()
        early, later = start("test_copies").go_to("returning"), start("test_copies")
        assert office.db.value("select count(*) from portal_item") == 0
    settings.cache_clear()
    later.step("request_payment")

    assert begin(office, later.now) == 1
    assert begin(office, later.now) == 0
    drain(office, line, later.now + timedelta(minutes=1))

    assert npsp.statuses(early.code) == ["9"]
    assert npsp.statuses(later.code) == ["6"]
    assert npsp.taken[0][1:3] == (1, "DongBoHoSoMC")
    assert portal.standing(office.db).queued == 0


def test_due_dates_that_a_calendar_moved_are_told_the_night_after(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, fresh: Fresh) -> None:
    walk, other = start("test_copies"), start("test_copies")
    drain(office, line, walk.now)
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update dossier set due_at = due_at + interval '1 day' where id = %s", (walk.id,))

    reconcile(office, line, NIGHT.date(), NIGHT)

    assert drain(office, line, NIGHT).sent == 1
    assert npsp.dossiers[walk.code]["NgayHenTra"] == "20261127080000"
    assert npsp.dossiers[other.code]["NgayHenTra"] == "20261126080000"


def test_the_report_says_how_many_dossiers_the_portal_knows(
        start: Start, line: NationalPortal, office: Office, cast: Cast, fresh: Fresh) -> None:
    """Decision 766, indicator 1.4: shadows are nobody's here, what waits is not told."""
    walk, waiting, mirror = start("test_copies"), start("test_copies"), start("test_copies")
    drain(office, line, walk.now)
    waiting.step("request_payment")
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update dossier set mirror = 'shadow' where id = %s", (mirror.id,))

    found = report(office, cast[COMMUNE], Period(since=DAY, until=DAY), walk.now).shared

    assert found == Told(dossiers=2, told=1, rate=50.0)
    assert report(office, cast[COMMUNE], Period(since=DAY, until=DAY, procedure="funeral_allowance"),
                  walk.now).shared == Told(dossiers=0, told=0, rate=None)


def test_procedures_the_portal_does_not_know_are_named(line: NationalPortal, npsp: StandIn, office: Office) -> None:
    ours = unknown_procedures(office, line, DAY)
    assert ("1.001193", "Đăng ký khai sinh") in ours
    npsp.catalogue = [{"MaTTHC": code} for code, _ in ours if code != "1.001193"]

    assert unknown_procedures(office, line, DAY) == [("1.001193", "Đăng ký khai sinh")]
