"""The conformance kit against a real installation of ours: web server, database, object store."""

from __future__ import annotations

from api.agency.bodies import Address
from api.agency.kit.clauses import CLAUSES, Outcome
from api.agency.parties import other
from engine.exchange import keys
from tests.agency.standing import Ends, failed, of
from tests.exchange.sides import HERE, Side

TARGET = Address(installation=HERE, agency="H51.01", unit="van-thu")


def test_we_pass_every_clause_that_needs_no_person(installation: tuple[Side, Ends]) -> None:
    here, ends = installation
    tested = other(here.url, keys.as_string(HERE, keys.own_key(here.office).public))

    findings = ends.examine(tested, TARGET, wait=30)

    assert failed(findings) == {}
    assert of(findings, Outcome.UNTESTED) == {"registered", "answered", "revoked"}
    assert len(findings) == len(CLAUSES)
    assert here.rows("select count(*) from incident")[0]["count"] == 0
