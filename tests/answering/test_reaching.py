"""How work comes to an agency is changed by whoever runs the installation, and stays in the log."""

from __future__ import annotations

import pytest

from api.reaching import reach_lines
from engine.answering.reaching import reach
from engine.errors import Invalid, NotFound
from engine.office import Office
from tests.journey import MONDAY


def way_of(office: Office, agency: str) -> tuple[str, str | None]:
    with office.db.connection() as connection:
        found = connection.execute("select reach, mail from agency where code = %s", (agency,)).fetchone()
    assert found is not None
    return found


def test_it_is_changed_and_logged(office: Office) -> None:
    lines = reach_lines(office, "H51.08", "mail", "van-thu@vanhoa.example.vn", "quan-tri")

    assert way_of(office, "H51.08") == ("mail", "van-thu@vanhoa.example.vn")
    assert next(unit.reach for unit in office.fresh_catalogue().units.values() if unit.agency == "H51.08") == "mail"
    assert "thư điện tử" in lines[0]
    logged = office.db.value("select details from event_log where kind = 'agency_reach_changed'")
    assert (logged["agency"], logged["before"], logged["way"], logged["by"]) == ("H51.08", "here", "mail", "quan-tri")
    reach(office, "H51.08", "here", "", "quan-tri", MONDAY)
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
