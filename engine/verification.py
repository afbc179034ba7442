"""Proves a database right from its own record: chains, documents, due dates, owners, signatures. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg.rows import dict_row

from engine import timekeeper
from engine.anchoring import proving
from engine.audit import verify_chain
from engine.casework.clocks import rebuild
from engine.catalogue import Catalogue, read_catalogue
from engine.clocks.evaluation import evaluate
from engine.documents import verify_all
from engine.errors import LienThongError
from engine.judging import proof
from engine.office import Office
from engine.signing.trust import judge
from engine.signing.verdict import Verdict
from storage.lost import DocumentAbsent, DocumentCorrupted
from storage.session import Database
from storage.views import timeliness

# Dossier and number.
_Clock = tuple[int, int]


@dataclass(slots=True)
class Findings:
    """`faults` names each mismatch: which dossier, which entry, what is wrong. Empty means everything holds."""

    dossiers: int = 0
    entries: int = 0
    documents: int = 0
    clocks: int = 0
    signatures: int = 0
    faults: list[str] = field(default_factory=list)


def verify(office: Office) -> Findings:
    """Everything that can be checked. Reads every dossier and every document."""
    found = Findings()
    _chains(office.db, found)
    catalogue = read_catalogue(office.db)
    _calendars(office.db, found)
    _clocks(office.db, catalogue, found)
    _alarms(office.db, found)
    _judgements(office.db, catalogue, found)
    _owners(office.db, found)
    _standing_in(office.db, found)
    _messages(office.db, found)
    _attachments(office.db, found)
    _books(office.db, found)
    _numbers(office.db, found)
    _signed(office.db, found)
    _claims(office.db, found)
    found.faults.extend(proving.faults(office))
    found.faults.extend(f"document {fault}" for fault in verify_all(office))
    _signatures(office, found)
    return found


def _rows(db: Database, query: str) -> Iterator[dict[str, Any]]:
    """Streams, so that a million dossiers need no more memory than one."""
    with db.transaction() as connection, connection.cursor("verify", row_factory=dict_row) as cursor:
        cursor.execute(query.encode())
        yield from cursor


def _chains(db: Database, found: Findings) -> None:
    """Each chain holds, ends where its dossier says, and leads to the state the dossier is in."""
    heads = {row["id"]: row for row in _rows(db, """
        select d.id, d.code, d.audit_head, d.audit_seq,
          (select array_agg(s.state) from active_state s where s.dossier_id = d.id) as states from dossier d""")}
    chain: list[dict[str, Any]] = []
    seen: set[int] = set()
    for row in _rows(db, "select * from audit order by dossier_id, seq"):
        if chain and chain[-1]["dossier_id"] != row["dossier_id"]:
            seen.add(_one_chain(chain, heads, found))
            chain = []
        chain.append(row)
    if chain:
        seen.add(_one_chain(chain, heads, found))
    found.dossiers = len(heads)
    found.faults.extend(f"audit {head['code']}: no entries at all" for id_, head in heads.items() if id_ not in seen)


def _one_chain(chain: list[dict[str, Any]], heads: dict[int, dict[str, Any]], found: Findings) -> int:
    dossier_id = int(chain[0]["dossier_id"])
    head = heads.get(dossier_id)
    found.entries += len(chain)
    if head is None:
        found.faults.append(f"audit of dossier id {dossier_id}: its dossier is gone")
        return dossier_id
    fault = verify_chain(head["code"], chain, head["audit_head"], head["audit_seq"])
    if fault is not None:
        found.faults.append(f"audit {fault.code} entry {fault.seq}: {fault.why}")
    moved = [row["to_states"] for row in chain if row["to_states"]]
    if moved and set(moved[-1]) != set(head["states"] or []):
        found.faults.append(f"audit {head['code']}: the record ends in {moved[-1]}, the dossier is in {head['states']}")
    return dossier_id


def _calendars(db: Database, found: Findings) -> None:
    """A version says what was published, and none is missing."""
    last: dict[str, int] = {}
    for row in _rows(db, "select id, scope, number, content, sha256 from calendar_version order by id"):
        if sha256(row["content"].encode()).hexdigest() != row["sha256"]:
            found.faults.append(f"calendar {row['id']}: its content is not what was published")
        if row["number"] != last.get(row["scope"], 0) + 1:
            found.faults.append(f"calendar {row['id']}: version {row['number']} follows {last.get(row['scope'], 0)}")
        last[row["scope"]] = row["number"]


def _clocks(db: Database, catalogue: Catalogue, found: Findings) -> None:
    """Each due date follows again from the clock's marks, and marks and calendar are those of the audit."""
    recorded, numbers = _recorded_marks(db)
    waiting = list(_rows(db, "select calendar_no from calendar_recompute where finished_at is null"))
    found.faults.extend(f"calendar {row['calendar_no']}: recomputation not finished" for row in waiting)
    # another version of the procedure may bring another limit: then the dossier's last clock counts
    for row in _rows(db, "select c.*, d.code, d.intake_agency, d.due_at as dossier_due, "
                         "c.no = max(c.no) filter (where c.kind = 'dossier') over (partition by c.dossier_id) "
                         "as counts from clock c join dossier d on d.id = c.dossier_id"):
        found.clocks += 1
        name = f"clock {row['code']} no. {row['no']} ({row['kind']})"
        if recorded.get((row["dossier_id"], row["no"])) != row["marks"]:
            found.faults.append(f"{name}: its marks are not those of the audit")
        if row["calendar_no"] not in numbers.get((row["dossier_id"], row["no"]), {1}):
            found.faults.append(f"{name}: calendar {row['calendar_no']} is not that of the audit")
        try:
            due, by_the_newest = _dues(catalogue, row)
        except (LienThongError, LookupError, TypeError, ValueError) as fault:
            found.faults.append(f"{name}: its marks make no clock ({fault})")
            continue
        if due != row["due_at"]:
            found.faults.append(f"{name}: due {row['due_at']} is stored, {due} follows from the record")
        if row["counts"] and row["dossier_due"] != row["due_at"]:
            found.faults.append(f"{name}: the dossier shows {row['dossier_due']}")
        if by_the_newest != row["due_at"] and not waiting and row["ended_at"] is None:
            found.faults.append(f"{name}: due {row['due_at']} by calendar {row['calendar_no']}, by the newest "
                                f"{by_the_newest}")


def _dues(catalogue: Catalogue, row: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """By the calendar its date was computed with, and by the one in force, which counts for what still runs."""
    agency, clock = row["agency"] or row["intake_agency"], rebuild(row)
    due = evaluate(clock, catalogue.calendar_at(agency, row["calendar_no"])).due
    return due, due if row["ended_at"] is not None else evaluate(clock, catalogue.calendar(agency)).due


def _recorded_marks(db: Database) -> tuple[dict[_Clock, list[dict[str, Any]]], dict[_Clock, set[int]]]:
    """By dossier and number of the clock: its marks, and the calendars its date may be computed with."""
    marks, numbers = dict[_Clock, list[dict[str, Any]]](), dict[_Clock, set[int]]()
    own: dict[int, int] = {}  # the dossier's own clock
    for row in _rows(db, "select dossier_id, action, details from audit where details like '%\"marks\"%' "
                         "or action = 'recompute_dues' order by dossier_id, seq"):
        told, dossier = _told(row), row["dossier_id"]
        for no, kind, mark, *rest in told.get("marks", ()):
            marks.setdefault((dossier, no), []).append(mark)
            if kind == "dossier":
                own[dossier] = no
            if len(rest) > 1:
                numbers[dossier, no] = {rest[1]}
        if row["action"] != "recompute_dues":
            continue
        if dossier in own:
            # also where nothing moved but whether the date is provisional
            numbers.setdefault((dossier, own[dossier]), {1}).add(told["calendar"])
        for no, *_ in told["clocks"]:
            numbers[dossier, no] = {told["calendar"]}
    return marks, numbers


def _alarms(db: Database, found: Findings) -> None:
    """Whatever runs has its next alarm, what has ended has none, and each that rang was told to somebody."""
    found.faults.extend(f"clock {row['code']} no. {row['no']} ({row['kind']}): {row['why']}" for row in _rows(db, """
        select d.code, c.no, c.kind, case when t.kind is null then 'no alarm is set' else 'an alarm is set' end as why
        from clock c join dossier d on d.id = c.dossier_id
        left join timer t on t.dossier_id = c.dossier_id and t.clock_no = c.no
        where (t.kind is null) = (c.ended_at is null and c.due_at is not null
                                  and c.expiry is distinct from 'nothing')"""))
    told = {(row["dossier_id"], row["clock_no"], row["kind"]) for row in _rows(
        db, "select distinct dossier_id, clock_no, kind from notice")}
    for row in _rows(db, "select a.dossier_id, a.seq, a.action, a.details, d.code from audit a "
                         "join dossier d on d.id = a.dossier_id where a.action like 'alarm:%'"):
        entry = _told(row)
        kind = f"{entry.get('of')}_{row['action'].removeprefix('alarm:')}"
        if (row["dossier_id"], entry.get("clock"), kind) not in told:
            found.faults.append(f"notice {row['code']}: nobody was told what entry {row['seq']} rang for")


def _judgements(db: Database, catalogue: Catalogue, found: Findings) -> None:
    """Each verdict follows again from the record, and the entry that ended the dossier's time says the same."""
    told = {row["dossier_id"]: _told(row).get("judged") for row in _rows(
        db, "select dossier_id, details from audit where details like '%\"judged\"%'")}
    for row in _rows(db, timeliness.ENDED):
        why = proof.fault(timeliness.LifeRow(**row), told.get(row["id"]), catalogue)
        if why is not None:
            found.faults.append(f"judgement {row['code']}: {why}")


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """The details of an entry; unreadable ones are the chain's to name."""
    try:
        told = json.loads(row["details"])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _attachments(db: Database, found: Findings) -> None:
    """Each document is what the audit says was attached: another hash in its row would verify against other bytes."""
    attached = {}
    for row in _rows(db, "select details from audit where action in ('attach', 'sign_letter', 'issue_letter')"):
        told = _told(row)
        attached[told.get("document")] = told.get("sha256")
    for row in _rows(db, "select d.code, f.id, f.component, f.sha256 from document f "
                         "join dossier d on d.id = f.dossier_id where f.sha256 is not null"):
        found.documents += 1
        if attached.pop(str(row["id"]), None) != row["sha256"]:
            found.faults.append(f"document {row['code']}: {row['component']} ({row['id']}) is not what was attached")
    found.faults.extend(f"document {document}: attached by the audit, and gone" for document in attached)


def _books(db: Database, found: Findings) -> None:
    """Every validly received dossier has its one line in its desk's book, numbered through without a gap."""
    found.faults.extend(f"book of {row['agency']} {row['year']}: {row['lines']} lines, numbered {row['first']} to "
                        f"{row['last']}" for row in _rows(db, """
        select agency, year, count(*) as lines, min(no) as first, max(no) as last from book_entry
        group by agency, year having min(no) <> 1 or max(no) <> count(*)"""))
    found.faults.extend(f"book {row['code']}: {row['why']}" for row in _rows(db, """
        select d.code, case when b.no is null then 'received, and not in the book'
          when d.received_at is null then 'in the book, and never received'
          else 'its line is not as it was received' end as why
        from dossier d left join book_entry b on b.dossier_id = d.id
        where (b.no is null) <> (d.received_at is null) or b.agency <> d.intake_agency or b.at <> d.received_at
          or b.year <> extract(year from d.received_at at time zone 'Asia/Ho_Chi_Minh')"""))


def _numbers(db: Database, found: Findings) -> None:
    """The books of letters are numbered through, and each number that the record gave is the letter's still."""
    found.faults.extend(f"letters of {row['agency']} {row['book']} {row['year']}: {row['many']} numbers, "
                        f"{row['first']} to {row['last']}" for row in _rows(db, """
        select agency, book, year, count(*) as many, min(number) as first, max(number) as last from letter
        where number is not null group by agency, book, year having min(number) <> 1 or max(number) <> count(*)"""))
    numbers = {(row["dossier_id"], row["no"]): row["number"] for row in _rows(
        db, "select dossier_id, no, number from letter where number is not null")}
    for row in _rows(db, "select a.dossier_id, a.seq, a.details, d.code from audit a "
                         "join dossier d on d.id = a.dossier_id where a.action = 'issue_letter'"):
        told = _told(row)
        if numbers.get((row["dossier_id"], told.get("letter"))) != told.get("number"):
            found.faults.append(f"letter {row['code']} no. {told.get('letter')}: entry {row['seq']} gave it the number "
                                f"{told.get('number')}")


def _signed(db: Database, found: Findings) -> None:
    """Who signed which bytes: each file of a letter has its signatures, the agency's once it is issued."""
    found.faults.extend(f"letter {row['code']} no. {row['no']}: {row['why']}" for row in _rows(db, """
        select d.code, l.no, case when f.id is null then 'its file is missing'
          when not s.person then 'nobody signed it' else 'the agency did not sign its file' end as why
        from letter l join dossier d on d.id = l.dossier_id left join document f on f.id = l.document_id
        cross join lateral (select
          coalesce(bool_or(g.kind in ('personal', 'wet')), false) as person,
          coalesce(bool_or(g.kind in ('agency', 'wet') and g.document_id = l.document_id and g.sha256 = f.sha256),
                   false) as agency
          from signature g where g.dossier_id = l.dossier_id and g.letter_no = l.no) s
        where (l.state in ('signed', 'issued', 'replaced') and (f.id is null or not s.person))
          or (l.state in ('issued', 'replaced') and not s.agency)"""))


def _signatures(office: Office, found: Findings) -> None:
    """Files with digital signatures get the verdict again that they were taken in with; issued letters a good one."""
    for row in _rows(office.db, """
            select d.code, f.id, f.component, f.sha256, f.quality->'signatures' as kept, l.no as letter
            from document f join dossier d on d.id = f.dossier_id
            left join letter l on l.document_id = f.id and l.state in ('issued', 'replaced')
            where f.quality->'signatures' is not null and f.sha256 is not null and f.state in ('pending', 'stored')"""):
        found.signatures += 1
        verdict = _verdict(office, row["sha256"])
        if verdict is None:
            continue  # what cannot be read is named with the documents
        name = f"signatures {row['code']}: {row['component']} ({row['id']})"
        if verdict.row() != row["kept"]:
            found.faults.append(f"{name}: {verdict.case}, taken in as {row['kept']['case']}")
        if row["letter"] is not None and (verdict.lacking(("personal", "agency")) or not verdict.ok):
            found.faults.append(f"{name}: issued with {verdict.lacking(('personal', 'agency')) or verdict.case}")


def _verdict(office: Office, sha256: str) -> Verdict | None:
    for place in (office.spool, office.store):
        try:
            with place.open_verified(sha256) as file:
                return judge(office, file.read(), timekeeper.now())
        except (DocumentAbsent, DocumentCorrupted):
            continue
    return None


def _claims(db: Database, found: Findings) -> None:
    """Whoever is at open work held its post on the day he took it on; what is lent is written anew, so from any day."""
    found.faults.extend(f"work {row['code']} no. {row['no']}: claimed by person {row['claimed_by']}, who may not do it"
                        for row in _rows(db, """
        select d.code, w.no, w.claimed_by from work_item w join dossier d on d.id = w.dossier_id
        where w.claimed_by is not null and w.closed_at is null and not exists (
          select from membership m where m.person_id = w.claimed_by and m.unit_id = w.unit_id and m.role = w.role
            and (m.valid_from <= (w.claimed_at at time zone 'Asia/Ho_Chi_Minh')::date or m.for_person_id is not null)
            and coalesce(m.valid_to, 'infinity') >= (w.claimed_at at time zone 'Asia/Ho_Chi_Minh')::date)"""))


def _owners(db: Database, found: Findings) -> None:
    """Somebody must hold every open dossier: an open work item where somebody has that role, or in a unit of another
    system. Of a shadow another installation is the holder."""
    found.faults.extend(f"dossier {row['code']}: nobody holds it" for row in _rows(db, """
        select d.code from dossier d where d.closed_at is null and d.mirror is distinct from 'shadow' and not exists (
          select from work_item w left join membership m on m.unit_id = w.unit_id and m.role = w.role
          join unit u on u.id = w.unit_id join agency a on a.code = u.agency
          where w.dossier_id = d.id and w.closed_at is null and (m.id is not null or a.reach <> 'here'))"""))
    found.faults.extend(f"dossier {row['code']}: {row['why']}" for row in _rows(db, """
        select d.code, case when c.dossier_id is null then 'mirrors nothing' else 'ours, and mirrored' end as why
        from dossier d left join counterpart c on c.dossier_id = d.id
        where (d.mirror is null) = (c.dossier_id is not null)"""))


def _standing_in(db: Database, found: Findings) -> None:
    """What is held in somebody's place lies within the days of the absence and within what that person holds."""
    found.faults.extend(f"membership {row['id']}: lent without right" for row in _rows(db, """
        select m.id from membership m left join absence a on a.id = m.absence_id
        where m.for_person_id is not null and (a.id is null or a.person_id <> m.for_person_id or m.valid_to is null
          or m.valid_from < a.first_day or m.valid_to > a.last_day or not exists (
            select from membership o where o.person_id = m.for_person_id and o.for_person_id is null
              and o.unit_id = m.unit_id and o.role = m.role and o.valid_from <= m.valid_from
              and coalesce(o.valid_to, 'infinity') >= m.valid_to))"""))


def _messages(db: Database, found: Findings) -> None:
    found.faults.extend(f"outbox {row['code']} message {row['message_id']}: not delivered" for row in _rows(db, """
        select d.code, o.message_id from outbox o join dossier d on d.id = o.dossier_id
        where o.sent_at is null and (o.peer_id is null or o.parked_at is not null)"""))
    unheard = "delivered without its message"
    found.faults.extend(f"hand-off {row['code']} {row['id']}: {unheard}" for row in _rows(db, """
        select d.code, h.id from handoff h join dossier d on d.id = h.dossier_id
        where h.state in ('delivered', 'registered')
          and not exists (select from inbox i where i.message_id = h.id and i.sender = h.from_agency)"""))
