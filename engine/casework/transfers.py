"""Paper from hand to hand: offered by who has it, his until the receiver confirms (custody.confirm)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from engine.casework import custody, papers
from engine.casework.clocks import mode_of
from engine.casework.decision import Decision, Row, iso
from engine.casework.orders import Order, check_words
from engine.casework.telling import ACTS
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.calendar import Calendar
from engine.clocks.evaluation import due
from engine.clocks.limits import Limit
from engine.clocks.zone import ZONE
from engine.errors import Invalid, WrongRole
from engine.office import Office
from procedures import policies
from storage import runs
from storage.dossiers import Loaded

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]


def offer(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """`unit`: to whom; `person`: to him alone. Offered again, the offer before is void. Raises Refused in a bag."""
    decision, paper = custody.begin(loaded, order, catalogue, now)
    giver = catalogue.units[paper["unit_id"]]
    if giver.id not in custody.at_desks(decision):
        raise WrongRole(event=ACTS[order.event].vi, event_en=ACTS[order.event].en,
                        who_vi=giver.full_vi, who_en=giver.full_en)
    if paper["state"] != "held":
        raise custody.not_now(decision, paper)
    papers.refuse_in_bag(loaded, paper)
    told = order.particulars
    receiver = catalogue.units.get(told.unit or 0)
    if receiver is None or receiver.outside:
        raise Invalid({"unit": ("chọn đơn vị nhận", "choose the receiving unit")})
    if told.person == order.actor.id:
        raise Invalid({"person": ("chọn người nhận khác người giao", "the receiver is somebody else than the giver")})
    for row in _open(loaded, paper):
        _settle(decision, row, "overtaken")
    decision.add("transfer", {
        "id": str(uuid.uuid4()), "barcode": paper["barcode"], "dossier_id": loaded.id, "from_unit_id": giver.id,
        "from_person_id": order.actor.id, "to_unit_id": receiver.id, "to_person_id": told.person,
        "offered_at": decision.stamp, "due_at": iso(by_when(decision.at, catalogue.calendar(receiver.agency)))})
    custody.told(decision, paper, giver, to=receiver.id)
    return decision


def offering(office: Office, order: Order, now: datetime) -> Decide:
    """`offer_paper`: `offer`, to a person only where he works today."""
    told = order.particulars

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = offer(loaded, order, catalogue, now)
        if told.person is not None and told.unit not in runs.desks(
                office.db, told.person, now.astimezone(ZONE).date()):
            raise Invalid({"person": ("chọn người đang làm việc ở đơn vị nhận",
                                      "choose somebody who works at the receiving unit")})
        return decision

    return decide


def decline(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The receiver does not take it, or the giver takes his offer back; the paper stays where it is."""
    decision, paper = custody.begin(loaded, order, catalogue, now)
    offers = _open(loaded, paper)
    if not offers:
        raise custody.not_now(decision, paper)
    ends = {offers[0]["from_unit_id"], offers[0]["to_unit_id"]} & custody.at_desks(decision)
    if not ends:
        unit = catalogue.units[offers[0]["to_unit_id"]]
        raise WrongRole(event=ACTS[order.event].vi, event_en=ACTS[order.event].en,
                        who_vi=unit.full_vi, who_en=unit.full_en)
    check_words(order.particulars, reason=False)
    _settle(decision, offers[0], "declined")
    custody.told(decision, paper, catalogue.units[min(ends)])
    return decision


def near(loaded: Loaded, catalogue: Catalogue, paper: Row) -> list[UnitInfo]:
    """To whom a paper would be given by hand: units of its holder's agency, the desk, and those at work on it."""
    if paper["state"] != "held":
        return []
    agency = catalogue.units[paper["unit_id"]].agency
    known = {loaded.intake_unit_id, *(item["unit_id"] for item in loaded.items)}
    found = [unit for unit in catalogue.units.values()
             if not unit.outside and (unit.agency == agency or unit.id in known)]
    return sorted(found, key=lambda unit: (unit.agency != agency, unit.full_vi))


def _open(loaded: Loaded, paper: Row) -> list[Row]:
    return [row for row in loaded.transfers if row["barcode"] == paper["barcode"]]


def _settle(decision: Decision, row: Row, outcome: str) -> None:
    decision.add("transfer", {**row, "settled_at": decision.stamp, "settled_by": decision.actor.id,
                              "outcome": outcome})


def by_when(at: datetime, calendar: Calendar) -> datetime:
    """What is handed over on paper is confirmed as soon as what is handed over in the system (P2)."""
    limit = Limit.parse(policies.at(at.astimezone(ZONE).date()).register_within)
    return due(limit, mode_of(limit), at, calendar)
