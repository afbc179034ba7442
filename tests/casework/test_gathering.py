"""While opinions are gathered the lead goes on adding to the dossier, and those who are asked see what he adds."""

from __future__ import annotations

import pytest

from engine import desk
from engine.errors import NotFound, WrongRole
from tests.casework.conftest import Start
from tests.casework.walking import Walk

LEAD, LEADS_HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
POLICE = "H51.05/chuyen-mon:officer"


def gathering(start: Start, procedure: str = "conference_permit_local") -> Walk:
    """The agencies were asked and have signed for it; the lead has no open work."""
    walk = start(procedure).go_to("examining")
    walk.step("consult", "examining")
    walk.journey.register_all(walk.code)
    assert walk.cast.unit("H51.01/ngoai-vu") not in {item["unit_id"] for item in walk.items.values()}
    return walk


def open_to(walk: Walk, who: str) -> set[str]:
    view = desk.dossier(walk.office, walk.code, walk.cast[who], walk.now)
    return {slot.component for slot in view.slots if slot.open}


def scanned(walk: Walk, component: str) -> set[str]:
    return {str(row["id"]) for row in walk.of("document") if row["component"] == component and row["sha256"]}


@pytest.mark.parametrize("procedure", ["conference_permit_local", "conference_hosting_local"])
def test_the_lead_adds_a_scan_which_those_asked_see_and_which_is_sent_to_nobody(start: Start, procedure: str) -> None:
    walk = gathering(start, procedure)
    told = [row["message_id"] for row in walk.of("outbox", "seq")]

    walk.attach("other", walk.cast[LEAD])
    walk.attach("other", walk.cast[LEADS_HEAD])

    seen = desk.dossier(walk.office, walk.code, walk.cast[POLICE], walk.now)
    assert {str(row.id) for row in seen.documents} >= scanned(walk, "other")
    assert len(scanned(walk, "other")) == 2
    assert [row["message_id"] for row in walk.of("outbox", "seq")] == told
    assert [(row["action"], row["actor_name"], row["unit_id"]) for row in walk.entries][-2:] == [
        ("attach", walk.cast.member(one).name, walk.cast.unit("H51.01/ngoai-vu")) for one in (LEAD, LEADS_HEAD)]


def test_who_is_asked_answers_what_he_has_read_although_a_scan_came_in_between(start: Start) -> None:
    walk = gathering(start)
    answer = walk.order("give_opinion", walk.cast[POLICE], state="police", verdict="agree", words="Không vướng")

    walk.attach("plan", walk.cast[LEAD])
    walk.act(answer)

    assert "police" not in walk.items


def test_the_lead_puts_a_better_scan_in_the_place_of_any_who_is_asked_only_in_that_of_his_own(start: Start) -> None:
    walk = gathering(start)
    walk.attach("plan", walk.cast[LEAD])
    walk.attach("other", walk.cast[POLICE])

    lead, police = (set(map(str, desk.dossier(walk.office, walk.code, walk.cast[who], walk.now).replaceable))
                    for who in (LEAD, POLICE))

    assert lead == scanned(walk, "plan") | scanned(walk, "other")
    assert police == scanned(walk, "other")


def test_the_result_is_not_drafted_before_the_opinions_are_in(start: Start) -> None:
    walk = gathering(start)

    assert "plan" in open_to(walk, LEAD)
    assert "result" not in open_to(walk, LEAD)
    with pytest.raises(WrongRole):
        walk.attach("result", walk.cast[LEAD])
    walk.go_to("synthesis")
    assert "result" in open_to(walk, LEAD)


@pytest.mark.parametrize(("who", "refused"), [
    ("H51.01/van-thu:clerk", NotFound), ("H51.01/kiem-soat-thu-tuc:auditor", WrongRole)])
def test_nobody_else_of_the_leads_agency_adds_anything(start: Start, who: str, refused: type[Exception]) -> None:
    walk = gathering(start)

    with pytest.raises(refused):
        walk.attach("plan", walk.cast[who])
