"""Links and slips as they are looked up: by the key of a mail, by a scanned number, by the unit that waits."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from storage.peers import NOTED, Deed
from storage.session import Database

# 256 bits.
KEY_BYTES = 32

# Who sees to it here: the unit that sent it, or the desk where that does not work here either.
OWNER = "case when f.reach = 'here' then h.from_unit_id else d.intake_unit_id end"
STANDING = """l.handoff_id, l.dossier_id, d.code, h.seq, h.state, l.way, l.made_at, l.expires_at, l.closed_at,
  l.answered_at, l.answer, l.from_unit_id, h.to_unit_id, (select number from revision) as revision"""
OF_KEY = f"""select {STANDING} from link_key k join link l on l.handoff_id = k.handoff_id
join handoff h on h.id = l.handoff_id join dossier d on d.id = l.dossier_id where k.hash = %s"""

# Per address: the way is barred until the newest wrong key that is one too many leaves the window.
BARRED = """select extract(epoch from at + %(window)s - clock_timestamp())::float8 from event_log
where kind = 'link_refused' and details->>'address' = %(address)s and at > clock_timestamp() - %(window)s
order by at desc offset %(most)s - 1 limit 1"""

SLIP = f"""select h.id as handoff_id, h.dossier_id, d.code, h.seq, h.state, a.reach as way, h.created_at as made_at,
  l.expires_at, coalesce(l.closed_at, w.closed_at) as closed_at, l.answered_at, l.answer,
  {OWNER} as from_unit_id, h.to_unit_id, (select number from revision) as revision
from dossier d join handoff h on h.dossier_id = d.id and h.seq = %(seq)s
join agency a on a.code = h.to_agency join agency f on f.code = h.from_agency
left join link l on l.handoff_id = h.id
left join work_item w on w.dossier_id = h.dossier_id and w.handoff_id = h.id and w.duty <> 'resolve'
where d.code = %(code)s"""

# Arrived when the agency still worked here, registered by nobody, asked for neither by mail nor on paper. What went to
# another installation is finished or given back there.
_LIES_HERE = """(h.state = 'delivered' and not exists (select from link l where l.handoff_id = h.id)
  and not exists (select from outbox o where o.message_id = h.id and o.peer_id is not null))"""
LYING = f"""select d.code, h.id as handoff_id from handoff h join dossier d on d.id = h.dossier_id
join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no
where h.to_agency = %s and {_LIES_HERE} and w.closed_at is null order by h.created_at"""

_UNPRINTED = f"""from handoff h join agency a on a.code = h.to_agency and a.reach = 'paper'
join agency f on f.code = h.from_agency
join dossier d on d.id = h.dossier_id join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no
where h.from_unit_id = any (%(units)s::int[] || array(
    select u.id from unit u join agency e on e.code = u.agency where e.reach in ('mail', 'paper')))
  and {OWNER} = any (%(units)s) and (h.state = 'pending' or {_LIES_HERE}) and w.closed_at is null"""
# Slips that nobody printed yet, of units that send by hand-off to agencies on paper.
UNPRINTED = f"""select h.id as handoff_id, d.code, h.seq, h.to_unit_id, {OWNER} as from_unit_id, h.created_at,
  w.due_at, w.duty = 'consult' as to_answer, w.state as step, d.version_id, d.code || '-H' || h.seq as slip
{_UNPRINTED} order by h.created_at limit %(most)s"""
# For the bar of every page: what somebody has to do; nothing where every agency has the system.
TO_SEND = f"""(select case when exists (select from agency where reach in ('mail', 'paper')) then
    (select count(*) from (select {_UNPRINTED} limit %(most)s) u)
    + (select count(*) from link l join message m on m.id = l.message_id
      where l.from_unit_id = any (%(units)s) and l.closed_at is null and m.parked_at is not null) end)"""

AWAITED = """select h.id as handoff_id, d.code, h.seq, h.to_unit_id, l.from_unit_id, h.state, l.way, l.made_at,
  l.expires_at, w.due_at, h.state = 'registered' or w.duty = 'consult' as to_answer, w.state as step,
  d.version_id, d.code || '-H' || h.seq as slip,
  m.sent_at as mailed_at, m.parked_at, a.mail as address
from link l join handoff h on h.id = l.handoff_id join agency a on a.code = h.to_agency
join dossier d on d.id = h.dossier_id
join work_item w on w.dossier_id = h.dossier_id and w.no = h.item_no
left join message m on m.id = l.message_id
where l.from_unit_id = any (%(units)s) and l.closed_at is null order by l.made_at limit %(most)s"""


@dataclass(slots=True)
class Lying:
    code: str
    handoff_id: UUID


@dataclass(slots=True)
class Standing:
    """A hand-off as its link or slip stands. `closed_at`: nobody waits for the answer any more; `answer`: what came."""

    handoff_id: UUID
    dossier_id: int
    code: str
    seq: int
    state: str
    way: str
    made_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None
    answered_at: datetime | None
    answer: dict[str, Any] | None
    from_unit_id: int
    to_unit_id: int
    revision: int


@dataclass(slots=True)
class Described:
    """What whoever is asked learns of the dossier, beside its documents."""

    applicant: str
    subject: str
    received_at: datetime | None


@dataclass(slots=True)
class Unprinted:
    """`to_answer`: `due_at` is when the answer is due, not when they must sign for it."""

    handoff_id: UUID
    code: str
    seq: int
    to_unit_id: int
    from_unit_id: int
    created_at: datetime
    due_at: datetime | None
    to_answer: bool
    step: str
    version_id: int
    slip: str


@dataclass(slots=True)
class Awaited:
    """`mailed_at`: the mail left; `parked_at`: it could not be sent."""

    handoff_id: UUID
    code: str
    seq: int
    to_unit_id: int
    from_unit_id: int
    state: str
    way: str
    made_at: datetime
    expires_at: datetime | None
    due_at: datetime | None
    to_answer: bool
    step: str
    version_id: int
    slip: str
    mailed_at: datetime | None
    parked_at: datetime | None
    address: str | None


@dataclass(slots=True)
class Reached:
    """How work comes to an agency. `peer`: the installation it works at."""

    code: str
    name_vi: str
    name_en: str
    reach: str
    mail: str | None
    peer: str | None


def hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def mint(db: Database, handoff: UUID, message: UUID, at: datetime) -> str | None:
    """A new key of the link, to be shown once, in this mail. None where another mail has taken its place."""
    key = secrets.token_urlsafe(KEY_BYTES)
    made = db.value("insert into link_key (hash, handoff_id, made_at) select %s, l.handoff_id, %s from link l "
                    "where l.handoff_id = %s and l.message_id = %s returning true", (hashed(key), at, handoff, message))
    return key if made else None


def mail_of(db: Database, handoff: UUID) -> UUID:
    """The mail that the link goes with now."""
    found: UUID = db.value("select message_id from link where handoff_id = %s", (handoff,))
    return found


def of_key(db: Database, key: str) -> Standing | None:
    return db.one(Standing, OF_KEY, (hashed(key),))


def of_slip(db: Database, code: str, seq: int) -> Standing | None:
    return db.one(Standing, SLIP, {"code": code, "seq": seq})


def described(db: Database, dossier_id: int) -> Described:
    found = db.one(Described, "select p.name as applicant, d.subject, d.received_at from dossier d "
                              "join applicant p on p.dossier_id = d.id where d.id = %s", (dossier_id,))
    assert found is not None, "whoever asks has a hand-off of it"
    return found


def barred(db: Database, address: str, window: timedelta, most: int) -> float:
    """Seconds until this address may try again; 0 when it may."""
    found = db.value(BARRED, {"address": address, "window": window, "most": most})
    return max(0.0, float(found or 0))


def refused(db: Database, address: str) -> None:
    """A wrong key; the database's own time, as for sign-ins."""
    with db.connection() as connection:
        connection.execute(b"insert into event_log (at, actor_id, kind, details) values "
                           b"(clock_timestamp(), null, 'link_refused', %s)", (Jsonb({"address": address}),))


def unprinted(db: Database, units: Sequence[int], most: int) -> list[Unprinted]:
    return db.rows(Unprinted, UNPRINTED, {"units": list(units), "most": most})


def awaited(db: Database, units: Sequence[int], most: int) -> list[Awaited]:
    return db.rows(Awaited, AWAITED, {"units": list(units), "most": most})


def lying(db: Database, agency: str) -> list[Lying]:
    return db.rows(Lying, LYING, (agency,))


def agencies(db: Database) -> list[Reached]:
    """By code."""
    return db.rows(Reached, "select a.code, a.name_vi, a.name_en, a.reach, a.mail, p.name as peer from agency a "
                            "left join peer p on p.id = a.peer_id order by a.code")


def reach_of(db: Database, agency: str) -> str | None:
    return db.value("select reach from agency where code = %s", (agency,))  # type: ignore[no-any-return]


def reach(db: Database, agency: str, way: str, address: str | None, deed: Deed) -> int:
    """Changes how work comes to an agency; what was taken nowhere yet goes that way, the number of these."""
    with db.transaction() as connection:
        connection.execute(b"select reach_agency(%s, %s, null, %s)", (agency, way, address))
        found = connection.execute(b"select send_anew(%s)", (agency,)).fetchone()
        anew = int(found[0]) if found else 0
        connection.execute(NOTED, (deed.at, deed.actor, deed.kind, Jsonb({**deed.details, "anew": anew})))
    return anew
