"""What a peer never answers while it answers other things: tried on for ever, and after a while it has an owner.

A line that is away is the peer's trouble and nobody's task. So it counts only when something else was answered since,
or when something did come back and nothing else waits for that peer.
"""

from __future__ import annotations

from typing import Literal, LiteralString
from uuid import UUID

from storage.session import Database

TRIES = 10
LONG = "1 hour"

Table = Literal["outbox", "pull"]
_NOTE: dict[Table, LiteralString] = {
    "outbox": """update outbox w set unanswered = w.unanswered + 1, last_error = %(why)s,
        unanswered_since = coalesce(w.unanswered_since, clock_timestamp()),
        next_attempt_at = case when %(answered)s then w.next_attempt_at else
          clock_timestamp() + make_interval(secs => least(20, power(2, least(w.unanswered, 5))) * (0.5 + random())) end,
        owned_at = case when w.owned_at is null and w.unanswered + 1 >= %(tries)s
          and w.unanswered_since < now() - %(long)s::interval
          and (p.reached_at > w.unanswered_since or (%(answered)s and not exists (
            select from outbox e where e.peer_id = p.id and e.sent_at is null and e.parked_at is null
              and e.thread <> w.thread))) then now() else w.owned_at end
      from peer p where w.message_id = %(id)s and p.id = w.peer_id and w.sent_at is null
      returning w.owned_at = now()""",
    "pull": """update pull w set unanswered = w.unanswered + 1, last_error = %(why)s,
        unanswered_since = coalesce(w.unanswered_since, clock_timestamp()),
        next_attempt_at = greatest(w.next_attempt_at, clock_timestamp()),
        owned_at = case when w.owned_at is null and w.unanswered + 1 >= %(tries)s
          and w.unanswered_since < now() - %(long)s::interval
          and (p.reached_at > w.unanswered_since or (%(answered)s and not exists (
            select from outbox e where e.peer_id = p.id and e.sent_at is null and e.parked_at is null)))
          then now() else w.owned_at end
      from peer p where w.document_id = %(id)s and p.id = w.peer_id and w.done_at is null
      returning w.owned_at = now()""",
}


def note(db: Database, table: Table, wanted: UUID, why: str, *, answered: bool) -> bool:
    """One more try without an answer that counts; others go first. True once, when somebody shall be told.

    `answered`: something came back, for instance an error of theirs.
    """
    return bool(db.value(_NOTE[table], {"id": wanted, "why": why[:200], "answered": answered, "tries": TRIES,
                                        "long": LONG}))
