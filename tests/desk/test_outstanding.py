"""What a unit gave to others stands in its list until they have done it: registered or not, and wherever they work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from engine import desk
from engine.desk.outstanding import OutstandingRow
from engine.desk.places import Lateness
from engine.post import paying
from tests.answering.conftest import Desk, post, start
from tests.casework.walking import Walk

__all__ = ["post", "start"]

DESK, LEAD = "H51.02/tiep-nhan:receptionist", "H51.01/ngoai-vu:officer"
POLICE, OTHER_POLICE = "H51.05/chuyen-mon:officer", "H51.05/quan-ly-hanh-chinh:officer"
OTHERS = ("H51.04/chuyen-mon:officer", "H51.06/chuyen-mon:officer")
QUESTION: dict[str, Any] = {"limit": "3 ngày làm việc", "join": "all", "words": "Có vướng mắc gì không?"}
DECEMBER = date(2026, 12, 1)

Start = Callable[..., Walk]


def rows(walk: Walk, who: str) -> list[OutstandingRow]:
    return desk.outstanding(walk.office, walk.cast[who].id, walk.now).rows


def seen(walk: Walk, who: str) -> list[tuple[str, str]]:
    """Whom that person's units wait for, and how it stands."""
    return [(row.whom.agency, row.standing) for row in rows(walk, who)]


def consulted(walk: Walk) -> Walk:
    walk.go_to("examining")
    walk.do("consult", walk.cast[LEAD], **{"words": QUESTION["words"]})
    return walk


def test_what_was_handed_over_is_waited_for_whichever_step_it_is_at_there(start: Start) -> None:
    walk = start()
    assert seen(walk, DESK) == [("H51.01", "delivered")]
    assert (rows(walk, DESK)[0].to_register, rows(walk, LEAD)) == (True, [])

    walk.go_to("examining")
    examined = rows(walk, DESK)[0]
    assert (examined.standing, examined.to_register, examined.asking.agency) == ("registered", False, "H51.02")
    assert (examined.until, examined.stood_at) == (walk.items["examining"]["due_at"], walk.now)

    consulted(walk)
    waiting = rows(walk, DESK)[0]
    assert (waiting.whom.agency, waiting.what, waiting.until) == ("H51.01", None, walk.dossier["due_at"])

    for step in ("synthesis", "reviewing"):
        walk.go_to(step)
        later = rows(walk, DESK)[0]
        assert (later.whom.id, later.until) == (walk.items[step]["unit_id"], walk.items[step]["due_at"])
        assert [len(rows(walk, who)) for who in (DESK, LEAD, POLICE, *OTHERS)] == [1, 0, 0, 0, 0]
    walk.go_to("returned")
    assert rows(walk, DESK) == []


def test_who_asked_waits_until_each_has_answered_due_first(start: Start) -> None:
    walk = consulted(start())
    assert sorted(seen(walk, LEAD)) == [("H51.04", "delivered"), ("H51.05", "delivered"), ("H51.06", "delivered")]
    walk.journey.register_all(walk.code)
    assert {state for _, state in seen(walk, LEAD)} == {"registered"}
    dues = [row.until for row in rows(walk, LEAD)]
    assert dues == sorted(due for due in dues if due)

    walk.do("give_opinion", walk.cast[POLICE], state="police", verdict="agree", words="Không")
    assert "H51.05" not in dict(seen(walk, LEAD))
    assert rows(walk, POLICE) == []


def test_what_is_late_is_marked(start: Start) -> None:
    walk = consulted(start())
    walk.journey.register_all(walk.code)
    walk.journey.now += timedelta(days=90)

    assert {row.lateness for row in rows(walk, LEAD)} == {Lateness.OVERDUE}


def test_what_came_back_is_not_waited_for(start: Start) -> None:
    walk = consulted(start())
    walk.do("refuse_handoff", walk.cast[POLICE], handoff=walk.asked("H51.05"), reason="Nhầm phòng")

    assert "H51.05" not in dict(seen(walk, LEAD))


def test_a_dossier_that_came_back_for_the_citizen_is_waited_for_by_who_sent_it_back(start: Start) -> None:
    walk = start().go_to("examining")
    walk.do("request_supplement", walk.cast[LEAD], reason="Thiếu đề án", documents=("plan",))
    assert (seen(walk, DESK), seen(walk, LEAD)) == ([], [("H51.02", "delivered")])

    walk.journey.register_all(walk.code)
    walk.do("supplement", walk.cast[DESK], documents=("plan",))
    assert (seen(walk, DESK), seen(walk, LEAD)) == ([("H51.01", "delivered")], [])


def test_a_question_inside_the_agency_is_waited_for(start: Start) -> None:
    walk = consulted(start())
    walk.journey.register_all(walk.code)
    other = walk.cast.unit(OTHER_POLICE.split(":")[0])
    walk.do("consult_further", walk.cast[POLICE], state="police", units=(other,), **QUESTION)

    asked = rows(walk, POLICE)[0]
    assert (asked.whom.id, asked.standing, asked.until) == (other, "inside", walk.items["consultation__1"]["due_at"])
    walk.do("withdraw_consultation", walk.cast[POLICE], state="consultation__1", reason="Không cần nữa")
    assert rows(walk, POLICE) == []


@pytest.mark.parametrize(("way", "before", "after"), [("mail", "mailing", "mailed"), ("paper", "to_print", "to_print")])
def test_an_agency_without_the_system_is_waited_for_until_its_answer_is_here(start: Start, post: Any, way: str,
                                                                             before: str, after: str) -> None:
    asking = Desk(start(), post)
    asking.reached(way)
    asking.ask()
    asking.deliver()
    walk = asking.walk
    assert seen(walk, LEAD) == [("H51.08", before)]
    if way == "mail":
        key = asking.mailed()
        assert seen(walk, LEAD) == [("H51.08", after)]
        asking.take(key)
        assert seen(walk, LEAD) == [("H51.08", "registered")]
    asking.enter()
    assert rows(walk, LEAD) == []


def test_an_order_to_pay_is_waited_for_once_its_list_was_passed_on(start: Start) -> None:
    walk = start("funeral_allowance").go_to("returned")
    unit = next(row["unit_id"] for row in walk.of("work_item", "no") if row["state"] == "examining")
    officer = walk.member(unit, "officer")
    walk.do("order_payout", officer, kind="funeral", recipient="Lâm Hoàng Phúc", amount=20_350_000, way="counter")
    assert desk.outstanding(walk.office, officer.id, walk.now).rows == []

    paying.pass_on(walk.office, DECEMBER, officer, walk.now)
    found = desk.outstanding(walk.office, officer.id, walk.now).rows
    assert [(row.code, row.standing, row.whom.agency) for row in found] == [(walk.code, "to_pay", "H51.21")]
    assert found[0].until is not None
    assert f"{found[0].until.astimezone(walk.now.tzinfo):%Y-%m-%d}" == "2026-12-19"
    walk.do("record_payout", walk.cast["H51.21/mot-cua:returner"], way="signed")
    assert desk.outstanding(walk.office, officer.id, walk.now).rows == []


def test_nobody_else_sees_it_and_pages_follow_each_other(start: Start) -> None:
    walk = consulted(start())
    for who in ("H51.01/kiem-soat-thu-tuc:auditor", "H51.09/giao-nhan:courier", "H51.13/chuyen-mon:officer"):
        assert rows(walk, who) == []
    lead = walk.cast[LEAD].id
    first, second = (desk.outstanding(walk.office, lead, walk.now, page=page, size=2) for page in (1, 2))
    assert ([len(first.rows), first.more], [len(second.rows), second.more]) == ([2, True], [1, False])
    assert not {row.whom.id for row in first.rows} & {row.whom.id for row in second.rows}
