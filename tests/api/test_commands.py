"""POST /dossiers/{code}/commands/{event}: who may, what is possible here, on which version, once."""

from __future__ import annotations

import pytest

from engine import delivery, timekeeper
from tests.api.conftest import DESK
from tests.api.web import Session, Web, key


def deliver(web: Web) -> None:
    """What the dispatcher does."""
    delivery.drain(web.office, timekeeper.now())


@pytest.fixture
def handed_over(web: Web, desk: Session) -> str:
    """Received, and delivered to the department that examines it."""
    code = desk.received()
    deliver(web)
    return code


@pytest.fixture
def registered(handed_over: str, officer: Session) -> str:
    handoff = officer.get("/handoffs").json()["incoming"][0]["id"]
    assert officer.act(handed_over, "register", handoff=handoff).status_code == 200
    return handed_over


def test_an_act_is_recorded_and_answered_with_the_new_version(registered: str, officer: Session) -> None:
    answer = officer.act(registered, "consult")
    assert answer.status_code == 200
    assert answer.headers["etag"] == officer.version(registered)
    assert "police" in answer.json()["states"]


def test_what_was_asked_is_read_by_whoever_asked_and_whoever_answers(web: Web, registered: str,
                                                                    officer: Session) -> None:
    assert officer.act(registered, "consult", words="Khách lưu trú ở đâu?").status_code == 200
    deliver(web)
    asked = web.sign_in("H51.05/chuyen-mon:officer").get(f"/dossiers/{registered}").json()
    asking = officer.get(f"/dossiers/{registered}").json()

    assert [(row["state"], row["words"]) for row in asked["questions"]] == [("police", "Khách lưu trú ở đâu?")]
    assert asked["questions"][0]["asking"]["name"]["vi"] == "Phòng Ngoại vụ"
    assert asking["questions"] == []
    for told in (asked, asking):
        assert [row["words"] for row in told["handoffs"]] == ["", *["Khách lưu trú ở đâu?"] * 3]
    assert web.sign_in("H51.09/giao-nhan:courier").get(f"/dossiers/{registered}").status_code == 404


def test_the_same_act_sent_again_is_done_once(registered: str, officer: Session) -> None:
    request, version = key(), officer.version(registered)
    first = officer.act(registered, "consult", request=request, version=version)
    again = officer.act(registered, "consult", request=request, version=version)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    entries = officer.get(f"/dossiers/{registered}/audit").json()["entries"]
    assert [entry["action"] for entry in entries].count("consult") == 1


def test_a_key_and_a_version_are_required(registered: str, officer: Session) -> None:
    path = f"/dossiers/{registered}/commands/consult"
    without_key = officer.post(path, {}, headers={"If-Match": '"2"'})
    without_version = officer.post(path, {}, headers={"Idempotency-Key": key()})
    assert (without_key.status_code, without_key.json()["code"]) == (400, "idempotency_key_required")
    assert (without_version.status_code, without_version.json()["code"]) == (428, "precondition_required")


@pytest.mark.parametrize("version", ["*", "latest", '"1", "2"', "99999999999"])
def test_a_version_must_be_one_version(registered: str, officer: Session, version: str) -> None:
    refused = officer.act(registered, "consult", version=version)
    assert (refused.status_code, refused.json()["code"]) == (400, "if_match_malformed")


def test_an_event_that_is_not_possible_here_says_what_is(registered: str, officer: Session) -> None:
    refused = officer.act(registered, "sign")
    told = refused.json()
    assert (refused.status_code, told["code"]) == (409, "not_possible_here")
    assert "consult" in told["data"]["possible_events"]
    assert "Thẩm định hồ sơ" in told["detail"]
    assert "Examining" in told["detail_en"]


def test_an_event_that_does_not_exist_is_not_possible_either(registered: str, officer: Session) -> None:
    assert officer.act(registered, "explode").json()["code"] == "not_possible_here"


@pytest.mark.parametrize("event", ["deliver", "receive", "attach", "refused"])
def test_what_only_the_machine_does_nobody_can_ask_for(registered: str, officer: Session, event: str) -> None:
    assert officer.act(registered, event).status_code == 409


def test_a_stale_version_says_who_acted_and_when(registered: str, officer: Session) -> None:
    seen = '"1"'
    refused = officer.act(registered, "consult", version=seen)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (409, "stale_version")
    assert told["data"]["who"] == officer.get("/me").json()["name"]
    assert told["data"]["action"] == "register"
    assert told["data"]["version"] == 2
    assert told["data"]["at"].startswith("2026-11-23T02:")
    assert told["data"]["who"] in told["detail"]


def test_somebody_of_another_role_is_told_whose_it_is(registered: str, desk: Session) -> None:
    refused = desk.act(registered, "consult")
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_role")
    assert "Phòng Ngoại vụ" in refused.json()["detail"]


def test_a_refusal_is_audited(registered: str, desk: Session) -> None:
    desk.act(registered, "consult")
    last = desk.get(f"/dossiers/{registered}").json()["timeline"][-1]
    assert (last["action"], last["about"]["en"]) == ("refused", "Send for consultation")


def test_work_that_nobody_registered_cannot_be_done(handed_over: str, officer: Session) -> None:
    refused = officer.act(handed_over, "consult")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_registered")


def test_a_stranger_gets_the_same_answer_for_what_exists_and_what_does_not(
        registered: str, stranger: Session, officer: Session) -> None:
    absent = "H51.02-261123-9999"
    asked = [
        lambda code: stranger.get(f"/dossiers/{code}"),
        lambda code: stranger.get(f"/dossiers/{code}/audit"),
        lambda code: stranger.act(code, "consult", version='"2"'),
        lambda code: stranger.act(code, "explode", version='"2"'),
        lambda code: stranger.attach(code),
        lambda code: stranger.post(f"/papers/{code}-S/confirm", headers={"Idempotency-Key": key()}),
    ]
    for ask in asked:
        there, nowhere = ask(registered), ask(absent)
        assert there.status_code == nowhere.status_code == 404
        assert there.text.replace(registered, absent) == nowhere.text
    assert officer.get(f"/dossiers/{registered}").json()["header"]["version"] == 2


def test_a_missing_reason_is_said_with_its_field(registered: str, officer: Session) -> None:
    refused = officer.act(registered, "propose_rejection")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert set(refused.json()["data"]["fields"]) == {"reason"}


def test_a_handoff_can_be_refused_with_a_reason_and_sent_again(handed_over: str, desk: Session, officer: Session,
                                                               web: Web) -> None:
    handoff = officer.get("/handoffs").json()["incoming"][0]["id"]
    assert officer.act(handed_over, "refuse_handoff", handoff=handoff, reason="Nhầm đơn vị").status_code == 200
    back = desk.get("/handoffs").json()["outgoing"]
    assert [(row["code"], row["state"]) for row in back] == [(handed_over, "refused")]
    assert desk.offer(handed_over, "resend")["permitted"]
    assert desk.act(handed_over, "resend", handoff=handoff).status_code == 200
    deliver(web)
    assert len(officer.get("/handoffs").json()["incoming"]) == 1


def test_a_handoff_can_be_recalled_before_it_is_registered(handed_over: str, desk: Session, officer: Session) -> None:
    handoff = desk.get("/handoffs").json()["outgoing"][0]["id"]
    assert desk.act(handed_over, "recall", handoff=handoff, reason="Thiếu một trang").status_code == 200
    assert officer.get("/handoffs").json()["incoming"] == []
    late = officer.act(handed_over, "register", handoff=handoff, version=desk.version(handed_over))
    assert late.status_code == 409


def test_two_desks_deciding_on_the_same_version_do_not_both_win(web: Web, desk: Session) -> None:
    code = desk.received(accept=False)
    other, version = web.sign_in(f"{DESK}#1"), desk.version(code)
    first = desk.act(code, "accept", version=version)
    second = other.act(code, "refuse", version=version, reason="Sai thẩm quyền")
    assert first.status_code == 200
    assert second.status_code == 409


def test_the_chain_of_the_audit_can_be_checked_by_anybody_who_sees_the_dossier(registered: str, desk: Session) -> None:
    told = desk.get(f"/dossiers/{registered}/audit").json()
    assert told["holds"]
    assert [entry["prev"] for entry in told["entries"]] == ["00" * 32] + [e["hash"] for e in told["entries"][:-1]]


def test_a_new_date_is_offered_to_heads_and_promised_once(registered: str, web: Web, officer: Session) -> None:
    head = web.sign_in("H51.01/ngoai-vu:head")
    assert not officer.offer(registered, "extend")["permitted"]
    assert head.offer(registered, "extend")["permitted"]
    asked = {"new_due": "2026-12-29T10:00:00+07:00", "reason": "Chờ ý kiến Bộ Ngoại giao"}
    assert head.act(registered, "extend", **asked).status_code == 200
    assert head.get(f"/dossiers/{registered}").json()["header"]["due_at"].startswith("2026-12-29")
    assert not head.offer(registered, "extend")["permitted"]
    assert head.act(registered, "extend", **asked).json()["code"] == "refused"


def test_units_the_procedure_does_not_know_are_asked_and_answer(registered: str, web: Web, officer: Session) -> None:
    culture = web.sign_in("H51.08/chuyen-mon:officer")
    asked = [post["unit"]["id"] for post in culture.get("/me").json()["posts"]]
    incomplete = officer.act(registered, "consult_further", units=asked, words="Di tích?", limit="soon", join="most")
    assert incomplete.status_code == 422
    assert set(incomplete.json()["data"]["fields"]) == {"limit", "join"}
    assert officer.act(registered, "consult_further", units=asked, words="Di tích?", limit="2 working days",
                       join="all").status_code == 200
    deliver(web)
    assert officer.act(registered, "consult").json()["code"] == "refused"
    handoff = culture.get("/handoffs").json()["incoming"][0]["id"]
    assert culture.act(registered, "register", handoff=handoff).status_code == 200
    assert culture.act(registered, "answer_consultation", state="consultation__1", verdict="agree",
                       words="Thống nhất").status_code == 200
    assert officer.act(registered, "consult").status_code == 200


def test_what_a_citizen_says_is_taken_down_with_its_kind_and_shown(registered: str, desk: Session) -> None:
    wrong = desk.act(registered, "take_feedback", kind="denunciation", words="Chậm")
    assert (wrong.status_code, list(wrong.json()["data"]["fields"])) == (422, ["kind"])

    taken = desk.act(registered, "take_feedback", kind="complaint", words="Phải đi lại ba lần.")
    assert taken.status_code == 200
    (said,) = desk.get(f"/dossiers/{registered}").json()["feedback"]
    assert (said["kind"], said["words"], said["outcome"]) == ("complaint", "Phải đi lại ba lần.", None)
    assert said["due_at"] is not None
    answer = desk.act(registered, "answer_feedback", state="feedback__1", outcome="accepted", words="Đã xem")
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_role")
