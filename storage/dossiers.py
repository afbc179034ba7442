"""What one act needs to know, in one query, and the two calls that record what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
import psycopg
from psycopg import RawCursor

from storage.session import Also, Database

# Who may see a dossier, written once: the desk that took it in, every unit that has or had work on it, auditors.
# Couriers carry, administrators configure: neither sees content. %(blind)s: the machine itself, or an act on paper
# whose actor is told nothing of the content.
VISIBLE = """(%(blind)s or exists (
  select from membership m join person o on o.id = m.person_id and o.disabled_at is null
  where m.person_id = %(person)s and m.role not in ('courier', 'administrator')
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
    and (cardinality(m.procedures) = 0 or exists (
      select from procedure_version p where p.id = d.version_id and p.procedure = any (m.procedures)))
    and (m.unit_id = d.intake_unit_id or m.role = 'auditor' or exists (
      select from work_item v where v.dossier_id = d.id and v.unit_id = m.unit_id and v.available_at is not null))))"""

# In the order they were given, one's own before those of somebody one stands in for: the first unit is named where an
# act belongs to none in particular.
_POSTS = "from membership m join person o on o.id = m.person_id and o.disabled_at is null"
_TODAY = "%(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)"
_HELD = f"{_POSTS} where m.person_id = %(person)s and {_TODAY}"
_OF_THIS = """and (cardinality(m.procedures) = 0 or exists (
    select from procedure_version p where p.id = d.version_id and p.procedure = any (m.procedures)))"""
_PAIRS = "coalesce(json_agg(json_build_array(m.unit_id, m.role) order by m.for_person_id nulls first, m.id), '[]')"
MEMBERSHIPS = f"(select {_PAIRS} {_HELD})"

# Who may read all of it and do nothing; also of what is about no dossier, unless he audits certain procedures only.
AUDITED = f"exists (select {_POSTS} where m.person_id = %(person)s and m.role = 'auditor' and {_TODAY} {_OF_THIS})"

# One JSON value: one decode, and PostgreSQL builds it as text, which costs it less than jsonb.
LOAD = f"""
select json_build_object(
  'id', d.id, 'code', d.code, 'version_id', d.version_id, 'intake_agency', d.intake_agency,
  'intake_unit_id', d.intake_unit_id, 'channel', d.channel, 'return_way', d.return_way, 'facts', d.facts,
  'received_at', d.received_at, 'first_due_at', d.first_due_at, 'due_at', d.due_at,
  'due_provisional', d.due_provisional, 'finished_at', d.finished_at, 'closed_at', d.closed_at, 'outcome', d.outcome,
  'status', d.status, 'history', d.history, 'supplements', d.supplements, 'version', d.version, 'item_no', d.item_no,
  'clock_no', d.clock_no, 'handoff_seq', d.handoff_seq, 'audit_seq', d.audit_seq,
  'audit_head', encode(d.audit_head, 'hex'),
  'states', (select json_agg(s.state) from active_state s where s.dossier_id = d.id),
  'items', w.items, 'done', w.done, 'waits', w.waits,
  'clocks', (select json_agg(c) from (select c.*, t.kind as alarm, t.fires_at from clock c
    left join timer t on t.dossier_id = c.dossier_id and t.clock_no = c.no
    where c.dossier_id = d.id and c.ended_at is null) c),
  'handoffs', (select json_agg(h) from (select h.*, o.peer_id as went_to from handoff h
    left join outbox o on o.message_id = h.id where h.dossier_id = d.id
    and (h.state in ('pending', 'delivered') or h.id = any (w.brought))) h),
  'documents', (select json_agg(f) from document f where f.dossier_id = d.id and f.replaced_by is null),
  'payments', (select json_agg(p) from payment p where p.dossier_id = d.id),
  'papers', (select json_agg(p) from paper p where p.dossier_id = d.id),
  'consultations', (select json_agg(q) from consultation q where q.dossier_id = d.id),
  'additions', (select json_agg(q) from addition q where q.dossier_id = d.id),
  'obligations', (select json_agg(q) from obligation q where q.dossier_id = d.id),
  'leaves', case when d.supplements > 0 then leaves_of(d.id) end,
  'feedback', case when exists (select from clock k where k.dossier_id = d.id and k.kind = 'feedback')
    then feedback_of(d.id) end,
  'claims', (select json_agg(json_build_object('kind', k.kind, 'identity', k.identity, 'held_at', k.held_at,
      'holder', holder_of(k.kind, k.identity))) from asset_claim k where k.dossier_id = d.id),
  'bundle', (select bundle_of_part(p.bundle_id, p.part) from bundle_part p where p.dossier_id = d.id),
  'memberships', (select {_PAIRS} {_HELD} {_OF_THIS}),
  'desk', json_build_object(
    'standing_in', (select json_agg(json_build_array(m.unit_id, m.role, m.for_person_id, f.name) order by m.id)
      from membership m join person f on f.id = m.for_person_id
      where m.person_id = %(person)s and %(today)s between m.valid_from and m.valid_to {_OF_THIS}),
    'letters', case when d.letters then letters_of(d.id) end,
    'signatures', case when d.letters then signatures_of(d.id) end, 'claimants', w.claimants,
    'transfers', case when exists (select from paper x where x.dossier_id = d.id) then offers_of(d.id) end,
    'bags', case when exists (select from paper x where x.dossier_id = d.id and x.state = 'held')
      then bags_of(d.id) end,
    'under_way', case when exists (select from paper x where x.dossier_id = d.id and x.state = 'carried')
      then (select json_agg(json_build_object('barcode', l.barcode, 'seal', b.seal))
        from courier_load l join bag b on b.id = l.bag_id and b.opened_at is null
        where l.dossier_id = d.id and l.taken_at is not null and l.confirmed_at is null) end,
    'post', case when d.channel = 'post' or d.finished_at is not null then post_of(d.id) end,
    'mirror', d.mirror, 'counterpart', case when d.mirror is not null then counterpart_of(d.id) end,
    'colleagues', case when %(colleagues)s then (select json_agg(distinct jsonb_build_array(
        m.unit_id, m.role, m.person_id, o.name)) {_POSTS}
      join work_item v on v.dossier_id = d.id and v.closed_at is null and v.unit_id = m.unit_id and v.role = m.role
      where {_TODAY} {_OF_THIS}) end),
  'asked_before', encode(i.fingerprint, 'hex'), 'replied_before', i.reply,
  'last_actor', a.actor_name, 'last_action', a.action, 'last_at', a.at,
  'revision', (select number from revision))::text
from dossier d
left join audit a on a.dossier_id = d.id and a.seq = d.audit_seq
left join idempotency i on i.actor_id = %(person)s and i.key = %(key)s
cross join lateral (select
    json_agg(w) filter (where w.closed_at is null) as items,
    json_agg(json_build_array(w.state, w.closed_by, w.role, w.closed_for))
      filter (where w.closed_by is not null and w.duty <> 'consult') as done,
    json_object_agg(w.no, (select min(o.name) {_POSTS} where m.person_id = w.claimed_by and m.unit_id = w.unit_id
        and m.role = w.role and {_TODAY} {_OF_THIS}))
      filter (where w.claimed_by is not null and w.closed_at is null) as claimants,
    json_agg(json_build_array(w.state, w.opened_at, w.closed_at))
      filter (where w.state in ('awaiting_supplement', 'awaiting_payment')) as waits,
    array_agg(w.handoff_id) filter (where w.closed_at is null and w.handoff_id is not null) as brought
  from work_item w where w.dossier_id = d.id) w
where d.code = %(code)s and {VISIBLE}
"""

# What somebody holds for certain procedures only takes in nothing else.
_OF_THESE = "and (cardinality(m.procedures) = 0 or m.procedures @> %(procedures)s::text[])"
LOAD_RECEIPT = f"""
select (select {_PAIRS} {_HELD} {_OF_THESE}) as memberships, (select number from revision) as revision,
  (select coalesce(json_agg(json_build_array(m.unit_id, m.role, m.for_person_id, f.name) order by m.id), '[]')
    from membership m join person f on f.id = m.for_person_id
    where m.person_id = %(person)s and {_TODAY} {_OF_THESE}) as standing_in,
  i.fingerprint as asked_before, i.reply as replied_before
from (values (1)) one left join idempotency i on i.actor_id = %(person)s and i.key = %(key)s
"""


# Two dossiers reached for one object at the same moment: the later one decides again.
ONE_HOLDER = "asset_held_once"
# Or were sent with one slip.
ONE_POSTING = "posting_slip_key"


class Moved(Exception):
    """Somebody else's act was recorded between load and record: load again."""


@dataclass(slots=True)
class Loaded:
    """A dossier as `LOAD` brings it; lists hold the rows of their tables as JSON objects."""

    id: int
    code: str
    version_id: int
    intake_agency: str
    intake_unit_id: int
    channel: str
    return_way: str
    facts: dict[str, Any]
    received_at: datetime | None
    first_due_at: datetime | None
    due_at: datetime | None
    due_provisional: bool
    finished_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    status: int
    history: dict[str, list[str]]
    supplements: int
    version: int
    item_no: int
    clock_no: int
    handoff_seq: int
    audit_seq: int
    audit_head: bytes
    states: list[str]
    items: list[dict[str, Any]]
    done: list[tuple[str, int, str, int | None]]
    clocks: list[dict[str, Any]]
    handoffs: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    papers: list[dict[str, Any]]
    memberships: list[tuple[int, str]]
    asked_before: bytes | None
    replied_before: str | None
    last_actor: str
    last_action: str
    last_at: datetime
    revision: int
    # open work items of consultations beside the procedure: they belong to no state of it
    consulted: list[dict[str, Any]] = field(default_factory=list)
    consultations: list[dict[str, Any]] = field(default_factory=list)
    additions: list[dict[str, Any]] = field(default_factory=list)
    obligations: list[dict[str, Any]] = field(default_factory=list)
    # leave for further supplement requests, and what the citizen said about the dossier
    leaves: list[dict[str, Any]] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    # what the applicant was waited for after acceptance: state, from, until (empty while it lasts)
    waits: list[tuple[str, str, str | None]] = field(default_factory=list)
    # what it works on, and the code of the dossier that holds that now
    claims: list[dict[str, Any]] = field(default_factory=list)
    # unit, role, person: in whose place the actor may act today
    standing_in: list[tuple[int, str, int, str]] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    # names of who claimed open work, by the number of the item as JSON has it; null when he has lost the post since
    claimants: dict[str, str | None] | None = None
    # unit, role, person, name: who could do the open work today; only where that was asked for
    colleagues: list[tuple[int, str, int, str]] = field(default_factory=list)
    # papers offered from hand to hand that nobody confirmed yet
    transfers: list[dict[str, Any]] = field(default_factory=list)
    # papers in a sealed bag: barcode and seal
    bags: list[dict[str, Any]] = field(default_factory=list)
    # another installation masters it: what it is there, the row of its counterpart
    mirror: str | None = None
    counterpart: dict[str, Any] | None = None
    # the one it is a part of, with how its other parts stand
    bundle: dict[str, Any] | None = None
    # what came by post, what went by post, what is to be paid out (`post_of`)
    post: dict[str, Any] = field(default_factory=dict)
    # loaded for an act on paper by somebody who may not see the dossier
    blind: bool = False


@dataclass(slots=True)
class LastAct:
    """The last entry that changed what people decide on; refusals, alarms and technical receipts do not."""

    actor_name: str
    action: str
    at: datetime


LAST_ACT = """
select a.actor_name, a.action, a.at from audit a join dossier d on d.id = a.dossier_id
where d.code = %s and a.details::jsonb ? 'version' order by a.seq desc limit 1"""


# The silence of a unit that was taken as its answer (engine.casework.expiry).
TAKEN_AS_GIVEN = """
select a.details from audit a join dossier d on d.id = a.dossier_id
where d.code = %s and a.action = %s and a.actor_id is null and a.details::jsonb ? 'tacit'
  and a.unit_id = any(%s) and coalesce(%s, a.details::jsonb->>'state') = a.details::jsonb->>'state'
order by a.seq desc limit 1"""


@dataclass(slots=True)
class Desk:
    """What a reception needs: the actor's memberships, and whether this very request was answered before."""

    memberships: list[tuple[int, str]]
    revision: int
    asked_before: bytes | None
    replied_before: str | None
    standing_in: list[tuple[int, str, int, str]] = field(default_factory=list)


def load(db: Database, *, code: str, person: int, key: str | None, today: object, blind: bool,
         colleagues: bool = False) -> Loaded | None:
    """The dossier, if it exists and the person may see it, or `blind`."""
    with db.connection() as connection:
        found = RawCursor(connection).execute(LOAD_NUMBERED, (code, person, key, today, blind, colleagues)).fetchone()
    return None if found is None else read_loaded(orjson.loads(found[0]))


def read(db: Database, code: str) -> Loaded | None:
    """The dossier without anybody's posts: for the machine, which sees all."""
    return load(db, code=code, person=0, key=None, today=date.min, blind=True)


def code_of(db: Database, dossier: int) -> str:
    return str(db.value("select code from dossier where id = %s", (dossier,)))


# Numbered here: in a query as long as this one psycopg would look for the names anew every time.
LOAD_NUMBERED = (LOAD % {"code": "$1", "person": "$2", "key": "$3", "today": "$4", "blind": "$5",
                 "colleagues": "$6::boolean"}).encode()
_INSTANTS = ("received_at", "first_due_at", "due_at", "finished_at", "closed_at", "last_at")
_LISTS = ("states", "items", "done", "clocks", "handoffs", "documents", "payments", "papers", "consultations",
          "additions", "obligations", "leaves", "feedback", "waits", "claims", "standing_in", "letters",
          "signatures", "colleagues", "transfers", "bags")


def read_loaded(told: dict[str, Any]) -> Loaded:
    """What `LOAD` gives, as JSON."""
    for name in _INSTANTS:
        if told[name] is not None:
            told[name] = datetime.fromisoformat(told[name])
    told |= told.pop("desk")  # one object for all: PostgreSQL's function takes a hundred arguments
    for name in _LISTS:
        told[name] = told[name] or []
    told["bags"] += told.pop("under_way", None) or []
    told["post"] = told.get("post") or {}
    told["audit_head"] = bytes.fromhex(told["audit_head"])
    told["consulted"] = [item for item in told["items"] if item["duty"] == "consult"]
    told["items"] = [item for item in told["items"] if item["duty"] != "consult"]
    if told["asked_before"] is not None:
        told["asked_before"] = bytes.fromhex(told["asked_before"])
    return Loaded(**told)


def last_act(db: Database, code: str) -> LastAct | None:
    return db.one(LastAct, LAST_ACT, (code,))


def taken_as_given(db: Database, code: str, event: str, state: str | None, units: list[int]) -> dict[str, Any] | None:
    """The details of the latest entry by which one of the units was taken to have answered so; JSON."""
    found = db.value(TAKEN_AS_GIVEN, (code, event, units, state))
    return None if found is None else dict(orjson.loads(found))


def load_desk(db: Database, *, person: int, key: str, today: object, procedures: Sequence[str] = ()) -> Desk:
    """By the posts in which the person may take in all of these procedures."""
    found = db.one(Desk, LOAD_RECEIPT, {"person": person, "key": key, "today": today, "procedures": list(procedures)})
    assert found is not None
    return found


def record(db: Database, decision: dict[str, Any], also: Also | None = None) -> tuple[bytes, str] | None:
    """Writes an act, committed on return. Returns (fingerprint, reply) when this request was answered before.

    Raises Moved when the dossier's audit head is not the one that was loaded. `also`: after it, under the same lock.
    """
    return record_payload(db, b"select record_act(%s)", decision, also)


def record_receipt(db: Database, decision: dict[str, Any]) -> tuple[bytes, str] | None:
    return record_payload(db, b"select record_receipt(%s)", decision)


def record_payload(db: Database, call: bytes, decision: dict[str, Any],
                   also: Also | None = None) -> tuple[bytes, str] | None:
    payload = orjson.dumps(decision, option=orjson.OPT_PASSTHROUGH_SUBCLASS).decode()
    with db.transaction() if also is not None else db.connection() as connection:
        try:
            found = connection.execute(call, (payload,)).fetchone()
        except psycopg.DatabaseError as error:
            if error.sqlstate == "LT409" or error.diag.constraint_name in (ONE_HOLDER, ONE_POSTING):
                raise Moved from None
            raise
        before = found[0] if found else None
        if also is not None and before is None:
            also(connection)
    return None if before is None else (bytes.fromhex(before["fingerprint"]), before["reply"])


def take_code(db: Database, agency: str, period: str) -> tuple[int, str]:
    """The next dossier id and code of an agency and day (YYMMDD). A code is never given twice."""
    with db.connection() as connection:
        found = connection.execute(b"select id, code from take_code(%s, %s)", (agency, period)).fetchone()
    assert found is not None
    return found[0], found[1]
