"""Who is signed in, and who tried. Times here are the database's own: a scaled business clock ends no session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from storage.session import Database

# Everything a request must know of its sender, in one statement; his own posts come first, those he holds in
# somebody's place after them. `unseen`: worth noting that the person is there.
WHO = """
select p.id, p.login, p.name, s.form_key, s.language,
  s.seen_at < clock_timestamp() - interval '1 minute' as unseen,
  (select coalesce(json_agg(json_build_array(h.unit_id, h.role) order by h.lent, h.first), '[]') from (
    select m.unit_id, m.role, bool_and(m.for_person_id is not null) as lent, min(m.id) as first from membership m
    where m.person_id = p.id and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
    group by m.unit_id, m.role) h
  ) as memberships
from session s join person p on p.id = s.person_id
where s.token_hash = %(hash)s and p.disabled_at is null and s.expires_at > clock_timestamp()
  and s.seen_at > clock_timestamp() - %(idle)s"""

BEGIN = """
with over as (delete from session where person_id = %(person)s
  and (expires_at <= clock_timestamp() or seen_at <= clock_timestamp() - %(idle)s))
insert into session (token_hash, person_id, form_key, language, expires_at)
values (%(hash)s, %(person)s, %(form_key)s, %(language)s, clock_timestamp() + %(longest)s)"""

# The tenth newest failure inside the window bars the way until it leaves the window. A login that came in from this
# address before is not barred by what strangers try elsewhere, and nobody is by what is tried at a terminal.
TRIED = """
select
  (select extract(epoch from at + %(window)s - clock_timestamp()) from event_log
    where kind = 'sign_in_failed' and details->>'login' = %(login)s and at > clock_timestamp() - %(window)s
      and not details ? 'terminal'
    order by at desc offset %(most)s - 1 limit 1)::float8 as by_login,
  (select extract(epoch from at + %(window)s - clock_timestamp()) from event_log
    where kind = 'sign_in_failed' and details->>'address' = %(address)s and at > clock_timestamp() - %(window)s
    order by at desc offset %(most)s - 1 limit 1)::float8 as by_address,
  exists (select from event_log where kind = 'signed_in' and details->>'login' = %(login)s
    and details->>'address' = %(address)s and at > clock_timestamp() - interval '30 days') as known_here"""

# At a terminal: of this person, by this account of the machine, so that nobody keeps another administrator away.
TRIED_AT_TERMINAL = """
select extract(epoch from at + %(window)s - clock_timestamp())::float8 from event_log
where kind = 'sign_in_failed' and details->>'login' = %(login)s and details->>'address' = %(address)s
  and details ? 'terminal' and at > clock_timestamp() - %(window)s
order by at desc offset %(most)s - 1 limit 1"""

LOGIN = "select id, login, name, password_hash from person where login = %s and disabled_at is null"
NOTE = b"insert into event_log (at, actor_id, kind, details) values (clock_timestamp(), %s, %s, %s)"


@dataclass(slots=True)
class Present:
    id: int
    login: str
    name: str
    form_key: str
    language: str
    unseen: bool
    memberships: list[tuple[int, str]]


@dataclass(slots=True)
class Account:
    id: int
    login: str
    name: str
    password_hash: str


@dataclass(slots=True)
class Tried:
    """Seconds until the next attempt is allowed; None: now."""

    by_login: float | None
    by_address: float | None
    known_here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    hash: bytes
    person: int
    form_key: str
    language: str
    idle: timedelta
    longest: timedelta


def present(db: Database, token_hash: bytes, today: date, idle: timedelta) -> Present | None:
    """None for sessions that ended, idle ones, and people who were disabled."""
    return db.one(Present, WHO, {"hash": token_hash, "today": today, "idle": idle})


def seen(db: Database, token_hash: bytes) -> None:
    _do(db, b"update session set seen_at = clock_timestamp() where token_hash = %s", (token_hash,))


def begin(db: Database, opening: Opening) -> None:
    _do(db, BEGIN.encode(), {name: getattr(opening, name) for name in Opening.__slots__})


def end(db: Database, token_hash: bytes) -> None:
    _do(db, b"delete from session where token_hash = %s", (token_hash,))


def speak(db: Database, token_hash: bytes, language: str) -> None:
    _do(db, b"update session set language = %s where token_hash = %s", (language, token_hash))


def account(db: Database, login: str) -> Account | None:
    return db.one(Account, LOGIN, (login,))


def tried(db: Database, login: str, address: str, window: timedelta, most: int) -> Tried:
    found = db.one(Tried, TRIED, {"login": login, "address": address, "window": window, "most": most})
    assert found is not None
    return found


def tried_at_terminal(db: Database, login: str, address: str, window: timedelta, most: int) -> float | None:
    """Seconds until the next attempt is allowed; None: now."""
    found: float | None = db.value(TRIED_AT_TERMINAL, {"login": login, "address": address, "window": window,
                                                       "most": most})
    return found


def note(db: Database, kind: str, actor: int | None, details: dict[str, Any]) -> None:
    _do(db, NOTE, (actor, kind, Jsonb(details)))


def _do(db: Database, statement: bytes, params: Any) -> None:
    with db.connection() as connection:
        connection.execute(statement, params)
