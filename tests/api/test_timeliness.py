"""The report on time limits and the time of one dossier, for programs."""

from __future__ import annotations

import pytest

from tests.api.web import Session, Web

AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"


def test_the_time_of_a_dossier_adds_up(desk: Session) -> None:
    told = desk.get(f"/dossiers/{desk.received()}/time").json()
    assert told["final"] is False
    assert sum(piece["minutes"] for piece in told["pieces"]) == sum(told["totals"].values()) == told["minutes"]
    assert told["judgement"]["local"] in ("early", "on_time")


def test_a_stranger_is_told_of_no_time(desk: Session, stranger: Session) -> None:
    assert stranger.get(f"/dossiers/{desk.received()}/time").status_code == 404


def test_the_report_counts_this_month_unless_told_otherwise(web: Web) -> None:
    auditor = web.sign_in(AUDITOR)
    told = auditor.get("/reports/timeliness").json()
    assert told["period"] == {"since": "2026-11-01", "until": "2026-11-23", "agency": None, "procedure": None}
    assert (told["total"]["dossiers"], told["total"]["on_time_rate"]) == (0, None)
    listed = auditor.get("/reports/timeliness/dossiers", params={"verdict": "late"}).json()
    assert (listed["rows"], listed["more"], listed["verdict"]) == ([], False, "late")


@pytest.mark.parametrize("wrong", [{"since": "2026-12-01", "until": "2026-11-01"}, {"agency": "H51.99"},
                                   {"procedure": "nothing"}, {"since": "yesterday"}])
def test_a_period_that_is_none_is_refused(web: Web, wrong: dict[str, str]) -> None:
    assert web.sign_in(AUDITOR).get("/reports/timeliness", params=wrong).status_code == 422


def test_others_have_no_such_report(desk: Session) -> None:
    for path in ("/reports/timeliness", "/reports/timeliness/dossiers"):
        assert desk.get(path).status_code == 404
