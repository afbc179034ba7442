"""Checked, published by a second person, retired: nothing goes live that was not checked, nothing published changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from engine.access import NotAdministrator
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.designing import drafts, publishing
from engine.designing.drafts import Beginning, Draft, DraftClosed, Edit
from engine.designing.publishing import DraftMoved, EndedAlready, NotAsChecked, SecondPerson
from engine.errors import Conflict, Invalid, NotFound
from engine.office import Office
from engine.states.findings import Severity
from procedures.declaration import Text, canonical, load_library, restore
from storage import scenarios, versions
from tests.casework.racing import together
from tests.conftest import Fresh, patient
from tests.designing.people import administrators
from tests.journey import CONFERENCE, MONDAY, Cast, Journey

KEY = "conference_permit_local"
TODAY = MONDAY.astimezone(ZONE).date()
TOMORROW = TODAY + timedelta(days=1)
DECISION = "2345/QĐ-UBND"
FIRST = load_library()[KEY].version


@pytest.fixture
def writer(office: Office, fresh: Fresh) -> Actor:
    return administrators(office, fresh)[0]


@pytest.fixture
def second(office: Office, fresh: Fresh) -> Actor:
    return administrators(office, fresh)[1]


def copied(office: Office, writer: Actor, key: str = KEY) -> Draft:
    found = office.db.value("select id from procedure_version where procedure = %s", (key,))
    return drafts.create(office, writer, Beginning(version_id=found), MONDAY)


def edited(office: Office, actor: Actor, draft: Draft, change: Callable[[dict[str, Any]], None]) -> Draft:
    def apply(data: dict[str, Any]) -> str:
        change(data)
        return "name"

    return drafts.change(office, actor, draft.id, draft.version, Edit(apply, Text(vi="Sửa", en="Changed")), MONDAY)


def longer(data: dict[str, Any]) -> None:
    data["limit"] = "25 working days"


def checked(office: Office, writer: Actor, change: Callable[[dict[str, Any]], None] = longer) -> Draft:
    draft = edited(office, writer, copied(office, writer), change)
    publishing.check(office, writer, draft.id, draft.version, MONDAY)
    return drafts.open_for(office, writer, draft.id, MONDAY)


def published(office: Office, writer: Actor, second: Actor, begins: date = TOMORROW) -> int:
    draft = checked(office, writer)
    return publishing.publish(office, second, draft.id, draft.version, DECISION, begins, MONDAY)


def test_a_new_version_is_offered_from_its_day_and_says_who_checked_and_approved(
        office: Office, writer: Actor, second: Actor) -> None:
    before = office.db.value("select number from revision")
    made = published(office, writer, second)
    found = versions.details(office.db, made)
    assert found is not None
    assert (found.number, found.decision_no, found.checked_by, found.approved_by) == (
        FIRST + 1, DECISION, writer.name, second.name)
    assert office.db.value("select number from revision") == before + 1
    catalogue = office.fresh_catalogue()
    assert catalogue.current(KEY, TODAY)[1].declaration.version == FIRST
    assert catalogue.current(KEY, TOMORROW) == (made, catalogue.procedures[made])
    assert catalogue.procedures[made].declaration.limit == "25 working days"
    first = versions.of_procedure(office.db, KEY)[-1]
    assert first.valid_to == TODAY
    kinds = [kind for kind, in _rows(office, "select kind from event_log where kind like 'procedure_%%' order by id")]
    assert kinds == ["procedure_checked", "procedure_published"]


def test_what_is_published_is_what_was_checked_byte_for_byte(office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    made = publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)
    (content, sha256), = _rows(office, f"select content, sha256 from procedure_version where id = {made}")
    assert sha256 == draft.row.checked_sha256 == hashlib.sha256(content.encode()).hexdigest()
    assert canonical(restore(content)).decode() == content


def test_dossiers_in_flight_keep_their_version_and_other_processes_see_the_new_one(
        office: Office, fresh: Fresh, cast: Cast, writer: Actor, second: Actor) -> None:
    flying = Journey(office, cast).receive().code
    db = patient(fresh.app_url)
    try:
        elsewhere = Office(db, office.store, office.spool)
        elsewhere.catalogue()
        made = published(office, writer, second)
        journey = Journey(elsewhere, Cast(elsewhere), MONDAY + timedelta(days=1))
        new = journey.receive().code
        journey.register_all(flying)
        journey.do(flying, "consult", elsewhere_officer(journey))
    finally:
        db.close()
    version = "select version_id from dossier where code = %s"
    assert office.db.value(version, (new,)) == made
    assert office.db.value(version, (flying,)) != made


def elsewhere_officer(journey: Journey) -> Actor:
    return journey.cast["H51.01/ngoai-vu:officer"]


def test_whoever_wrote_or_checked_it_cannot_publish_it(office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    with pytest.raises(SecondPerson):
        publishing.publish(office, writer, draft.id, draft.version, DECISION, TOMORROW, MONDAY)
    assert publishing.may_publish(office, second, draft, MONDAY)
    assert not publishing.may_publish(office, writer, draft, MONDAY)
    assert len(versions.of_procedure(office.db, KEY)) == 1


def test_somebody_who_wrote_before_the_last_one_is_no_second_person(
        office: Office, writer: Actor, second: Actor) -> None:
    draft = edited(office, second, copied(office, writer), longer)
    draft = edited(office, writer, draft, lambda data: data.update(sets=2))
    publishing.check(office, writer, draft.id, draft.version, MONDAY)
    draft = drafts.open_for(office, second, draft.id, MONDAY)
    with pytest.raises(SecondPerson):
        publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)
    with pytest.raises(SecondPerson):
        _directly(office, draft, second)


def test_the_database_itself_wants_a_second_person_and_what_was_checked(
        office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    with pytest.raises(SecondPerson):
        _directly(office, draft, writer)
    with pytest.raises(NotAsChecked):
        _directly(office, draft, second, content=_content(draft).replace("25 working days", "1 day"))
    with pytest.raises(NotAsChecked):
        _directly(office, draft, second, seen=draft.version - 1)
    assert _directly(office, draft, second)


PUBLISH = "select publish_version(%(draft)s, %(seen)s, %(content)s, %(by)s, %(decision)s, %(begins)s, %(at)s)"


def test_the_database_believes_nobody_without_a_name_or_a_post(
        office: Office, fresh: Fresh, cast: Cast, writer: Actor) -> None:
    draft = checked(office, writer)
    told = {"draft": draft.id, "seen": draft.version, "content": _content(draft), "decision": DECISION,
            "begins": TOMORROW, "at": MONDAY}
    with psycopg.connect(fresh.app_url, autocommit=True) as connection:
        for nobody in (None, 10**6, cast["H51.03/chuyen-mon:head"].id):
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(PUBLISH, {**told, "by": nobody})
            assert refused.value.sqlstate == "LT403"
    assert [found.number for found in versions.of_procedure(office.db, KEY)] == [FIRST]


@pytest.mark.parametrize("other", [{"procedure": "another_key"}, {"version": FIRST}, {"version": FIRST + 7}])
def test_the_database_takes_the_next_version_of_this_procedure_and_no_other(
        office: Office, fresh: Fresh, writer: Actor, second: Actor, other: dict[str, Any]) -> None:
    """Even where the hash is that of the content: the application writes the hash."""
    draft = checked(office, writer)
    assert draft.declaration is not None
    content = canonical(draft.declaration.model_copy(update={"version": FIRST + 1, **other}))
    with psycopg.connect(fresh.app_url, autocommit=True) as connection:
        connection.execute("update procedure_draft set checked_sha256 = %s where id = %s",
                           (hashlib.sha256(content).hexdigest(), draft.id))
    with pytest.raises(NotAsChecked):
        _directly(office, draft, second, content=content.decode())


def test_a_draft_does_not_become_a_version_by_being_called_one(
        office: Office, fresh: Fresh, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    with psycopg.connect(fresh.app_url, autocommit=True) as connection:
        for change in ("state = 'published'", "state = 'published', content = ''"):
            with pytest.raises(psycopg.errors.CheckViolation):
                connection.execute(f"update procedure_draft set {change}".encode())
        publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("update procedure_draft set state = 'checked' where id = %s", (draft.id,))
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(
                "insert into procedure_draft (procedure, content, version, state, created_by, created_at, changed_by, "
                "changed_at) values ('x', '{}', 1, 'checked', %(by)s, now(), %(by)s, now())", {"by": second.id})


def test_one_draft_published_twice_at_once_is_one_version(office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    found = together(*[lambda: publishing.publish(
        office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)] * 2)
    # the later one is refused by the database, or before, when it finds the draft published
    assert sorted(isinstance(one, int) for one in found) == [False, True]
    assert all(isinstance(one, int | NotAsChecked | Invalid) for one in found)
    assert [row.number for row in versions.of_procedure(office.db, KEY)] == [FIRST + 1, FIRST]


def test_of_two_drafts_published_at_once_one_is_the_next_version(
        office: Office, writer: Actor, second: Actor) -> None:
    pair = [checked(office, writer, lambda data, days=days: data.update(limit=f"{days} working days"))
            for days in (26, 27)]
    found = together(*[lambda one=one: _directly(office, one, second) for one in pair])
    assert {type(one) for one in found} == {int, NotAsChecked}
    known = versions.of_procedure(office.db, KEY)
    assert [(row.number, row.valid_to) for row in known] == [(FIRST + 1, None), (FIRST, TODAY)]
    states = sorted(drafts.open_for(office, writer, one.id, MONDAY).state for one in pair)
    assert states == ["checked", "published"]


def test_what_is_published_is_what_was_checked_though_somebody_writes_meanwhile(
        office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    content = _content(draft)
    edit = Edit(lambda data: data.update(limit="1 working day") or "limit", Text(vi="Sửa", en="Changed"))
    changed, published, _ = together(
        lambda: drafts.change(office, writer, draft.id, draft.version, edit, MONDAY),
        lambda: publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY),
        lambda: publishing.check(office, writer, draft.id, draft.version, MONDAY))
    if isinstance(published, int):
        assert versions.contents(office.db, [published]) == {published: content}
        assert isinstance(changed, Conflict)
    else:
        assert [row.number for row in versions.of_procedure(office.db, KEY)] == [FIRST]
    assert isinstance(published, int | NotAsChecked)


def _content(draft: Draft) -> str:
    assert draft.declaration is not None
    return canonical(draft.declaration.model_copy(update={"version": FIRST + 1})).decode()


def _directly(office: Office, draft: Draft, actor: Actor, *, content: str = "", seen: int = -1) -> int:
    """Around the engine: the storage function called by the application's own role."""
    return versions.publish(office.db, versions.Publication(
        draft=draft.id, seen=draft.version if seen < 0 else seen, content=content or _content(draft),
        approver=actor.id, decision_no=DECISION, begins=TOMORROW, at=MONDAY))


def test_a_change_after_the_check_opens_it_again(office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    changed = edited(office, writer, draft, lambda data: data.update(sets=3))
    assert changed.state == "open"
    for version in (draft.version, changed.version):
        with pytest.raises(NotAsChecked):
            publishing.publish(office, second, draft.id, version, DECISION, TOMORROW, MONDAY)
    with pytest.raises(DraftMoved):
        publishing.check(office, writer, draft.id, draft.version, MONDAY)


def test_a_version_published_meanwhile_asks_for_another_check(office: Office, writer: Actor, second: Actor) -> None:
    one, other = checked(office, writer), checked(office, writer, lambda data: data.update(limit="30 working days"))
    publishing.publish(office, second, one.id, one.version, DECISION, TOMORROW, MONDAY)
    with pytest.raises(NotAsChecked):
        publishing.publish(office, second, other.id, other.version, DECISION, TOMORROW + timedelta(days=1), MONDAY)
    again = publishing.check(office, writer, other.id, other.version, MONDAY)
    assert again.number == FIRST + 2
    publishing.publish(office, second, other.id, other.version + 1, DECISION, TOMORROW + timedelta(days=1), MONDAY)
    assert [found.number for found in versions.of_procedure(office.db, KEY)] == [
        FIRST + 2, FIRST + 1, FIRST]


def test_what_is_published_or_given_up_is_not_checked_again(office: Office, writer: Actor, second: Actor) -> None:
    draft = checked(office, writer)
    publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)
    with pytest.raises(DraftClosed):
        publishing.check(office, writer, draft.id, draft.version + 1, MONDAY)
    with pytest.raises(NotAsChecked):
        publishing.publish(office, second, draft.id, draft.version + 1, DECISION, TOMORROW, MONDAY)


RED: dict[str, tuple[Callable[[dict[str, Any]], None], str, tuple[str, ...]]] = {
    "nobody bound": (lambda data: data["machine"]["processing"]["examining"].update(party="nobody_knows"),
                     "party_not_bound", ("machine", "processing", "examining", "party")),
    "a fault": (lambda data: data["machine"]["processing"]["examining"].pop("role"), "fault",
                ("machine", "processing", "examining", "role")),
    "another key": (lambda data: data.update(procedure="another_key"), "other_key", ("procedure",)),
    "nobody takes it in": (lambda data: data.update(received_at=["ministry"]), "no_desk", ("received_at",)),
}


@pytest.mark.parametrize("what", sorted(RED))
def test_red_blocks_and_is_kept_finding_by_finding(office: Office, writer: Actor, second: Actor, what: str) -> None:
    change, code, where = RED[what]
    draft = edited(office, writer, copied(office, writer), change)
    found = publishing.check(office, writer, draft.id, draft.version, MONDAY)
    assert not found.sound
    assert (code, where) in [(one.code, one.where) for one in found.findings if one.severity is Severity.RED]
    draft = drafts.open_for(office, writer, draft.id, MONDAY)
    assert draft.state == "open"
    assert draft.row.report is not None
    assert [tuple(one["where"]) for one in draft.row.report["findings"] if one["code"] == code] == [where]
    with pytest.raises(NotAsChecked):
        publishing.publish(office, second, draft.id, draft.version, DECISION, TOMORROW, MONDAY)


def rehearsed(office: Office, writer: Actor, **expected: Any) -> None:
    """A scenario of the procedure: what is expected of the reception."""
    content = {"name": "Nhận tại quầy", "received": MONDAY.isoformat(), "facts": CONFERENCE, "expect": expected}
    scenarios.add(office.db, (KEY, "Nhận tại quầy", content, None), scenarios.Writing(by=writer.id, at=MONDAY))


def test_a_scenario_that_fails_blocks_publication_and_one_that_passes_does_not(office: Office, writer: Actor) -> None:
    rehearsed(office, writer, status=3)
    draft = copied(office, writer)
    found = publishing.check(office, writer, draft.id, draft.version, MONDAY)
    assert [(one.name, one.passed) for one in found.rehearsed] == [("Nhận tại quầy", False)]
    failed, = (one for one in found.findings if one.code == "rehearsal_failed")
    assert "Nhận tại quầy" in failed.vi
    assert not found.sound
    with office.db.connection() as connection:
        connection.execute(b"update scenario set removed_at = created_at")
    rehearsed(office, writer, status=2)
    again = publishing.check(office, writer, draft.id, draft.version + 1, MONDAY)
    assert [one.passed for one in again.rehearsed] == [True]
    assert again.sound


def test_a_copy_without_a_change_is_said_to_be_one(office: Office, writer: Actor) -> None:
    draft = copied(office, writer)
    found = publishing.check(office, writer, draft.id, draft.version, MONDAY)
    assert found.sound
    assert "nothing_new" in [one.code for one in found.findings]


@pytest.mark.parametrize(("decision", "begins", "field"), [
    ("", TOMORROW, "decision_no"), ("  ", TOMORROW, "decision_no"), ("x" * 201, TOMORROW, "decision_no"),
    (DECISION, None, "valid_from"), (DECISION, TODAY - timedelta(days=1), "valid_from"),
    (DECISION, date(2200, 1, 1), "valid_from")])
def test_publication_wants_a_decision_and_a_day_to_come(
        office: Office, writer: Actor, second: Actor, decision: str, begins: date | None, field: str) -> None:
    draft = checked(office, writer)
    with pytest.raises(Invalid) as refused:
        publishing.publish(office, second, draft.id, draft.version, decision, begins, MONDAY)
    assert set(refused.value.fields) == {field}


def test_a_version_begins_after_the_one_before_it(office: Office, writer: Actor, second: Actor) -> None:
    published(office, writer, second, begins=TODAY + timedelta(days=30))
    draft = checked(office, writer, lambda data: data.update(limit="30 working days"))
    with pytest.raises(Invalid) as refused:
        publishing.publish(office, second, draft.id, draft.version, DECISION, TODAY + timedelta(days=30), MONDAY)
    assert f"Phiên bản {FIRST + 1} bắt đầu ngày 23/12/2026" in refused.value.fields["valid_from"][0]


def test_a_published_version_never_changes(fresh: Fresh, office: Office, writer: Actor, second: Actor) -> None:
    made = published(office, writer, second)
    with psycopg.connect(fresh.owner_url, autocommit=True) as owner:
        for change in ("content = '{}'", "sha256 = 'x'", "number = 9", "decision_no = 'x'", "approved_by = null",
                       "valid_from = '2020-01-01'"):
            with pytest.raises(psycopg.errors.CheckViolation):
                owner.execute(f"update procedure_version set {change} where id = {made}".encode())
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute(f"delete from procedure_version where id = {made}".encode())
    with office.db.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(b"update procedure_version set valid_to = null")


def test_what_is_retired_is_not_received_any_more_and_dossiers_go_on(
        office: Office, cast: Cast, journey: Journey, writer: Actor) -> None:
    code = journey.receive().code
    version, _ = office.fresh_catalogue().current(KEY, TODAY)
    publishing.retire(office, writer, version, TODAY, MONDAY)
    assert office.fresh_catalogue().current(KEY, TODAY)[0] == version
    with pytest.raises(NotFound):
        office.fresh_catalogue().current(KEY, TOMORROW)
    with pytest.raises(EndedAlready):
        publishing.retire(office, writer, version, TODAY, MONDAY)
    publishing.retire(office, writer, version, TODAY - timedelta(days=1), MONDAY)
    with pytest.raises(NotFound):
        office.fresh_catalogue().current(KEY, TODAY)
    journey.register_all(code)
    journey.do(code, "consult", elsewhere_officer(journey))
    assert journey.states(code) >= {"foreign_affairs"}


def test_a_version_taken_back_before_it_begins_leaves_the_one_before_it(
        office: Office, writer: Actor, second: Actor) -> None:
    made = published(office, writer, second, begins=TODAY + timedelta(days=30))
    publishing.retire(office, writer, made, TODAY, MONDAY)
    newest, first = versions.of_procedure(office.db, KEY)
    assert (newest.state, first.state, first.valid_to) == ("retired", "published", None)
    assert office.fresh_catalogue().current(KEY, TODAY + timedelta(days=60))[0] == first.id


@pytest.mark.parametrize("ends", [None, TODAY - timedelta(days=2), date(2200, 1, 1)])
def test_a_version_ends_no_earlier_than_yesterday(office: Office, writer: Actor, ends: date | None) -> None:
    version, _ = office.fresh_catalogue().current(KEY, TODAY)
    with pytest.raises(Invalid):
        publishing.retire(office, writer, version, ends, MONDAY)
    with pytest.raises(NotFound):
        publishing.retire(office, writer, 999_999, TODAY, MONDAY)


def test_nobody_but_administrators(office: Office, cast: Cast, writer: Actor) -> None:
    draft = checked(office, writer)
    version, _ = office.fresh_catalogue().current(KEY, TODAY)
    for who in ("H51.03/chuyen-mon:head", "H51.02/tiep-nhan:receptionist", "H51.01/lanh-dao:signer"):
        with pytest.raises(NotAdministrator):
            publishing.check(office, cast[who], draft.id, draft.version, MONDAY)
        with pytest.raises(NotAdministrator):
            publishing.publish(office, cast[who], draft.id, draft.version, DECISION, TOMORROW, MONDAY)
        with pytest.raises(NotAdministrator):
            publishing.retire(office, cast[who], version, TODAY, MONDAY)


def _rows(office: Office, query: str) -> list[Any]:
    with office.db.connection() as connection:
        return connection.execute(query.encode()).fetchall()
