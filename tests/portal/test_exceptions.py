"""What a person must mend: it has an owner, says which field and why, and what is behind it waits in order."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from engine.casework.orders import Actor
from engine.casework.receive import Person
from engine.errors import Invalid, NotFound
from engine.office import Office
from engine.portal import desk
from engine.portal.drain import Tally, drain
from engine.portal.line import NationalPortal
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Cast
from tests.portal.standin import StandIn

COMPANY = Person(name="Công ty TNHH Lúa Thơm", id_number="2200000001")
NAMELESS = Person(name="Kim Sa Rinh")
MANAGER, COMMUNE = "H51.02/tiep-nhan:manager", "H51.21/mot-cua:manager"


def sent(walk: Walk, line: NationalPortal, minutes: int = 1) -> Tally:
    return drain(walk.office, line, walk.now + timedelta(minutes=minutes))


@pytest.fixture
def manager(cast: Cast) -> Actor:
    return cast[MANAGER]


def test_missing_data_is_put_right_once_and_all_of_it_goes_in_order(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, manager: Actor) -> None:
    walk = start(applicant=COMPANY).go_to("foreign_affairs")
    assert sent(walk, line) == Tally(held=1)
    assert sent(walk, line) == Tally(), "what is behind waits, and nothing is tried again by itself"

    [held] = desk.board(office, manager, walk.now).held
    assert (held.code, held.no, held.behind) == (walk.code, 1, len(walk.of("portal_item")) - 1)
    assert [(one.field, one.why.vi, one.open) for one in held.wrong] == [("LoaiDoiTuong", "chưa có dữ liệu", True)]
    assert "Trung tâm Phục vụ hành chính công" in held.owner.vi
    desk.correct(office, walk.code, 1, {"LoaiDoiTuong": "4"}, manager, walk.now)
    told = sent(walk, line)

    assert told == Tally(sent=len(walk.of("portal_item")))
    assert npsp.dossiers[walk.code]["LoaiDoiTuong"] == "4"
    assert [number for _, number, _, _ in npsp.taken] == list(range(1, told.sent + 1))
    # who it is was said once: it holds for the next dossier of the same applicant
    again = start(applicant=COMPANY)
    assert sent(again, line).held == 0
    assert npsp.dossiers[again.code]["LoaiDoiTuong"] == "4"


def test_an_id_number_is_never_made_up(start: Start, line: NationalPortal, npsp: StandIn, office: Office,
                                       cast: Cast) -> None:
    walk = start("test_copies", applicant=NAMELESS)
    sent(walk, line)
    assert npsp.dossiers == {}

    with pytest.raises(Invalid) as refusal:
        desk.correct(office, walk.code, 1, {"SoDinhDanh": "12345"}, cast[COMMUNE], walk.now)
    assert list(refusal.value.fields) == ["SoDinhDanh"]
    desk.correct(office, walk.code, 1, {"SoDinhDanh": "094000000009"}, cast[COMMUNE], walk.now)
    sent(walk, line)

    assert npsp.dossiers[walk.code]["DinhDanhCHS"] == [{"LoaiDinhDanh": "1", "SoDinhDanh": "094000000009"}]
    noted = office.db.value("select details::text from event_log where kind = 'portal_item_corrected'")
    assert "SoDinhDanh" in noted
    assert "094000000009" not in noted


def test_what_the_portal_refuses_is_held_with_its_field_and_words(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast) -> None:
    walk = start("test_copies")
    npsp.answers = [{"error_code": "14", "error_message": "Mã thủ tục đã hết hiệu lực", "field": "MaTTHC"}]
    sent(walk, line)

    [held] = desk.board(office, cast[COMMUNE], walk.now).held
    assert [(one.field, one.name.vi, one.open) for one in held.wrong] == [("MaTTHC", "Mã thủ tục", True)]
    assert held.wrong[0].why.vi == "Cổng không nhận (mã lỗi 14): Mã thủ tục đã hết hiệu lực"

    desk.correct(office, walk.code, 1, {"MaTTHC": "1.115677"}, cast[COMMUNE], walk.now)
    walk.step("request_payment")
    sent(walk, line)

    assert npsp.dossiers[walk.code]["MaTTHC"] == "1.115677", "what was put right stays right"


def test_a_closed_item_is_not_sent_and_the_next_goes_on(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast) -> None:
    walk = start("test_copies")
    walk.step("request_payment")
    npsp.answers = [{"error_code": "99", "error_message": "Không xử lý được"}]
    sent(walk, line)

    with pytest.raises(Invalid):
        desk.close(office, walk.code, 1, "  ", cast[COMMUNE], walk.now)
    desk.close(office, walk.code, 1, "Đã nhập tay trên Cổng", cast[COMMUNE], walk.now)
    # the portal has no dossier yet: work on it is refused, until how it stands has been told
    assert sent(walk, line).held == 1
    desk.close(office, walk.code, 2, "Đã nhập tay trên Cổng", cast[COMMUNE], walk.now)
    told = sent(walk, line)

    assert (told.held, npsp.dossiers[walk.code]["TrangThaiHoSo"]) == (0, "6")
    assert walk.of("portal_item")[0]["closed_why"] == "Đã nhập tay trên Cổng"


def test_only_their_managers_and_administrators_see_exceptions(
        start: Start, line: NationalPortal, office: Office, cast: Cast) -> None:
    walk = start("test_copies", applicant=NAMELESS)
    sent(walk, line)
    administrator = next(member for member in cast.members if member.role == "administrator")

    assert desk.board(office, cast[MANAGER], walk.now).held == []
    assert len(desk.board(office, Actor(id=administrator.id, name=administrator.name), walk.now).held) == 1
    with pytest.raises(NotFound):
        desk.correct(office, walk.code, 1, {"SoDinhDanh": "094000000009"}, cast[MANAGER], walk.now)
    with pytest.raises(NotFound):
        desk.close(office, walk.code, 1, "Không cần", cast[MANAGER], walk.now)
    with pytest.raises(NotFound):
        desk.board(office, cast["H51.21/mot-cua:receptionist"], walk.now)
    with pytest.raises(NotFound):
        desk.exception(office, walk.code, 2, cast[COMMUNE], walk.now)


def test_what_cannot_be_written_stops_no_other_dossier(
        start: Start, line: NationalPortal, npsp: StandIn, office: Office, cast: Cast, fresh: Fresh) -> None:
    broken, other = start("test_copies"), start("test_copies")
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("update portal_item set told = told || '{\"unit\": 0}' where dossier_id = %s", (broken.id,))

    told = sent(other, line)

    assert (told.held, set(npsp.dossiers)) == (1, {other.code})
    [held] = desk.board(office, cast[COMMUNE], other.now).held
    assert (held.code, held.wrong[0].field) == (broken.code, "")
