"""Scenario 7: three land procedures in one submission, one certificate, one part refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.bundles import citizen
from engine.bundles.reception import receive
from engine.casework.assets import AssetHeld
from engine.clocks.zone import ZONE
from engine.errors import MissingDocument, Refused
from tests.bundles.folder import Folder, open_folder, submission
from tests.casework.walking import Walk
from tests.journey import Journey


def held(folder: Folder) -> list[str]:
    """The parts that hold the certificate now."""
    rows = folder["correct"].rows("select dossier_id from asset_claim where held_at is not null")
    return [key for key, walk in folder.walks.items() if walk.id in {row["dossier_id"] for row in rows}]


def writing(journey: Journey, part: Walk) -> Walk:
    return part.go_to("writing")


def test_documents_are_asked_once_and_each_agency_gets_its_own(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")

    taken = {key: {row["component"]: row["form"] for row in walk.of("document")} for key, walk in folder.walks.items()}

    assert taken["change_info"] == {"application": "original", "certificate": "original", "identity": "copy",
                                    "proof_of_change": "copy"}
    # the one paper travels with the first part, the others see its scan
    assert taken["confirm"] == {"application": "electronic", "certificate": "electronic", "identity": "electronic"}
    facts = {key: set(walk.dossier["facts"]) for key, walk in folder.walks.items()}
    assert "land_area" in facts["confirm"]
    assert "land_area" not in facts["correct"] | facts["change_info"]


def test_there_is_one_due_date_that_of_the_longest_path(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")

    due = {key: datetime.fromisoformat(folder.part(key)["expected_due_at"]).astimezone(ZONE).date().isoformat()
           for key in folder.walks}

    # received on Monday 23 November; the 24th is a holiday: 4 and 10 working days, then 7 more
    assert due == {"change_info": "2026-11-30", "correct": "2026-12-08", "confirm": "2026-12-17"}
    assert folder.row["due_at"] == folder.part("confirm")["expected_due_at"]
    assert folder.reply.due_at is not None
    assert datetime.fromisoformat(folder.reply.due_at) == datetime.fromisoformat(folder.row["due_at"])


def test_a_missing_paper_is_named_for_every_part_that_needs_it(journey: Journey) -> None:
    told = submission(journey, "land_certificate", papers=())

    with pytest.raises(MissingDocument) as refused:
        receive(journey.office, told, journey.now)

    assert refused.value.message().count("Bản gốc Giấy chứng nhận đã cấp") == 3


def test_the_certificate_is_held_by_one_part_at_a_time(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    first, second = writing(journey, folder["change_info"]), writing(journey, folder["correct"])
    assert held(folder) == ["change_info"]

    with pytest.raises(AssetHeld) as refused:
        second.step("write_certificate", "writing")
    assert first.code in refused.value.message()

    first.step("write_certificate", "writing")
    assert held(folder) == []
    second.step("write_certificate", "writing")
    assert held(folder) == []
    assert second.states == {"signing"}


def test_a_part_that_writes_holds_the_certificate_before_another_arrives(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    writing(journey, folder["correct"])
    assert held(folder) == ["correct"]
    walk = folder["correct"]
    walk.step("send_back", "writing")
    assert held(folder) == []


def test_whichever_way_the_first_two_are_decided_the_third_begins(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")

    folder["change_info"].go_to("returning")
    assert folder.states()["confirm"] == "awaiting_parts"
    folder.reject("correct")

    assert folder.states()["confirm"] == "examining"
    assert folder.part("confirm")["released_at"] is not None
    assert folder.part("correct")["outcome"] == "rejected"


def test_results_are_returned_together_unless_the_citizen_asks(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    folder["change_info"].go_to("returning")
    folder["change_info"].carry()

    with pytest.raises(Refused) as refused:
        folder["change_info"].step("return_at_counter", "returning")
    assert "Đính chính" in refused.value.message()

    citizen.agree_partial(folder.office, folder.code, folder.receptionist, "agreed-1", folder.now)
    assert folder.row["partial_at"] is not None
    folder["change_info"].step("return_at_counter", "returning")
    assert folder.states()["change_info"] == "returned"


def test_the_whole_bundle_ends_with_its_last_part(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    folder["change_info"].go_to("returning")
    folder.reject("correct")
    folder["confirm"].go_to("returning")
    for walk in folder.walks.values():
        assert folder.row["closed_at"] is None
        walk.step("return_at_counter", "returning")

    assert folder.row["closed_at"] is not None
    assert set(folder.states().values()) == {"returned"}
