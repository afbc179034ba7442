"""Courier runs over HTTP: what couriers see, what receivers confirm."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from engine import courier, delivery, timekeeper
from engine.answering.reaching import reach
from tests.api.conftest import OFFICER
from tests.api.web import Session, Web, key
from tests.journey import MONDAY

COURIER = "H51.09/giao-nhan:courier"


@pytest.fixture
def carrier(web: Web) -> Session:
    return web.sign_in(COURIER)


@pytest.fixture
def listed(web: Web, desk: Session) -> str:
    """A dossier whose paper is on the first run of the day."""
    code = desk.received()
    delivery.drain(web.office, timekeeper.now())
    courier.plan(web.office, MONDAY.date())
    courier.draw_due_manifests(web.office, MONDAY + timedelta(hours=3))
    return code


def on_paper(session: Session, barcode: str, what: str) -> httpx.Response:
    return session.post(f"/papers/{barcode}/{what}", headers={"Idempotency-Key": key()})


def the_run(session: Session) -> dict[str, object]:
    """The one that has papers."""
    runs = session.get("/courier/runs", params={"day": "2026-11-23"}).json()
    return next(run for run in runs if run["listed"])


def test_four_runs_a_working_day(carrier: Session, listed: str) -> None:
    runs = carrier.get("/courier/runs", params={"day": "2026-11-23"}).json()
    assert [run["no"] for run in runs] == [1, 2, 3, 4]
    assert carrier.get("/courier/runs", params={"day": "2026-11-22"}).json() == []


def test_a_courier_sees_codes_and_places_and_nothing_else(carrier: Session, listed: str) -> None:
    view = carrier.get(f"/courier/runs/{the_run(carrier)['id']}").json()
    assert view["courier"]
    assert [line["code"] for line in view["lines"]] == [listed]
    assert set(view["lines"][0]) == {"barcode", "code", "kind", "state", "sender", "receiver", "taken_at", "taken_by",
                                     "confirmed_at", "confirmed_by", "handed_to", "missing_at", "bag_id"}
    assert carrier.get(f"/dossiers/{listed}").status_code == 404


def test_others_see_the_papers_of_their_own_agency(listed: str, web: Web, carrier: Session, stranger: Session) -> None:
    run = the_run(carrier)["id"]
    assert len(web.sign_in(OFFICER).get(f"/courier/runs/{run}").json()["lines"]) == 1
    assert stranger.get(f"/courier/runs/{run}").json()["lines"] == []


def test_a_paper_is_taken_carried_and_confirmed(carrier: Session, listed: str, web: Web) -> None:
    barcode, run = f"{listed}-S", the_run(carrier)["id"]
    assert on_paper(carrier, barcode, "take").status_code == 200
    assert carrier.post(f"/courier/runs/{run}/depart").json()["state"] == "departed"
    officer = web.sign_in(OFFICER)
    assert officer.offer(listed, "confirm_paper")["slip"] == barcode
    assert on_paper(officer, barcode, "confirm").status_code == 200
    assert carrier.post(f"/courier/runs/{run}/arrive").json()["confirmed"] == 1
    paper = officer.get(f"/dossiers/{listed}").json()["papers"][0]
    assert (paper["state"], paper["holder"]["name"]["vi"]) == ("held", "Phòng Ngoại vụ")


def test_a_missing_paper_is_an_incident_and_may_turn_up(carrier: Session, listed: str, web: Web) -> None:
    barcode, officer = f"{listed}-S", web.sign_in(OFFICER)
    on_paper(carrier, barcode, "take")
    assert on_paper(officer, barcode, "missing").status_code == 200
    assert officer.get(f"/dossiers/{listed}").json()["papers"][0]["state"] == "missing"
    assert on_paper(officer, barcode, "confirm").status_code == 200


def test_only_couriers_carry_and_only_receivers_confirm(carrier: Session, listed: str, desk: Session) -> None:
    barcode = f"{listed}-S"
    assert on_paper(desk, barcode, "take").json()["code"] == "wrong_role"
    on_paper(carrier, barcode, "take")
    assert on_paper(desk, barcode, "confirm").json()["code"] == "wrong_role"
    assert desk.post(f"/courier/runs/{the_run(carrier)['id']}/depart").status_code == 403


def test_who_signed_outside_is_recorded_once_for_the_papers_of_a_bag(
        carrier: Session, listed: str, desk: Session, stranger: Session, web: Web) -> None:
    reach(web.office, "H51.01", "paper", "", "test", timekeeper.now())
    run = the_run(carrier)["id"]
    line, = carrier.get(f"/courier/runs/{run}").json()["lines"]
    bag = desk.post(f"/courier/runs/{run}/bags", {
        "from_unit": line["sender"]["id"], "to_unit": line["receiver"]["id"], "seal": "NP-0100"}).json()["id"]
    carrier.post(f"/courier/bags/{bag}/take")
    signed = {"recipient": "Sơn Thị Sóc Phia"}

    assert desk.post(f"/courier/bags/{bag}/signed", {"recipient": " "}).status_code == 422
    assert stranger.post(f"/courier/bags/{bag}/signed", signed).status_code == 403
    answered = desk.post(f"/courier/bags/{bag}/signed", signed)
    assert [(one["barcode"], one["done"]) for one in answered.json()] == [(f"{listed}-S", True)]
    assert desk.post(f"/courier/bags/{bag}/signed", signed).status_code == 409
    shown, = desk.get(f"/courier/runs/{run}/bags").json()
    assert shown["handed_to"] == "Sơn Thị Sóc Phia"


def test_what_was_done_cannot_be_done_again(carrier: Session, listed: str) -> None:
    barcode, run = f"{listed}-S", the_run(carrier)["id"]
    on_paper(carrier, barcode, "take")
    assert on_paper(carrier, barcode, "take").status_code == 409
    carrier.post(f"/courier/runs/{run}/depart")
    assert carrier.post(f"/courier/runs/{run}/depart").status_code == 409
    assert carrier.post("/courier/runs/999999/depart").status_code == 404
    assert on_paper(carrier, "H51.02-261123-9999-S", "take").status_code == 404
