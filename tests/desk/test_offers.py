"""What a dossier's page offers is what an act would allow: for everybody who sees it, at every stop of its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from engine import desk
from engine.casework import offers, steps
from engine.casework.act import BESIDE
from engine.casework.offers import Offer
from engine.casework.orders import Actor, Order, Particulars
from engine.errors import LienThongError, NotFound
from storage import dossiers
from tests.journey import Journey

OFFICER, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"


def at_the_counter(journey: Journey) -> str:
    return journey.receive(accept=False).code


def on_its_way(journey: Journey) -> str:
    return journey.receive().code


def examined(journey: Journey) -> str:
    code = on_its_way(journey)
    journey.register_all(code)
    return code


def consulted(journey: Journey) -> str:
    code = examined(journey)
    journey.do(code, "consult", journey.cast[OFFICER])
    return code


def half_answered(journey: Journey) -> str:
    code = consulted(journey)
    journey.register_all(code)
    journey.do(code, "give_opinion", journey.cast["H51.05/chuyen-mon:officer"], state="police", verdict="agree",
               words="Đồng ý")
    return code


def waiting_for_papers(journey: Journey) -> str:
    code = examined(journey)
    journey.do(code, "request_supplement", journey.cast[OFFICER], documents=("plan",), reason="Thiếu đề án")
    return code


def withdrawn(journey: Journey) -> str:
    code = at_the_counter(journey)
    journey.do(code, "withdraw", journey.cast["H51.02/tiep-nhan:receptionist"])
    return code


STOPS = [at_the_counter, on_its_way, examined, consulted, half_answered, waiting_for_papers, withdrawn]


def filled(offer: Offer, due: object, units: tuple[int, ...]) -> Particulars:
    """A form filled in as the offer asks."""
    told = Particulars(
        reason="Lý do", verdict="agree", words="Đồng ý", recipient="Người nhận", slip=offer.slip or "PH-1", amount=1000,
        proof="BL-1", documents=("plan",), handoff=offer.handoff, units=units, limit="3 working days", join="all",
        kind="complaint", outcome="accepted")
    if offer.event == "offer_paper":
        return replace(told, unit=offer.receivers[0].id)
    return replace(told, new_due=due + timedelta(days=1)) if offer.event == "extend" else told


@pytest.mark.parametrize("stop", STOPS)
def test_what_is_offered_is_what_an_act_allows(journey: Journey, stop: Callable[[Journey], str]) -> None:
    code, now, office = stop(journey), journey.now, journey.office
    catalogue, seen = office.fresh_catalogue(), 0
    asked = (journey.cast.unit("H51.03/chuyen-mon"),)
    people = {member.id: Actor(id=member.id, name=member.name) for member in journey.cast.members}
    for person in people.values():
        loaded = dossiers.load(office.db, code=code, person=person.id, key=None, today=now.date(), blind=False)
        if loaded is None:
            continue
        seen += 1
        for offer in offers.offers(loaded, person, catalogue, now):
            order = Order(code=code, event=offer.event, actor=person, state=offer.state,
                          particulars=filled(offer, loaded.due_at, asked))
            try:
                BESIDE.get(offer.event, steps.decide)(replace(loaded), order, catalogue, now)
                refused = None
            except LienThongError as refusal:
                refused = refusal.code
            assert (offer.permitted, offer.code) == (refused is None, refused), (person.name, offer)
    assert seen > 3


def test_at_the_end_only_what_citizens_say_of_it_is_taken_down(journey: Journey) -> None:
    view = desk.dossier(journey.office, withdrawn(journey), journey.cast["H51.02/tiep-nhan:receptionist"], journey.now)
    assert [offer.event for offer in view.offers] == ["take_feedback"]


def test_my_own_acts_come_first(journey: Journey) -> None:
    view = desk.dossier(journey.office, examined(journey), journey.cast[OFFICER], journey.now)
    mine = [offer.mine for offer in view.offers]
    assert mine == sorted(mine, reverse=True)
    assert view.offers[0].permitted


def test_what_is_missing_is_said_before_anybody_tries(journey: Journey) -> None:
    code = journey.receive(accept=False, papers=()).code
    view = desk.dossier(journey.office, code, journey.cast["H51.02/tiep-nhan:receptionist"], journey.now)
    accept = next(offer for offer in view.offers if offer.event == "accept")
    assert (accept.permitted, accept.code, accept.mine) == (False, "missing_document", True)
    assert len(view.missing) == 2


def test_who_may_not_see_a_dossier_is_told_that_there_is_none(journey: Journey) -> None:
    code = on_its_way(journey)
    for who in ("H51.21/mot-cua:receptionist", "H51.09/giao-nhan:courier", "H51.05/chuyen-mon:officer"):
        with pytest.raises(NotFound):
            desk.dossier(journey.office, code, journey.cast[who], journey.now)
        with pytest.raises(NotFound):
            desk.audit_of(journey.office, code, journey.cast[who], journey.now)


def test_looking_at_a_dossier_writes_nothing(journey: Journey) -> None:
    code = consulted(journey)
    count = "select audit_seq + version from dossier where code = %s"
    before = journey.office.db.value(count, (code,))
    for member in journey.cast.members[:8]:
        try:
            desk.dossier(journey.office, code, Actor(id=member.id, name=member.name), journey.now)
        except NotFound:
            continue
    assert journey.office.db.value(count, (code,)) == before


def test_the_promise_is_judged_by_the_day_it_was_kept(journey: Journey) -> None:
    code = withdrawn(journey)
    actor = journey.cast["H51.02/tiep-nhan:receptionist"]
    much_later = journey.now + timedelta(days=30)
    assert desk.dossier(journey.office, code, actor, much_later).header.lateness != "overdue"
    open_still = examined(journey)
    assert desk.dossier(journey.office, open_still, actor, much_later).header.lateness == "overdue"


def test_who_gets_it_next_is_said_before_it_is_sent(journey: Journey) -> None:
    view = desk.dossier(journey.office, examined(journey), journey.cast[OFFICER], journey.now)
    asked = next(offer for offer in view.offers if offer.event == "consult")

    assert [(step.step.vi, step.elsewhere) for step in asked.following] == [
        ("Ý kiến Sở Ngoại vụ", True), ("Ý kiến Công an tỉnh", True), ("Ý kiến Sở Nông nghiệp và Môi trường", True)]
    assert all(step.unit.vi for step in asked.following)


def test_what_is_asked_can_be_said_where_others_are_asked_and_nowhere_else(journey: Journey) -> None:
    view = desk.dossier(journey.office, examined(journey), journey.cast[OFFICER], journey.now)
    fields = {offer.event: offer.fields for offer in view.offers if offer.permitted}
    assert fields["consult"] == ("words",)
    assert fields["request_supplement"]
    assert "words" not in fields["request_supplement"]
