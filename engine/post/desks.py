"""Who works with the post: receptionists, returners and managers, for the desks they are at today."""

from __future__ import annotations

from datetime import datetime

from engine.casework.orders import Actor
from engine.casework.postal import AT_THE_DESK
from engine.clocks.zone import ZONE
from engine.errors import WrongRole
from engine.office import Office
from storage.dossiers import load_desk


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
