"""A hand-off to an agency that has paper only: printed, sent, answered by hand, entered where it came from."""

from __future__ import annotations

import json
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp

from engine import delivery
from engine.answering import by_slip, closing, slips
from engine.answering.asked import Stage
from engine.answering.reaching import reach
from engine.casework.outside import Said, Voice
from engine.errors import Invalid, NotFound, NotPossibleHere, WrongRole
from tests.answering.conftest import LEAD, MAIL, SOMEBODY, Desk, scan
from tests.casework.conftest import Start


@pytest.fixture(autouse=True)
def on_paper(desk: Desk) -> None:
    desk.reached("paper")


def printed(desk: Desk, *numbers: str) -> bytes:
    return slips.printed(desk.office, numbers or [desk.slip], desk.walk.cast[LEAD], desk.posts, desk.walk.now).pdf


def test_it_waits_to_be_printed_and_is_on_its_way_then(desk: Desk) -> None:
    desk.ask()
    desk.deliver()
    assert desk.handoff["state"] == "pending"
    assert [row.slip for row in by_slip.unprinted(desk.office, desk.posts)] == [desk.slip]
    assert by_slip.awaited(desk.office, desk.posts) == []

    assert printed(desk).startswith(b"%PDF")

    assert desk.handoff["state"] == "delivered"
    assert by_slip.unprinted(desk.office, desk.posts) == []
    assert [row.slip for row in by_slip.awaited(desk.office, desk.posts)] == [desk.slip]


def test_its_barcodes_read_as_its_number(desk: Desk) -> None:
    desk.ask()
    page = pypdfium2.PdfDocument(printed(desk))[0].render(scale=3).to_pil()

    assert {found.format.name: found.text for found in zxingcpp.read_barcodes(page)} == {
        "QRCode": desk.slip, "Code128": desk.slip}


def test_the_paper_that_came_back_closes_it_and_the_record_names_both(desk: Desk) -> None:
    desk.ask()
    printed(desk)
    desk.enter(files=(scan(),))

    entry = desk.walk.entries[-1]
    lead = desk.walk.cast[LEAD]
    assert entry["action"] == "answer_consultation"
    assert entry["actor_name"].startswith("Huỳnh Thị Mỹ Duyên (Phó Giám đốc, ")
    assert f"theo văn bản giấy, do {lead.name} nhập" in entry["actor_name"]
    assert json.loads(entry["details"])["proof"] == {
        "slip": desk.slip, "entered_by": lead.id, "dated": desk.walk.now.date().isoformat()}
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"
    assert desk.handoff["state"] == "registered"


def test_scanned_again_it_says_what_was_answered_and_when(desk: Desk) -> None:
    desk.ask()
    printed(desk)
    desk.enter()
    found = by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now)

    assert (found.stage, found.standing.answered_at) == (Stage.ANSWERED, desk.walk.now)
    with pytest.raises(NotPossibleHere):
        desk.enter(Said(event="answer_consultation", verdict="disagree", words="Không"))
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"


def test_an_answer_that_was_never_printed_is_entered_all_the_same(desk: Desk) -> None:
    desk.ask()
    desk.enter()

    assert desk.walk.of("consultation")[0]["verdict"] == "agree"
    found = by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now)
    assert found.stage is Stage.ANSWERED
    assert found.standing.answer is not None
    assert found.standing.answer["name"] == SOMEBODY.name
    link, = desk.walk.of("link")
    assert (link["way"], link["answered_at"]) == ("paper", desk.walk.now)
    assert link["closed_at"] == link["answered_at"]
    assert by_slip.awaited(desk.office, desk.posts) == []


def test_what_was_signed_for_and_not_answered_yet_is_awaited_although_nobody_printed_it(desk: Desk) -> None:
    """As when the entry breaks off between the two."""
    desk.ask()
    found = by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now)
    closing.register(desk.office, found, Voice(name=SOMEBODY.name, where="", proof={}), desk.walk.now)

    assert [row.slip for row in by_slip.awaited(desk.office, desk.posts)] == [desk.slip]
    assert by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now).stage is Stage.TAKEN
    desk.enter()
    assert by_slip.awaited(desk.office, desk.posts) == []
    assert by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now).stage is Stage.ANSWERED


def test_a_refusal_that_was_never_printed_is_shown_when_scanned_again(desk: Desk) -> None:
    desk.ask()
    desk.enter(Said(event=by_slip.REFUSAL, reason="Không thuộc thẩm quyền"))

    found = by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now)
    assert found.standing.answer is not None
    assert found.standing.answer["reason"] == "Không thuộc thẩm quyền"


def test_refused_on_paper_with_a_reason(desk: Desk) -> None:
    desk.ask()
    printed(desk)
    with pytest.raises(Invalid):
        desk.enter(Said(event=by_slip.REFUSAL))
    desk.enter(Said(event=by_slip.REFUSAL, reason="Không thuộc thẩm quyền"))

    assert desk.handoff["state"] == "refused"
    assert by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now).stage is Stage.REFUSED


def test_what_is_missing_is_said_and_nothing_is_recorded(desk: Desk) -> None:
    desk.ask()
    printed(desk)
    before = desk.walk.dossier["audit_seq"]

    with pytest.raises(Invalid) as refusal:
        desk.enter(Said(event="answer_consultation"), signer=by_slip.Signer(name="", position=""), dated=None)

    assert refusal.value.fields.keys() == {"name", "position", "dated", "verdict", "words"}
    for day in (desk.walk.now.date() + timedelta(days=1), desk.walk.now.date() - timedelta(days=30)):
        with pytest.raises(Invalid) as wrong:
            desk.enter(dated=day)
        assert wrong.value.fields.keys() == {"dated"}
        assert wrong.value.fields["dated"][0].startswith("ngày trên văn bản phải trong khoảng từ ")
    assert desk.walk.dossier["audit_seq"] == before


@pytest.mark.parametrize("text", ["", "H51.02-261123-0001", "H51.02-261123-0001-H99", "x" * 5000, "\x00", "a-H1"])
def test_what_is_no_slip_is_not_found(desk: Desk, text: str) -> None:
    desk.ask()
    with pytest.raises(NotFound):
        by_slip.find(desk.office, text, desk.posts, desk.walk.now)


def test_as_people_type_it(desk: Desk) -> None:
    desk.ask()
    assert by_slip.find(desk.office, f" {desk.slip.lower()} ", desk.posts, desk.walk.now).slip == desk.slip


def test_units_that_did_not_send_it_see_nothing(desk: Desk) -> None:
    desk.ask()
    stranger = desk.walk.cast.member("H51.07/chuyen-mon:officer")
    posts = [(stranger.unit_id, stranger.role)]

    assert by_slip.unprinted(desk.office, posts) == []
    with pytest.raises(NotFound):
        by_slip.find(desk.office, desk.slip, posts, desk.walk.now)
    with pytest.raises(NotFound):
        slips.printed(desk.office, [desk.slip], desk.walk.cast["H51.07/chuyen-mon:officer"], posts, desk.walk.now)
    with pytest.raises(WrongRole):
        desk.walk.do("print_slip", desk.walk.cast["H51.02/tiep-nhan:receptionist"], version=None,
                     handoff=desk.handoff["id"])
    assert desk.handoff["state"] == "pending"


def test_recalled_slips_are_closed_and_left_out_of_what_is_printed(desk: Desk) -> None:
    desk.ask()
    printed(desk)
    desk.walk.do("recall", desk.walk.cast[LEAD], handoff=desk.handoff["id"], reason="Gửi nhầm")

    assert by_slip.find(desk.office, desk.slip, desk.posts, desk.walk.now).stage is Stage.RECALLED
    with pytest.raises(NotPossibleHere):
        desk.enter()
    with pytest.raises(NotFound):
        printed(desk)


def test_many_together_skip_what_is_none(desk: Desk) -> None:
    desk.ask()
    made = slips.printed(desk.office, [desk.slip, "H51.02-261123-9999-H1"], desk.walk.cast[LEAD], desk.posts,
                         desk.walk.now)
    assert made.left_out == ("H51.02-261123-9999-H1",)


def test_what_waited_for_the_printer_goes_by_mail_when_the_agency_has_a_mailbox(desk: Desk) -> None:
    desk.ask()
    desk.deliver()
    desk.reached("mail")
    desk.deliver()

    assert desk.handoff["state"] == "delivered"
    assert desk.look(desk.mailed()).stage is Stage.ASKED


def test_what_lay_there_unregistered_is_asked_for_the_way_its_agency_has_now(desk: Desk) -> None:
    """It arrived while the agency worked here: it is not to be forgotten there."""
    desk.reached("here")
    desk.ask()
    desk.deliver()
    assert desk.handoff["state"] == "delivered"

    assert reach(desk.office, "H51.08", "paper", "", "test", desk.walk.now) == 1
    assert [row.slip for row in by_slip.unprinted(desk.office, desk.posts)] == [desk.slip]
    assert reach(desk.office, "H51.08", "here", "", "test", desk.walk.now) == 0
    assert by_slip.unprinted(desk.office, desk.posts) == []

    assert reach(desk.office, "H51.08", "mail", MAIL, "test", desk.walk.now) == 1
    assert desk.look(desk.mailed()).stage is Stage.ASKED
    assert reach(desk.office, "H51.08", "paper", "", "test", desk.walk.now) == 0, "its link is mailed and stays good"
    assert by_slip.unprinted(desk.office, desk.posts) == []
    assert [row.slip for row in by_slip.awaited(desk.office, desk.posts)] == [desk.slip]


def test_what_lay_there_is_printed_and_answered(desk: Desk) -> None:
    desk.reached("here")
    desk.ask()
    desk.deliver()
    desk.reached("paper")
    assert printed(desk).startswith(b"%PDF")
    assert by_slip.unprinted(desk.office, desk.posts) == []
    desk.enter()
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"


def test_what_somebody_registered_before_is_his_to_answer(desk: Desk) -> None:
    desk.reached("here")
    desk.ask()
    desk.deliver()
    desk.walk.do("register", desk.walk.cast["H51.08/chuyen-mon:officer"], handoff=desk.handoff["id"])

    assert reach(desk.office, "H51.08", "paper", "", "test", desk.walk.now) == 0
    assert by_slip.unprinted(desk.office, desk.posts) == []


def test_an_agency_without_a_system_does_several_steps_one_slip_after_the_other(start: Start) -> None:
    """The lead has paper only: what follows at the same agency goes by a slip of its own, which the desk sees to."""
    walk = start()
    reach(walk.office, "H51.01", "paper", "", "test", walk.now)
    desk = walk.cast.member("H51.02/tiep-nhan:receptionist")
    posts = [(desk.unit_id, desk.role)]
    seen = []
    for _ in range(2):
        delivery.drain(walk.office, walk.now)
        number = next(f"{walk.code}-H{row['seq']}" for row in walk.handoffs
                      if row["to_agency"] == "H51.01" and row["state"] in ("pending", "delivered"))
        slips.printed(walk.office, [number], walk.cast["H51.02/tiep-nhan:receptionist"], posts, walk.now)
        found = by_slip.find(walk.office, number, posts, walk.now)
        assert found.content is not None
        seen.append(number)
        events = [one.event for one in found.content.task.answers]
        event = "propose_rejection" if "propose_rejection" in events else events[0]
        by_slip.enter(walk.office, found, by_slip.Paper(
            signer=SOMEBODY, dated=walk.now.date(), files=(),
            said=Said(event=event, reason="Không đủ điều kiện")), walk.cast["H51.02/tiep-nhan:receptionist"], walk.now)
        walk.journey.now += timedelta(minutes=1)
    assert len(set(seen)) == 2
    assert "reviewing" not in walk.states, "the head's decision came on the second slip"
