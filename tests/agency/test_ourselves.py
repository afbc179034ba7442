"""The conformance kit against a real installation: web server, database, object store, and people who answer."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from api.agency.bodies import Address
from api.agency.kit.clauses import CLAUSES, Outcome
from api.agency.parties import Other, other
from engine import documents
from engine.errors import NotPossibleHere
from engine.exchange import keys
from tests.agency.standing import Ends, failed, of
from tests.exchange.sides import HERE, Side
from tests.journey import deciding_again
from tests.samples import small_pdf

TARGET = Address(installation=HERE, agency="H51.01", unit="ngoai-vu")
OFFICER = "H51.01/ngoai-vu:officer"
ATTENDED = {"registered", "answered"}
NEW = """select h.id, d.code from handoff h join dossier d on d.id = h.dossier_id
where d.mirror = 'successor' and h.state = 'delivered'"""


def ourselves(here: Side) -> Other:
    return other(here.url, keys.as_string(HERE, keys.own_key(here.office).public))


@contextmanager
def attended(here: Side) -> Iterator[None]:
    """An officer registers whatever comes, and answers it with a document."""
    stop = threading.Event()

    def sit() -> None:
        while not stop.wait(0.3):
            for row in here.rows(NEW):
                with suppress(NotPossibleHere):  # recalled since it was looked for
                    work_on(here, row["code"], row["id"])

    officer = threading.Thread(target=sit, daemon=True)
    officer.start()
    try:
        yield
    finally:
        stop.set()
        officer.join(30)


def work_on(here: Side, code: str, handoff: uuid.UUID) -> None:
    # a recall of the kit's may come in between
    journey, officer = here.journey, here.cast[OFFICER]
    deciding_again(lambda: journey.do(code, "register", officer, handoff=handoff))
    told = documents.Upload(code=code, component="result", name="y-kien.pdf", declared_type="", actor=officer,
                            key=str(uuid.uuid4()))
    documents.attach(here.office, told, iter([small_pdf()]), journey.now)
    paper, = here.rows("select c.id from document c join dossier d on d.id = c.dossier_id where d.code = %s "
                       "and c.component = 'result'", code)
    deciding_again(lambda: journey.do(code, "answer_task", officer, kind="give_opinion", verdict="agree",
                                      words="Thống nhất.", documents=(str(paper["id"]),)))


def test_we_pass_every_clause_that_needs_no_person(installation: tuple[Side, Ends]) -> None:
    here, ends = installation

    findings = ends.examine(ourselves(here), TARGET, wait=60)

    assert failed(findings) == {}
    assert of(findings, Outcome.UNTESTED) == {*ATTENDED, "revoked"}
    assert len(findings) == len(CLAUSES)
    assert here.rows("select count(*) from incident")[0]["count"] == 0


def test_we_pass_those_too_where_people_sit(installation: tuple[Side, Ends]) -> None:
    here, ends = installation

    with attended(here):
        findings = ends.examine(ourselves(here), TARGET, wait=60, interactive=60, only=ATTENDED)

    assert failed(findings) == {}
    assert of(findings, Outcome.PASSED) == ATTENDED
