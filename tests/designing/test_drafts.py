"""Drafts in the database: who may write them, two writers at once, copies, giving up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.access import NotAdministrator
from engine.casework.orders import Actor
from engine.designing import drafts, editing
from engine.designing.drafts import Beginning, Draft, DraftClosed, Edit, StaleDraft
from engine.designing.reading import Data
from engine.errors import Invalid, NotFound, Refused
from engine.office import Office
from procedures.declaration import Text
from tests.conftest import Fresh
from tests.designing.people import administrators
from tests.journey import MONDAY, Cast

FEE = {"name": {"vi": "Lệ phí", "en": "Fee"}, "amount": 8000}


@pytest.fixture
def writers(office: Office, fresh: Fresh) -> tuple[Actor, Actor]:
    return administrators(office, fresh)


def begin(office: Office, actor: Actor, **told: object) -> Draft:
    return drafts.create(office, actor, Beginning(**{"name_vi": "Cấp phép đào đường", "name_en": "Road works", **told}),
                         MONDAY)


def edit(apply: Callable[[Data], str], vi: str = "Sửa") -> Edit:
    return Edit(apply, Text(vi=vi, en="Changed"))


def test_an_empty_draft_has_a_key_made_of_its_name_and_says_what_is_missing(
        office: Office, writers: tuple[Actor, Actor]) -> None:
    draft = begin(office, writers[0])
    assert (draft.key, draft.version, draft.state) == ("cap_phep_dao_duong", 1, "open")
    assert draft.declaration is None
    places = {fault.where for fault in draft.faults}
    assert {"level", "codes", "legal_basis", "machine.processing", "machine.return", "field.code"} <= places
    assert begin(office, writers[0]).key == "cap_phep_dao_duong_2"


def test_a_copy_of_a_version_is_its_next_version_and_sound(office: Office, writers: tuple[Actor, Actor]) -> None:
    newest = "from procedure_version where procedure = 'conference_permit_local' order by number desc limit 1"
    version, number = office.db.value(f"select id {newest}"), office.db.value(f"select number {newest}")
    draft = drafts.create(office, writers[0], Beginning(version_id=version), MONDAY)
    assert draft.key == "conference_permit_local"
    assert draft.row.base_version_id == version
    assert draft.faults == ()
    assert draft.declaration is not None
    assert draft.declaration.version == number + 1
    other = begin(office, writers[0], draft_id=draft.id, key="hoi_nghi_khac")
    assert other.data["machine"] == draft.data["machine"]
    assert (other.key, other.name.vi) == ("hoi_nghi_khac", "Cấp phép đào đường")


@pytest.mark.parametrize("key", ["open", "channel", "Ten", "a__b", "1a", "x" * 42, "conference_permit_local", "a-b"])
def test_a_key_that_cannot_be_used_is_refused(office: Office, writers: tuple[Actor, Actor], key: str) -> None:
    with pytest.raises(Invalid):
        begin(office, writers[0], key=key)


def test_a_change_raises_the_version_and_is_logged(office: Office, writers: tuple[Actor, Actor]) -> None:
    draft = begin(office, writers[0])
    adding = edit(lambda data: editing.put_listed(data, "fees", None, FEE))
    changed = drafts.change(office, writers[1], draft.id, 1, adding, MONDAY)
    assert (changed.version, changed.touched) == (2, "fees.0")
    assert changed.data["fees"] == [FEE]
    assert changed.row.changed_by == writers[1].id
    kinds = office.db.rows(Kind, "select kind, actor_id from event_log where kind like 'draft%%' order by id")
    assert [(row.kind, row.actor_id) for row in kinds] == [
        ("draft_created", writers[0].id), ("draft_changed", writers[1].id)]


class Kind:
    def __init__(self, kind: str, actor_id: int) -> None:
        self.kind, self.actor_id = kind, actor_id


def test_who_comes_second_is_told_what_the_first_did_and_nothing_is_lost(
        office: Office, writers: tuple[Actor, Actor]) -> None:
    draft = begin(office, writers[0])
    adding = edit(lambda data: editing.put_listed(data, "fees", None, FEE), "Thêm lệ phí")
    drafts.change(office, writers[1], draft.id, 1, adding, MONDAY)
    with pytest.raises(StaleDraft) as refusal:
        drafts.change(office, writers[0], draft.id, 1, edit(lambda data: editing.set_head(data, {"sets": 2})), MONDAY)
    assert refusal.value.data["who"] == writers[1].name
    assert "Thêm lệ phí" in refusal.value.message("vi")
    now = drafts.open_for(office, writers[0], draft.id, MONDAY)
    assert now.data["fees"] == [FEE]
    assert "sets" not in now.data


def test_a_checked_draft_is_open_again_after_any_change(
        office: Office, writers: tuple[Actor, Actor], fresh: Fresh) -> None:
    draft = begin(office, writers[0])
    with office.db.connection() as connection:
        connection.execute(b"update procedure_draft set state = 'checked', checked_by = created_by, "
                           b"checked_sha256 = 'x'")
    saved_as_it_was = edit(lambda data: editing.set_head(data, {"switch_off": None}))
    changed = drafts.change(office, writers[0], draft.id, 1, saved_as_it_was, MONDAY)
    assert (changed.state, changed.row.checked_by, changed.row.checked_sha256) == ("open", None, None)


def test_a_discarded_draft_cannot_be_changed(office: Office, writers: tuple[Actor, Actor]) -> None:
    draft = begin(office, writers[0])
    with pytest.raises(StaleDraft):
        drafts.discard(office, writers[0], draft.id, 7, MONDAY)
    drafts.discard(office, writers[0], draft.id, 1, MONDAY)
    with pytest.raises(DraftClosed):
        drafts.change(office, writers[0], draft.id, 2, edit(lambda data: ""), MONDAY)
    assert drafts.unfinished(office, writers[0], MONDAY) == []


def test_only_administrators_write_and_only_leaders_read(
        office: Office, writers: tuple[Actor, Actor], cast: Cast) -> None:
    draft = begin(office, writers[0])
    clerk, head = cast["H51.02/tiep-nhan:receptionist"], cast["H51.01/lanh-dao:head"]
    for actor in (clerk, head):
        with pytest.raises(NotAdministrator):
            begin(office, actor)
        with pytest.raises(NotAdministrator):
            drafts.change(office, actor, draft.id, 1, edit(lambda data: ""), MONDAY)
        with pytest.raises(NotAdministrator):
            drafts.discard(office, actor, draft.id, 1, MONDAY)
    assert drafts.open_for(office, head, draft.id, MONDAY).key == draft.key
    for what in (draft.id, 0, -1, 2**40):
        with pytest.raises(NotFound):
            drafts.open_for(office, clerk, what, MONDAY)
    with pytest.raises(NotFound):
        drafts.open_for(office, head, 2**40, MONDAY)


def test_a_draft_too_long_to_be_read_back_is_not_saved(office: Office, writers: tuple[Actor, Actor]) -> None:
    draft = begin(office, writers[0])
    long = edit(lambda data: editing.set_head(data, {"unverified": ["x" * 2000] * 70}))
    with pytest.raises(Refused):
        drafts.change(office, writers[0], draft.id, 1, long, MONDAY)
    assert drafts.open_for(office, writers[0], draft.id, MONDAY).version == 1


def test_a_copy_that_is_another_procedure_has_its_own_names_and_key_and_no_codes(
        office: Office, writers: tuple[Actor, Actor]) -> None:
    version = office.db.value("select id from procedure_version where procedure = 'conference_permit_local' limit 1")
    with pytest.raises(Invalid) as refused:
        drafts.create(office, writers[0], Beginning(version_id=version, name_vi="Đào đường", other=True), MONDAY)
    assert set(refused.value.fields) == {"name.en"}
    told = Beginning(version_id=version, name_vi="Đào đường", name_en="Digging", other=True)
    other = drafts.create(office, writers[0], told, MONDAY)
    assert (other.key, other.data["version"], other.data["codes"], other.row.base_version_id) == (
        "dao_duong", 1, [], None)
    renamed = drafts.create(office, writers[0], Beginning(version_id=version, name_vi="Tên mới"), MONDAY)
    assert renamed.key == "conference_permit_local"
    assert renamed.name.en != "Tên mới"


def test_a_draft_that_no_desk_receives_is_not_complete(office: Office, writers: tuple[Actor, Actor]) -> None:
    version = office.db.value("select id from procedure_version where procedure = 'conference_permit_local' limit 1")
    draft = drafts.create(office, writers[0], Beginning(version_id=version), MONDAY)

    def nowhere(data: Data) -> str:
        data.pop("received_at")
        return "received_at"

    changed = drafts.change(office, writers[0], draft.id, 1, edit(nowhere), MONDAY)
    assert changed.declaration is None
    assert [fault.where for fault in changed.faults] == ["received_at"]
