"""The counter that goes on without its network.

Who sits there, and what was taken in, its module keeps in the browser and sends when the server answers again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Request, Response

from api.context import Caller, Counter, Person, settings_of
from api.pages.assets import assets
from api.pages.forms import Posted
from api.pages.problems import PageRoute
from api.pages.questions import question
from api.pages.reception_form import Desk, desks_of
from api.pages.rendering import dong, environment
from api.pages.without_network import KeptPage
from api.words import CHANNELS, FORMS, RETURN_WAYS
from engine.catalogue import code_on
from engine.desk.places import day_of
from engine.states.procedure import Procedure
from procedures.declaration import Channel, Fee, Text

router = Counter(include_in_schema=False, route_class=PageRoute)

COUNTER = KeptPage(name="counter", address="/receive/offline", template="offline/counter.html", module="offline.js")


@router.get(COUNTER.address)
def counter(caller: Caller) -> Response:
    return COUNTER.shown(caller)


@router.get(f"{COUNTER.address}/worker.js")
def worker(caller: Caller) -> Response:
    return COUNTER.worker(caller)


@router.get(f"{COUNTER.address}/me")
def me(caller: Caller, request: Request) -> Response:
    """Who sits here and the server's time; JSON, for our own module. `forms` changes with what `/forms` says."""
    catalogue, mark = caller.office.fresh_catalogue(), assets(settings_of(request).home).mark
    told = {"now": caller.now.isoformat(), "form_key": caller.identity.form_key,
            "person": {"id": caller.id, "name": caller.actor.name},
            "desks": [{"unit": unit.id, "name": unit.name_vi, "agency": unit.agency_vi} for unit in desks_of(caller)],
            "forms": f"{mark}.{catalogue.revision}.{day_of(caller.now)}.{caller.chosen_language}"}
    return Response(orjson.dumps(told), media_type="application/json")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskForm:
    """What the module needs to take a procedure in without us: its form drawn, and what the receipt says of it.

    `facts` is [type, whether an answer is required, label] by name.
    """

    key: str
    code: str
    name: str
    shown: str
    search: str
    limit: str
    fees: list[str]
    papers: dict[str, str]
    facts: dict[str, tuple[str, bool, str]]
    form: str


@router.get(f"{COUNTER.address}/forms")
def desk_forms(caller: Caller) -> Response:
    """Every procedure of the caller's desks; JSON, for our own module."""
    return Response(orjson.dumps([_form(caller, found) for found in _offered(caller)]), media_type="application/json")


def _offered(caller: Person) -> list[Desk]:
    catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
    keys = {key for unit in desks_of(caller) for key in catalogue.offered(today, unit)}
    found = [Desk.find(caller, key) for key in sorted(keys)]
    return sorted(found, key=lambda desk: desk.declaration.name.vi)


def _form(caller: Person, desk: Desk) -> DeskForm:
    declared, english = desk.declaration, caller.chosen_language == "en"
    promised = desk.preview(Posted.none())
    limit: Text | None = promised["limit"]
    code = code_on(declared.codes, day_of(caller.now))
    return DeskForm(
        key=desk.procedure.key, code=code, name=declared.name.vi,
        shown=declared.name.en if english else declared.name.vi,
        search=f"{declared.name.vi} {declared.name.en} {code} {declared.field.name.vi} {desk.procedure.key}",
        limit=limit.vi if limit else "", fees=[_fee(fee) for fee in declared.fees],
        papers={key: paper.name.vi for key, paper in declared.documents.items()},
        facts={name: (str(fact.type), fact.required, fact.label.en if english else fact.label.vi)
               for name, fact in declared.facts.items()},
        form=_drawn(caller, desk, promised["needed"]))


def _fee(fee: Fee) -> str:
    """In Vietnamese, as the receipt is; what depends on answers is worked out when the network is back."""
    depends = fee.when is not None or fee.per is not None or fee.exemptions
    return f"{fee.name.vi}: {dong(fee.amount)}" + (" (theo từng trường hợp)" if depends else "")


def _drawn(caller: Person, desk: Desk, needed: list[str]) -> str:
    """The fields of the form, as reception has them, blank."""
    procedure: Procedure = desk.procedure
    declared = procedure.declaration
    told: dict[str, Any] = {
        "language": caller.chosen_language, "given": {}, "faults": {}, "trouble": None, "form_key": "",
        "questions": [question(name, fact) for name, fact in declared.facts.items()],
        "papers": declared.documents, "needed": needed, "forms": FORMS, "return_ways": RETURN_WAYS,
        "channels": {key: CHANNELS[key] for key in declared.channels if key != Channel.ONLINE},
        "desks": {str(unit.id): Text(vi=unit.full_vi, en=unit.full_en) for unit in desk.desks}}
    return environment().get_template("offline/form.html").render(told)
