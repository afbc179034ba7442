"""POST /dossiers: taken in once, with every fault said at once, and nothing half done."""

from __future__ import annotations

import pytest

from tests.api.conftest import OFFICER
from tests.api.web import SUBMISSION, Session, Web, key


def dossiers(web: Web) -> int:
    return int(web.office.db.value("select count(*) from dossier"))


def test_a_dossier_is_received_and_accepted_in_one_act(desk: Session) -> None:
    answer = desk.receive()
    told = answer.json()
    assert answer.status_code == 201
    assert told["code"].startswith("H51.02-261123-")
    assert (told["version"], told["status"], told["states"]) == (1, 2, ["examining"])
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"/api/v1/dossiers/{told['code']}"
    assert desk.client.get(answer.headers["location"]).json()["header"]["code"] == told["code"]


def test_it_may_be_received_without_being_accepted_yet(desk: Session) -> None:
    told = desk.receive(accept=False).json()
    assert (told["status"], told["states"], told["due_at"]) == (1, ["checking"], None)


def test_the_same_request_sent_again_gets_the_same_answer_and_no_second_dossier(desk: Session, web: Web) -> None:
    request = key()
    first, again = desk.receive(request=request), desk.receive(request=request)
    assert first.json() == again.json()
    assert dossiers(web) == 1


def test_a_key_used_for_something_else_is_refused(desk: Session) -> None:
    request = key()
    desk.receive(request=request)
    refused = desk.receive(request=request, subject="Một hội thảo khác")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_without_a_key_nothing_is_received(desk: Session, web: Web) -> None:
    refused = desk.post("/dossiers", SUBMISSION)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_required")
    assert dossiers(web) == 0


@pytest.mark.parametrize("bad", ["short", "x" * 101, "khóa-chống-trùng".encode(), "a b c d e f g h"])
def test_a_malformed_key_is_refused(desk: Session, bad: str) -> None:
    refused = desk.client.post("/api/v1/dossiers", json=SUBMISSION, headers={"Idempotency-Key": bad})
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_malformed")


def test_an_unknown_procedure_is_not_found(desk: Session, web: Web) -> None:
    refused = desk.receive(procedure="build_a_bridge")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert "build_a_bridge" in refused.json()["detail"]
    assert dossiers(web) == 0


def test_missing_documents_are_named_in_both_languages(desk: Session, web: Web) -> None:
    refused = desk.receive(papers=[])
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "missing_document")
    assert "Đề án tổ chức" in told["detail"]
    assert told["detail_en"].startswith("Documents are missing")
    assert dossiers(web) == 0


def test_by_post_without_an_address_the_field_is_named(desk: Session, web: Web) -> None:
    refused = desk.receive(return_way="post", applicant={"name": "Nguyễn Thị Bích Ngọc"})
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "invalid")
    assert set(told["data"]["fields"]) == {"applicant.address"}
    assert dossiers(web) == 0
    there = {"name": "Nguyễn Thị Bích Ngọc", "address": "Khóm 3, phường Mỹ Xuyên"}
    assert desk.receive(return_way="post", applicant=there).status_code == 201


def test_every_fault_of_the_form_is_said_at_once(desk: Session) -> None:
    facts = SUBMISSION["facts"] | {"participants": 0, "event_date": "2026-12-01"}
    facts.pop("topic")
    refused = desk.receive(applicant={"name": " "}, facts=facts, channel="direct")
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "invalid")
    assert set(told["data"]["fields"]) == {"applicant.name", "facts.topic", "facts.participants", "facts.event_date"}
    assert told["data"]["fields"]["facts.topic"]["vi"] != told["data"]["fields"]["facts.topic"]["en"]


def test_what_is_refused_burns_no_number(desk: Session) -> None:
    desk.receive(papers=[])
    desk.receive(procedure="build_a_bridge")
    assert desk.received().endswith("-0001")


def test_only_a_receptionist_of_the_desk_receives(web: Web, desk: Session) -> None:
    refused = web.sign_in(OFFICER).receive()
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_role")
    elsewhere = desk.receive(unit=web.cast.unit("H51.21/mot-cua"))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "wrong_role")


def test_the_language_of_the_answer_follows_the_reader(desk: Session) -> None:
    def title(language: str) -> str:
        headers = {"Accept-Language": language, "Idempotency-Key": key()}
        return str(desk.post("/dossiers", SUBMISSION | {"papers": []}, headers=headers).json()["title"])

    assert title("vi-VN,vi;q=0.9,en;q=0.8") == title("fr") == title("") == "Chưa đúng hoặc còn thiếu"
    assert title("en-GB,en;q=0.9") == "Not right or not complete"


def test_names_are_kept_composed(desk: Session) -> None:
    code = desk.received(applicant={"name": "Thạch Sà Rươl"})
    assert desk.get(f"/dossiers/{code}").json()["header"]["applicant"]["name"] == "Thạch Sà Rươl"


def test_procedures_say_enough_to_build_a_form(desk: Session) -> None:
    offered = desk.get("/procedures").json()
    assert len(offered) >= 5
    for row in offered:
        form = desk.get(f"/procedures/{row['key']}").json()
        assert form["procedure"] == row
        assert form["documents"]
        assert all(fact["choices"] for fact in form["facts"] if fact["type"] == "choice")
        assert all(part["name"]["vi"] and part["name"]["en"] for part in form["documents"])
    assert desk.get("/procedures/build_a_bridge").status_code == 404


def test_a_limit_is_computed_and_explained(desk: Session) -> None:
    told = desk.post("/due", {"limit": "3 working days", "received": "2026-11-20T09:00:00+07:00"}).json()
    assert told["due_at"] == "2026-11-26T17:00:00+07:00"
    assert [line["total"] for line in told["lines"] if line["kind"] == "counted"] == [1, 2, 3]
    by_agency = {"limit": "3 working days", "received": "2026-11-20T09:00:00+07:00", "agency": "H51.21"}
    assert desk.post("/due", by_agency).json() == told


@pytest.mark.parametrize(("body", "code"), [
    ({"limit": "soon"}, "bad_limit"), ({"limit": "3 days", "received": "2099-01-01T00:00:00Z"}, "outside_calendar"),
    ({}, "invalid"), ({"limit": "1 day", "procedure": "conference_permit_local"}, "invalid"),
    ({"procedure": "conference_hosting_local"}, "refused"), ({"procedure": "build_a_bridge"}, "not_found"),
    ({"limit": "3 days", "received": "2026-11-20T09:00:00"}, "invalid"),
    ({"limit": "3 days", "agency": "H51.99"}, "not_found"), ({"limit": "3 days", "agency": "the ward"}, "invalid"),
], ids=["unreadable", "beyond the calendar", "neither", "both", "no limit", "unknown procedure", "no time zone",
        "unknown agency", "no agency"])
def test_limits_that_cannot_be_computed_are_refused_with_the_reason(desk: Session, body: object, code: str) -> None:
    refused = desk.post("/due", body)
    assert 400 <= refused.status_code < 500
    assert refused.json()["code"] == code
