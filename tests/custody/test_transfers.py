"""Paper from hand to hand: the giver's until the receiver confirms; both units are told of what nobody confirms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from engine.calendaring import drafts, publishing, scopes
from engine.calendaring.entering import RowGiven
from engine.casework import transfers
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars
from engine.clocks.zone import ZONE
from engine.courier import incidents
from engine.desk.dossier import dossier
from engine.desk.lists import notices
from engine.desk.troubles import how_many, troubles
from engine.errors import Invalid, LienThongError, NotFound, NotPossibleHere, Refused, WrongRole
from storage import custody as rows
from tests.casework.variants import conference
from tests.conftest import Fresh
from tests.custody.conftest import Round

DESK, SECOND = "H51.02/tiep-nhan:receptionist", "H51.02/tiep-nhan:receptionist#1"
DEPARTMENT = "H51.03/chuyen-mon:officer"


def test_offered_confirmed_and_in_the_history(day: Round) -> None:
    paper = day.received()[0]
    unit = day.cast.unit("H51.03/chuyen-mon")
    day.do("offer_paper", paper, day.cast[DESK], unit=unit)
    assert day.paper(paper)["unit_id"] == day.cast.unit("H51.02/tiep-nhan")
    assert [row.mine for row in troubles(day.office, day.cast[DEPARTMENT].id, day.now()).waiting] == [True]
    assert [row.mine for row in troubles(day.office, day.cast[DESK].id, day.now()).waiting] == [False]

    day.do("confirm_paper", paper, day.cast[DEPARTMENT])

    held = day.paper(paper)
    assert (held["state"], held["unit_id"], held["person_id"]) == ("held", unit, day.cast[DEPARTMENT].id)
    assert troubles(day.office, day.cast[DEPARTMENT].id, day.now()).waiting == []
    assert [(line.no, line.unit_id, line.action) for line in
            rows.history(day.office.db, held["dossier_id"])] == [
        (2, unit, "confirm_paper"), (1, day.cast.unit("H51.02/tiep-nhan"), "accept")]


def test_from_person_to_person_inside_a_unit(day: Round) -> None:
    paper = day.received()[0]
    own = day.cast.unit("H51.02/tiep-nhan")
    day.do("offer_paper", paper, day.cast[DESK], unit=own, person=day.cast[SECOND].id)
    with pytest.raises(WrongRole):
        day.do("confirm_paper", paper, day.cast[DESK])
    day.do("confirm_paper", paper, day.cast[SECOND])
    assert day.paper(paper)["person_id"] == day.cast[SECOND].id


def test_declined_it_stays_where_it_is_and_a_new_offer_voids_the_old(day: Round) -> None:
    paper = day.received()[0]
    for agency in ("H51.03/chuyen-mon", "H51.02/tra-ket-qua", "H51.03/chuyen-mon"):
        day.do("offer_paper", paper, day.cast[DESK], unit=day.cast.unit(agency))
    day.do("give_paper_back", paper, day.cast[DEPARTMENT], words="Không phải hồ sơ của phòng")
    assert [row[0] for row in day.rows("select outcome from transfer order by offered_at")] == [
        "overtaken", "overtaken", "declined"]
    assert day.paper(paper)["person_id"] == day.cast[DESK].id
    with pytest.raises(NotPossibleHere):
        day.do("give_paper_back", paper, day.cast[DESK])


def test_an_offered_paper_is_on_no_manifest_and_a_run_after_it_is(day: Round) -> None:
    paper = day.received()[0]
    day.do("offer_paper", paper, day.cast[DESK], unit=day.cast.unit("H51.03/chuyen-mon"))
    assert day.lines(day.listed()) == []
    day.do("give_paper_back", paper, day.cast[DESK])
    assert [line.barcode for line in day.lines(day.listed())] == [paper]


def test_unconfirmed_after_four_working_hours_both_units_are_told_once(day: Round) -> None:
    paper = day.received()[0]
    day.do("offer_paper", paper, day.cast[DESK], unit=day.cast.unit("H51.03/chuyen-mon"))
    assert rows.ring(day.office.db, day.now() + timedelta(hours=2)) == 0
    late = day.now() + timedelta(hours=8)
    assert rows.ring(day.office.db, late) == 2
    assert rows.ring(day.office.db, late) == 0
    assert "paper_unconfirmed" in {row.kind for row in notices(day.office, day.cast[DESK].id, late)}
    for who in (DESK, DEPARTMENT):
        assert [row.late for row in troubles(day.office, day.cast[who].id, late).waiting] == [True]


@pytest.mark.parametrize("who", [DEPARTMENT, "H51.09/giao-nhan:courier"])
def test_only_who_has_it_gives_it(day: Round, who: str) -> None:
    paper = day.received()[0]
    with pytest.raises((WrongRole, NotFound)):
        day.do("offer_paper", paper, day.cast[who], unit=day.cast.unit("H51.03/chuyen-mon"))


def test_to_nobody_to_oneself_and_what_is_not_here(day: Round) -> None:
    paper = day.received()[0]
    desk = day.cast.unit("H51.02/tiep-nhan")
    for told in ({}, {"unit": 10**6}, {"unit": desk, "person": day.cast[DESK].id},
                 {"unit": desk, "person": day.cast[DEPARTMENT].id}, {"unit": desk, "person": 10**6}):
        with pytest.raises(Invalid):
            day.do("offer_paper", paper, day.cast[DESK], **told)
    with pytest.raises(NotFound):
        day.do("offer_paper", "H51.02-261123-9999-S", day.cast[DESK], unit=1)


def test_two_confirm_at_the_same_moment_and_one_has_it(day: Round) -> None:
    paper = day.received()[0]
    unit = day.cast.unit("H51.03/chuyen-mon")
    day.do("offer_paper", paper, day.cast[DESK], unit=unit)
    people = [member for member in day.cast.members if member.unit_id == unit][:4]

    def confirm(person: Actor) -> bool:
        order = Order(code=paper.rpartition("-")[0], event="confirm_paper", actor=person,
                      particulars=Particulars(slip=paper))
        try:
            act(day.office, order, day.now())
        except LienThongError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(confirm, [Actor(id=member.id, name=member.name) for member in people]))
    assert won.count(True) == 1
    assert day.rows("select count(*) from custody") == [(2,)]


def test_the_history_is_written_by_the_database_and_never_changed(day: Round, fresh: Fresh) -> None:
    day.received()
    for statement in ("update custody set unit_id = 1", "delete from custody", "truncate custody",
                      "insert into custody select * from custody", "update paper set person_id = 1"):
        with psycopg.connect(fresh.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    for statement in ("update custody set unit_id = 1", "delete from custody", "truncate custody"):
        with psycopg.connect(fresh.owner_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    with psycopg.connect(fresh.owner_url) as connection:
        # also who writes the paper by hand leaves a line, and cannot take it back in time
        connection.execute("update paper set since = since + interval '1 hour', person_id = null")
        connection.commit()
        assert connection.execute("select max(no) from custody").fetchone() == (2,)
        connection.execute("update paper set since = since - interval '5 hours', person_id = 1")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.commit()
        connection.execute("update paper set since = since + interval '5 hours', person_id = 1")
        connection.commit()


SIGNED_ON_PAPER = ("      party: ppc\n      role: signer\n",
                   "      party: ppc\n      role: signer\n      paper: needed\n")


def test_a_signature_that_needs_the_original_waits_until_it_is_held_there(day: Round, fresh: Fresh) -> None:
    """Custody decides: bound for here, or under way, is not here."""
    walk = conference(day.journey, fresh, SIGNED_ON_PAPER).go_to("signing")
    paper, signer = f"{walk.code}-S", walk.holder("signing")
    walk.attach("result")

    def refused() -> str:
        with pytest.raises(Refused) as refusal:
            walk.do("sign", signer, state="signing")
        assert refusal.value.data["barcode"] == paper
        return refusal.value.message("vi")

    assert "đang giữ" in refused()
    day.listed()
    day.do("take_paper", paper, day.carrier)
    assert "trên đường đi" in refused()
    day.do("report_missing", paper, signer)
    assert "báo thiếu" in refused()
    day.do("confirm_paper", paper, signer)
    walk.do("sign", signer, state="signing")
    assert "signing" not in walk.states


def test_an_incident_is_closed_by_its_owner_with_a_reason(day: Round) -> None:
    paper = day.received()[0]
    run = day.listed()
    day.do("take_paper", paper, day.carrier)
    day.do("report_missing", paper, day.at(day.lines(run)[0].to_unit_id))
    found = troubles(day.office, day.cast[DESK].id, day.now()).incidents
    assert [(row.kind, row.detail) for row in found] == [("paper_missing", paper)]
    assert [(row.paper, row.reported_by and row.reported_by.id) for row in found] == [
        ("submitted", day.lines(run)[0].to_unit_id)]
    with pytest.raises(NotFound):
        incidents.close(day.office, found[0].id, day.cast["H51.21/mot-cua:receptionist"], "Không phải", day.now())
    with pytest.raises(Invalid):
        incidents.close(day.office, found[0].id, day.cast[DESK], " ", day.now())
    incidents.close(day.office, found[0].id, day.cast[DESK], "Đã xin lỗi người nộp, lập lại bản sao", day.now())
    assert troubles(day.office, day.cast[DESK].id, day.now()).incidents == []
    assert dossier(day.office, paper.rpartition("-")[0], day.cast[DESK], day.now()).timeline[-1].action \
        == "close_incident"
    assert day.rows("select closed_by, closed_why from incident") == [
        (day.cast[DESK].id, "Đã xin lỗi người nộp, lập lại bản sao")]


def test_what_a_courier_still_has_is_due_by_the_calendar_of_the_agency_it_goes_to(day: Round) -> None:
    paper = day.received()[0]
    run = day.listed()
    day.do("take_paper", paper, day.carrier)
    to, keeper = day.line(run, paper).to_unit_id, day.cast["H51.01/kiem-soat-thu-tuc:administrator"]
    agency = day.office.catalogue().units[to].agency
    scope, today = scopes.find(day.office, keeper, agency, day.now()), day.now().astimezone(ZONE).date()
    draft = drafts.begin(day.office, keeper, scope, day.now())
    closed = RowGiven(day=today, until=None, until_said=False, kind="closure", sessions="", vi="Bão", en="Storm",
                      basis="12/QĐ-UBND")
    draft = drafts.change(day.office, keeper, scope, draft.version, drafts.entering_row(closed, keeper, day.now()),
                          day.now())
    publishing.publish(day.office, keeper, scope, draft.version, ("12/QĐ-UBND", "Bão"), day.now())
    day.depart(run)
    day.arrive(run)

    row, = troubles(day.office, day.at(to).id, day.now()).waiting
    assert row.due_at == transfers.by_when(day.now(), day.office.catalogue().calendar(agency))
    assert row.due_at > transfers.by_when(day.now(), day.office.catalogue().calendar(""))


def test_what_a_courier_still_has_after_his_run_is_on_both_units_lists(day: Round) -> None:
    papers = day.received(2)
    run = day.listed()
    for paper in papers:
        day.do("take_paper", paper, day.carrier)
    receiver, sender = day.at(day.lines(run)[0].to_unit_id), day.cast[DESK]
    day.depart(run)
    assert troubles(day.office, receiver.id, day.now()).waiting == []
    day.arrive(run)
    day.do("confirm_paper", papers[0], receiver)
    for who, mine in ((receiver, True), (sender, False)):
        rows_of = troubles(day.office, who.id, day.now()).waiting
        assert [(row.barcode, row.mine, row.carried, row.late) for row in rows_of] == [(papers[1], mine, True, False)]
        assert how_many(day.office, who.id, day.now()) == 0
        by = rows_of[0].due_at
        assert how_many(day.office, who.id, by - timedelta(minutes=1)) == 0
        assert how_many(day.office, who.id, by) == 1
    day.do("confirm_paper", papers[1], receiver)
    assert troubles(day.office, sender.id, day.now()).waiting == []


def test_after_the_last_run_of_a_day_night_and_day_off_do_not_count(day: Round) -> None:
    paper = day.received()[0]
    run = day.listed()
    day.do("take_paper", paper, day.carrier)
    day.depart(run)
    day.journey.now = day.now().astimezone(ZONE).replace(hour=16, minute=30)
    day.arrive(run, minutes=0)
    sender = day.cast[DESK]
    (row,) = troubles(day.office, sender.id, day.now()).waiting
    # the 24th is a day off
    assert f"{row.due_at.astimezone(ZONE):%d/%m %H:%M}" == "25/11 10:30"
    assert how_many(day.office, sender.id, day.now() + timedelta(hours=5)) == 0
