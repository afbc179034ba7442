"""What the pages about a dossier's clocks need: every clock, what it belongs to, and what the audit says of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storage.dossiers import VISIBLE
from storage.session import Database

RECORD = f"""
select d.id, d.code, d.version_id, d.intake_agency, d.intake_unit_id, d.channel, d.facts, d.received_at, d.closed_at,
  p.name as applicant, (select number from revision) as revision,
  (select coalesce(jsonb_agg(to_jsonb(c) order by c.no), '[]') from clock c where c.dossier_id = d.id) as clocks,
  (select coalesce(jsonb_object_agg(w.no, jsonb_build_object('state', w.state, 'unit_id', w.unit_id,
      'handoff_id', w.handoff_id)), '{{}}') from work_item w where w.dossier_id = d.id) as items,
  (select coalesce(jsonb_object_agg(h.id, h.register_due_at), '{{}}') from handoff h
    where h.dossier_id = d.id) as register_dues,
  (select coalesce(jsonb_object_agg(o.clock_no, jsonb_build_object('vi', o.name_vi, 'en', o.name_en)), '{{}}')
    from obligation o where o.dossier_id = d.id) as obligations,
  (select jsonb_agg(jsonb_build_object('seq', a.seq, 'at', a.at, 'who', a.actor_name, 'unit', a.unit_name,
      'action', a.action, 'from_states', a.from_states, 'to_states', a.to_states, 'details', a.details,
      'words', r.body) order by a.seq)
    from audit a left join remark r on r.dossier_id = a.dossier_id and r.seq = a.seq
    where a.dossier_id = d.id) as timeline
from dossier d join applicant p on p.dossier_id = d.id
where d.code = %(code)s and {VISIBLE}
"""

VERSIONS = """
select v.id, v.scope, v.number, v.reason, v.entered_at, coalesce(p.name, '') as entered_by
from calendar_version v left join person p on p.id = v.entered_by where v.id = any(%s)
"""


@dataclass(slots=True)
class Record:
    """Lists hold the rows of their tables as JSON objects. By number: `items` and, of their clocks, `obligations`;
    by the id of the hand-off: until when it had to be registered.
    """

    id: int
    code: str
    version_id: int
    intake_agency: str
    intake_unit_id: int
    channel: str
    facts: dict[str, Any]
    received_at: datetime | None
    closed_at: datetime | None
    applicant: str
    revision: int
    clocks: list[dict[str, Any]]
    items: dict[str, dict[str, Any]]
    register_dues: dict[str, str]
    obligations: dict[str, dict[str, str]]
    timeline: list[dict[str, Any]]


@dataclass(slots=True)
class Version:
    """What one scope declared of its calendar; `id` is the calendar number it began with."""

    id: int
    scope: str
    number: int
    reason: str
    entered_at: datetime
    entered_by: str


def record(db: Database, code: str, person: int, today: date, *, blind: bool = False) -> Record | None:
    """None for strangers; `blind`: for the machine itself."""
    return db.one(Record, RECORD, {"code": code, "person": person, "today": today, "blind": blind})


def versions(db: Database, numbers: Collection[int]) -> dict[int, Version]:
    return {version.id: version for version in db.rows(Version, VERSIONS, (sorted(numbers),))}
