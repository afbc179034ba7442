"""What an installation tells of itself: who it is, and which agencies and units work here."""

from __future__ import annotations

from datetime import datetime

from engine.exchange.envelope import PROTOCOL, seal, words_of
from engine.exchange.keys import signer
from engine.office import Office
from storage import exchange, peers

TITLE, LONGEST_TITLE = "Hệ thống Liên Thông", 200


def identity(office: Office, now: datetime) -> bytes:
    """Signed; the keys in it are for comparing, never for trusting."""
    key = signer(office)
    known = [row.key_id for row in peers.own_keys(office.db) if row.retired_at is None]
    return seal(key, {"type": "identity", "installation": office.name, "title": _title(office), "protocols": [PROTOCOL],
                      "keys": known, "at": words_of(now)})


def _title(office: Office) -> str:
    """What people call it: the agency whose system it is, where that is one."""
    agencies = exchange.hosted(office.db)
    return agencies[0].name_vi[:LONGEST_TITLE] if len(agencies) == 1 else f"{TITLE} {office.name}"


def directory(office: Office, now: datetime) -> bytes:
    """Signed: the agencies that work here, with their units."""
    agencies = [{"code": row.code, "name": {"vi": row.name_vi, "en": row.name_en}, "level": row.level,
                 "units": [{"key": unit["key"], "name": {"vi": unit["name_vi"], "en": unit["name_en"]}}
                           for unit in row.units]} for row in exchange.hosted(office.db)]
    return seal(signer(office), {"type": "directory", "installation": office.name, "agencies": agencies,
                                 "at": words_of(now)})
