"""Scenario 6: an electronic bundle whose parts start only on the civil-status result."""

from __future__ import annotations

from tests.bundles.folder import open_folder
from tests.journey import Journey

LATER = ("residence", "health_card", "identity_card")


def test_only_the_first_part_begins(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")

    assert folder.states() == {"registration": "examining", **dict.fromkeys(LATER, "awaiting_parts")}
    assert all(folder.part(key)["received_at"] is None for key in LATER)


def test_the_result_releases_what_waited_for_it_and_only_that(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")

    folder["registration"].go_to("returning")

    states = folder.states()
    assert "awaiting_parts" not in (states["residence"], states["health_card"])
    assert states["identity_card"] == "awaiting_parts"
    taken = {row["component"]: row for row in folder["residence"].of("document")}["birth_certificate"]
    made = next(row for row in folder["registration"].of("document") if row["component"] == "result")
    assert (taken["sha256"], taken["state"]) == (made["sha256"], made["state"])

    folder["residence"].go_to("returning")

    assert folder.states()["identity_card"] != "awaiting_parts"


def test_a_refused_registration_stops_all_with_one_notice(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")

    folder.reject("registration")

    assert {key: folder.states()[key] for key in LATER} == dict.fromkeys(LATER, "stopped")
    assert [letter["kind"] for letter in folder.row["letters"]] == ["stop"]
    assert folder.row["letters"][0]["parts"] == list(LATER) or set(folder.row["letters"][0]["parts"]) == set(LATER)
    notices = folder.office.db.value("select count(*) from notice where kind = 'bundle_stopped'")
    assert notices == 1
    assert {folder.part(key)["stopped_for"] for key in LATER} == {"registration"}
    assert folder.states()["registration"] == "returning"
