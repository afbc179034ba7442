"""Many dossiers of many people: a few that were driven through the real acts, copied, spread over units and days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg

from bench.stage import drive_to_signer
from engine import alarms
from engine.office import Office
from tests.journey import MONDAY, Cast, Journey

TABLES = ("dossier", "applicant", "active_state", "work_item", "clock", "timer", "audit", "opinion", "document",
          "paper", "remark", "handoff", "notice")
# How many of a hundred dossiers are where; the rest is closed.
SHARES = {"checked": 1, "arrived": 3, "examined": 5, "consulted": 3, "signing": 3, "late": 1}
FIRST_COPY = 1_000_000

# Units that have somebody in a role, desks, and names as people have them. The index is made anew when all is there.
HELPERS = """
drop index applicant_search;
create table bench_unit as
  select role, array_agg(distinct unit_id order by unit_id) as ids from membership group by role;
create table bench_desk as select array_agg(u.id order by u.id) as ids, array_agg(u.agency order by u.id) as agencies
  from unit u where exists (select from membership m where m.unit_id = u.id and m.role = 'receptionist');
create table bench_name (at int primary key, name text, folded text);
insert into bench_name select n, x.name, x.folded from (select row_number() over () - 1 as n,
  f.name || ' ' || m.name || ' ' || g.name as name, f.folded || ' ' || m.folded || ' ' || g.folded as folded
  from (values ('Nguyễn', 'nguyen'), ('Trần', 'tran'), ('Lâm', 'lam'), ('Thạch', 'thach'), ('Sơn', 'son'),
    ('Lý', 'ly'), ('Huỳnh', 'huynh'), ('Đặng', 'dang')) f (name, folded),
  (values ('Thị', 'thi'), ('Văn', 'van'), ('Ngọc', 'ngoc'), ('Minh', 'minh'), ('Hữu', 'huu')) m (name, folded),
  (values ('An', 'an'), ('Bình', 'binh'), ('Hoa', 'hoa'), ('Khánh', 'khanh'), ('Lan', 'lan'), ('Mai', 'mai'),
    ('Phúc', 'phuc'), ('Quang', 'quang'), ('Thảo', 'thao'), ('Vy', 'vy')) g (name, folded)) x;
"""
CLOSE = """
update dossier set closed_at = received_at + interval '18 days', finished_at = received_at + interval '18 days',
  status = 10, outcome = 'approved' where id = %(id)s;
delete from timer where dossier_id = %(id)s;
update clock set ended_at = now() where dossier_id = %(id)s and ended_at is null;
update work_item set closed_at = opened_at + interval '1 day', closed_by = 1
  where dossier_id = %(id)s and closed_at is null;
"""
# What differs in the n-th copy, by column. A day of the last two years where it is closed; all are due about now.
CODE = "d.agencies[1 + c.n % cardinality(d.ids)] || '-' || to_char(c.day, 'YYMMDD') || '-' || lpad(c.id::text, 8, '0')"
OWN = {"dossier_id": "c.id"}
CHANGES: Mapping[str, Mapping[str, str]] = {
    "dossier": {
        "id": "c.id", "code": CODE, "intake_unit_id": "d.ids[1 + c.n % cardinality(d.ids)]",
        "intake_agency": "d.agencies[1 + c.n % cardinality(d.ids)]", "submitted_at": "c.day", "received_at": "c.day",
        "due_at": "c.due", "closed_at": "t.closed_at - (t.submitted_at - c.day)"},
    "applicant": OWN | {
        "name": "p.name", "id_number": "'094' || lpad(c.id::text, 9, '0')", "phone": "'09' || lpad(c.id::text, 8, '0')",
        "search": f"""concat_ws(' ', lower({CODE}), p.folded, '094' || lpad(c.id::text, 9, '0'),
          '09' || lpad(c.id::text, 8, '0'), 'hoi thao quoc te ve lua thom')"""},
    "work_item": OWN | {"unit_id": "u.ids[1 + c.n % cardinality(u.ids)]", "due_at": "c.due",
                        "handoff_id": "md5(t.handoff_id::text || c.id)::uuid"},
    "timer": OWN | {"fires_at": "t.fires_at + interval '1 year'"},
    "document": OWN | {"id": "gen_random_uuid()"},
    "paper": OWN | {"barcode": "t.barcode || '-' || c.id"},
    "handoff": OWN | {"id": "md5(t.id::text || c.id)::uuid", "to_unit_id": "u.ids[1 + c.n % cardinality(u.ids)]"},
    "notice": OWN | {"id": "nextval(pg_get_serial_sequence('notice', 'id'))"},
}
# The units the copies are spread over: those with somebody in the role; and the name of each applicant.
SPREAD = {
    "work_item": "join bench_unit u on u.role = t.role",
    "handoff": "join work_item w on w.dossier_id = t.dossier_id and w.no = t.item_no "
               "join bench_unit u on u.role = w.role",
    "applicant": "join bench_name p on p.at = c.n * 17 % 400"}
COPY = """
insert into {table} ({columns}) select {values}
from bench_desk d cross join (select n, %(base)s::bigint + n as id,
    timestamptz '2026-11-23' - make_interval(
      days => (case when %(closed)s then 3 + n * 7 %% 700 else n %% 20 end)::int, mins => (n * 13 %% 480)::int) as day,
    timestamptz '2026-11-23 10:00Z' + make_interval(days => (n * 11 %% 50)::int - 8) as due
  from generate_series(1, %(count)s::bigint) n) c cross join {table} t {spread}
where t.{own} = %(pattern)s
"""
COLUMNS = """select array_agg(column_name::text order by ordinal_position) from information_schema.columns
where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'"""


def crowd(office: Office, superuser_url: str, dossiers: int) -> None:
    """`dossiers` copies of seven that stand at different places. Copies are rows, not meaning: their audit chains
    carry the pattern's id."""
    patterns = _patterns(office)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
        connection.execute("set session_replication_role = replica")  # copies break no reference
        connection.execute(HELPERS.encode())
        ids = {name: _id(connection, code) for name, code in patterns.items()}
        connection.execute(CLOSE.replace("%(id)s", str(ids["closed"])).encode())
        base = FIRST_COPY
        for name, pattern in ids.items():
            count = dossiers * SHARES.get(name, 100 - sum(SHARES.values())) // 100
            _copy(connection, pattern, base, count, closed=name == "closed")
            base += count
        connection.execute("create index applicant_search on applicant using gin (search gin_trgm_ops)")
        connection.execute("vacuum analyze")
        connection.execute("alter system reset fsync")
        connection.execute("select pg_reload_conf()")


def _id(connection: psycopg.Connection[Any], code: str) -> int:
    found = connection.execute("select id from dossier where code = %s", (code,)).fetchone()
    assert found is not None
    return int(found[0])


def _copy(connection: psycopg.Connection[Any], pattern: int, base: int, count: int, *, closed: bool) -> None:
    for table in TABLES:
        found = connection.execute(COLUMNS, (table,)).fetchone()
        assert found is not None
        change = CHANGES.get(table, OWN)
        values = [change.get(column, f"t.{column}").replace("%", "%%") for column in found[0]]
        query = COPY.format(table=table, columns=", ".join(found[0]), values=", ".join(values),
                            spread=SPREAD.get(table, "").replace("%", "%%"),
                            own="id" if table == "dossier" else "dossier_id")
        connection.execute(query.encode(), {"base": base, "count": count, "pattern": pattern, "closed": closed})


def _patterns(office: Office) -> dict[str, str]:
    """Codes by where they stand; the late one has rung."""
    cast = Cast(office)
    journey = Journey(office, cast, MONDAY - timedelta(days=60))
    found = {"late": journey.receive().code}
    journey.now = MONDAY
    found |= {"closed": drive_to_signer(journey, cast), "signing": drive_to_signer(journey, cast),
              "checked": journey.receive(accept=False, papers=()).code, "arrived": journey.receive().code}
    for name in ("examined", "consulted"):
        found[name] = journey.receive().code
        journey.register_all(found[name])
    journey.do(found["consulted"], "consult", cast["H51.01/ngoai-vu:officer"])
    journey.register_all(found["consulted"])
    alarms.sweep(office, MONDAY)
    return found
