"""The words of a clock: what it is called, where its limit comes from, how it is counted, why it began when it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.clocks.limits import CountMode, Limit, Unit
from engine.clocks.marks import MarkKind
from engine.clocks.wording import moment
from engine.clocks.zone import ZONE, minute_of
from engine.desk.clock_record import Cause
from engine.states.procedure import Procedure
from procedures import answers, policies
from procedures.declaration import AfterSupplement, Event, Text
from procedures.policies import Period, Rule

Row = dict[str, Any]
CIVIL_CODE = "Bộ luật Dân sự 2015, Điều 147, 148"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where a limit comes from. `practice`: no law sets it, those who built the process do.

    `note`: what the procedure says of its limit besides.
    """

    words: Text
    basis: list[str]
    practice: bool
    note: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the words of one clock are made from. `on`: the day whose rules hold for the dossier."""

    row: Row
    limit: Limit
    procedure: Procedure
    given: dict[str, Any]
    step: Text | None
    owed: Text | None
    register_due: datetime | None
    on: date


_NAMES = {
    "dossier": Text(vi="Cả hồ sơ", en="The whole dossier"),
    "step": Text(vi="Bước", en="Step"),
    "handoff": Text(vi="Ký nhận hồ sơ chuyển đến", en="To register the hand-off"),
    "consultation": Text(vi="Cho ý kiến ngoài quy trình", en="An opinion beyond the procedure"),
    "obligation": Text(vi="Nghĩa vụ sau khi có kết quả", en="Obligation after the result"),
    "agency": Text(vi="Các bước liền nhau của một cơ quan", en="Consecutive steps of one agency"),
    "answer": Text(vi="Trả lời hồ sơ nộp trực tuyến", en="Answer to the online submission"),
    "request": Text(vi="Người nộp bổ sung hoặc nộp tiền", en="The applicant hands in what was asked, or pays"),
    "feedback": Text(vi="Trả lời phản ánh, kiến nghị, góp ý", en="Answer to feedback"),
}


def clock_name(kind: str, what: Text | None) -> Text:
    """`what`: the step, or the obligation, it belongs to."""
    name = _NAMES.get(kind, Text(vi=kind, en=kind))
    return Text(vi=f"{name.vi}: {what.vi}", en=f"{name.en}: {what.en}") if what else name


def source(told: Facts) -> Source:
    declared = told.procedure.declaration
    process = Text(vi=f"Phiên bản {declared.version} của thủ tục “{declared.name.vi}”",
                   en=f"Version {declared.version} of the procedure “{declared.name.en}”")
    kind = told.row["kind"]
    if kind == "dossier":
        return Source(words=process, basis=_statutory(told), practice=False, note=declared.limit_note)
    if kind in ("step", "agency", "request"):
        return _by_process(kind, process, told)
    if kind == "obligation":
        basis = [owed.basis for owed in declared.obligations
                 if told.owed is not None and owed.name.vi == told.owed.vi and owed.basis]
        return Source(words=process, basis=basis or list(declared.legal_basis), practice=False)
    if kind == "consultation":
        return Source(words=Text(vi="Thời hạn do người hỏi ý kiến ghi trong yêu cầu",
                                 en="The time that who asked wrote in the question"),
                      basis=_basis("consultation_has_deadline", told.on), practice=False)
    parameter = {"handoff": "register_within", "answer": "online_answer", "feedback": "feedback_handle"}.get(kind, "")
    return _by_policy(parameter, told.on)


def _statutory(told: Facts) -> list[str]:
    """The case that set the limit says why; else the laws of the procedure."""
    declared = told.procedure.declaration
    case = next((case for case in declared.limit_cases if answers.applies(declared, case.when, told.given)), None)
    return [case.basis] if case is not None and case.basis else list(declared.legal_basis)


_OF_PROCESS = {
    "step": ("thời hạn riêng của bước trong quy trình nội bộ", "the step's own time in the internal process"),
    "agency": ("thời hạn chung các bước liền nhau của cơ quan", "what the agency has for its consecutive steps"),
    "request": ("thời gian người nộp có để bổ sung hoặc nộp tiền", "the time the applicant has to hand in or to pay"),
}


def _by_process(kind: str, process: Text, told: Facts) -> Source:
    vi, en = _OF_PROCESS[kind]
    if kind == "request" and told.limit.written() not in _declared(told.procedure):
        by_policy = _by_policy("supplement_within", told.on)
        return Source(words=by_policy.words, basis=by_policy.basis, practice=True)
    return Source(words=Text(vi=f"{process.vi}: {vi}", en=f"{process.en}: {en}"), basis=[], practice=True)


def _declared(procedure: Procedure) -> list[list[str]]:
    declared = procedure.declaration
    return [Limit.parse(asked.within).written() for asked in (declared.supplement, declared.payment) if asked.within]


def _by_policy(parameter: str, on: date) -> Source:
    found = _policy(parameter, on)
    if found is None:
        return Source(words=Text(vi="Thời hạn theo quy định chung", en="By the common rules"), basis=[], practice=True)
    rule, period = found
    return Source(words=rule.name, basis=[period.basis], practice=rule.practice)


def _policy(parameter: str, on: date) -> tuple[Rule, Period] | None:
    """The rule that sets a parameter on a day."""
    for rule in policies.load():
        period = rule.on(on)
        if period is not None and parameter in period.values:
            return rule, period
    return None


def _basis(parameter: str, on: date) -> list[str]:
    found = _policy(parameter, on)
    return [found[1].basis] if found else []


_DAYS = Text(vi="cả ngày nghỉ cũng tính; ngày cuối là ngày nghỉ thì kết thúc vào cuối ngày làm việc tiếp theo",
             en="days off count as well; if the last day is off, the next working day is the last")
_WORKING = Text(vi="chỉ tính ngày làm việc, kết thúc khi hết giờ làm việc của ngày cuối",
                en="only working days count, it ends when the office closes on the last one")
_HOURS = Text(vi="tính từng phút trong giờ làm việc, 1 ngày làm việc là 8 giờ làm việc",
              en="every minute of office hours counts, 1 working day is 8 working hours")
_MONTHS = Text(vi="tính đến ngày tương ứng của tháng cuối", en="it runs to the same date of the last month")


def way(limit: Limit, mode: CountMode) -> Text:
    """How the parts of a limit are counted."""
    ways: list[Text] = []
    for part in limit.parts:
        hours = part.unit is Unit.WORKING_HOUR or (part.unit is Unit.WORKING_DAY and mode is CountMode.HOUR)
        found = _HOURS if hours else {Unit.DAY: _DAYS, Unit.MONTH: _MONTHS}.get(part.unit, _WORKING)
        if found not in ways:
            ways.append(found)
    vi, en = "; ".join(one.vi for one in ways), "; ".join(one.en for one in ways)
    if ways != [_HOURS]:
        return Text(vi=f"Theo ngày: không tính ngày đầu; {vi} ({CIVIL_CODE})",
                    en=f"By days: the first day is excluded; {en} (Civil Code 2015, art. 147, 148)")
    return Text(vi=f"Theo giờ: {vi}", en=f"By hours: {en}")


def begins(told: Facts, cause: Cause | None) -> Text:
    """Why a clock began when it did."""
    kind, start = told.row["kind"], datetime.fromisoformat(told.row["marks"][0]["at"])
    if kind in ("step", "agency"):
        return _work_begins(told, start, cause)
    if kind == "obligation":
        return _from_answer(told)
    if kind == "dossier" and cause is not None and minute_of(cause.at) < minute_of(start):
        return Text(vi="Hồ sơ được tiếp nhận ngoài giờ làm việc nên coi là tiếp nhận hợp lệ khi mở cửa lại",
                    en="Accepted outside working hours: validly received when the office opened again")
    return _BEGINNINGS.get(kind, _BEGINNINGS["dossier"])


_BEGINNINGS = {
    "dossier": Text(vi="Từ khi hồ sơ được tiếp nhận hợp lệ", en="From the valid receipt of the dossier"),
    "handoff": Text(vi="Từ khi hồ sơ được chuyển đi", en="From the moment the dossier was handed over"),
    "consultation": Text(vi="Từ khi gửi yêu cầu lấy ý kiến", en="From the moment the opinion was asked for"),
    "answer": Text(vi="Từ khi hồ sơ được nộp trực tuyến, nộp ngoài giờ thì từ lúc mở cửa lại",
                   en="From the online submission, or the next opening after it"),
    "request": Text(vi="Từ khi người nộp được yêu cầu", en="From the moment the applicant was asked"),
    "feedback": Text(vi="Từ khi nhận phản ánh, kiến nghị, góp ý", en="From the receipt of the feedback"),
}


def _work_begins(told: Facts, start: datetime, cause: Cause | None) -> Text:
    """Between agencies work begins with its receipt, at the latest when the time to register is over."""
    action = cause.action if cause is not None else ""
    arrived = cause is not None and action in _ARRIVALS and cause.at <= start
    if arrived:
        return _ARRIVALS[action]
    if told.register_due is None and action not in _ARRIVALS and not action.startswith("alarm:"):
        return Text(vi="Từ khi bước trước hoàn thành, trong cùng cơ quan nên không phải chờ ký nhận",
                    en="From the end of the step before: inside one agency nothing waits to be registered")
    if start == told.register_due or action in _ARRIVALS or action.startswith("alarm:"):
        over = minute_of(start)
        return Text(vi=f"Từ khi hết thời gian ký nhận ({moment(over)}): đến lúc đó chưa ai ký nhận hồ sơ chuyển đến",
                    en=f"From the end of the time to register ({moment(over, 'en')}): nobody had registered it by then")
    return _BEGINNINGS["handoff"]


_ARRIVALS = {
    "register": Text(vi="Từ khi ký nhận hồ sơ chuyển đến", en="From the registration of the hand-off"),
    "deliver": Text(vi="Từ khi hồ sơ đến nơi nhận", en="From its delivery to the receiver"),
}


def _from_answer(told: Facts) -> Text:
    declared = told.procedure.declaration
    owed = next((one for one in declared.obligations if told.owed is not None and one.name.vi == told.owed.vi), None)
    fact = declared.facts.get(owed.after) if owed else None
    if fact is None:
        return Text(vi="Từ ngày người nộp đã khai", en="From the date the applicant gave")
    return Text(vi=f"Từ ngày người nộp đã khai: {fact.label.vi}",
                en=f"From the date the applicant gave: {fact.label.en}")


def ruled(kind: MarkKind, cause: Cause | None, procedure: Procedure, on: date) -> Text | None:
    """By which rule a clock stopped, went on, began anew, or was extended."""
    action = cause.action if cause else ""
    if kind == MarkKind.STOP and action in _WAITS:
        return _WAITS[action]
    if kind == MarkKind.EXTEND:
        return _with_basis(Text(vi="Xin lỗi và hẹn lại một lần, chậm nhất một ngày làm việc trước hạn",
                                en="One apology with a new date, at least one working day before due"),
                           _basis("apology_lead", on))
    if kind not in (MarkKind.RESUME, MarkKind.RESTART):
        return None
    if action == "deliver":
        return Text(vi="Từ khi hệ thống của nơi nhận xác nhận đã nhận: thời gian trên đường truyền không tính",
                    en="From the receipt of the receiver's system: what the line took is not counted")
    if action == Event.PAY:
        return Text(vi="Đã nộp tiền: thời gian chờ không tính, tính tiếp phần còn lại",
                    en="Paid: the wait is not counted, the remainder runs on")
    return _after_supplement(kind, procedure, on) if action == Event.SUPPLEMENT else _GOES_ON.get(kind)


_WAITS = {
    Event.REQUEST_SUPPLEMENT.value: Text(vi="Chờ người nộp bổ sung hồ sơ", en="Waiting for the applicant's supplement"),
    Event.REQUEST_PAYMENT.value: Text(vi="Chờ người nộp thực hiện nghĩa vụ tài chính",
                                      en="Waiting for the applicant's payment"),
}
_GOES_ON: dict[str, Text] = {
    MarkKind.RESUME: Text(vi="Thời gian dừng không tính, tính tiếp phần còn lại",
                          en="The wait is not counted, the remainder runs on"),
    MarkKind.RESTART: Text(vi="Thời hạn tính lại từ đầu", en="The limit begins anew"),
}


def _after_supplement(kind: MarkKind, procedure: Procedure, on: date) -> Text:
    """The procedure says whether the limit begins anew; where it does not, the rule in force at the receipt."""
    words = Text(vi="Sau khi bổ sung, tính lại từ đầu", en="After the supplement the limit begins anew")
    if kind == MarkKind.RESUME:
        words = Text(vi="Sau khi bổ sung, tính tiếp phần còn lại", en="After the supplement the remainder runs on")
    declared = procedure.declaration
    if declared.supplement.after == AfterSupplement(kind):
        return _with_basis(words, [f"phiên bản {declared.version} của thủ tục"],
                           [f"version {declared.version} of the procedure"])
    return _with_basis(words, _basis("after_supplement_at_appraisal", on))


def _with_basis(words: Text, basis: list[str], basis_en: list[str] | None = None) -> Text:
    if not basis:
        return words
    return Text(vi=f"{words.vi} ({'; '.join(basis)})", en=f"{words.en} ({'; '.join(basis_en or basis)})")


def rules_of(received_at: datetime | None, first: datetime) -> date:
    """The rules of the day a dossier was validly received hold for it."""
    return (received_at or first).astimezone(ZONE).date()
