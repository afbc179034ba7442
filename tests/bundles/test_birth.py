"""Scenario 6: an electronic bundle whose parts start only on the civil-status result."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine import documents
from engine.verification import verify
from tests import samples
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
    assert set(folder.row["letters"][0]["parts"]) == set(LATER)
    notices = folder.office.db.value("select count(*) from notice where kind = 'bundle_stopped'")
    assert notices == 1
    assert {folder.part(key)["stopped_for"] for key in LATER} == {"registration"}
    assert folder.states()["registration"] == "returning"


def test_the_result_is_the_same_object_in_the_part_that_needs_it_and_everything_verifies(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")
    walk = folder["registration"].go_to("drafting")
    told = documents.Upload(code=walk.code, component="result", name="khai-sinh.pdf", declared_type="application/pdf",
                            actor=walk.holder("drafting"), key="birth-certificate-1")
    content = samples.small_pdf(mark="khai sinh")
    documents.attach(folder.office, told, [content], folder.now)
    walk.go_to("returning")

    taken = next(row for row in folder["residence"].of("document") if row["component"] == "birth_certificate")
    folder["residence"].journey.register_all(folder["residence"].code)
    reader = folder["residence"].holder(next(iter(folder["residence"].items)))
    found, file = documents.read(folder.office, taken["id"], reader, folder.now)
    with file:
        assert file.read() == content
    assert found.state == "stored"
    assert verify(folder.office).faults == []


def test_all_four_parts_run_to_their_end(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")
    for part in ("registration", "residence", "health_card", "identity_card"):
        folder[part].go_to("returning")
    assert folder.row["closed_at"] is None
    for walk in folder.walks.values():
        walk.step("return_at_counter", "returning")

    assert set(folder.states().values()) == {"returned"}
    assert folder.row["closed_at"] is not None
    assert {row["part"]: row["outcome"] for row in folder.row["parts"]} == dict.fromkeys(folder.walks, "approved")


def test_a_part_that_goes_on_alone_does_not_take_the_others_with_it(journey: Journey) -> None:
    """The card waits for nothing but the registration; the identity card needs the residence too."""
    folder = open_folder(journey, "birth", channel="online")
    folder["registration"].go_to("returning")
    folder.reject("residence")

    assert folder.states()["identity_card"] == "stopped"
    assert folder.part("identity_card")["stopped_for"] == "residence"
    assert folder.states()["health_card"] not in ("stopped", "awaiting_parts")
    assert folder.row["letters"] == []


def test_the_allowance_takes_the_extract_of_the_death_registration(journey: Journey) -> None:
    folder = open_folder(journey, "death")
    assert folder.states()["allowance"] == "awaiting_parts"

    folder["registration"].go_to("returning")

    assert "awaiting_parts" not in folder.states().values()
    made = next(row["sha256"] for row in folder["registration"].of("document") if row["component"] == "result")
    assert made in {row["sha256"] for row in folder["allowance"].of("document")}
    assert made in {row["sha256"] for row in folder["residence"].of("document")}


def test_dates_are_counted_again_from_when_a_part_may_really_begin(journey: Journey) -> None:
    folder = open_folder(journey, "death")
    first = folder.row["due_at"]
    journey.now += timedelta(days=14)

    folder["registration"].go_to("returning")

    assert folder.row["first_due_at"] == first
    assert datetime.fromisoformat(folder.row["due_at"]) > datetime.fromisoformat(first)
    for part in ("residence", "allowance"):
        assert folder.part(part)["expected_due_at"] == folder.part(part)["due_at"]
