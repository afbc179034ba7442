"""What another installation asked for with a dossier that it masters, for rows of lists; who sent what parts share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storage.session import Database

# A column of a row that has the dossier as `d`: procedure and step (null: to look at only) as texts in both languages,
# and the unit that sent it. Null for our own dossiers.
ASKED = """(select jsonb_build_object('procedure', k.task->'dossier'->'procedure'->'name',
    'step', k.task->'task'->'step', 'sender', k.task->'sender')
    from counterpart k where k.dossier_id = d.id and d.mirror is not null) as asked"""

# The entry of the part that had it first: what an agency elsewhere said carries how we know.
_SHARED = """
select distinct on (f.sha256) f.sha256, a.unit_id, a.action from bundle_part here
join bundle_part there on there.bundle_id = here.bundle_id
join document f on f.dossier_id = there.dossier_id and f.sha256 = any(%(sha256)s) and f.added_by is null
join audit a on a.dossier_id = f.dossier_id and a.action = any(%(actions)s) and a.unit_id is not null
  and a.details::jsonb ? 'proof'
  and (a.details::jsonb->>'document' = f.id::text or a.details::jsonb->'documents' ? f.id::text)
where here.dossier_id = %(dossier)s order by f.sha256, a.at"""


@dataclass(slots=True)
class Shared:
    """Which unit sent the bytes, and by which act they came into the bundle."""

    sha256: str
    unit_id: int
    action: str


def shared(db: Database, dossier: int, sha256: Sequence[str], actions: Sequence[str]) -> list[Shared]:
    """Of documents with these hashes that nobody here added to any part of the dossier's bundle."""
    return db.rows(Shared, _SHARED, {"dossier": dossier, "sha256": list(sha256), "actions": list(actions)})
