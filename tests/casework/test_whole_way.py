"""Dossiers of the five procedures from the counter to their return, across agencies."""

from __future__ import annotations

import pytest

from engine import courier, documents
from engine.casework.orders import Actor
from engine.errors import Refused
from engine.verification import verify
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.samples import small_pdf

FIVE = ("conference_permit_local", "conference_permit_pm", "conference_hosting_local", "conference_hosting_pm",
        "funeral_allowance")


@pytest.mark.parametrize("procedure", FIVE)
def test_a_dossier_is_received_worked_on_signed_and_returned_at_the_counter(start: Start, procedure: str) -> None:
    walk = start(procedure).go_to("returning")

    reply = walk.step("return_at_counter")

    assert (reply.states, reply.status) == (("returned",), 10)
    done = walk.dossier
    assert (done["outcome"], done["status"]) == ("approved", 10)
    assert done["finished_at"] < done["closed_at"]
    assert {row["state"] for row in walk.of("paper")} == {"held", "handed_over"}
    assert all(row["state"] == "registered" for row in walk.handoffs)


@pytest.mark.parametrize("procedure", FIVE)
def test_a_result_that_the_post_could_not_deliver_is_sent_again(start: Start, procedure: str) -> None:
    walk = start(procedure, channel="post", return_way="post").go_to("returning")

    walk.step("send_by_post")
    assert walk.states == {"posting"}
    assert [row["state"] for row in walk.of("paper", "kind")] == ["posted", "held"]
    walk.step("record_failed_delivery", reason="Không có người nhận")
    assert walk.states == {"returning"}
    assert [row["state"] for row in walk.of("paper", "kind")] == ["held", "held"]
    walk.step("send_by_post", slip="EH098765432VN")
    walk.step("confirm_delivery")

    assert walk.states == {"returned"}
    assert walk.dossier["status"] == 10


@pytest.mark.parametrize("procedure", FIVE)
def test_an_electronic_dossier_needs_no_courier(start: Start, procedure: str) -> None:
    walk = start(procedure, channel="online", return_way="electronic").go_to("returning")

    walk.step("return_electronically")

    assert walk.states == {"returned"}
    assert [row["kind"] for row in walk.of("paper")] == ["result"]
    assert all(row["run_id"] is None for row in walk.of("paper"))


def test_a_funeral_allowance_goes_from_the_commune_to_the_department_and_back_to_the_same_desk(start: Start) -> None:
    walk = start("funeral_allowance", desk="H51.22/mot-cua").go_to("returning")

    ways = [(row["from_agency"], row["to_agency"]) for row in walk.handoffs]
    assert ways == [("H51.22", "H51.03"), ("H51.03", "H51.22")]
    assert walk.items["returning"]["unit_id"] == walk.cast.unit("H51.22/mot-cua")
    walk.step("return_at_counter")
    assert [row["unit_id"] for row in walk.of("paper", "kind")] == [
        walk.cast.unit("H51.22/mot-cua"), walk.cast.unit("H51.03/chuyen-mon")]


def test_branches_whose_condition_does_not_hold_are_passed_by(start: Start) -> None:
    walk = start(facts={"foreign_guests": 0, "topic_field": "economy"})

    walk.step("consult")

    assert walk.states == {"foreign_affairs", "police_done", "agriculture_done", "science_done", "culture_done"}
    assert list(walk.items) == ["foreign_affairs"]
    walk.step("give_opinion", "foreign_affairs")
    assert walk.states == {"synthesis"}


def test_an_agency_is_asked_only_for_what_concerns_it(start: Start) -> None:
    walk = start(facts={"topic_field": "culture"})

    walk.step("consult")

    asked = {row["to_agency"] for row in walk.handoffs if row["state"] == "delivered"}
    assert asked == {"H51.04", "H51.05", "H51.08"}


def test_the_result_paper_must_be_at_the_desk_before_it_is_handed_out(start: Start) -> None:
    walk = start().go_to("returning")
    returner = walk.holder("returning")

    with pytest.raises(Refused) as refusal:
        walk.do("return_at_counter", returner, recipient="Nguyễn Thị Bích Ngọc")

    assert refusal.value.data["barcode"] == f"{walk.code}-R"
    with pytest.raises(Refused):
        walk.do("send_by_post", returner, slip="EH012345678VN")
    walk.carry()
    walk.do("return_at_counter", returner, recipient="Nguyễn Thị Bích Ngọc")


def test_a_step_that_needs_the_paper_waits_for_the_courier(start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")

    with pytest.raises(Refused) as refusal:
        walk.do("forward", walk.holder("examining"))

    assert refusal.value.data["barcode"] == f"{walk.code}-S"
    walk.carry()
    walk.do("forward", walk.holder("examining"))
    assert walk.states == {"reviewing"}


def test_a_paper_that_went_missing_becomes_an_incident_of_the_desk_and_is_welcome_when_it_turns_up(
        start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")
    officer, carrier = walk.holder("examining"), walk.cast["H51.09/giao-nhan:courier"]
    walk.list_on_run()
    walk.do("take_paper", carrier, version=None, slip=f"{walk.code}-S")

    walk.do("report_missing", officer, version=None, slip=f"{walk.code}-S")

    incident = walk.of("incident")[0]
    assert (incident["kind"], incident["unit_id"]) == ("paper_missing", walk.dossier["intake_unit_id"])
    assert walk.clocks("dossier")[0]["due_at"] is not None
    walk.do("confirm_paper", officer, version=None, slip=f"{walk.code}-S")
    assert walk.of("paper")[0]["unit_id"] == walk.cast.unit("H51.03/chuyen-mon")


def test_the_work_moved_on_while_the_paper_was_on_its_way_so_it_is_sent_after_it(start: Start) -> None:
    walk = start("funeral_allowance", desk="H51.22/mot-cua").go_to("examining")
    walk.list_on_run()
    walk.do("take_paper", walk.cast["H51.09/giao-nhan:courier"], version=None, slip=f"{walk.code}-S")
    walk.step("request_supplement")

    walk.do("confirm_paper", walk.cast["H51.03/chuyen-mon:officer"], version=None, slip=f"{walk.code}-S")

    paper = walk.of("paper")[0]
    assert (paper["unit_id"], paper["bound_for_unit_id"]) == (
        walk.cast.unit("H51.03/chuyen-mon"), walk.cast.unit("H51.22/mot-cua"))


def test_couriers_are_told_of_the_paper_and_of_nothing_else(start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")
    walk.list_on_run()

    reply = walk.do("take_paper", walk.cast["H51.09/giao-nhan:courier"], version=None, slip=f"{walk.code}-S")

    assert (reply.states, reply.due_at) == ((), None)


def test_everybody_who_acted_is_named_in_the_record_with_his_unit(start: Start) -> None:
    walk = start("funeral_allowance").go_to("returning")
    walk.step("return_at_counter")

    for entry in walk.entries:
        if entry["actor_id"] is not None:
            actor = Actor(id=entry["actor_id"], name=entry["actor_name"])
            units = {member.unit_id for member in walk.cast.members if member.id == actor.id}
            assert entry["unit_id"] in units
            assert actor.name in {member.name for member in walk.cast.members}


def test_a_paper_the_courier_left_behind_goes_with_the_next_run(start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")
    carrier = walk.cast["H51.09/giao-nhan:courier"]
    first = walk.list_on_run()
    assert walk.of("paper")[0]["run_id"] == first.id
    courier.depart(walk.office, first.id, carrier, walk.now)

    second = walk.list_on_run()

    assert walk.of("paper")[0]["run_id"] == second.id
    walk.do("take_paper", carrier, version=None, slip=f"{walk.code}-S")
    walk.do("confirm_paper", walk.holder("examining"), version=None, slip=f"{walk.code}-S")
    assert walk.of("paper")[0]["unit_id"] == walk.cast.unit("H51.03/chuyen-mon")


def scan(walk: Walk, component: str, actor: Actor) -> None:
    upload = documents.Upload(code=walk.code, component=component, name=f"{component}.pdf", declared_type=None,
                              actor=actor, key=component)
    documents.attach(walk.office, upload, [small_pdf(mark=component)], walk.now)


def test_the_verifier_finds_nothing_wrong_with_a_dossier_and_its_scans(start: Start) -> None:
    walk = start()
    for component in ("request_letter", "plan"):
        scan(walk, component, walk.cast["H51.02/tiep-nhan:receptionist"])
    walk.go_to("synthesis")
    scan(walk, "result", walk.holder("synthesis"))
    walk.go_to("returning")
    walk.step("return_at_counter")

    found = verify(walk.office)

    assert found.faults == []
    assert (found.dossiers, found.documents) == (1, 3)
    assert {row["state"] for row in walk.of("document")} == {"stored"}
