"""What became of each dossier, read back over the API as the auditor sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.demo.acting import Playing, instant
from api.demo.cast import Cast
from api.demo.client import Api, Json, Refusal
from api.demo.script import Bundle, Case, End, Shown
from engine.clocks.zone import ZONE

SHORT = {
    "H51.01": "VP UBND tỉnh", "H51.02": "Trung tâm", "H51.03": "Sở Nội vụ", "H51.04": "Sở Ngoại vụ",
    "H51.05": "Công an tỉnh", "H51.06": "Sở NN&MT", "H51.07": "Sở KH&CN", "H51.08": "Sở VHTT&DL",
    "H51.09": "Bưu điện", "H51.10": "BHXH tỉnh", "H51.11": "Thuế tỉnh", "H51.12": "Sở Xây dựng", "H51.13": "Sở Tư pháp",
    "H51.14": "Sở Tài chính", "H51.21": "P. Sóc Trăng", "H51.22": "P. Mỹ Xuyên", "H51.05.21": "CA P. Sóc Trăng",
    "H51.05.22": "CA P. Mỹ Xuyên", "H51.06.01": "VP ĐK đất đai", "H51.06.01.01": "CN ĐKĐĐ Sóc Trăng",
    "H51.06.01.02": "CN ĐKĐĐ Mỹ Xuyên",
}
PROCEDURES = {
    "conference_permit_local": "Cho phép hội nghị (tỉnh)", "conference_permit_pm": "Cho phép hội nghị (Thủ tướng)",
    "conference_hosting_local": "Đăng cai hội nghị (tỉnh)", "conference_hosting_pm": "Đăng cai hội nghị (Thủ tướng)",
    "funeral_allowance": "Trợ cấp mai táng người có công",
    "household_business": "Đăng ký hộ kinh doanh", "construction_permit": "Giấy phép xây dựng nhà ở",
    "land_change_info": "Đổi thông tin Giấy chứng nhận", "land_correct": "Đính chính Giấy chứng nhận",
    "land_confirm_use": "Xác nhận tiếp tục sử dụng đất", "birth_registration": "Đăng ký khai sinh",
    "residence_registration": "Đăng ký thường trú", "health_insurance_card": "Thẻ bảo hiểm y tế",
    "identity_card": "Thẻ căn cước",
}
ENDS = {10: End.RETURNED, 3: End.REFUSED, 7: End.WITHDRAWN, 8: End.STOPPED}
# Told on a dossier's line beside the acts that moved it.
NOTABLE = frozenset({"refuse_handoff", "recall", "resend", "extend", "report_missing", "refused", "consult_further",
                     "answer_consultation"})
SYSTEM = "Hệ thống"
REQUEST, LEAVE = "request_supplement", "approve_supplement"
ASKING = frozenset({REQUEST, LEAVE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    at: datetime
    agency: str
    vi: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """`late` is None where no date was promised, or where there is no result to be late."""

    case: Case
    code: str
    steps: tuple[Step, ...]
    events: Counter[str]
    agencies: Counter[str]
    end: End
    where: str
    outcome: str | None
    finished: datetime | None
    due: datetime | None
    documents: Counter[str]
    shows: frozenset[Shown]

    @property
    def late(self) -> bool | None:
        if self.end is not End.RETURNED or self.finished is None or self.due is None:
            return None
        return self.finished > self.due


def collect(api: Api, cast: Cast, playing: Iterable[Playing], faults: list[str]) -> list[Way]:
    """Every dossier that can still be shown; `faults` names the others."""
    ways = []
    for each in playing:
        try:
            ways.append(_way(api.get(cast.auditor, f"/dossiers/{each.code}"), each, cast))
        except Refusal as refusal:
            faults.append(str(refusal))
    return ways


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """A bundle as the record has it; `parts` are the ways of its dossiers."""

    bundle: Bundle
    code: str
    name: str
    parts: tuple[Way, ...]
    closed: bool


def collect_bundles(api: Api, cast: Cast, received: Mapping[str, Bundle], ways: list[Way],
                    faults: list[str]) -> list[Joined]:
    by_code, found = {way.code: way for way in ways}, []
    for code, bundle in received.items():
        try:
            view = api.get(cast.auditor, f"/bundles/{code}")
        except Refusal as refusal:
            faults.append(str(refusal))
            continue
        parts = tuple(by_code[part["code"]] for part in view["parts"] if part["code"] in by_code)
        found.append(Joined(bundle=bundle, code=code, name=view["name"]["vi"], parts=parts,
                            closed=view["closed_at"] is not None))
    return found


def _way(view: Json, playing: Playing, cast: Cast) -> Way:
    header, timeline = view["header"], view["timeline"]
    return Way(
        case=playing.case, code=playing.code, steps=tuple(_steps(timeline, cast)),
        events=Counter(str(entry["action"]) for entry in timeline),
        agencies=Counter(_agency(entry, cast) for entry in timeline if entry["unit"] != SYSTEM),
        end=ENDS.get(int(header["status"]), End.OPEN), outcome=header["outcome"],
        where="; ".join(f"{place['name']['vi']} – {SHORT[place['unit']['agency']]}" for place in view["where"]
                        if place["unit"] is not None),
        finished=_maybe(header["finished_at"]), due=_maybe(header["due_at"]),
        documents=Counter(str(row["media_type"]) for row in view["documents"] if row["sha256"]),
        shows=frozenset(_shown(view)),
    )


def _shown(view: Json) -> Iterator[Shown]:
    """What of legal time: done by the system at the end of a limit, or by people within theirs."""
    by_system = {str(entry["action"]) for entry in view["timeline"] if entry["who"] == SYSTEM}
    if "answer_consultation" in by_system:
        yield Shown.TACIT
    if "expired:escalate" in by_system:
        yield Shown.ESCALATED
    for slip in view["apologies"]:
        if slip["standing"] == "issued":
            yield Shown.EXTENDED
            if instant(slip["drafted_at"]) < instant(slip["issued_at"]):
                yield Shown.DRAFTED
    asked = [str(entry["action"]) for entry in view["timeline"] if entry["action"] in ASKING]
    if asked == [REQUEST, LEAVE, REQUEST]:
        yield Shown.ASKED_AGAIN
    if any(row["answered_at"] and row["lateness"] == "on_time" for row in view["feedback"]):
        yield Shown.ANSWERED


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else instant(text).astimezone(ZONE)


def _steps(timeline: list[Json], cast: Cast) -> list[Step]:
    """What moved the dossier, and what else is worth telling, in order."""
    found: list[Step] = []
    at_once = len(timeline) > 1 and timeline[1]["action"] == "accept"
    for entry in timeline:
        told = not at_once if entry["seq"] == 1 else entry["action"] in NOTABLE or entry["to_names"]
        if told:
            found.append(Step(at=instant(entry["at"]).astimezone(ZONE), agency=_agency(entry, cast),
                              vi=str(entry["name"]["vi"])))
    return found


def _agency(entry: Json, cast: Cast) -> str:
    """The entry keeps the name that the unit had; its agency's is the last part of it."""
    unit = str(entry["unit"])
    return next((SHORT[code] for code, agency in cast.province.agencies.items() if unit.endswith(agency.name.vi)), unit)


def line(way: Way) -> str:
    """One dossier's way: `code · procedure | day time agency: act › … ⇒ outcome`."""
    parts, day = [], None
    for step in way.steps:
        stamp = f"{step.at:%d/%m %H:%M}" if step.at.date() != day else f"{step.at:%H:%M}"
        day = step.at.date()
        parts.append(f"{stamp} {step.agency}: {step.vi}")
    return f"{way.code} · {PROCEDURES[way.case.procedure]} | {' › '.join(parts)} ⇒ {outcome(way)}"


def bundle_line(joined: Joined) -> str:
    """A bundle and how its parts ended."""
    told = "; ".join(f"{PROCEDURES[way.case.procedure]} ({way.code}) ⇒ {outcome(way)}" for way in joined.parts)
    stands = "đã khép lại" if joined.closed else "đang xử lý"
    return f"{joined.code} · {joined.name} | {len(joined.parts)} phần, {stands}: {told}"


def outcome(way: Way) -> str:
    if way.end is not End.RETURNED:
        told = {End.REFUSED: "TỪ CHỐI TIẾP NHẬN", End.WITHDRAWN: "ĐÃ RÚT", End.STOPPED: "ĐÃ DỪNG",
                End.OPEN: f"ĐANG XỬ LÝ ({way.where})"}
        return told[way.end]
    word = "ĐÃ TRẢ, không chấp thuận" if way.outcome == "rejected" else "ĐÃ TRẢ"
    if way.late is None or way.due is None:
        return f"{word}, không có thời hạn chung"
    return f"{word}, {'TRỄ HẠN' if way.late else 'đúng hạn'} (hẹn {way.due:%H:%M %d/%m})"
