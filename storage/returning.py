"""Results that wait for their applicants, and what people thought of the service."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.clocks.zone import ZONE
from storage.dossiers import VISIBLE
from storage.session import Database

# One pass over the open work of the units (index work_item_open).
READY = f"""
select d.code, d.version_id, d.finished_at, d.return_way, d.outcome, p.name as applicant
from work_item w join dossier d on d.id = w.dossier_id join applicant p on p.dossier_id = d.id
where w.unit_id = any(%(units)s) and w.closed_at is null and w.available_at is not null
  and d.finished_at is not null and d.closed_at is null and {VISIBLE}
order by d.finished_at, d.id limit %(size)s"""
OF_LATE = """
select count(*)::int as votes, coalesce(avg(score), 0)::float as mean from rating
where unit_id = any(%s) and day >= %s"""
# That a vote was given is known to the day only: the vote itself names no dossier.
GIVE = b"insert into rating_given (dossier_id, at) values (%s, %s) on conflict do nothing"
VOTE = b"insert into rating (id, day, unit_id, procedure, score, words) values (%s, %s, %s, %s, %s, %s)"


@dataclass(slots=True)
class Ready:
    code: str
    version_id: int
    finished_at: datetime
    return_way: str
    outcome: str | None
    applicant: str


@dataclass(slots=True)
class Votes:
    votes: int
    mean: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    day: date
    unit: int
    procedure: str
    score: int
    words: str


def ready(db: Database, units: Sequence[int], person: int, today: date, size: int) -> list[Ready]:
    """What the person may see of it, the longest waiting first."""
    return db.rows(Ready, READY, {"units": list(units), "person": person, "today": today, "blind": False, "size": size})


def rate(db: Database, dossier: int, vote: Vote) -> bool:
    """False where a vote was given for that dossier before."""
    with db.transaction() as connection:
        given = connection.execute(GIVE, (dossier, datetime.combine(vote.day, time(), ZONE))).rowcount
        if given:
            connection.execute(VOTE, (uuid.uuid4(), vote.day, vote.unit, vote.procedure, vote.score, vote.words))
    return bool(given)


def votes(db: Database, units: Sequence[int], since: date) -> Votes:
    found = db.one(Votes, OF_LATE, (list(units), since))
    assert found is not None, "an aggregate has one row"
    return found
