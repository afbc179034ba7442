"""Version 3 is published while thirty dossiers are on their way: some move, some stay, some come back; all end well."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from engine.access import NotAdministrator
from engine.clocks.zone import ZONE
from engine.designing import drafts, publishing
from engine.designing.drafts import Beginning, Edit
from engine.errors import Invalid, NotFound
from engine.migrating import batch
from engine.migrating.batch import Proposal
from engine.migrating.plan import ClockRule
from engine.migrating.verdict import Kind
from procedures.declaration import Text, canonical
from storage import moves
from tests.casework.racing import together
from tests.casework.test_anything import Chance
from tests.casework.walking import Walk
from tests.journey import MONDAY
from tests.migrating.conftest import Cockpit
from tests.migrating.test_moving import broken, picture
from tests.migrating.versions import KEY, plan, publish, written

Start = Callable[..., Walk]
TODAY = MONDAY.astimezone(ZONE).date()


def officially(cockpit: Cockpit) -> int:
    """Written, checked and published by two administrators, as the law of the house wants it."""
    office, now = cockpit.office, cockpit.journey.now
    draft = drafts.create(office, cockpit.actor, Beginning(version_id=cockpit.old), now)

    def rewrite(data: dict[str, Any]) -> str:
        data.clear()
        data.update(json.loads(canonical(written())))
        return "machine"

    draft = drafts.change(office, cockpit.actor, draft.id, draft.version, Edit(rewrite, Text(vi="Sửa", en="x")), now)
    checked = publishing.check(office, cockpit.actor, draft.id, draft.version, now)
    assert checked.sound, checked.findings
    draft = drafts.open_for(office, cockpit.other, draft.id, now)
    today = now.astimezone(ZONE).date()
    return publishing.publish(office, cockpit.other, draft.id, draft.version, "45/QĐ-UBND", today, now)


def thirty(start: Start) -> dict[str, list[Walk]]:
    consulted = [start().go_to("police") for _ in range(6)]
    for walk in consulted:
        walk.step("give_opinion", "police")
    waiting = [start().go_to("synthesis") for _ in range(4)]
    for walk in waiting:
        walk.step("request_supplement", "synthesis")
    posted = [start(channel="post", return_way="post").go_to("returning") for _ in range(2)]
    for walk in posted:
        walk.step("send_by_post")
    ended = [start() for _ in range(3)]
    for walk in ended:
        walk.do("withdraw", walk.cast["H51.02/tiep-nhan:receptionist"], reason="Công dân rút")
    return {"counter": [start(accept=False, papers=()) for _ in range(3)], "on_the_way": [start() for _ in range(4)],
            "examining": [start().go_to("examining") for _ in range(4)], "consulted": consulted, "waiting": waiting,
            "signing": [start().go_to("signing") for _ in range(4)], "posted": posted, "ended": ended}


def to_its_end(walk: Walk) -> None:
    if "checking" in walk.states:
        for component in ("request_letter", "plan"):
            walk.attach(component, walk.cast["H51.02/tiep-nhan:receptionist"])
        walk.step("accept")
    if "awaiting_supplement" in walk.states:
        walk.step("supplement")
    if "posting" in walk.states:
        walk.step("confirm_delivery")
    else:
        walk.go_to("returning").step("return_at_counter")
    assert walk.states == {"returned"}


def test_thirty_dossiers(start: Start, cockpit: Cockpit) -> None:
    """Shown: twenty move, ten stay, five come back."""
    groups = thirty(start)
    walks = [walk for group in groups.values() for walk in group]
    assert len(walks) == 30
    cockpit.new = officially(cockpit)
    told = plan(clocks=ClockRule.STEPS)
    dues = {walk.code: walk.dossier["due_at"] for walk in walks}

    seen = cockpit.preview(told)
    assert {row.code for row in seen.rows} == {walk.code for walk in walks} - {walk.code for walk in groups["ended"]}
    assert Counter(row.verdict.kind for row in seen.rows) == {Kind.MOVES: 27}
    assert all(row.due_then == dues[row.code] for row in seen.rows)

    chosen = [walk for name, group in groups.items() if name != "ended" for walk in group[:3]][:20]
    made = cockpit.plan(*chosen, told=told)
    assert batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now, most=8).left == 12
    assert batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now).done == 12
    assert batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now).done == 0
    for walk in walks:
        assert walk.dossier["version_id"] == (cockpit.new if walk in chosen else cockpit.old)
        assert walk.dossier["due_at"] == dues[walk.code]

    back = chosen[::4]
    assert cockpit.undo(made, *back).done == 5
    assert Counter(item.state for item in moves.items(cockpit.office.db, made)) == {"moved": 15, "undone": 5}
    assert broken(cockpit.office) == []

    for walk in walks:
        under = walk.dossier["version_id"]
        if walk not in groups["ended"]:
            to_its_end(walk)
        assert walk.dossier["version_id"] == under
        assert (under == cockpit.new) == (walk in chosen and walk not in back)
    assert broken(cockpit.office) == []


def test_two_who_run_a_move_at_once_move_each_dossier_once(start: Start, cockpit: Cockpit) -> None:
    walks = [start().go_to("examining") for _ in range(3)]
    cockpit.publish()
    made = cockpit.plan(*walks)
    found = together(*[lambda: batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now)] * 2)
    assert sum(one.done for one in found) == 3
    _, items = batch.report(cockpit.office, cockpit.actor, made, cockpit.journey.now)
    assert [(item.state, item.why, item.version_id) for item in items] == [("moved", None, cockpit.new)] * 3
    assert [[entry["action"] for entry in walk.entries].count("migrate") for walk in walks] == [1, 1, 1]


def test_what_fails_holds_nobody_up_and_can_be_tried_again(start: Start, cockpit: Cockpit) -> None:
    first, gone, last = start(), start(), start()
    cockpit.publish()
    made = cockpit.plan(first, gone, last)
    gone.do("withdraw", gone.cast["H51.02/tiep-nhan:receptionist"], reason="Công dân rút")

    progress = batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now)

    assert (progress.done, list(progress.refused)) == (2, [gone.code])
    items = {item.code: item for item in moves.items(cockpit.office.db, made)}
    assert [items[walk.code].state for walk in (first, gone, last)] == ["moved", "failed", "moved"]
    why = batch.why_of(items[gone.code])
    assert why is not None
    assert "đã kết thúc" in why.vi
    assert [entry["action"] for entry in gone.entries][-1] == "withdraw"
    again = batch.run(cockpit.office, cockpit.actor, made, cockpit.journey.now, codes=[gone.code, first.code])
    assert (again.done, list(again.refused)) == (0, [gone.code])


def test_a_plan_says_everything_that_is_wrong_with_it(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    cockpit.publish()

    def planned(told: Proposal, **changes: Any) -> dict[str, Any]:
        given: dict[str, Any] = {"decision_no": "1/QĐ", "reason": "Lý do", "codes": [walk.code], **changes}
        with pytest.raises(Invalid) as wrong:
            batch.plan(cockpit.office, cockpit.actor, told, now=walk.now, **given)
        return wrong.value.fields

    fine = cockpit.proposal(plan())
    assert set(planned(fine, decision_no=" ", reason="", codes=[])) == {"decision_no", "reason", "dossiers"}
    assert set(planned(Proposal(from_version=cockpit.old, to_version=cockpit.old, plan=plan()))) == {"to"}
    later = publish(cockpit.fresh, written(changes={"version: 2\n": "version: 4\n"}), TODAY + timedelta(days=1))
    assert set(planned(Proposal(from_version=cockpit.old, to_version=later, plan=plan()))) == {"to"}
    wrong = {"examining": "police", "synthesis": "nowhere", "never": "drafting"}
    assert set(planned(cockpit.proposal(plan(wrong)))) == {"states.examining", "states.synthesis", "states.never"}


def test_only_administrators_move_dossiers(start: Start, cockpit: Cockpit) -> None:
    walk = start()
    cockpit.publish()
    made = cockpit.plan(walk)
    officer = walk.cast["H51.01/ngoai-vu:officer"]
    with pytest.raises(NotAdministrator):
        batch.preview(cockpit.office, officer, cockpit.proposal(plan()), walk.now)
    with pytest.raises(NotAdministrator):
        batch.run(cockpit.office, officer, made, walk.now)
    with pytest.raises(NotAdministrator):
        batch.undo_moves(cockpit.office, officer, made, None, walk.now)
    with pytest.raises(NotFound):
        batch.report(cockpit.office, cockpit.actor, made + 1, walk.now)
    assert walk.dossier["version_id"] == cockpit.old


@pytest.mark.parametrize("seed", range(6))
def test_a_move_and_its_undo_leave_no_trace_but_in_the_record(start: Start, cockpit: Cockpit, seed: int) -> None:
    """Wherever a dossier has got to by whatever acts, whatever the plan says of clocks."""
    spare = [start().code for _ in range(4)]
    walk = start(accept=bool(seed % 2))
    chance = Chance(walk, seed)
    cockpit.publish()
    rules, seen = list(ClockRule), 0
    for number in range(24):
        if walk.dossier["closed_at"] is not None:
            walk.code = spare.pop()
        chance.step()
        if number % 3 or walk.dossier["closed_at"] is not None:
            continue
        was = picture(walk)
        made = cockpit.move(walk, told=plan(clocks=rules[(seed + number) % 3]))
        assert picture(walk)["dossier"] != was["dossier"]
        assert cockpit.undo(made, walk).done == 1
        assert picture(walk) == was, (seed, number, walk.states)
        seen += 1
    assert seen >= 4


def test_the_list_of_moves_tells_how_they_fared(start: Start, cockpit: Cockpit) -> None:
    walks = [start(), start()]
    cockpit.publish()
    made = cockpit.move(*walks)
    cockpit.undo(made, walks[0])
    [told] = batch.history(cockpit.office, cockpit.actor, KEY, walks[0].now)
    assert (told.from_number, told.to_number, told.chosen, told.moved, told.undone, told.failed) == (2, 3, 2, 1, 1, 0)
