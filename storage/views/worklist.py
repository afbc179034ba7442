"""The open work of a person's units: one query, with the counts of every tab and what the filters may name."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from storage.dossiers import VISIBLE
from storage.session import Database
from storage.views.mirrored import ASKED

# `posts`: what the person may do today, one row a unit and role; `stood` are those he stands in for there.
# `holders`: who could have claimed something in these units; a claim of anybody else does not count.
# `waiting`: `offset 0` keeps it to the unit's part of the index; else the whole province's open hand-offs are read.
# `scoped`: open work of the posts; of whole units for their heads and managers, who give work to others; and what
# those who take in a unit's post must register.
WORK = """with posts as materialized (
  select m.unit_id, m.role, bool_or(cardinality(m.procedures) = 0) as whole,
    array_agg(m.for_person_id) filter (where m.for_person_id is not null) as stood,
    array(select unnest(n.procedures) from membership n where n.person_id = %(person)s and n.unit_id = m.unit_id
      and n.role = m.role and %(today)s >= n.valid_from and (n.valid_to is null or %(today)s <= n.valid_to)) as only
  from membership m where m.person_id = %(person)s
    and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
  group by m.unit_id, m.role
), units as materialized (
  select unit_id, bool_or(role in ('head', 'manager')) as gives, bool_or(role in ('head', 'clerk')) as takes_in
  from posts group by unit_id
), holders as materialized (
  select distinct m.person_id, m.unit_id, m.role, o.name
  from units u join membership m on m.unit_id = u.unit_id join person o on o.id = m.person_id
  where o.disabled_at is null and %(today)s >= m.valid_from and (m.valid_to is null or %(today)s <= m.valid_to)
), waiting as materialized (
  select h.* from units u cross join lateral (
    select h.id, h.state, h.from_unit_id, h.from_agency from handoff h
    where h.to_unit_id = u.unit_id and h.state in ('pending', 'delivered') offset 0) h
), scoped as materialized (
  select w.dossier_id, w.no, w.state, w.duty, w.unit_id, w.role, w.handoff_id, w.available_at, w.due_at,
    w.procedure, w.desk, h.id is not null as waits, h.from_unit_id, h.from_agency, z.until as snoozed_until,
    p.unit_id is not null as own, c.person_id as claimed_by, c.name as claimant, w.claimed_at,
    c.person_id is not null and (c.person_id = %(person)s or c.person_id = any (p.stood)) as claimed_by_me
  from units u join work_item w on w.unit_id = u.unit_id
    left join posts p on p.unit_id = w.unit_id and p.role = w.role and (p.whole or w.procedure = any (p.only))
    left join waiting h on h.id = w.handoff_id
    left join holders c on c.person_id = w.claimed_by and c.unit_id = w.unit_id and c.role = w.role
    left join snooze z on z.person_id = %(person)s and z.dossier_id = w.dossier_id and z.item_no = w.no
      and z.until > %(now)s
  where w.closed_at is null and w.available_at is not null
    and (p.unit_id is not null or u.gives or (u.takes_in and h.id is not null))
), mine as materialized (
  select w.*, {tabs}
  from scoped w {searched} where {filters}
), tally as (
  select {counts},
    count(*) filter (where {tab} and due_at < %(now)s) as overdue,
    count(*) filter (where {tab} and due_at >= %(now)s and due_at < %(soon)s) as soon,
    count(*) filter (where in_snoozed and due_at < %(now)s) as snoozed_overdue,
    {facets} as facets
  from mine
), page as (
  select * from mine w where {tab} and {late}
  order by w.due_at nulls last, w.dossier_id, w.no limit %(size)s offset %(skip)s
)
select t.*, r.* from tally t left join lateral (
  select d.code, d.version, d.version_id, w.no, w.state, w.duty, w.unit_id, w.role, w.handoff_id, w.waits,
    w.from_unit_id, w.available_at, w.due_at, d.due_at as dossier_due_at, a.name as applicant, d.subject,
    w.claimed_by, w.claimant, w.claimed_at, w.claimed_by_me, w.snoozed_until, w.dossier_id,
    (select case when x.state <> 'held' then x.state when h.agency <> u.agency then 'elsewhere' end
      from paper x join unit h on h.id = x.unit_id join unit u on u.id = w.unit_id
      where x.dossier_id = d.id and x.kind = case when d.finished_at is null then 'submitted' else 'result' end
        and x.state in ('held', 'carried', 'missing')) as paper,
    (select e.action from handoff x join audit e on e.dossier_id = x.dossier_id and e.seq = x.close_seq
      where x.id = w.handoff_id and w.duty = 'resolve') as came_back,
  """ + ASKED + """
  from page w join dossier d on d.id = w.dossier_id join applicant a on a.dossier_id = d.id
  where """ + VISIBLE + """
) r on true order by r.due_at nulls last, r.dossier_id, r.no"""

# What a tab shows. What was put off is nowhere but in its own tab and among the whole unit's work.
TABS = {
    "todo": "w.own and w.snoozed_until is null and (w.claimed_by is null or w.claimed_by_me)",
    "mine": "w.claimed_by_me and w.snoozed_until is null",
    "unit": "true",
    "offered": "w.waits and w.snoozed_until is null",
    "snoozed": "w.snoozed_until is not null",
}
LATE: dict[bool | str | None, str] = {
    None: "true", True: "w.due_at < %(now)s", False: "(w.due_at >= %(now)s or w.due_at is null)",
    "overdue": "w.due_at < %(now)s", "soon": "w.due_at >= %(now)s and w.due_at < %(soon)s",
    "on_time": "(w.due_at >= %(soon)s or w.due_at is null)", "not_counted": "w.due_at is null",
}
# What another installation asks for is called as it calls it: only such rows look for that, and are found by its hash.
_NAMES = "k.task->'dossier'->'procedure'->'name'", "k.task->'task'->'step'"
FACETS = f"""(select json_agg(json_build_array(f.procedure, f.state, f.desk, f.from_agency, f.named, f.step))
  from (select distinct s.procedure, s.state, s.desk, s.from_agency, {_NAMES[0]} as named, {_NAMES[1]} as step
    from scoped s left join counterpart k on s.procedure = 'exchange_task' and k.dossier_id = s.dossier_id) f)"""
ASKED_FOR = "asked-"


def asked_for(name: str) -> str:
    """The filter for what is called so at another installation."""
    return ASKED_FOR + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def _named_there(name: str, wanted: str) -> str:
    return (f"exists (select from counterpart k where k.dossier_id = w.dossier_id and w.procedure = 'exchange_task' "
            f"and '{ASKED_FOR}' || md5({name}->>'vi') = {wanted})")



Facet = tuple[str, str, str, str | None, dict[str, str] | None, dict[str, str] | None]


@dataclass(slots=True)
class Item:
    """The counts are the same in every row; without work there is one row whose other columns are empty.

    `facets`: every (procedure, step, agency that took it in, agency it waits from, and of what another installation
    asks for procedure and step as it names them) there is, whatever the filters.
    `paper`: carried, missing or elsewhere, where it is not where the work is. `came_back`: by which act.
    """

    todo: int
    mine: int
    unit: int
    offered: int
    snoozed: int
    overdue: int
    soon: int
    snoozed_overdue: int
    facets: list[Facet] | None
    code: str | None
    version: int
    version_id: int
    no: int
    state: str
    duty: str
    unit_id: int
    role: str
    handoff_id: UUID | None
    waits: bool
    from_unit_id: int | None
    available_at: datetime
    due_at: datetime | None
    dossier_due_at: datetime | None
    applicant: str
    subject: str
    claimed_by: int | None
    claimant: str | None
    claimed_at: datetime | None
    claimed_by_me: bool | None
    snoozed_until: datetime | None
    dossier_id: int
    paper: str | None
    came_back: str | None
    asked: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`words`: LIKE patterns, all of them in the folded text of the applicant and subject; or the procedure is one of
    `named` (keys) and `rest` is in that text. `chosen`: these pieces of work only, by code and number.
    """

    person: int
    today: date
    now: datetime
    soon: datetime
    tab: str = "todo"
    late: bool | str | None = None
    words: Sequence[str] = ()
    named: Sequence[str] = ()
    rest: Sequence[str] = ()
    procedure: str | None = None
    state: str | None = None
    agency: str | None = None
    chosen: Sequence[tuple[str, int]] | None = None
    facets: bool = False
    size: int = 50
    skip: int = 0


def open_items(db: Database, asked: Asked) -> list[Item]:
    """Due first. `late` is a key of LATE, `tab` one of TABS."""
    query = WORK.format(
        late=LATE[asked.late], tab=f"in_{asked.tab}", facets=FACETS if asked.facets else "null::json",
        tabs=", ".join(f"{rule} as in_{name}" for name, rule in TABS.items()),
        counts=", ".join(f"count(*) filter (where in_{name}) as {name}" for name in TABS),
        searched="join applicant s on s.dossier_id = w.dossier_id" if asked.words else "",
        filters=" and ".join(_filters(asked)))
    codes, numbers = zip(*asked.chosen, strict=True) if asked.chosen else ((), ())
    told: dict[str, Any] = {
        "person": asked.person, "today": asked.today, "now": asked.now, "soon": asked.soon, "size": asked.size,
        "skip": asked.skip, "words": list(asked.words), "named": list(asked.named), "rest": list(asked.rest),
        "procedure": asked.procedure, "state": asked.state, "agency": asked.agency, "codes": list(codes),
        "numbers": list(numbers), "blind": False}
    return db.rows(Item, query, told)


def _filters(asked: Asked) -> list[str]:
    found = ["true"]
    if asked.words:
        found.append("(s.search like all (%(words)s)"
                     + (" or w.procedure = any (%(named)s) and s.search like all (%(rest)s))" if asked.named else ")"))
    if asked.procedure is not None:
        found.append(_named_there(_NAMES[0], "%(procedure)s") if asked.procedure.startswith(ASKED_FOR)
                     else "w.procedure = %(procedure)s")
    if asked.state is not None:
        found.append("w.state = 'working' and " + _named_there(_NAMES[1], "%(state)s")
                     if asked.state.startswith(ASKED_FOR) else "w.state = %(state)s")
    if asked.agency is not None:
        found.append("(w.desk = %(agency)s or exists (select from handoff f where f.id = w.handoff_id "
                     "and f.from_agency = %(agency)s))")
    if asked.chosen is not None:
        found.append("(w.dossier_id, w.no) in (select d.id, k.no from unnest(%(codes)s::text[], %(numbers)s::int[]) "
                     "as k (code, no) join dossier d on d.code = k.code)")
    return found


def holders(db: Database, posts: Collection[tuple[int, str]], today: date) -> list[tuple[int, str]]:
    """Id and name of everybody who has one of these posts (unit, role) today, by name."""
    with db.connection() as connection:
        return connection.execute(
            b"select distinct o.id, o.name from unnest(%s::int[], %s::text[]) as p (unit_id, role) "
            b"join membership m on m.unit_id = p.unit_id and m.role = p.role join person o on o.id = m.person_id "
            b"where o.disabled_at is null and %s >= m.valid_from and (m.valid_to is null or %s <= m.valid_to) "
            b"order by o.name, o.id",
            ([unit for unit, _ in posts], [role for _, role in posts], today, today)).fetchall()


def snooze(db: Database, person: int, items: Sequence[tuple[int, int]], until: datetime) -> None:
    """Pieces of work, by dossier and number, are not to be seen by this person before `until`."""
    with db.connection() as connection:
        connection.execute(
            b"insert into snooze (person_id, dossier_id, item_no, until) select %s, i.dossier, i.no, %s "
            b"from unnest(%s::bigint[], %s::int[]) as i (dossier, no) "
            b"on conflict (person_id, dossier_id, item_no) do update set until = excluded.until",
            (person, until, [dossier for dossier, _ in items], [no for _, no in items]))


def wake(db: Database, person: int, items: Sequence[tuple[int, int]]) -> None:
    with db.connection() as connection:
        connection.execute(
            b"delete from snooze z using unnest(%s::bigint[], %s::int[]) as i (dossier, no) "
            b"where z.person_id = %s and z.dossier_id = i.dossier and z.item_no = i.no",
            ([dossier for dossier, _ in items], [no for _, no in items], person))
