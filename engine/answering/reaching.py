"""How work comes to an agency: changed by whoever runs the installation, kept in the log."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address

from engine.casework import handoffs, linking
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import MACHINE, Order, Particulars
from engine.catalogue import Catalogue
from engine.errors import Invalid, NotFound, NotPossibleHere, Refused
from engine.office import Office
from storage import links
from storage.dossiers import Loaded
from storage.peers import Deed
from storage.tables.links import Way
from storage.tables.organisation import Reach

WAYS = (Reach.HERE, Reach.MAIL, Reach.PAPER)


def reach(office: Office, agency: str, way: str, address: str, who: str, now: datetime,
          actor: int | None = None) -> int:
    """From now on; hand-offs nobody has registered yet go that way too, their number is returned. What was mailed or
    printed already stays on its way. `address`: for mail; `who`: the account of the machine; `actor`: the person in
    whose name it is done.

    Raises Invalid, NotFound for an unknown agency, Refused for one of another installation.
    """
    if way not in WAYS:
        raise Invalid({"way": ("chọn here, mail hoặc paper", "choose here, mail or paper")})
    if way == Reach.MAIL and not _is_address(address):
        raise Invalid({"address": ("ghi địa chỉ thư điện tử của cơ quan", "give the agency's mail address")})
    before = links.reach_of(office.db, agency)
    if before is None:
        raise NotFound(what=f"cơ quan {agency[:40]}", what_en=f"agency {agency[:40]}")
    if before == Reach.PEER:
        raise Refused(reason_vi="Cơ quan này làm việc ở một hệ thống khác; đổi tại danh bạ của hệ thống đó.",
                      reason_en="This agency works at another installation; it is changed in that one's directory.")
    deed = Deed(kind="agency_reach_changed", actor=actor, at=now, details={
        "agency": agency, "before": before, "way": way, "address": address if way == Reach.MAIL else "", "by": who})
    unsent = links.reach(office.db, agency, way, address if way == Reach.MAIL else None, deed)
    return unsent if way == Reach.HERE else unsent + _ask_anew(office, agency, way, now)


def _ask_anew(office: Office, agency: str, way: str, now: datetime) -> int:
    """For what lies there unregistered: links are mailed, slips wait in the list to be printed."""
    lying = links.lying(office.db, agency)
    if way == Reach.MAIL:
        for one in lying:
            order = Order(code=one.code, event="send_link", actor=MACHINE,
                          particulars=Particulars(handoff=one.handoff_id))
            with suppress(NotPossibleHere):  # registered, or closed, in this moment
                transact(office, order, _mail, now)
    return len(lying)


def _mail(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    decision, handoff, item = handoffs.begin(loaded, order, catalogue, now)
    if handoff["state"] != "delivered":
        raise handoffs.settled(decision, handoff)
    linking.ask(decision, handoff, item, Way.MAIL)
    decision.audit("send_link", unit=None, details={"handoff": handoff["id"]})
    return decision


def _is_address(text: str) -> bool:
    try:
        told = Address(addr_spec=text)
    except (ValueError, IndexError):
        return False
    return bool(told.username and told.domain) and text.isprintable() and " " not in text
