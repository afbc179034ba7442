"""Several procedures handed in at once: land papers on one certificate, and what follows from a birth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from api.demo.script import (
    MONDAY,
    MY_XUYEN,
    SOC_TRANG,
    THE_DAY,
    Applicant,
    Bundle,
    Case,
    End,
    Turn,
    Visit,
    at,
)

LAND_OFFICER = "H51.06.01.01/nghiep-vu:officer"
LAND = {"change_info": "land_change_info", "correct": "land_correct", "confirm": "land_confirm_use"}
BIRTH = {"registration": "birth_registration", "residence": "residence_registration",
         "health_card": "health_insurance_card", "identity_card": "identity_card"}
BIRTH_PAPERS = {"declaration": "original", "birth_notice": "original", "identity_paper": "copy",
                "residence_declaration": "original", "insurance_declaration": "electronic",
                "identity_request": "electronic"}


def bundles() -> Iterator[Bundle]:
    yield land()
    yield birth("birth", MY_XUYEN, at(MONDAY, "08:05"), "Thạch Sà Rươl", partial=at(MONDAY, "14:10"), handed_on=4)
    rejected = {"turns": (Turn(at="examining", act="propose_rejection", attach=("result",), told={
        "reason": "Trẻ đã được đăng ký khai sinh tại nơi cư trú của mẹ."}),), "rejected": True}
    yield birth("birth_refused", SOC_TRANG, at(THE_DAY, "08:15"), "Thạch Sa Thi", parts={
        part: rejected if part == "registration" else {"end": End.STOPPED, "kept": None} for part in BIRTH})


def land() -> Bundle:
    """Two parts work on the certificate at a time: the second to come waits until the first has written."""
    applicant = Applicant(name="Thạch Sóc Kha", id_number="094000000102", phone="0900000102",
                          address="Khóm 3, phường Sóc Trăng")
    return _bundle(LAND, {
        "correct": {"turns": (Turn(at="writing", not_before=at(THE_DAY, "08:30")),)},
        "change_info": {"visits": (Visit(when=at(THE_DAY, "07:40"), who=LAND_OFFICER, act="write_certificate",
                                         expects="asset_held"),)},
    }, name="land", bundle="land_certificate", desk=SOC_TRANG, arrives=at(MONDAY, "07:40"), applicant=applicant,
        subject="Giấy chứng nhận CK 123456", short=True,
        facts={"certificate_number": "CK 123456", "parcel": "thửa 214, tờ bản đồ 17", "change": "address",
               "new_information": "Khóm 3, phường Sóc Trăng", "has_financial_obligation": True,
               "error_source": "authority", "error_description": "Sai năm sinh: 1968, đúng là 1986",
               "register_differs": True, "land_area": "4318,5", "term_ended_on": "2013-10-15", "direct_farming": True},
        papers={"land_application": "original", "land_certificate": "original", "identity_paper": "copy",
                "proof_of_change": "copy"})


def birth(name: str, desk: str, arrives: datetime, child: str, parts: Mapping[str, Mapping[str, Any]] | None = None,
          **other: Any) -> Bundle:
    applicant = Applicant(name="Thạch Thị Sa Rây", id_number="094000000103", phone="0900000103",
                          address="Khóm 2, phường Mỹ Xuyên")
    facts = {"child_name": child, "date_of_birth": "2026-11-10", "child_sex": "female",
             "place_of_birth": "Bệnh viện đa khoa tỉnh", "parents_married": False, "late_registration": False,
             "household_head": applicant.name, "residence_address": applicant.address,
             "first_clinic": "Trạm y tế phường", "guardian_name": applicant.name, "registrant": "newborn"}
    return _bundle(BIRTH, parts or {}, name=name, bundle="birth", desk=desk, arrives=arrives, applicant=applicant,
                   subject=f"Khai sinh: {child}", facts=facts, papers=BIRTH_PAPERS, **other)


def _bundle(procedures: Mapping[str, str], parts: Mapping[str, Mapping[str, Any]], **given: Any) -> Bundle:
    """`parts`: what goes otherwise than usual with some of them."""
    shared = {name: given[name] for name in ("desk", "arrives", "applicant", "subject")}
    cases = {part: Case(name=f"{given['name']}.{part}", procedure=procedure, facts={}, papers=(),
                        bundle=given["name"], **shared, **parts.get(part, {}))
             for part, procedure in procedures.items()}
    return Bundle(cases=cases, **given)
