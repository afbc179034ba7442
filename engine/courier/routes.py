"""Routes: an ordered round of units with its departures. What no other route serves goes with the general one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from engine.casework.orders import Actor, Faults, text_faults
from engine.catalogue import Catalogue
from engine.clocks.departures import CUT_OFF
from engine.clocks.zone import ZONE
from engine.courier.runs import plan_ahead
from engine.errors import Invalid, NotFound, WrongRole
from engine.office import Office
from procedures.declaration import Role
from storage import events, runs
from storage.runs import Route

KEEPERS = (Role.MANAGER, Role.ADMINISTRATOR)
MOST_STOPS, MOST_DEPARTURES, LONGEST_NAME = 40, 9, 200


def keeps(office: Office, actor: Actor, now: datetime) -> bool:
    """Whether the person may change routes."""
    return runs.has_role(office.db, actor.id, [str(role) for role in KEEPERS], now.astimezone(ZONE).date())


def add(office: Office, actor: Actor, name: tuple[str, str], stops: Sequence[str], departures: Sequence[str],
        now: datetime) -> Route:
    """`name`: in both languages; `stops`: AGENCY/unit in order; `departures`: 08:30, Vietnam's time.

    Raises Invalid. Its runs of today that are still to come are planned at once. A paper both of whose ends are on
    several routes goes with the oldest of them.
    """
    _keeper(office, actor, now)
    units, faults = _stops(office.fresh_catalogue(), stops), _names(name)
    times = _departures(departures)
    if isinstance(units, tuple):
        faults["stops"] = units
    if isinstance(times, tuple):
        faults["departures"] = times
    if faults or isinstance(units, tuple) or isinstance(times, tuple):
        raise Invalid(faults)
    made = runs.add_route(office.db, (name[0].strip(), name[1].strip() or name[0].strip()), units, times)
    events.append(office.db, "route_added", actor.id, now, {"route": made, "stops": list(stops)})
    plan_ahead(office, now)
    return next(route for route in runs.routes(office.db) if route.id == made)


def retire(office: Office, actor: Actor, route: int, now: datetime) -> None:
    """No run of it is planned any more; those that are planned go. The general route stays."""
    _keeper(office, actor, now)
    if not runs.retire_route(office.db, route, now):
        raise NotFound(what="tuyến giao nhận", what_en="the route")
    events.append(office.db, "route_retired", actor.id, now, {"route": route})


def _keeper(office: Office, actor: Actor, now: datetime) -> None:
    if not keeps(office, actor, now):
        raise WrongRole(event="lập tuyến giao nhận", event_en="draw up a route",
                        who_vi="quản lý bộ phận Một cửa", who_en="the desk's management")


def _names(name: tuple[str, str]) -> Faults:
    faults = text_faults({"name_vi": name[0], "name_en": name[1]}, LONGEST_NAME)
    return faults if name[0].strip() else faults | {"name_vi": ("ghi tên tuyến", "name the route")}


def _stops(catalogue: Catalogue, stops: Sequence[str]) -> list[int] | tuple[str, str]:
    known = {f"{unit.agency}/{unit.key}": unit.id for unit in catalogue.units.values() if not unit.outside}
    unknown = [stop for stop in stops if stop not in known]
    if unknown:
        told = ", ".join(unknown[:3])[:100]
        return (f"không có đơn vị {told}", f"no unit {told!a}")
    if not 2 <= len(stops) <= MOST_STOPS or len(set(stops)) < len(stops):
        return (f"ghi 2 đến {MOST_STOPS} đơn vị khác nhau theo thứ tự",
                f"give 2 to {MOST_STOPS} different units in order")
    return [known[stop] for stop in stops]


def _departures(written: Sequence[str]) -> list[time] | tuple[str, str]:
    try:
        times = sorted({time.fromisoformat(one.rjust(5, "0")).replace(tzinfo=None) for one in written})
    except ValueError:
        return ("ghi giờ khởi hành như 08:30", "write departures as 08:30")
    if not 1 <= len(times) <= MOST_DEPARTURES:
        return (f"ghi 1 đến {MOST_DEPARTURES} giờ khởi hành", f"give 1 to {MOST_DEPARTURES} departures")
    if times[-1] < CUT_OFF:
        return ("chuyến cuối phải đi từ 15:00 trở đi: hồ sơ nhận trước 15:00 chuyển trong ngày (Điều 18)",
                "the last run must leave at 15:00 or later: what is received by then leaves the same day")
    return times
