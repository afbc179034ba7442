"""BPMN out and in: what is kept, what is said to be left, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.states.procedure import Procedure
from engine.states.soundness import examine
from procedures.bpmn import Imported, export, import_bpmn
from procedures.bpmn.guessing import guard_of, is_id, role_of, slug, unused
from procedures.bpmn.reading import MODEL, limit_of
from procedures.declaration import Declaration, DeclarationError, canonical, load_library, parse
from procedures.words import At, Event, Role

FILES = Path(__file__).parent / "bpmn"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
HEAD = {
    "codes": [{"code": "1.000009", "valid_from": "2026-01-01", "unverified": True}],
    "field": {"code": "X", "name": {"vi": "Lĩnh vực", "en": "A field"}},
    "legal_basis": ["Chưa kiểm chứng"],
    "level": "commune",
    "subjects": ["person"],
    "channels": ["direct"],
    "limit": "20 working days",
    "results": {"letter": {"name": {"vi": "Văn bản trả lời", "en": "Reply"}}},
    "unverified": ["Nhập từ BPMN, chưa kiểm chứng."],
}


def file(name: str) -> bytes:
    return (FILES / name).read_bytes()


def said(texts: Sequence[Any]) -> str:
    return "\n".join(f"{text.vi} / {text.en}" for text in texts)


def process(*elements: str, head: str = "") -> bytes:
    inside = "".join(elements)
    return f'<definitions xmlns="{MODEL}">{head}<process id="p" name="Thử">{inside}</process></definitions>'.encode()


def task(id: str, name: str = "") -> str:
    return f'<task id="{id}" name="{name or id}"/>'


def flow(*ids: str) -> str:
    made = '<sequenceFlow id="{0}-{1}" sourceRef="{0}" targetRef="{1}"/>'
    return "".join(made.format(*ends) for ends in pairwise(ids))


START, STOP = '<startEvent id="s"/>', '<endEvent id="e"/>'


def places(made: Imported, phase: str) -> dict[str, Any]:
    machine = made.data["machine"]
    assert isinstance(machine, Mapping)
    return dict(machine[phase])


def moves(made: Imported) -> list[dict[str, Any]]:
    found = made.data.get("transitions", [])
    assert isinstance(found, list)
    return found


@pytest.fixture(scope="module")
def receipt() -> Imported:
    return import_bpmn(file("receipt.bpmn"), "receipt.bpmn")


def test_a_municipal_process_becomes_a_procedure_once_its_head_is_filled_in(receipt: Imported) -> None:
    declaration = Declaration.model_validate({**receipt.data, **HEAD})
    procedure = Procedure(declaration)

    assert len(list(declaration.machine.steps())) == 29
    assert procedure.start({}).configuration == ("tiep_nhan_va_quet_don",)
    assert [step.role for step in declaration.machine.signing.values()] == [Role.HEAD, Role.SIGNER, Role.CLERK]


def test_a_municipal_process_can_be_judged(receipt: Imported) -> None:
    report = examine(Declaration.model_validate({**receipt.data, **HEAD}))
    assert report.explored_all
    assert report.configurations > len(receipt.data["machine"]["processing"])
    assert [finding.en for finding in report.findings if finding.severity == "red"] == []


def test_the_main_path_is_cut_into_the_four_phases(receipt: Imported) -> None:
    assert list(places(receipt, "reception")) == ["tiep_nhan_va_quet_don"]
    assert list(places(receipt, "processing"))[:3] == [
        "kiem_tra_thanh_phan_ho_so",
        "huong_dan_bo_sung_giay_to",
        "ghi_so_va_lap_phieu_kiem_soat",
    ]
    assert list(places(receipt, "signing")) == [
        "truong_phong_duyet_du_thao",
        "lanh_dao_ubnd_ky_van_ban",
        "cap_so_dong_dau_phat_hanh",
    ]
    assert list(places(receipt, "return"))[1] == "tra_ket_qua_cho_nguoi_nop"


def test_a_fork_becomes_a_consultation_and_its_conditions_facts(receipt: Imported) -> None:
    branches = places(receipt, "processing")["hoi_y_kien_cac_co_quan"]["parallel"]

    assert {key: (branch["party"], branch.get("when")) for key, branch in branches.items()} == {
        "y_kien_ve_phap_ly": ("phong_tu_phap", None),
        "y_kien_ve_quy_hoach": ("so_xay_dung", None),
        "y_kien_ve_an_ninh": ("cong_an_tinh", "foreign_share > 0"),
    }
    assert branches["y_kien_ve_phap_ly"]["limit"] == "15 days"
    facts = receipt.data["facts"]
    assert isinstance(facts, dict)
    types = {key: fact["type"] for key, fact in facts.items()}
    assert types == {"foreign_share": "integer", "needs_site_visit": "boolean"}


def test_choices_and_loops_become_transitions(receipt: Imported) -> None:
    made = {(move["from"], move["to"]): move for move in moves(receipt)}

    adjust = made["check_the_confirmation_of", "adjust_the_confirmation_of"]
    again = made["adjust_the_confirmation_of", "check_the_confirmation_of"]
    onward = made["check_the_confirmation_of", "send_the_confirmation_to_the"]
    redraft = made["kiem_tra_the_thuc_du_thao", "du_thao_van_ban_tra_loi"]
    assert (adjust["on"], adjust["name"]["vi"]) == ("can_sua", "cần sửa")
    assert (again["on"], onward["on"]) == ("forward", "forward")
    assert (redraft["on"], redraft["reason"]) == ("chua_dat", True)
    assert made["tham_dinh_noi_dung_de_nghi", "hoi_y_kien_cac_co_quan"]["when"] == "not needs_site_visit"


def test_a_dossier_walks_the_imported_process_with_a_correction(receipt: Imported) -> None:
    procedure = Procedure(Declaration.model_validate({**receipt.data, **HEAD}))
    facts = {"needs_site_visit": False, "foreign_share": 0}
    at = procedure.start(facts)
    walked = ["accept", "thieu_giay_to", "forward", "forward", "forward", "forward", "forward", "can_sua", "forward"]

    for event in [*walked, "forward", "forward", "khong_phai_kiem_tra"]:
        at = procedure.step(at.configuration, at.history, procedure.command(at.configuration, event), facts)

    assert at.configuration == ("y_kien_ve_phap_ly", "y_kien_ve_quy_hoach", "y_kien_ve_an_ninh_done")


def test_what_could_not_be_taken_from_the_municipal_process_is_said(receipt: Imported) -> None:
    left = said(receipt.left)

    for words in ("Đối chiếu bản vẽ quy hoạch", "Thông báo không nhận hồ sơ", "P1DT12H", "người thụ lý thấy cần"):
        assert words in left
    assert "Điều kiện “không cần” tại “no stop advice” chưa dịch được." in left
    assert "26 bước, 1 nhóm lấy ý kiến với 3 nhánh" in said(receipt.taken)
    assert "Thời hạn của “Thẩm định nội dung đề nghị”: 2 days" in said(receipt.taken)


def test_nothing_that_is_left_goes_unsaid() -> None:
    made = import_bpmn(file("everything.bpmn"), "everything.bpmn")
    left = said(made.left)

    for words in (
        "Doanh nghiệp", "data object", "message flows", "annotations", "scripts", "several instances", "event-based",
        "complex gateways", "inclusive gateways", "message events", "error events", "timers between", "Hằng năm",
        "“Tính phí” is a script", "“Khảo sát” is a sub-process", "2 activities inside “Khảo sát”", "a called process",
        "“Không ai đến được”: nothing leads to it", "value(x) &gt; 5".replace("&gt;", ">"), "“luôn”", "Báo hủy",
        "no step “Signing the result”", "no step “Returning the result”",
    ):  # fmt: skip
        assert words in left, words
    Procedure(Declaration.model_validate({**made.data, **HEAD}))


@pytest.mark.parametrize("key", load_library())
def test_out_and_in_again_is_the_same_procedure(library: dict[str, Declaration], key: str) -> None:
    made = import_bpmn(export(library[key]), f"{key}.bpmn")

    assert canonical(Declaration.model_validate(made.data)) == canonical(library[key])
    assert made.left == ()


def test_conditional_steps_quorums_and_exceptions_survive_the_way_out_and_in(small: str) -> None:
    changed = small.replace("limit: 2 working days}", "limit: 2 working days}\n    extra: {party: lead, role: officer, "
                            "name: {vi: Thêm, en: Extra}, when: guests > 3}")
    changed = changed.replace("name: {vi: Lấy ý kiến, en: Consulting}", "name: {vi: Lấy ý kiến, en: Consulting}\n"
                              "      join: {at_least: 1}")
    changed += "  - {from: synthesis, on: send_back, to: examining}\n"
    changed += "  - {from: examining, on: forward, to: synthesis}\n"  # nothing leads to the consultation any more
    declaration = parse(changed, "small.yaml")

    assert canonical(Declaration.model_validate(import_bpmn(export(declaration), "x").data)) == canonical(declaration)


def test_every_element_of_an_export_is_drawn_and_every_flow_has_ends(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        root = Tree.fromstring(export(declaration))
        (made,) = root.findall(f"{{{MODEL}}}process")
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        drawn = {shape.get("bpmnElement") for shape in root.iter() if shape.tag in (f"{DI}BPMNShape", f"{DI}BPMNEdge")}
        nodes = {element.attrib["id"] for element in made if not element.tag.endswith("laneSet")}

        assert len(ids) == len(set(ids))
        assert nodes <= drawn
        for element in made.findall(f"{{{MODEL}}}sequenceFlow"):
            assert {element.get("sourceRef"), element.get("targetRef")} <= nodes
        laned = [reference.text for reference in root.iter(f"{{{MODEL}}}flowNodeRef")]
        flows = {element.attrib["id"] for element in made.findall(f"{{{MODEL}}}sequenceFlow")}
        assert sorted(laned, key=str) == sorted(nodes - flows)


def test_no_two_shapes_of_an_export_overlap(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        shapes = []
        for shape in Tree.fromstring(export(declaration)).iter(f"{DI}BPMNShape"):
            x, y, width, height = (int(shape[0].attrib[name]) for name in ("x", "y", "width", "height"))
            if shape.get("isHorizontal") is None:
                shapes.append((x, y, x + width, y + height))

        for one, other in combinations(shapes, 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_an_export_is_the_same_every_time(library: dict[str, Declaration]) -> None:
    for declaration in library.values():
        assert export(declaration) == export(Declaration.model_validate(declaration.model_dump(by_alias=True)))


def test_a_step_renamed_and_a_lane_moved_in_another_tool_are_taken_over(library: dict[str, Declaration]) -> None:
    text = export(library["funeral_allowance"]).decode()
    name = library["funeral_allowance"].machine.signing["reviewing"].name.vi
    made = import_bpmn(text.replace(f'name="{name}"', 'name="Phó phòng xem xét"').encode(), "renamed.bpmn")

    reviewing = places(made, "signing")["reviewing"]
    assert reviewing["name"] == {"vi": "Phó phòng xem xét", "en": "Phó phòng xem xét"}
    assert reviewing["limit"] == "2 days"


def test_what_another_tool_broke_in_our_words_is_read_as_if_it_were_foreign(library: dict[str, Declaration]) -> None:
    text = export(library["funeral_allowance"]).decode().replace("&quot;role&quot;:&quot;officer&quot;", "{{{")
    made = import_bpmn(text.encode(), "broken.bpmn")

    confirming = places(made, "processing")["confirming"]
    assert confirming["role"] in ("officer", "head", "signer", "clerk")
    assert "limit" not in confirming


REFUSED = {
    "an entity from outside": (file("outside.bpmn"), "DTD"),
    "a billion laughs": (file("laughs.bpmn"), "DTD"),
    "too large": (b" " * (2 * 1024 * 1024 + 1), "2 MB"),
    "nested too deep": (process("<documentation>" * 60 + "</documentation>" * 60), "50"),
    "very deep": (b"<a>" * 100_000, "50"),
    "too many elements": (process(START, *(task(f"t{at}") for at in range(501))), "500"),
    "no XML": (b"procedure: x", "XML"),
    "empty": (b"", "XML"),
    "binary": (bytes(range(256)), "XML"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', "XML"),
    "other XML": (b"<definitions/>", "BPMN 2.0"),
    "nothing to do": (process(START, STOP), "quy trình nào có việc"),
    "a flow to nowhere": (process(START, task("t"), flow("s", "t", "nowhere")), "nowhere"),
    "an id used twice": (process(START, task("t"), task("t")), "lặp lại"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_files_are_refused_in_both_languages(case: str) -> None:
    data, words = REFUSED[case]
    started = time.process_time()
    with pytest.raises(DeclarationError) as refused:
        import_bpmn(data, "bad.bpmn")

    (fault,) = refused.value.faults
    assert words in fault.vi
    assert fault.en
    assert fault.file == "bad.bpmn"
    assert "root:" not in str(refused.value)
    assert time.process_time() - started < 30


def test_a_maze_of_gateways_is_read_in_no_time() -> None:
    gates = [f"g{at}" for at in range(90)]
    elements = [f'<exclusiveGateway id="{gate}"/>' for gate in gates]
    elements += [flow(one, gates[(at + step) % 90]) for at, one in enumerate(gates) for step in (1, 2, 7, 11)]
    started = time.process_time()
    made = import_bpmn(process(START, task("t"), STOP, *elements, flow("s", "g0"), flow("g5", "t", "e")), "maze.bpmn")

    assert time.process_time() - started < 30
    assert list(places(made, "reception")) == ["t"]


KINDS = ("task", "task", "sendTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway")
NAMES = ("Ký", "Trả kết quả", "Tiếp nhận", "Thẩm định", "Phê duyệt", "Đóng dấu", "Sign", "x", "")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_graph_becomes_a_procedure_or_is_refused(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 14))
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=count, max_size=count))
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=count, max_size=count))
    ids = ["s", *(f"n{at}" for at in range(count)), "e"]
    ends = st.tuples(st.sampled_from(ids[:-1]), st.sampled_from(ids[1:]), st.sampled_from(("", "${a > 1}", "có")))
    flows = data.draw(st.lists(ends, max_size=30))
    nodes = [f'<{kind} id="n{at}" name="{name}"/>' for at, (kind, name) in enumerate(zip(kinds, names, strict=True))]
    edges = [
        f'<sequenceFlow id="f{at}" sourceRef="{one}" targetRef="{other}">'
        f"<conditionExpression>{asked.replace('>', '&gt;')}</conditionExpression></sequenceFlow>"
        for at, (one, other, asked) in enumerate(flows)
    ]
    try:
        made = import_bpmn(process(START, STOP, *nodes, *edges), "any.bpmn")
    except DeclarationError:
        assert not any("ask" in kind for kind in kinds)
    else:
        Procedure(Declaration.model_validate({**made.data, **HEAD}))


def test_a_process_without_gateways_forks_where_an_activity_has_two_ways_on() -> None:
    asked = ("a", "b")
    made = import_bpmn(
        process(
            START, task("first"), task("second"), *map(task, asked), task("last"), '<parallelGateway id="j"/>', STOP,
            flow("s", "first", "second"), *(flow("second", at, "j") for at in asked), flow("j", "last", "e"),
        ),
        "fork.bpmn",
    )  # fmt: skip

    branches = [set(place.get("parallel", ())) for place in places(made, "processing").values()]
    assert branches == [set(), {"a", "b"}, set()]


def test_branches_without_a_join_end_the_process() -> None:
    made = import_bpmn(
        process(
            START, task("first"), '<parallelGateway id="g"/>', task("a"), task("b"), '<endEvent id="e2"/>', STOP,
            flow("s", "first", "g", "a", "e"), flow("g", "b", "e2"),
        ),
        "open.bpmn",
    )  # fmt: skip

    lead, group = places(made, "processing").values()
    assert lead["name"]["vi"] == "Thụ lý hồ sơ"
    assert list(group["parallel"]) == ["a", "b"]
    Procedure(Declaration.model_validate({**made.data, **HEAD}))


def test_a_process_with_more_steps_than_a_phase_has_room_for_says_so() -> None:
    ids = [f"step{at}" for at in range(60)]
    made = import_bpmn(process(START, *map(task, ids), STOP, flow("s", *ids, "e")), "long.bpmn")

    assert len(places(made, "processing")) == 40
    assert "nhiều nhất 40 bước" in said(made.left)
    Declaration.model_validate({**made.data, **HEAD})


def test_names_from_a_file_become_ids_that_nobody_else_has() -> None:
    names = ["Ký", "ký", "Đóng dấu & phát hành", "Returned", "Sign", "123", "???", "a" * 300, "in_processing"]
    ids = [f"t{at}" for at in range(len(names))]
    elements = [task(id, name.replace("&", "&amp;")) for id, name in zip(ids, names, strict=True)]
    made = import_bpmn(process(START, *elements, STOP, flow("s", *ids, "e")), "names.bpmn")
    keys = [key for phase in ("reception", "processing", "signing", "return") for key in places(made, phase)]

    assert len(keys) == len(set(keys))
    assert all(map(is_id, keys))
    assert not set(keys) & {*At, *Event}
    Procedure(Declaration.model_validate({**made.data, **HEAD}))


@pytest.mark.parametrize(
    ("task", "lane", "role"),
    [
        ("Đăng ký thông tin", "", Role.OFFICER),
        ("Trình ký", "Chuyên viên", Role.OFFICER),
        ("Ký ban hành", "", Role.SIGNER),
        ("Sign the permit", "", Role.SIGNER),
        ("Assign a case officer", "", Role.OFFICER),
        ("Design review", "", Role.OFFICER),
        ("Trả lại hồ sơ", "", Role.OFFICER),
        ("Trả kết quả", "Một cửa", Role.RETURNER),
        ("Phê duyệt", "", Role.HEAD),
        ("Xem xét", "Giám đốc Sở", Role.SIGNER),
        ("Xem xét", "Trưởng phòng", Role.HEAD),
        ("Đóng dấu", "", Role.CLERK),
        ("Receive the application", "", Role.RECEPTIONIST),
    ],
)
def test_roles_are_guessed_from_words(task: str, lane: str, role: Role) -> None:
    assert role_of(task, lane) is role


@pytest.mark.parametrize(
    ("written", "guard"),
    [
        ("${guests > 5}", "guests > 5"),
        ("#{urgent}", "urgent"),
        ("a == true && !b", None),
        ("a == true && not b", "a == True  and  not b"),
        ("kind in ('x', 'y')", "kind in ('x', 'y')"),
        ("yes", None),
        ("có", None),
        ("__import__('os').system('id')", None),
        ("value(x) > 5", None),
        ("1 == 1", None),
        ("", None),
        ("(" * 300, None),
    ],
)
def test_conditions_are_translated_only_if_they_say_something_about_facts(written: str, guard: str | None) -> None:
    assert guard_of(written) == guard


@pytest.mark.parametrize(
    ("duration", "limit"),
    [
        ("P5D", "5 days"), ("P1D", "1 day"), ("P2W", "14 days"), ("P1M", "1 month"), ("P1Y", "12 months"),
        ("PT4H", "4 working hours"), ("P1DT2H", None), ("P0D", None), ("PT30M", None), ("P9999Y", None), ("", None),
    ],
)  # fmt: skip
def test_durations_of_one_unit_become_limits(duration: str, limit: str | None) -> None:
    assert limit_of(duration) == limit


def test_slugs_keep_whole_words_and_avoid_what_is_taken() -> None:
    assert slug("Đề nghị cấp phép xây dựng nhà ở riêng lẻ", "x") == "de_nghi_cap_phep_xay_dung_nha_o"
    assert slug("!!!", "x") == "x"
    assert slug("7 ngày", "x") == "b_7_ngay"
    assert unused("police", {"police"}) == "police_2"
    assert unused("police_done", {"police"}) == "police_done_2"
    assert unused("sign", set()) == "sign_2"
