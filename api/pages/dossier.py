"""One dossier: where it is, what I may do, what it holds, what happened, by when it is due."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup

from api.context import Caller, Counter, Person
from api.pages.alike import telling_apart
from api.pages.asking import askable
from api.pages.catalogue.frame import picture
from api.pages.due import DueWords, due_words, settled_words
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from api.v1.inputs import Code
from api.words import FORMS
from engine import desk
from engine.anchoring import evidence
from engine.anchoring.evidence import Anchored
from engine.answering import by_slip
from engine.casework import claims
from engine.casework.comments import SILENT
from engine.casework.competence import desks
from engine.casework.consulting import JOINS, UNANSWERED
from engine.casework.offers import Offer
from engine.catalogue import UnitInfo
from engine.desk.dossier import DossierView
from engine.desk.holdings import HandoffView
from engine.desk.mentions import readers
from engine.desk.places import day_of
from engine.desk.story import Entry
from engine.desk.way import Standing
from engine.letters.templates import TEMPLATES
from engine.notifying.reading import of_dossier
from engine.states.procedure import Procedure
from procedures.declaration import Role, Text
from storage.faults import Fault

router = Counter(include_in_schema=False, route_class=PageRoute)

# What nobody may fold away: an act that ends the dossier or takes something from the citizen.
GRAVE = frozenset({"refuse", "stop", "withdraw", "propose_rejection", "refuse_handoff", "report_missing",
                   "close_payout"})
# What comes between, instead of the work itself.
ASIDE = GRAVE | {"send_back", "consult_further", "withdraw_consultation", "request_supplement", "request_payment",
                 "record_failed_delivery"}
# Alarms in a row that are shown one by one.
FEW = 3
NOT_ACCEPTED = Text(vi="không được nhận", en="was not accepted")


@router.get("/dossiers/{code}")
def dossier(caller: Caller, code: Code, did: str = "") -> Response:
    return show(caller, code, did=did)


def show(caller: Person, code: str, entered: Entered = BLANK, *, status: int = 200, did: str = "") -> Response:
    """The dossier as it is now; with a form that came back, when something was not right."""
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    return page(Visit(visitor=caller), "dossiers/dossier.html", entered, status=status, view=view, head=view.header,
                late=lateness_of(view, caller), said=_said(view, did), did=did, failed=_failed(caller.request, view),
                primary=_primary(view.offers), forms=FORMS, units=_units(caller), slips=_slips(caller, view),
                desks=_desks(caller, view), joins=JOINS, unanswered=UNANSWERED,
                askable=askable(caller.office.catalogue(), view),
                promised=sum(row.current and row.state == "promised" for row in view.documents),
                readers=readers(caller.office, code, caller.id, caller.now),
                talks=any(role not in SILENT for _, role in caller.identity.memberships),
                templates={key: one for key, one in TEMPLATES.items() if one.kind in view.drafts},
                sent=of_dossier(caller.office, code), grave=GRAVE, evidence=_evidence(caller, code),
                picture=_picture(caller, view), runs=_runs(view.timeline), whose=telling_apart(view),
                handed=_handed(view.handoffs), **_groups(view.offers))


def _evidence(caller: Person, code: str) -> Anchored | None:
    """For auditors, who may take it out."""
    audits = any(role == Role.AUDITOR for _, role in caller.identity.memberships)
    return evidence.anchored(caller.office, code, caller.now) if audits else None


def _runs(timeline: list[Entry]) -> list[list[Entry]]:
    """The record, newest first; alarms that rang one after the other are one run, when they are many."""
    runs: list[list[Entry]] = []
    for alarm, found in groupby(reversed(timeline), lambda entry: entry.action.startswith("alarm:")):
        entries = list(found)
        runs += [entries] if alarm and len(entries) > FEW else [[entry] for entry in entries]
    return runs


def _handed(handoffs: list[HandoffView]) -> list[list[HandoffView]]:
    """Newest first; what one unit sent in the same words to one agency after the other is together."""
    alike = groupby(reversed(handoffs), lambda one: (one.sender.id, one.words) if one.words else one.id)
    return [list(found) for _, found in alike]


def _picture(caller: Person, view: DossierView) -> Markup:
    """The diagram of the version it is under, with where it is and what it has left behind."""
    procedure = caller.office.catalogue().procedures[view.header.version_id]
    stops = [stop for stretch in view.way for each in stretch.stops for stop in (each, *each.branches)]
    return _drawn(procedure, caller.chosen_language,
                  tuple(stop.state for stop in stops if stop.standing is Standing.NOW),
                  tuple(stop.state for stop in stops if stop.standing is Standing.DONE))


@lru_cache(maxsize=500)
def _drawn(procedure: Procedure, language: str, here: tuple[str, ...], done: tuple[str, ...]) -> Markup:
    """Many dossiers stand at the same place; a version of a procedure never changes."""
    return picture(procedure.declaration, language, here=here, done=done)


def lateness_of(view: DossierView, caller: Person) -> DueWords:
    head = view.header
    if head.due_at is not None and (head.finished_at or head.closed_at):
        return settled_words(head.lateness)
    return due_words(head.lateness, head.due_at, caller.now)


def offer_id(offer: Offer) -> str:
    """Names the form of an offer: the same before and after it came back."""
    parts = (offer.event, offer.state, str(offer.handoff)[:8] if offer.handoff else None, offer.slip, offer.kind)
    return ".".join(part for part in parts if part)


def _primary(offers: list[Offer]) -> Offer | None:
    """The work of the step itself, or the receipt of what was handed over: shown open, before the rest."""
    ready = [offer for offer in offers if offer.permitted and (offer.closes or offer.event in ("register", "resend"))]
    usual = [offer for offer in ready if offer.event not in ASIDE]
    return next((offer for offer in usual if offer.event == "register"), usual[0] if usual else None)


def _groups(offered: list[Offer]) -> dict[str, Any]:
    primary, offers = _primary(offered), [offer for offer in offered if offer.event not in claims.EVENTS]
    return {
        "claiming": [offer for offer in offered if offer.event in claims.EVENTS],
        "others": [offer for offer in offers if offer.permitted and offer is not primary],
        "blocked": [offer for offer in offers if offer.mine and not offer.permitted],
        "not_mine": [offer for offer in offers if not offer.mine], "offer_id": offer_id,
    }


def _units(caller: Person) -> dict[str, Text]:
    """For sending a hand-off to another unit than it was meant for."""
    units = sorted(caller.office.catalogue().units.values(), key=lambda unit: (unit.agency, unit.id))
    return {str(unit.id): _agency_first(unit) for unit in units}


@lru_cache(maxsize=5000)
def _agency_first(unit: UnitInfo) -> Text:
    return Text(vi=f"{unit.agency_vi}: {unit.name_vi}", en=f"{unit.agency_en}: {unit.name_en}")


def _desks(caller: Person, view: DossierView) -> dict[str, Text]:
    """Where a dossier handed in at the wrong place belongs; looked up only where it may be refused."""
    if not any(offer.event == "refuse" and offer.permitted for offer in view.offers):
        return {}
    catalogue = caller.office.catalogue()
    offered = catalogue.offered(day_of(caller.now)).get(view.header.procedure)
    return {str(desk.id): Text(vi=desk.full_vi, en=desk.full_en)
            for desk in desks(catalogue, offered.received_at if offered else (), view.header.desk.agency)}


def _slips(caller: Person, view: DossierView) -> set[int]:
    """The hand-offs, by their number, whose answer slip this person may open: of the unit that sent it, or of the desk
    where that does not work here either."""
    units, mine = caller.office.catalogue().units, by_slip.mine(caller.identity.memberships)
    return {handoff.seq for handoff in view.handoffs if handoff.slip
            and (handoff.sender.id if units[handoff.sender.id].reach == "here" else view.header.desk.id) in mine}


def _said(view: DossierView, did: str) -> Any:
    """The entry of the record that the last act left; a dossier may be accepted as it comes in."""
    wanted = ("accept", "receive") if did == "receive" else (did,)
    return next((entry for action in wanted for entry in reversed(view.timeline) if entry.action == action), None)


def _failed(request: Request, view: DossierView) -> list[tuple[Text, Text]]:
    """Files that were refused when the dossier was taken in: which paper, and why."""
    names = {slot.component: slot.name for slot in view.slots}
    found = []
    for told in request.query_params.getlist("failed")[:30]:
        component, _, code = told.partition(".")
        fault = next((fault for fault in Fault if fault.value == code), None)
        if component in names:
            found.append((names[component], Text(vi=fault.vi, en=fault.en) if fault else NOT_ACCEPTED))
    return found
