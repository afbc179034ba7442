"""What happens when a limit is used up: told, reported, given back, or taken as answered; each once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine import alarms
from engine.casework.consulting import place
from engine.clocks.zone import ZONE
from engine.designing.differences import differences
from engine.designing.summary import summary
from engine.errors import Conflict, Invalid, Refused, TakenAsGiven
from engine.recomputing import recompute
from engine.states.soundness import examine
from procedures.declaration import LIBRARY, DeclarationError, parse
from tests.casework.conftest import Start
from tests.casework.publishing import publish
from tests.casework.racing import together
from tests.casework.walking import FACTS, Walk
from tests.conftest import Fresh
from tests.journey import Journey
from tests.recomputing import calendars

KEY = "conference_expiring"
LOCAL = (LIBRARY / "conferences" / "conference_permit_local.yaml").read_text(encoding="utf-8")
BASIS = "khoản 3 Điều 7 Nghị định minh họa"
POLICE = "          name: {vi: Ý kiến Công an tỉnh, en: Opinion of the provincial police}\n"
LEAD, CULTURE = "H51.01/ngoai-vu:officer", "H51.08/chuyen-mon:officer"
ALL = ("police", "agriculture", "foreign_affairs")

Expiring = Callable[..., Walk]


def declared(*, branches: str = "", join: str = "all", police: str = "", key: str = KEY) -> str:
    """The conference with `branches` said of every body asked, `police` of one of them."""
    text = LOCAL.replace("procedure: conference_permit_local", f"procedure: {key}")
    text = text.replace("          limit: 15 days\n", f"          limit: 15 days\n{branches}")
    text = text.replace(POLICE, f"{POLICE}{police}")
    return text.replace("      parallel:\n", f"      join: {join}\n      parallel:\n")


def says(expiry: str, indent: int = 10) -> str:
    basis = f"{' ' * indent}expiry_basis: {BASIS}\n" if expiry.startswith("tacit") else ""
    return f"{' ' * indent}expiry: {expiry}\n{basis}"


@pytest.fixture
def expiring(journey: Journey, fresh: Fresh) -> Expiring:
    """A dossier at the consultation of a procedure that was declared so."""

    def begin(at: str = "police", **changes: Any) -> Walk:
        publish(fresh.owner_url, declared(**changes))
        return Walk(journey, journey.receive(KEY, facts=FACTS["conference_permit_local"]).code).go_to(at)

    return begin


def due_of(walk: Walk, state: str) -> datetime:
    due = walk.items[state]["due_at"]
    assert isinstance(due, datetime)
    return due


def pass_due(walk: Walk, state: str) -> None:
    """The sweep runs a minute after the state's limit is used up."""
    walk.journey.now = due_of(walk, state) + timedelta(minutes=1)
    alarms.sweep(walk.office, walk.now)


def entries(walk: Walk, action: str) -> list[dict[str, Any]]:
    return [json.loads(row["details"]) for row in walk.entries if row["action"] == action]


def test_silence_that_the_law_takes_for_agreement_is_recorded_as_one_and_the_dossier_goes_on(
        expiring: Expiring) -> None:
    walk = expiring(branches=says("tacit_yes"))
    asked = {state: item["unit_id"] for state, item in walk.items.items()}
    due = due_of(walk, "police")

    pass_due(walk, "police")

    opinions = {row["state"]: row for row in walk.of("opinion")}
    assert set(opinions) == set(ALL)
    assert {(row["verdict"], row["person_id"]) for row in opinions.values()} == {("agree", None)}
    assert walk.states == {"synthesis"}
    told = entries(walk, "give_opinion")
    assert [(one["tacit"], one["basis"], datetime.fromisoformat(one["due"])) for one in told] == [
        (True, BASIS, due)] * 3
    acts = [row for row in walk.entries if row["action"] == "give_opinion"]
    assert {row["unit_id"] for row in acts} == set(asked.values())
    assert {row["actor_id"] for row in acts} == {None}
    words = [json.loads(row["body"])["words"] for row in walk.of("remark") if row["seq"] in
             {act["seq"] for act in acts}]
    assert all(BASIS in word and "đồng ý" in word for word in words)


def test_silence_that_counts_as_no_leads_where_a_disagreement_leads(expiring: Expiring) -> None:
    walk = expiring(police=says("tacit_no"), join="first_negative\n      negative_to: reviewing")

    pass_due(walk, "police")

    assert walk.states == {"reviewing"}
    assert [(row["state"], row["verdict"]) for row in walk.of("opinion")] == [("police", "disagree")]


def test_the_others_are_waited_for_as_after_a_given_answer(expiring: Expiring) -> None:
    walk = expiring(police=says("tacit_yes"))
    pass_due(walk, "police")

    assert set(walk.items) == {"agriculture", "foreign_affairs"}
    walk.step("give_opinion", "agriculture")
    walk.step("give_opinion", "foreign_affairs")

    assert walk.states == {"synthesis"}
    assert {row["state"]: row["person_id"] is None for row in walk.of("opinion")} == {
        "police": True, "agriculture": False, "foreign_affairs": False}


def test_who_asked_and_who_was_asked_are_told(expiring: Expiring) -> None:
    walk = expiring(police=says("tacit_yes"))

    pass_due(walk, "police")

    told = {(row["kind"], row["unit_id"]) for row in walk.of("notice")}
    assert ("tacit_answer", walk.cast.unit("H51.01/ngoai-vu")) in told
    assert ("step_due", walk.cast.unit("H51.05/chuyen-mon")) in told
    assert not any(kind == "head_step_due" and unit == walk.cast.unit("H51.05/chuyen-mon") for kind, unit in told)


@pytest.mark.parametrize("seen", ["before", "now"])
def test_an_answer_after_the_tacit_one_is_refused_with_the_date_and_the_basis(expiring: Expiring, seen: str) -> None:
    walk = expiring(police=says("tacit_yes"))
    officer, before, due = walk.holder("police"), walk.dossier["version"], due_of(walk, "police")
    pass_due(walk, "police")

    with pytest.raises(TakenAsGiven) as refusal:
        walk.do("give_opinion", officer, state="police", verdict="disagree", words="Không thống nhất",
                version=before if seen == "before" else -1)

    assert BASIS in refusal.value.message("vi")
    assert f"{due.astimezone(walk.now.astimezone().tzinfo):%d/%m/%Y}" in refusal.value.message("en")
    assert [row["verdict"] for row in walk.of("opinion")] == ["agree"]
    assert walk.entries[-1]["action"] == "refused"


def test_somebody_else_who_is_late_is_told_who_was_first_and_not_of_the_silence(expiring: Expiring) -> None:
    walk = expiring(police=says("tacit_yes"))
    stale = walk.order("give_opinion", walk.holder("agriculture"), state="agriculture", verdict="agree", words="Đồng ý")
    walk.step("give_opinion", "agriculture")
    pass_due(walk, "police")

    with pytest.raises(Conflict) as refusal:
        walk.act(stale)

    assert refusal.value.code == "stale_version"


def test_a_body_that_does_not_answer_is_no_longer_waited_for_where_the_others_suffice(expiring: Expiring) -> None:
    walk = expiring(police=says("return"), join="{at_least: 2}")
    officer = walk.holder("police")

    pass_due(walk, "police")

    assert set(walk.items) == {"agriculture", "foreign_affairs"}
    assert ("returned_unanswered", walk.cast.unit("H51.01/ngoai-vu")) in {
        (row["kind"], row["unit_id"]) for row in walk.of("notice")}
    with pytest.raises(Conflict):
        walk.do("give_opinion", officer, state="police", verdict="agree", words="Đồng ý")
    walk.step("give_opinion", "agriculture")
    assert "synthesis" not in walk.states, "what nobody said does not count"
    walk.step("give_opinion", "foreign_affairs")
    assert walk.states == {"synthesis"}
    assert {row["state"] for row in walk.of("opinion")} == {"agriculture", "foreign_affairs"}


def test_the_last_that_is_needed_is_not_left_out_but_reported_with_the_reason(expiring: Expiring) -> None:
    walk = expiring(branches=says("return"), join="{at_least: 2}")

    pass_due(walk, "police")

    assert len(entries(walk, "expired:return")) == 1
    kept = [one for one in entries(walk, "expired:escalate") if one["of"] == "step" and "why" in one]
    assert [(one["instead_of"], one["why"]) for one in kept] == [("return", "not_possible_here")] * 2
    assert len(walk.items) == 2


def test_where_everybody_is_waited_for_nobody_is_left_out(expiring: Expiring) -> None:
    walk = expiring(police=says("return"))

    pass_due(walk, "police")

    assert set(walk.items) == set(ALL)
    assert [one["instead_of"] for one in entries(walk, "expired:escalate") if "why" in one] == ["return"]


def test_a_hand_off_that_nobody_takes_in_goes_back_to_its_sender(journey: Journey, fresh: Fresh) -> None:
    examining = "      name: {vi: Thẩm định hồ sơ, en: Examining}\n"
    assert examining in LOCAL
    publish(fresh.owner_url, declared().replace(examining, f"{examining}{says('return', 6)}"))
    walk = Walk(journey, journey.receive(KEY, facts=FACTS["conference_permit_local"]).code)
    sent = walk.handoffs[-1]
    walk.journey.now = sent["register_due_at"] + timedelta(minutes=1)

    alarms.sweep(walk.office, walk.now)

    item = walk.items["examining"]
    assert (item["duty"], item["unit_id"]) == ("resolve", sent["from_unit_id"])
    assert walk.handoffs[-1]["state"] == "recalled"
    assert ("handoff_returned", sent["from_unit_id"]) in {(row["kind"], row["unit_id"]) for row in walk.of("notice")}
    walk.do("resend", walk.holder("examining"), handoff=sent["id"])
    walk.journey.register_all(walk.code)
    assert walk.items["examining"]["unit_id"] == walk.cast.unit("H51.01/ngoai-vu")


def test_nothing_rings_where_nothing_is_to_happen(expiring: Expiring) -> None:
    walk = expiring(branches=says("nothing"))
    asked = {item["no"] for item in walk.items.values()}
    clocks = {row["no"] for row in walk.clocks("step") if row["item_no"] in asked}
    assert clocks
    assert not clocks & {row["clock_no"] for row in walk.of("timer")}
    assert all(item["due_at"] is not None for item in walk.items.values())

    walk.journey.now = due_of(walk, "police") + timedelta(days=2)
    alarms.sweep(walk.office, walk.now)

    assert not clocks & {row["clock_no"] for row in walk.of("notice")}


def test_a_reminder_goes_to_who_holds_the_work_and_no_further(expiring: Expiring) -> None:
    walk = expiring(police=says("remind"))
    number = next(row["no"] for row in walk.clocks("step") if row["item_no"] == walk.items["police"]["no"])

    walk.journey.now = due_of(walk, "police") + timedelta(days=2)
    alarms.sweep(walk.office, walk.now)

    told = [row for row in walk.of("notice") if row["clock_no"] == number]
    assert {row["kind"] for row in told} >= {"step_due", "step_overdue"}
    assert {row["role"] for row in told} == {None}
    assert [one["clock"] for one in entries(walk, "expired:remind")] == [number]


def test_what_a_limit_brings_is_fixed_when_it_begins(expiring: Expiring, fresh: Fresh) -> None:
    walk = expiring(police=says("tacit_yes"))

    assert {row["expiry"] for row in walk.clocks("step") if row["item_no"] == walk.items["police"]["no"]} == {
        "tacit_yes"}
    assert {row["expiry"] for row in walk.clocks("step") if row["item_no"] == walk.items["agriculture"]["no"]} == {None}


def test_the_reply_of_an_outside_body_can_be_taken_as_given(journey: Journey, fresh: Fresh) -> None:
    pm = (LIBRARY / "conferences" / "conference_permit_pm.yaml").read_text(encoding="utf-8")
    body = "      external: {vi: Thủ tướng Chính phủ, en: The Prime Minister}\n"
    limited = f"{body}      limit: 10 days\n{says('tacit_yes', 6)}"
    publish(fresh.owner_url, pm.replace("procedure: conference_permit_pm", f"procedure: {KEY}").replace(body, limited))
    walk = Walk(journey, journey.receive(KEY, facts=FACTS["conference_permit_pm"]).code)
    state = "awaiting_prime_minister"
    walk.go_to(state)

    pass_due(walk, state)

    assert [(row["state"], row["verdict"], row["person_id"]) for row in walk.of("opinion")
            if row["state"] == state] == [(state, "agree", None)]
    assert state not in walk.states
    assert entries(walk, "record_reply")[-1]["tacit"] is True


def ask(walk: Walk, **changes: Any) -> None:
    walk.journey.register_all(walk.code)
    walk.do("consult_further", walk.cast[LEAD], **{
        "units": (walk.cast.unit("H51.08/chuyen-mon"),), "words": "Cần ý kiến về chuyên môn",
        "limit": "3 ngày làm việc", "join": "all", **changes})


def test_who_asks_beyond_the_procedure_says_what_silence_means(start: Start) -> None:
    walk = start()
    ask(walk, expiry="tacit_yes", reason="khoản 5 Điều 19 (minh họa)")
    with pytest.raises(Refused, match="Opinions are still awaited"):
        walk.do("consult", walk.cast[LEAD])

    pass_due(walk, place(1))

    row = walk.of("consultation")[0]
    assert (row["verdict"], row["answered_by"], row["answered_at"]) == ("agree", None, walk.entries[-1]["at"])
    assert entries(walk, "answer_consultation")[0]["tacit"] is True
    with pytest.raises(TakenAsGiven, match="yêu cầu lấy ý kiến"):
        walk.do("answer_consultation", walk.cast[CULTURE], state=place(1), verdict="disagree", words="Không")
    walk.do("consult", walk.cast[LEAD])
    assert not walk.states & {"examining", place(1)}


def test_a_question_that_nobody_answers_can_be_closed(start: Start) -> None:
    walk = start()
    ask(walk, expiry="return")

    pass_due(walk, place(1))

    row = walk.of("consultation")[0]
    assert (row["verdict"], row["answered_at"]) == (None, None)
    assert row["withdrawn_at"] is not None
    assert ("returned_unanswered", walk.cast.unit("H51.01/ngoai-vu")) in {
        (told["kind"], told["unit_id"]) for told in walk.of("notice")}
    walk.do("consult", walk.cast[LEAD])


@pytest.mark.parametrize(("changes", "field"), [
    ({"expiry": "tacit_yes"}, "reason"), ({"expiry": "tacit_no"}, "expiry"), ({"expiry": "nothing"}, "expiry")])
def test_silence_is_agreement_only_with_a_basis(start: Start, changes: dict[str, Any], field: str) -> None:
    walk = start()

    with pytest.raises(Invalid) as refusal:
        ask(walk, **changes)

    assert list(refusal.value.fields) == [field]


def test_an_answer_that_is_itself_waiting_for_one_is_not_taken_as_given_but_reported(expiring: Expiring) -> None:
    walk = expiring(police=says("tacit_yes"))
    walk.journey.register_all(walk.code)
    walk.do("consult_further", walk.holder("police"), state="police", units=(walk.cast.unit("H51.08/chuyen-mon"),),
            words="Hỏi thêm", limit="60 ngày", join="all")

    pass_due(walk, "police")

    assert walk.of("opinion") == []
    assert [(one["instead_of"], one["why"]) for one in entries(walk, "expired:escalate") if "why" in one] == [
        ("tacit_yes", "refused")]
    assert "police" in walk.items


def test_ten_dossiers_and_four_sweeps_give_each_opinion_once(journey: Journey, fresh: Fresh) -> None:
    publish(fresh.owner_url, declared(branches=says("tacit_yes")))
    walks = []
    for _ in range(10):
        walks.append(Walk(journey, journey.receive(KEY, facts=FACTS["conference_permit_local"]).code).go_to("police"))
    journey.now = max(due_of(walk, state) for walk in walks for state in ALL) + timedelta(days=3)

    swept = together(*[lambda: alarms.sweep(journey.office, journey.now)] * 4)

    assert sum(one.failed for one in swept) == 0
    for walk in walks:
        assert sorted(row["state"] for row in walk.of("opinion")) == sorted(ALL)
        assert len(entries(walk, "give_opinion")) == 3
        assert walk.states == {"synthesis"}
    assert alarms.sweep(journey.office, journey.now).rang == 0


@pytest.mark.parametrize(("text", "where"), [
    (lambda: declared().replace("      limit: 2 working days\n", f"      limit: 2 working days\n{says('tacit_yes', 6)}",
                                1), "examining"),
    (lambda: declared(police="          expiry: tacit_yes\n"), "police"),
    (lambda: declared().replace("count_mode: DAY\n", "count_mode: DAY\nexpiry: return\n"), "expiry"),
    (lambda: declared().replace("count_mode: DAY\n", "count_mode: DAY\nexpiry: tacit_no\n"), "expiry"),
    (lambda: declared().replace("      limit: 4 working hours\n",
                                f"      limit: 4 working hours\n{says('return', 6)}", 1), "checking"),
])
def test_what_cannot_happen_is_refused_when_it_is_declared(text: Callable[[], str], where: str) -> None:
    with pytest.raises(DeclarationError) as refusal:
        parse(text(), "test.yaml")

    assert [fault for fault in refusal.value.faults if where in fault.where]


@pytest.mark.parametrize(("changes", "found"), [
    ({"join": "all"}, True), ({"join": "first_negative"}, True), ({"join": "{at_least: 5}"}, True),
    ({"join": "any"}, False), ({"join": "{at_least: 2}"}, False)])
def test_a_body_that_cannot_be_left_out_is_told_before_publication(changes: dict[str, str], found: bool) -> None:
    report = examine(parse(declared(police=says("return"), **changes), "test.yaml"))

    told = [finding for finding in report.findings if finding.code == "cannot_return"]
    assert bool(told) is found
    assert all("Ý kiến Công an tỉnh" in finding.vi and finding.where[-1] == "expiry" for finding in told)


def test_the_summary_and_the_differences_say_it_in_words() -> None:
    before, after = parse(declared(), "a.yaml"), parse(declared(police=says("tacit_yes")), "b.yaml")

    lines = [words.vi for section in summary(after) for line in section.lines for words in line.within]
    assert any("coi như đồng ý" in line and BASIS in line for line in lines)
    changed = " ".join(one.text.vi for one in differences(before, after))
    assert "Không trả lời thì coi như đồng ý" in changed
    assert BASIS in changed


def test_a_date_nobody_is_told_of_stays_silent_when_the_calendar_moves_it(expiring: Expiring) -> None:
    walk = expiring(police=says("nothing"))
    clock = next(row for row in walk.clocks("step") if row["item_no"] == walk.items["police"]["no"])
    day = clock["due_at"].astimezone(ZONE).date()

    calendars.publish(walk.office, calendars.closed(day))
    recompute(walk.office, walk.now)

    moved = next(row for row in walk.clocks("step") if row["no"] == clock["no"])
    assert moved["due_at"] > clock["due_at"]
    assert clock["no"] not in {row["clock_no"] for row in walk.of("timer")}
