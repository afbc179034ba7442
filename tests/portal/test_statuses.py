"""Every act of a dossier's way reaches the portal, in order, with the right national code and fields."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from engine.casework.receive import Person
from engine.office import Office
from engine.portal.drain import Tally, drain
from engine.portal.line import NationalPortal
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.portal.standin import StandIn

DESK, MANAGER = "H51.21/mot-cua:receptionist", "H51.21/mot-cua:manager"
WHO = Person(name="Thạch Sóc Kha", id_number="094000000007", phone="0900000007", email="soc.kha@example.vn")


def sent(walk: Walk, line: NationalPortal) -> Tally:
    return drain(walk.office, line, walk.now + timedelta(minutes=1))


def changes(statuses: list[str]) -> list[str]:
    """Each status once while it lasts."""
    return [status for before, status in zip(["", *statuses], statuses, strict=False) if status != before]


def test_the_whole_way_is_told_in_the_national_codes(start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("test_copies", accept=False)
    walk.step("request_supplement", documents=("other",))
    walk.step("supplement")
    walk.step("accept")
    walk.go_to("comparing")
    walk.step("request_supplement", documents=("other",))
    walk.step("supplement")
    walk.step("request_payment")
    walk.step("pay")
    walk.go_to("returning")
    walk.step("return_at_counter")

    told = sent(walk, line)

    assert (told.held, told.away) == (0, 0)
    assert changes(npsp.statuses(walk.code)) == ["1", "5", "1", "2", "5", "4", "6", "4", "9", "10"]
    numbers = [number for code, number, _, _ in npsp.taken if code == walk.code]
    assert numbers == list(range(1, len(numbers) + 1))
    assert told.sent == len(numbers)
    work = npsp.progress[walk.code]
    assert [row["TrangThai"] for row in work][-1] == "10"
    assert {row["NoiDungXuLy"] for row in work} >= {"Thông báo nghĩa vụ tài chính", "Trả kết quả tại quầy"}


@pytest.mark.parametrize(("event", "code"), [("withdraw", "7"), ("stop", "8")])
def test_endings_before_the_result(start: Start, line: NationalPortal, npsp: StandIn, event: str, code: str) -> None:
    walk = start("funeral_allowance")
    walk.do(event, walk.cast[DESK if event == "withdraw" else MANAGER], reason="Theo đề nghị của công dân")

    sent(walk, line)

    assert changes(npsp.statuses(walk.code)) == ["2", code]


def test_a_dossier_that_is_not_received(start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("funeral_allowance", accept=False)
    walk.step("refuse", reason="Không thuộc thẩm quyền")

    sent(walk, line)

    assert changes(npsp.statuses(walk.code)) == ["1", "3"]
    assert npsp.dossiers[walk.code]["NgayTuChoi"] == "20261123080100"
    assert npsp.dossiers[walk.code]["NgayTiepNhan"] == ""


def test_each_item_tells_how_it_stood_then_however_late_it_goes(
        start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("funeral_allowance").go_to("returning")
    walk.step("return_at_counter")

    sent(walk, line)

    rows = walk.rows("select payload::json->'data'->0 as row from portal_item where dossier_id = %s "
                     "and kind = 'dossier' order by no", walk.id)
    first, last = rows[0]["row"], rows[-1]["row"]
    assert (first["TrangThaiHoSo"], first["NgayKetThucXuLy"], first["NgayTra"]) == ("2", "", "")
    assert first["DonViXuLy"] != last["DonViXuLy"]
    assert "" not in (last["NgayTra"], last["NgayKetThucXuLy"])
    assert len(last["DanhSachGiayToKetQua"]) == 1
    assert npsp.dossiers[walk.code] == last


def test_what_was_sent_is_kept_with_its_hash(start: Start, line: NationalPortal) -> None:
    walk = start("funeral_allowance")

    sent(walk, line)

    assert walk.rows("select no from portal_item where dossier_id = %s and (sent_at is null or payload is null "
                     "or sha256 <> encode(sha256(convert_to(payload, 'UTF8')), 'hex'))", walk.id) == []


def test_who_registers_or_claims_changes_nothing_the_portal_knows(start: Start, line: NationalPortal) -> None:
    walk = start("funeral_allowance").go_to("confirming")
    before = len(walk.of("portal_item"))

    walk.do("claim", walk.holder("confirming"), state="confirming")

    assert len(walk.of("portal_item")) == before


def test_without_a_portal_an_act_writes_no_row(start: Start) -> None:
    walk = start("funeral_allowance").go_to("returning")

    assert walk.of("portal_item") == []


def test_what_another_system_masters_is_never_told(start: Start, line: NationalPortal, fresh: Fresh) -> None:
    walk = start("funeral_allowance")
    sent(walk, line)
    before = len(walk.of("portal_item"))
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update dossier set mirror = 'successor' where id = %s", (walk.id,))

    walk.journey.register_all(walk.code)
    walk.attach("other")

    assert len(walk.of("portal_item")) == before == 2


def test_state_secrets_are_never_told(start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("conference_permit_pm", facts={"state_secret": True})
    walk.do("stop", walk.cast["H51.02/tiep-nhan:manager"], reason="Có văn bản đề nghị dừng")

    assert walk.of("portal_item") == []


def test_personal_data_is_in_no_log(start: Start, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    npsp.answers = [500]
    with capture_logs() as logs:
        walk = start("funeral_allowance", applicant=WHO)
        sent(walk, line)
        npsp.answers = [{"error_code": "12", "error_message": f"Sai {WHO.name} {WHO.id_number}", "field": "ChuHoSo"}]
        drain(office, line, walk.now + timedelta(hours=1))

    assert {entry["event"] for entry in logs} >= {"portal_away", "portal_exception"}
    told = str(logs)
    assert not any(value in told for value in (WHO.name, WHO.id_number, WHO.phone, WHO.email))
