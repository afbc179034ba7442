"""The post at the desk: slips and hand-over records of what came, results to be sent, batches, postings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from storage.session import Database

MOST = 300

LINE = """select l.intake_id, l.no, l.slip, l.sender, l.procedure, l.completes, l.papers, l.also, l.complete, l.lacking,
  l.fee, l.dossier_id, d.code, i.unit_id, i.signed_at
from post_intake_line l join post_intake i on i.id = l.intake_id left join dossier d on d.id = l.dossier_id"""


@dataclass(slots=True)
class Line:
    intake_id: int
    no: int
    slip: str
    sender: str
    procedure: str
    completes: str | None
    papers: list[str]
    also: str
    complete: bool
    lacking: str
    fee: int
    dossier_id: int | None
    code: str | None
    unit_id: int
    signed_at: datetime | None


def line(db: Database, slip: str) -> Line | None:
    return db.one(Line, f"{LINE} where l.slip = %s", (slip,))


def posted(db: Database, slip: str) -> bool:
    """Whether a result was ever sent with it."""
    return bool(db.value("select exists (select from posting where slip = %s)", (slip,)))


INTAKES = """select i.id, i.unit_id, i.carrier, i.worker, i.receiver, i.opened_at, i.signed_at, i.entered_at,
  p.name as opened_by,
  (select count(*) from post_intake_line l where l.intake_id = i.id) as lines,
  (select count(*) from post_intake_line l where l.intake_id = i.id and l.dossier_id is null) as waiting
from post_intake i join person p on p.id = i.opened_by"""


@dataclass(slots=True)
class Intake:
    """`waiting`: lines that are no dossier yet."""

    id: int
    unit_id: int
    carrier: str
    worker: str
    receiver: str
    opened_at: datetime
    signed_at: datetime | None
    entered_at: datetime | None
    opened_by: str
    lines: int
    waiting: int


def intakes(db: Database, units: Sequence[int]) -> list[Intake]:
    """Newest first."""
    return db.rows(Intake, f"{INTAKES} where i.unit_id = any(%s) order by i.opened_at desc limit 50", (list(units),))


def intake(db: Database, number: int, units: Sequence[int]) -> Intake | None:
    return db.one(Intake, f"{INTAKES} where i.id = %s and i.unit_id = any(%s)", (number, list(units)))


def lines(db: Database, number: int) -> list[Line]:
    return db.rows(Line, f"{LINE} where l.intake_id = %s order by l.no", (number,))


def open_intake(db: Database, unit: int, carrier: str, worker: str, receiver: str, person: int, now: datetime) -> int:
    return int(db.value("insert into post_intake (unit_id, carrier, worker, receiver, opened_by, opened_at) "
                        "values (%s, %s, %s, %s, %s, %s) returning id", (unit, carrier, worker, receiver, person, now)))


ADD = """insert into post_intake_line (intake_id, no, slip, sender, procedure, completes, papers, also, complete,
  lacking, fee)
select i.id, coalesce((select max(l.no) from post_intake_line l where l.intake_id = i.id), 0) + 1, %(slip)s, %(sender)s,
  %(procedure)s, %(completes)s, %(papers)s, %(also)s, %(complete)s, %(lacking)s, %(fee)s
from post_intake i where i.id = %(intake)s and i.signed_at is null for update"""


def add_line(db: Database, told: dict[str, object]) -> bool | None:
    """None when the slip stands in a record already; False when the record was signed meanwhile."""
    try:
        with db.connection() as connection:
            return connection.execute(ADD.encode(), told).rowcount == 1
    except psycopg.errors.UniqueViolation:
        return None


def drop_line(db: Database, number: int, no: int) -> bool:
    with db.connection() as connection:
        return connection.execute(
            b"with open_one as (select id from post_intake where id = %s and signed_at is null for update) "
            b"delete from post_intake_line l using open_one i where l.intake_id = i.id and l.no = %s",
            (number, no)).rowcount == 1


def sign(db: Database, number: int, at: datetime, person: int, now: datetime, seen: Sequence[str] | None) -> bool:
    """Once, and only with something in it. `seen`: the slips that were signed for, in order; None asks nothing."""
    with db.transaction() as connection:
        # nobody adds or takes out a line meanwhile
        connection.execute(b"select from post_intake where id = %s for update", (number,))
        return connection.execute(
            b"update post_intake set signed_at = %s, signed_by = %s, entered_at = %s where id = %s "
            b"and signed_at is null and exists (select from post_intake_line where intake_id = post_intake.id) "
            b"and coalesce(%s::text[] = array(select slip from post_intake_line where intake_id = post_intake.id "
            b"order by no), true)", (at, person, now, number, None if seen is None else list(seen))).rowcount == 1


TO_SEND = """select d.code, d.version_id, a.name as applicant, a.address, a.phone, d.finished_at, p.barcode
from work_item w join dossier d on d.id = w.dossier_id join applicant a on a.dossier_id = d.id
left join paper p on p.dossier_id = d.id and p.kind = 'result'
where w.unit_id = any(%(units)s) and w.closed_at is null and d.return_way = 'post' and d.finished_at is not null
  and exists (select from active_state s where s.dossier_id = d.id and s.state <> 'posting')
  and (p.barcode is null or p.state = 'held' and p.unit_id = any(%(units)s))
order by d.finished_at limit %(most)s"""


@dataclass(slots=True)
class ToSend:
    """`barcode`: of the printed result, None when there is none."""

    code: str
    version_id: int
    applicant: str
    address: str
    phone: str
    finished_at: datetime
    barcode: str | None


def to_send(db: Database, units: Sequence[int]) -> list[ToSend]:
    return db.rows(ToSend, TO_SEND, {"units": list(units), "most": MOST})


POSTED = """select p.dossier_id, p.no, d.code, d.version_id, d.version, a.name as applicant,
  coalesce(p.address, a.address) as address, a.phone, p.slip,
  p.carrier, p.batch_id, p.recipient, p.originals, p.fee, p.sent_at, p.state, p.attempts, p.why, p.delivered_on,
  p.received_by, p.proof, p.ended_at, u.id as unit_id
from posting p join dossier d on d.id = p.dossier_id join applicant a on a.dossier_id = d.id
join unit u on u.id = p.unit_id"""


@dataclass(slots=True)
class Posted:
    dossier_id: int
    no: int
    code: str
    version_id: int
    version: int
    applicant: str
    address: str
    phone: str
    slip: str
    carrier: str
    batch_id: int | None
    recipient: str
    originals: list[str]
    fee: int
    sent_at: datetime
    state: str
    attempts: int
    why: str
    delivered_on: date | None
    received_by: str
    proof: str
    ended_at: datetime | None
    unit_id: int


def on_the_way(db: Database, units: Sequence[int]) -> list[Posted]:
    """Longest on its way first."""
    return db.rows(Posted, f"{POSTED} where p.unit_id = any(%s) and p.ended_at is null order by p.sent_at limit %s",
                   (list(units), MOST))


def came_back(db: Database, units: Sequence[int]) -> list[Posted]:
    """Those that nobody has sent again or handed out since."""
    return db.rows(Posted, f"{POSTED} where p.unit_id = any(%s) and p.state = 'came_back' and d.closed_at is null "
                           "and not exists (select from posting n where n.dossier_id = p.dossier_id and n.no > p.no) "
                           "order by p.ended_at limit %s", (list(units), MOST))


def of_batch(db: Database, batch: int) -> list[Posted]:
    return db.rows(Posted, f"{POSTED} where p.batch_id = %s order by p.sent_at, p.slip", (batch,))


def posting(db: Database, slip: str, units: Sequence[int]) -> Posted | None:
    return db.one(Posted, f"{POSTED} where p.slip = %s and p.unit_id = any(%s)", (slip, list(units)))


BATCHES = """select b.id, b.unit_id, b.carrier, b.worker, b.opened_at, b.closed_at, o.name as opened_by,
  (select count(*) from posting p where p.batch_id = b.id) as items
from post_batch b join person o on o.id = b.opened_by"""


@dataclass(slots=True)
class Batch:
    id: int
    unit_id: int
    carrier: str
    worker: str
    opened_at: datetime
    closed_at: datetime | None
    opened_by: str
    items: int


def batches(db: Database, units: Sequence[int]) -> list[Batch]:
    return db.rows(Batch, f"{BATCHES} where b.unit_id = any(%s) order by b.opened_at desc limit 20", (list(units),))


def batch(db: Database, number: int, units: Sequence[int]) -> Batch | None:
    return db.one(Batch, f"{BATCHES} where b.id = %s and b.unit_id = any(%s)", (number, list(units)))


def open_batch(db: Database, unit: int, carrier: str, worker: str, person: int, now: datetime) -> int:
    return int(db.value("insert into post_batch (unit_id, carrier, worker, opened_by, opened_at) "
                        "values (%s, %s, %s, %s, %s) returning id", (unit, carrier, worker, person, now)))


def close_batch(db: Database, number: int, now: datetime) -> bool:
    with db.connection() as connection:
        return connection.execute(b"update post_batch set closed_at = %s where id = %s and closed_at is null",
                                  (now, number)).rowcount == 1
