"""A dossier and a piece of work in the portal's fields, from what is recorded here: nothing is made up.

Every value is text, as the portal has it; what we do not know is empty. What must not be empty, `rules` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.casework.signatures import RESULT
from engine.casework.telling import act_name
from engine.catalogue import Catalogue, code_on
from engine.clocks.zone import ZONE
from engine.portal.identifiers import canonical_agency
from engine.states.names import ROLES
from engine.states.procedure import Procedure
from procedures.declaration import Subject
from storage.portal import Entry, Item

Fields = dict[str, Any]

CHANNELS = {"direct": "1", "online": "2", "post": "3"}
SUBJECTS = {Subject.PERSON: "1", Subject.ENTERPRISE: "2", Subject.STATE_AGENCY: "3", Subject.ORGANISATION: "4"}
FORMS = {"original": "0", "copy": "1", "electronic": "2"}
RETURNS = {"counter": "0", "post": "1", "electronic": "2"}
# An ID card of today has 12 digits, one of before 9; organisations have a tax code of 10 or 13.
CARDS = {12: "1", 9: "2"}
ID_NUMBER = "SoDinhDanh"
AT_RECEPTION, NOT_ONLINE = "1", "3"
RECEIVED, REFUSED, AT_WORK, SUPPLEMENT, FINISHED, RETURNED = 2, 3, 4, 5, 9, 10


def dossier(facts: Mapping[str, Any], item: Item | None, catalogue: Catalogue, aliases: Mapping[str, str]) -> Fields:
    """`facts` as `storage.portal.facts` gives them; `item`: as it stood after that act, None: as it stands now."""
    told: dict[str, Any] = {**facts, **((item.told or {}) if item else {})}
    status = item.status if item else int(facts["status"])
    until = item.at if item and item.told else None
    procedure = catalogue.procedures[facts["version_id"]]
    declared, who = procedure.declaration, facts["applicant"]
    received = _instant(told["received_at"])
    submitted = _instant(facts["submitted_at"])
    assert submitted is not None
    additions = [row for row in facts["additions"] if until is None or _later(until, row["asked_at"])]
    asked = max((row["asked_at"] for row in additions), default=None)
    fields: Fields = {
        "MaHoSo": facts["code"],
        "MaTTHC": code_on(declared.codes, (received or submitted).astimezone(ZONE).date()),
        "TenTTHC": declared.name.vi, "MaLinhVuc": declared.field.code, "TenLinhVuc": declared.field.name.vi,
        "KenhThucHien": CHANNELS[facts["channel"]],
        "SoBienNhan": facts["code"], "ChuHoSo": who["name"],
        "LoaiDoiTuong": _subject(procedure, who["id_number"]) or facts["subject_before"] or "",
        "MaDoiTuong": "", "ThongTinKhac": "", "Email": who["email"], "Fax": "", "SoDienThoai": who["phone"],
        "TrichYeuHoSo": facts["subject"], "NgayTiepNhan": when(received or _taken_in(status, submitted)),
        "NgayHenTra": when(told["due_at"]),
        "TrangThaiHoSo": str(status), "NgayTra": when(told["closed_at"]) if status == RETURNED else "",
        "ThongTinTra": "", "HinhThuc": RETURNS[facts["return_way"]],
        "NgayKetThucXuLy": when(told["finished_at"]) if status >= FINISHED else "",
        "DonViXuLy": catalogue.units[told["unit"]].full_vi, "GhiChu": "",
        "NoiNopHoSo": canonical_agency(facts["intake_agency"], aliases),
        "HoSoCoThanhPhanSoHoa": _yes(_handed_in(facts["documents"])),
        "TaiKhoanDuocXacThucVoiVNeID": "0", "DuocThanhToanTrucTuyen": NOT_ONLINE,
        "NgayTuChoi": when(told["closed_at"]) if status == REFUSED else "",
        "NgayYeuCauBoSung": when(asked) if status == SUPPLEMENT else "", "NgayNopHoSo": when(submitted),
        "DinhDanhCHS": _identity(who["id_number"]), "DSKetNoiCSDL": [],
        "TaiLieuNop": _handed_in(facts["documents"]),
        "DanhSachTepDinhKemKhac": _on_paper(facts["documents"], procedure),
        "DanhSachLePhi": _fees(procedure, {**facts["facts"], "channel": facts["channel"]}),
        "DanhSachHoSoBoSung": [_addition(row, facts, procedure) for row in additions],
        "DanhSachGiayToKetQua": _results(facts["documents"], procedure) if status in (FINISHED, RETURNED) else [],
    }
    return _corrected(fields, (facts["corrected"] or {}) | ((item.corrections or {}) if item else {}))


def _corrected(fields: Fields, corrections: Mapping[str, str]) -> Fields:
    """With what a person put right; an ID number stands in a list of its own."""
    number = corrections.get(ID_NUMBER)
    given = {name: value for name, value in corrections.items() if name != ID_NUMBER}
    return fields | given | ({"DinhDanhCHS": _identity(number)} if number else {})


def progress(item: Item, entry: Entry, catalogue: Catalogue) -> Fields:
    """What one person did: the record's own words."""
    told = item.told or {}
    role = ROLES.get(told.get("role", ""))
    procedure = catalogue.procedures[entry.version_id]
    fields: Fields = {
        "MaHoSo": entry.code, "NguoiXuLy": entry.actor_name, "ChucDanh": role.vi if role else "",
        "ThoiDiemXuLy": when(entry.at), "PhongBanXuLy": entry.unit_name,
        "NoiDungXuLy": act_name(procedure, entry.action, entry.from_states).vi, "TrangThai": str(item.status),
        "NgayBatDau": when(told.get("begun")), "NgayKetThucTheoQuyDinh": when(told.get("due")),
    }
    return fields | (item.corrections or {})


def when(at: datetime | str | None) -> str:
    """yyyyMMddHHmmss in Vietnam; empty for what has not been."""
    instant = _instant(at)
    return f"{instant.astimezone(ZONE):%Y%m%d%H%M%S}" if instant else ""


def _instant(at: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def _taken_in(status: int, submitted: datetime) -> datetime | None:
    """A part of a bundle that waits for another one was taken in with the bundle; its own time has not begun."""
    return submitted if status in (RECEIVED, AT_WORK) else None


def _later(moment: datetime, asked: str) -> bool:
    return datetime.fromisoformat(asked) <= moment


def _yes(truth: object) -> str:
    return "1" if truth else "0"


def _subject(procedure: Procedure, id_number: str) -> str:
    """What kind of applicant it is; empty where the record leaves that open."""
    able = procedure.declaration.subjects
    if len(id_number) in CARDS and Subject.PERSON in able:
        return SUBJECTS[Subject.PERSON]
    others = [subject for subject in able if subject != Subject.PERSON] if id_number else able
    return SUBJECTS[others[0]] if len(others) == 1 else ""


def _identity(id_number: str) -> list[Fields]:
    card = CARDS.get(len(id_number))
    return [{"LoaiDinhDanh": card, "SoDinhDanh": id_number}] if card else []


def _handed_in(documents: Sequence[Mapping[str, Any]]) -> list[Fields]:
    return [{"TepDinhKemId": row["id"], "TenTepDinhKem": row["name"], "IsDeleted": "False",
             "MaThanhPhanHoSo": row["component"], "DuongDanTaiTepTin": "", "DuocSoHoa": "1",
             "DuocTaiSuDung": _yes(row["reused_from"]), "DuocLayTuKhoDMQG": "0", "MaKetQuaThayThe": ""}
            for row in documents if row["sha256"] and row["component"] != RESULT]


def _on_paper(documents: Sequence[Mapping[str, Any]], procedure: Procedure) -> list[Fields]:
    return [{"TenGiayTo": _paper(row["component"], procedure), "SoLuong": str(row["copies"] or 1),
             "LoaiGiayTo": FORMS[row["form"]]} for row in documents if not row["sha256"]]


def _paper(component: str, procedure: Procedure) -> str:
    declared = procedure.declaration.documents.get(component)
    return declared.name.vi if declared else "Tài liệu khác"


def _fees(procedure: Procedure, facts: Mapping[str, Any]) -> list[Fields]:
    return [{"TenPhiLePhi": due.name.vi, "MaPhiLePhi": "", "HinhThucThu": AT_RECEPTION, "Gia": str(due.amount),
             "LoaiPhiLePhi": ""} for due in procedure.fees(dict(facts))]


def _addition(row: Mapping[str, Any], facts: Mapping[str, Any], procedure: Procedure) -> Fields:
    asked = datetime.fromisoformat(row["asked_at"])
    wanted = set(row["documents"])
    came = [one for one in facts["documents"]
            if one["component"] in wanted and datetime.fromisoformat(one["added_at"]) >= asked]
    return {"HoSoBoSungId": f"{facts['code']}.{row['no']}", "NguoiYeuCauBoSung": row["person"],
            "NoiDungBoSung": "; ".join(_paper(name, procedure) for name in row["documents"]),
            "NgayBoSung": when(asked),
            "NgayTiepNhanBoSung": when(max((one["added_at"] for one in came), default=None)),
            "DanhSachGiayToBoSung": [{"TenGiayTo": _paper(one["component"], procedure)} for one in came]}


def _results(documents: Sequence[Mapping[str, Any]], procedure: Procedure) -> list[Fields]:
    name = next(iter(procedure.declaration.results.values())).name.vi
    return [{"TenGiayTo": name, "MaThanhPhanHoSo": "", "GiayToId": row["id"], "DuongDanTepTinKetQua": "",
             "MaGiayToKetQua": ""} for row in documents if row["component"] == RESULT and row["sha256"]]
