"""How the forms write dates, sums and places: in Vietnamese, whatever the reader's language."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from engine.catalogue import UnitInfo
from engine.clocks.zone import ZONE
from engine.settings import settings
from procedures import policies, province

# Decree 30/2020: a letter of a commune names the commune as its place, any other one the province.
_COMMUNE = re.compile(r"\b(?:phường|xã|thị trấn|đặc khu)\s+(.+)$", re.IGNORECASE)
_KIND = re.compile(r"^(?:Tỉnh|Thành phố)\s+", re.IGNORECASE)


def moment(at: datetime | None) -> str:
    """09 giờ 30 phút, ngày 20/11/2026; empty without one."""
    return at.astimezone(ZONE).strftime("%H giờ %M phút, ngày %d/%m/%Y") if at else ""


def brief(at: datetime | None) -> str:
    return at.astimezone(ZONE).strftime("%H:%M %d/%m/%Y") if at else ""


def day(at: datetime | None) -> str:
    return at.astimezone(ZONE).strftime("%d/%m/%Y") if at else ""


def dated(unit: UnitInfo, at: datetime) -> str:
    """Sóc Trăng, ngày 03 tháng 02 năm 2026."""
    local = at.astimezone(ZONE)
    return f"{place(unit)}, ngày {local:%d} tháng {local:%m} năm {local:%Y}"


def place(unit: UnitInfo) -> str:
    if unit.level == "commune" and (found := _COMMUNE.search(unit.agency_vi)):
        return found[1]
    return _province(settings().province)


@lru_cache
def _province(name: str) -> str:
    return _KIND.sub("", province.load(name).name.vi)


def warm() -> None:
    """Reads the province's file and the rules."""
    _province(settings().province)
    policies.load(policies.NATIONAL)


def dong(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"
