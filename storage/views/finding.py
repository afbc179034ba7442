"""Finding dossiers by what a caller can say: code, name, ID number, telephone, subject, procedure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.dossiers import VISIBLE
from storage.session import Database
from storage.views.mirrored import ASKED

TRIGRAM = 3
MOST_WORDS = 12
# A word with so many digits is of a code, an ID or a telephone number: few dossiers have it.
DIGITS = 4
NEWEST = 1000
# Read one by one before the index is asked.
NEAR = 300
SHOWN = f"""d.code, d.version_id, d.subject, d.status, d.due_at, d.submitted_at, d.closed_at, a.name as applicant,
  (select array_agg(s.state) from active_state s where s.dossier_id = d.id) as states,
  (select case when x.state <> 'held' then x.state else 'elsewhere' end from paper x join unit h on h.id = x.unit_id
    where x.dossier_id = d.id and d.closed_at is null and x.state in ('held', 'carried', 'missing')
      and x.kind = case when d.finished_at is null then 'submitted' else 'result' end
      and (x.state <> 'held' or not exists (select from work_item w join unit u on u.id = w.unit_id
        where w.dossier_id = d.id and w.closed_at is null and u.agency = h.agency))) as paper,
  {ASKED}"""
# In order, and seen one by one until there are enough: only of those shown it is asked whether they may be.
_SEEN = f"""select {SHOWN} from ({{found}} order by submitted_at desc, id desc) f
  cross join lateral (select x.* from dossier x where x.id = f.id limit 1) d
  cross join lateral (select x.name from applicant x where x.dossier_id = f.id limit 1) a
where {VISIBLE} limit %(size)s"""

# Few have these numbers: the index finds them at once. `search` holds what is folded of a dossier, each word must
# occur in it, written out word by word: the trigram index serves LIKE, but not LIKE ALL.
NUMBERED = """with hits as materialized (
  select a.dossier_id, a.search from applicant a where {rare} limit {newest}
), found as materialized (
  select d.id, d.submitted_at from hits h join dossier d on d.id = h.dossier_id
  where h.search like all (%(words)s) or d.version_id = any (%(named)s) and h.search like all (%(rest)s)
) """ + _SEEN.format(found="select * from found")

# Without a procedure that is named, the text alone decides, and no dossier is read for what does not match.
IN_TEXT = "a.search like all (%(words)s)"
OR_NAMED = f"{IN_TEXT} or d.version_id = any (%(named)s) and a.search like all (%(rest)s)"

# Words that many may have: first the newest of the person's desks, what his units have and what they had last, read
# one by one; only when that gives too few, the index.
WORDED = f"""with units as materialized (
  select distinct m.unit_id, m.role = 'auditor' as everything from membership m where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
), near as materialized (
  select d.id from units u cross join lateral (select d.id from dossier d where d.intake_unit_id = u.unit_id
    order by d.submitted_at desc limit {NEAR}) d
  union select w.dossier_id from units u cross join lateral (select w.dossier_id from work_item w
    where w.unit_id = u.unit_id and w.closed_at is null and w.available_at is not null
    order by w.due_at, w.dossier_id limit {NEAR}) w
  union select w.dossier_id from units u cross join lateral (select w.dossier_id from work_item w
    where w.unit_id = u.unit_id and w.closed_at is not null order by w.closed_at desc limit {NEAR}) w
  union select d.id from (select d.id from dossier d order by d.id desc limit {NEAR}) d
    where exists (select from units u where u.everything)
), close as materialized (
  select n.id, d.submitted_at from near n
    cross join lateral (select a.search from applicant a where a.dossier_id = n.id limit 1) a
    cross join lateral (select x.submitted_at, x.version_id from dossier x where x.id = n.id limit 1) d
  where {{match}}
), hits as materialized (
  select a.dossier_id from applicant a where (select count(*) from close) < %(size)s and {{all}} limit {NEWEST}
), found as materialized (
  select id, submitted_at from close
  union select d.id, d.submitted_at from hits h cross join lateral (
    select x.id, x.submitted_at from dossier x where x.id = h.dossier_id limit 1) d
) """ + _SEEN.format(found="select * from found")


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
    paper: str | None
    asked: dict[str, Any] | None


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
    rare = [word for word in wanted.words if sum(sign.isdigit() for sign in word) >= DIGITS]
    indexed = {f"word{at}": word for at, word in enumerate(rare or wanted.words)}
    held = " and ".join(f"a.search like %({name})s" for name in indexed)
    query = NUMBERED.format(rare=held, newest=NEWEST) if rare else WORDED.format(
        all=held, match=OR_NAMED if wanted.named else IN_TEXT)
    return db.rows(Hit, query, {**indexed, "words": list(wanted.words), "person": person, "today": today, "size": size,
                                "blind": False, "named": list(wanted.named), "rest": list(wanted.rest)})
