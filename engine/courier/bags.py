"""Bags: sealed by who sends, carried whole, counted by who opens. What does not agree is an incident with an owner."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine import access
from engine.casework.custody import Packed
from engine.casework.orders import Actor, text_faults
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.courier.runs import is_courier, not_now, one
from engine.courier.together import Asked, Result, together
from engine.errors import Invalid, NotFound, NotPossibleHere, WrongRole
from engine.office import Office
from storage import runs
from storage.runs import Bag, Line

LONGEST_SEAL = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """`seal_as_closed`: whole, and the number it was closed with. A result for every paper listed or found."""

    bag: Bag
    seal_as_closed: bool
    results: list[Result]


def desks(office: Office, actor: Actor, now: datetime) -> set[int]:
    """Units where the person works with dossiers today."""
    return runs.desks(office.db, actor.id, now.astimezone(ZONE).date())


def seal(office: Office, run_id: int, way: tuple[int, int], number: str, actor: Actor, now: datetime,
         barcodes: Sequence[str] = ()) -> Bag:
    """`way`: from unit, to unit; without barcodes all that is listed for that way and in no bag.

    Raises Invalid for a number that was used before or papers that cannot go in, WrongRole for others than the sender.
    """
    run, number = one(office, run_id), number.strip().upper()
    sender = office.fresh_catalogue().units.get(way[0])
    if sender is None or sender.id not in desks(office, actor, now):
        raise WrongRole(event="niêm phong túi", event_en="seal a bag",
                        who_vi=sender.full_vi if sender else "đơn vị gửi",
                        who_en=sender.full_en if sender else "the sending unit")
    if run.state != "listed":
        raise not_now(run, "niêm phong túi", "seal a bag")
    check_seal(number)
    if runs.used(office.db, number):
        raise Invalid({"seal": ("số niêm phong này đã dùng", "this seal number was used before")})
    open_here = [line.barcode for line in runs.lines(office.db, run_id)
                 if (line.from_unit_id, line.to_unit_id) == way and line.bag_id is None and line.taken_at is None]
    wanted = [code for code in barcodes if code in open_here] if barcodes else open_here
    made = runs.seal_bag(office.db, run_id, way, number, actor.id, now, wanted) if wanted else None
    if made is None:
        raise Invalid({"seal": ("không có giấy tờ nào để cho vào túi này", "no paper is there to go into this bag")})
    return find(office, made)


def check_seal(number: str) -> None:
    if not 1 <= len(number) <= LONGEST_SEAL or text_faults({"seal": number}):
        raise Invalid({"seal": (f"ghi số niêm phong, nhiều nhất {LONGEST_SEAL} ký tự",
                                f"give the number of the seal, at most {LONGEST_SEAL} characters")})


def check_count(listed: Sequence[Line], counted: Sequence[str] | None) -> Sequence[str]:
    """Where nobody looked nothing is missing yet. Raises Invalid."""
    if counted is None and any(line.confirmed_at is None and line.missing_at is None for line in listed):
        raise Invalid({"barcodes": (
            "chưa đếm giấy tờ nào: đánh dấu từng giấy tờ có trong túi; túi rỗng thì đánh dấu túi không có giấy tờ nào",
            "nothing was counted: tick every paper that is in the bag; if it is empty, say so")})
    return counted or ()


def absent(listed: Sequence[Line], counted: Sequence[str]) -> list[str]:
    """What is missing when only these are in the bag: never signed for by a courier, a paper did not leave."""
    here = _here(counted)
    return [line.barcode for line in listed if line.barcode not in here and line.taken_at is not None
            and line.confirmed_at is None and line.missing_at is None]


def _here(counted: Sequence[str]) -> dict[str, None]:
    return dict.fromkeys(code.strip().upper() for code in counted if code.strip())


def find(office: Office, bag_id: int) -> Bag:
    found = runs.bag(office.db, bag_id)
    if found is None:
        raise unknown()
    return found


def unknown() -> NotFound:
    return NotFound(what="túi giấy tờ", what_en="the bag")


def of_run(office: Office, run_id: int, actor: Actor, now: datetime) -> list[Bag]:
    """For couriers and auditors all, for others what comes from or goes to their agencies."""
    found = runs.bags(office.db, run_id)
    if _sees_all(office, actor, now):
        return found
    units = office.fresh_catalogue().units
    mine = {units[unit].agency for unit in desks(office, actor, now)}
    return [bag for bag in found if mine & {units[bag.from_unit_id].agency, units[bag.to_unit_id].agency}]


def seen(office: Office, bag_id: int, actor: Actor, now: datetime) -> Bag:
    """Raises NotFound for whoever has nothing to do with it."""
    of_the_run = of_run(office, find(office, bag_id).run_id, actor, now)
    found = next((bag for bag in of_the_run if bag.id == bag_id), None)
    if found is None:
        raise unknown()
    return found


def _sees_all(office: Office, actor: Actor, now: datetime) -> bool:
    return runs.is_courier(office.db, actor.id, now.astimezone(ZONE).date()) or access.may_audit(office, actor, now)


def take(office: Office, bag_id: int, courier: Actor, now: datetime) -> list[Result]:
    """The courier has the bag: every paper in it."""
    found = find(office, bag_id)
    is_courier(office, courier, now)
    return together(office, [
        Asked(barcode=line.barcode, event="take_paper", packed=_packed(line))
        for line in runs.in_bag(office.db, found.id) if line.taken_at is None], courier, now)


def scanned(office: Office, asked: Sequence[Asked], courier: Actor, now: datetime) -> list[Result]:
    """What a courier took along: what lies in a sealed bag goes where the bag goes."""
    inside = {line.barcode: _packed(line) for line in runs.packed(office.db, [one.barcode for one in asked])}
    return together(office, [replace(one, packed=inside.get(one.barcode)) for one in asked], courier, now)


def _packed(line: Line) -> Packed:
    return Packed(run=line.run_id, sender=line.from_unit_id, receiver=line.to_unit_id)


def open_bag(office: Office, bag_id: int, number: str, counted: Sequence[str] | None, actor: Actor, now: datetime,
             *, broken: bool = False) -> Opened:
    """Every paper that was counted is confirmed, what is listed and not counted is missing, what is neither an extra.
    Opened by its sender before a courier took it, its papers are where they were, and in no bag: nothing is counted.
    `counted`: what is in the bag; raises Invalid for None, when nobody looked.

    The papers first, then the bag: opened again after a break in between, the rest is done. Of two who open it at once
    one is told that it was opened before.
    """
    bag, number, results = find(office, bag_id), number.strip().upper(), list[Result]()
    catalogue = office.fresh_catalogue()
    unpacks = _unpacks(catalogue, bag, desks(office, actor, now))
    if not bag.sealed:
        raise ended(bag)
    check_seal(number)
    if not unpacks:
        listed = runs.in_bag(office.db, bag.id)
        results = together(office, _found(bag, listed, check_count(listed, counted)), actor, now)
    elif not runs.unpack(office.db, bag.id):
        raise _not_his(catalogue.units[bag.to_unit_id])
    whole = number == bag.seal and not broken
    trouble = None if whole else (str(uuid.uuid4()), "seal_broken" if broken else "seal_other")
    if not runs.open_bag(office.db, bag.id, actor.id, now, number, whole, trouble):
        raise ended(bag)
    return Opened(bag=find(office, bag_id), seal_as_closed=whole, results=results)


def ended(bag: Bag) -> NotPossibleHere:
    where = ("đã giao ngoài hệ thống", "handed over outside") if bag.handed_at else ("đã mở", "opened before")
    return NotPossibleHere(event="mở túi", event_en="open the bag", where_vi=where[0], where_en=where[1], possible="-")


def _unpacks(catalogue: Catalogue, bag: Bag, own: set[int]) -> bool:
    """Whether it is the sender who takes his papers out again. Raises WrongRole for others than sender and receiver."""
    receiver, agencies = catalogue.units[bag.to_unit_id], {catalogue.units[unit].agency for unit in own}
    if receiver.agency in agencies:
        return False
    if catalogue.units[bag.from_unit_id].agency not in agencies:
        raise _not_his(receiver)
    return True


def _not_his(receiver: UnitInfo) -> WrongRole:
    return WrongRole(event="mở túi", event_en="open the bag", who_vi=receiver.full_vi, who_en=receiver.full_en)


def _found(bag: Bag, listed: Sequence[Line], counted: Sequence[str]) -> list[Asked]:
    here, known = _here(counted), {line.barcode for line in listed}
    packed = Packed(run=bag.run_id, sender=bag.from_unit_id, receiver=bag.to_unit_id)
    events = {code: "report_missing" for code in absent(listed, counted)}
    events |= {line.barcode: "confirm_paper" if line.taken_at else "report_extra" for line in listed
               if line.confirmed_at is None and line.barcode in here}
    events |= {code: "report_extra" for code in here if code not in known}
    return [Asked(barcode=code, event=event, packed=packed) for code, event in events.items()]


def confirm_run(office: Office, run_id: int, actor: Actor, now: datetime,
                barcodes: Sequence[str] = ()) -> list[Result]:
    """Everything of the run that is bound for the person's agencies, under way and in no sealed bag; or the papers
    named: those that lie in one are refused.
    """
    one(office, run_id)
    sealed = set() if barcodes else {bag.id for bag in runs.bags(office.db, run_id) if bag.sealed}
    units = office.fresh_catalogue().units
    agencies = {units[unit].agency for unit in desks(office, actor, now)}
    chosen = set(barcodes)
    return together(office, [
        Asked(barcode=line.barcode, event="confirm_paper") for line in runs.lines(office.db, run_id)
        if line.taken_at is not None and line.confirmed_at is None and line.missing_at is None
        and units[line.to_unit_id].agency in agencies and (not chosen or line.barcode in chosen)
        and line.bag_id not in sealed], actor, now)
