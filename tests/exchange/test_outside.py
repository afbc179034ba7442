"""What is asked of people elsewhere, and what they may not say although it comes by a machine."""

from __future__ import annotations

from datetime import UTC, date, datetime

import psycopg
import pytest

from engine.casework import outside
from engine.casework.act import transact
from engine.casework.outside import Decide, Said, Voice
from engine.casework.scans import Scan
from engine.errors import Invalid, NotPossibleHere, NotRegistered, WrongRole
from storage import dossiers
from storage.dossiers import Loaded
from tests.casework.conftest import Start, start
from tests.casework.walking import Walk
from tests.conftest import Fresh

__all__ = ["start"]

LEAD = "H51.01/ngoai-vu:officer"
VOICE = Voice(name="Hoàng Đức Thịnh", where="Công an tỉnh", proof={"slip": "HS-1", "entered_by": 1})
OPINION = Said(event="give_opinion", verdict="agree", words="Thống nhất")


@pytest.fixture
def asked(start: Start, fresh: Fresh) -> Walk:
    """The police have no system: they are asked by mail."""
    with psycopg.connect(fresh.owner_url, autocommit=True) as connection:
        connection.execute("select reach_agency('H51.05', 'paper', null, null)")
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD])
    return walk


def load(walk: Walk) -> Loaded:
    found = dossiers.load(walk.office.db, code=walk.code, person=0, key=None, today=date(2026, 11, 23), blind=True)
    assert found is not None
    return found


def say(walk: Walk, event: str, decide: Decide) -> None:
    transact(walk.office, outside.order(walk.code, event, VOICE), decide, walk.now)


def police(walk: Walk) -> str:
    return str(walk.asked("H51.05"))


def test_the_task_says_what_by_when_and_how_it_may_be_answered(asked: Walk) -> None:
    loaded, catalogue = load(asked), asked.office.fresh_catalogue()

    task = outside.task(loaded, catalogue, police(asked), datetime.now(UTC))

    assert task.step.vi == "Ý kiến Công an tỉnh"
    assert [(one.event, one.verdict, one.reason) for one in task.answers] == [("give_opinion", True, False)]
    assert task.due_at is not None
    say(asked, "register", outside.register(VOICE, police(asked)))
    item = asked.items["police"]
    assert item["due_at"] == task.due_at or item["due_at"] < task.due_at


def test_of_a_unit_that_works_here_only_its_people_speak(asked: Walk) -> None:
    foreign = next(row for row in asked.handoffs if row["to_agency"] == "H51.04")

    for decide in (outside.register(VOICE, foreign["id"]), outside.refuse(VOICE, foreign["id"], "Không"),
                   outside.answer(VOICE, foreign["id"], OPINION)):
        with pytest.raises(WrongRole):
            say(asked, "register", decide)


@pytest.mark.parametrize(("said", "refusal"), [
    (Said(event="send_back", reason="Không rõ"), NotPossibleHere), (Said(event="stop", reason="Thôi"), NotPossibleHere),
    (Said(event="give_opinion", verdict="perhaps", words="Ừ"), Invalid),
    (Said(event="give_opinion", verdict="agree", words=" "), Invalid),
    (Said(event="give_opinion", verdict="agree", words="x" * 5000), Invalid),
])
def test_what_a_person_here_would_be_refused_is_refused(asked: Walk, said: Said, refusal: type[Exception]) -> None:
    handoff = police(asked)
    with pytest.raises(NotRegistered):
        say(asked, said.event, outside.answer(VOICE, handoff, said))
    say(asked, "register", outside.register(VOICE, handoff))

    with pytest.raises(refusal):
        say(asked, said.event, outside.answer(VOICE, handoff, said))

    assert "police" in asked.states
    assert asked.of("opinion") == []


def again(handoff: str) -> list[Decide]:
    return [outside.register(VOICE, handoff), outside.refuse(VOICE, handoff, "Không"), outside.recalled(VOICE, handoff),
            outside.answer(VOICE, handoff, OPINION)]


def test_what_is_answered_is_answered(asked: Walk) -> None:
    handoff = police(asked)
    say(asked, "register", outside.register(VOICE, handoff))
    say(asked, OPINION.event, outside.answer(VOICE, handoff, OPINION))

    for decide in again(handoff):
        with pytest.raises(NotPossibleHere):
            say(asked, OPINION.event, decide)
    assert not outside.is_out(load(asked), handoff)
    assert len(asked.of("opinion")) == 1


def test_a_consulted_agency_writes_no_result(asked: Walk) -> None:
    handoff = police(asked)
    scan = Scan(sha256="ab" * 32, size=10, media_type="application/pdf", pages=1, quality=None)
    with pytest.raises(NotRegistered):
        say(asked, "attach", outside.attach(VOICE, handoff, "result", "y-kien.pdf", scan))
    say(asked, "register", outside.register(VOICE, handoff))

    say(asked, "attach", outside.attach(VOICE, handoff, "result", "y-kien.pdf", scan))

    row = next(row for row in asked.of("document") if row["sha256"] == scan.sha256)
    assert (row["component"], row["added_by"]) == ("other", None)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "A\x00B"])
def test_who_speaks_has_a_name(name: str) -> None:
    with pytest.raises(Invalid):
        outside.order("H51.02-261123-0001", "register", Voice(name=name, where="", proof={}))


def test_a_promised_document_is_filled_once(asked: Walk) -> None:
    row = asked.of("document")[0]
    scan = Scan(sha256="cd" * 32, size=10, media_type="application/pdf", pages=1, quality=None)
    fill = outside.fill(row["id"], scan, {"message": "m"})
    say(asked, "attach", fill)

    with pytest.raises(NotPossibleHere):
        say(asked, "attach", fill)
    assert asked.of("document", "added_at")[-1]["sha256"] == scan.sha256
