"""The vocabulary of the one-stop mechanism that no declaration redraws: acts, needs, clocks, states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from procedures.declaration import At, Event, Paper, Phase, Role, Step, Text
from procedures.entry import text

# The desk of the agency that received the dossier; the result comes back to it (Decree 61/2018, art. 19(7)).
CENTRE = "centre"


class Need(StrEnum):
    """Evidence an act asks for; looked up by the use case, never taken from the request."""

    REASON = "reason"
    OPINION = "opinion"
    DOCUMENTS_COMPLETE = "documents_complete"
    RESULT_DOCUMENT = "result_document"
    FOUR_EYES = "four_eyes"
    PAPER = "paper"
    RETURN_RECEIPT = "return_receipt"
    PAYMENT_REQUEST = "payment_request"
    PAYMENT_PROOF = "payment_proof"
    POSTAL_SLIP = "postal_slip"
    SUPPLEMENT_LIST = "supplement_list"
    SUPPLEMENT = "supplement"
    ASSET = "asset"


class Clock(StrEnum):
    """What a state means for the statutory limit."""

    NOT_STARTED = "not_started"
    RUN = "run"
    STOP = "stop"
    ENDED = "ended"


COMPOUND = {
    Phase.RECEPTION: At.IN_RECEPTION,
    Phase.PROCESSING: At.IN_PROCESSING,
    Phase.SIGNING: At.IN_SIGNING,
    Phase.RETURN: At.IN_RETURN,
}
CLOCK = {
    Phase.RECEPTION: Clock.NOT_STARTED,
    Phase.PROCESSING: Clock.RUN,
    Phase.SIGNING: Clock.RUN,
    Phase.RETURN: Clock.ENDED,
}
NATIONAL_STATUS = {Phase.RECEPTION: 1, Phase.PROCESSING: 4, Phase.SIGNING: 4, Phase.RETURN: 9}


EVENT_NAMES: Mapping[str, Text] = {
    Event.ACCEPT: text("Tiếp nhận hồ sơ", "Accept the dossier"),
    Event.REFUSE: text("Từ chối tiếp nhận", "Refuse the dossier"),
    Event.REQUEST_SUPPLEMENT: text("Yêu cầu bổ sung, hoàn thiện", "Ask for a supplement"),
    Event.SUPPLEMENT: text("Nhận hồ sơ bổ sung", "Take in the supplement"),
    Event.REQUEST_PAYMENT: text("Thông báo nghĩa vụ tài chính", "Ask for payment"),
    Event.PAY: text("Ghi nhận đã nộp tiền", "Record the payment"),
    Event.FORWARD: text("Chuyển bước tiếp theo", "Pass on to the next step"),
    Event.GIVE_OPINION: text("Cho ý kiến", "Give an opinion"),
    Event.RECORD_REPLY: text("Ghi nhận văn bản trả lời", "Record the written reply"),
    Event.PROPOSE_REJECTION: text("Trình từ chối giải quyết", "Propose a rejection"),
    Event.SEND_BACK: text("Trả lại bước trước", "Send back"),
    Event.APPROVE: text("Duyệt, trình ký", "Approve for signing"),
    Event.SIGN: text("Ký", "Sign"),
    Event.ISSUE: text("Cấp số, phát hành", "Number and issue"),
    Event.STOP: text("Dừng xử lý", "Stop processing"),
    Event.WITHDRAW: text("Rút hồ sơ", "Withdraw"),
    Event.RETURN_AT_COUNTER: text("Trả kết quả tại quầy", "Return at the counter"),
    Event.SEND_BY_POST: text("Gửi kết quả qua bưu chính", "Send by post"),
    Event.RETURN_ELECTRONICALLY: text("Trả kết quả điện tử", "Return electronically"),
    Event.CONFIRM_DELIVERY: text("Xác nhận đã phát", "Confirm the delivery"),
    Event.RECORD_FAILED_DELIVERY: text("Ghi nhận phát không thành công", "Record a failed delivery"),
    Event.HOLD: text("Giữ chờ phần khác của hồ sơ liên thông", "Hold for another part of the joined dossier"),
    Event.RELEASE: text("Tiếp tục giải quyết phần đã chờ", "Go on with the part that waited"),
}

_NONE: frozenset[Need] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An event declared on one state: where it leads, who may do it, what it needs."""

    event: str
    target: str
    name: Text
    actors: tuple[tuple[str, Role], ...]
    needs: frozenset[Need] = _NONE
    closes: bool = False  # it is the work of the state's own work item, not an interruption
    resumes: bool = False
    when: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A state the mechanism adds."""

    at: At
    name: Text
    phase: Phase | None
    clock: Clock
    national_status: int
    role: Role | None = None
    acts: tuple[Act, ...] = ()


ENDS = (
    (At.REFUSED, text("Đã từ chối tiếp nhận", "Refused at intake"), 3),
    (At.WITHDRAWN, text("Đã rút hồ sơ", "Withdrawn"), 7),
    (At.STOPPED, text("Đã dừng xử lý", "Stopped"), 8),
    (At.RETURNED, text("Đã trả kết quả", "Returned"), 10),
)


def paper_of(step: Step) -> frozenset[Need]:
    return frozenset({Need.PAPER}) if step.paper is Paper.NEEDED else _NONE


def asset_of(step: Step) -> frozenset[Need]:
    return _NONE if step.asset is None else frozenset({Need.ASSET})


def doers(step: Step) -> tuple[tuple[str, Role], ...]:
    """Who may complete a step (Decree 61/2018, article 17(5))."""
    return tuple((step.party, role) for role in (step.role, *step.also))


def completing(phase: Phase, step: Step, target: str) -> Act:
    """The act that finishes a step."""
    event = str(step.completed_by(phase))
    name = step.event_name or EVENT_NAMES[event]
    return Act(
        event=event,
        target=target,
        name=name,
        actors=doers(step),
        needs=_completing_needs(phase, step, event) | paper_of(step) | asset_of(step),
        closes=True,
    )


def _completing_needs(phase: Phase, step: Step, event: str) -> frozenset[Need]:
    """Whoever signs has not worked on the dossier before; what is signed or issued exists."""
    if step.external is not None or event == Event.GIVE_OPINION:
        return frozenset({Need.OPINION})
    if phase is Phase.SIGNING and step.role is Role.CLERK:
        return frozenset({Need.RESULT_DOCUMENT})
    if step.role is Role.SIGNER:
        seen = frozenset({Need.FOUR_EYES})
        return seen | {Need.RESULT_DOCUMENT} if phase is Phase.SIGNING else seen
    return _NONE
