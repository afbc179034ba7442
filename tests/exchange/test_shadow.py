"""A dossier that another system masters and only tells us of: seen, found, commented on, counted nowhere."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import Refused
from storage.exchange import Queued
from tests.casework.conftest import start
from tests.casework.walking import Walk
from tests.exchange.carrying import Message
from tests.exchange.pairs import Pair, pair, police_office, police_template
from tests.exchange.test_successor import both_sound

__all__ = ["pair", "police_office", "police_template", "start"]

THREAD = "H51.05-261123-0777"
OFFICER = "H51.01/ngoai-vu:officer"


def told(no: int, status: int = 4, *, ended: bool = False, due: str | None = "2026-12-01T10:00:00.000000Z") -> Message:
    """What the police's system says of a dossier of its own."""
    name = {4: ("Đang xử lý", "In progress"), 5: ("Yêu cầu bổ sung", "Supplement"), 10: ("Đã trả", "Returned")}[status]
    dossier: dict[str, Any] = {
        "code": THREAD, "procedure": {"code": "1.000123", "key": "id_card", "name": {"vi": "Cấp thẻ", "en": "Card"}},
        "subject": "Cấp đổi thẻ căn cước", "facts": [], "received_at": None, "due_at": due,
        "applicant": {"name": "Thạch Thị Mỹ", "id_number": "094000000009", "phone": "0900000009", "address": ""}}
    content = {"dossier": dossier, "status": status, "status_name": {"vi": name[0], "en": name[1]}, "due_at": due,
               "ended": ended}
    queued = Queued(message_id=uuid.uuid4(), dossier_id=0, code=THREAD, seq=no, kind="progress", sender="H51.05",
                    receiver="H51.01", payload={}, created_at=datetime.now(UTC), peer_id=0, thread=THREAD, no=no,
                    envelope=None, attempts=0)
    body = {"message": str(queued.message_id), "kind": "progress", "thread": THREAD, "no": no, "content": content,
            "sender": {"installation": "cong-an", "agency": "H51.05", "unit": "chuyen-mon"},
            "receiver": {"installation": "soc-trang", "agency": "H51.01", "unit": "ngoai-vu"}, "documents": []}
    return Message(queued, body)


def hear(pair: Pair, message: Message) -> None:
    pair.line.store(pair.province, message)
    pair.line.effect(pair.province, message)


def the_shadow(pair: Pair) -> Walk:
    found = pair.province.rows("select code from dossier where mirror = 'shadow'")
    assert len(found) == 1
    return pair.province.walk(found[0]["code"])


def test_it_is_there_once_and_shows_how_it_stands(pair: Pair) -> None:
    hear(pair, told(1))
    hear(pair, told(2, status=5, due=None))

    shadow = the_shadow(pair)
    assert shadow.dossier["status"] == 5
    assert shadow.dossier["due_at"] is None
    assert (shadow.items, shadow.of("clock"), shadow.of("handoff")) == ({}, [], [])
    known = shadow.of("counterpart")[0]
    assert (known["status"], known["status_name"]["vi"], known["handoff_id"]) == (5, "Yêu cầu bổ sung", None)
    both_sound(pair)


def test_it_ends_when_it_ends_there(pair: Pair) -> None:
    hear(pair, told(1))
    hear(pair, told(2, status=10, ended=True))

    shadow = the_shadow(pair)
    assert shadow.dossier["closed_at"] is not None
    assert shadow.states == {"returned"}
    both_sound(pair)


def test_nothing_can_be_done_with_it_but_to_read_and_comment(pair: Pair) -> None:
    hear(pair, told(1))
    shadow = the_shadow(pair)

    for event in ("forward", "stop", "register", "answer_task", "claim", "consult_further", "draft_letter"):
        with pytest.raises(Refused):
            shadow.do(event, shadow.cast[OFFICER], reason="Vì sao", handoff=uuid.uuid4())
    shadow.do("comment", shadow.cast[OFFICER], words="Theo dõi giúp người dân")

    assert shadow.of("remark")[-1]["body"].find("Theo dõi") > 0
    both_sound(pair)


