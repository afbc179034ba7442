"""Finding dossiers by what a caller can say: code, name, ID number, telephone, subject, procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.dossiers import VISIBLE
from storage.session import Database

TRIGRAM = 3
MOST_WORDS = 12
# More hits than this is no finding: then the newest dossiers of the person's units are looked through instead.
BROAD = 3000
NEWEST = 2000

# `search` holds what is folded of a dossier; each word must occur in it. Written out word by word: the trigram index
# serves LIKE, but not LIKE ALL. `near`: the newest of the person's desks, what his units have and had last.
FIND = f"""with units as materialized (
  select distinct m.unit_id, m.role = 'auditor' as everything from membership m where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
), near as materialized (
  select d.id from units u cross join lateral (select d.id from dossier d where d.intake_unit_id = u.unit_id
    order by d.submitted_at desc limit {NEWEST}) d
  union select w.dossier_id from units u cross join lateral (select w.dossier_id from work_item w
    where w.unit_id = u.unit_id and w.closed_at is null and w.available_at is not null
    order by w.due_at, w.dossier_id limit {NEWEST}) w
  union select w.dossier_id from units u cross join lateral (select w.dossier_id from work_item w
    where w.unit_id = u.unit_id and w.closed_at is not null order by w.closed_at desc limit {NEWEST}) w
  union select d.id from (select d.id from dossier d order by d.id desc limit {NEWEST}) d
    where exists (select from units u where u.everything)
), hits as materialized (select a.dossier_id from applicant a where {{words}} limit {BROAD}),
broad as materialized (select count(*) = {BROAD} as so from hits),
found as (
  select dossier_id from hits where not (select so from broad)
  union select n.id from near n join applicant a on a.dossier_id = n.id where (select so from broad) and {{words}}
  {{named}}
)
select d.code, d.version_id, d.subject, d.status, d.due_at, d.submitted_at, d.closed_at, a.name as applicant,
  (select array_agg(s.state) from active_state s where s.dossier_id = d.id) as states
from found f join dossier d on d.id = f.dossier_id join applicant a on a.dossier_id = d.id
where {VISIBLE}
order by d.submitted_at desc, d.id desc limit %(size)s"""

NAMED = """union select n.id from near n join dossier x on x.id = n.id join applicant a on a.dossier_id = n.id
    where x.version_id = any (%(named)s) and a.search like all (%(rest)s)"""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """`words`: LIKE patterns, all in the folded text of a dossier; or it is of one of the versions `named`, which are
    those of `procedures`, and `rest` is in that text.
    """

    words: Sequence[str]
    named: Sequence[int] = ()
    procedures: Sequence[str] = ()
    rest: Sequence[str] = ()


def patterns(folded: str) -> list[str]:
    """One LIKE pattern a word; the signs of LIKE itself mean themselves.

    Three letters in a row are what the index knows: shorter words (“Lê An”) are looked for together.
    """
    words = folded.split()[:MOST_WORDS]
    parts = words if any(len(word) >= TRIGRAM for word in words) else [" ".join(words)] if words else []
    return ["%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for part in parts]


def find(db: Database, wanted: Wanted, person: int, today: date, size: int) -> list[Hit]:
    """At least one word; newest first."""
    told = {f"word{at}": word for at, word in enumerate(wanted.words)}
    query = FIND.format(words=" and ".join(f"a.search like %({name})s" for name in told),
                        named=NAMED if wanted.named else "")
    return db.rows(Hit, query, {**told, "person": person, "today": today, "size": size, "blind": False,
                                "named": list(wanted.named), "rest": list(wanted.rest)})
