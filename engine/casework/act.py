"""One act, one transaction: load, decide, record. Every change of a dossier, by whomever, comes through here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from engine.casework import (
    additions,
    claims,
    comments,
    consulting,
    custody,
    extension,
    feedback,
    further,
    handoffs,
    heirs,
    leaves,
    letters,
    linking,
    mirrors,
    obligations,
    payouts,
    postal,
    slips,
    steps,
    transfers,
)
from engine.casework.decision import Decision
from engine.casework.orders import Order, Reply, check_key, unfit
from engine.casework.receive import answered_before
from engine.casework.staleness import stale
from engine.casework.telling import VERDICTS
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import (
    Conflict,
    Invalid,
    LienThongError,
    NotFound,
    NotPossibleHere,
    StaleVersion,
    TakenAsGiven,
    Unavailable,
)
from engine.office import Office
from storage import dossiers, events
from storage.dossiers import Loaded, Moved
from storage.session import Also

log = structlog.get_logger()

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
# Decided once, and again at most three times when somebody else's act came in between.
TRIES = 4

# What moves no state of the procedure is decided here; every other event is the procedure's.
BESIDE: dict[str, Decide] = {
    "register": handoffs.register,
    "refuse_handoff": handoffs.refuse,
    "recall": handoffs.recall,
    "resend": handoffs.resend,
    "send_link": linking.send_link,
    "print_slip": linking.print_slip,
    "extend": extension.extend,
    "consult_further": consulting.ask,
    "answer_consultation": consulting.answer,
    "withdraw_consultation": consulting.withdraw,
    "fulfil_obligation": obligations.fulfil,
    "request_supplement": additions.request,
    "propose_additions": additions.propose,
    "bring_supplement": additions.bring,
    "approve_supplement": leaves.approve,
    "take_feedback": feedback.take,
    "answer_feedback": feedback.answer,
    "answer_task": mirrors.answer_task,
    "send_documents": further.send,
    "claim": claims.claim,
    "let_go": claims.let_go,
    "assign": claims.assign,
    "pass_on": claims.pass_on,
    "submit_letter": letters.submit,
    "return_letter": letters.give_back,
    "initial_letter": letters.initial,
    "remark_letter": letters.remark,
    "cancel_letter": letters.cancel,
    "take_paper": custody.take,
    "confirm_paper": custody.confirm,
    "report_missing": custody.missing,
    "record_posting": postal.record,
    "order_payout": payouts.order,
    "record_payout": payouts.record,
    "pass_payout": heirs.pass_on,
    "close_payout": heirs.close,
    "report_extra": custody.extra,
    "offer_paper": transfers.offer,
    "give_paper_back": transfers.decline,
}
# What must look something up besides the dossier before it can be decided.
PREPARED: dict[str, Callable[[Office, Order, datetime], Decide]] = {
    "comment": comments.prepared, "send_by_post": slips.sending, "take_in_by_post": slips.supplementing,
    "offer_paper": transfers.offering, "order_payout": payouts.ordering,
    "pass_payout": heirs.passing,
}
# Acts on paper are open to people who may not see the dossier; they are told of the paper only.
BLIND = frozenset({"take_paper", "confirm_paper", "report_missing", "report_extra", "offer_paper", "give_paper_back",
                   "close_incident"})


def act(office: Office, order: Order, now: datetime) -> Reply:
    """What a person asks. Committed when it returns; raises a LienThongError, audited, when the answer is no."""
    prepared = PREPARED.get(order.event)
    decide = prepared(office, order, now) if prepared else BESIDE.get(order.event, steps.decide)
    return transact(office, order, decide, now)


def transact(office: Office, order: Order, decide: Decide, now: datetime, *, unseen: bool = False,
             also: Also | None = None) -> Reply:
    """Loads and decides again when another act came in between, at most three times.

    `also`: the last word in the transaction of the act, with the dossier locked. `unseen`: for an administrator, who
    acts on dossiers whose content he may not see; whoever calls keeps the record of what was refused.
    """
    if order.key is not None:
        check_key(order.key)
    for _ in range(TRIES):
        loaded = _load(office, order, now, unseen=unseen)
        if loaded.asked_before is not None:
            return answered_before(bytes(loaded.asked_before), loaded.replied_before or "", order.fingerprint())
        catalogue = office.catalogue(loaded.revision)
        try:
            mirrors.refuse_here(loaded, order)
            decision = decide(loaded, order, catalogue, now)
        except (StaleVersion, NotPossibleHere) as conflict:
            refusal = _explained(office, loaded, order, conflict)
            if goes_on_record(order, refusal) and not unseen:
                _audit_refusal(office, order, refusal, now)
            raise refusal from None
        except LienThongError as refusal:
            if goes_on_record(order, refusal) and not unseen:
                _audit_refusal(office, order, refusal, now)
            raise
        try:
            kept = dossiers.record(office.db, decision.payload(), also)
        except Moved:
            continue
        if kept is not None:
            return answered_before(kept[0], kept[1], order.fingerprint())
        return decision.reply()
    raise Conflict(code_of_dossier=order.code)


def _load(office: Office, order: Order, now: datetime, *, unseen: bool = False) -> Loaded:
    loaded = None if unfit(order.code) else _seen(office, order, now, unseen=unseen)
    if loaded is None:
        events.append(office.db, "stranger_turned_away", order.actor.id or None, now,
                      {"code": ascii(order.code)[1:80], "event": ascii(order.event)[1:80]})
        raise NotFound(what=f"hồ sơ {order.code}", what_en=f"dossier {order.code}")
    return loaded


def _seen(office: Office, order: Order, now: datetime, *, unseen: bool) -> Loaded | None:
    """As the actor may see it; people who act on paper they are sent need not see the dossier."""
    today, person = now.astimezone(ZONE).date(), order.actor.id
    loaded = dossiers.load(office.db, code=order.code, person=person, key=order.key, today=today, blind=person == 0,
                           colleagues=order.event == "assign")
    if loaded is None and (order.event in BLIND or unseen):
        loaded = dossiers.load(office.db, code=order.code, person=person, key=order.key, today=today, blind=True)
        if loaded is not None:
            loaded.blind = True
    return loaded


def _explained(office: Office, loaded: Loaded, order: Order, conflict: Conflict) -> Conflict:
    """Who answers too late is told what was taken for his answer; who saw an older version, who was first."""
    units = [unit for unit, _ in loaded.memberships]
    named = not unfit(order.event + (order.state or ""))
    tacit = dossiers.taken_as_given(office.db, loaded.code, order.event, order.state, units) if named else None
    if tacit is not None:
        due, verdict = datetime.fromisoformat(tacit["due"]).astimezone(ZONE), VERDICTS[tacit["verdict"]]
        return TakenAsGiven(due=f"{due:%H:%M %d/%m/%Y}", verdict_vi=verdict.vi, verdict_en=verdict.en,
                            basis=tacit["basis"])
    return _who_was_first(office, loaded) if isinstance(conflict, StaleVersion) else conflict


def _who_was_first(office: Office, loaded: Loaded) -> StaleVersion:
    """The last entry need not be the act that came first: it may be an alarm, or another refusal."""
    last = dossiers.last_act(office.db, loaded.code)
    if last is None:
        return stale(loaded.version, loaded.last_actor, loaded.last_action, loaded.last_at)
    return stale(loaded.version, last.actor_name, last.action, last.at)


def goes_on_record(order: Order, refusal: LienThongError) -> bool:
    """A form filled in wrongly is no refusal: it must not stand in the record as if somebody overstepped."""
    return bool(order.actor.id) and not isinstance(refusal, Unavailable | Invalid)


def refused(loaded: Loaded, order: Order, refusal: LienThongError, catalogue: Catalogue, now: datetime) -> Decision:
    """The entry of a no; it moves nothing else."""
    bare = Order(code=order.code, event="refused", actor=order.actor)
    decision = Decision(loaded, bare, catalogue, catalogue.procedures[loaded.version_id], now)
    unit = next((catalogue.units.get(unit_id) for unit_id, _ in loaded.memberships), None)
    decision.audit(bare.event, unit=unit, before=loaded.states, after=loaded.states,
                   details={"event": ascii(order.event)[1:-1][:80], "why": refusal.code})
    return decision


def _audit_refusal(office: Office, order: Order, refusal: LienThongError, now: datetime) -> None:
    """A no is recorded too, in a transaction of its own."""
    for _ in range(TRIES):
        loaded = _load(office, order, now)
        decision = refused(loaded, order, refusal, office.catalogue(loaded.revision), now)
        try:
            dossiers.record(office.db, decision.payload())
        except Moved:
            continue
        return
    log.warning("refusal_not_recorded", code=order.code, why=refusal.code)
