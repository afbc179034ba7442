"""What may be done with a dossier now, by this person or by others: a dry run of every act, nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from engine.casework import (
    additions,
    claims,
    clocks,
    consulting,
    custody,
    extension,
    feedback,
    further,
    handoffs,
    heirs,
    leaves,
    mirrors,
    obligations,
    parts,
    payouts,
    postal,
    steps,
    supplements,
    transfers,
)
from engine.casework.act import Decide
from engine.casework.decision import Decision, Row
from engine.casework.evidence import CHECKS, OTHER
from engine.casework.orders import Actor, Order, Particulars
from engine.casework.telling import ACTS, FEEDBACK_KINDS, FEEDBACK_OUTCOMES
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import LienThongError, Refused, WrongRole
from engine.states.procedure import Command, Need
from procedures.declaration import Event, Switch, Text
from storage.dossiers import Loaded
from storage.tables.casework import Mirror

# What the form of an act asks for, in the order of the form; evidence that is stored asks for nothing.
FIELDS: dict[Need, tuple[str, ...]] = {
    Need.REASON: ("reason",), Need.OPINION: ("verdict", "words"), Need.SUPPLEMENT_LIST: ("documents",),
    Need.SUPPLEMENT: ("documents",),
    Need.RETURN_RECEIPT: ("recipient",), Need.POSTAL_SLIP: ("slip",), Need.PAYMENT_REQUEST: ("amount",),
    Need.PAYMENT_PROOF: ("proof",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """A step that an act opens, and the unit that will have it; `elsewhere`: another agency than holds it now;
    `asked`: it is one of those asked for their opinion.
    """

    step: Text
    unit: Text
    elsewhere: bool
    asked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """A person or unit that work may be given to."""

    id: int
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """An act that the dossier's place allows. When not `permitted`, `code` and `why_*` are those of the refusal.

    `needs` is the evidence the law asks for, `fields` what the person must fill in. `closes`: it is the work of
    the step itself, not an interruption. `following`: who gets it next. `handoff` and `slip` are set where the act is
    about one of them; `asked` are the papers the citizen was asked for, `ticked` those of them that came in, or, where
    he is to be asked, those that consulted units miss. `silence`: what no answer in time means.
    """

    event: str
    state: str | None
    name: Text
    permitted: bool = True
    code: str | None = None
    why_vi: str = ""
    why_en: str = ""
    needs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    closes: bool = False
    handoff: UUID | None = None
    slip: str | None = None
    following: tuple[Following, ...] = ()
    ticked: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    silence: Text | None = None
    # of `answer_task`: which of the answers its master allows
    kind: str | None = None
    # of `assign` and `pass_on`: to whom
    receivers: tuple[Receiver, ...] = ()

    @property
    def mine(self) -> bool:
        """Theirs to do, even where something is still missing."""
        return self.permitted or self.code != WrongRole.code


def offers(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> list[Offer]:
    """Those the person may do first, each group in the order of the procedure."""
    found = [*_of_task(loaded, actor, catalogue, now), *_of_procedure(loaded, actor, catalogue, now),
             *_of_handoffs(loaded, actor, catalogue, now),
             *_of_papers(loaded, actor, catalogue, now), *_of_time(loaded, actor, catalogue, now),
             *_of_consultations(loaded, actor, catalogue, now), *_of_additions(loaded, actor, catalogue, now),
             *_of_obligations(loaded, actor, catalogue, now), *_of_feedback(loaded, actor, catalogue, now),
             *_of_leave(loaded, actor, catalogue, now), *_of_claims(loaded, actor, catalogue, now),
             *_of_post(loaded, actor, catalogue, now)]
    if loaded.mirror is not None:
        # the rest is done where it is mastered
        found = [offer for offer in found if loaded.mirror == Mirror.SUCCESSOR and offer.event in mirrors.OURS]
    return sorted(found, key=lambda offer: (not offer.mine, not offer.permitted))


def _of_task(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """The answers that the master of the dossier waits for."""
    item = next((row for row in loaded.items if row["state"] == mirrors.WORKING), None)
    if loaded.mirror != Mirror.SUCCESSOR or item is None:
        return
    for answer in mirrors.answers(loaded):
        told = Particulars(kind=answer["event"], verdict="agree", words="-", reason="-")
        order = Order(code=loaded.code, event="answer_task", actor=actor, particulars=told)
        fields: tuple[str, ...] = ("verdict", "words") if answer["verdict"] else ("words",)
        fields += ("reason",) if answer["reason"] else ()
        yield _judged(_tried(mirrors.answer_task, loaded, catalogue, order, now), Offer(
            event=order.event, state=item["state"], name=Text(**answer["name"]), closes=True, kind=answer["event"],
            needs=fields, fields=(*fields, "documents")))


def _of_procedure(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    procedure = catalogue.procedures[loaded.version_id]
    order = Order(code=loaded.code, event="", actor=actor)
    decision = Decision(loaded, order, catalogue, procedure, now)
    for command in procedure.possible(loaded.states, {**loaded.facts, "channel": loaded.channel}):
        if command.machine_only or command.event == Event.HOLD:  # parts of a joined dossier wait, no other
            continue
        refusal = _refusal(decision, command)
        fields = tuple(name for need in sorted(command.needs) for name in FIELDS.get(need, ()))
        fields += ("desk",) if command.event == Event.REFUSE else ()
        fields += postal.also_told(loaded, now.astimezone(ZONE).date()) if "slip" in fields else ()
        following = () if refusal else _following(decision, command)
        if "words" not in fields and any(one.asked and one.elsewhere for one in following):
            fields += ("words",)  # what is asked of them; the step itself says no more than its name
        yield _judged(refusal, Offer(event=command.event, state=command.state, name=command.name,
                                     closes=command.closes, needs=tuple(sorted(command.needs)), fields=fields,
                                     ticked=_ticked(loaded, command), asked=_asked(loaded, command),
                                     silence=_silence(loaded, command.state) if "verdict" in fields else None,
                                     following=following))


def _asked(loaded: Loaded, command: Command) -> tuple[str, ...]:
    return supplements.asked(loaded.additions) if Need.SUPPLEMENT in command.needs else ()


def _ticked(loaded: Loaded, command: Command) -> tuple[str, ...]:
    if Need.SUPPLEMENT in command.needs:
        return supplements.arrived(loaded.additions, loaded.documents)
    return additions.proposed(loaded) if Need.SUPPLEMENT_LIST in command.needs else ()


def _silence(loaded: Loaded, state: str) -> Text | None:
    item = steps.item_at(loaded, state)
    return None if item is None else consulting.silence(loaded, item["no"])


def _following(decision: Decision, command: Command) -> tuple[Following, ...]:
    """Told before anybody sends it. Of an opinion: where it leads unless it is the one that ends the consultation."""
    loaded, states = decision.loaded, decision.procedure.states
    facts = {**loaded.facts, "channel": loaded.channel}
    outcome = decision.procedure.step(loaded.states, loaded.history, command, facts)
    here = {decision.catalogue.units[item["unit_id"]].agency for item in loaded.items if item["state"] == command.state}
    on, found = decision.at.astimezone(ZONE).date(), []
    for state in outcome.entered:
        party = states[state].party
        if party is not None and state in outcome.configuration:
            try:
                unit = decision.catalogue.unit_for(party, loaded.intake_agency, on)
            except Refused:
                continue
            found.append(Following(step=states[state].name, unit=Text(vi=unit.full_vi, en=unit.full_en),
                                   elsewhere=unit.agency not in here, asked=states[state].branch_of is not None))
    return tuple(found)


def _refusal(decision: Decision, command: Command) -> LienThongError | None:
    """The first thing that stands in the way, apart from what the person is about to write."""
    item = steps.item_at(decision.loaded, command.state)
    try:
        unit = steps.acting_unit(decision, command, item)
        steps.refuse_unregistered(decision, item, command)
        steps.refuse_claimed(decision, item, command)
        consulting.refuse_unanswered(decision, command)
        parts.refuse_alone(decision, command)
        for need in sorted(command.needs):
            CHECKS[need](decision, unit, {})
    except LienThongError as refusal:
        return refusal
    return None


def _judged(refusal: LienThongError | None, offer: Offer) -> Offer:
    if refusal is None:
        return offer
    return replace(offer, permitted=False, code=refusal.code, why_vi=refusal.message(), why_en=refusal.message("en"))


def _tried(decide: Decide, loaded: Loaded, catalogue: Catalogue, order: Order, now: datetime) -> LienThongError | None:
    """Decides on a copy, whose lists a decision may replace."""
    try:
        decide(replace(loaded), order, catalogue, now)
    except LienThongError as refusal:
        return refusal
    return None


_WAITING: tuple[tuple[str, Decide, tuple[str, ...]], ...] = (
    ("register", handoffs.register, ()), ("refuse_handoff", handoffs.refuse, ("reason",)),
    ("recall", handoffs.recall, ("reason",)),
)
_CAME_BACK: tuple[tuple[str, Decide, tuple[str, ...]], ...] = (("resend", handoffs.resend, ("unit",)),)


def _of_handoffs(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    off = catalogue.procedures[loaded.version_id].declaration.switch_off
    by_handoff = {item["handoff_id"]: item for item in [*loaded.items, *loaded.consulted] if item["handoff_id"]}
    for row in loaded.handoffs:
        item = by_handoff.get(row["id"])
        if item is None:
            continue
        acts = _CAME_BACK if item["duty"] == "resolve" else _WAITING if row["state"] in ("pending", "delivered") else ()
        for event, decide, fields in acts:
            if event == "recall" and Switch.RECALL in off:
                continue
            told = Particulars(handoff=UUID(row["id"]), reason="-")
            order = Order(code=loaded.code, event=event, actor=actor, particulars=told)
            refusal = _tried(decide, loaded, catalogue, order, now)
            yield _judged(refusal, Offer(event=event, state=item["state"], name=ACTS[event], needs=fields,
                                         fields=fields, handoff=told.handoff))
        order = Order(code=loaded.code, event="send_documents", actor=actor, state=item["state"])
        yield from _of_further(loaded, catalogue, order, row, now)


def _of_further(loaded: Loaded, catalogue: Catalogue, order: Order, handoff: Row, now: datetime) -> Iterator[Offer]:
    """Only to whoever may, and where there is something that came after it left."""
    files = tuple(row["id"] for row in loaded.documents if row["sha256"])[:1]
    told = Particulars(handoff=UUID(handoff["id"]), documents=files)
    if further.newer(loaded, handoff) and _tried(
            further.send, loaded, catalogue, replace(order, particulars=told), now) is None:
        yield Offer(event=order.event, state=order.state, name=ACTS[order.event], needs=("documents",),
                    fields=("documents", "words"), handoff=told.handoff)


def _of_consultations(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """To answer or to withdraw what was asked beside the procedure; to ask, for whoever is at work on a step."""
    procedure = catalogue.procedures[loaded.version_id]
    held = {unit for unit, role in loaded.memberships if role in consulting.ASKERS}
    for item in loaded.consulted:
        told = Particulars(verdict="agree", words="-")
        order = Order(code=loaded.code, event="answer_consultation", actor=actor, state=item["state"], particulars=told)
        refusal = _tried(consulting.answer, loaded, catalogue, order, now)
        yield _judged(refusal, Offer(event=order.event, state=item["state"], name=ACTS[order.event], closes=True,
                                     needs=("opinion",), fields=("verdict", "words"),
                                     silence=consulting.silence(loaded, item["no"])))
    for row in loaded.consultations:
        if consulting.is_open(row) and row["from_unit_id"] in held:
            yield Offer(event="withdraw_consultation", state=consulting.place(row["no"]),
                        name=ACTS["withdraw_consultation"], needs=("reason",), fields=("reason",))
    order = Order(code=loaded.code, event="consult_further", actor=actor)
    for state in consulting.asks_from(Decision(loaded, order, catalogue, procedure, now)):
        yield Offer(event="consult_further", state=state, name=ACTS["consult_further"], needs=("units",),
                    fields=("units", "words", "limit", "join", "expiry", "reason"))


def _of_obligations(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    for row in loaded.obligations:
        told, state = Particulars(proof="-"), obligations.place(row["no"])
        order = Order(code=loaded.code, event="fulfil_obligation", actor=actor, state=state, particulars=told)
        if row["fulfilled_at"] is None:
            refusal = _tried(obligations.fulfil, loaded, catalogue, order, now)
            yield _judged(refusal, Offer(event=order.event, state=state, name=ACTS[order.event], needs=("proof",),
                                         fields=("proof",)))


def _of_feedback(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """To take it down, for the desk only; to answer what is open."""
    told = Particulars(kind=next(iter(FEEDBACK_KINDS)), outcome=next(iter(FEEDBACK_OUTCOMES)), words="-")
    order = Order(code=loaded.code, event="answer_feedback", actor=actor, particulars=told)
    for row in loaded.feedback:
        if row["answered_at"] is None:
            state = feedback.place(row["no"])
            refusal = _tried(feedback.answer, loaded, catalogue, replace(order, state=state), now)
            yield _judged(refusal, Offer(event=order.event, state=state, name=ACTS[order.event],
                                         needs=("outcome", "words"), fields=("outcome", "words")))
    if _tried(feedback.take, loaded, catalogue, replace(order, event="take_feedback"), now) is None:
        yield Offer(event="take_feedback", state=None, name=ACTS["take_feedback"], needs=("kind", "words"),
                    fields=("kind", "words"))


def _of_leave(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """Where the citizen was asked once already and could be asked again."""
    order = Order(code=loaded.code, event="approve_supplement", actor=actor, particulars=Particulars(reason="-"))
    if leaves.may_be_given(Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)):
        refusal = _tried(leaves.approve, loaded, catalogue, order, now)
        yield _judged(refusal, Offer(event=order.event, state=None, name=ACTS[order.event], needs=("reason",),
                                     fields=("reason",)))


def _of_post(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """What the carrier reports of a result on its way; what is to be paid out. Only what the person may do."""
    order = Order(code=loaded.code, event="record_posting", actor=actor,
                  particulars=Particulars(kind=postal.LOST))
    if postal.on_its_way(loaded) and _tried(postal.record, loaded, catalogue, order, now) is None:
        yield Offer(event=order.event, state=None, name=ACTS[order.event], needs=("outcome",),
                    fields=("kind", "outcome", "day", "reason"))
    for purpose in payouts.purposes(loaded)[:1]:
        told = Particulars(kind=purpose, recipient="-", amount=1, way="counter")
        order = Order(code=loaded.code, event="order_payout", actor=actor, particulars=told)
        if _tried(payouts.order, loaded, catalogue, order, now) is None:
            yield Offer(event=order.event, state=None, name=ACTS[order.event], needs=("amount",),
                        fields=("kind", "recipient", "amount", "way", "address", "proof"))
    for row in loaded.post.get("payouts") or []:
        told = Particulars(outcome="absent", names=("1", "2"))
        order = Order(code=loaded.code, event="record_payout", actor=actor, state=payouts.place(row["no"]),
                      particulars=told)
        if _tried(payouts.record, loaded, catalogue, order, now) is None:
            yield Offer(event=order.event, state=order.state, name=payouts.of_order(ACTS[order.event], row["no"]),
                        needs=("outcome",), fields=("way", "outcome", "day", "names", "address", "proof", "words"))
        yield from _of_the_dead(loaded, row, catalogue, replace(order, particulars=Particulars(
            recipient="-", identity="0" * 12, proof="-", way="counter")), now)


def _of_the_dead(loaded: Loaded, row: Row, catalogue: Catalogue, order: Order, now: datetime) -> Iterator[Offer]:
    for event, decide, fields in (
            ("pass_payout", heirs.pass_on, ("recipient", "identity", "proof", "way", "address", "words")),
            ("close_payout", heirs.close, ("proof",))):
        if _tried(decide, loaded, catalogue, replace(order, event=event), now) is None:
            yield Offer(event=event, state=order.state, name=payouts.of_order(ACTS[event], row["no"]),
                        needs=("proof",), fields=fields)


def _of_claims(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """Who is at the work; only what the person may do about it."""
    acts = {"claim": (claims.claim, ()), "let_go": (claims.let_go, ()), "assign": (claims.assign, ("person",)),
            "pass_on": (claims.pass_on, ("unit", "reason"))}
    for item in [*loaded.items, *loaded.consulted]:
        people = [Receiver(id=person, name=Text(vi=name, en=name)) for unit, role, person, name in loaded.colleagues
                  if (unit, role) == (item["unit_id"], item["role"]) and person != claims.holder(loaded, item)]
        units = [Receiver(id=unit.id, name=Text(vi=unit.name_vi, en=unit.name_en))
                 for unit in claims.others(catalogue, item)]
        told = Particulars(person=people[0].id if people else None, unit=units[0].id if units else None, reason="-")
        receivers = {"assign": tuple(people), "pass_on": tuple(units)}
        for event, (decide, fields) in acts.items():
            order = Order(code=loaded.code, event=event, actor=actor, state=item["state"], particulars=told)
            if _tried(decide, loaded, catalogue, order, now) is None:
                yield Offer(event=event, state=item["state"], name=ACTS[event], needs=fields, fields=fields,
                            receivers=receivers.get(event, ()))


def _of_additions(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """For consulted units: they say what is missing, the citizen is asked once."""
    told = Particulars(reason="-", documents=(OTHER,))
    order = Order(code=loaded.code, event="propose_additions", actor=actor, particulars=told)
    decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
    yield from _of_part(loaded, catalogue, replace(order, event="bring_supplement"), now)
    for item, _ in additions.places(decision):
        refusal = _tried(additions.propose, loaded, catalogue, replace(order, state=item["state"]), now)
        yield _judged(refusal, Offer(event=order.event, state=item["state"], name=ACTS[order.event],
                                     needs=("supplement_list", "reason"), fields=("documents", "reason")))


def _of_part(loaded: Loaded, catalogue: Catalogue, order: Order, now: datetime) -> Iterator[Offer]:
    """Where several papers were asked for, and some are still missing."""
    asked, here = supplements.asked(loaded.additions), supplements.arrived(loaded.additions, loaded.documents)
    if len(asked) - len(here) > 1 and _tried(additions.bring, loaded, catalogue, order, now) is None:
        yield Offer(event=order.event, state=None, name=ACTS[order.event], needs=("supplement",), fields=("documents",),
                    ticked=here, asked=asked)


def _of_papers(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """Only to whom they belong: the receiver of a paper that is on its way or offered, and who has it in hand."""
    for row in loaded.papers:
        told = Particulars(slip=row["barcode"], recipient="-")
        bound = catalogue.units.get(row["bound_for_unit_id"])
        offered = any(one["barcode"] == row["barcode"] for one in loaded.transfers)
        for event, decide in (("confirm_paper", custody.confirm), ("report_missing", custody.missing),
                              ("give_paper_back", transfers.decline)):
            order = Order(code=loaded.code, event=event, actor=actor, particulars=told)
            if (offered or row["run_id"] is not None) and _tried(decide, loaded, catalogue, order, now) is None:
                asked = ("recipient",) if event == "confirm_paper" and bound and bound.outside else ()
                yield Offer(event=event, state=None, name=ACTS[event], slip=row["barcode"], needs=asked, fields=asked)
        near = transfers.near(loaded, catalogue, row)
        order = Order(code=loaded.code, event="offer_paper", actor=actor,
                      particulars=replace(told, unit=near[0].id if near else None))
        if near and _tried(transfers.offer, loaded, catalogue, order, now) is None:
            yield Offer(event="offer_paper", state=None, name=ACTS["offer_paper"], slip=row["barcode"],
                        needs=("unit",), fields=("unit",), receivers=tuple(
                            Receiver(id=unit.id, name=Text(vi=unit.full_vi, en=unit.full_en)) for unit in near))


def _of_time(loaded: Loaded, actor: Actor, catalogue: Catalogue, now: datetime) -> Iterator[Offer]:
    """One new date, where a clock runs."""
    procedure = catalogue.procedures[loaded.version_id]
    order = Order(code=loaded.code, event="extend", actor=actor)
    row = clocks.of_dossier(Decision(loaded, order, catalogue, procedure, now))
    if row is None or loaded.due_at is None or Switch.EXTEND in procedure.declaration.switch_off:
        return
    told = Particulars(reason="-", new_due=loaded.due_at + timedelta(days=1))
    refusal = _tried(extension.extend, loaded, catalogue, replace(order, particulars=told), now)
    fields = ("new_due", "reason")
    yield _judged(refusal, Offer(event="extend", state=None, name=ACTS["extend"], needs=fields, fields=fields))
