"""Home pay-out: a life of its own beside the dossier (DOMAIN 5.4, scenario 20)."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from engine import desk
from engine.casework import heirs, payouts
from engine.casework.act import transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.desk import awaiting
from engine.desk.dossier import dossier
from engine.errors import Conflict, Invalid, NotPossibleHere, WrongRole
from engine.post import paying
from storage import payouts as lists
from tests.casework.conftest import Start
from tests.casework.racing import race
from tests.casework.walking import Walk
from tests.conftest import Fresh

HOME = {"kind": "funeral", "recipient": "Lâm Hoàng Phúc", "amount": 20_350_000, "way": "home",
        "address": "12 đường Tôn Đức Thắng, phường Sóc Trăng"}
NAMES = ("Trần Quốc Thái", "Ngô Thúy Vy")
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
DESK = "H51.21/mot-cua:returner"


@pytest.fixture
def walk(start: Start) -> Walk:
    """Decided, and the decision handed over: the dossier is returned."""
    return start("funeral_allowance").go_to("returned")


def officer(walk: Walk) -> Actor:
    return next(Actor(id=member.id, name=member.name) for member in walk.cast.members
                if (member.unit_id, member.role) == (_examining(walk), "officer"))


def _examining(walk: Walk) -> int:
    return int(next(row["unit_id"] for row in walk.of("work_item", "no") if row["state"] == "examining"))


def ordered(walk: Walk, **changes: Any) -> None:
    """And the list of December passed on with it."""
    walk.do("order_payout", officer(walk), **{**HOME, **changes})
    paying.pass_on(walk.office, DECEMBER, officer(walk), walk.now)


def visited(walk: Walk, no: int = 1, **told: Any) -> None:
    walk.do("record_payout", walk.cast[DESK], state=payouts.place(no), **{"names": NAMES, **told})


def row(walk: Walk) -> dict[str, Any]:
    return walk.of("payout", "no")[0]


def test_failed_twice_it_is_carried_over_and_the_dossier_stays_returned(walk: Walk) -> None:
    ordered(walk)
    before = {name: walk.dossier[name] for name in ("status", "closed_at", "outcome", "finished_at", "due_at")}
    assert row(walk)["month"] == DECEMBER

    visited(walk, outcome="absent")
    assert (row(walk)["month"], row(walk)["failed"]) == (DECEMBER, 1)
    visited(walk, outcome="address_unknown")

    assert (row(walk)["month"], row(walk)["failed"], row(walk)["visits"]) == (JANUARY, 0, 2)
    assert {name: walk.dossier[name] for name in before} == before
    assert walk.dossier["status"] == 10
    december = paying.month(walk.office, DECEMBER, officer(walk), walk.now)
    assert (december.unpaid.count, december.carried_out.amount) == (1, 20_350_000)
    assert [why for why, _ in december.reasons] == ["address_unknown"]
    january = paying.month(walk.office, JANUARY, officer(walk), walk.now)
    assert (january.carried_in.count, january.paid.count) == (1, 0)


def test_paid_in_the_next_month_it_is_counted_there(walk: Walk) -> None:
    ordered(walk)
    visited(walk, outcome="absent")
    visited(walk, outcome="absent")

    visited(walk, way="fingerprint")

    assert row(walk)["paid_on"] == walk.now.astimezone(ZONE).date()
    assert paying.month(walk.office, DECEMBER, officer(walk), walk.now).paid.count == 0
    assert paying.month(walk.office, JANUARY, officer(walk), walk.now).paid.amount == 20_350_000
    assert [visit["receipt"] for visit in walk.of("payout_visit", "no")] == ["", "", "fingerprint"]


def test_what_was_paid_is_never_paid_again(walk: Walk, fresh: Fresh) -> None:
    ordered(walk)
    visited(walk, way="signed")

    with pytest.raises(NotPossibleHere):
        visited(walk, way="signed")
    with pytest.raises(NotPossibleHere):
        ordered(walk)
    for statement in ("update payout set paid_on = null", "delete from payout", "delete from payout_visit",
                      "insert into payout_visit select dossier_id, payout_no, 9, agency, month, day, officers, "
                      "address, receipt, proof, why, note, recorded_by, at from payout_visit"):
        with psycopg.connect(fresh.owner_url) as connection, pytest.raises(psycopg.DatabaseError):
            connection.execute(statement.encode())


@pytest.mark.parametrize("told", [{"way": "signed"}, {"outcome": "absent"}])
def test_nothing_is_paid_before_its_list_was_passed_on(walk: Walk, told: dict[str, str]) -> None:
    walk.do("order_payout", officer(walk), **HOME)

    with pytest.raises(NotPossibleHere) as refusal:
        visited(walk, **told)
    assert "tháng 12/2026 chưa chuyển" in refusal.value.message("vi")
    offered = dossier(walk.office, walk.code, walk.cast[DESK], walk.now).offers
    assert not any(one.event == "record_payout" for one in offered)
    assert row(walk)["visits"] == 0


def test_what_is_ordered_after_the_list_was_passed_on_is_on_the_next(walk: Walk) -> None:
    ordered(walk)
    walk.do("order_payout", officer(walk), **{**HOME, "kind": "one_time"})

    assert [one["month"] for one in walk.of("payout", "no")] == [DECEMBER, JANUARY]
    with pytest.raises(NotPossibleHere):
        visited(walk, 2, way="signed")


def test_an_order_at_the_moment_its_list_is_passed_is_on_it_or_on_the_next(walk: Walk) -> None:
    """Decided before, recorded after: it is decided again."""
    first = walk.order("order_payout", officer(walk), **HOME)
    passing = [True]

    def decide(*told: Any) -> Decision:
        decision = payouts.ordering(walk.office, first, walk.now)(*told)
        if passing.pop() if passing else False:
            assert lists.pass_list(walk.office.db, decision.more["payout"][0]["agency"], DECEMBER, officer(walk).id,
                                  walk.now)
        return decision

    transact(walk.office, first, decide, walk.now)

    assert row(walk)["month"] == JANUARY


def test_two_who_pay_at_once_pay_once(walk: Walk) -> None:
    ordered(walk)
    orders = [walk.order("record_payout", walk.cast[DESK], state=payouts.place(1), way="signed", names=NAMES)
              for _ in range(2)]

    told = race(walk, *orders)

    assert sorted(isinstance(one, Conflict) for one in told) == [False, True]
    assert len(walk.of("payout_visit")) == 1


def test_two_orders_for_one_allowance_at_once_are_one(walk: Walk) -> None:
    orders = [walk.order("order_payout", officer(walk), **HOME) for _ in range(2)]

    told = race(walk, *orders)

    assert sorted(isinstance(one, Conflict) for one in told) == [False, True]
    assert len(walk.of("payout")) == 1


def test_before_the_decision_there_is_nothing_to_pay(start: Start) -> None:
    walk = start("funeral_allowance").go_to("examining")

    with pytest.raises(NotPossibleHere):
        ordered(walk)


def test_a_procedure_without_money_pays_nothing(start: Start) -> None:
    walk = start().go_to("returned")
    signing = [row for row in walk.of("work_item", "no") if row["role"] == "clerk"][-1]

    with pytest.raises(NotPossibleHere):
        walk.do("order_payout", walk.member(signing["unit_id"], "clerk"), **HOME)


@pytest.mark.parametrize(("changes", "field"), [
    ({"amount": 0}, "amount"), ({"amount": -1}, "amount"), ({"amount": 10**13}, "amount"), ({"way": "gold"}, "way"),
    ({"kind": "gift"}, "kind"), ({"recipient": " "}, "recipient"), ({"address": ""}, "address"),
    ({"way": "transfer"}, "proof"), ({"recipient": "a\x00"}, "recipient"),
])
def test_an_order_says_what_is_wrong_with_it(walk: Walk, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        ordered(walk, **changes)

    assert field in refusal.value.fields


@pytest.mark.parametrize(("told", "field"), [
    ({"way": "signed", "names": ("Trần Quốc Thái",)}, "names"),
    ({"way": "signed", "names": ("Trần Quốc Thái", "Trần Quốc Thái ")}, "names"),
    ({"way": "transferred"}, "way"), ({}, "outcome"), ({"outcome": "rain"}, "outcome"),
    ({"outcome": "other", "words": " "}, "words"),
    ({"way": "signed", "day": date(2027, 6, 1)}, "day"), ({"way": "signed", "day": date(2026, 1, 1)}, "day"),
])
def test_a_visit_says_what_is_wrong_with_it(walk: Walk, told: dict[str, Any], field: str) -> None:
    ordered(walk)

    with pytest.raises(Invalid) as refusal:
        visited(walk, **told)

    assert field in refusal.value.fields
    assert row(walk)["visits"] == 0


def test_a_transfer_needs_its_number_and_no_officers(walk: Walk) -> None:
    ordered(walk, way="transfer", proof="0701000000001 – Ngân hàng")

    with pytest.raises(Invalid):
        visited(walk, way="transferred", names=())
    visited(walk, way="transferred", names=(), proof="UNC-15")

    assert row(walk)["paid_on"] is not None


def test_only_who_decided_orders_and_strangers_do_not_pay(walk: Walk) -> None:
    with pytest.raises(WrongRole):
        walk.do("order_payout", walk.cast[DESK], **HOME)
    ordered(walk)
    assert paying.month(walk.office, DECEMBER, walk.cast["H51.02/tiep-nhan:receptionist"], walk.now).rows == []


HEIR = {"recipient": "Lâm Thị Bé Năm", "identity": "094000000077", "proof": "Văn bản thỏa thuận 12/2026", "way": "home",
        "address": "Khóm 3, phường Mỹ Xuyên"}


def passed_to_the_heir(walk: Walk, **changes: Any) -> None:
    walk.do("pass_payout", officer(walk), state=payouts.place(1), **{**HEIR, **changes})


def closed(walk: Walk, **changes: Any) -> None:
    walk.do("close_payout", officer(walk), state=payouts.place(1), **{"proof": "Trích lục khai tử 45/2026", **changes})


def test_the_recipient_died_and_nobody_is_left_to_be_paid(walk: Walk, fresh: Fresh) -> None:
    ordered(walk)
    visited(walk, outcome="died")

    closed(walk)

    assert row(walk)["closed_on"] == walk.now.astimezone(ZONE).date()
    (turn,) = walk.of("payout_turn")
    assert (turn["kind"], turn["beneficiary"], turn["proof"], turn["heir"], turn["recorded_by"]) == (
        "closed", "Lâm Hoàng Phúc", "Trích lục khai tử 45/2026", "", officer(walk).id)
    december = paying.month(walk.office, DECEMBER, officer(walk), walk.now)
    assert (december.unpaid.count, december.closed.amount, december.paid.count) == (0, 20_350_000, 0)
    assert "đã khép lệnh chi" in paying.as_csv(december)
    for again in (partial(visited, walk, way="signed"), partial(closed, walk), partial(passed_to_the_heir, walk),
                  partial(ordered, walk)):
        with pytest.raises(NotPossibleHere):
            again()
    for statement in ("update payout set closed_on = null", "delete from payout_turn",
                      "update payout_turn set proof = 'x'"):
        with psycopg.connect(fresh.owner_url) as connection, pytest.raises(psycopg.DatabaseError):
            connection.execute(statement.encode())


def asked_of(walk: Walk, who: Actor) -> tuple[list[str], list[str]]:
    """What that person must decide on, and the notices of his units."""
    return ([one.what.en for one in awaiting.deaths(walk.office, who.id, walk.now)],
            [one.kind for one in desk.notices(walk.office, who.id, walk.now) if one.kind == "recipient_died"])


def test_who_ordered_it_is_told_of_the_death_until_an_heir_is_named_or_it_is_closed(walk: Walk) -> None:
    ordered(walk)
    visited(walk, outcome="absent")
    assert asked_of(walk, officer(walk)) == ([], [])

    visited(walk, outcome="died")
    asked = ["The recipient of an allowance died: pass the order to an heir, or close it (order no. 1)"]
    assert asked_of(walk, officer(walk)) == (asked, ["recipient_died"])
    assert asked_of(walk, walk.member(_examining(walk), "head")) == (asked, ["recipient_died"])
    for other in (walk.cast[DESK], walk.cast["H51.02/tiep-nhan:receptionist"], walk.cast["H51.03/lanh-dao:signer"]):
        assert asked_of(walk, other) == ([], [])

    passed_to_the_heir(walk)
    assert asked_of(walk, officer(walk))[0] == []
    walk.journey.now += timedelta(minutes=1)
    paying.pass_on(walk.office, JANUARY, officer(walk), walk.now)
    visited(walk, outcome="died")
    assert asked_of(walk, officer(walk)) == (asked, ["recipient_died"])
    closed(walk)
    assert asked_of(walk, officer(walk))[0] == []


def test_an_heir_is_on_the_next_list_and_paid_once_it_was_passed_on(walk: Walk) -> None:
    """The list of December names the dead."""
    ordered(walk)
    visited(walk, outcome="died")

    passed_to_the_heir(walk)

    now = row(walk)
    assert (now["beneficiary"], now["address"], now["month"], now["first_month"], now["failed"]) == (
        "Lâm Thị Bé Năm", "Khóm 3, phường Mỹ Xuyên", JANUARY, DECEMBER, 0)
    assert [one.beneficiary for one in paying.month(walk.office, DECEMBER, officer(walk), walk.now).rows] == [
        "Lâm Hoàng Phúc"]
    with pytest.raises(NotPossibleHere) as refusal:
        visited(walk, way="signed")
    assert "tháng 01/2027 chưa chuyển" in refusal.value.message("vi")
    assert [one.beneficiary for one in paying.month(walk.office, JANUARY, officer(walk), walk.now).rows] == [
        "Lâm Thị Bé Năm"]
    paying.pass_on(walk.office, JANUARY, officer(walk), walk.now)
    visited(walk, way="signed")
    assert row(walk)["paid_on"] is not None
    assert paying.month(walk.office, JANUARY, officer(walk), walk.now).paid.count == 1


def test_before_its_list_is_passed_on_it_simply_names_the_heir(walk: Walk) -> None:
    walk.do("order_payout", officer(walk), **HOME)

    passed_to_the_heir(walk)
    paying.pass_on(walk.office, DECEMBER, officer(walk), walk.now)

    assert (row(walk)["month"], row(walk)["beneficiary"]) == (DECEMBER, "Lâm Thị Bé Năm")
    visited(walk, way="signed")
    assert row(walk)["paid_on"] is not None


def test_what_is_closed_before_its_list_is_passed_on_is_on_no_list(walk: Walk) -> None:
    walk.do("order_payout", officer(walk), **HOME)

    closed(walk)

    assert paying.month(walk.office, DECEMBER, officer(walk), walk.now).rows == []


def test_an_heir_at_the_moment_the_list_is_passed_is_on_it_or_on_the_next(walk: Walk) -> None:
    walk.do("order_payout", officer(walk), **HOME)
    first = walk.order("pass_payout", officer(walk), state=payouts.place(1), **HEIR)
    waiting = [True]

    def decide(*told: Any) -> Decision:
        decision = heirs.passing(walk.office, first, walk.now)(*told)
        if waiting.pop() if waiting else False:
            assert lists.pass_list(walk.office.db, row(walk)["agency"], DECEMBER, officer(walk).id, walk.now)
        return decision

    transact(walk.office, first, decide, walk.now)

    assert (row(walk)["month"], row(walk)["since_month"]) == (JANUARY, JANUARY)


def test_it_is_closed_or_passed_to_an_heir_never_both(walk: Walk) -> None:
    ordered(walk)
    ends = [walk.order("close_payout", officer(walk), state=payouts.place(1), proof="45/2026"),
            walk.order("pass_payout", officer(walk), state=payouts.place(1), **HEIR)]

    told = race(walk, *ends)

    assert sorted(isinstance(one, Conflict) for one in told) == [False, True]
    assert len(walk.of("payout_turn")) == 1


@pytest.mark.parametrize(("event", "told", "field"), [
    ("close_payout", {"proof": " "}, "proof"), ("pass_payout", {**HEIR, "proof": ""}, "proof"),
    ("pass_payout", {**HEIR, "recipient": " "}, "recipient"), ("pass_payout", {**HEIR, "identity": "12"}, "identity"),
    ("pass_payout", {**HEIR, "way": ""}, "way"), ("pass_payout", {**HEIR, "address": ""}, "address"),
    ("pass_payout", {**HEIR, "way": "transfer"}, "words"),
])
def test_the_end_of_an_order_says_what_it_lacks(walk: Walk, event: str, told: dict[str, Any], field: str) -> None:
    ordered(walk)

    with pytest.raises(Invalid) as refusal:
        walk.do(event, officer(walk), state=payouts.place(1), **told)

    assert set(refusal.value.fields) == {field}
    assert walk.of("payout_turn") == []


def test_of_two_open_orders_an_act_names_the_one_it_is_about(walk: Walk) -> None:
    walk.do("order_payout", officer(walk), **HOME)
    ordered(walk, kind="one_time", recipient="Lâm Thị Bé Năm", amount=6_105_000)
    clerk = walk.cast[DESK]

    for event, who, told in (("record_payout", clerk, {"way": "signed", "names": NAMES}),
                             ("pass_payout", officer(walk), HEIR),
                             ("close_payout", officer(walk), {"proof": "45/2026"})):
        with pytest.raises(Invalid) as refusal:
            walk.do(event, who, **told)
        assert set(refusal.value.fields) == {"state"}
        assert "payout__2 (Trợ cấp một lần (03 tháng))" in refusal.value.fields["state"][0]
    with pytest.raises(NotPossibleHere):
        visited(walk, no=3, way="signed")
    assert (walk.of("payout_visit"), walk.of("payout_turn")) == ([], [])

    visited(walk, no=2, way="signed")
    walk.do("record_payout", clerk, way="signed", names=NAMES)

    assert [(visit["payout_no"], visit["receipt"]) for visit in walk.of("payout_visit", "payout_no")] == [
        (1, "signed"), (2, "signed")]
    with pytest.raises(NotPossibleHere):
        walk.do("record_payout", clerk, way="signed", names=NAMES)


def test_what_is_offered_names_its_order(walk: Walk) -> None:
    walk.do("order_payout", officer(walk), **HOME)
    ordered(walk, kind="one_time", recipient="Lâm Thị Bé Năm", amount=6_105_000)

    view = dossier(walk.office, walk.code, officer(walk), walk.now)

    named = {(offer.event, offer.state): offer.name.vi for offer in view.offers if offer.event.endswith("_payout")}
    assert named == {("record_payout", "payout__1"): "Ghi nhận chi trả trợ cấp (lệnh số 1)",
                     ("record_payout", "payout__2"): "Ghi nhận chi trả trợ cấp (lệnh số 2)",
                     ("pass_payout", "payout__1"): "Người nhận đã mất: chuyển lệnh chi cho người thừa kế (lệnh số 1)",
                     ("pass_payout", "payout__2"): "Người nhận đã mất: chuyển lệnh chi cho người thừa kế (lệnh số 2)",
                     ("close_payout", "payout__1"): "Người nhận đã mất: khép lệnh chi (lệnh số 1)",
                     ("close_payout", "payout__2"): "Người nhận đã mất: khép lệnh chi (lệnh số 2)"}


def test_only_who_decided_passes_it_on_and_the_heirs_number_is_masked(walk: Walk) -> None:
    ordered(walk)
    for event, told in (("close_payout", {"proof": "45/2026"}), ("pass_payout", HEIR)):
        with pytest.raises(WrongRole):
            walk.do(event, walk.cast[DESK], state=payouts.place(1), **told)

    passed_to_the_heir(walk)

    view = dossier(walk.office, walk.code, officer(walk), walk.now)
    ((turn,),) = [line.turns for line in view.payouts]
    assert (turn.heir, turn.heir_id, turn.by) == ("Lâm Thị Bé Năm", "•••••••••077", officer(walk).name)
    entry = next(entry for entry in view.timeline if entry.action == "pass_payout")
    assert (entry.words["recipient"], entry.words["identity"]) == ("Lâm Thị Bé Năm", "•••••••••077")
    assert entry.who == officer(walk).name


def test_the_record_says_whether_an_allowance_was_paid_and_why_not(walk: Walk) -> None:
    ordered(walk)
    visited(walk, outcome="died")
    passed_to_the_heir(walk)
    paying.pass_on(walk.office, JANUARY, officer(walk), walk.now)
    visited(walk, way="signed")

    entries = dossier(walk.office, walk.code, officer(walk), walk.now).timeline
    assert [entry.about.vi for entry in entries if entry.action == "record_payout" and entry.about] == [
        "Người nhận đã mất", "Đã chi, người nhận ký"]


@pytest.mark.parametrize(("on", "month"), [
    (date(2026, 11, 24), date(2026, 12, 1)), (date(2026, 11, 25), date(2027, 1, 1)),
    (date(2026, 12, 31), date(2027, 3, 1)), (date(2027, 1, 10), date(2027, 3, 1)),
    (date(2027, 12, 30), date(2028, 2, 1)),
])
def test_the_month_of_an_order(on: date, month: date) -> None:
    """Before the 25th it is on the next list; February 2027 is paid with January and has no list of its own."""
    assert payouts.list_month(on) == month


def test_a_list_is_passed_once(walk: Walk) -> None:
    ordered(walk)

    with pytest.raises(paying.PassedBefore):
        paying.pass_on(walk.office, DECEMBER, officer(walk), walk.now)
    told = paying.month(walk.office, DECEMBER, officer(walk), walk.now)
    assert [one.passed_by for one in told.passed] == [officer(walk).name]
    assert (told.pass_by, told.report_by) == (date(2026, 11, 24), date(2026, 12, 19))
    assert paying.month(walk.office, JANUARY, officer(walk), walk.now).paid_with == [date(2027, 2, 1)]


def test_what_a_spreadsheet_would_take_for_a_formula_is_text(walk: Walk) -> None:
    ordered(walk, recipient='=HYPERLINK("x")')

    lines = list(csv.reader(io.StringIO(paying.as_csv(paying.month(walk.office, DECEMBER, officer(walk), walk.now)))))

    assert lines[1][3] == "'=HYPERLINK(\"x\")"
    assert lines[1][6] == "20350000"


def test_both_acts_are_in_the_record(walk: Walk) -> None:
    ordered(walk)
    walk.journey.now += timedelta(days=1)
    visited(walk, way="signed")

    assert [entry["action"] for entry in walk.entries][-2:] == ["order_payout", "record_payout"]
