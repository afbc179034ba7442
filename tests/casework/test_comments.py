"""Comments on a dossier: who may write, who may be named, and that they make nobody's form stale."""

from __future__ import annotations

import pytest

from engine import bar
from engine.casework.comments import logins
from engine.desk import notices
from engine.desk.mentions import mentions, read_mentions, readers
from engine.errors import Invalid, NotFound, WrongRole
from tests.casework.conftest import Start

OFFICER, HEAD, DESK = "H51.01/ngoai-vu:officer", "H51.01/ngoai-vu:head", "H51.02/tiep-nhan:receptionist"
STRANGER = "H51.07/chuyen-mon:officer"
AUDITOR = "H51.01/kiem-soat-thu-tuc:auditor"


def test_a_comment_is_kept_beside_the_record_and_moves_nothing(start: Start) -> None:
    walk = start()
    before = walk.dossier

    walk.do("comment", walk.cast[DESK], words="Người nộp sẽ mang bản gốc chiều nay.", version=None)

    after = walk.dossier
    assert (after["version"], after["status"], walk.states) == (before["version"], before["status"], walk.states)
    assert walk.entries[-1]["action"] == "comment"
    assert "bản gốc" not in walk.entries[-1]["details"]
    assert "bản gốc" in walk.of("remark", "seq")[-1]["body"]


def test_who_wrote_before_does_not_make_the_next_form_stale(start: Start) -> None:
    walk = start()
    seen = walk.dossier["version"]
    walk.journey.register_all(walk.code)
    seen = walk.dossier["version"]
    walk.do("comment", walk.cast[DESK], words="Đã gọi điện.", version=None)

    walk.do("consult", walk.cast[OFFICER], version=seen)

    assert "examining" not in walk.states


def test_people_are_named_by_login_and_from_the_list_and_read_it_once(start: Start) -> None:
    walk = start()
    officer, head, desk = (walk.cast.member(who) for who in (OFFICER, HEAD, DESK))
    assert {officer.id, head.id} <= {one.id for one in readers(walk.office, walk.code, desk.id, walk.now)}

    walk.do("comment", walk.cast[DESK], words=f"@{officer.login} xem giúp thư mời.", people=(head.id,), version=None)

    for person in (officer, head):
        (row,) = mentions(walk.office, person.id, walk.now)
        assert (row.code, row.who, row.words, row.open) == (
            walk.code, desk.name, f"@{officer.login} xem giúp thư mời.", True)
    assert mentions(walk.office, desk.id, walk.now) == []
    entries = [(row.code, row.seq) for row in mentions(walk.office, officer.id, walk.now)]
    assert read_mentions(walk.office, head.id, [("H51.01-000000-0001", 1)], walk.now) == 0
    assert read_mentions(walk.office, officer.id, entries, walk.now) == 1
    counted = [bar.counts(walk.office, one.id, (), {"notices"}, walk.now).notices for one in (officer, head)]
    assert counted == [0, 1]


def test_who_may_not_see_the_dossier_is_refused_by_name_and_nothing_is_kept(start: Start) -> None:
    walk = start()
    stranger = walk.cast.member(STRANGER)

    with pytest.raises(Invalid) as refusal:
        walk.do("comment", walk.cast[DESK], words=f"@{stranger.login} xem giúp", version=None)

    assert stranger.name in refusal.value.fields["words"][0]
    with pytest.raises(Invalid) as refusal:
        walk.do("comment", walk.cast[DESK], words="@khong.co.ai xem giúp", version=None)
    assert "@khong.co.ai" in refusal.value.fields["words"][0]
    assert walk.of("mention") == []
    assert walk.entries[-1]["action"] != "comment"


def test_strangers_write_nothing_and_learn_nothing(start: Start) -> None:
    walk = start()

    with pytest.raises(NotFound):
        walk.do("comment", walk.cast[STRANGER], words="Hồ sơ này đến đâu rồi?", version=None)


def test_who_only_reads_has_no_part_in_it(start: Start) -> None:
    walk = start()

    with pytest.raises(WrongRole):
        walk.do("comment", walk.cast[AUDITOR], words="Vì sao chậm?", version=None)

    assert [entry["action"] for entry in walk.entries if entry["action"] == "comment"] == []


@pytest.mark.parametrize(("words", "wrong"), [("", True), ("   ", True), ("x" * 4001, True), ("x" * 4000, False)])
def test_words_are_asked_for_and_bounded(start: Start, words: str, wrong: bool) -> None:
    walk = start()
    if not wrong:
        walk.do("comment", walk.cast[DESK], words=words, version=None)
        return

    with pytest.raises(Invalid) as refusal:
        walk.do("comment", walk.cast[DESK], words=words, version=None)
    assert list(refusal.value.fields) == ["words"]


def test_an_address_names_nobody_and_a_full_stop_is_no_part_of_a_login() -> None:
    assert logins("Gửi a@b.vn, hỏi @han.ltn. Cảm ơn @Thai.tq, @han.ltn") == ["han.ltn", "thai.tq"]


def test_the_mention_of_who_has_lost_sight_of_the_dossier_shows_no_words(start: Start) -> None:
    walk = start()
    officer = walk.cast.member(OFFICER)
    walk.do("comment", walk.cast[DESK], words=f"@{officer.login} căn cước của ông Út bị mờ", version=None)

    later = walk.now.replace(year=walk.now.year - 10)

    (row,) = mentions(walk.office, officer.id, later)
    assert (row.open, row.words, row.subject) == (False, "", "")
    assert notices(walk.office, officer.id, later) == []
