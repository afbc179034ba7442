"""What people who work on a dossier say to each other on it; it moves nothing and makes nobody's form stale."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from engine.casework.decision import Decision
from engine.casework.orders import Faults, Order, text_faults
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Invalid, WrongRole
from engine.office import Office
from procedures.declaration import Role
from storage.dossiers import Loaded
from storage.views import comments as kept

MOST_NAMED = 30
# They read what others do and take no part in it.
SILENT = (Role.AUDITOR, Role.ADMINISTRATOR, Role.COURIER)
# A login after a space, as in “@han.ltn xem giúp”; the address a@b.vn names nobody.
_AT = re.compile(r"(?<!\S)@([a-z0-9][a-z0-9._-]*[a-z0-9])", re.IGNORECASE)


def logins(words: str) -> list[str]:
    """Who is spoken to, each once."""
    return list(dict.fromkeys(found.casefold() for found in _AT.findall(words)))


def prepared(office: Office, order: Order, now: datetime) -> Callable[[Loaded, Order, Catalogue, datetime], Decision]:
    """Looks up who is named before the dossier is loaded. Raises Invalid, by name, for who may not see it."""
    told = order.particulars
    faults: Faults = text_faults(told.spoken())
    if not told.words.strip():
        faults["words"] = ("viết nội dung trao đổi", "write the comment")
    if faults:
        raise Invalid(faults)
    asked = logins(told.words)
    if len(asked) + len(told.people) > MOST_NAMED:
        raise Invalid({"words": (f"nhắc tên tối đa {MOST_NAMED} người", f"name at most {MOST_NAMED} people")})
    found = kept.named(office.db, order.code, asked, told.people, now.astimezone(ZONE).date()) if (
        asked or told.people) else []
    unknown = [f"@{login}" for login in asked if login not in {person.login for person in found}]
    blind = [person.name for person in found if not person.sees]
    mentioned = [person for person in found if person.id != order.actor.id]

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        if unknown or blind:
            raise Invalid({"words": _refused(unknown, blind)})
        decision = Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)
        unit = _speaking_for(decision)
        decision.audit("comment", unit=unit, before=loaded.states, after=loaded.states,
                       details={"mentions": [[person.id, person.name] for person in mentioned]} if mentioned else None,
                       spoken={"words": told.words.strip()})
        for person in mentioned:
            decision.add("mention", {"dossier_id": loaded.id, "seq": decision.seq, "person_id": person.id,
                                     "at": decision.stamp, "read_at": None})
        return decision

    return decide


def _refused(unknown: list[str], blind: list[str]) -> tuple[str, str]:
    vi = [f"không có người dùng {', '.join(unknown)}"] if unknown else []
    en = [f"there is no user {', '.join(unknown)}"] if unknown else []
    if blind:
        vi.append(f"không được xem hồ sơ này: {', '.join(blind)}")
        en.append(f"may not see this dossier: {', '.join(blind)}")
    return "; ".join(vi), "; ".join(en)


def _speaking_for(decision: Decision) -> UnitInfo:
    """The unit at work if the person belongs to it, else the desk, else the one that lets him see the dossier."""
    loaded = decision.loaded
    at_work = {item["unit_id"] for item in [*loaded.items, *loaded.consulted]}
    posts = [held for held in loaded.memberships if held[1] not in SILENT]
    if not posts:
        raise WrongRole(event="trao đổi", event_en="comment", who_vi="người xử lý hồ sơ",
                        who_en="those who work on the dossier")
    ranked = sorted(posts, key=lambda held: (held[0] not in at_work, held[0] != loaded.intake_unit_id))
    unit, role = ranked[0]
    decision.act_as(unit, role)
    return decision.catalogue.units[unit]
