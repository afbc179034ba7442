"""How many dossiers that only show what another installation masters were opened for it, and how many more may be."""

from __future__ import annotations

from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from storage.session import Database

DAY = timedelta(days=1)
# Thousands may come in a row: counting them all with every one would take longer than taking it in.
_AGAIN = timedelta(seconds=1)
_counted: dict[tuple[str, int], tuple[datetime, int]] = {}


def opens(db: Database, peer_id: int, thread: str) -> bool:
    """Whether word of how a thread stands would open one: nobody handed it over, nor was it told of before."""
    return not db.value(
        "select exists (select from counterpart c where c.peer_id = %(peer)s and c.thread = %(thread)s) "
        "or exists (select from arrival a where a.peer_id = %(peer)s and a.thread = %(thread)s "
        "  and a.kind in ('handoff', 'progress'))", {"peer": peer_id, "thread": thread})


def one_more(db: Database, peer_id: int, now: datetime, most: int) -> bool:
    """Whether it may open one more: fewer than `most` were opened for it in the last day, with what is stored and
    will open one.

    Counted anew when _AGAIN has passed, and before it is refused; between, what this process lets in is added.
    """
    at, count = _counted.get((db.url, peer_id), (now - DAY, 0))
    if count >= most or not timedelta() <= now - at < _AGAIN:
        at, count = now, _opened(db, peer_id, now, most)
    _counted[db.url, peer_id] = at, count + 1
    return count < most


def _opened(db: Database, peer_id: int, now: datetime, most: int) -> int:
    """No more than `most` of those that are and of those that will be are counted."""
    found = db.value(
        "select (select count(*) from (select c.dossier_id from counterpart c where c.peer_id = %(peer)s "
        "    and c.handoff_id is null order by c.dossier_id desc limit %(most)s) s "
        "  join dossier d on d.id = s.dossier_id where d.submitted_at > %(since)s) "
        "+ (select count(*) from (select distinct a.thread from arrival a where a.peer_id = %(peer)s "
        "    and a.state in ('held', 'waiting', 'parked') and a.kind = 'progress' "
        "    and not exists (select from counterpart c where c.peer_id = a.peer_id and c.thread = a.thread) "
        "    and not exists (select from arrival h where h.peer_id = a.peer_id and h.thread = a.thread "
        "      and h.kind = 'handoff') limit %(most)s) w)",
        {"peer": peer_id, "since": now - DAY, "most": most})
    return int(found or 0)


def refused(db: Database, peer: str, now: datetime, most: int) -> None:
    """Writes down that it wanted more; once a day, however often it asks."""
    with db.connection() as connection:
        connection.execute(
            b"insert into event_log (at, actor_id, kind, details) select %(at)s, null, 'shadows_refused', %(told)s "
            b"where not exists (select from event_log where kind = 'shadows_refused' and details->>'peer' = %(peer)s "
            b"and at > %(since)s)",
            {"at": now, "since": now - DAY, "peer": peer, "told": Jsonb({"peer": peer, "most": most})})
