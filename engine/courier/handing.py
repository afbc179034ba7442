"""A bag for an agency that does not work here: their signature on its manifest confirms its papers, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.casework.custody import signer_faults
from engine.casework.orders import Actor
from engine.courier import bags
from engine.courier.together import Asked, Result, together
from engine.errors import Invalid, NotPossibleHere, WrongRole
from engine.office import Office
from storage import runs
from storage.runs import Bag


def sign_for(office: Office, bag_id: int, signer: str, barcodes: Sequence[str] | None, actor: Actor,
             now: datetime) -> list[Result]:
    """What the courier handed over is with who signed there, as its sender records.

    `barcodes`: None for all but those that were reported missing; these are signed for only where they are named.

    Who is not of the unit that sent a paper's dossier there is refused that paper, as when he confirms it alone.
    Raises WrongRole, NotPossibleHere, Invalid.
    """
    bag = bags.find(office, bag_id)
    _check(office, bag, actor, now)
    lines = [line for line in runs.in_bag(office.db, bag.id) if line.taken_at is not None and line.confirmed_at is None]
    chosen = [line.barcode for line in lines if (line.missing_at is None if barcodes is None
                                                 else line.barcode in barcodes)]
    faults = signer_faults(signer.strip())
    if not chosen:
        faults["barcodes"] = ("đánh dấu giấy tờ đã có chữ ký của nơi nhận; giấy tờ phải được lấy đi trước",
                              "tick the papers that were signed for; a courier must have taken them before")
    if faults:
        raise Invalid(faults)
    return together(office, [Asked(barcode=code, event="confirm_paper", recipient=signer.strip()) for code in chosen],
                    actor, now)


def _check(office: Office, bag: Bag, actor: Actor, now: datetime) -> None:
    units = office.fresh_catalogue().units
    sender, receiver = units[bag.from_unit_id], units[bag.to_unit_id]
    if sender.agency not in {units[unit].agency for unit in bags.desks(office, actor, now)}:
        raise WrongRole(event="ghi nhận đã giao ngoài hệ thống", event_en="record the hand-over outside",
                        who_vi=sender.full_vi, who_en=sender.full_en)
    if not bag.sealed:
        raise bags.ended(bag)
    if not receiver.outside:
        raise NotPossibleHere(event="ghi nhận đã giao ngoài hệ thống", event_en="record the hand-over outside",
                              where_vi="nơi nhận mở túi ngay trên hệ thống này",
                              where_en="the receiver opens it in this system", possible="-", possible_en="-")
