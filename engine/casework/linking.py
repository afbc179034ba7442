"""Asks an agency that has no system: by a link that is mailed to it, or by a slip that somebody prints."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from engine.casework import elsewhere, handoffs, outside
from engine.casework.decision import Decision, Row, iso
from engine.casework.messages import SPACE
from engine.casework.orders import Order
from engine.catalogue import Catalogue, UnitInfo
from engine.errors import Refused
from procedures.declaration import Role
from storage.dossiers import Loaded
from storage.tables.desk import Channel
from storage.tables.links import Way

KIND = "handoff_link"
# How long a link opens after the answer is due; where no date is set, from when it was made.
AFTER_DUE, WITHOUT_DATE = timedelta(days=30), timedelta(days=90)


def owner(decision: Decision, handoff: Row) -> UnitInfo:
    """Who sees to it here: the unit that sent it, or the desk where that does not work here either."""
    sender = decision.catalogue.units[handoff["from_unit_id"]]
    return decision.catalogue.units[decision.loaded.intake_unit_id] if sender.outside else sender


def ask(decision: Decision, handoff: Row, item: Row, way: Way) -> None:
    """The link or slip of this hand-off, and the mail that takes the link there."""
    due = outside.answer_due(decision, handoff, item)
    ends = max(due, decision.at) + AFTER_DUE if due else decision.at + WITHOUT_DATE
    row: Row = {"handoff_id": handoff["id"], "dossier_id": decision.loaded.id, "way": way.value,
                "from_unit_id": owner(decision, handoff).id, "made_at": decision.stamp, "expires_at": None,
                "message_id": None}
    if way is Way.MAIL:
        mail = _mail(decision, handoff, due)
        row |= {"expires_at": iso(ends), "message_id": mail["id"]}
        decision.add("link_mail", mail)
    decision.add("link", row)


def _mail(decision: Decision, handoff: Row, due: datetime | None) -> Row:
    """Where to is filled in as it is written, the key as it is sent."""
    sender = owner(decision, handoff)
    told = uuid.uuid5(SPACE, f"{handoff['id']}.{decision.loaded.audit_seq}.{KIND}")
    return {"id": str(told), "dossier_id": decision.loaded.id, "owner_unit_id": sender.id, "kind": KIND,
            "channel": Channel.MAIL.value, "created_at": decision.stamp, "data": {
                "handoff": handoff["id"], "code": decision.loaded.code, "at": sender.full_vi, "at_en": sender.full_en,
                "due": iso(due)}}


def deliver(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime,
            received_at: datetime | None = None) -> Decision:
    """The technical receipt; for an agency that gets its work by mail, the link is on its way with it."""
    decision = handoffs.deliver(loaded, order, catalogue, now, received_at)
    wanted = str(order.particulars.handoff)
    handoff = next(row for row in loaded.handoffs if row["id"] == wanted)
    if catalogue.units[handoff["to_unit_id"]].reach == Way.MAIL and not elsewhere.at_peer(handoff):
        item = next(row for row in [*loaded.items, *loaded.consulted] if row["handoff_id"] == wanted)
        ask(decision, handoff, item, Way.MAIL)
    return decision


def send_link(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Mails the link anew: the old one opens nothing any more. Also for a hand-off that had none yet."""
    decision, handoff, item = handoffs.begin(loaded, order, catalogue, now)
    unit = _sender(decision, handoff)
    _refuse_at_peer(handoff)
    if catalogue.units[handoff["to_unit_id"]].reach != Way.MAIL:
        raise Refused(reason_vi="Nơi nhận không nhận việc qua thư điện tử.",
                      reason_en="The receiver does not get its work by mail.")
    if handoff["state"] == "pending":
        handoffs.arrive(decision, handoff, item)
        decision.settled.append(handoff["id"])
    ask(decision, handoff, item, Way.MAIL)
    decision.audit("send_link", unit=unit, details={"handoff": handoff["id"]})
    return decision


def print_slip(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """A slip goes on its way on paper: the technical receipt of a hand-off that nobody could send.

    The slip of one that went otherwise may be printed, too; how it was asked for first stays as it is.
    """
    decision, handoff, item = handoffs.begin(loaded, order, catalogue, now)
    unit = _sender(decision, handoff)
    _refuse_at_peer(handoff)
    if catalogue.units[handoff["to_unit_id"]].reach not in tuple(Way):
        raise Refused(reason_vi="Nơi nhận có hệ thống của mình, không cần phiếu giấy.",
                      reason_en="The receiver has a system of its own and needs no slip of paper.")
    if handoff["state"] == "pending":
        handoffs.arrive(decision, handoff, item)
        decision.settled.append(handoff["id"])
    if catalogue.units[handoff["to_unit_id"]].reach == Way.PAPER:
        ask(decision, handoff, item, Way.PAPER)
    decision.audit("print_slip", unit=unit, details={"handoff": handoff["id"]})
    return decision


def _refuse_at_peer(handoff: Row) -> None:
    """Its agency has moved since: who was asked there must give it back before anybody is asked anew."""
    if elsewhere.at_peer(handoff):
        raise Refused(reason_vi="Việc này đã gửi sang hệ thống nơi cơ quan làm việc lúc đó. Hãy thu hồi rồi gửi lại.",
                      reason_en="This went to the installation the agency worked at then. Recall it, then resend.")


def _sender(decision: Decision, handoff: Row) -> UnitInfo:
    """Whoever decides on it there, and those who see to the unit's post."""
    return handoffs.of_unit(decision, owner(decision, handoff).id, (
        handoff["from_role"], Role.CLERK, Role.OFFICER, Role.HEAD, Role.RECEPTIONIST, Role.MANAGER))
