"""What the citizen may expect of a bundle follows its parts, also of those that have not begun."""

from __future__ import annotations

from datetime import UTC, date, datetime

from engine.bundles.advance import load
from engine.bundles.expectation import expected
from engine.recomputing import recompute
from tests.bundles.folder import Folder, open_folder
from tests.journey import Journey
from tests.recomputing.calendars import closed, notice_of_2027, publish


def as_expected(folder: Folder) -> bool:
    found = expected(load(folder.office, folder.code, folder.now))
    row = folder.row
    parts = {part["part"]: part["expected_due_at"] and datetime.fromisoformat(part["expected_due_at"])
             for part in row["parts"]}
    return (parts == found.parts and row["due_provisional"] == found.provisional
            and (row["due_at"] and datetime.fromisoformat(row["due_at"])) == found.due)


def test_a_closure_moves_what_is_expected_of_every_part(journey: Journey) -> None:
    folder = open_folder(journey, "death")
    before = {part["part"]: part["expected_due_at"] for part in folder.row["parts"]}
    due, first, held = folder.row["due_at"], folder.row["first_due_at"], folder.part("allowance")["due_at"]
    publish(folder.office, closed(date(2026, 11, 25), date(2026, 11, 26)))

    done = recompute(folder.office, folder.now)

    assert (done.bundles, held) == (1, None)
    assert folder.row["due_at"] > due
    assert folder.row["first_due_at"] == first
    assert all(part["expected_due_at"] > before[part["part"]] for part in folder.row["parts"])
    assert as_expected(folder)


def test_an_announced_year_confirms_the_whole(journey: Journey) -> None:
    journey.now = datetime(2026, 12, 28, 2, tzinfo=UTC)
    folder = open_folder(journey, "death")
    assert folder.row["due_provisional"]
    publish(folder.office, notice_of_2027())

    recompute(folder.office, folder.now)

    assert not folder.row["due_provisional"]
    assert as_expected(folder)
