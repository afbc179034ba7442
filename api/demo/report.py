"""The tables that close the day, and what the script says they must show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields

from rich.table import Table

from api.demo.cast import Cast
from api.demo.script import Case, End
from api.demo.ways import SHORT, Way


@dataclass(kw_only=True, slots=True)
class Sums:
    """The dossiers that one agency received."""

    received: int = 0
    returned: int = 0
    on_time: int = 0
    late: int = 0
    no_limit: int = 0
    rejected: int = 0
    refused: int = 0
    withdrawn: int = 0
    stopped: int = 0
    open: int = 0

    def __iadd__(self, other: Sums) -> Sums:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self

    def count(self, end: End, *, late: bool | None, rejected: bool) -> None:
        self.received += 1
        name = str(end)
        setattr(self, name, getattr(self, name) + 1)
        if end is End.RETURNED:
            self.on_time += late is False
            self.late += late is True
            self.no_limit += late is None
            self.rejected += rejected


HEADINGS = {
    "received": ("Tiếp nhận", "received"), "returned": ("Đã trả", "returned"), "on_time": ("Đúng hạn", "on time"),
    "late": ("Trễ hạn", "late"), "no_limit": ("Không hạn", "no limit"), "rejected": ("Không chấp thuận", "rejected"),
    "refused": ("Từ chối", "refused"), "withdrawn": ("Rút", "withdrawn"), "stopped": ("Dừng", "stopped"),
    "open": ("Đang xử lý", "in progress"),
}

OF_RETURNED = frozenset({"on_time", "late", "no_limit", "rejected"})


def found(ways: Iterable[Way]) -> dict[str, Sums]:
    """By receiving agency, as the record has it."""
    sums: dict[str, Sums] = {}
    for way in ways:
        sums.setdefault(way.code.partition("-")[0], Sums()).count(
            way.end, late=way.late, rejected=way.outcome == "rejected")
    return sums


def expected(cases: Iterable[Case]) -> dict[str, Sums]:
    """By receiving agency, as the script has it."""
    sums: dict[str, Sums] = {}
    for case in cases:
        sums.setdefault(case.desk, Sums()).count(case.end, late=case.ends_late, rejected=case.rejected)
    return sums


def closing_table(sums: dict[str, Sums]) -> Table:
    """A column an agency, because names are long and numbers short."""
    agencies, total = sorted(sums), Sums()
    for agency in agencies:
        total += sums[agency]
    table = Table(title="Tổng kết, theo cơ quan tiếp nhận · the sums, by receiving agency")
    for heading in ("", *(SHORT[agency].replace(" ", "\n", 1) for agency in agencies), "Cộng"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for field in fields(Sums):
        vi, en = HEADINGS[field.name]
        cells = [str(getattr(each, field.name)) for each in (*(sums[agency] for agency in agencies), total)]
        indent = "  " if field.name in OF_RETURNED else ""
        table.add_row(f"{indent}{vi} · {en}", *cells, style="bold" if field.name in ("received", "returned") else None)
    return table


def agencies_table(ways: Iterable[Way], cast: Cast) -> Table:
    """Who did how much: entries of the record by agency."""
    entries: Counter[str] = Counter()
    handled: Counter[str] = Counter()
    for way in ways:
        entries.update(way.agencies)
        handled.update(dict.fromkeys(way.agencies, 1))
    table = Table(title="Việc của từng cơ quan · the work of each agency")
    for heading in ("Cơ quan\nagency", "Hồ sơ qua tay\ndossiers", "Mục ghi vết\nentries"):
        table.add_column(heading, justify="left" if heading.startswith("Cơ") else "right")
    for code, short in SHORT.items():
        if handled[short]:
            table.add_row(cast.agency_name(code), str(handled[short]), str(entries[short]))
    return table


def differences(wanted: dict[str, Sums], got: dict[str, Sums], cast: Cast) -> list[str]:
    """Every cell of the closing table that is not what the script says."""
    faults = []
    for agency in sorted({*wanted, *got}):
        for field in fields(Sums):
            should, has = (getattr(sums.get(agency, Sums()), field.name) for sums in (wanted, got))
            if should != has:
                vi, en = HEADINGS[field.name]
                faults.append(f"bảng / table: {cast.agency_name(agency)}, {vi} ({en}): {has}, "
                              f"kịch bản / script: {should}")
    return faults
