"""Legal time as the record has it: dates that a closure moved and why, what each dossier shows, who was on time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rich.table import Table

from api.demo.acting import instant
from api.demo.cast import Cast
from api.demo.client import Api, Json, Refusal
from api.demo.closing import Closing
from api.demo.script import Case, Shown
from api.demo.ways import SHORT, Way
from engine.clocks.zone import ZONE

SHOWN = {
    Shown.TACIT: ("Hết hạn, hệ thống coi như đồng ý", "tacit yes by the system"),
    Shown.ESCALATED: ("Hết hạn, hệ thống báo cấp trên", "escalated by the system"),
    Shown.DRAFTED: ("Phiếu xin lỗi do hệ thống dự thảo, đã phát hành", "apology drafted by the system, issued"),
    Shown.EXTENDED: ("Hẹn lại ngày trả", "new date"),
    Shown.ASKED_AGAIN: ("Yêu cầu bổ sung lần hai, được cho phép", "second supplement, with leave"),
    Shown.ANSWERED: ("Phản ánh được trả lời đúng hạn", "feedback answered in time"),
}
# As the report on time limits names its counts.
JUDGED = {
    "early": ("Sớm hạn", "early"), "on_time": ("Đúng hạn", "on time"), "late": ("Trễ hạn", "late"),
    "not_judged": ("Không hẹn ngày", "no date promised"), "asked_again": ("Bổ sung lần hai", "asked again"),
    "extended": ("Hẹn lại", "new date"),
}
COUNTED = {Shown.ASKED_AGAIN: "asked_again", Shown.EXTENDED: "extended"}
Sums = dict[str, Counter[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeKept:
    """`agencies`: judgements counted by receiving agency; `dossiers`: the verdict by code; `faults`: of closures."""

    agencies: Sums
    dossiers: dict[str, str]
    faults: list[str]


def collect(api: Api, cast: Cast, closings: Iterable[Closing], days: Sequence[date]) -> TimeKept:
    """The report on the days of the play, and why the moved dates are what they are, as the auditor reads them."""
    asked = {"since": days[0].isoformat(), "until": days[-1].isoformat()}
    report = api.get(cast.auditor, "/reports/timeliness", **asked)
    agencies = {row["agency"]: Counter({name: int(row["figures"][name]) for name in JUDGED})
                for row in report["agencies"]}
    verdicts: dict[str, str] = {}
    page, more = 0, True
    while more:
        page += 1
        found = api.get(cast.auditor, "/reports/timeliness/dossiers", page=page, **asked)
        verdicts |= {row["code"]: row["local"] for row in found["rows"]}
        more = found["more"]
    return TimeKept(agencies=agencies, dossiers=verdicts,
                    faults=[fault for closing in closings for fault in _unexplained(api, cast, closing)])


def _unexplained(api: Api, cast: Cast, closing: Closing) -> list[str]:
    """Moved dates whose history does not say which calendar and whose decision moved them."""
    faults = []
    for code, (_, due) in closing.moved.items():
        try:
            number = api.get(cast.auditor, f"/dossiers/{code}")["clock"]["no"]
            why = api.get(cast.auditor, f"/dossiers/{code}/clocks/{number}")
        except Refusal as refusal:
            faults.append(str(refusal))
            continue
        if not _told(why, closing, due):
            faults.append(f"{code}: lịch sử hạn không nói vì sao dời / its history does not say why it moved")
    return faults


def _told(why: Json, closing: Closing, due: datetime) -> bool:
    change = next((one for one in why["changes"]
                   if one["kind"] == "calendar" and one["calendar_no"] == closing.number), None)
    part = why["calendars"].get(str(closing.number))
    return (change is not None and instant(change["due_at"]) == due
            and part is not None and closing.closure.decision in part["reason"])


def expected(cases: Iterable[Case]) -> Sums:
    """The judgements by receiving agency, as the script has them."""
    sums: Sums = {}
    for case in cases:
        if case.judged is not None:
            sums.setdefault(case.desk, Counter()).update(
                [case.judged, *(name for shown, name in COUNTED.items() if shown in case.shows)])
    return sums


def differences(wanted: Sums, got: Sums, cast: Cast) -> list[str]:
    """Every cell of the table of judgements that is not what the script says."""
    return [f"đánh giá / judgement: {cast.agency_name(agency)}, {vi} ({en}): {got.get(agency, Counter())[name]}, "
            f"kịch bản / script: {wanted.get(agency, Counter())[name]}"
            for agency in sorted({*wanted, *got}) for name, (vi, en) in JUDGED.items()
            if wanted.get(agency, Counter())[name] != got.get(agency, Counter())[name]]


def faults(ways: Iterable[Way], cases: Iterable[Case], closings: Iterable[Closing], kept: TimeKept,
           cast: Cast) -> list[str]:
    """Each dossier by itself, then the counts: two that went wrong could hide each other in the sums."""
    closings = list(closings)
    found = [fault for closing in closings for fault in closing.faults()] + kept.faults
    for way in ways:
        found += [f"{way.code} ({way.case.name}): {fault}" for fault in _faults(way, closings, kept)]
    return found + differences(expected(cases), kept.agencies, cast)


def _faults(way: Way, closings: list[Closing], kept: TimeKept) -> Iterable[str]:
    case, verdict = way.case, kept.dossiers.get(way.code)
    if verdict != case.judged:
        yield f"đánh giá / judged {verdict}, kịch bản / script: {case.judged}"
    for shown in sorted(case.shows - way.shows):
        yield f"thiếu / missing: {SHOWN[shown][0]} ({SHOWN[shown][1]})"
    # the crowd has limits that run out, too, of which the script does not speak
    for shown in sorted(way.shows - case.shows - {Shown.ESCALATED}):
        yield f"ngoài kịch bản / not in the script: {SHOWN[shown][0]} ({SHOWN[shown][1]})"
    moved = sum(way.code in closing.moved for closing in closings)
    closed = any(way.code in closing.before for closing in closings)
    if way.events["recompute_dues"] < moved or (way.events["recompute_dues"] and not closed):
        yield f"tính lại hạn / recomputed {way.events['recompute_dues']}, kịch bản / script: {moved}"


def shown_table(ways: Sequence[Way], closings: Iterable[Closing]) -> Table:
    """What there was of legal time, with the dossiers that show it."""
    table = Table(title="Thời hạn theo luật · legal time")
    for heading in ("", "Số\nno.", "Ví dụ\nsuch as"):
        table.add_column(heading, justify="right" if heading.startswith("Số") else "left")
    for closing in closings:
        days = f"{closing.closure.first:%d/%m} đến {closing.closure.last:%d/%m}"
        table.add_row(f"{SHORT[closing.closure.agency]} đóng cửa {days} theo {closing.closure.decision}, hạn dời lại "
                      "· closed, due dates moved", str(len(closing.moved)), _example(closing))
    for shown, (vi, en) in SHOWN.items():
        codes = sorted(way.code for way in ways if shown in way.shows)
        table.add_row(f"{vi} · {en}", str(len(codes)), *codes[:1])
    return table


def _example(closing: Closing) -> str:
    for code, dues in sorted(closing.moved.items()):
        old, new = (due.astimezone(ZONE) for due in dues)
        return f"{code}\n{old:%d/%m} ⇒ {new:%d/%m}"
    return ""


def judged_table(sums: Sums) -> Table:
    """Early, on time, late against what was promised first, a column an agency."""
    agencies = sorted(sums)
    table = Table(title="Đánh giá thời hạn, theo cơ quan tiếp nhận · judgements, by receiving agency")
    for heading in ("", *(SHORT[agency].replace(" ", "\n", 1) for agency in agencies), "Cộng"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, (vi, en) in JUDGED.items():
        cells = [sums[agency][name] for agency in agencies]
        table.add_row(f"{vi} · {en}", *(str(cell) for cell in (*cells, sum(cells))))
    return table
