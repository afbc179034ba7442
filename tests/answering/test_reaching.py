"""How work comes to an agency is changed by whoever runs the installation, and stays in the log."""

from __future__ import annotations

import getpass
import io
import sys

import pytest

from api.reaching import reach_lines
from engine.answering.reaching import reach
from engine.errors import Invalid, NotFound
from engine.exchange.peers import NotAdministrator
from engine.office import Office
from engine.seed import DEMO_PASSWORD
from tests.journey import MONDAY, Cast


def way_of(office: Office, agency: str) -> tuple[str, str | None]:
    with office.db.connection() as connection:
        found = connection.execute("select reach, mail from agency where code = %s", (agency,)).fetchone()
    assert found is not None
    return found


def test_it_is_changed_and_logged(office: Office, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{DEMO_PASSWORD}\n"))
    administrator = next(one for one in cast.members if one.role == "administrator")
    lines = reach_lines(office, "H51.08", "mail", "van-thu@vanhoa.example.vn", administrator.login)

    assert way_of(office, "H51.08") == ("mail", "van-thu@vanhoa.example.vn")
    assert next(unit.reach for unit in office.fresh_catalogue().units.values() if unit.agency == "H51.08") == "mail"
    assert "thư điện tử" in lines[0]
    with office.db.connection() as connection:
        ((actor, logged),) = connection.execute(
            "select actor_id, details from event_log where kind = 'agency_reach_changed'").fetchall()
    assert actor == administrator.id
    assert (logged["agency"], logged["before"], logged["way"], logged["by"]) == (
        "H51.08", "here", "mail", getpass.getuser())
    reach(office, "H51.08", "here", "", "quan-tri", MONDAY)
    assert way_of(office, "H51.08") == ("here", None)


def test_nobody_but_an_administrator_changes_it(office: Office, cast: Cast) -> None:
    with pytest.raises(NotAdministrator):
        reach_lines(office, "H51.08", "paper", "", cast.member("H51.02/tiep-nhan:receptionist").login)
    assert way_of(office, "H51.08") == ("here", None)


@pytest.mark.parametrize(("way", "address"), [("fax", ""), ("mail", ""), ("mail", "văn thư"), ("mail", "a@"),
                                              ("mail", "a@b\r\nBcc: c@d"), ("peer", "")])
def test_what_is_no_way_changes_nothing(office: Office, way: str, address: str) -> None:
    with pytest.raises(Invalid):
        reach(office, "H51.08", way, address, "quan-tri", MONDAY)
    assert way_of(office, "H51.08") == ("here", None)


def test_an_unknown_agency_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        reach(office, "H99.99", "paper", "", "quan-tri", MONDAY)
