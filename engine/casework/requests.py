"""What somebody waits for besides the result: the citizen for an answer to what came online, the desk for what the
citizen was asked to hand in. Both have a clock of their own; the dossier's has not begun, or stands.
"""

from __future__ import annotations

from engine.casework import clocks
from engine.casework.decision import Decision, Row, iso
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE
from procedures import policies
from procedures.declaration import AfterSupplement, Asked, At, Channel, Expiry
from procedures.policies import Policies


def begin(decision: Decision, item: Row) -> None:
    """For a work item that has just been opened at the desk, where somebody is waited for."""
    state, reception = item["state"], decision.procedure.declaration.machine.reception
    if state in (At.AWAITING_SUPPLEMENT, At.AWAITING_PAYMENT):
        _ask(decision, item)
    elif decision.loaded.channel == Channel.ONLINE and state in reception:
        _answer(decision, item)


def _answer(decision: Decision, item: Row) -> None:
    """Handed in at night, it is answered from the opening of the office on."""
    counted = Limit.parse(rules(decision).online_answer), CountMode.HOUR
    due = clocks.start(decision, kind="answer", counted=counted, item=item, reason=item["state"],
                       at=clocks.calendar_of(decision).valid_receipt(decision.at))
    item["due_at"] = item["due_at"] or iso(due)


def _ask(decision: Decision, item: Row) -> None:
    """Nothing begins where neither the procedure nor the policy says how long the citizen has."""
    told = _asked(decision, item["state"])
    within = told.within or _policy(rules(decision), item["state"])
    if within is None:
        return
    due = clocks.start(decision, kind="request", counted=clocks.practice(within), at=decision.at, item=item,
                       reason=item["state"], expiry=Expiry(told.expiry or rules(decision).request_expiry))
    if item["handoff_id"] is None:
        item["due_at"] = iso(due)


def _asked(decision: Decision, state: str) -> Asked:
    declaration = decision.procedure.declaration
    return declaration.supplement if state == At.AWAITING_SUPPLEMENT else declaration.payment


def _policy(found: Policies, state: str) -> str | None:
    return found.supplement_within if state == At.AWAITING_SUPPLEMENT else found.payment_within


def basis(decision: Decision, state: str) -> str | None:
    """The law by which a dossier is stopped that waits there in vain."""
    return _asked(decision, state).expiry_basis


def restarts(decision: Decision) -> bool:
    """Whether the limit starts again after a supplement (Decree 61/2018, article 19(4)): sector law first."""
    after = decision.procedure.declaration.supplement.after
    return (after or rules(decision).after_supplement_at_appraisal) is AfterSupplement.RESTART


def rules(decision: Decision) -> Policies:
    """Those in force on the day of valid receipt; before it, on the day of the act."""
    return policies.at((decision.loaded.received_at or decision.at).astimezone(ZONE).date())
