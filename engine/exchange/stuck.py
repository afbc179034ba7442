"""What the unit in charge does about a message that does not go on: try it again, ask for it anew, or go without it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from engine.casework.act import Decide, transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars, check_words
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.courier import incidents
from engine.errors import NotFound
from engine.exchange import watching
from engine.exchange.watching import NotParked
from engine.office import Office
from storage import custody, linewatch
from storage.dossiers import Loaded
from storage.linewatch import Stuck
from storage.peers import Deed

# As the dossier's page shows it beside the document.
NEVER_CAME = "không tải được, đã bỏ qua"


def again(office: Office, incident: UUID, actor: Actor, now: datetime) -> None:
    """As if it were new. Raises NotFound for another unit's incident, NotParked."""
    found = _stuck(office, incident, actor, now)
    deed = Deed(kind="exchange_tried_again", actor=actor.id, at=now,
                details={"way": found.way, "id": str(found.id), "incident": str(incident)})
    if not linewatch.again(office.db, found.way, found.id, deed):
        raise NotParked


def ask_anew(office: Office, incident: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """Of the people there. Raises NotFound, NotParked, NoDossierYet, Invalid."""
    found = _stuck(office, incident, actor, now)
    if found.message is None:
        raise NotParked
    watching.ask(office, actor, found.message, reason, now)


def give_up(office: Office, incident: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """Only of what came: what waits behind it goes on, and the incident is closed.

    Raises NotFound, NotParked, Invalid.
    """
    found = _stuck(office, incident, actor, now)
    if found.way == "document":
        _leave_document(office, found.id, actor, reason, now)
    elif found.way == "incoming":
        watching.leave(office, actor, found.id, reason, now)
    else:
        raise NotParked
    incidents.close(office, incident, actor, reason, now)


def _leave_document(office: Office, document: UUID, actor: Actor, reason: str, now: datetime) -> None:
    """The dossier says that it never came. Told again after a crash it is as told once."""
    code = linewatch.dossier_of_document(office.db, document)
    order = Order(code=code, event="leave_document", actor=actor, particulars=Particulars(reason=reason))
    transact(office, order, _never_came(str(document)), now)
    deed = Deed(kind="document_given_up", actor=actor.id, at=now, details={"document": str(document), "reason": reason})
    if not linewatch.give_up_document(office.db, document, deed):
        raise NotParked


def _never_came(document: str) -> Decide:
    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        check_words(order.particulars, reason=True)
        row = next((row for row in loaded.documents if row["id"] == document and row["state"] == "promised"), None)
        if row is None:
            raise NotParked
        decision.raise_version()
        decision.add("document", {**row, "reason": NEVER_CAME})
        decision.audit("leave_document", unit=None, spoken={"reason": order.particulars.reason},
                       details={"document": document, "version": decision.version})
        return decision

    return decide


def _stuck(office: Office, incident: UUID, actor: Actor, now: datetime) -> Stuck:
    found = custody.incident(office.db, incident, actor.id, now.astimezone(ZONE).date())
    if found is None or not found.own or found.message is None:
        raise NotFound(what="sự việc", what_en="the incident")
    stopped = linewatch.stuck(office.db, [found.message])
    if not stopped:
        raise NotParked
    return stopped[0]
