"""That both sides say the same of a dossier when all is done, from the tables of both; each thing happened once."""

from __future__ import annotations

import hashlib

import orjson

from engine.anchoring import keeping
from storage import anchors
from tests.two.browsing import Browser
from tests.two.rounds import CULTURE, MAIL, Pair, Round, Side
from tests.two.tales import ANSWERED, CHAINED_TO, links

HANDOFFS = """
select h.id, h.state, h.their_code, exists (select from outbox o where o.kind = 'withdrawn'
  and o.payload->>'handoff' = h.id::text) from handoff h join dossier d on d.id = h.dossier_id
where d.code = %s and h.to_agency = %s order by h.id"""
SUCCESSORS = """
select c.handoff_id, h.state, d.code, c.ended_at is not null from counterpart c join dossier d on d.id = c.dossier_id
join handoff h on h.id = c.handoff_id where c.thread = %s order by c.handoff_id"""
MESSAGES = "select no, message_id, kind from outbox where peer_id is not null and thread = %s order by no"
ARRIVALS = "select no, message_id, kind from arrival where thread = %s and state = 'applied' order by no"
# An act that a message caused stands in the record once; each of its documents is an act of its own.
TWICE = """
select details::jsonb->'proof'->>'message', action from audit
where details::jsonb->'proof' ? 'message' and action <> 'attach'
group by dossier_id, 1, 2 having count(*) > 1"""
# What people do with a successor they do once.
DONE_TWICE = """
select action from audit a join dossier d on d.id = a.dossier_id where d.code = %s and action <> 'attach'
and not coalesce(details::jsonb->'proof' ? 'message', false) group by action having count(*) > 1"""
FILES = """
select f.sha256, f.state from document f join dossier d on d.id = f.dossier_id
where d.code = %s and f.component = %s and f.replaced_by is null order by f.sha256"""
BY_MAIL = """
select a.action, count(*) from audit a join dossier d on d.id = a.dossier_id
where d.code = %s and a.details::jsonb->'proof' ? 'link' group by a.action order by a.action"""
ANSWERS_BY_MAIL = """
select (select array_agg(c.verdict) from consultation c where c.dossier_id = d.id), h.state, l.answer->>'words'
from dossier d join handoff h on h.dossier_id = d.id join link l on l.handoff_id = h.id
where d.code = %s and h.to_agency = %s"""
GIVEN_BY_MAIL = """
select f.name, f.state from document f join dossier d on d.id = f.dossier_id
where d.code = %s and f.added_by is null"""


def agree(told: Round, tale: str) -> None:
    if tale == "anchored":
        anchors_agree(told.pair)
    elif tale == "by_mail":
        mail_agrees(told)
    else:
        dossier_agrees(told, answered=tale in ANSWERED, documents=int(tale != "by_page"))
    if tale == "chained":
        linked(told.pair.there, told.pair.here, told.successor(), CHAINED_TO)


def dossier_agrees(told: Round, *, answered: bool = True, documents: int = 1) -> None:
    here, there, code = told.pair.here, told.pair.there, told.code
    successors = linked(here, there, code, "H51.05")
    for theirs in successors:
        assert there.rows(FILES, theirs, "received") == here.rows(FILES, code, "plan")
        whole(there, theirs)
    whole(here, code)
    if answered:
        assert told.opinions() == 1
        result = there.rows(FILES, told.successors()[-1], "result")
        assert len(result) == documents
        assert here.rows(FILES, code, "received") == result


def linked(master: Side, other: Side, code: str, agency: str) -> list[str]:
    """One successor for each hand-off, each message once and in order. The codes of the successors, by hand-off."""
    handoffs, successors = master.rows(HANDOFFS, code, agency), other.rows(SUCCESSORS, code)
    assert [row[0] for row in successors] == [row[0] for row in handoffs], "a successor is missing, or doubled"
    for (handoff, state, their_code, was_withdrawn), (_, stands, theirs, ended) in zip(handoffs, successors,
                                                                                       strict=True):
        # what is withdrawn need not have been told that it was registered
        assert ended if was_withdrawn else state == stands, handoff
        assert their_code == theirs or state != "registered"
        assert other.rows(DONE_TWICE, theirs) == []
    for one, another in ((master, other), (other, master)):
        assert one.rows(MESSAGES, code) == another.rows(ARRIVALS, code)
        assert one.rows(TWICE) == []
    return [row[2] for row in successors]


def whole(side: Side, code: str) -> None:
    """The bytes of what came are in the store."""
    for sha256, state in side.rows(FILES, code, "received"):
        assert state == "stored"
        side.at.office.store.open_verified(sha256).close()


def mail_agrees(told: Round) -> None:
    here, code = told.pair.here, told.code
    assert here.rows(BY_MAIL, code) == [("answer_consultation", 1), ("attach", 1), ("register", 1)]
    assert here.rows(ANSWERS_BY_MAIL, code, CULTURE) == [(["agree"], "registered", "Thống nhất")]
    assert here.rows(GIVEN_BY_MAIL, code) == [("tra-loi.pdf", "stored")]
    guest, found = Browser(here.at), links(told)
    assert found
    assert {guest.look(link) for link in found} == {200}, f"every mail to {MAIL} brought a link that opens"


def anchors_agree(pair: Pair) -> None:
    """Numbered without gaps, each names the one before; the store and the other side hold the very bytes."""
    for side, other in ((pair.here, pair.there), (pair.there, pair.here)):
        office, before = side.at.office, "0" * 64
        made = list(anchors.every(office.db))
        assert [one.no for one in made] == list(range(1, len(made) + 1))
        for one in made:
            assert orjson.loads(one.sealed)["body"]["previous"] == before
            before = hashlib.sha256(one.sealed).hexdigest()
            assert office.store.locked_away(keeping.folder(office) + keeping.key(one.no)) == one.sealed
            places = {place.place: place.receipt for place in anchors.places(office.db, one.no)}
            assert set(places) == {keeping.STORE, other.at.name}
            assert other.rows("select sealed, receipt from anchor_copy where no = %s", one.no) == [
                (one.sealed, places[other.at.name])]
