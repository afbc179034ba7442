"""What a unit was asked stands where it answers: in the same words for everybody, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine import desk
from engine.casework import outside
from engine.desk.asked import QuestionRow
from engine.desk.dossier import DossierView
from engine.desk.places import Lateness
from engine.errors import NotFound
from procedures.declaration import Text
from storage import dossiers
from tests.casework.conftest import Start, start
from tests.casework.walking import Walk

__all__ = ["start"]

LEAD = "H51.01/ngoai-vu:officer"
POLICE, OTHER_POLICE = "H51.05/chuyen-mon:officer", "H51.05/quan-ly-hanh-chinh:officer"
CULTURE = "H51.08/chuyen-mon:officer"
WORDS = "Có vướng mắc gì về an ninh?\nXin nêu rõ."
QUESTION: dict[str, Any] = {"limit": "3 ngày làm việc", "join": "all"}


def view(walk: Walk, who: str) -> DossierView:
    return desk.dossier(walk.office, walk.code, walk.cast[who], walk.now)


def asked(walk: Walk, who: str) -> list[tuple[str, str, str]]:
    return [(row.state, row.words, row.person) for row in view(walk, who).questions]


def told_elsewhere(walk: Walk, handoff: UUID) -> str:
    """What a link, a slip and another installation read."""
    loaded = dossiers.read(walk.office.db, walk.code)
    assert loaded is not None
    return outside.words_of(walk.office, loaded, handoff)


def consulted(walk: Walk, **said: Any) -> UUID:
    """The agencies of the procedure are asked; returns the hand-off to the police."""
    walk.go_to("examining")
    walk.do("consult", walk.cast[LEAD], **said)
    return walk.asked("H51.05")


def ask(walk: Walk, asker: str, member: str, words: str, **changes: Any) -> None:
    unit = walk.cast.unit(member.split(":")[0])
    walk.do("consult_further", walk.cast[asker], **{**QUESTION, "words": words, "units": (unit,), **changes})


def test_a_body_of_the_procedure_reads_what_it_was_asked_until_it_answers(start: Start) -> None:
    walk = start()
    handoff = consulted(walk, words=WORDS)
    lead = walk.cast.member(LEAD)

    question = view(walk, POLICE).questions[0]
    assert question == QuestionRow(
        state="police", step=question.step, unit=question.unit, asking=question.asking, person=lead.name, at=walk.now,
        words=WORDS, due_at=None, within=Text(vi="15 ngày", en="15 days"), lateness=Lateness.NOT_COUNTED)
    assert question.asking is not None
    assert (question.unit.id, question.asking.id) == (walk.cast.unit("H51.05/chuyen-mon"), lead.unit_id)
    walk.do("register", walk.cast[POLICE], handoff=handoff)
    assert asked(walk, POLICE) == [("police", WORDS, lead.name)]
    question = view(walk, POLICE).questions[0]
    assert (question.due_at, question.lateness) == (walk.items["police"]["due_at"], Lateness.ON_TIME)
    walk.journey.now += timedelta(days=90)
    assert view(walk, POLICE).questions[0].lateness is Lateness.OVERDUE

    walk.do("give_opinion", walk.cast[POLICE], state="police", verdict="agree", words="Không")
    assert asked(walk, POLICE) == []


def test_whoever_asked_and_whoever_was_asked_read_the_same_words(start: Start) -> None:
    walk = start()
    handoff = consulted(walk, words=WORDS)

    for who in (LEAD, POLICE, "H51.02/tiep-nhan:receptionist"):
        assert {row.id: row.words for row in view(walk, who).handoffs}[handoff] == WORDS
    assert told_elsewhere(walk, handoff) == WORDS


def test_where_nothing_was_written_it_is_said_who_asked(start: Start) -> None:
    walk = start()
    handoff = consulted(walk)

    assert asked(walk, POLICE) == [("police", "", walk.cast.member(LEAD).name)]
    assert told_elsewhere(walk, handoff) == ""


def test_several_questions_stand_each_with_its_own_words_and_asker(start: Start) -> None:
    """By the procedure, beside it by the lead, and beside it by another body that is itself asked."""
    walk = start(facts={"topic_field": "culture"})
    walk.go_to("examining")
    ask(walk, LEAD, POLICE, "Hỏi riêng", join="none")
    walk.do("consult", walk.cast[LEAD], words=WORDS)
    walk.journey.register_all(walk.code)
    ask(walk, CULTURE, POLICE, "Hỏi tiếp", state="culture", reason="Điều 5 Luật X", expiry="tacit_yes")
    lead, culture = walk.cast.member(LEAD).name, walk.cast.member(CULTURE).name

    assert asked(walk, POLICE) == [
        ("police", WORDS, lead), ("consultation__2", "Hỏi tiếp\nĐiều 5 Luật X", culture)]
    assert view(walk, CULTURE).consultations[-1].purpose == "Hỏi tiếp\nĐiều 5 Luật X"
    assert told_elsewhere(walk, UUID(str(walk.handoffs[-1]["id"]))) == "Hỏi tiếp\nĐiều 5 Luật X"


def test_a_question_inside_the_agency_is_read_before_it_is_answered_or_withdrawn(start: Start) -> None:
    walk = start()
    consulted(walk, words=WORDS)
    walk.journey.register_all(walk.code)
    ask(walk, POLICE, OTHER_POLICE, "Có hộ nào vướng không?", state="police")

    assert asked(walk, OTHER_POLICE) == [("consultation__1", "Có hộ nào vướng không?", walk.cast.member(POLICE).name)]
    walk.do("withdraw_consultation", walk.cast[POLICE], state="consultation__1", reason="Không cần nữa")
    assert asked(walk, OTHER_POLICE) == []


def test_what_is_sent_again_without_a_word_keeps_the_question(start: Start) -> None:
    walk = start()
    first = consulted(walk, words=WORDS)
    walk.do("refuse_handoff", walk.cast[POLICE], handoff=first, reason="Nhầm phòng")
    assert asked(walk, POLICE) == []
    walk.do("resend", walk.cast[LEAD], handoff=first)

    assert asked(walk, POLICE) == [("police", WORDS, walk.cast.member(LEAD).name)]
    assert told_elsewhere(walk, walk.asked("H51.05")) == WORDS


def test_what_is_sent_again_with_other_words_asks_those(start: Start) -> None:
    walk = start()
    first = consulted(walk, words=WORDS)
    walk.do("refuse_handoff", walk.cast[POLICE], handoff=first, reason="Không rõ hỏi gì")
    walk.do("resend", walk.cast[LEAD], handoff=first, words="Chỉ hỏi về địa điểm.")

    assert [row[1] for row in asked(walk, POLICE)] == ["Chỉ hỏi về địa điểm."]
    assert told_elsewhere(walk, walk.asked("H51.05")) == "Chỉ hỏi về địa điểm."


def test_the_question_outlives_a_wait_for_the_citizen(start: Start) -> None:
    walk = start()
    consulted(walk, words=WORDS)
    walk.journey.register_all(walk.code)
    walk.do("request_supplement", walk.cast[LEAD], reason="Thiếu đề án", documents=("plan",))
    assert asked(walk, POLICE) == []
    walk.journey.register_all(walk.code)
    walk.do("supplement", walk.cast["H51.02/tiep-nhan:receptionist"], documents=("plan",))

    assert asked(walk, POLICE) == [("police", WORDS, walk.cast.member(LEAD).name)]
    assert told_elsewhere(walk, walk.asked("H51.05")) == WORDS


def test_it_is_asked_of_nobody_else(start: Start) -> None:
    walk = start()
    consulted(walk, words=WORDS)

    for who in ("H51.02/tiep-nhan:receptionist", "H51.01/kiem-soat-thu-tuc:auditor"):
        assert view(walk, who).questions == []
    for who in (CULTURE, "H51.09/giao-nhan:courier"):
        with pytest.raises(NotFound):
            view(walk, who)
