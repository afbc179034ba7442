"""Codes: AGENCY-YYMMDD-XXXX, one series an agency and day, safe with many writers, wider past 9,999."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from storage import dossiers
from tests.casework.conftest import Start
from tests.casework.racing import together
from tests.conftest import Fresh
from tests.journey import Journey


def test_a_code_names_agency_day_and_number(start: Start) -> None:
    assert start().code == "H51.02-261123-0001"
    assert start().code == "H51.02-261123-0002"
    assert start("funeral_allowance").code == "H51.21-261123-0001"
    assert start("funeral_allowance", desk="H51.22/mot-cua").code == "H51.22-261123-0001"


def test_every_day_begins_anew_and_the_day_is_vietnams(start: Start, journey: Journey) -> None:
    start()
    journey.now = journey.now.replace(hour=17, minute=30)  # 00:30 of the next day in Vietnam

    assert start().code == "H51.02-261124-0001"
    journey.now += timedelta(days=1)
    assert start().code == "H51.02-261125-0001"


def test_the_number_grows_wider_past_9999(start: Start, fresh: Fresh) -> None:
    start()
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("update number_series set last = 9998")

    assert [start().code[-6:] for _ in range(3)] == ["3-9999", "-10000", "-10001"]


def test_eight_writers_get_eight_hundred_numbers_without_gap_or_repetition(journey: Journey) -> None:
    def writer() -> list[tuple[int, str]]:
        return [dossiers.take_code(journey.office.db, "H51.02", "261123") for _ in range(100)]

    taken = [pair for share in together(*[writer] * 8) for pair in share]

    assert sorted(code for _, code in taken) == [f"H51.02-261123-{number:04}" for number in range(1, 801)]
    assert len({number for number, _ in taken}) == 800


def test_a_number_is_never_given_twice_even_when_its_dossier_was_never_written(start: Start, journey: Journey) -> None:
    dossiers.take_code(journey.office.db, "H51.02", "261123")

    assert start().code == "H51.02-261123-0002"
