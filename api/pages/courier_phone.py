"""The courier's telephone: today's runs stop by stop, papers taken by scanning, also where there is no network.

The page itself names nobody and shows no content: barcodes, from, to. What was scanned lies in the browser until the
server has recorded it, each scan as of its own moment and once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import orjson
from fastapi import Response

from api.context import Caller, Counter, Person
from api.pages.problems import PageRoute
from api.pages.without_network import KeptPage
from api.problems import NoSuchPage
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.desk.places import day_of
from storage import runs
from storage.runs import Line, Run

router = Counter(include_in_schema=False, route_class=PageRoute)

PHONE = KeptPage(name="courier", address="/courier/phone", template="courier/phone.html", module="courier.js")


@router.get(PHONE.address)
def phone(caller: Caller) -> Response:
    """The camera may be used here and nowhere else."""
    answer = PHONE.shown(caller)
    answer.headers["permissions-policy"] = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    return answer


@router.get(f"{PHONE.address}/worker.js")
def worker(caller: Caller) -> Response:
    return PHONE.worker(caller)


@router.get(f"{PHONE.address}/day")
def today(caller: Caller) -> Response:
    """Today's runs for our own module; JSON. For couriers only."""
    if not runs.is_courier(caller.office.db, caller.id, day_of(caller.now)):
        raise NoSuchPage(what="")
    catalogue = caller.office.fresh_catalogue()
    routes = {route.id: route.stops for route in runs.routes(caller.office.db)}
    told = {"now": caller.now.isoformat(), "form_key": caller.identity.form_key,
            "person": {"id": caller.id, "name": caller.actor.name},
            "runs": [_run(caller, catalogue, run, routes.get(run.route_id, []))
                     for run in runs.of_day(caller.office.db, day_of(caller.now)) if run.listed]}
    return Response(orjson.dumps(told), media_type="application/json")


def _run(caller: Person, catalogue: Catalogue, run: Run, stops: Sequence[int]) -> dict[str, Any]:
    english, lines = caller.chosen_language == "en", runs.lines(caller.office.db, run.id)
    seals = {bag.id: bag.seal for bag in runs.bags(caller.office.db, run.id)}
    called_at = list(dict.fromkeys([*stops, *(line.from_unit_id for line in lines),
                                    *(line.to_unit_id for line in lines)]))

    def name(unit: int) -> str:
        found = catalogue.units[unit]
        return found.full_en if english else found.full_vi

    def row(*lines: Line) -> dict[str, Any]:
        """A paper by itself, or a sealed bag of which only the seal and the number of papers are shown."""
        first = lines[0]
        return {"code": seals.get(first.bag_id or 0, first.barcode), "bag": first.bag_id is not None,
                "papers": [line.barcode for line in lines],
                "from": name(first.from_unit_id), "to": name(first.to_unit_id),
                "taken": all(line.taken_at for line in lines), "confirmed": all(line.confirmed_at for line in lines),
                "missing": any(line.missing_at and not line.confirmed_at for line in lines)}

    def rows(lines: Iterable[Line]) -> list[dict[str, Any]]:
        """Bags first."""
        kept = sorted(lines, key=lambda line: (line.bag_id is None, line.bag_id or 0, line.barcode))
        return [row(*held) for _, held in groupby(kept, key=lambda line: line.bag_id or line.barcode)]

    return {"id": run.id, "no": run.no, "at": run.depart_at.astimezone(ZONE).strftime("%H:%M"), "state": run.state,
            "route": run.route_en if english else run.route_vi, "stops": [
                {"unit": name(unit), "take": rows(line for line in lines if line.from_unit_id == unit),
                 "give": rows(line for line in lines if line.to_unit_id == unit)}
                for unit in called_at if any(unit in (line.from_unit_id, line.to_unit_id) for line in lines)]}
