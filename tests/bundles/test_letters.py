"""Requests for additions of several agencies become one letter and one stop of every clock."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.bundles import advance
from engine.errors import NotPossibleHere, Refused
from tests.bundles.folder import Folder, open_folder
from tests.casework.walking import Walk
from tests.journey import Journey


def examine(folder: Folder, *parts: str) -> None:
    """The land office has the dossiers, and the papers, on its table."""
    for part in parts:
        folder[part].go_to("examining")
        folder[part].carry()


def request(walk: Walk, *documents: str) -> None:
    walk.step("request_supplement", "examining", documents=documents, reason="Bản chụp mờ")


def stops(walk: Walk) -> list[str]:
    return [mark["at"] for row in walk.clocks("dossier") for mark in row["marks"] if mark["kind"] == "stop"]


@pytest.fixture
def folder(journey: Journey) -> Folder:
    found = open_folder(journey, "land_certificate")
    examine(found, "change_info", "correct")
    return found


def test_one_request_stops_nothing_while_others_may_still_ask(folder: Folder) -> None:
    request(folder["change_info"], "identity")

    assert folder["change_info"].states == {"examining"}
    assert folder.row["gather_until"] is not None
    assert folder.row["letters"] == []
    assert folder["change_info"].dossier["supplements"] == 0


def test_when_every_part_has_spoken_the_citizen_is_asked_once(folder: Folder) -> None:
    request(folder["change_info"], "identity", "proof_of_change")
    request(folder["correct"], "identity")

    (letter,) = folder.row["letters"]
    assert {row["kind"]: row["parts"] for row in letter["papers"]} == {
        "identity_paper": ["change_info", "correct"], "proof_of_change": ["change_info"]}
    for part in ("change_info", "correct"):
        assert folder[part].states == {"awaiting_supplement"}
        assert folder[part].dossier["supplements"] == 1
    assert stops(folder["change_info"]) == stops(folder["correct"]) == [letter["at"]]
    assert folder.row["gather_until"] is None


def test_the_window_ends_without_the_others(folder: Folder) -> None:
    request(folder["change_info"], "identity")
    assert advance.sweep(folder.office, folder.now + timedelta(hours=1)) == 0

    # four working hours from a Monday morning pass over lunch
    assert advance.sweep(folder.office, folder.now + timedelta(hours=8)) == 1

    assert folder["change_info"].states == {"awaiting_supplement"}
    assert folder["correct"].states == {"examining"}
    assert len(folder.row["letters"]) == 1
    assert advance.sweep(folder.office, folder.now + timedelta(hours=9)) == 0


def test_the_supplement_is_taken_once_and_every_part_goes_on(folder: Folder) -> None:
    request(folder["change_info"], "identity")
    request(folder["correct"], "identity")

    with pytest.raises(Refused) as refused:
        folder["correct"].step("supplement", "awaiting_supplement")
    assert folder.code in refused.value.message()
    first = folder.supplement("brought-1")

    assert len(first) == 2
    assert folder.supplement("brought-1") == first, "a reply that was lost on the way is given again"
    assert folder["change_info"].states == folder["correct"].states == {"examining"}
    (letter,) = folder.row["letters"]
    assert letter["answered_by"] == folder.receptionist.id
    with pytest.raises(NotPossibleHere):
        folder.supplement()


def test_a_second_letter_needs_leave_for_the_part_that_asks_again(folder: Folder) -> None:
    for part in ("change_info", "correct"):
        request(folder[part], "identity")
    folder.supplement()
    walk = folder["change_info"].go_to("examining")
    with pytest.raises(Refused) as refusal:
        request(walk, "identity")
    assert refusal.value.data["rule"] == "R4"

    lead = walk.items["examining"]["unit_id"]
    head = next(member for member in walk.cast.members if member.unit_id in (lead, walk.dossier["intake_unit_id"])
                and member.role in ("head", "manager"))
    walk.do("approve_supplement", walk.cast[f"{head.unit}:{head.role}"], reason="Phát sinh tình tiết mới")
    request(walk, "identity")
    assert walk.states == {"examining"}  # gathered with what others may ask
    assert advance.sweep(folder.office, folder.now + timedelta(days=1)) == 1

    assert walk.states == {"awaiting_supplement"}
    assert walk.dossier["supplements"] == 2
    assert [row["used_seq"] is not None for row in walk.of("supplement_leave")] == [True]
