"""Every act of a conference dossier at every place, tried by everybody: exactly those listed here may, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest

from engine.casework import extension, steps
from engine.casework.act import BESIDE
from engine.casework.orders import Actor, Order, Particulars
from engine.clocks.zone import ZONE
from engine.errors import LienThongError, NotFound, NotPossibleHere, WrongRole
from storage import dossiers
from tests.casework.conftest import Start
from tests.casework.staff import bind, disable, join, leave
from tests.casework.walking import Walk
from tests.conftest import Fresh

OFFICER, HEAD = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head"
CHIEF, LEADER, CLERK = "H51.01/lanh-dao:head", "H51.01/lanh-dao:signer", "H51.01/van-thu:clerk"
DESK, RETURNER, MANAGER = (f"H51.02/tiep-nhan:{role}" for role in ("receptionist", "returner", "manager"))
POLICE, AGRICULTURE, FOREIGN = (f"H51.{number}/chuyen-mon:officer" for number in ("05", "06", "04"))

STOP_BY_LEAD = {"stop": {HEAD, MANAGER}, "withdraw": {DESK}}
STOP_BY_CHIEF = {"stop": {CHIEF, MANAGER}, "withdraw": {DESK}}
EXAMINER = {"propose_rejection": {OFFICER}, "request_supplement": {OFFICER}}
RETURNING = {"return_at_counter": {RETURNER}, "send_by_post": {RETURNER}, "return_electronically": {RETURNER},
             "send_back": {RETURNER}}
EXTEND_BY_LEAD = {"extend": {HEAD, MANAGER}}
TABLE: dict[str, dict[str, set[str]]] = {
    "checking": {"accept": {DESK}, "refuse": {DESK}, "request_supplement": {DESK}, "withdraw": {DESK},
                 "hold": {DESK}, "extend": {MANAGER}},
    "examining": {"consult": {OFFICER}, **EXAMINER, **STOP_BY_LEAD, **EXTEND_BY_LEAD},
    "police": {"give_opinion@police": {POLICE}, "give_opinion@agriculture": {AGRICULTURE},
               "give_opinion@foreign_affairs": {FOREIGN}, "request_supplement": {OFFICER},
               "close_consultation": {OFFICER}, **STOP_BY_LEAD, **EXTEND_BY_LEAD},
    "synthesis": {"forward": {OFFICER}, "send_back": {OFFICER}, **EXAMINER, **STOP_BY_LEAD, **EXTEND_BY_LEAD},
    "reviewing": {"approve": {CHIEF}, "send_back": {CHIEF}, **STOP_BY_CHIEF, "extend": {HEAD, CHIEF, MANAGER}},
    "signing": {"sign": {LEADER}, "send_back": {LEADER}, **STOP_BY_CHIEF, "extend": {HEAD, CHIEF, MANAGER}},
    "issuing": {"issue": {CLERK}, "send_back": {CLERK}, "extend": {HEAD, MANAGER}},
    "returning": {**RETURNING, "extend": {HEAD, MANAGER}},
}


def everybody(walk: Walk) -> Iterator[tuple[str, Actor]]:
    """One person for every post of the province, and for every pair of posts in one hand, named by the first."""
    posts: dict[int, tuple[str, ...]] = {}
    for member in walk.cast.members:
        posts[member.id] = (*posts.get(member.id, ()), f"{member.unit}:{member.role}")
    for held in dict.fromkeys(posts.values()):
        yield held[0], walk.cast[held[0]]


def loaded_by(walk: Walk, actor: Actor) -> dossiers.Loaded | None:
    today = walk.now.astimezone(ZONE).date()
    return dossiers.load(walk.office.db, code=walk.code, person=actor.id, key=None, today=today, blind=False)


def permitted(walk: Walk, actor: Actor, event: str) -> bool:
    """A dry run of the decision; what else may be missing does not matter."""
    loaded = loaded_by(walk, actor)
    if loaded is None:
        return False
    name, _, state = event.partition("@")
    order = Order(code=walk.code, event=name, actor=actor, state=state or None, seen_version=loaded.version)
    decide = extension.extend if name == "extend" else steps.decide
    try:
        decide(loaded, order, walk.office.catalogue(), walk.now)
    except WrongRole:
        return False
    except LienThongError:
        return True
    return True


@pytest.mark.parametrize("place", list(TABLE))
def test_an_act_is_done_by_those_it_belongs_to_and_by_nobody_else(start: Start, place: str) -> None:
    walk = start(accept=False) if place == "checking" else start().go_to(place)
    walk.journey.register_all(walk.code)

    people = list(everybody(walk))
    found = {event: {post for post, actor in people if permitted(walk, actor, event)} for event in TABLE[place]}

    assert found == TABLE[place]
    declared = {command.event for command in walk.procedure.commands(sorted(walk.states))}

    assert declared == {event.partition("@")[0] for event in TABLE[place]} - {"extend"}


def test_hand_offs_belong_to_their_two_ends(start: Start) -> None:
    walk = start()
    told = Particulars(handoff=walk.handoffs[0]["id"], reason="Vì sao")
    found: dict[str, set[str]] = {"register": set(), "refuse_handoff": set(), "recall": set()}

    for post, actor in everybody(walk):
        loaded = loaded_by(walk, actor)
        for event, posts in found.items():
            order = Order(code=walk.code, event=event, actor=actor, seen_version=1, particulars=told)
            with suppress(WrongRole):
                if loaded is not None:
                    BESIDE[event](loaded, order, walk.office.catalogue(), walk.now)
                    posts.add(post)

    assert found == {"register": {OFFICER, HEAD}, "refuse_handoff": {OFFICER, HEAD}, "recall": {DESK, MANAGER}}


def test_a_dossier_is_seen_by_its_desk_by_those_who_work_or_worked_on_it_and_by_auditors(start: Start) -> None:
    walk = start().go_to("synthesis")
    seeing = {post.partition(":")[0] for post, actor in everybody(walk) if loaded_by(walk, actor) is not None}

    assert seeing == {"H51.01/ngoai-vu", "H51.02/tiep-nhan", "H51.04/chuyen-mon", "H51.05/chuyen-mon",
                      "H51.06/chuyen-mon", "H51.01/kiem-soat-thu-tuc"}
    assert loaded_by(walk, walk.cast["H51.01/kiem-soat-thu-tuc:auditor"]) is not None
    assert loaded_by(walk, walk.cast["H51.01/kiem-soat-thu-tuc:administrator"]) is None
    assert loaded_by(walk, walk.cast["H51.09/giao-nhan:courier"]) is None


@pytest.mark.parametrize("event", ["consult", "withdraw", "register", "extend", "take_paper", "confirm_paper"])
def test_strangers_cannot_tell_what_exists(start: Start, event: str) -> None:
    walk = start("funeral_allowance").go_to("examining")
    walk.list_on_run()
    stranger = walk.cast["H51.07/chuyen-mon:officer"]
    told = []

    for code in (walk.code, "H51.21-261123-9999"):
        with pytest.raises(NotFound) as refusal:
            walk.act(Order(code=code, event=event, actor=stranger, seen_version=1,
                           particulars=Particulars(slip=f"{code}-S")))
        told.append(refusal.value.message().replace(code, "…"))

    assert told[0] == told[1]


def test_an_auditor_reads_and_changes_nothing(start: Start) -> None:
    walk = start()
    auditor = walk.cast["H51.01/kiem-soat-thu-tuc:auditor"]

    for event in ("consult", "withdraw", "stop", "extend", "propose_rejection"):
        with pytest.raises(WrongRole):
            walk.do(event, auditor, reason="Vì sao")
    with pytest.raises(WrongRole):
        walk.attach("other", auditor)

    assert walk.dossier["version"] == 1
    assert [row["action"] for row in walk.entries].count("refused") == 5 + 1


def test_a_post_ends_with_its_last_day_and_begins_with_its_first(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    officer, colleague = walk.cast[OFFICER], walk.cast[f"{OFFICER}#1"]
    today = walk.now.astimezone(ZONE).date()
    newcomer = walk.cast["H51.07/chuyen-mon:officer"]
    join(fresh, newcomer.id, walk.cast.unit("H51.01/ngoai-vu"), "officer", today + timedelta(days=1))

    leave(fresh, officer.id, today)
    assert permitted(walk, officer, "consult")
    assert not permitted(walk, newcomer, "consult")
    walk.journey.now += timedelta(days=1)

    with pytest.raises(NotFound):
        walk.do("consult", officer)
    assert permitted(walk, colleague, "consult")
    assert permitted(walk, newcomer, "consult")


def test_somebody_who_was_disabled_sees_and_does_nothing_from_that_moment(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    officer = walk.cast[OFFICER]
    order = walk.order("consult", officer)

    disable(fresh, officer.id)

    with pytest.raises(NotFound):
        walk.act(order)
    assert loaded_by(walk, officer) is None


def test_a_disabled_receptionist_takes_nothing_in(start: Start, fresh: Fresh) -> None:
    disable(fresh, start().cast[DESK].id)

    with pytest.raises(WrongRole):
        start()


def test_a_unit_sees_what_it_refused_but_does_not_work_on_it(start: Start) -> None:
    walk = start()
    walk.do("refuse_handoff", walk.cast[OFFICER], handoff=walk.handoffs[0]["id"], reason="Sai đơn vị")

    assert loaded_by(walk, walk.cast[OFFICER]) is not None
    with pytest.raises((WrongRole, NotPossibleHere)):
        walk.do("consult", walk.cast[OFFICER])


def test_nobody_acts_as_the_machine(start: Start) -> None:
    walk = start()

    for event in ("deliver", "alarm:due", "attach", "receive"):
        with pytest.raises(NotPossibleHere):
            walk.do(event, walk.cast[OFFICER], handoff=walk.handoffs[0]["id"])


def test_units_change_their_duties_on_the_day_the_binding_says(start: Start, fresh: Fresh) -> None:
    walk = start().go_to("examining")
    bind(fresh, "lead", walk.cast.unit("H51.04/chuyen-mon"), date(2026, 11, 25))

    assert permitted(walk, walk.cast[OFFICER], "consult")
    walk.journey.now += timedelta(days=2)
    later = start()

    assert later.handoffs[0]["to_unit_id"] == walk.cast.unit("H51.04/chuyen-mon")
    assert permitted(walk, walk.cast[OFFICER], "consult")
