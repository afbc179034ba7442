"""One act, one transaction: load, decide, record. Every change of a dossier, by whomever, comes through here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from engine.casework import custody, deadlines, handoffs, steps
from engine.casework.decision import Decision
from engine.casework.orders import Order, Reply
from engine.casework.receive import answered_before
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import Conflict, LienThongError, NotFound, Unavailable
from engine.office import Office
from storage import dossiers, events
from storage.dossiers import Loaded, Moved

log = structlog.get_logger()

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
TRIES = 3

# What moves no state of the procedure is decided here; every other event is the procedure's.
BESIDE: dict[str, Decide] = {
    "register": handoffs.register,
    "refuse_handoff": handoffs.refuse,
    "recall": handoffs.recall,
    "resend": handoffs.resend,
    "extend": deadlines.extend,
    "take_paper": custody.take,
    "confirm_paper": custody.confirm,
    "report_missing": custody.missing,
}
# Acts on paper are open to people who may not see the dossier; they are told of the paper only.
BLIND = frozenset({"take_paper", "confirm_paper", "report_missing"})


def act(office: Office, order: Order, now: datetime) -> Reply:
    """What a person asks. Committed when it returns; raises a LienThongError, audited, when the answer is no."""
    return transact(office, order, BESIDE.get(order.event, steps.decide), now)


def transact(office: Office, order: Order, decide: Decide, now: datetime) -> Reply:
    """Loads and decides again when another act came in between, at most three times."""
    for _ in range(TRIES):
        loaded = _load(office, order, now)
        if loaded.asked_before is not None:
            return answered_before(bytes(loaded.asked_before), loaded.replied_before or "", order.fingerprint())
        catalogue = office.catalogue(loaded.revision)
        try:
            decision = decide(loaded, order, catalogue, now)
        except LienThongError as refusal:
            if order.actor.id and not isinstance(refusal, Unavailable):
                _audit_refusal(office, order, refusal, now)
            raise
        try:
            kept = dossiers.record(office.db, decision.payload())
        except Moved:
            continue
        if kept is not None:
            return answered_before(kept[0], kept[1], order.fingerprint())
        return decision.reply()
    raise Conflict(code_of_dossier=order.code)


def _load(office: Office, order: Order, now: datetime) -> Loaded:
    today = now.astimezone(ZONE).date()
    loaded = dossiers.load(office.db, code=order.code, person=order.actor.id, key=order.key, today=today,
                           blind=order.actor.id == 0 or order.event in BLIND)
    if loaded is None:
        events.append(office.db, "stranger_turned_away", order.actor.id or None, now,
                      {"code": order.code[:80], "event": order.event[:80]})
        raise NotFound(what=f"hồ sơ {order.code} (dossier)")
    return loaded


def _audit_refusal(office: Office, order: Order, refusal: LienThongError, now: datetime) -> None:
    """A no is recorded too, in a transaction of its own, and moves nothing else."""
    for _ in range(TRIES):
        loaded = _load(office, order, now)
        catalogue = office.catalogue(loaded.revision)
        bare = Order(code=order.code, event=order.event, actor=order.actor)
        decision = Decision(loaded, bare, catalogue, catalogue.procedures[loaded.version_id], now)
        decision.audit("refused", unit=None, before=loaded.states, after=loaded.states,
                       details={"event": order.event[:80], "why": refusal.code})
        try:
            dossiers.record(office.db, decision.payload())
        except Moved:
            continue
        return
    log.warning("refusal_not_recorded", code=order.code, why=refusal.code)
