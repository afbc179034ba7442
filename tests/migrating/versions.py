"""The next version of the conference procedure, as somebody would write it: steps renamed, limits changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from engine.migrating.plan import ClockRule, NewBranch, Plan
from procedures.declaration import Declaration, canonical, content_hash, parse
from storage.moves import Migration
from tests.conftest import Fresh
from tests.journey import MONDAY

KEY = "conference_permit_local"
TODAY = MONDAY.date()
[FILE] = Path("procedures/library").rglob(f"{KEY}.yaml")
NEXT = {
    "version: 2\n": "version: 3\n",
    "    examining:": "    appraising:",
    "        police:": "        security:",
    "    synthesis:": "    drafting:",
    "to: synthesis": "to: drafting",
    "limit: 2 working days": "limit: 3 working days",
    "limit: 20 working days": "limit: 25 working days",
}
STATES = {"examining": "appraising", "police": "security", "synthesis": "drafting"}
NEW_BRANCH = """
        interior:
          party: interior
          role: officer
          name: {vi: Ý kiến Sở Nội vụ, en: Opinion of the Department of Home Affairs}
          limit: 15 days
        culture:"""


def written(*, changes: dict[str, str] | None = None) -> Declaration:
    text = FILE.read_text("utf-8")
    for old, new in {**NEXT, **(changes or {})}.items():
        assert old in text, old
        text = text.replace(old, new)
    return parse(text, "next.yaml")


def publish(fresh: Fresh, declaration: Declaration, begins: date = TODAY) -> int:
    """As the database function would, without a draft and its second person."""
    with psycopg.connect(fresh.owner_url) as connection:
        row = connection.execute(
            "insert into procedure_version (procedure, number, content, sha256, state, valid_from, published_at) "
            "values (%s, %s, %s, %s, 'published', %s, %s) returning id",
            (declaration.procedure, declaration.version, canonical(declaration).decode(), content_hash(declaration),
             begins, MONDAY)).fetchone()
        connection.execute("update revision set number = number + 1")
    assert row is not None
    return int(row[0])


def plan(states: dict[str, str] | None = None, clocks: ClockRule = ClockRule.KEEP,
         new_branches: NewBranch = NewBranch.ASK) -> Plan:
    return Plan(states=STATES if states is None else states, clocks=clocks, new_branches=new_branches)


def migration(old: int, new: int, told: Plan, **changes: Any) -> Migration:
    given: dict[str, Any] = {
        "id": 1, "from_version_id": old, "to_version_id": new, "plan": {**told.to_json(), "dossiers": []},
        "decision_no": "12/QĐ-UBND", "reason": "Sửa quy trình", "created_by": 1, "created_at": MONDAY}
    return Migration(**{**given, **changes})
