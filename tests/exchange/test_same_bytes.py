"""An answer whose file has the bytes of a paper that is there already: theirs all the same, once."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest

from engine import documents
from tests.exchange.sides import Pair, Side, ask, handoff_to_police
from tests.samples import small_pdf

LEAD = "H51.01/ngoai-vu:officer"
OFFICER, HEAD = "H51.05/chuyen-mon:officer", "H51.05/chuyen-mon:head"
CONTENT = small_pdf(mark="same")


def attach(side: Side, code: str, component: str, member: str) -> str:
    """The id of the newest scan of these bytes."""
    told = documents.Upload(code=code, component=component, name=f"{component}.pdf", declared_type="",
                            actor=side.cast[member], key=str(uuid.uuid4()))
    documents.attach(side.office, told, iter([CONTENT]), side.journey.now)
    return str(side.rows("select id::text as id from document order by added_at desc, component = %s desc limit 1",
                         component)[0]["id"])


def here(pair: Pair) -> list[dict[str, Any]]:
    return pair.here.rows("select component, name, state, sha256, added_by from document where sha256 = %s "
                          "order by component", hashlib.sha256(CONTENT).hexdigest())


@pytest.mark.parametrize("sent", ["with the hand-off", "not at all", "and answered with itself"])
def test_a_file_we_have_already_is_their_answer_over_the_line_once(pair: Pair, sent: str) -> None:
    code = pair.here.journey.receive().code
    pair.here.journey.register_all(code)
    if sent != "not at all":
        attach(pair.here, code, "plan", LEAD)
    ask(pair.here, code)
    pair.settle()
    if sent == "not at all":
        attach(pair.here, code, "plan", LEAD)
    police, handoff = pair.police, handoff_to_police(pair.here, code)
    theirs = police.rows("select code from dossier")[0]["code"]
    police.journey.do(theirs, "register", police.cast[OFFICER], handoff=handoff)
    if sent == "and answered with itself":
        paper = str(police.rows("select id::text as id from document")[0]["id"])
    else:
        paper = attach(police, theirs, "result", OFFICER)

    police.journey.do(theirs, "answer_task", police.cast[HEAD], kind="give_opinion", verdict="agree",
                      words="Thống nhất", documents=(paper,))
    pair.settle()

    ours, came = here(pair)
    assert (ours["component"], ours["added_by"]) == ("plan", pair.here.cast[LEAD].id)
    assert (came["component"], came["added_by"]) == ("received", None)
    assert came["state"] in ("pending", "stored")
    assert pair.here.rows("select 1 from work_item where handoff_id = %s and closed_at is not null", handoff)
    assert len(pair.here.rows("select 1 from opinion")) == 1
