"""What is said of a dossier, field by field; what is not known is asked of a person, never filled in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.casework.orders import Actor
from engine.casework.receive import Person
from engine.clocks.zone import ZONE
from engine.office import Office
from engine.portal import rules
from engine.portal.drain import drain
from engine.portal.identifiers import canonical_agency, canonical_code, known_as
from engine.portal.line import NationalPortal
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.portal.standin import StandIn

KHA = Person(name="Thạch Sóc Kha", id_number="094000000007", phone="0900000007", email="soc.kha@example.vn")
OLD_CARD = Person(name="Sơn Thị Sóc Phia", id_number="094000001", address="Ấp Trà Kha, xã Mỹ Xuyên, Cần Thơ")
COMPANY = Person(name="Công ty TNHH Lúa Thơm", id_number="2200000001", phone="0299000001")

SAME: dict[str, Any] = {
    "MaDoiTuong": "", "ThongTinKhac": "", "Fax": "", "NgayTra": "", "ThongTinTra": "", "NgayKetThucXuLy": "",
    "GhiChu": "", "TaiKhoanDuocXacThucVoiVNeID": "0", "DuocThanhToanTrucTuyen": "3", "NgayTuChoi": "",
    "NgayYeuCauBoSung": "", "NgayNopHoSo": "20261123080000", "NgayTiepNhan": "20261123080000", "DSKetNoiCSDL": [],
    "TaiLieuNop": [], "HoSoCoThanhPhanSoHoa": "0", "DanhSachHoSoBoSung": [], "DanhSachGiayToKetQua": [],
    "TrangThaiHoSo": "2",
}
TABLE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("test_copies", {"applicant": KHA, "subject": "Chứng thực 3 bản sao bằng tốt nghiệp"}, {
        "MaTTHC": "2.000815", "TenTTHC": "Chứng thực bản sao", "MaLinhVuc": "CT", "TenLinhVuc": "Chứng thực",
        "KenhThucHien": "1", "ChuHoSo": "Thạch Sóc Kha", "LoaiDoiTuong": "1", "Email": "soc.kha@example.vn",
        "SoDienThoai": "0900000007", "TrichYeuHoSo": "Chứng thực 3 bản sao bằng tốt nghiệp", "HinhThuc": "0",
        "NgayHenTra": "20261126080000", "NoiNopHoSo": "H51.21",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "094000000007"}],
        "DanhSachTepDinhKemKhac": [{"TenGiayTo": "Bản chính", "SoLuong": "1", "LoaiGiayTo": "0"}],
        "DanhSachLePhi": [{"TenPhiLePhi": "Phí chứng thực", "MaPhiLePhi": "", "HinhThucThu": "1", "Gia": "2000",
                           "LoaiPhiLePhi": ""}]}),
    ("funeral_allowance", {"applicant": OLD_CARD, "channel": "online", "return_way": "post", "subject": "Mai táng"}, {
        "MaLinhVuc": "NGUOICOCONG", "KenhThucHien": "2", "ChuHoSo": "Sơn Thị Sóc Phia", "LoaiDoiTuong": "1",
        "Email": "",
        "SoDienThoai": "", "TrichYeuHoSo": "Mai táng", "HinhThuc": "1", "NoiNopHoSo": "H51.21",
        "DinhDanhCHS": [{"LoaiDinhDanh": "2", "SoDinhDanh": "094000001"}], "DanhSachLePhi": []}),
    ("funeral_allowance", {"applicant": COMPANY, "channel": "post", "return_way": "electronic",
                           "subject": "Thay mặt"}, {
        "KenhThucHien": "3", "ChuHoSo": "Công ty TNHH Lúa Thơm", "LoaiDoiTuong": "4", "HinhThuc": "2",
        "DinhDanhCHS": []}),
]


def sent(walk: Walk, line: NationalPortal, minutes: int = 1) -> None:
    drain(walk.office, line, walk.now + timedelta(minutes=minutes))


@pytest.mark.parametrize(("procedure", "given", "wanted"), TABLE)
def test_a_dossier_in_the_portals_fields(start: Start, line: NationalPortal, npsp: StandIn, procedure: str,
                                         given: dict[str, Any], wanted: dict[str, Any]) -> None:
    walk = start(procedure, **given)

    sent(walk, line)

    told = npsp.dossiers[walk.code]
    expected = {**SAME, "MaHoSo": walk.code, "SoBienNhan": walk.code, **wanted}
    assert {name: told[name] for name in expected} == expected
    assert set(told) - set(expected) <= {"MaTTHC", "TenTTHC", "TenLinhVuc", "MaLinhVuc", "NgayHenTra", "DonViXuLy",
                                         "Email", "SoDienThoai", "TrichYeuHoSo", "NoiNopHoSo", "DanhSachLePhi",
                                         "DanhSachTepDinhKemKhac"}


def test_a_conference_says_what_kind_of_applicant_it_is_only_when_somebody_knows(
        start: Start, line: NationalPortal, npsp: StandIn) -> None:
    """Organisations, agencies and enterprises may ask for one, and all have a tax code."""
    walk = start(applicant=COMPANY)

    sent(walk, line)

    assert npsp.dossiers == {}
    [row] = walk.rows("select faults from portal_item where held_at is not null")
    assert [fault["field"] for fault in row["faults"]] == ["LoaiDoiTuong"]


def test_scans_and_what_was_asked_for_are_named(start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("test_copies", accept=False)
    walk.attach("original")
    walk.step("request_supplement", documents=("proxy",))
    sent(walk, line)
    asked = npsp.dossiers[walk.code]
    walk.step("supplement")
    sent(walk, line)

    told = npsp.dossiers[walk.code]
    assert (asked["TrangThaiHoSo"], asked["NgayYeuCauBoSung"]) == ("5", "20261123080100")
    assert [(row["MaThanhPhanHoSo"], row["DuocSoHoa"]) for row in told["TaiLieuNop"]] == [("original", "1")]
    assert told["HoSoCoThanhPhanSoHoa"] == "1"
    [row] = told["DanhSachHoSoBoSung"]
    assert (row["NoiDungBoSung"], row["NgayBoSung"]) == ("Giấy ủy quyền", "20261123080100")
    assert row["NgayTiepNhanBoSung"] == "20261123080200"
    assert row["DanhSachGiayToBoSung"] == [{"TenGiayTo": "Giấy ủy quyền"}]


def test_work_names_who_when_where_and_by_when(start: Start, line: NationalPortal, npsp: StandIn) -> None:
    walk = start("test_copies")
    walk.go_on()

    sent(walk, line)

    told = npsp.progress[walk.code][-1]
    entry = walk.entries[-1]
    assert told["NguoiXuLy"] == entry["actor_name"]
    assert told["PhongBanXuLy"] == entry["unit_name"]
    assert (told["ChucDanh"], told["TrangThai"]) == ("Chuyên viên", "4")
    assert told["NgayBatDau"] == "20261123080000"
    assert told["NgayKetThucTheoQuyDinh"] == "20261123110000"
    assert told["ThoiDiemXuLy"] == f"{walk.now.astimezone(ZONE):%Y%m%d%H%M%S}"


FITTING = {"MaHoSo": "H51.02-261123-0001", "NguoiXuLy": "Lâm Thị Ngọc Hân", "ThoiDiemXuLy": "20261123080000",
           "PhongBanXuLy": "Tiếp nhận", "NoiDungXuLy": "Tiếp nhận", "TrangThai": "2", "NgayBatDau": ""}


@pytest.mark.parametrize(("field", "value", "words"), [
    ("NguoiXuLy", "x" * 51, "dài 51 ký tự, Cổng chỉ nhận 50"), ("NguoiXuLy", "  ", "chưa có dữ liệu"),
    ("TrangThai", "11", "không có trong danh mục"), ("NgayBatDau", "2026-11-23", "không đúng dạng"),
    ("MaHoSo", "12345", "không đúng dạng")])
def test_what_does_not_fit_is_named_and_not_cut(field: str, value: str, words: str) -> None:
    assert rules.faults("progress", FITTING) == []

    [fault] = rules.faults("progress", {**FITTING, field: value})

    assert fault["field"] == field
    assert words in fault["vi"]


def test_a_name_that_is_too_long_is_an_exception_and_whole_in_the_record(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office) -> None:
    name = "Lâm Thị Ngọc Hân " + "Nguyễn Hoàng " * 4
    walk = start("test_copies", accept=False, subject="x" * 1000)
    who = walk.holder("checking")
    walk.do("accept", Actor(id=who.id, name=name), state="checking")

    sent(walk, line)

    assert len(npsp.dossiers[walk.code]["TrichYeuHoSo"]) == 1000
    [row] = walk.rows("select no, kind, faults from portal_item where held_at is not null")
    assert (row["kind"], row["faults"][0]["field"]) == ("progress", "NguoiXuLy")
    assert walk.entries[-1]["actor_name"] == name


@pytest.mark.parametrize(("written", "wanted"), [
    ("H51", "H51"), ("000.00.00.H51", "H51"), ("00.00.H51", "H51"), ("h51 ", "H51"), ("13.05.50.H15", "H15.50.05.13"),
    ("H15.50.05.13", "H15.50.05.13"), ("000.13.05.H51", "H51.05.13"), ("H59", "H59"), ("000.00.00.H59", "H59"),
    ("H99.01", "H51.02")])
def test_an_agency_is_the_same_however_it_is_written(written: str, wanted: str) -> None:
    aliases = known_as([("H51.02", ["000.00.01.H99", "H99.02"])])

    assert canonical_agency(written, aliases) == wanted


def test_old_and_new_codes_of_one_dossier_are_the_same() -> None:
    """Scenario 19."""
    assert canonical_code("000.00.00.H51-220630-0001", {}) == canonical_code("H51-220630-0001", {}) == "H51-220630-0001"
    assert canonical_code("00.02.H51-20220630-0000001", {}) == "H51.02-20220630-0000001"
    assert canonical_code("H51-220630-0001", {}) != canonical_code("H51-220630-0002", {})
    assert rules.CODE.match("000.00.00.H51-220630-0001")
    assert rules.CODE.match("H15.50.05.13-261008-0975")
