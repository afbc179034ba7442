"""A consultation that goes to another installation and comes back: successor, formal receipt, answer, recall."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest

from engine.desk.dossier import dossier
from engine.errors import Invalid, NotPossibleHere, NotRegistered, Refused, WrongRole
from engine.verification import verify
from tests.casework.conftest import Start, start
from tests.casework.soundness import faults
from tests.casework.walking import Walk
from tests.exchange.pairs import Pair, pair, police_office, police_template

__all__ = ["pair", "police_office", "police_template", "start"]

LEAD = "H51.01/ngoai-vu:officer"
OFFICER, HEAD = "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head"
QUESTION = "Đề nghị cho ý kiến về thành phần khách mời nước ngoài."
SAID = {"kind": "give_opinion", "verdict": "agree", "words": "Thống nhất"}


@pytest.fixture
def asked(pair: Pair, start: Start) -> Walk:
    """The province's dossier, its consultation of the police on the line."""
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD], words=QUESTION)
    return walk


def successor(pair: Pair) -> Walk:
    return pair.police.walk(pair.police.rows("select code from dossier order by id desc limit 1")[0]["code"])


def incoming(walk: Walk) -> uuid.UUID:
    return uuid.UUID(str(walk.handoffs[0]["id"]))


def both_sound(pair: Pair) -> None:
    for side in (pair.province, pair.police):
        assert faults(side.office) == []
        # the bytes of these scans were checked elsewhere
        assert [fault for fault in verify(side.office).faults if not fault.startswith("document")] == []


def test_the_consulted_police_work_in_a_dossier_of_their_own_and_answer(pair: Pair, asked: Walk) -> None:
    asked.attach("other")
    assert pair.line.carry(pair.province, pair.police) == ["handoff"]

    theirs = successor(pair)
    item = theirs.items["working"]
    assert theirs.code.startswith("H51.05-")
    assert theirs.dossier["mirror"] == "successor"
    known = theirs.of("counterpart")[0]
    assert known["task"]["task"]["words"] == QUESTION
    assert (known["thread"], str(known["handoff_id"])) == (asked.code, str(asked.asked("H51.05")))
    # first it is to be registered, as at whoever waits for that
    assert item["due_at"] == theirs.handoffs[0]["register_due_at"] < known["due_at"]
    assert theirs.dossier["received_at"] is None
    person = theirs.rows("select * from applicant where dossier_id = %s", theirs.id)[0]
    assert (person["phone"], person["email"]) == ("", "")
    assert asked.code.lower() in person["search"]
    sent = next(row for row in asked.handoffs if row["to_agency"] == "H51.05")
    assert sent["state"] == "delivered"

    theirs.do("register", theirs.cast[OFFICER], handoff=incoming(theirs))
    assert theirs.items["working"]["due_at"] == theirs.of("counterpart")[0]["due_at"]
    pair.sync()
    sent = next(row for row in asked.handoffs if row["to_agency"] == "H51.05")
    assert (sent["state"], sent["their_code"], sent["registered_by"]) == ("registered", theirs.code, None)
    entry = asked.entries[-1]
    assert entry["action"] == "register"
    assert entry["actor_name"].startswith(theirs.cast[OFFICER].name)
    assert json.loads(entry["details"])["proof"]["peer"] == "cong-an"

    pair.line.pull(pair.police)
    theirs.attach("result", theirs.cast[OFFICER])
    paper = next(row for row in theirs.of("document") if row["component"] == "result")
    theirs.do("answer_task", theirs.cast[HEAD], **{**SAID, "documents": (str(paper["id"]),)})
    assert (theirs.states, theirs.dossier["status"]) == ({"returned"}, 10)
    assert not theirs.items

    pair.sync()
    opinion = asked.of("opinion")
    assert [(row["state"], row["verdict"], row["person_id"]) for row in opinion] == [("police", "agree", None)]
    assert "police" not in asked.states
    came = next(row for row in asked.of("document") if row["sha256"] == paper["sha256"])
    assert (came["component"], came["added_by"]) == ("received", None)
    assert senders(asked, LEAD)[came["name"]] == "theo trả lời của Công an tỉnh"
    view = dossier(asked.office, asked.code, asked.cast[LEAD], asked.now)
    assert [one.documents for one in view.opinions] == [(str(came["id"]),)]
    arrived = {row["name"] for row in theirs.of("document") if row["component"] == "received"}
    assert arrived
    assert set(senders(theirs, OFFICER).values()) == {"do Văn phòng Ủy ban nhân dân tỉnh gửi"}
    assert senders(theirs, OFFICER).keys() == arrived
    assert "waits for documents" in pair.line.log
    asked.go_to("synthesis")
    both_sound(pair)


def senders(walk: Walk, member: str) -> dict[str, str]:
    """What is told of who sent a document, by its name."""
    view = dossier(walk.office, walk.code, walk.cast[member], walk.now)
    return {row.name: row.came.vi for row in view.documents if row.came is not None}


def test_the_receiver_is_told_which_paper_is_which_and_what_there_is_no_file_of(pair: Pair, asked: Walk) -> None:
    lead = asked.cast[LEAD]
    asked.attach("plan", lead)
    asked.attach("other", lead)
    pair.line.carry(pair.province, pair.police)
    theirs = successor(pair)

    view = dossier(theirs.office, theirs.code, theirs.cast[OFFICER], theirs.now)
    plan = asked.procedure.declaration.documents["plan"].name.vi
    names = {row.name for row in view.documents}
    assert {f"{plan} - plan.pdf", "other.pdf"} <= names
    assert {f"{plan} - plan", "other"} <= {row.title.vi for row in view.documents}
    told = {row.label.vi: row.value for row in view.mirrored.facts}
    missing = [row for row in asked.of("document") if row["state"] == "promised" and row["replaced_by"] is None]
    assert len(told["Giấy tờ chưa có bản điện tử"].split("; ")) == len(missing) > 0
    assert view.mirrored.words == QUESTION


def test_both_sides_count_the_time_to_register_from_the_technical_receipt(pair: Pair, asked: Walk) -> None:
    """The line was cut for days: nobody is late with what he was given just now."""
    sent_at = asked.now
    message = next(one for one in pair.line.take(pair.province) if one.kind == "handoff")
    pair.police.journey.now = sent_at + timedelta(days=4)
    received = pair.police.journey.now
    pair.line.store(pair.police, message)
    pair.line.effect(pair.police, message)
    # the first receipt was lost
    pair.province.journey.now = received + timedelta(hours=5)
    pair.line.receipt(pair.province, message, received)

    ours = next(row for row in asked.handoffs if row["to_agency"] == "H51.05")
    theirs = successor(pair).handoffs[0]
    assert ours["register_due_at"] == theirs["register_due_at"] > pair.province.journey.now
    assert [theirs[name] for name in ("created_at", "delivered_at")] == [ours["created_at"], received]
    clock = next(row for row in asked.of("clock") if (row["kind"], row["item_no"]) == ("handoff", ours["item_no"]))
    assert clock["due_at"] == ours["register_due_at"]
    assert asked.items["police"]["due_at"] == ours["register_due_at"]
    other = next(row for row in asked.handoffs if row["to_agency"] == "H51.04")
    assert other["register_due_at"] < ours["register_due_at"]
    both_sound(pair)


def test_nobody_answers_before_the_hand_off_is_registered_nor_without_an_opinion(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs = successor(pair)

    with pytest.raises(NotRegistered):
        theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    with pytest.raises(WrongRole):
        theirs.do("answer_task", theirs.cast["H51.05/lanh-dao:auditor"], **SAID)
    theirs.do("register", theirs.cast[OFFICER], handoff=incoming(theirs))
    for wrong in ({"kind": "sign"}, {"verdict": "maybe"}, {"words": " "}, {"documents": (str(uuid.uuid4()),)}):
        with pytest.raises(Invalid):
            theirs.do("answer_task", theirs.cast[OFFICER], **{**SAID, **wrong})
    assert theirs.states == {"working"}


@pytest.mark.parametrize("event", ["forward", "stop", "extend", "take_feedback", "request_supplement"])
def test_what_only_the_master_decides_is_refused_here(pair: Pair, asked: Walk, event: str) -> None:
    pair.sync()
    theirs = successor(pair)

    with pytest.raises(Refused, match=asked.code):
        theirs.do(event, theirs.cast[OFFICER], reason="Vì sao")


def test_the_police_refuse_and_the_lead_decides_again(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs = successor(pair)

    theirs.do("refuse_handoff", theirs.cast[OFFICER], handoff=incoming(theirs), reason="Không thuộc thẩm quyền")
    pair.sync()

    assert (theirs.states, theirs.dossier["closed_at"] is not None) == ({"stopped"}, True)
    item = asked.items["police"]
    assert (item["duty"], item["role"]) == ("resolve", "officer")
    assert "Không thuộc thẩm quyền" in asked.of("remark", "seq")[-1]["body"]
    asked.do("resend", asked.cast[LEAD], handoff=item["handoff_id"])
    pair.sync()
    again = successor(pair)
    assert again.code != theirs.code
    again.do("register", again.cast[OFFICER], handoff=incoming(again))
    again.do("answer_task", again.cast[OFFICER], **SAID)
    pair.sync()
    assert len(asked.of("opinion")) == 1
    both_sound(pair)


def test_a_recall_is_granted_while_nobody_registered(pair: Pair, asked: Walk) -> None:
    pair.sync()
    handoff = asked.asked("H51.05")

    asked.do("recall", asked.cast[LEAD], handoff=handoff, reason="Gửi nhầm")
    assert next(row for row in asked.handoffs if row["id"] == handoff)["recall_asked_at"] is not None
    with pytest.raises(NotPossibleHere):
        asked.do("recall", asked.cast[LEAD], handoff=handoff, reason="Gửi nhầm")
    pair.province.write("update peer set title = 'Công an tỉnh'")
    assert pair.sync() == ["recall", "recalled"]
    assert {row["actor_name"] for row in asked.entries if row["action"] == "recalled"} == {"Hệ thống Công an tỉnh"}

    assert next(row for row in asked.handoffs if row["id"] == handoff)["state"] == "recalled"
    assert asked.items["police"]["duty"] == "resolve"
    assert successor(pair).states == {"stopped"}
    both_sound(pair)


def test_recall_and_registration_cannot_both_win(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs, handoff = successor(pair), asked.asked("H51.05")

    asked.do("recall", asked.cast[LEAD], handoff=handoff, reason="Gửi nhầm")
    theirs.do("register", theirs.cast[OFFICER], handoff=handoff)
    assert sorted(pair.sync()) == ["kept", "recall", "registered"]

    row = next(row for row in asked.handoffs if row["id"] == handoff)
    assert (row["state"], row["recall_asked_at"]) == ("registered", None)
    assert theirs.states == {"working"}
    assert "recall_kept" in {row["kind"] for row in asked.of("notice")}
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    pair.sync()
    assert len(asked.of("opinion")) == 1
    both_sound(pair)


def test_a_recall_that_comes_after_the_answer_is_told_so(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs, handoff = successor(pair), asked.asked("H51.05")

    asked.do("recall", asked.cast[LEAD], handoff=handoff, reason="Gửi nhầm")
    theirs.do("register", theirs.cast[OFFICER], handoff=handoff)
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    assert sorted(pair.sync()) == ["answered", "kept", "recall", "registered"]

    assert theirs.states == {"returned"}
    assert len(asked.of("opinion")) == 1
    both_sound(pair)


def test_what_is_withdrawn_ends_there_even_while_the_line_was_cut(pair: Pair, asked: Walk) -> None:
    asked.do("withdraw", asked.cast["H51.02/tiep-nhan:receptionist"], reason="Người nộp rút hồ sơ")

    assert pair.sync() == ["handoff", "withdrawn", "progress"]

    theirs = successor(pair)
    assert (theirs.states, theirs.items) == ({"stopped"}, {})
    known = theirs.of("counterpart")[0]
    assert (known["status"], known["ended_at"] is not None) == (7, True)
    with pytest.raises(NotPossibleHere):
        theirs.do("register", theirs.cast[OFFICER], handoff=incoming(theirs))
    both_sound(pair)


def test_an_answer_to_what_was_withdrawn_is_recorded_and_has_no_effect(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs = successor(pair)
    theirs.do("register", theirs.cast[OFFICER], handoff=incoming(theirs))
    theirs.do("answer_task", theirs.cast[OFFICER], **SAID)
    asked.do("close_consultation", asked.cast[LEAD], reason="Đủ ý kiến")
    pair.sync()

    assert asked.of("opinion") == []
    actions = [row["action"] for row in asked.entries]
    assert actions.count("without_effect") == 2
    assert {row["state"] for row in pair.province.rows("select state from arrival")} == {"applied"}
    both_sound(pair)


def test_the_same_message_has_its_effect_once(pair: Pair, asked: Walk) -> None:
    message = pair.line.take(pair.province)[0]
    pair.line.store(pair.police, message)

    pair.line.effect(pair.police, message)
    pair.line.effect(pair.police, message)

    assert len(pair.police.rows("select code from dossier")) == 1


def test_a_peer_speaks_only_of_hand_offs_that_went_to_it(pair: Pair, asked: Walk) -> None:
    pair.sync()
    theirs = successor(pair)
    theirs.do("register", theirs.cast[OFFICER], handoff=incoming(theirs))
    message = pair.line.take(pair.police)[0]
    other = next(row for row in asked.handoffs if row["to_agency"] == "H51.04")
    message.body["content"]["handoff"] = str(other["id"])
    pair.line.store(pair.province, message)

    with pytest.raises(Exception, match="Not found"):
        pair.line.effect(pair.province, message)

    assert next(row for row in asked.handoffs if row["id"] == other["id"])["state"] == "delivered"
