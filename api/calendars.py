"""`lienthong calendar check` and the calendar of an agency for `lienthong due`, from the database."""

from __future__ import annotations

from datetime import datetime

from engine import opening
from engine.calendaring.confirming import missing_year
from engine.clocks.calendar import Calendar
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.settings import Settings
from engine.workcalendars import SHARED


def of_agency(settings: Settings, agency: str) -> Calendar:
    """Raises NotFound."""
    with opening.office(settings) as office:
        catalogue = office.catalogue()
        if agency not in catalogue.parents:
            raise NotFound(what=f"cơ quan {agency}", what_en=f"agency {agency}")
        return catalogue.calendar(agency)


def check(settings: Settings, now: datetime) -> tuple[bool, str]:
    """Whether a notice is overdue, and the line that says so; or how things stand."""
    today = now.astimezone(ZONE).date()
    with opening.office(settings) as office:
        calendar = office.catalogue().calendar(SHARED)
    missing = missing_year(calendar, today)
    if missing is not None:
        return True, (f"Lịch nghỉ lễ, tết năm {missing} chưa được xác nhận; thời hạn rơi vào năm đó là tạm tính. / "
                      f"The holidays of {missing} are not confirmed; due dates in it are provisional.")
    following = today.year + 1
    if calendar.announced(following):
        return False, f"Lịch năm {following} đã xác nhận. / {following} is confirmed."
    return False, (f"Lịch năm {following} chưa xác nhận; cảnh báo từ 01/12/{today.year}. / "
                   f"{following} is not confirmed; a warning from 1 December {today.year} on.")
