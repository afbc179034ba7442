"""The report on time limits: what it counts, for whom, and who may read it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from engine.casework.orders import Actor
from engine.errors import Invalid, NotFound
from engine.judging import report as reports
from engine.judging.report import Period, Report
from engine.office import Office
from tests.casework.conftest import Start
from tests.casework.walking import Walk
from tests.journey import Cast

AUDITOR, MANAGER = "H51.01/kiem-soat-thu-tuc:auditor", "H51.02/quan-ly:manager"
HEAD, OFFICER = "H51.01/ngoai-vu:head", "H51.01/ngoai-vu:officer"
PERIOD = Period(since=date(2026, 11, 1), until=date(2027, 6, 30))


@pytest.fixture
def three(start: Start) -> list[Walk]:
    """Early; late; early here, but asked twice for a supplement."""
    early = start("test_copies").go_to("returning")
    late = start("test_copies").go_to("signing")
    late.journey.now = late.dossier["due_at"] + timedelta(days=3)
    late.go_to("returning")
    twice = start("test_copies")
    for _ in range(2):
        twice.step("request_supplement")
        twice.step("supplement")
    return [early, late, twice.go_to("returning")]


def read(walk: Walk, who: str = AUDITOR, **narrower: str) -> Report:
    period = Period(since=PERIOD.since, until=PERIOD.until, **narrower)
    return reports.report(walk.office, walk.cast[who], period, walk.now)


def codes(walk: Walk, verdict: str | None, who: str = AUDITOR) -> list[str]:
    page = reports.dossiers(walk.office, walk.cast[who], PERIOD, verdict, 1, walk.now)
    return [row.code for row in page.rows]


def test_dossiers_are_counted_by_both_definitions(three: list[Walk]) -> None:
    total = read(three[0]).total
    assert (total.dossiers, total.early, total.on_time, total.late) == (3, 2, 0, 1)
    assert (total.national_on_time, total.national_late, total.asked_again) == (1, 2, 1)
    assert (total.on_time_rate, total.kept_rate) == (33.33, 66.67)
    assert total.allowed == 2 * 480
    judged = [walk.of("judgement")[0] for walk in three]
    assert total.worked == round(sum(row["worked"] for row in judged) / 3)
    assert total.late_minutes == judged[1]["late_original"]


def test_by_agency_and_procedure_it_adds_up(three: list[Walk]) -> None:
    found = read(three[0])
    assert [(row.agency, row.figures) for row in found.agencies] == [("H51.21", found.total)]
    assert [(row.procedure, row.name.vi) for row in found.procedures] == [("test_copies", "Chứng thực bản sao")]


def test_work_is_counted_for_unit_step_and_person(three: list[Walk]) -> None:
    found = read(three[0])
    three[0].step("return_at_counter")  # when that is done is up to the applicant
    done = len([row for walk in three for row in walk.of("work_item")
                if row["closed_at"] and row["state"] not in ("awaiting_supplement", "returning")])
    for rows in (found.units, found.steps, found.people):
        assert sum(row.figures.done for row in rows) == done
    signing = next(row.figures for row in found.steps if row.step.vi == "Ký")
    assert (signing.done, signing.early, signing.late) == (3, 2, 1)
    assert signing.late_minutes > 0
    drafting = next(row.figures for row in found.steps if row.step.vi == "Soạn thảo")
    assert (drafting.unlimited, drafting.kept_rate) == (drafting.done, None)


def test_the_list_leads_to_the_dossiers_and_says_why(three: list[Walk]) -> None:
    early, late, twice = (walk.code for walk in three)
    assert codes(three[0], None) == [twice, late, early]
    assert codes(three[0], "late") == [late]
    assert codes(three[0], "national_late") == [twice, late]
    assert codes(three[0], "asked_again") == [twice]
    page = reports.dossiers(three[0].office, three[0].cast[AUDITOR], PERIOD, "asked_again", 1, three[0].now)
    assert [ground.en for ground in page.rows[0].grounds] == [
        "A supplement was asked for more than once: the national index counts that as late"]
    assert page.rows[0].visible


def test_the_transit_between_agencies_is_booked_to_no_unit(start: Start) -> None:
    walk = start()
    walk.journey.now += timedelta(hours=2)
    walk.step("consult")
    figures = next(row.figures for row in read(walk).units if row.unit.name.vi == "Phòng Ngoại vụ")
    assert figures.transit is not None
    assert figures.transit >= 120
    assert figures.office is not None
    assert figures.office < 10


def test_a_period_holds_what_ended_in_it(three: list[Walk]) -> None:
    walk, day = three[0], date(2026, 11, 23)
    only = Period(since=day, until=day)
    assert reports.report(walk.office, walk.cast[AUDITOR], only, walk.now).total.dossiers == 1
    before = Period(since=day - timedelta(days=9), until=day - timedelta(days=1))
    found = reports.report(walk.office, walk.cast[AUDITOR], before, walk.now)
    assert (found.total.dossiers, found.total.on_time_rate, found.units) == (0, None, [])


def test_heads_read_of_their_unit_and_managers_of_their_agency(start: Start, three: list[Walk]) -> None:
    walk = start(accept=False).go_to("returning")
    assert read(walk).total.dossiers == 4
    head = read(walk, HEAD)
    assert head.total.dossiers == 1
    assert {row.unit.id for row in head.units} == {walk.cast.unit("H51.01/ngoai-vu")}
    manager = read(walk, MANAGER)
    assert manager.total.dossiers == 1
    assert {row.unit.agency for row in manager.units} == {"H51.02"}
    assert codes(walk, None, HEAD) == [walk.code]


def test_what_is_in_flight_is_counted_apart(start: Start, three: list[Walk]) -> None:
    late = start()
    late.journey.now = late.dossier["due_at"] + timedelta(days=1)
    start().step("request_supplement")
    found = read(late)
    assert (found.in_flight.dossiers, found.in_flight.overdue, found.in_flight.waiting) == (2, 1, 1)
    assert found.total.dossiers == 3
    assert read(late, procedure="test_copies").in_flight.dossiers == 0


def test_administrators_read_figures_and_open_no_dossier(three: list[Walk]) -> None:
    walk = three[0]
    found = next(member for member in walk.cast.members if member.role == "administrator")
    administrator = Actor(id=found.id, name=found.name)
    assert reports.report(walk.office, administrator, PERIOD, walk.now).total.dossiers == 3
    page = reports.dossiers(walk.office, administrator, PERIOD, None, 1, walk.now)
    assert [row.visible for row in page.rows] == [False] * 3


def test_it_can_be_narrowed_to_an_agency_and_a_procedure(start: Start, three: list[Walk]) -> None:
    walk = start().go_to("returning")
    assert read(walk, agency="H51.01").total.dossiers == 1
    assert {row.unit.agency for row in read(walk, agency="H51.01").units} == {"H51.01"}
    assert read(walk, procedure="test_copies").total.dossiers == 3


@pytest.mark.parametrize("who", [OFFICER, "H51.02/tiep-nhan:receptionist", "H51.09/giao-nhan:courier"])
def test_others_have_no_such_report(who: str, office: Office, cast: Cast) -> None:
    now = office.db.value("select now()")
    with pytest.raises(NotFound):
        reports.report(office, cast[who], PERIOD, now)
    with pytest.raises(NotFound):
        reports.dossiers(office, cast[who], PERIOD, None, 1, now)
    with pytest.raises(NotFound):
        reports.choices(office, cast[who], now)


@pytest.mark.parametrize(("period", "field"), [
    (Period(since=date(2026, 11, 2), until=date(2026, 11, 1)), "until"),
    (Period(since=date(2024, 11, 2), until=date(2026, 11, 1)), "until"),
    (Period(since=date(2026, 11, 1), until=date(2026, 11, 2), agency="H51.99"), "agency"),
    (Period(since=date(2026, 11, 1), until=date(2026, 11, 2), procedure="nothing"), "procedure"),
])
def test_a_period_that_is_none_is_refused_at_its_field(period: Period, field: str, office: Office, cast: Cast) -> None:
    reader: Actor = cast[AUDITOR]
    with pytest.raises(Invalid) as refusal:
        reports.report(office, reader, period, office.db.value("select now()"))
    assert list(refusal.value.fields) == [field]


def test_a_head_may_not_ask_for_another_agency(office: Office, cast: Cast) -> None:
    with pytest.raises(Invalid):
        reports.report(office, cast[HEAD], Period(since=PERIOD.since, until=date(2026, 12, 1), agency="H51.21"),
                       office.db.value("select now()"))
