"""A hand-off to an agency that has only a mailbox: mailed, signed for, answered once, dead when nobody waits."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from engine.answering import by_link, by_slip
from engine.answering.asked import Stage
from engine.casework.act import transact
from engine.casework.orders import Actor
from engine.casework.outside import Said
from engine.casework.scans import Scan, attach
from engine.desk.dossier import dossier
from engine.desk.lists import handoffs
from engine.errors import Invalid, LienThongError, NotPossibleHere, UnacceptableFile
from engine.notifying.drain import drain
from engine.settings import Settings
from engine.signin import TooManyAttempts
from engine.verification import verify
from storage import messages
from storage.inspection import MediaType
from tests import samples
from tests.answering.conftest import LEAD, MAIL, SOMEBODY, YES, Desk, Sent, keys, scan, ways
from tests.casework.racing import together
from tests.casework.walking import Walk
from tests.notifying.partners import Partner


@pytest.fixture(autouse=True)
def mailed(desk: Desk) -> None:
    desk.reached("mail")


def test_the_link_arrives_by_mail_and_only_its_hash_is_kept(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()

    mail = desk.post.mails[-1]
    assert mail["to"] == MAIL
    assert desk.walk.code in mail["subject"]
    told = f"{mail.items()} {mail.get_content()}"  # as it is read: on its way it is encoded
    assert not any(secret in told for secret in ("Nguyễn Thị Bích Ngọc", "chuyên môn", "Hội thảo"))
    assert desk.handoff["state"] == "delivered", "the technical receipt: it is on its way"
    everything = desk.walk.rows(
        "select to_jsonb(l)::text as t from link l union all select to_jsonb(k)::text from link_key k union all "
        "select to_jsonb(m)::text from message m union all select to_jsonb(e)::text from event_log e")
    assert len(key) == 43
    assert everything
    assert not any(key in row["t"] for row in everything)


def test_whoever_opens_it_signs_and_answers_and_the_record_says_how_it_is_known(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()

    found = desk.look(key)
    assert found.stage is Stage.ASKED
    assert found.content is not None
    assert found.content.task.words == "Cần ý kiến về chuyên môn"
    desk.take(key)
    assert desk.look(key).stage is Stage.TAKEN
    desk.answer(key, files=(scan(),))

    entry = desk.walk.entries[-1]
    assert entry["action"] == "answer_consultation"
    assert entry["actor_name"].startswith("Huỳnh Thị Mỹ Duyên (Phó Giám đốc, ")
    assert json.loads(entry["details"])["proof"] == {"link": str(desk.handoff["id"])}
    assert [row["name"] for row in desk.walk.of("document") if row["added_by"] is None] == ["van-ban.pdf"]
    assert came(desk) == {"van-ban.pdf": "theo trả lời của Sở Văn hóa, Thể thao và Du lịch"}
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"


def test_it_says_by_when_to_sign_for_it_and_which_papers_have_no_file(desk: Desk) -> None:
    desk.ask()
    seen = desk.look(desk.mailed())
    assert seen.content.register_by == desk.handoff["register_due_at"]
    assert len(seen.content.unscanned) == sum(row["state"] == "promised" for row in desk.walk.of("document")) > 0


def test_looking_changes_nothing(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    before = desk.walk.dossier, desk.handoff

    for _ in range(5):
        desk.look(key)

    assert (desk.walk.dossier, desk.handoff) == before


def test_it_answers_once(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    desk.answer(key)
    found = desk.look(key)

    assert found.stage is Stage.ANSWERED
    assert found.content is None, "it tells nothing of the dossier any more"
    assert (found.standing.answer or {})["words"] == "Thống nhất nội dung"
    with pytest.raises(NotPossibleHere):
        desk.answer(key, Said(event="answer_consultation", verdict="disagree", words="Không"))
    assert desk.walk.of("consultation")[0]["verdict"] == "agree"


def test_refused_with_a_reason_it_is_no_longer_waited_for(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()

    with pytest.raises(Invalid, match="reason"):
        by_link.refuse(desk.office, desk.look(key), SOMEBODY, " ", desk.walk.now)
    by_link.refuse(desk.office, desk.look(key), SOMEBODY, "Không thuộc thẩm quyền", desk.walk.now)

    assert desk.look(key).stage is Stage.REFUSED
    assert desk.handoff["state"] == "refused"
    assert desk.walk.of("consultation")[0]["withdrawn_at"] is not None


def test_nobody_answers_before_somebody_signed(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()

    with pytest.raises(NotPossibleHere):
        desk.answer(key)
    with pytest.raises(Invalid):
        by_link.take(desk.office, desk.look(key), by_link.Signer(name=" ", position=""), desk.walk.now)
    assert desk.handoff["state"] == "delivered"


def test_a_recall_kills_the_link(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    stale = desk.look(key)
    desk.walk.do("recall", desk.walk.cast[LEAD], handoff=desk.handoff["id"], reason="Gửi nhầm")

    assert desk.look(key).stage is Stage.RECALLED
    assert desk.look(key).content is None
    with pytest.raises(LienThongError):
        by_link.take(desk.office, stale, SOMEBODY, desk.walk.now)
    assert desk.handoff["state"] == "recalled"


def test_what_is_withdrawn_after_it_was_signed_for_is_closed(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    desk.walk.do("withdraw_consultation", desk.walk.cast[LEAD], state="consultation__1", reason="Không cần nữa")

    assert desk.look(key).stage is Stage.CLOSED


def test_recall_and_signature_cannot_both_win(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    found, lead = desk.look(key), desk.walk.cast[LEAD]
    order = desk.walk.order("recall", lead, handoff=desk.handoff["id"], reason="Gửi nhầm")
    outcome: dict[str, bool] = {}

    def trying(name: str, what: object) -> threading.Thread:
        def run() -> None:
            try:
                what()  # type: ignore[operator]
                outcome[name] = True
            except LienThongError:
                outcome[name] = False
        return threading.Thread(target=run)

    both = [trying("recall", lambda: desk.walk.act(order)),
            trying("take", lambda: by_link.take(desk.office, found, SOMEBODY, desk.walk.now))]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert sorted(outcome.values()) == [False, True]
    assert desk.handoff["state"] == ("recalled" if outcome["recall"] else "registered")


def test_two_answers_at_once_are_one(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    found, done = desk.look(key), []

    def run(verdict: str) -> None:
        try:
            by_link.answer(desk.office, found, SOMEBODY,
                           Said(event="answer_consultation", verdict=verdict, words="Ý kiến"), (), desk.walk.now)
            done.append(verdict)
        except LienThongError:
            pass

    both = [threading.Thread(target=run, args=(verdict,)) for verdict in ("agree", "disagree")]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert [row["verdict"] for row in desk.walk.of("consultation")] == done


def test_an_answer_by_link_and_one_on_paper_at_once_are_one(desk: Desk) -> None:
    """The transaction compares what both had read: whoever is recorded second answered what was closed."""
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    by_mail, now = desk.look(key), desk.walk.now
    on_paper = by_slip.find(desk.office, desk.slip, desk.posts, now)
    paper = by_slip.Paper(signer=SOMEBODY, dated=now.date(), files=(), said=Said(
        event="answer_consultation", verdict="disagree", words="Không thống nhất"))

    told = together(partial(by_link.answer, desk.office, by_mail, SOMEBODY, YES, (), now),
                    partial(by_slip.enter, desk.office, on_paper, paper, desk.walk.cast[LEAD], now))

    assert sorted(isinstance(one, LienThongError) for one in told) == [False, True]
    (verdict,) = [row["verdict"] for row in desk.walk.of("consultation")]
    assert verdict == ("agree" if told[0] is None else "disagree")
    (link,) = desk.walk.of("link")
    assert link["answer"]["words"] == ("Thống nhất nội dung" if told[0] is None else "Không thống nhất")
    assert len([entry for entry in desk.walk.entries if entry["action"] == "answer_consultation"]) == 1


def test_after_its_end_it_opens_nothing(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    due = desk.walk.of("consultation")[0]
    desk.walk.journey.now += timedelta(days=45)

    assert due["answered_at"] is None
    assert desk.look(key).stage is Stage.EXPIRED
    with pytest.raises(NotPossibleHere):
        desk.take(key)


def test_a_forged_key_is_no_key_and_trying_is_bounded(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    forged = ("x" if key[0] != "x" else "y") + key[1:]

    for wrong in (forged, key[:-1], key + "A", "", "á" * 43, "x" * 5000, key.swapcase()):
        with pytest.raises(by_link.NoSuchLink):
            desk.look(wrong)
    for _ in range(by_link.MOST_WRONG - 7):
        with pytest.raises(by_link.NoSuchLink):
            desk.look(forged)
    with pytest.raises(TooManyAttempts):
        desk.look(forged)
    assert desk.look(key).stage is Stage.ASKED, "a right key is no guess"
    with pytest.raises(by_link.NoSuchLink):
        by_link.look(desk.office, forged, "192.0.2.8", desk.walk.now)


def test_sent_again_the_old_link_opens_nothing(desk: Desk) -> None:
    desk.ask()
    old = desk.mailed()
    desk.walk.do("send_link", desk.walk.cast[LEAD], version=None, handoff=desk.handoff["id"])
    new = desk.mailed()

    assert new != old
    assert desk.look(new).stage is Stage.ASKED
    with pytest.raises(by_link.NoSuchLink):
        desk.look(old)


def test_a_mail_that_never_left_goes_nowhere_once_another_has_its_place(desk: Desk) -> None:
    desk.ask()
    drain(desk.office, desk.walk.now, chosen=Settings())
    lead, today = desk.walk.cast[LEAD], desk.walk.now.date()
    (stuck,) = [row for row in messages.stuck(desk.office.db, lead.id, today) if row.kind == "handoff_link"]
    desk.walk.do("send_link", lead, version=None, handoff=desk.handoff["id"])

    assert messages.stuck(desk.office.db, lead.id, today) == []
    messages.again(desk.office.db, [stuck.id], lead.id, today, desk.walk.now)
    assert drain(desk.office, desk.walk.now, chosen=ways(desk.post)).sent == 1
    assert len(keys(desk.post)) == 1


def test_a_mail_that_was_taken_without_a_word_goes_again_and_both_links_open(desk: Desk) -> None:
    desk.ask()
    desk.post.temper = "takes_and_cuts"
    assert drain(desk.office, desk.walk.now, chosen=ways(desk.post)).failed == 1
    desk.post.temper = "kind"
    assert drain(desk.office, desk.walk.now + timedelta(hours=1), chosen=ways(desk.post)).sent == 1

    first, second = keys(desk.post)
    assert {desk.look(first).stage, desk.look(second).stage} == {Stage.ASKED}


@pytest.mark.parametrize("content", [samples.HTML, samples.truncated(samples.pdf()), b""])
def test_a_bad_file_is_refused_and_nothing_is_recorded(desk: Desk, content: bytes) -> None:
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    before = desk.walk.dossier["audit_seq"]
    bad = Sent(name="van-ban.pdf", declared_type="application/pdf", chunks=[content])

    with pytest.raises(UnacceptableFile):
        desk.answer(key, files=(scan("tot.pdf"), bad))

    assert desk.walk.dossier["audit_seq"] == before
    assert desk.look(key).stage is Stage.TAKEN


def test_a_file_we_have_already_is_their_answer_all_the_same(desk: Desk) -> None:
    """They send back what they were shown: it is theirs now, too. Sent again, it is not kept twice."""
    desk.ask()
    content = samples.pdf()
    ours = Scan(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type=MediaType.PDF, pages=1,
                quality=None)
    order = desk.walk.order("attach", desk.walk.holder("examining"))
    transact(desk.office, order, attach("other", "don.pdf", ours), desk.walk.now)
    key = desk.mailed()
    desk.take(key)
    desk.answer(key, files=(scan(), scan("lan-hai.pdf")))

    theirs = [row["name"] for row in desk.walk.of("document") if row["added_by"] is None]
    assert theirs == ["van-ban.pdf"]


def came(desk: Desk) -> dict[str, str]:
    """What the officer reads of who sent a document, by its name."""
    view = dossier(desk.office, desk.walk.code, desk.walk.cast[LEAD], desk.walk.now)
    return {row.name: row.came.vi for row in view.documents if row.came is not None}


def test_documents_are_read_through_the_link_only_while_it_is_open(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    found = desk.look(key)
    assert found.content is not None
    stranger = desk.walk.of("audit")[0]["hash"][:16].hex()

    with pytest.raises(LienThongError):
        by_link.document(desk.office, found, by_link.UUID(stranger), desk.walk.now)


def test_at_night_an_office_gets_its_mail(desk: Desk) -> None:
    desk.walk.journey.now += timedelta(hours=14)
    desk.ask()

    assert drain(desk.office, desk.walk.now, chosen=ways(desk.post)).sent == 1


def test_a_mail_that_cannot_be_sent_has_an_owner_who_sends_it_again(desk: Desk) -> None:
    desk.ask()
    drain(desk.office, desk.walk.now, chosen=Settings())
    lead, today = desk.walk.cast[LEAD], desk.walk.now.date()

    stuck = [row for row in messages.stuck(desk.office.db, lead.id, today) if row.kind == "handoff_link"]
    assert [row.code for row in stuck] == [desk.walk.code]
    (awaited,) = by_slip.awaited(desk.office, desk.posts)
    assert (awaited.parked_at, awaited.mailed_at) == (desk.walk.now, None)
    assert how(desk, lead) == ["mail_parked"] * 2
    messages.again(desk.office.db, [stuck[0].id], lead.id, today, desk.walk.now)
    assert how(desk, lead) == ["mailing"] * 2
    assert desk.look(desk.mailed()).stage is Stage.ASKED
    assert how(desk, lead) == ["mailed"] * 2


def how(desk: Desk, person: Actor) -> list[str]:
    """What is said of the hand-off, on the list and on the dossier."""
    (row,) = [one for one in handoffs(desk.office, person.id, desk.walk.now).outgoing if one.code == desk.walk.code]
    there = dossier(desk.office, desk.walk.code, person, desk.walk.now).handoffs
    timeline = dossier(desk.office, desk.walk.code, person, desk.walk.now).timeline
    assert "Lập liên kết trả lời, xếp hàng gửi thư" in [entry.name.vi for entry in timeline]
    return [row.standing, next(one.standing for one in there if one.id == row.id)]


def test_what_is_asked_and_answered_is_whole_in_the_evidence(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    desk.take(key)
    desk.answer(key, files=(scan(),))

    assert verify(desk.office).faults == []


def test_an_agency_that_works_here_again_answers_here(desk: Desk) -> None:
    desk.ask()
    key = desk.mailed()
    desk.reached("here")

    with pytest.raises(LienThongError):
        by_link.take(desk.office, desk.look(key), SOMEBODY, desk.walk.now)
    desk.walk.do("register", desk.walk.cast["H51.08/chuyen-mon:officer"], handoff=desk.handoff["id"])
    assert desk.handoff["state"] == "registered"


def test_a_scan_that_the_lead_adds_while_opinions_are_gathered_is_read_by_the_link(
    start: Callable[..., Walk], post: Partner,
) -> None:
    desk = Desk(start(facts={"topic_field": "culture"}), post)
    desk.reached("mail")
    desk.walk.go_to("examining").step("consult", "examining")
    key = desk.mailed()
    before = desk.look(key).content.files

    desk.walk.attach("other", desk.walk.cast[LEAD])

    assert [one.name for one in desk.look(key).content.files] == [*(one.name for one in before), "other.pdf"]
    assert len(keys(desk.post)) == 1, "nothing is mailed anew"
