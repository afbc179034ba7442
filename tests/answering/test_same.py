"""The same question answered by people here, by a mailed link and on a slip leaves the same dossier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from engine import delivery
from engine.answering import by_link, by_slip, slips
from engine.answering.reaching import reach
from engine.casework.outside import Said
from engine.notifying.drain import drain
from tests.answering.conftest import HERE, MAIL, SOMEBODY, keys, ways
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.journey import MONDAY, Journey
from tests.notifying.partners import Partner

POLICE, LEAD = "H51.05", "H51.01/ngoai-vu:officer"
OPINION = {"verdict": "agree", "words": "Đồng ý, bảo đảm an ninh"}
SAID = Said(event="give_opinion", **OPINION)
# Names that rows have only for themselves, and who it was: that is what differs.
OWN = {"id", "dossier_id", "code", "handoff_id", "message_id", "actor_id", "actor_name", "details", "prev", "hash",
       "audit_head", "audit_seq", "seq", "close_seq", "answer_seq", "registered_by", "closed_by", "done_by",
       "person_id", "created_by"}
TABLES = ("dossier", "active_state", "work_item", "clock", "timer", "handoff", "audit", "opinion", "notice")

Way = Callable[[Walk, Partner], None]


def here(walk: Walk, post: Partner) -> None:
    officer = walk.holder("police")
    walk.act(walk.order("register", officer, handoff=walk.asked(POLICE)))
    walk.act(walk.order("give_opinion", officer, state="police", **OPINION))


def by_mail(walk: Walk, post: Partner) -> None:
    drain(walk.office, walk.now, chosen=ways(post))
    key = keys(post)[-1]
    by_link.take(walk.office, by_link.look(walk.office, key, HERE, walk.now), SOMEBODY, walk.now)
    by_link.answer(walk.office, by_link.look(walk.office, key, HERE, walk.now), SOMEBODY, SAID, (), walk.now)


def on_paper(walk: Walk, post: Partner) -> None:
    member = walk.cast.member(LEAD)
    posts = [(member.unit_id, member.role)]
    number = f"{walk.code}-H{next(row['seq'] for row in walk.handoffs if row['to_agency'] == POLICE)}"
    found = by_slip.find(walk.office, number, posts, walk.now)
    told = by_slip.Paper(signer=SOMEBODY, dated=walk.now.date(), said=SAID, files=())
    by_slip.enter(walk.office, found, told, walk.cast[LEAD], walk.now)


def answered(start: Start, journey: Journey, way: str, answer: Way, post: Partner) -> dict[str, list[dict[str, Any]]]:
    journey.now, office = MONDAY, journey.office
    walk = start()
    reach(office, POLICE, way, MAIL if way == "mail" else "", "test", walk.now)
    walk.go_to("examining").act(walk.order("consult", walk.cast[LEAD]))
    delivery.drain(office, walk.now)
    if way == "paper":
        member = walk.cast.member(LEAD)
        seq = next(row["seq"] for row in walk.handoffs if row["to_agency"] == POLICE)
        slips.printed(office, [f"{walk.code}-H{seq}"], walk.cast[LEAD], [(member.unit_id, member.role)], walk.now)
    journey.now = MONDAY + timedelta(hours=5)
    answer(walk, post)
    reach(office, POLICE, "here", "", "test", walk.now)
    return {table: facts(walk, table) for table in TABLES}


def facts(walk: Walk, table: str) -> list[dict[str, Any]]:
    """Rows of the dossier as far as they say something of it; who printed a slip is no part of the matter."""
    rows = walk.rows("select * from dossier where code = %s", walk.code) if table == "dossier" else walk.of(table)
    told = [{name: value for name, value in row.items() if name not in OWN} for row in rows
            if row.get("action") != "print_slip"]
    return sorted(told, key=str)


def test_three_ways_leave_the_same_states_items_and_clocks(start: Start, journey: Journey, post: Partner) -> None:
    local = answered(start, journey, "here", here, post)

    assert answered(start, journey, "mail", by_mail, post) == local
    assert answered(start, journey, "paper", on_paper, post) == local
    assert any(row["action"] == "give_opinion" for row in local["audit"])
