"""A province's files name every fault with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine import seed
from procedures.declaration import DeclarationError, Level, Role
from procedures.province import PROVINCES, Province, load_province

NAMED = [
    "Lâm Thị Ngọc Hân",
    "Trần Quốc Thái",
    "Huỳnh Hữu Nghĩa",
    "Mai Thanh Tùng",
    "Ngô Thúy Vy",
    "Võ Minh Đức",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "soc-trang"
    shutil.copytree(PROVINCES / "soc-trang", copy)
    return copy


def test_the_demonstration_province_has_its_agencies(province: Province) -> None:
    assert province.code == "H51"
    assert {f"H51.{n}" for n in ["01", "02", "03", "04", "05", "06", "07", "08", "09", "21", "22"]} < {
        *province.agencies
    }
    assert province.receiving([Level.PROVINCE]) == ("H51.02",)
    assert province.receiving([Level.COMMUNE]) == ("H51.21", "H51.22")
    assert [code for code, agency in province.agencies.items() if agency.courier] == ["H51.09"]


def test_the_invented_people_are_there_and_the_real_ones_are_not(province: Province) -> None:
    names = [person.name for person in province.people.values()]
    assert set(NAMED) <= set(names)
    assert len(names) == len(set(names))
    assert not {"Huỳnh Văn Nam", "Tôn Quang Hoàng"} & set(names)


def test_every_role_is_held_by_somebody(province: Province) -> None:
    held = {membership.role for person in province.people.values() for membership in person.memberships}
    assert held == set(Role)


def test_every_unit_has_somebody(province: Province) -> None:
    staffed = {membership.unit for person in province.people.values() for membership in person.memberships}
    assert staffed == set(province.units)


def test_the_desk_is_that_of_the_agency_which_received(province: Province) -> None:
    assert province.unit_of("centre", "H51.02") == "H51.02/tiep-nhan"
    assert province.unit_of("centre", "H51.22") == "H51.22/mot-cua"
    assert province.unit_of("interior", "H51.22") == "H51.03/chuyen-mon"
    assert province.unit_of("nobody", "H51.22") is None


def test_the_land_office_serves_each_ward_through_a_branch(province: Province) -> None:
    assert province.unit_of("land_branch", "H51.21") == "H51.06.01.01/nghiep-vu"
    assert province.unit_of("land_branch", "H51.22") == "H51.06.01.02/nghiep-vu"
    assert list(province.line("H51.06.01.02")) == ["H51.06.01.02", "H51.06.01", "H51.06", "H51.01"]
    assert province.unit_of("land_branch", "H51.02") is None


def test_the_closest_binding_up_the_tree_wins(folder: Path) -> None:
    """For an agency without a binding of its own that of its parent holds, then that for everybody."""
    path = folder / "bindings.yaml"
    more = "  - {party: interior, unit: H51.01/ngoai-vu, receiving: H51.01}\n"
    more += "  - {party: interior, unit: H51.22/tu-phap, receiving: H51.22}\n"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    found = load_province(folder)
    assert found.unit_of("interior", "H51.22") == "H51.22/tu-phap"
    assert found.unit_of("interior", "H51.21") == "H51.01/ngoai-vu"
    assert found.unit_of("interior", "H51.05") == "H51.03/chuyen-mon"


def test_two_people_may_define_and_approve_procedures(province: Province) -> None:
    """Publication needs a second person."""
    demonstrated = {login for _, login in seed.DEMO_ACCOUNTS}
    administrators = province.members("H51.01/kiem-soat-thu-tuc", Role.ADMINISTRATOR)
    assert len(demonstrated & {*administrators}) == 2
    assert demonstrated <= {*province.people}


@pytest.mark.parametrize(
    ("name", "written", "instead", "line", "message"),
    [
        ("people", "H51.02/tiep-nhan, role: receptionist", "H51.02/tiep-nan, role: receptionist", "tiep-nan",
         "there are: H51.02/quan-ly, H51.02/tiep-nhan, H51.02/tra-ket-qua"),
        ("people", "role: receptionist", "role: recepcionist", "recepcionist", "'receptionist', 'officer'"),
        ("people", "  han.ltn:", "  Hân:", "Hân:", "pattern"),
        ("bindings", "receiving: H51.21}", "receiving: H51.99}", "H51.99", "there are: H51.01"),
        ("bindings", "{party: lead, unit: H51.01/ngoai-vu}", "{party: lead, unit: H51.01/x}", "01/x", "ngoai-vu"),
        ("bindings", "party: ppc_clerk", "party: ppc", "party: ppc, unit: H51.01/van-thu", "bound twice"),
        ("bindings", "party: lead,", "partie: lead,", "partie", "allowed: party, unit, receiving"),
        ("agencies", "  H51.09:", "  H52.09:", "H52.09:", "must begin with H51"),
        ("agencies", "    parent: H51.06.01\n", "    parent: H51.06.02\n", "06.02", "must stand earlier in the file"),
        ("agencies", "    courier: true\n", "    parent: H51.09\n", "parent: H51.09", "must stand earlier in the file"),
        ("agencies", "courier: true", "courier: maybe", "courier: maybe", "boolean"),
    ],
)  # fmt: skip
def test_a_fault_names_file_and_line(
    folder: Path, name: str, written: str, instead: str, line: str, message: str
) -> None:
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert written in text
    spoiled = text.replace(written, instead, 1)
    path.write_text(spoiled, encoding="utf-8")
    expected = next(at for at, content in enumerate(spoiled.splitlines(), 1) if line in content)
    with pytest.raises(DeclarationError) as refused:
        load_province(folder)
    assert any(
        (fault.file, fault.line) == (str(path), expected) and message in fault.en for fault in refused.value.faults
    ), str(refused.value)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "people.yaml").unlink()
    with pytest.raises(DeclarationError, match=r"people\.yaml:1: không có tệp này"):
        load_province(folder)
