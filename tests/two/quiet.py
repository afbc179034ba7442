"""Whether two installations have nothing left to do."""

from __future__ import annotations

from engine.office import Office

OPEN = """
select (select count(*) from outbox where sent_at is null) + (select count(*) from arrival where state <> 'applied')
  + (select count(*) from pull where done_at is null) + (select count(*) from document where state = 'pending'),
  (select count(*) from outbox) + (select count(*) from arrival) + (select count(*) from pull)"""


def at_rest(*offices: Office) -> bool:
    """Looked at twice: what one was sending while the other was looked at is something new at the second look."""
    first = _look(offices)
    return not any(left for left, _ in first) and _look(offices) == first


def _look(offices: tuple[Office, ...]) -> list[tuple[int, int]]:
    """Of each, what is not done, and how much there ever was."""
    found = []
    for office in offices:
        with office.db.connection() as connection:
            found += connection.execute(OPEN.encode()).fetchall()
    return found
