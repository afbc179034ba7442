"""Auditors take the evidence about a dossier from its page; nobody else does, and it is logged who did."""

from __future__ import annotations

from pathlib import Path

from engine import timekeeper
from engine.anchoring import making
from engine.exchange import keys
from engine.exchange.verify_evidence import findings
from tests.journey import Journey
from tests.pages.house import House
from tests.pages.looks import faults

AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"
OFFICER = "H51.01/ngoai-vu:officer"


def test_an_auditor_takes_the_evidence_and_is_told_which_anchor_holds_the_dossier(house: House, tmp_path: Path) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)

    page = house.person(AUDITOR)
    page.goto(f"/dossiers/{code}")
    record = page.locator("[aria-labelledby=record]")
    assert "Chưa mốc niêm phong nào chứa hồ sơ này: hãy tải sau 23/11/2026 09:05" in record.inner_text()
    making.make(house.office, timekeeper.now())
    page.reload()
    assert "Mốc niêm phong 1 (23/11/2026 09:00) chứa hồ sơ này; mốc sau: 23/11/2026 10:05" in record.inner_text()
    assert faults(house, page, "evidence") == []

    with page.expect_download() as taken:
        record.get_by_role("link", name="Tải gói bằng chứng (ZIP)").click()
    assert taken.value.suggested_filename == f"{code}-bang-chung.zip"
    taken.value.save_as(tmp_path / "evidence.zip")
    told, *wrong, anchored = findings(str(tmp_path / "evidence.zip"), [keys.own_key(house.office).public.hex()])
    assert wrong == [[], []]
    assert anchored
    assert any(line.startswith("mốc 1 ") for line in told)
    assert logged(house) == [(house.cast.member(AUDITOR).id, code)]


def test_whoever_is_no_auditor_is_neither_shown_nor_given_it(house: House) -> None:
    journey = Journey(house.office, house.cast, house.at(9))
    code = journey.receive().code
    journey.register_all(code)

    page = house.person(OFFICER)
    page.goto(f"/dossiers/{code}")
    assert page.get_by_role("link", name="Tải gói bằng chứng (ZIP)").count() == 0
    assert page.request.get(f"/dossiers/{code}/evidence").status == 404
    auditor = house.person(AUDITOR)
    assert auditor.request.get("/dossiers/H51.02-261123-9999/evidence").status == 404
    assert logged(house) == []


def logged(house: House) -> list[tuple[int, str]]:
    with house.office.db.connection() as connection:
        return connection.execute(
            "select actor_id, details->>'code' from event_log where kind = 'evidence_exported' order by id").fetchall()
