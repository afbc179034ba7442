"""Documents that come after a hand-off left follow it while it is open: once, in order, by hash, to nobody else."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest

from engine import desk, documents
from engine.casework.orders import Actor
from engine.errors import Invalid, NotPossibleHere, WrongRole
from tests.exchange.sides import POLICE_AGENCY, Pair, consult, handoff_to_police
from tests.samples import small_pdf

LEAD = "H51.01/ngoai-vu:officer"
OFFICER, HEAD = "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head"


def attach(pair: Pair, code: str, mark: str) -> str:
    """The id of a scan that is attached now; another `mark` is other bytes."""
    told = documents.Upload(code=code, component="plan", name=f"{mark}.pdf", declared_type="",
                            actor=pair.here.cast[LEAD], key=str(uuid.uuid4()))
    documents.attach(pair.here.office, told, iter([small_pdf(mark=mark)]), pair.here.journey.now)
    found = pair.here.rows("select id::text as id from document where name = %s", f"{mark}.pdf")
    return str(found[0]["id"])


def send(pair: Pair, code: str, *chosen: str, member: str = LEAD, words: str = "") -> None:
    pair.here.journey.do(code, "send_documents", pair.here.cast[member], handoff=handoff_to_police(pair.here, code),
                         documents=chosen, words=words)


def there(pair: Pair) -> list[dict[str, Any]]:
    return pair.police.rows("select name, sha256, state from document order by name")


def offered(pair: Pair, code: str, actor: Actor) -> list[str]:
    view = desk.dossier(pair.here.office, code, actor, pair.here.journey.now)
    return [offer.event for offer in view.offers if offer.permitted]


def test_a_scan_that_was_attached_later_reaches_those_who_work_on_it_and_is_told_on_both_sides(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    lead = pair.here.cast[LEAD]
    assert "send_documents" not in offered(pair, code, lead)
    paper = attach(pair, code, "bo-sung")
    assert "send_documents" in offered(pair, code, lead)
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff_to_police(pair.here, code))
    pair.settle()

    send(pair, code, paper, words="Bản vẽ đã chỉnh sửa")
    pair.settle()

    content = small_pdf(mark="bo-sung")
    sha256 = hashlib.sha256(content).hexdigest()
    received, = there(pair)
    assert received["name"].endswith(" - bo-sung.pdf")
    assert received["sha256"] == sha256
    with pair.police.office.store.open_verified(sha256) as file:
        assert file.read() == content
    said, = pair.here.rows("select a.details, r.body from audit a left join remark r using (dossier_id, seq) "
                           "where a.action = 'send_documents'")
    heard, = pair.police.rows("select a.actor_name, a.details, r.body from audit a left join remark r "
                              "using (dossier_id, seq) where a.action = 'documents_came'")
    assert json.loads(said["details"])["documents"] == [paper]
    assert json.loads(heard["details"])["proof"]["peer"] == "soc-trang"
    assert heard["actor_name"].startswith(lead.name)
    assert "Bản vẽ" in said["body"]
    assert "Bản vẽ" in heard["body"]
    assert pair.police.rows("select kind from notice where kind = 'documents_came'")
    pair.police.journey.do(theirs, "answer_task", pair.police.cast[HEAD], kind="give_opinion", verdict="agree",
                           words="Thống nhất")
    pair.settle()
    closed = pair.here.rows("select closed_at from work_item where handoff_id = %s", handoff_to_police(pair.here, code))
    assert closed[0]["closed_at"] is not None


def test_what_is_sent_twice_or_went_with_the_hand_off_is_there_once(pair: Pair) -> None:
    code = consult(pair.here)
    paper = attach(pair, code, "truoc")  # before the line took the hand-off, so it goes with that
    send(pair, code, paper)
    pair.settle()
    other = attach(pair, code, "sau")
    send(pair, code, other)
    send(pair, code, other, paper)
    pair.settle()

    assert [row["name"].rpartition(" - ")[2] for row in there(pair)] == ["sau.pdf", "truoc.pdf"]
    assert [row["kind"] for row in pair.sent()] == ["handoff", "more_documents", "more_documents", "more_documents"]
    assert {row["state"] for row in pair.arrived()} == {"applied"}
    assert len(pair.police.rows("select 1 from pull where done_at is not null")) == 2


def test_only_the_unit_that_asked_sends_only_files_and_only_to_another_installation(pair: Pair) -> None:
    code = consult(pair.here)
    paper = attach(pair, code, "ban-ve")
    with pytest.raises(WrongRole):
        send(pair, code, paper, member="H51.02/tiep-nhan:receptionist")
    with pytest.raises(Invalid):
        send(pair, code)
    with pytest.raises(Invalid):
        send(pair, code, str(uuid.uuid4()))
    here = pair.here.rows("select id from handoff where to_agency <> %s and to_agency <> from_agency order by seq desc "
                          "limit 1", POLICE_AGENCY)[0]["id"]
    with pytest.raises(NotPossibleHere):
        pair.here.journey.do(code, "send_documents", pair.here.cast[LEAD], handoff=here, documents=(paper,))
    assert [row["kind"] for row in pair.sent()] == ["handoff"]


def test_what_comes_after_the_answer_has_no_effect_and_holds_up_nothing(pair: Pair) -> None:
    code = consult(pair.here)
    pair.settle()
    paper, handoff = attach(pair, code, "muon"), handoff_to_police(pair.here, code)
    theirs = pair.police.rows("select code from dossier")[0]["code"]
    pair.police.journey.do(theirs, "register", pair.police.cast[OFFICER], handoff=handoff)
    pair.police.journey.do(theirs, "answer_task", pair.police.cast[HEAD], kind="give_opinion", verdict="agree",
                           words="Thống nhất")
    send(pair, code, paper)  # on the way while they answer
    pair.settle()

    assert there(pair) == []
    assert "without_effect" in {row["action"] for row in pair.police.rows("select action from audit")}
    assert {row["state"] for row in pair.arrived()} == {"applied"}
    with pytest.raises(NotPossibleHere):
        send(pair, code, paper)
