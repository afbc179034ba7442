"""Finding dossiers by what a caller can say: code, name, ID number, telephone, subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

# `search` holds all of them folded; each word must occur in it. Written out word by word: the trigram index
# serves LIKE, but not LIKE ALL.
FIND = """select d.code, d.version_id, d.subject, d.status, d.due_at, d.submitted_at, d.closed_at, a.name as applicant,
  (select array_agg(s.state) from active_state s where s.dossier_id = d.id) as states
from applicant a join dossier d on d.id = a.dossier_id
where {words} and """ + VISIBLE + """
order by d.submitted_at desc, d.id desc limit %(size)s"""

TRIGRAM = 3
MOST_WORDS = 12


@dataclass(slots=True)
class Hit:
    code: str
    version_id: int
    subject: str
    status: int
    due_at: datetime | None
    submitted_at: datetime
    closed_at: datetime | None
    applicant: str
    states: list[str]


def patterns(folded: str) -> list[str]:
    """One LIKE pattern a word; the signs of LIKE itself mean themselves.

    Three letters in a row are what the index knows: shorter words (“Lê An”) are looked for together.
    """
    words = folded.split()[:MOST_WORDS]
    parts = words if any(len(word) >= TRIGRAM for word in words) else [" ".join(words)] if words else []
    return ["%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for part in parts]


def find(db: Database, words: Sequence[str], person: int, today: date, size: int) -> list[Hit]:
    """`words` are patterns; at least one."""
    told = {f"word{at}": word for at, word in enumerate(words)}
    query = FIND.format(words=" and ".join(f"a.search like %({name})s" for name in told))
    return db.rows(Hit, query, {**told, "person": person, "today": today, "size": size, "blind": False})
