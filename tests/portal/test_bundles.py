"""Each part of a bundle is a dossier of the portal's; what waits for another part is told as it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.office import Office
from engine.portal.drain import drain
from engine.portal.line import NationalPortal
from engine.portal.reconciling import reconcile
from storage import portal
from tests.bundles.folder import Folder, open_folder
from tests.journey import Journey
from tests.portal.standin import StandIn


def sent(folder: Folder, line: NationalPortal) -> int:
    told = drain(folder.office, line, folder.now + timedelta(minutes=1))
    assert (told.held, told.away) == (0, 0)
    return told.sent


def test_parts_are_told_one_by_one(journey: Journey, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    folder = open_folder(journey, "birth", channel="online")
    sent(folder, line)
    assert set(npsp.dossiers) == {walk.code for walk in folder.walks.values()}
    waiting = npsp.dossiers[folder["residence"].code]
    assert (waiting["NgayTiepNhan"], waiting["NgayHenTra"]) == (waiting["NgayNopHoSo"], "")

    folder["registration"].go_to("returning")
    sent(folder, line)

    assert npsp.statuses(folder["registration"].code)[-1] == "9"
    begun = npsp.dossiers[folder["residence"].code]
    assert begun["NgayTiepNhan"] > waiting["NgayTiepNhan"]
    assert begun["NgayHenTra"]
    told = reconcile(office, line, folder.now.date(), folder.now + timedelta(hours=20))
    assert (told.compared, told.equal) == (len(folder.walks), len(folder.walks))


@pytest.mark.parametrize("bundle", ["land_certificate", "death"])
def test_other_bundles_leave_no_exception(journey: Journey, line: NationalPortal, bundle: str) -> None:
    folder = open_folder(journey, bundle)

    assert sent(folder, line) > 0
    assert portal.standing(folder.office.db).queued == 0


def test_a_refused_registration_stops_the_others_there_too(
        journey: Journey, line: NationalPortal, npsp: StandIn) -> None:
    folder = open_folder(journey, "birth", channel="online")
    folder.reject("registration")

    sent(folder, line)

    assert {npsp.dossiers[folder[part].code]["TrangThaiHoSo"] for part in ("residence", "identity_card")} == {"8"}
