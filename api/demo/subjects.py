"""Who applies and for what: invented organisations, families and conferences of the demonstration province."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from api.demo.script import CENTRE, SOC_TRANG, Applicant, Case
from engine.clocks.zone import ZONE

ORGANISATIONS = (
    "Trường Đại học Nông nghiệp Đồng bằng", "Viện Lúa miền Tây", "Hiệp hội Tôm Sóc Trăng",
    "Hội Văn học Nghệ thuật tỉnh", "Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh", "Bảo tàng Khmer Nam Bộ",
    "Trung tâm Xúc tiến Đầu tư Mê Kông", "Trường Cao đẳng Cộng đồng Ba Xuyên", "Hội Hữu nghị Việt Nam - Nhật Bản tỉnh",
    "Công ty cổ phần Thủy sản Cù Lao Dung", "Viện Nghiên cứu Biến đổi khí hậu châu thổ", "Hội Y học tỉnh",
    "Hợp tác xã Hành tím Vĩnh Châu", "Trung tâm Bảo tồn Đua ghe Ngo", "Hội Nữ doanh nhân Sông Hậu",
    "Trường Đại học Công nghệ Sông Hậu",
)
# topic, field, guests from abroad
TOPICS = (
    ("Lúa thơm ST thích ứng xâm nhập mặn", "agriculture", 12),
    ("Nuôi tôm nước lợ giảm phát thải", "agriculture", 25),
    ("Số hóa di sản chùa Khmer", "culture", 8),
    ("Đua ghe Ngo và du lịch cộng đồng", "culture", 15),
    ("Trí tuệ nhân tạo trong quan trắc hạn mặn", "science", 20),
    ("Vật liệu sinh học từ phụ phẩm lúa", "science", 0),
    ("Kinh tế cảng Trần Đề và logistics châu thổ", "economy", 30),
    ("Giáo dục song ngữ ở vùng đồng bào Khmer", "education", 6),
    ("Rừng ngập mặn và tín chỉ các-bon", "agriculture", 18),
    ("Thư viện số nông thôn", "education", 0),
)
# what the Prime Minister decides: the field, or guests of minister level
GRAVE_TOPICS = (
    ("An ninh nguồn nước xuyên biên giới sông Mê Kông", "sovereignty", 40),
    ("Chính sách dân tộc ở đồng bằng sông Cửu Long", "ethnicity_religion", 22),
    ("Diễn đàn Bộ trưởng các nước Mê Kông", "economy", 60),
    ("An ninh lương thực và an ninh phi truyền thống", "defence_security", 16),
)
# applicant, deceased, category
FAMILIES = (
    ("Lâm Hoàng Phúc", "Lâm Văn Bé", "war_invalid"), ("Thạch Sóc Kha", "Thạch Sên", "resistance_participant"),
    ("Sơn Thị Sóc Phia", "Sơn Thị Mười", "heroic_mother"), ("Kim Sa Rinh", "Kim Sône", "sick_soldier"),
    ("Quách Hữu Lợi", "Quách Vĩnh Tường", "war_invalid"), ("Trần Thị Mỹ Duyên", "Trần Văn Ba", "war_invalid"),
    ("Đặng Văn Út", "Đặng Thị Chín", "martyr_relative"), ("Nguyễn Thị Bích Ngọc", "Nguyễn Văn Lành", "sick_soldier"),
    ("Lý Sà Vưn", "Lý Thị Sà Rết", "revolution_helper"), ("Trương Thị Cẩm Lụa", "Trương Văn Hai", "war_invalid"),
    ("Danh Chanh Đa", "Danh Hoàng", "resistance_participant"), ("Huỳnh Ngọc Hiếu", "Huỳnh Thị Tư", "martyr_relative"),
    ("Liêu Thị Sa Mươl", "Liêu Sà Rươne", "war_invalid"), ("Âu Dương Quang", "Âu Dương Thoại", "other"),
    ("Phan Thị Diễm Kiều", "Phan Văn Sáu", "sick_soldier"), ("Ông Thị Kim Em", "Ông Văn Bảy", "war_invalid"),
)
PERMIT_PAPERS = ("request_letter", "plan")
HOSTING_PAPERS = ("request_letter",)
FUNERAL_PAPERS = ("declaration", "death_certificate")


def conference(name: str, procedure: str, arrives: datetime, number: int, **other: Any) -> Case:
    """A conference; `number` picks organisation and topic."""
    grave = procedure.endswith("_pm")
    topics = GRAVE_TOPICS if grave else TOPICS
    topic, field, guests = topics[number % len(topics)]
    permit = procedure.startswith("conference_permit")
    facts: dict[str, object] = {
        "topic": topic, "topic_field": field, "event_date": _event_day(number), "participants": 60 + 10 * (number % 9),
        "foreign_guests": guests, "head_of_state_level": topic.startswith("Diễn đàn Bộ trưởng"), "state_secret": False,
    }
    if not permit:
        facts["funding"] = "Kinh phí của đơn vị và tài trợ"
    given: dict[str, Any] = {
        "papers": PERMIT_PAPERS if permit else HOSTING_PAPERS, "desk": CENTRE, "facts": facts,
        "subject": f"{'Hội thảo' if permit else 'Đăng cai hội nghị'}: {topic}", "applicant": organisation(number),
    }
    return Case(name=name, procedure=procedure, arrives=arrives, **{**given, **other})


def funeral(name: str, desk: str, arrives: datetime, number: int, **other: Any) -> Case:
    applicant, deceased, category = FAMILIES[number % len(FAMILIES)]
    died = arrives.astimezone(ZONE).date() - timedelta(days=5 + number % 11)
    address = "Khóm 3, phường Sóc Trăng" if desk == SOC_TRANG else "Khóm 2, phường Mỹ Xuyên"
    facts = {"deceased_name": deceased, "merit_category": category, "date_of_death": died.isoformat(),
             "buried_by": "relative"}
    given: dict[str, Any] = {
        "papers": FUNERAL_PAPERS, "facts": facts, "subject": f"Trợ cấp mai táng: {deceased}",
        "applicant": Applicant(name=applicant, id_number=f"094{number + 1:09d}", phone=f"0900{number:06d}",
                               address=address),
    }
    return Case(name=name, procedure="funeral_allowance", desk=desk, arrives=arrives, **{**given, **other})


def household(name: str, desk: str, arrives: datetime, *, owner: str = "", **other: Any) -> Case:
    """With an obligation once it opens; that of another `owner` has not said when it will."""
    facts: dict[str, object] = {
        "business_name": f"Hộ kinh doanh Hành tím {owner or 'Ba Sương'}", "business_address": "Chợ Mỹ Xuyên, ki-ốt 12",
        "business_line": "Bán buôn nông sản", "capital": 150_000_000, "family_members": 1,
    } | ({} if owner else {"opens_on": "2026-11-25"})
    return Case(name=name, procedure="household_business", desk=desk, arrives=arrives, facts=facts,
                papers=("business_application", "identity"), subject=str(facts["business_name"]),
                applicant=Applicant(name=owner or "Trần Thị Ba Sương", id_number="094000000104", phone="0900000104",
                                    address="Khóm 2, phường Mỹ Xuyên"), **other)


def building(name: str, desk: str, arrives: datetime, **other: Any) -> Case:
    """A house near a pagoda under protection: the one body that the procedure then asks is for culture."""
    facts: dict[str, object] = {
        "certificate_number": "CS 445566", "parcel": "thửa 88, tờ bản đồ 5", "floors": 3, "floor_area": 240,
        "has_neighbour": False, "near_heritage": True, "planned_area": False,
    }
    return Case(name=name, procedure="construction_permit", desk=desk, arrives=arrives, facts=facts,
                papers=("permit_application", "land_certificate", "design"), subject="Nhà ở ba tầng cạnh chùa Kh'leang",
                applicant=Applicant(name="Lý Sà Vưn", id_number="094000000105", phone="0900000105",
                                    address="Khóm 3, phường Sóc Trăng"), **other)


def organisation(number: int) -> Applicant:
    """Organisations have no ID number here."""
    return Applicant(name=ORGANISATIONS[number % len(ORGANISATIONS)], phone=f"02990{number:05d}",
                     email=f"van-thu-{number % len(ORGANISATIONS) + 1}@vi-du.vn", address="Thành phố Sóc Trăng cũ")


def _event_day(number: int) -> str:
    """Later than the law asks for: 40 days ahead at the least."""
    return (date(2027, 3, 1) + timedelta(days=7 * (number % 14))).isoformat()


def required(case: Case) -> Mapping[str, str]:
    """The form in which each paper comes in: through the portal everything is electronic."""
    copies = {"death_certificate", "invitation", "identity", "land_certificate"}
    return {paper: "electronic" if case.channel == "online" else "copy" if paper in copies else "original"
            for paper in case.papers}
