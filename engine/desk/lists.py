"""Hand-offs, notices and search: lists over dossiers the person may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.casework.telling import ACTS, CLOCKS, STATUSES, of_clock
from engine.casework.words import fold
from engine.catalogue import Catalogue
from engine.desk import ended
from engine.desk.mirrored import installations, named
from engine.desk.places import Lateness, UnitRef, day_of, lateness, places_shown, standing, unit_ref
from engine.desk.sought import sought
from engine.desk.work import end_of_next_working_day
from engine.office import Office
from engine.workcalendars import SHARED
from procedures.declaration import Text
from storage.views import finding
from storage.views import handoffs as waiting
from storage.views import notices as alarms
from storage.views.finding import Hit
from storage.views.handoffs import Waiting

MOST_FOUND = 50
SHORTEST_SEARCH = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoffRow:
    """`state`: pending (on its way), delivered (to be registered), refused, recalled."""

    id: UUID
    code: str
    version: int
    state: str
    step_name: Text
    procedure_name: Text
    subject: str
    applicant: str
    sender: UnitRef
    receiver: UnitRef
    created_at: datetime
    register_due_at: datetime
    delivered_at: datetime | None
    escalated_at: datetime | None
    closed_at: datetime | None
    dossier_due_at: datetime | None
    lateness: Lateness
    # it came from another installation, not from here
    came: bool = False
    # the installation at the other end, the code it has there, and when it was asked back
    peer: Text | None = None
    their_code: str | None = None
    recall_asked_at: datetime | None = None
    # the state, and for a receiver without the system what really left here
    standing: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handoffs:
    """`incoming` waits to be registered by this person's units; `outgoing` waits elsewhere, or came back.

    `more_incoming`, `more_outgoing`: there is another page of it.
    """

    incoming: list[HandoffRow]
    outgoing: list[HandoffRow]
    more_incoming: bool = False
    more_outgoing: bool = False


def handoffs(office: Office, person_id: int, now: datetime, *, page: int = 1, size: int = 200) -> Handoffs:
    """Due first; page 1 is the first of both lists."""
    catalogue, today = office.fresh_catalogue(), day_of(now)
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    incoming, outgoing = (look(office.db, person_id, today, size=size + 1, skip=(page - 1) * size)
                          for look in (waiting.incoming, waiting.outgoing))
    peers = installations(office.db, catalogue, [*incoming, *outgoing])
    return Handoffs(incoming=[_handoff(catalogue, row, now, soon, peers) for row in incoming[:size]],
                    outgoing=[_handoff(catalogue, row, now, soon, peers) for row in outgoing[:size]],
                    more_incoming=len(incoming) > size, more_outgoing=len(outgoing) > size)


def _handoff(catalogue: Catalogue, row: Waiting, now: datetime, soon: datetime,
             peers: Mapping[int, Text]) -> HandoffRow:
    """`peers`: other installations by id."""
    ends = (catalogue.units[row.to_unit_id], catalogue.units[row.from_unit_id])
    called = named(catalogue, catalogue.procedures[row.version_id], row.step, row.asked)
    return HandoffRow(
        id=row.id, code=row.code, version=row.version, state=row.state, step_name=called.step,
        procedure_name=called.procedure, subject=row.subject, applicant=row.applicant,
        sender=unit_ref(catalogue, row.from_unit_id), receiver=unit_ref(catalogue, row.to_unit_id),
        created_at=row.created_at, register_due_at=row.register_due_at, delivered_at=row.delivered_at,
        escalated_at=row.escalated_at, closed_at=row.closed_at, dossier_due_at=row.due_at,
        lateness=lateness(row.register_due_at, now, soon), came=ends[1].peer is not None,
        their_code=row.their_code,
        recall_asked_at=row.recall_asked_at,
        standing=standing(row.state, ends[0].reach, row.way, (row.mailed_at, row.mail_parked_at)), peer=next(
            (title for unit in ends if unit.peer and (title := peers.get(unit.peer))), None))


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    code: str
    procedure: str
    procedure_name: Text
    applicant: str
    subject: str
    status: int
    status_name: Text
    where: list[Text]
    submitted_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    lateness: Lateness
    paper: str | None = None


def search(office: Office, person_id: int, text: str, now: datetime) -> list[Found]:
    """Newest first, at most fifty; every word must occur in code, name, ID number, telephone or subject, or be of the
    procedure's name or code.
    """
    if len(fold(text).replace(" ", "")) < SHORTEST_SEARCH:
        return []
    catalogue = office.fresh_catalogue()
    soon = end_of_next_working_day(now, catalogue.calendar(SHARED))
    hits = finding.find(office.db, sought(catalogue, text), person_id, day_of(now), MOST_FOUND)
    return [_found(catalogue, hit, now, soon) for hit in hits]


def _status_name(hit: Hit) -> Text:
    """Work that another installation asked for is answered, not handed to a citizen."""
    asked = hit.asked is not None and hit.asked["step"] is not None
    return (ended.STATUSES.get(hit.status) if asked else None) or STATUSES[hit.status]


def _found(catalogue: Catalogue, hit: Hit, now: datetime, soon: datetime) -> Found:
    procedure = catalogue.procedures[hit.version_id]
    due = None if hit.closed_at else hit.due_at
    called = [named(catalogue, procedure, state, hit.asked) for state in places_shown(procedure, hit.states)]
    return Found(
        code=hit.code, procedure=procedure.key, procedure_name=called[0].procedure, applicant=hit.applicant,
        subject=hit.subject, status=hit.status, status_name=_status_name(hit),
        where=[place.step for place in called],
        submitted_at=hit.submitted_at, due_at=hit.due_at, closed_at=hit.closed_at, lateness=lateness(due, now, soon),
        paper=hit.paper)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeRow:
    """`about`: the due instant as it stood, if it is told of one; of a drafted apology the last minute to issue it.

    `folded`: how many unread notices of the dossier the line stands for.
    """

    id: int
    code: str
    subject: str
    kind: str
    name: Text
    about: datetime | None
    at: datetime
    unit: UnitRef
    folded: int = 1


# What is told of once, besides the alarms of a clock.
_ONCE = {
    "handoff_unregistered": ("Nơi nhận chưa ký nhận trong hạn", "Not registered in time by the receiver"),
    "handoff_returned": ("Không ai ký nhận trong hạn: hồ sơ trả về đơn vị bạn để gửi lại",
                         "Nobody registered in time: it is back with you to be sent again"),
    "apology_drafted": ("Có dự thảo xin lỗi và hẹn lại ngày trả chờ phát hành",
                        "An apology with a new date is drafted and waits to be issued"),
    "due_moved_later": ("Hạn trả lùi lại vì lịch làm việc thay đổi: báo công dân",
                        "The due date is later by a change of the calendar: tell the applicant"),
    "due_moved_earlier": ("Hạn trả sớm lên vì lịch làm việc thay đổi: còn ít thời gian hơn",
                          "The due date is earlier by a change of the calendar: there is less time"),
    "supplement_allowed": ("Lãnh đạo cho phép yêu cầu bổ sung thêm một lần",
                           "One more request to the applicant is allowed"),
    "asked_again": ("Hồ sơ phải bổ sung lần nữa: báo và giải thích cho người nộp",
                    "The applicant is asked again: tell him and explain why"),
    "stopped_unanswered": ("Người nộp quá hạn bổ sung, nộp tiền: hệ thống đã dừng hồ sơ, thông báo bằng Mẫu 05",
                           "Nothing was handed in or paid in time: stopped by the system, send Form 05"),
    "bundle_stopped": ("Hồ sơ liên thông: các phần còn lại đã dừng", "Bundle: the other parts were stopped"),
    "tacit_answer": ("Không có ý kiến đúng hạn: hệ thống ghi nhận theo luật",
                     "No opinion in time: recorded as the law says"),
    "letter_returned": ("Văn bản trình ký bị trả lại để sửa", "A letter was returned to be changed"),
    "recipient_died": ("Người nhận trợ cấp đã mất: chuyển lệnh chi cho người thừa kế, hoặc khép lệnh",
                       "The recipient of an allowance died: pass the order to an heir, or close it"),
    "paper_unconfirmed": ("Bản giấy giao tay quá hạn chưa xác nhận", "A paper handed over was not confirmed in time"),
    "work_returned": ("Việc trở lại đơn vị: người nhận không còn giữ vai trò",
                      "Work is back with the unit: whoever took it on has the post no more"),
    "recall_kept": ("Không thu hồi được: bên nhận ở hệ thống khác đã ký nhận trước",
                    "Not given back: it was registered at the other system before"),
    "documents_came": ("Bên gửi ở hệ thống khác gửi thêm tài liệu", "The sender at another system sent more documents"),
    "resend_wanted": ("Bên nhận ở hệ thống khác đề nghị gửi lại", "The receiver at another system asks for it anew"),
    "returned_unanswered": ("Không có ý kiến đúng hạn: đã khép lại, không chờ nữa",
                            "No opinion in time: closed, no longer awaited"),
}
# Told of something that happened: no due date is spoken of.
_UNDATED = frozenset({"supplement_allowed", "asked_again", "bundle_stopped", "handoff_returned", "returned_unanswered",
                      "work_returned", "letter_returned", "recall_kept", "resend_wanted",
                      "documents_came", "recipient_died"})
_TO = {"head": ("Báo lãnh đạo", "To the head"), "manager": ("Báo quản lý bộ phận Một cửa", "To the desk's management")}


def notice_name(kind: str) -> Text:
    """`dossier_warn_80` and the like: whose clock, then what rang; before it `head_` or `manager_` if told to them."""
    if kind in _ONCE:
        vi, en = _ONCE[kind]
        return Text(vi=vi, en=en)
    to, _, reported = kind.partition("_")
    if to in _TO:
        name = notice_name(reported)
        return Text(vi=f"{_TO[to][0]}: {name.vi}", en=f"{_TO[to][1]}: {name.en}")
    of, _, rang = kind.partition("_")
    alarm = ACTS.get(f"alarm:{rang}")
    if of not in CLOCKS or alarm is None:
        return Text(vi=kind, en=kind)
    return of_clock(of, alarm)


def notices(office: Office, person_id: int, now: datetime) -> list[NoticeRow]:
    """What nobody of the person's units has read yet, newest first."""
    catalogue = office.fresh_catalogue()
    return [NoticeRow(id=row.id, code=row.code, subject=row.subject, kind=row.kind, name=notice_name(row.kind),
                      about=None if row.kind in _UNDATED else row.about, at=row.at,
                      unit=unit_ref(catalogue, row.unit_id), folded=row.folded)
            for row in alarms.unread(office.db, person_id, day_of(now))]


def mark_read(office: Office, person_id: int, ids: Sequence[int], now: datetime) -> int:
    return alarms.mark_read(office.db, ids, person_id, day_of(now), now)
