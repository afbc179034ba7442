"""My work, hand-offs, notices and search: mine, in order, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import alarms, delivery, timekeeper
from tests.api.conftest import DESK
from tests.api.web import Session, Web
from tests.journey import MONDAY, Journey


@pytest.fixture
def three(desk: Session, web: Web) -> list[str]:
    """Received one after the other, and delivered."""
    codes = [desk.received(subject=subject) for subject in ("Lúa thơm", "Tôm nước lợ", "Hành tím Vĩnh Châu")]
    delivery.drain(web.office, timekeeper.now())
    return codes


def test_work_comes_due_first_with_who_sent_it(officer: Session, three: list[str]) -> None:
    page = officer.get("/work").json()
    assert [row["code"] for row in page["rows"]] == three
    assert (page["total"], page["soon"], page["overdue"], page["on_time"]) == (3, 3, 0, 0)
    first = page["rows"][0]
    assert first["handoff"]
    assert first["sender"]["name"]["vi"] == "Bộ phận tiếp nhận"
    assert first["state_name"] == {"vi": "Thẩm định hồ sơ", "en": "Examining"}
    assert first["lateness"] == "soon"


def test_work_can_be_searched_and_paged(officer: Session, three: list[str]) -> None:
    found = officer.get("/work", params={"search": "hanh tim"}).json()
    assert [row["code"] for row in found["rows"]] == three[2:]
    second = officer.get("/work", params={"size": 2, "page": 2}).json()
    assert [row["code"] for row in second["rows"]] == three[2:]
    assert second["total"] == 3
    beyond = officer.get("/work", params={"page": 50}).json()
    assert (beyond["rows"], beyond["total"]) == ([], 3)


def test_late_work_can_be_asked_for(officer: Session, three: list[str], web: Web) -> None:
    with web.office.db.connection() as connection:
        assert connection.execute("select count(*) from work_item").fetchone()
    assert officer.get("/work", params={"late": True}).json()["rows"] == []
    assert len(officer.get("/work", params={"late": False}).json()["rows"]) == 3


def test_others_see_none_of_it(stranger: Session, three: list[str], web: Web) -> None:
    assert stranger.get("/work").json()["total"] == 0
    empty = {"incoming": [], "outgoing": [], "more_incoming": False, "more_outgoing": False}
    assert stranger.get("/handoffs").json() == empty
    assert stranger.get("/dossiers", params={"search": "tôm"}).json() == []
    courier = web.sign_in("H51.09/giao-nhan:courier")
    assert courier.get("/dossiers", params={"search": "tôm"}).json() == []
    assert courier.get(f"/dossiers/{three[0]}").status_code == 404


@pytest.mark.parametrize("text", ["261123-0002", "BICH NGOC", "bích ngọc tom", "094000000001", "0900 000 001",
                                  "tôm NƯỚC"])
def test_dossiers_are_found_by_what_a_caller_says(desk: Session, three: list[str], text: str) -> None:
    found = desk.get("/dossiers", params={"search": text}).json()
    assert three[1] in [row["code"] for row in found]
    assert found[0]["status_name"] == {"vi": "Được tiếp nhận", "en": "Accepted"}


def test_one_letter_finds_nothing(desk: Session, three: list[str]) -> None:
    assert desk.get("/dossiers", params={"search": "t"}).json() == []


def test_incoming_and_outgoing_are_two_sides_of_one_handoff(desk: Session, officer: Session, three: list[str]) -> None:
    incoming, outgoing = officer.get("/handoffs").json()["incoming"], desk.get("/handoffs").json()["outgoing"]
    assert {row["id"] for row in incoming} == {row["id"] for row in outgoing}
    assert {row["state"] for row in incoming} == {"delivered"}
    assert all(row["register_due_at"] for row in incoming)


def test_what_was_handed_over_is_waited_for_by_who_gave_it_and_nobody_else(
        desk: Session, officer: Session, three: list[str]) -> None:
    page = desk.get("/waiting").json()
    assert [row["code"] for row in page["rows"]] == three
    assert {(row["whom"]["agency"], row["standing"], row["to_register"]) for row in page["rows"]} == {
        ("H51.01", "delivered", True)}
    assert (officer.get("/waiting").json()["rows"], desk.get("/waiting", params={"page": 2}).json()["rows"]) == ([], [])


def test_a_warning_is_read_once_for_the_unit(officer: Session, three: list[str], web: Web) -> None:
    alarms.sweep(web.office, MONDAY + timedelta(hours=9))
    found = officer.get("/notices").json()
    assert {row["code"] for row in found} == set(three)
    assert all(row["name"]["vi"] and row["name"]["en"] for row in found)
    assert officer.post("/notices/read", {"ids": [row["id"] for row in found]}).status_code == 204
    assert officer.get("/notices").json() == []
    assert web.sign_in("H51.01/ngoai-vu:officer#1").get("/notices").json() == []
    assert web.sign_in(DESK).get("/notices").json() != []


def test_nobody_marks_the_notices_of_another_unit_as_read(officer: Session, stranger: Session, three: list[str],
                                                         web: Web) -> None:
    alarms.sweep(web.office, MONDAY + timedelta(hours=9))
    found = officer.get("/notices").json()
    assert stranger.post("/notices/read", {"ids": [row["id"] for row in found]}).status_code == 204
    assert officer.get("/notices").json() == found


def test_a_dossier_says_where_it_is_and_what_may_be_done(journey: Journey, officer: Session) -> None:
    code = journey.receive().code
    journey.register_all(code)
    journey.do(code, "consult", journey.cast["H51.01/ngoai-vu:officer"])
    journey.register_all(code)
    view = officer.get(f"/dossiers/{code}").json()
    assert {place["state"] for place in view["where"]} == {"police", "foreign_affairs", "agriculture"}
    assert all(place["unit"] and place["due_at"] for place in view["where"])
    assert view["header"]["status_name"]["en"] == "In progress"
    assert view["header"]["applicant"]["id_number"] == "•••••••••001"
    assert view["clock"]["lines"][-1]["kind"] == "due"
    mine = [offer for offer in view["offers"] if offer["permitted"]]
    assert "request_supplement" in {offer["event"] for offer in mine}
    assert all(not offer["permitted"] for offer in view["offers"] if offer["event"] == "give_opinion")
    assert {offer["code"] for offer in view["offers"] if offer["event"] == "give_opinion"} == {"wrong_role"}


def test_an_opinion_is_shown_with_its_words(journey: Journey, officer: Session, web: Web) -> None:
    code = journey.receive().code
    journey.register_all(code)
    journey.do(code, "consult", journey.cast["H51.01/ngoai-vu:officer"])
    journey.register_all(code)
    police = web.sign_in("H51.05/chuyen-mon:officer")
    offer = police.offer(code, "give_opinion")
    assert (offer["permitted"], offer["fields"]) == (True, ["verdict", "words"])
    assert police.act(code, "give_opinion", state="police", verdict="agree", words="Thống nhất").status_code == 200
    told = officer.get(f"/dossiers/{code}").json()["opinions"]
    assert [(row["verdict"], row["words"]) for row in told] == [("agree", "Thống nhất")]


def test_units_are_listed_so_that_acts_can_name_them(officer: Session, web: Web) -> None:
    found = officer.get("/units").json()
    assert {row["id"] for row in found} == set(web.office.catalogue().units)
    assert [row["agency"] for row in found] == sorted(row["agency"] for row in found)
