"""Who may do what in the database itself: the grants are exactly these, and the record takes nothing but additions."""

from __future__ import annotations

import psycopg
import pytest

from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh

# Beside reading. Whatever is not here, nobody but the owner may do.
APP_TABLES = {
    "absence": {"INSERT"}, "message": {"INSERT"}, "preference": {"INSERT", "UPDATE", "DELETE"},
    "rating": {"INSERT"}, "rating_given": {"INSERT"}, "reception_draft": {"INSERT", "UPDATE", "DELETE"},
    "signing_request": {"INSERT", "UPDATE", "DELETE"}, "snooze": {"INSERT", "UPDATE", "DELETE"},
    "upload": {"INSERT", "UPDATE", "DELETE"},
    "link_key": {"INSERT"},
    "calendar_draft": {"INSERT", "UPDATE", "DELETE"}, "calendar_left": {"DELETE"}, "heartbeat": {"INSERT", "UPDATE"},
    "sweep": {"INSERT", "DELETE"},
    "post_intake": {"INSERT"}, "post_intake_line": {"INSERT", "DELETE"}, "post_batch": {"INSERT"},
    "payout_list": {"INSERT"},
    "anchor": {"INSERT"}, "anchor_copy": {"INSERT"}, "anchor_place": {"INSERT"}, "anchored_head": {"INSERT"},
    "arrival": {"INSERT"}, "lane": {"INSERT"}, "own_key": {"INSERT"}, "peer": {"INSERT"}, "peer_key": {"INSERT"},
    "courier_route": {"INSERT"}, "courier_run": {"INSERT"}, "incident": {"INSERT"},
    "event_log": {"INSERT"}, "idempotency": {"DELETE"},
    "migration": {"INSERT"}, "migration_item": {"INSERT", "UPDATE"},
    "pending_import": {"INSERT", "UPDATE", "DELETE"},
    "portal_day": {"INSERT", "UPDATE", "DELETE"}, "portal_difference": {"INSERT", "UPDATE", "DELETE"},
    "procedure_draft": {"INSERT"}, "scenario": {"INSERT", "UPDATE"},
    "session": {"INSERT", "UPDATE", "DELETE"},
}
APP_COLUMNS = {
    "absence": {"ended_at", "ended_by", "last_day"}, "mention": {"read_at"},
    "message": {"attempts", "next_attempt_at", "lease_until", "sent_at", "parked_at", "last_error", "closed_at",
                "closed_by", "closed_why"},
    "calendar_recompute": {"bundle_cursor", "failed", "started_at", "finished_at", "last_error"},
    "courier_run": {"state", "courier_id", "listed_at", "departed_at", "arrived_at", "confirm_by",
                    "confirm_by_unit"},
    "bag": {"opened_at", "opened_by", "seal_found", "intact"},
    "courier_route": {"name_vi", "name_en", "stops", "departures", "retired_at"},
    "incident": {"closed_at", "closed_by", "closed_why"},
    "arrival": {"state", "attempts", "next_attempt_at", "lease_until", "last_error", "receipt"},
    "notice": {"read_at"},
    "outbox": {"attempts", "refusals", "next_attempt_at", "lease_until", "sent_at", "parked_at", "last_error",
               "envelope", "receipt", "unanswered", "unanswered_since", "owned_at"},
    "own_key": {"retired_at"},
    "peer": {"title", "url", "state", "approved_by", "approved_at", "reached_at", "heard_at", "trouble_since",
             "trouble", "failures", "retry_at"},
    "peer_key": {"approved_by", "approved_at", "revoked_by", "revoked_at"},
    "pull": {"received", "attempts", "refusals", "next_attempt_at", "lease_until", "done_at", "parked_at",
             "last_error", "unanswered", "unanswered_since", "owned_at"},
    "person": {"password_hash"},
    "post_batch": {"closed_at"}, "post_intake": {"signed_at", "signed_by", "worker", "receiver", "entered_at"},
    "portal_item": {"next_attempt_at", "attempts", "lease_until", "tried_at", "alone", "payload", "sha256", "sent_at",
                    "held_at", "faults", "corrections", "closed_at", "closed_by", "closed_why"},
    "portal_line": {"reached_at", "trouble_since", "trouble", "failures", "retry_at"},
    "procedure_draft": {"content", "version", "state", "changed_by", "changed_at", "checked_by", "checked_at",
                        "checked_sha256", "report"},
    "timer": {"attempts", "retry_at", "why"},
}
APP_SEQUENCES = {"absence_id_seq", "courier_route_id_seq", "courier_run_id_seq", "event_log_id_seq",
                 "migration_id_seq", "peer_id_seq", "post_batch_id_seq", "post_intake_id_seq",
                 "procedure_draft_id_seq", "scenario_id_seq", "sweep_id_seq"}
APP_FUNCTIONS = {"bags_of", "bind_party", "bundle_of_part", "counterpart_of", "document_kept", "draw_manifest",
                 "feedback_of", "first_missing", "hold_agency", "holder_of", "leaves_of", "letters_of", "move_dues",
                 "note_outside", "offers_of", "pass_lane", "post_of", "publish_calendar", "publish_version",
                 "reach_agency", "record_act", "record_acts", "record_bundle", "record_receipt", "retire_version",
                 "ring_transfers", "seal_bag", "send_anew", "settle_bundle", "signatures_of", "stand_in",
                 "store_arrival", "take_block", "take_code", "take_number", "take_reserved", "tell_portal",
                 "unpack_bag"}
HIDDEN_FROM_AUDITORS = {"link_key", "person", "preference", "reception_draft", "session", "signing_request", "snooze",
                        "upload"}
AUDITOR_COLUMNS = {"person": {"id", "login", "name", "disabled_at"}}

TABLES = """select a.grantee::regrole::text, c.relkind::text, c.relname, a.privilege_type from pg_class c
cross join aclexplode(c.relacl) a where c.relnamespace = 'public'::regnamespace and a.grantee <> c.relowner"""
COLUMNS = """select a.grantee::regrole::text, c.relname, t.attname, a.privilege_type from pg_attribute t
join pg_class c on c.oid = t.attrelid cross join aclexplode(t.attacl) a where c.relnamespace = 'public'::regnamespace"""
FUNCTIONS = """select a.grantee::regrole::text, p.proname from pg_proc p
cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
where p.pronamespace = 'public'::regnamespace and a.grantee <> p.proowner
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"""


def grouped(rows: list[tuple[str, ...]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, value in rows:
        found.setdefault(name, set()).add(value)
    return found


def test_the_grants_are_those_listed_here(fresh: Fresh) -> None:
    with psycopg.connect(fresh.superuser_url) as connection:
        granted = connection.execute(TABLES).fetchall()
        columns = connection.execute(COLUMNS).fetchall()
        functions = connection.execute(FUNCTIONS).fetchall()
        tables = {row[0] for row in connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'").fetchall()}

    def of(role: str, kind: str, *without: str) -> dict[str, set[str]]:
        return grouped([(name, privilege) for grantee, relkind, name, privilege in granted
                        if (grantee, relkind) == (role, kind) and privilege not in without])

    assert {row[0] for row in granted} == {"lienthong_app", "lienthong_auditor", "lienthong_backup"}
    assert of("lienthong_app", "r", "SELECT") == APP_TABLES
    assert set(of("lienthong_app", "r")) == tables
    assert set(of("lienthong_app", "S")) == APP_SEQUENCES
    assert of("lienthong_auditor", "r") == {table: {"SELECT"} for table in tables - HIDDEN_FROM_AUDITORS}
    assert of("lienthong_auditor", "S") == {}
    assert of("lienthong_backup", "r") == {table: {"SELECT"} for table in tables}
    assert grouped([row[1:3] for row in columns if row[0] == "lienthong_app"]) == APP_COLUMNS
    assert {row[3] for row in columns if row[0] == "lienthong_app"} == {"UPDATE"}
    assert grouped([row[1:3] for row in columns if row[0] == "lienthong_auditor"]) == AUDITOR_COLUMNS
    assert grouped(functions) == {"lienthong_app": APP_FUNCTIONS}


def test_the_roles_are_nothing_more_than_roles(fresh: Fresh) -> None:
    with psycopg.connect(fresh.superuser_url) as connection:
        roles = connection.execute("select rolname, rolsuper or rolcreaterole or rolcreatedb or rolreplication or "
                                   "rolbypassrls from pg_roles where rolname like 'lienthong%'").fetchall()
        members = connection.execute("select m.rolname, r.rolname from pg_auth_members x join pg_roles m on m.oid = "
                                     "x.member join pg_roles r on r.oid = x.roleid where m.rolname like 'lienthong%'")

        assert {name for name, powerful in roles if powerful} == set()
        assert dict(members.fetchall()) == {"lienthong_backup": "pg_read_all_data"}


def test_functions_of_later_migrations_are_not_everybodys(fresh: Fresh) -> None:
    with psycopg.connect(fresh.owner_url) as connection:
        connection.execute("create function later() returns int language sql security definer as 'select 1'")
        connection.commit()

    with psycopg.connect(fresh.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select later()")


@pytest.fixture
def walk(start: Start) -> Walk:
    return start()


AS_APP = (
    "update audit set action = 'sign'", "delete from audit", "truncate audit", "insert into audit select * from audit",
    "alter table audit disable trigger all", "drop table audit", "drop trigger append_only on audit",
    "copy audit from stdin", "set session_replication_role = replica", "set role lienthong_owner", "set role postgres",
    "update event_log set kind = 'x'", "delete from event_log", "truncate event_log",
    "update dossier set status = 10", "insert into dossier select * from dossier", "delete from dossier",
    "update work_item set closed_at = now()", "delete from active_state", "update clock set due_at = now()",
    "delete from timer", "update timer set fires_at = now()", "update handoff set state = 'registered'",
    "update outbox set payload = '{}'", "insert into outbox select * from outbox", "delete from inbox",
    "update idempotency set reply = ''", "delete from remark", "update applicant set name = ''",
    "update document set sha256 = ''", "update paper set state = 'held'", "update number_series set last = 0",
    "update procedure_version set content = ''", "update membership set role = 'signer'",
    "insert into membership select * from membership", "update person set login = 'x'",
    "update binding set unit_id = 1", "delete from person",
    "insert into procedure_version select * from procedure_version", "update procedure_version set state = 'retired'",
    "update procedure_draft set writers = '{}'", "update procedure_draft set created_by = 1",
    "update procedure_draft set published_id = 1", "delete from procedure_draft", "update bundle set letters = '[]'",
    "update bundle_version set content = ''", "update asset_claim set held_at = null", "delete from migration_item",
    "select record_beside('{}')",
    "create table mine (id int)", "create function mine() returns int language sql as 'select 1'",
    "select record_rows('{}')", "select record_more('{}')", "select remember_request('{}')",
    "create extension pgcrypto", "copy audit to program 'true'",
)


def test_the_application_changes_nothing_but_by_the_functions_that_record(walk: Walk, fresh: Fresh) -> None:
    allowed = []
    with psycopg.connect(fresh.app_url, autocommit=True) as connection:
        for statement in AS_APP:
            try:
                connection.execute(statement.encode())
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.FeatureNotSupported):
                continue
            allowed.append(statement)

    assert allowed == []


AS_OWNER = ("update audit set action = 'sign'", "delete from audit", "truncate audit", "truncate audit cascade",
            "update event_log set kind = 'x'", "delete from event_log", "truncate event_log")


@pytest.mark.parametrize("url", ["owner_url", "superuser_url"])
def test_even_the_owner_only_adds_to_the_record(walk: Walk, fresh: Fresh, url: str) -> None:
    walk.office.db.value("select 1")
    with psycopg.connect(fresh.app_url) as connection:
        connection.execute("insert into event_log (at, kind, details) values (now(), 'test', '{}')")

    with psycopg.connect(getattr(fresh, url), autocommit=True) as connection:
        for statement in AS_OWNER:
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(statement.encode())


def test_an_auditor_reads_the_record_and_no_password(walk: Walk, fresh: Fresh) -> None:
    with psycopg.connect(fresh.auditor_url, autocommit=True) as connection:
        assert connection.execute("select count(*) from audit").fetchone() == (3,)
        assert connection.execute("select name from person limit 1").fetchone() is not None
        for statement in ("select password_hash from person", "select * from person", "select * from session",
                          "select record_act('{}')", "select take_code('H51.02', '261123')", "delete from audit",
                          "update dossier set status = 1", "insert into event_log (kind) values ('x')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_the_first_due_date_is_nobodys_to_change(walk: Walk, fresh: Fresh) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        for change in ("first_due_at + interval '1 day'", "null"):
            with pytest.raises(psycopg.errors.CheckViolation, match="immutable"):
                connection.execute(f"update dossier set first_due_at = {change}".encode())
        connection.execute("update dossier set first_due_at = first_due_at")
