"""Papers handed in before are offered and attached again: of the same person, of one kind, to who may know of them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from io import BytesIO
from uuid import UUID

import psycopg
import pytest

from engine import documents
from engine.casework.orders import Actor
from engine.casework.submission import Person
from engine.documents import EarlierPaper, Upload
from engine.errors import NotFound
from engine.office import Office
from engine.states.procedure import Procedure
from storage.spool import in_pieces
from tests import samples
from tests.conftest import Fresh
from tests.journey import Journey

DESK = "H51.21/mot-cua"
BUSINESS = {"business_name": "Quán Sóc Kha", "business_address": "Số 5 đường Hùng Vương", "fee_group": "none",
            "business_line": "Ăn uống", "capital": 50_000_000, "family_members": 1}
ID_NUMBER = "094000000001"


def received(journey: Journey, **changes: object) -> str:
    return journey.receive("household_business", **{"desk": DESK, "facts": BUSINESS} | changes).code


def clerk(journey: Journey, desk: str = DESK) -> Actor:
    return journey.cast[f"{desk}:receptionist"]


def attached(journey: Journey, code: str, component: str = "identity") -> None:
    told = Upload(code=code, component=component, name="căn cước.pdf", declared_type="application/pdf",
                  actor=clerk(journey), key=str(uuid.uuid4()))
    documents.attach(journey.office, told, in_pieces(BytesIO(samples.pdf())), journey.now)


def declared(office: Office, key: str, now: datetime) -> Procedure:
    return office.fresh_catalogue().current(key, now.date())[1]


def offered(journey: Journey, procedure: str = "household_business", *, id_number: str = ID_NUMBER,
            desk: str = DESK, later: timedelta = timedelta()) -> list[EarlierPaper]:
    wanted = declared(journey.office, procedure, journey.now)
    return documents.earlier_papers(journey.office, id_number, wanted, clerk(journey, desk), journey.now + later)


def test_an_identity_paper_is_taken_again_by_another_procedure(journey: Journey, fresh: Fresh) -> None:
    first = received(journey)
    attached(journey, first)
    attached(journey, first, "family_minutes")
    paper, = offered(journey)
    assert (paper.component, paper.name, paper.code) == ("identity", "căn cước.pdf", first)
    other, = offered(journey, "civil_status_extract")
    assert (other.id, other.component) == (paper.id, "identity")

    code, key = received(journey), str(uuid.uuid4())
    reply = documents.reuse(journey.office, code, "identity", paper.id, clerk(journey), key, journey.now)
    assert reply.action == "attach"
    again = documents.reuse(journey.office, code, "identity", paper.id, clerk(journey), key, journey.now)
    assert again == reply
    with psycopg.connect(fresh.app_url) as connection:
        rows = connection.execute(
            "select f.reused_from, f.sha256, f.state, f.quality is not null from document f join dossier d "
            "on d.id = f.dossier_id where d.code = %s and f.sha256 is not null", (code,)).fetchall()
        source = connection.execute("select sha256, state from document where id = %s", (paper.id,)).fetchone()
        told = connection.execute("select a.details::jsonb->>'from' from audit a join dossier d on d.id = a.dossier_id "
                                  "where d.code = %s and a.action = 'attach'", (code,)).fetchone()
    assert source is not None
    assert rows == [(paper.id, *source, True)]
    assert told == (str(paper.id),)


def test_nothing_is_offered_of_other_people_or_to_other_agencies(journey: Journey) -> None:
    code = received(journey)
    attached(journey, code)
    paper, = offered(journey)
    assert offered(journey, id_number="094000000002") == []
    assert offered(journey, id_number="") == []
    assert offered(journey, desk="H51.02/tiep-nhan") == []
    mine = received(journey, applicant=Person(name="Lâm Văn Ích", id_number="094000000003", phone="0900000003"))
    with pytest.raises(NotFound):  # the paper of somebody else
        documents.reuse(journey.office, mine, "identity", paper.id, clerk(journey), str(uuid.uuid4()), journey.now)
    with pytest.raises(NotFound):
        documents.reuse(journey.office, code, "identity", UUID(int=1), clerk(journey), str(uuid.uuid4()), journey.now)


def test_a_paper_does_not_stand_for_one_of_another_kind(journey: Journey) -> None:
    attached(journey, received(journey))
    paper, = offered(journey)
    code = received(journey)
    with pytest.raises(NotFound):
        documents.reuse(journey.office, code, "family_minutes", paper.id, clerk(journey), str(uuid.uuid4()),
                        journey.now)


def test_a_paper_that_is_valid_for_half_a_year_is_not_offered_after_it(journey: Journey) -> None:
    procedure = declared(journey.office, "household_business", journey.now)
    attached(journey, received(journey))
    wanted = procedure.declaration.documents["identity"].model_copy(update={"valid_for": "6 months"})
    papers = {**procedure.declaration.documents, "identity": wanted}
    bounded = Procedure(procedure.declaration.model_copy(update={"documents": papers}))
    asked = (journey.office, ID_NUMBER, bounded, clerk(journey))
    assert len(documents.earlier_papers(*asked, journey.now + timedelta(days=150))) == 1
    assert documents.earlier_papers(*asked, journey.now + timedelta(days=250)) == []
