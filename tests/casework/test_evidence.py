"""What the law wants to see is looked up in what is stored; nobody talks the system into believing it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from engine.casework.orders import Particulars
from engine.casework.receive import Paper
from engine.errors import Invalid, LienThongError, MissingDocument
from tests.casework.conftest import Start
from tests.casework.walking import SAYS


def test_an_act_carries_words_and_names_of_things_and_nothing_else() -> None:
    """Whoever adds a field here asks first whether it is evidence."""
    assert {field.name for field in fields(Particulars)} == {
        "reason", "verdict", "words", "recipient", "identity", "slip", "amount", "proof", "documents", "handoff",
        "unit", "new_due", "units", "limit", "join", "expiry", "kind", "outcome", "person", "people", "day", "way",
        "names", "address", "carrier", "batch"}


def test_saying_that_a_document_is_there_does_not_make_it_so(start: Start) -> None:
    walk = start().go_to("signing")

    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"), documents=("result",), words="Đã có dự thảo", proof="result.pdf")

    assert walk.states == {"signing"}


def test_saying_that_the_papers_are_complete_does_not_accept_them(start: Start) -> None:
    walk = start(accept=False, papers=(Paper(component="plan"),))

    with pytest.raises(MissingDocument) as refusal:
        walk.do("accept", walk.holder("checking"), documents=("request_letter",))

    assert refusal.value.data["names_vi"] == "Công văn xin phép tổ chức"


def test_a_document_of_another_kind_is_no_result(start: Start) -> None:
    walk = start().go_to("signing")
    walk.attach("other")

    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"))


def test_a_document_of_another_dossier_is_no_evidence(start: Start) -> None:
    walk, other = start().go_to("signing"), start().go_to("signing")
    other.attach("result")

    with pytest.raises(MissingDocument):
        walk.do("sign", walk.holder("signing"))


def test_evidence_that_comes_in_makes_what_was_seen_before_stale(start: Start) -> None:
    walk = start().go_to("signing")
    walk.attach("result")
    order = walk.order("sign", walk.holder("signing"))
    walk.attach("result")

    with pytest.raises(LienThongError, match="Reload"):
        walk.act(order)


def test_the_paper_that_is_needed_may_be_held_by_any_unit_of_the_agency(start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")
    walk.carry()

    assert walk.of("paper")[0]["unit_id"] == walk.cast.unit("H51.03/chuyen-mon")
    walk.step("forward")
    assert walk.states == {"reviewing"}


def test_every_wrong_entry_of_an_act_is_named_at_once(start: Start) -> None:
    walk = start()
    walk.step("consult")
    walk.journey.register_all(walk.code)

    with pytest.raises(Invalid) as refusal:
        walk.do("give_opinion", walk.holder("police"), state="police", verdict="perhaps", words=" ", reason="x" * 5000)

    assert set(refusal.value.fields) == {"verdict", "words", "reason"}


def test_an_opinion_is_kept_with_who_gave_it_and_its_words_beside_the_record(start: Start) -> None:
    walk = start()
    walk.step("consult")

    walk.step("give_opinion", "police", verdict="conditional", words="Bổ sung phương án bảo vệ")

    opinion = walk.of("opinion")[0]
    assert (opinion["state"], opinion["verdict"]) == ("police", "conditional")
    assert opinion["person_id"] == walk.cast["H51.05/chuyen-mon:officer"].id
    remark = next(row for row in walk.of("remark") if row["seq"] == opinion["seq"])
    assert "Bổ sung phương án" in remark["body"]


def test_a_written_reply_from_outside_is_recorded_like_an_opinion(start: Start) -> None:
    walk = start("conference_permit_pm").go_to("awaiting_prime_minister")

    walk.step("record_reply", words="Văn bản 123/TTg-QHQT đồng ý")

    assert walk.states == {"drafting"}
    assert "awaiting_prime_minister" in {row["state"] for row in walk.of("opinion")}


def test_a_scan_that_was_promised_is_filled_in(start: Start) -> None:
    walk = start()
    promised = next(row for row in walk.of("document") if row["component"] == "plan")
    assert (promised["state"], promised["sha256"]) == ("promised", None)

    walk.attach("plan", walk.cast["H51.02/tiep-nhan:receptionist"])

    found = [row for row in walk.of("document") if row["component"] == "plan"]
    assert [(row["id"], row["state"]) for row in found] == [(promised["id"], "pending")]
    assert found[0]["form"] == "original"


@pytest.mark.parametrize("component", ["nothing", "../result", "", "x" * 300])
def test_a_document_that_the_procedure_does_not_know_is_refused(start: Start, component: str) -> None:
    walk = start()

    with pytest.raises(Invalid):
        walk.attach(component, walk.cast["H51.02/tiep-nhan:receptionist"])


def test_what_each_need_asks_of_the_person_is_known() -> None:
    asked = {name for told in SAYS.values() for name in told}

    assert asked <= {field.name for field in fields(Particulars)}
