"""Makes two installations known to each other as their administrators would: keys by hand, two people on each side."""

from __future__ import annotations

from datetime import datetime

from engine.exchange import peers, serving
from engine.exchange.envelope import unseal
from engine.exchange.keys import as_string, own_key
from tests.two.installation import Installation


def introduce(here: Installation, there: Installation, now: datetime) -> None:
    """On both sides; then each takes the other's directory, and agencies that work there are reached there."""
    for mine, other in ((here, there), (there, here)):
        first, second = (peers.Desk(mine.office, person, now) for person in mine.people("administrator")[:2])
        key = as_string(other.name, own_key(other.office).public)
        peers.propose(first, other.name, f"Hệ thống {other.name}", other.url, key)
        peers.approve(second, other.name)
    for mine, other in ((here, there), (there, here)):
        body = unseal(serving.directory(other.office, now), "directory", peers.key_of(mine.office.db)).body
        desk = peers.Desk(mine.office, mine.people("administrator")[0], now)
        peers.take_directory(desk, peers.known(mine.office.db, other.name), body)


def hosted_there(here: Installation, there: Installation, agency: str, now: datetime) -> None:
    """An agency that worked at `here` moves to `there`."""
    peers.host(peers.Desk(here.office, here.people("administrator")[0], now), agency, there.name)
