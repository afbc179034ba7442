"""Whether the day went as written: every kind of event, every number, and the record proved from itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from api.demo import desk, legal, report
from api.demo.acting import Hands
from api.demo.desk import Desk
from api.demo.legal import TimeKept
from api.demo.player import Player
from api.demo.script import Case, End
from api.demo.ways import Joined, Way, outcome
from engine.office import Office
from engine.verification import Findings, verify
from storage import anchors

# What the record of a day must show, by the actions of the audit.
EVENTS = (
    "receive", "accept", "refuse", "attach", "deliver", "register", "refuse_handoff", "recall", "resend",
    "request_supplement", "supplement", "consult", "give_opinion", "record_reply", "forward", "propose_rejection",
    "approve", "send_back", "sign", "issue", "take_paper", "confirm_paper", "report_missing", "return_at_counter",
    "return_electronically", "send_by_post", "record_failed_delivery", "withdraw", "stop", "refused",
    "alarm:warn_50", "alarm:warn_80", "alarm:one_working_day_before", "alarm:due", "alarm:overdue",
    "consult_further", "answer_consultation", "release", "send_tax_notice", "report_archive", "write_certificate",
    "expired:escalate", "recompute_dues", "extend", "approve_supplement", "take_feedback", "answer_feedback",
    "fulfil_obligation", "record_posting", "confirm_delivery", "order_payout", "record_payout",
    *desk.ACTS,
)
# Only the long play has dossiers enough for these.
MORE_EVENTS = ("close_consultation", "agree_partial", "record_visit")
PROCEDURES = 14
# Done once each; the record of no single dossier tells of it.
BETWEEN = ("by_link", "print_slip", "by_slip", "bag", "incident", "post_intake")
# Each brings one file into the record.
BRINGS = ("attach", "adopt", "sign_letter", "issue_letter")
MEDIA = ("application/pdf", "image/jpeg")
CHANNELS = ("direct", "online", "post")


@dataclass(kw_only=True)
class Verdict:
    """`faults` empty: all is well. `anchor`: the number of the newest that is kept outside the database, 0 for none."""

    findings: Findings
    ways: list[Way]
    joined: list[Joined]
    events: Counter[str]
    time_kept: TimeKept
    desk: Desk
    anchor: int
    faults: list[str] = field(default_factory=list)


def judge(office: Office, player: Player, ways: list[Way], joined: list[Joined], time_kept: TimeKept,
          kept: Desk, *, short: bool) -> Verdict:
    findings, cast, cases = verify(office), player.cast, player.cases
    events: Counter[str] = Counter()
    for way in ways:
        events.update(way.events)
    anchor = _anchor(office)
    faults = [*findings.faults, *([] if anchor else ["thiếu mốc niêm phong / no anchor"]),
              *missing_events(events, short=short), *_outcomes(ways), *_ends(joined),
              *_variety(ways, short),
              *report.differences(report.expected(cases), report.found(ways), cast),
              *legal.faults(ways, cases, player.closings, time_kept, cast),
              *kept.faults, *_completeness(findings, cases, player.hands)]
    return Verdict(findings=findings, ways=ways, joined=joined, events=events, time_kept=time_kept, desk=kept,
                   anchor=anchor, faults=faults)


def _anchor(office: Office) -> int:
    found = anchors.standing(office.db)
    return found.no or 0 if found.kept_at is not None else 0


def missing_events(events: Counter[str], *, short: bool) -> list[str]:
    wanted = EVENTS if short else EVENTS + MORE_EVENTS
    return [f"thiếu sự kiện / missing event: {name}" for name in wanted if not events[name]]


def _outcomes(ways: list[Way]) -> list[str]:
    """Each dossier by itself: two that went wrong could hide each other in the sums."""
    faults = []
    for way in ways:
        case = way.case
        if (way.end, way.late, way.outcome == "rejected") != (case.end, case.ends_late, case.rejected):
            faults.append(f"{way.code} ({case.name}): {outcome(way)}; kịch bản / script: {case.end}"
                          f"{', trễ / late' if case.late else ''}{', rejected' if case.rejected else ''}")
    return faults


def _ends(joined: list[Joined]) -> list[str]:
    """A bundle ends with the last of its parts."""
    return [f"{each.code} ({each.bundle.name}): chưa khép lại / not closed" for each in joined
            if not each.closed and all(case.end is not End.OPEN for case in each.bundle.cases.values())]


def _variety(ways: list[Way], short: bool) -> list[str]:
    media: Counter[str] = Counter()
    for way in ways:
        media.update(way.documents)
    faults = [f"thiếu loại tệp / no file of type: {name}" for name in MEDIA if not media[name]]
    used = {way.case.channel for way in ways}
    faults += [f"thiếu kênh / no dossier by: {name}" for name in CHANNELS if name not in used]
    if not short:
        procedures = len({way.case.procedure for way in ways})
        faults += [f"chỉ có / only {procedures} thủ tục / procedures"] if procedures < PROCEDURES else []
    return faults


def _completeness(findings: Findings, cases: list[Case], hands: Hands) -> list[str]:
    """The record holds as much as was put in, no more and no less."""
    faults = [f"thiếu / missing: {act}" for act in BETWEEN if hands.acts[act] != 1]
    for vi, has, should in (("hồ sơ / dossiers", findings.dossiers, len(cases)),
                            ("tài liệu / documents", findings.documents, sum(hands.acts[act] for act in BRINGS))):
        if has != should:
            faults.append(f"{vi}: {has} trong sổ / in the record, {should} đã nộp / were put in")
    return faults
