"""What pages say of what waits elsewhere: dates to sign for, and messages between installations that are parked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine import desk
from engine.desk import wire
from engine.desk.way import Stop
from tests.casework.conftest import start
from tests.casework.walking import Walk

__all__ = ["start"]

LEAD = "H51.01/ngoai-vu:officer"
MESSAGE = "0f2f4e0e-2d2c-5a0e-9a57-0d0a57d9f3a1"


def branch(walk: Walk, unit: int) -> Stop:
    view = desk.dossier(walk.office, walk.code, walk.cast[LEAD], walk.now)
    return next(branch for stretch in view.way for stop in stretch.stops for branch in stop.branches
                if branch.unit and branch.unit.id == unit and branch.due_at)


def test_until_it_is_signed_for_the_date_of_a_branch_is_to_sign_for(start: Callable[..., Walk]) -> None:
    walk = start().go_to("examining")
    walk.do("consult", walk.cast[LEAD])
    handoff = next(row for row in walk.handoffs if row["state"] in ("pending", "delivered"))
    before = branch(walk, handoff["to_unit_id"])
    assert (before.to_register, before.due_at) == (True, handoff["register_due_at"])

    receiver = next(one for one in walk.cast.members if one.unit_id == handoff["to_unit_id"])
    walk.do("register", walk.cast[f"{receiver.unit}:{receiver.role}"], handoff=handoff["id"])
    after = branch(walk, handoff["to_unit_id"])
    assert after.to_register is False
    assert after.due_at is not None
    assert after.due_at > handoff["register_due_at"]


@pytest.mark.parametrize(("detail", "words"), [
    (f"{MESSAGE} progress conflict", "tình trạng hồ sơ: không khớp với tình trạng hiện nay của hồ sơ"),
    (f"{MESSAGE} more_documents KeyError",
     "gửi thêm tài liệu: lỗi chương trình, báo quản trị hệ thống (mã: KeyError)"),
    (f"{MESSAGE} unknown_unit", "không có đơn vị nhận"),
    (f"{MESSAGE} HTTP 500 Internal Server Error", "bên kia trả lời mã 500"),
    (f"{MESSAGE} tra-loi.pdf: unacceptable_file: polyglot", "tra-loi.pdf: tệp không dùng được"),
    (f"{MESSAGE} trả lời.pdf: SHA-256 00ff", "trả lời.pdf: nội dung tệp không khớp mã băm đã báo"),
    (f"{MESSAGE} tra-loi.pdf: fewer bytes than were told", "tra-loi.pdf: nội dung tệp không khớp mã băm đã báo"),
    (f"{MESSAGE} tra-loi.pdf: 30000000 bytes, at most 26214400 are taken", "tra-loi.pdf: quá lớn"),
])
def test_an_incident_about_a_message_is_told_in_words(detail: str, words: str) -> None:
    assert wire.parked(detail).vi == words
    assert MESSAGE not in wire.parked(detail).en
