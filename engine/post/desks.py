"""Who stands on both sides of the counter for the post: receptionists, returners, managers; the carrier's worker."""

from __future__ import annotations

from datetime import datetime

from engine.casework.orders import Actor, text_faults
from engine.casework.papers import POST
from engine.casework.postal import AT_THE_DESK
from engine.clocks.zone import ZONE
from engine.errors import Invalid, WrongRole
from engine.office import Office
from storage.dossiers import load_desk

LONGEST_NAME = 200


def of(office: Office, actor: Actor, now: datetime) -> list[int]:
    """The units, own ones in the order they were given. Raises WrongRole for whoever is at no desk."""
    held = load_desk(office.db, person=actor.id, key="", today=now.astimezone(ZONE).date()).memberships
    units = list(dict.fromkeys(unit for unit, role in held if role in AT_THE_DESK))
    if not units:
        raise WrongRole(event="việc bưu chính", event_en="work with the post", who_vi="bộ phận Một cửa",
                        who_en="a one-stop desk")
    return units


def one_of(units: list[int], wanted: int | None) -> int:
    """The desk that was chosen, else the first."""
    return wanted if wanted in units else units[0]


def carried_by(carrier: str, worker: str) -> tuple[str, str]:
    """As they are written down; the public post where no carrier is named. Raises Invalid without its worker's name."""
    faults = text_faults({"worker": worker, "carrier": carrier}, LONGEST_NAME)
    if not worker.strip():
        faults["worker"] = ("ghi họ tên nhân viên bưu chính", "give the postal worker's name")
    if faults:
        raise Invalid(faults)
    return carrier.strip() or POST, worker.strip()
