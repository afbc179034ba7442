"""A scan is taken in once for all parts, and consulted units speak through the lead."""

from __future__ import annotations

from engine import delivery, desk
from tests.bundles.folder import Folder, open_folder
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey


def scans(folder: Folder, component: str) -> dict[str, list[str]]:
    return {key: [row["sha256"] for row in walk.of("document") if row["component"] == component and row["sha256"]]
            for key, walk in folder.walks.items()}


def test_a_scan_of_a_shared_paper_is_the_same_object_in_every_part(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")

    folder["change_info"].attach("certificate", folder.receptionist)
    delivery.drain(folder.office, folder.now)

    found = scans(folder, "certificate")
    assert len(found["change_info"]) == 1
    assert found["change_info"] == found["correct"] == found["confirm"]
    states = {row["component"]: row["state"] for row in folder["confirm"].of("document")}
    assert states["certificate"] == "pending"


def test_what_belongs_to_one_part_stays_with_it(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")

    folder["change_info"].attach("proof_of_change", folder.receptionist)
    folder["change_info"].attach("other", folder.receptionist)
    delivery.drain(folder.office, folder.now)

    assert [entry["action"] for entry in folder["correct"].entries if entry["action"] == "attach"] == []


def test_a_second_page_follows_the_first_and_nothing_goes_round_in_circles(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    for _ in range(2):
        folder["correct"].attach("identity", folder.receptionist)
        delivery.drain(folder.office, folder.now)

    assert {key: len(hashes) for key, hashes in scans(folder, "identity").items()} == {
        "change_info": 2, "correct": 2, "confirm": 2}
    assert folder.advance() == 0


def test_what_consulted_units_miss_is_ticked_when_the_lead_asks(journey: Journey, fresh: Fresh) -> None:
    walk = Walk(journey, journey.receive().code).go_to("police")
    journey.register_all(walk.code)
    police = walk.holder("police")

    walk.do("propose_additions", police, documents=("plan",), reason="Thiếu danh sách khách mời", state="police")

    assert "police" in walk.states
    assert walk.dossier["supplements"] == 0
    lead = walk.cast["H51.01/ngoai-vu:officer"]
    offers = desk.dossier(walk.office, walk.code, lead, walk.now).offers
    asking = next(offer for offer in offers if offer.event == "request_supplement")
    assert asking.ticked == ("plan",)

    walk.do("request_supplement", lead, documents=("plan",), reason="Bổ sung danh sách khách mời")
    assert walk.states == {"awaiting_supplement"}
    (addition,) = walk.of("addition")
    assert addition["asked_at"] is not None
