"""From the review to the desk: rejections, sending back, correcting what was issued, nobody signing his own work."""

from __future__ import annotations

import pytest

from engine.casework.orders import Actor
from engine.errors import FourEyes, Invalid, MissingDocument, NotPossibleHere, WrongRole
from tests.casework.conftest import Start
from tests.casework.staff import join
from tests.casework.test_whole_way import FIVE
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Cast, Journey


def test_a_proposed_rejection_is_signed_and_returned_as_the_result(start: Start) -> None:
    walk = start()

    walk.step("propose_rejection", reason="Không đủ điều kiện")
    assert (walk.states, walk.dossier["outcome"]) == ({"reviewing"}, "rejected")
    walk.go_to("returning")
    walk.step("return_at_counter")

    assert (walk.dossier["outcome"], walk.dossier["status"]) == ("rejected", 10)
    assert walk.clocks("dossier")[0]["ended_at"] <= walk.dossier["due_at"]


def test_a_rejection_must_say_why(start: Start) -> None:
    with pytest.raises(Invalid) as refusal:
        start().step("propose_rejection", reason="")

    assert list(refusal.value.fields) == ["reason"]


def test_a_rejection_sent_back_among_the_signers_stays_a_rejection(start: Start) -> None:
    walk = start()
    walk.step("propose_rejection")
    walk.step("approve")

    walk.step("send_back", reason="Sửa câu chữ")

    assert (walk.states, walk.dossier["outcome"]) == ({"reviewing"}, "rejected")
    walk.go_to("returning")
    assert walk.dossier["outcome"] == "rejected"


def test_a_rejection_sent_back_to_be_examined_is_open_again(start: Start) -> None:
    walk = start()
    walk.step("propose_rejection")

    walk.step("send_back", reason="Đủ điều kiện, xem lại")

    assert (walk.states, walk.dossier["outcome"]) == ({"synthesis"}, None)
    walk.go_to("returning")
    assert walk.dossier["outcome"] == "approved"


@pytest.mark.parametrize(("place", "before"), [
    ("reviewing", "synthesis"), ("signing", "reviewing"), ("issuing", "signing"), ("returning", "issuing")])
def test_every_step_of_the_signing_may_be_sent_back(start: Start, place: str, before: str) -> None:
    walk = start().go_to(place)

    walk.step("send_back", reason="Có sai sót")

    assert walk.states == {before}
    walk.go_to("returning")
    walk.step("return_at_counter")
    assert walk.dossier["outcome"] == "approved"


@pytest.mark.parametrize("place", ["reviewing", "signing", "issuing", "returning"])
def test_sending_back_needs_a_reason_and_the_right_person(start: Start, place: str) -> None:
    walk = start().go_to(place)

    with pytest.raises(Invalid):
        walk.step("send_back", reason="")
    with pytest.raises(WrongRole):
        walk.do("send_back", walk.cast["H51.01/ngoai-vu:officer"], reason="Có sai sót")


def test_an_error_found_at_the_desk_is_corrected_without_a_new_clock_or_a_later_finish(start: Start) -> None:
    walk = start().go_to("returning")
    finished = walk.dossier["finished_at"]

    walk.step("send_back", reason="Sai tên")
    assert walk.dossier["status"] == 4
    walk.attach("result", walk.holder("issuing"))
    walk.step("issue")
    walk.step("return_at_counter")

    assert walk.dossier["finished_at"] == finished
    assert len(walk.clocks("dossier")) == 1
    assert walk.clocks("dossier")[0]["ended_at"] == finished


def test_a_rejection_corrected_into_a_permit_ends_as_a_permit(start: Start) -> None:
    walk = start()
    walk.step("propose_rejection")
    walk.go_to("returning")
    for _ in range(4):
        walk.step("send_back", reason="Từ chối sai")
    assert (walk.states, walk.dossier["outcome"]) == ({"synthesis"}, None)

    walk.go_to("returning")

    assert walk.dossier["outcome"] == "approved"


def test_nothing_is_signed_or_issued_without_its_document(start: Start) -> None:
    walk = start().go_to("signing")

    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"))


def test_a_damaged_result_cannot_be_signed(start: Start) -> None:
    walk = start().go_to("signing")
    walk.attach("result")
    sha256 = walk.of("document", "added_at")[-1]["sha256"]
    walk.office.db.value("select document_kept(%s, 'damaged')", (sha256,))

    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"))


def test_a_signed_result_is_replaced_only_by_those_who_sign_and_issue(start: Start) -> None:
    walk = start().go_to("returning")

    with pytest.raises(WrongRole):
        walk.attach("result", walk.holder("returning"))
    walk.attach("other", walk.holder("returning"))


def test_a_consulted_agency_does_not_write_the_result(start: Start) -> None:
    walk = start().go_to("police")

    with pytest.raises(WrongRole):
        walk.attach("result", walk.holder("police"))
    walk.attach("other", walk.holder("police"))


def test_a_new_result_replaces_the_old_which_stays(start: Start) -> None:
    walk = start().go_to("synthesis")
    walk.attach("result")
    walk.attach("result")

    old, new = (row for row in walk.of("document", "added_at") if row["component"] == "result")
    assert old["replaced_by"] == new["id"]
    assert new["replaced_by"] is None


def every_officer_also_signs(fresh: Fresh, cast: Cast, walk: Walk, signing: str) -> None:
    """The people who examine get the role of those who sign."""
    unit = walk.items[signing]["unit_id"]
    for person in {row["closed_by"] for row in walk.of("work_item") if row["closed_by"] is not None}:
        join(fresh, person, unit, "signer")
    cast.__dict__.pop("members", None)


@pytest.mark.parametrize("procedure", FIVE)
def test_nobody_signs_what_he_examined(start: Start, fresh: Fresh, cast: Cast, procedure: str) -> None:
    walk = start(procedure).go_to("signing")
    walk.attach("result")
    every_officer_also_signs(fresh, cast, walk, "signing")
    states = walk.procedure.states
    examined = {row["closed_by"] for row in walk.of("work_item") if row["closed_by"] is not None
                and states[row["state"]].phase == "processing" and row["role"] == "officer"}
    assert examined

    for person in sorted(examined):
        with pytest.raises(FourEyes):
            walk.do("sign", Actor(id=person, name="Cùng một người"))
    walk.do("sign", walk.cast[f"{'H51.03' if procedure == 'funeral_allowance' else 'H51.01'}/lanh-dao:signer"])
    assert walk.states == {"issuing"}


@pytest.mark.parametrize("procedure", ["conference_permit_pm", "conference_hosting_pm"])
def test_the_leader_who_signed_the_submission_may_sign_the_answer(start: Start, procedure: str) -> None:
    walk = start(procedure).go_to("returning")

    signers = {entry["actor_id"] for entry in walk.entries if entry["action"] in ("sign_submission", "sign")}
    assert len(signers) == 1


def test_a_leader_who_sent_the_confirmation_back_may_confirm_it_later(start: Start) -> None:
    walk = start("funeral_allowance").go_to("commune_signing")

    walk.step("send_back", reason="Thiếu ngày")
    walk.step("submit_confirmation")
    walk.step("confirm")

    assert walk.states == {"examining"}


def test_the_commune_leader_does_not_confirm_what_he_examined_himself(
        start: Start, fresh: Fresh, cast: Cast, journey: Journey) -> None:
    walk = start("funeral_allowance").go_to("commune_signing")
    officer = walk.cast["H51.21/van-hoa-xa-hoi:officer"]
    join(fresh, officer.id, walk.items["commune_signing"]["unit_id"], "signer")

    with pytest.raises(FourEyes):
        walk.do("confirm", officer)


def test_nothing_is_issued_before_it_is_signed(start: Start) -> None:
    walk = start().go_to("signing")

    with pytest.raises(NotPossibleHere):
        walk.do("issue", walk.holder("signing"))
