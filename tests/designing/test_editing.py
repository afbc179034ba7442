"""The small changes a draft is written by, and conditions without programming."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.designing import editing, ids
from engine.designing.conditions import COMPARISONS, Built, Is, Row, built_from, known, known_of, sentence, text_of
from engine.designing.reading import Data, examined
from engine.designing.references import at, conditions, steps
from engine.designing.troubles import SECTIONS, troubles
from engine.errors import Invalid, NotFound, Refused
from procedures.declaration import canonical, load_library
from procedures.words import At, Event

LIBRARY = load_library()
PERMIT = LIBRARY["conference_permit_local"]
KNOWN = known(PERMIT)
STEP = {"name": {"vi": "Thẩm định", "en": "Examining"}, "party": "lead", "role": "officer"}


@pytest.fixture
def data() -> Data:
    found: Data = json.loads(canonical(PERMIT))
    return found


def sound(data: Data) -> bool:
    declaration, faults = examined(data, "test")
    assert faults == ()
    return declaration is not None


def test_ids_are_made_of_names_and_never_collide() -> None:
    assert ids.made_from("Thẩm định hồ sơ Đất đai", (), "x") == "tham_dinh_ho_so_dat_dai"
    assert ids.made_from("Thẩm định", {"tham_dinh"}, "x") == "tham_dinh_2"
    assert ids.made_from("🙂", (), "buoc") == "buoc"
    assert ids.made_from("3 cơ quan", (), "buoc") == "buoc_3_co_quan"
    assert ids.made_from("Open", (), "x") == "open_2"
    assert ids.made_from("a__b___done", (), "x") == "a_b_done_2"


@given(st.lists(st.text(max_size=80), max_size=8))
def test_any_name_gives_an_id_that_can_be_used(names: list[str]) -> None:
    taken: list[str] = []
    for name in [*names, *At, *Event, "in", "and", "None", "match", "channel", "verdict"]:
        found = ids.made_from(name, taken, "muc")
        ids.check(found, taken)
        taken.append(found)


@pytest.mark.parametrize("wanted", [*At, *Event, "channel", "not", "class", "x_done", "x_gate", "Ă", "", "a" * 42, "1"])
def test_reserved_and_odd_ids_are_refused(data: Data, wanted: str) -> None:
    before = copy.deepcopy(data)
    with pytest.raises(Invalid):
        editing.rename(data, ("machine", "processing", "examining"), wanted)
    assert data == before


def test_a_new_id_is_carried_through_everything(data: Data) -> None:
    assert editing.rename(data, ("facts", "foreign_guests"), "khach") == "facts.khach"
    group = ("machine", "processing", "consulting")
    assert editing.rename(data, group, "hoi_y_kien") == "machine.processing.hoi_y_kien"
    for key, _ in list(at(data, ("facts",)).items()):
        if key != "khach":
            editing.rename(data, ("facts", key), f"{key}_moi")
    assert "foreign_guests" not in json.dumps(data)
    assert "khach > 0" in [held[name] for _, held, name in conditions(data)]
    assert list(data["facts"]) == [f"{key}_moi" if key != "foreign_guests" else "khach" for key in PERMIT.facts]
    assert sound(data)


def test_names_inside_strings_are_no_facts() -> None:
    said = "agri == 'agri' and not agri_2 and agri in ('agri', 'đất')"
    data: Data = {"facts": {"agri": {}}, "fees": [{"when": said}]}
    editing.rename(data, ("facts", "agri"), "lua")
    assert data["fees"][0]["when"] == "lua == 'agri' and not agri_2 and lua in ('agri', 'đất')"


def test_what_is_referred_to_is_not_removed_and_who_refers_is_named(data: Data) -> None:
    before = copy.deepcopy(data)
    with pytest.raises(Refused) as refusal:
        editing.remove(data, ("facts", "foreign_guests"))
    assert "Ý kiến Công an tỉnh" in refusal.value.message("vi")
    with pytest.raises(Refused):
        editing.remove(data, ("machine", "processing", "consulting"))
    data["parties"] = {"lead": {"vi": "Chủ trì", "en": "Lead"}}
    with pytest.raises(Refused):
        editing.remove(data, ("parties", "lead"))
    del data["parties"]
    assert data == before
    assert editing.remove(data, ("documents", next(iter(data["documents"])))) == "documents"


def test_steps_groups_and_branches_are_added_moved_and_removed() -> None:
    data: Data = {}
    first = editing.put_step(data, "processing", None, STEP)
    group = editing.put_group(data, None, {"name": {"vi": "Lấy ý kiến", "en": "Consulting"}})
    branch = editing.put_branch(data, "lay_y_kien", None, STEP)
    assert (first, group, branch) == ("machine.processing.tham_dinh", "machine.processing.lay_y_kien",
                                      "machine.processing.lay_y_kien.parallel.tham_dinh_2")
    editing.put_group(data, "lay_y_kien", {"name": {"vi": "Hỏi", "en": "Ask"}, "join": "any"})
    assert [where[-1] for where, _ in steps(data)] == ["tham_dinh", "tham_dinh_2"]
    editing.move(data, ("machine", "processing", "tham_dinh"), 1)
    editing.move(data, ("machine", "processing", "tham_dinh"), 1)
    assert list(data["machine"]["processing"]) == ["lay_y_kien", "tham_dinh"]
    editing.remove(data, editing.place_of(branch, data))
    assert data["machine"]["processing"]["lay_y_kien"]["parallel"] == {}


def test_lists_keep_their_order_and_know_their_edges() -> None:
    data: Data = {}
    for amount in (1, 2, 3):
        editing.put_listed(data, "fees", None, {"amount": amount})
    assert editing.move(data, ("fees", 2), -1) == "fees.1"
    assert editing.move(data, ("fees", 0), -1) == "fees.0"
    assert [fee["amount"] for fee in data["fees"]] == [1, 3, 2]
    editing.put_listed(data, "fees", 0, {"amount": 9})
    editing.remove(data, ("fees", 1))
    assert [fee["amount"] for fee in data["fees"]] == [9, 2]
    with pytest.raises(NotFound):
        editing.put_listed(data, "fees", 7, {})


@pytest.mark.parametrize("path", ["", "x", "fees.9", "facts.topic.label.vi.x", "machine.processing.none", "..",
                                  "fees.-1"])
def test_a_path_that_leads_nowhere_is_not_found(data: Data, path: str) -> None:
    with pytest.raises(NotFound):
        editing.place_of(path, data)


def test_what_is_missing_is_said_in_plain_words_and_in_the_order_of_the_pages() -> None:
    data: Data = {"procedure": "x", "version": 1, "name": {"vi": "Thủ tục"}, "codes": [{"code": "12"}],
                  "facts": {"a": {"label": {"vi": "Số tầng"}, "type": "integer"}},
                  "machine": {"processing": {"b": {"name": {"vi": "Thẩm định"}, "limit": "ba ngày"}}}}
    declaration, faults = examined(data, "x")
    assert declaration is None
    found = troubles(data, faults)
    said = {f"{one.section}: {one.place.vi}: {one.words.vi}" for one in found}
    assert "facts: Câu hỏi “Số tầng”: thiếu câu hỏi tiếng Anh" in said
    assert "steps: Bước “Thẩm định”: chưa chọn chức năng thực hiện" in said
    assert "steps: Bước “Thẩm định”: ghi số nguyên từ 1 đến 9999 và chọn đơn vị thời gian" in said
    assert "head: Thông tin chung: thiếu tên tiếng Anh" in said
    assert "head: Thông tin chung: mã có dạng 1.001193: một chữ số, dấu chấm, sáu chữ số" in said
    order = [list(SECTIONS).index(one.section) for one in found]
    assert order == sorted(order)
    step = next(one for one in found if one.field == "party")
    assert step.entry == "machine.processing.b"


FACTS = st.sampled_from([name for name in KNOWN if name not in ("topic",)])


@st.composite
def rows(draw: st.DrawFn) -> Row:
    fact = draw(FACTS)
    asked = KNOWN[fact]
    if draw(st.booleans()) and draw(st.booleans()):
        return Row(fact, draw(st.sampled_from([Is.ANSWERED, Is.UNANSWERED])))
    if asked.type == "boolean":
        return Row(fact, Is.SAME, draw(st.sampled_from(["yes", "no"])))
    if asked.type == "integer":
        compared = draw(st.sampled_from([Is.SAME, Is.OTHER, Is.MORE, Is.LESS, Is.AT_LEAST, Is.AT_MOST]))
        return Row(fact, compared, str(draw(st.integers(0, 10**6))))
    if asked.choices:
        chosen = draw(st.lists(st.sampled_from(sorted(asked.choices)), min_size=1, max_size=3, unique=True))
        compared = draw(st.sampled_from([Is.SAME, Is.OTHER] if len(chosen) == 1 else [Is.ONE_OF, Is.NONE_OF]))
        return Row(fact, compared, "; ".join(chosen))
    words = draw(st.text(st.characters(blacklist_characters="\\'\";", min_codepoint=33, max_codepoint=0x1EF9,
                                       whitelist_categories=("L", "N", "P")), min_size=1, max_size=20))
    return Row(fact, draw(st.sampled_from([Is.SAME, Is.OTHER])), words)


@given(st.lists(rows(), min_size=1, max_size=5), st.booleans())
def test_what_the_rows_say_they_read_back(said: list[Row], every: bool) -> None:
    text = text_of(Built(tuple(said), every), KNOWN)
    read = built_from(text, KNOWN)
    assert read is not None, text
    assert read.rows == tuple(said)
    assert read.every == (every or len(said) == 1)
    words = sentence(text, KNOWN)
    assert words.vi
    assert words.en


def test_labels_and_days_are_understood_as_people_write_them() -> None:
    def text(*row: str) -> str:
        return text_of(Built((Row(*row),)), KNOWN)
    assert text("topic_field", "is", "Khoa học, công nghệ") == "topic_field == 'science'"
    assert text("topic_field", "one_of", "Khoa học, công nghệ; defence_security") == (
        "topic_field in ('science', 'defence_security')")
    assert text("channel", "is", "trực tuyến") == "channel == 'online'"
    assert text("event_date", "more", "5/3/2027") == "event_date > '2027-03-05'"
    assert text("participants", "at_least", "1.200") == "participants >= 1200"
    assert text("state_secret", "is_not", "Có") == "not state_secret"


@pytest.mark.parametrize(("source", "vi"), [
    ("foreign_guests > 0", "số khách nước ngoài lớn hơn 0"),
    ("0 < foreign_guests", "số khách nước ngoài lớn hơn 0"),
    ("not state_secret", "trả lời “không” cho câu “Nội dung thuộc phạm vi bí mật nhà nước”"),
    ("not (participants >= 10 and channel == 'post')",
     "không đúng là (tổng số người tham dự từ 10 trở lên và cách nộp là “qua bưu chính”)"),
])
def test_conditions_in_words(source: str, vi: str) -> None:
    assert sentence(source, KNOWN).vi == vi


LONG = " or ".join(["foreign_guests > 0"] * 20_000)


@pytest.mark.parametrize("source", [
    "__import__('os').system('x')", "foreign_guests.__class__", "topic[0]", "(lambda: 1)()", "a if b else c",
    "foreign_guests > 1 + 1", "f'{topic}'", LONG, "(" * 10_000, "\x00", "x := 1", "[" * 400,
    "not " * 120 + "state_secret",
])
def test_what_is_no_condition_is_refused_in_words_and_never_run(data: Data, source: str) -> None:
    assert built_from(source, KNOWN) is None
    assert sentence(source, KNOWN).vi
    data["fees"] = [{"name": {"vi": "Phí", "en": "Fee"}, "amount": 1, "when": source}]
    declaration, faults = examined(data, "x")
    assert declaration is None
    assert [fault.where for fault in faults] == ["fees.0.when"]
    assert troubles(data, faults)[0].words.vi


def test_comparisons_have_words_and_a_draft_without_facts_has_the_channel() -> None:
    assert set(COMPARISONS) == set(Is)
    odd: dict[str, Any] = {"facts": {"a": None, "b": {"label": 3, "choices": []}}}
    assert set(known_of(odd)) == {"b", "channel"}
    assert set(known_of({"facts": 7})) == {"channel"}
