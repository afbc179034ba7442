"""What the engine relies on, asked of a portal through each adapter. A real test portal would be asked the same."""

from __future__ import annotations

from typing import Any

import pytest

from engine.portal.line import PROGRESS, SYNCHRONISE, Away, NationalPortal, Portal, Rejected, parcel_of
from engine.settings import Settings
from tests.portal.standin import ACCOUNT, SECRET, UNIT, StandIn

CODE = "H51.02-261123-0001"
DOSSIER = {
    "MaHoSo": CODE, "MaTTHC": "1.001193", "TenTTHC": "Đăng ký khai sinh", "MaLinhVuc": "HOTICH",
    "TenLinhVuc": "Hộ tịch", "KenhThucHien": "1",
    "ChuHoSo": "Thạch Sóc Kha", "LoaiDoiTuong": "1", "TrichYeuHoSo": "Khai sinh",
    "TrangThaiHoSo": "2", "NgayNopHoSo": "20261123080000", "NgayTiepNhan": "20261123080000", "HinhThuc": "0",
    "DonViXuLy": "Tư pháp", "NoiNopHoSo": "H51.21",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "094000000001"}],
}
WORK = {"MaHoSo": CODE, "NguoiXuLy": "Trần Quốc Thái", "ThoiDiemXuLy": "20261123090000", "PhongBanXuLy": "Tư pháp",
        "NoiDungXuLy": "Tiếp nhận", "TrangThai": "4"}


def created(**changes: Any) -> bytes:
    return parcel_of(SYNCHRONISE, [{**DOSSIER, **changes}])


def updated(**changes: Any) -> bytes:
    return parcel_of(SYNCHRONISE, [{**DOSSIER, **changes}], updating=True)


def worked(**changes: Any) -> bytes:
    return parcel_of(PROGRESS, [{**WORK, **changes}])


@pytest.mark.parametrize("way", ["session", "token"])
class TestContract:
    @pytest.fixture
    def portal(self, npsp: StandIn, way: str) -> Portal:
        return NationalPortal(Settings(NPSP_URL=npsp.url, NPSP_ACCOUNT=ACCOUNT, NPSP_SECRET=SECRET, NPSP_UNIT=UNIT,
                                       NPSP_LOGIN=way))

    def test_what_was_sent_is_found(self, portal: Portal) -> None:
        portal.send(created(), f"{CODE}/1")
        portal.send(worked(), f"{CODE}/2")
        portal.send(updated(TrangThaiHoSo="4"), f"{CODE}/3")

        assert [row["TrangThaiHoSo"] for row in portal.look_up([CODE, "H51.02-261123-9999"])] == ["4"]
        assert [row["MaHoSo"] for row in portal.changed("20261123000000", "20261124000000")] == [CODE]

    def test_the_same_key_again_has_no_second_effect(self, portal: Portal, npsp: StandIn) -> None:
        portal.send(created(), f"{CODE}/1")
        portal.send(worked(), f"{CODE}/2")
        portal.send(created(), f"{CODE}/1")
        portal.send(worked(), f"{CODE}/2")

        assert len(npsp.taken) == 2

    @pytest.mark.parametrize(("field", "value"), [
        ("TrangThaiHoSo", "11"), ("ChuHoSo", ""), ("TrichYeuHoSo", "x" * 1001), ("NgayTiepNhan", "23/11/2026"),
        ("LoaiDoiTuong", "0"), ("NgayTiepNhan", "")])
    def test_what_does_not_fit_is_refused_with_its_field(self, portal: Portal, field: str, value: str) -> None:
        with pytest.raises(Rejected) as refusal:
            portal.send(created(**{field: value}), f"{CODE}/1")

        assert refusal.value.field == field
        assert refusal.value.words

    def test_work_on_an_unknown_dossier_is_refused(self, portal: Portal) -> None:
        with pytest.raises(Rejected):
            portal.send(worked(), f"{CODE}/1")
        with pytest.raises(Rejected):
            portal.send(updated(), f"{CODE}/1")

    def test_a_lower_number_is_out_of_order(self, portal: Portal) -> None:
        portal.send(created(), f"{CODE}/3")
        with pytest.raises(Rejected):
            portal.send(worked(), f"{CODE}/2")

    def test_a_session_that_ended_is_renewed(self, portal: Portal, npsp: StandIn) -> None:
        portal.send(created(), f"{CODE}/1")
        npsp.end_sessions()
        portal.send(worked(), f"{CODE}/2")

        assert npsp.log_ins == 2
        assert len(npsp.taken) == 2

    def test_a_list_of_many_pages_is_read_to_its_end(self, portal: Portal) -> None:
        codes = [f"H51.02-261123-{number:04}" for number in range(1, 121)]
        for code in codes:
            portal.send(created(MaHoSo=code), f"{code}/1")

        assert [row["MaHoSo"] for row in portal.changed("20261123000000", "20261124000000")] == codes
        assert len(portal.look_up(codes)) == 120

    def test_the_catalogue_is_told(self, portal: Portal, npsp: StandIn) -> None:
        npsp.catalogue = [{"MaTTHC": "1.001193", "TenTTHC": "Đăng ký khai sinh"}]

        assert [row["MaTTHC"] for row in portal.procedures()] == ["1.001193"]


@pytest.mark.parametrize("answer", [
    500, 302, 404, b"<html>bao tri</html>", b"[1]", b"{}", b"", {"error_code": "503"}, {"error_code": "0", "data": 7},
    b'{"error_code": "0", "data": ["' + b"x" * (9 * 1024 * 1024) + b'"]}'])
def test_whatever_is_no_answer_is_trouble_of_the_line(line: NationalPortal, npsp: StandIn, answer: Any) -> None:
    npsp.answers = [answer]

    with pytest.raises(Away):
        line.look_up([CODE])
    assert npsp.calls == 2, "a redirect is not followed, nothing is tried again at once"


def test_words_no_database_keeps_are_not_taken_over(line: NationalPortal, npsp: StandIn) -> None:
    npsp.answers = [{"error_code": "1\u00004", "error_message": "Sai\u0000 mã\n", "field": "Ma\u0000TTHC"},
                    {"error_code": "0", "data": [{"MaHoSo": "H51\u0000", "ChuHoSo": "Nguyễn\u0000"}]}]
    with pytest.raises(Rejected) as refusal:
        line.send(parcel_of(SYNCHRONISE, [], updating=False), f"{CODE}/1")
    assert (refusal.value.code, refusal.value.field, refusal.value.words) == ("14", "MaTTHC", "Sai mã")
    assert line.look_up([CODE]) == [{"MaHoSo": "H51", "ChuHoSo": "Nguyễn"}]


@pytest.mark.parametrize("way", ["session", "token"])
@pytest.mark.parametrize("session", ["a\r\nX-Other: b", "phiên", {"id": 1}, "x" * 20_000])
def test_what_is_no_session_is_trouble_of_the_line(npsp: StandIn, way: str, session: Any) -> None:
    """It would stand in a header."""
    npsp.odd_session = session
    line = NationalPortal(Settings(NPSP_URL=npsp.url, NPSP_ACCOUNT=ACCOUNT, NPSP_SECRET=SECRET, NPSP_UNIT=UNIT,
                                   NPSP_LOGIN=way))
    with pytest.raises(Away):
        line.look_up([CODE])


def test_a_portal_that_is_down_or_slow_is_away(line: NationalPortal, chosen: Settings, npsp: StandIn) -> None:
    npsp.slow = 6.0
    with pytest.raises(Away, match="ReadTimeout"):
        NationalPortal(chosen, answer_seconds=0.5).look_up([CODE])
    npsp.slow, npsp.down = 0.0, True
    with pytest.raises(Away):
        line.look_up([CODE])


def test_a_wrong_account_is_trouble_of_the_line(npsp: StandIn) -> None:
    for way in ("session", "token"):
        wrong = Settings(NPSP_URL=npsp.url, NPSP_ACCOUNT=ACCOUNT, NPSP_SECRET="khac", NPSP_UNIT=UNIT, NPSP_LOGIN=way)
        with pytest.raises(Away):
            NationalPortal(wrong).look_up([CODE])


def test_personal_data_goes_over_tls_only() -> None:
    with pytest.raises(Away, match="https"):
        NationalPortal(Settings(NPSP_URL="http://portal.example.vn", NPSP_ACCOUNT="a", NPSP_UNIT="b")).look_up([CODE])
