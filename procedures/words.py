"""The closed vocabularies a procedure is written in."""

from __future__ import annotations

from enum import StrEnum

# Not a fact that is asked, but known of every dossier; conditions may use it.
CHANNEL = "channel"


class Role(StrEnum):
    RECEPTIONIST = "receptionist"
    OFFICER = "officer"
    HEAD = "head"
    SIGNER = "signer"
    CLERK = "clerk"
    RETURNER = "returner"
    COURIER = "courier"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Phase(StrEnum):
    """The four phases of the one-stop mechanism (Decree 61/2018, articles 17 to 20)."""

    RECEPTION = "reception"
    PROCESSING = "processing"
    SIGNING = "signing"
    RETURN = "return"


class Channel(StrEnum):
    DIRECT = "direct"
    ONLINE = "online"
    POST = "post"


class Level(StrEnum):
    MINISTRY = "ministry"
    PROVINCE = "province"
    COMMUNE = "commune"


class Subject(StrEnum):
    PERSON = "person"
    ENTERPRISE = "enterprise"
    STATE_AGENCY = "state_agency"
    ORGANISATION = "organisation"


class DocumentForm(StrEnum):
    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"


class FactType(StrEnum):
    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"


class CountMode(StrEnum):
    """DAY: the end of the n-th day; HOUR: the instant plus n times eight working hours."""

    DAY = "DAY"
    HOUR = "HOUR"


class Paper(StrEnum):
    NONE = "none"
    NEEDED = "needed"


class AfterSupplement(StrEnum):
    """Decree 61/2018, article 19(4): the limit starts again, unless sector law says it goes on."""

    RESTART = "restart"
    RESUME = "resume"


class Starts(StrEnum):
    """When the limit of a step begins that another agency hands over; in one agency there is nothing to wait for.

    REGISTERED: with the formal receipt, DELIVERED: with the technical one, both at the latest when the time to register
    is over; SENT: when it was handed over.
    """

    REGISTERED = "registered"
    DELIVERED = "delivered"
    SENT = "sent"


class Unanswered(StrEnum):
    """What happens when the citizen has not handed in in time what he was asked for. RETURN: the dossier is stopped."""

    REMIND = "remind"
    RETURN = "return"
    NOTHING = "nothing"


class Expiry(StrEnum):
    """What happens when a limit is used up.

    REMIND: who holds it is told. ESCALATE: his head and the management of the desk, too. RETURN: it goes back to who
    asked for it, or sent it. TACIT_YES, TACIT_NO: who was asked and did not answer has agreed, or disagreed; only where
    the law says so. NOTHING: the date is shown, nobody is told.
    """

    REMIND = "remind"
    ESCALATE = "escalate"
    RETURN = "return"
    TACIT_YES = "tacit_yes"
    TACIT_NO = "tacit_no"
    NOTHING = "nothing"

    @property
    def tacit(self) -> bool:
        return self in (Expiry.TACIT_YES, Expiry.TACIT_NO)


class Effect(StrEnum):
    """What a check at intake does when its condition holds."""

    REFUSE = "refuse"
    ADVISE = "advise"


class Event(StrEnum):
    """The acts of the mechanism itself; a procedure may name further ones for its steps."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    REQUEST_SUPPLEMENT = "request_supplement"
    SUPPLEMENT = "supplement"
    REQUEST_PAYMENT = "request_payment"
    PAY = "pay"
    FORWARD = "forward"
    GIVE_OPINION = "give_opinion"
    RECORD_REPLY = "record_reply"
    PROPOSE_REJECTION = "propose_rejection"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    SIGN = "sign"
    ISSUE = "issue"
    STOP = "stop"
    WITHDRAW = "withdraw"
    RETURN_AT_COUNTER = "return_at_counter"
    SEND_BY_POST = "send_by_post"
    RETURN_ELECTRONICALLY = "return_electronically"
    CONFIRM_DELIVERY = "confirm_delivery"
    RECORD_FAILED_DELIVERY = "record_failed_delivery"
    HOLD = "hold"
    RELEASE = "release"


# Acts on a dossier that move no state of its procedure, and what the record itself writes: not to be named anew.
RESERVED_EVENTS = frozenset({
    *Event,
    "receive", "deliver", "register", "refuse_handoff", "recall", "resend", "extend", "attach", "refused",
    "consult_further", "answer_consultation", "withdraw_consultation", "fulfil_obligation", "propose_additions",
    "bring_supplement",
    "agree_partial", "approve_supplement", "take_feedback", "answer_feedback",
    "claim", "let_go", "assign", "pass_on", "give_back", "comment",
    "draft_letter", "save_letter", "submit_letter", "return_letter", "initial_letter", "remark_letter", "settle_remark",
    "sign_letter", "issue_letter", "cancel_letter",
    "answer_task", "recalled", "recall_kept", "without_effect", "resend_wanted", "ask_to_resend", "expect_documents",
    "leave_document",
    "send_documents", "documents_came",
    "withdrawn_elsewhere", "progress", "answered_elsewhere", "refused_elsewhere", "registered_elsewhere", "send_link",
    "print_slip", "offer_paper",
    "give_paper_back", "change_paper", "seal_bag", "open_bag", "take_in_by_post", "record_posting", "order_payout",
    "record_payout", "pass_payout", "close_payout", "take_paper", "confirm_paper", "report_missing", "report_extra",
    "close_incident",
    "park_message", "migrate", "undo_migration", "recompute_dues",
})


class At(StrEnum):
    """The states and compounds every procedure has."""

    OPEN = "open"
    IN_RECEPTION = "in_reception"
    IN_PROCESSING = "in_processing"
    IN_SIGNING = "in_signing"
    IN_RETURN = "in_return"
    AWAITING_SUPPLEMENT_AT_INTAKE = "awaiting_supplement_at_intake"
    AWAITING_SUPPLEMENT = "awaiting_supplement"
    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_PARTS = "awaiting_parts"
    POSTING = "posting"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    RETURNED = "returned"


class Switch(StrEnum):
    """The parts of the mechanism's law a procedure may switch off."""

    REFUSE = "refuse"
    REQUEST_SUPPLEMENT = "request_supplement"
    REQUEST_PAYMENT = "request_payment"
    PROPOSE_REJECTION = "propose_rejection"
    WITHDRAW = "withdraw"
    STOP = "stop"
    SEND_BACK = "send_back"
    EXTEND = "extend"
    RECALL = "recall"
    RETURN_AT_COUNTER = "return_at_counter"
    SEND_BY_POST = "send_by_post"
    RETURN_ELECTRONICALLY = "return_electronically"
