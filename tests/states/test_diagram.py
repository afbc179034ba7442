"""A procedure drawn: what is in the picture, what is not, and that nothing an administrator writes breaks it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import combinations
from xml.etree import ElementTree as Tree

import pytest

from engine.states import layout as layouts
from engine.states.diagram import diagram, draw
from engine.states.layout import Box, Layout, Line, layout, plain
from engine.states.outline import Outline, outline_of, outline_of_data
from engine.states.procedure import Procedure
from procedures.declaration import Text, load_library

SVG = "{http://www.w3.org/2000/svg}"
KEYS = (*load_library(), "whole")


@pytest.fixture(params=["graphlay", "plain"])
def either_layout(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """As on a machine that has the library, and as on one that has not."""
    if request.param == "plain":
        monkeypatch.setattr(layouts, "graphlay", None)
    return str(request.param)


def words(svg: str, style: str) -> list[str]:
    return [found.text or "" for found in Tree.fromstring(svg).iter(f"{SVG}text") if found.get("class") == style]


def boxes(svg: str) -> dict[str, Tree.Element]:
    """Steps and groups by the first words of their titles."""
    found = [made for made in Tree.fromstring(svg).iter(f"{SVG}g") if "diagram-line" not in made.attrib["class"]]
    return {(made.findtext(f"{SVG}title") or "").split(";")[0]: made for made in found}


def rectangle(group: Tree.Element) -> tuple[float, float, float, float]:
    (rect,) = group.findall(f"{SVG}rect")
    x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def bands(svg: str) -> list[tuple[float, float]]:
    rects = [rect for rect in Tree.fromstring(svg).iter(f"{SVG}rect") if "diagram-band" in rect.get("class", "")]
    return [(float(rect.attrib["y"]), float(rect.attrib["y"]) + float(rect.attrib["height"])) for rect in rects]


@pytest.mark.usefixtures("either_layout")
@pytest.mark.parametrize("key", KEYS)
def test_every_step_stands_in_the_band_of_its_phase(procedures: dict[str, Procedure], key: str) -> None:
    procedure = procedures[key]
    svg = diagram(procedure)
    found, strips = boxes(svg), bands(svg)

    assert words(svg, "diagram-phase") == ["Tiếp nhận", "Giải quyết", "Trình ký", "Trả kết quả"]
    for (top, bottom), (_, places) in zip(strips, procedure.declaration.machine.phases(), strict=True):
        for place in places.values():
            _, above, _, below = rectangle(found[place.name.vi])
            assert top <= above < below <= bottom


@pytest.mark.usefixtures("either_layout")
@pytest.mark.parametrize("key", KEYS)
def test_no_two_boxes_overlap_and_nothing_lies_outside(procedures: dict[str, Procedure], key: str) -> None:
    svg = diagram(procedures[key])
    x, y, width, height = map(float, Tree.fromstring(svg).attrib["viewBox"].split())
    steps = [rectangle(made) for made in boxes(svg).values() if "diagram-step" in made.attrib["class"]]

    for one, other in combinations(steps, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    for left, top, right, bottom in (*steps, *points(svg)):
        assert x <= left <= right <= x + width
        assert y <= top <= bottom <= y + height


def points(svg: str) -> Iterator[tuple[float, float, float, float]]:
    for made in Tree.fromstring(svg).iter(f"{SVG}polyline"):
        for pair in made.attrib["points"].split():
            x, y = map(float, pair.split(","))
            yield x, y, x, y


def test_what_differs_from_the_order_is_a_labelled_line(procedures: dict[str, Procedure]) -> None:
    svg = diagram(procedures["whole"], language="en")
    titles = [title.text for title in Tree.fromstring(svg).iter(f"{SVG}title")]

    assert sorted(words(svg, "diagram-label")) == [
        "Close early",
        "Leap, when c > 100",
        "Pass on to the next step, when c == 7",
        "Pass on to the next step, when c == 8",
        "Send back",
    ]
    assert "From “Summing up” to “Asking”: Send back" in titles


def test_what_the_mechanism_always_allows_is_one_line_of_the_legend(procedures: dict[str, Procedure]) -> None:
    svg = diagram(procedures["whole"])
    legend = " ".join(words(svg, "diagram-legend"))

    assert "Từ chối tiếp nhận, Yêu cầu bổ sung, hoàn thiện, Dừng xử lý, Rút hồ sơ" in legend
    assert legend.count("Dừng xử lý") == 1


def test_a_procedure_that_may_not_be_withdrawn_does_not_say_so(procedures: dict[str, Procedure]) -> None:
    declaration = procedures["whole"].declaration.model_copy(update={"switch_off": ("withdraw",)})

    assert "Rút hồ sơ" not in draw(outline_of(declaration))


def test_a_step_that_always_leads_elsewhere_has_no_line_to_the_next(procedures: dict[str, Procedure]) -> None:
    usual = procedures["whole"].declaration
    leap = usual.transitions[0].model_copy(update={"when": None})
    svg = draw(outline_of(usual.model_copy(update={"transitions": (leap,)})))

    lines = [made for made in Tree.fromstring(svg).iter(f"{SVG}g") if made.get("class") == "diagram-line"]
    assert len(lines) == len(draw(outline_of(usual)).split('class="diagram-line"')) - 2


def test_where_a_dossier_is_and_what_is_done_is_told_in_words(procedures: dict[str, Procedure]) -> None:
    svg = diagram(procedures["whole"], here={"left"}, done={"examining"}, marks={"left": "2 hồ sơ"})
    found = boxes(svg)

    assert found["Trái"].get("class") == "diagram-step here"
    assert found["Thẩm định"].get("class") == "diagram-step done"
    assert words(svg, "diagram-state") == ["✓ Đã xong", "▶ Đang ở bước này", "2 hồ sơ"]
    assert "Trái ▶ Đang ở bước này 2 hồ sơ" in (Tree.fromstring(svg).findtext(f"{SVG}desc") or "")


def test_consultations_and_conditions_are_told(procedures: dict[str, Procedure]) -> None:
    svg = diagram(procedures["whole"])

    assert {"chờ đủ mọi ý kiến", "Chỉ khi: a and b", "Chờ trả lời của: Bộ"} <= set(words(svg, "diagram-small"))


def test_the_province_names_the_parties(procedures: dict[str, Procedure]) -> None:
    lead = {"lead": Text(vi="Sở Ngoại vụ", en="Foreign Affairs")}

    assert "Sở Ngoại vụ · Chuyên viên" in words(diagram(procedures["whole"], parties=lead), "diagram-small")
    english = diagram(procedures["whole"], parties=lead, language="en")
    assert "Foreign Affairs · Officer" in words(english, "diagram-small")


def test_the_picture_is_named_and_is_one_image_unless_its_steps_are_links(procedures: dict[str, Procedure]) -> None:
    image = Tree.fromstring(diagram(procedures["whole"]))
    ids = {element.get("id") for element in image.iter()}
    links = Tree.fromstring(diagram(procedures["whole"], href={"left": "#left?a=1&b=2"}))
    (link,) = links.iter(f"{SVG}a")

    assert image.get("role") == "img"
    assert set(image.attrib["aria-labelledby"].split()) <= ids
    assert links.get("role") == "group"
    assert link.get("href") == "#left?a=1&b=2"
    assert (link.get("aria-label") or "").startswith("Trái")


@pytest.mark.usefixtures("either_layout")
def test_what_an_administrator_writes_comes_out_as_text(procedures: dict[str, Procedure]) -> None:
    nasty = '"><script>alert(1)</script>\x00\x1b\ud800'
    data = {
        "procedure": nasty,
        "name": {"vi": nasty, "en": nasty},
        "machine": {"reception": {nasty: {"name": {"vi": nasty}, "party": nasty, "role": nasty, "limit": nasty}}},
    }
    svg = draw(outline_of_data(data), marks={nasty.strip(): nasty}, href={nasty.strip(): nasty})
    root = Tree.fromstring(svg)

    assert "<script" not in svg
    assert {made.tag.removeprefix(SVG) for made in root.iter()} <= {"svg", "title", "desc", "rect", "text", "g", "a"}
    assert not any(name in made.attrib for made in root.iter() for name in ("style", "onload", "onclick"))
    assert any('"><script>' in line for line in words(svg, "diagram-name"))
    assert procedures["whole"].key not in svg


def test_the_same_procedure_gives_the_same_picture(procedures: dict[str, Procedure]) -> None:
    assert diagram(procedures["whole"]) == diagram(Procedure(procedures["whole"].declaration))


@pytest.mark.parametrize("key", KEYS)
def test_a_draft_that_is_whole_is_drawn_as_the_procedure_is(procedures: dict[str, Procedure], key: str) -> None:
    declaration = procedures[key].declaration
    data = declaration.model_dump(mode="json", by_alias=True)

    drawn = outline_of_data(data)

    assert drawn.phases == outline_of(declaration).phases
    assert len(drawn.arrows) == len(outline_of(declaration).arrows)


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "text",
        {},
        {"machine": None},
        {"machine": [1, 2]},
        {"machine": {"processing": {"a": None, "b": 7, "c": {"parallel": None}}}},
        {"machine": {"processing": {"d": {"parallel": {"e": [], "f": {}}}}}},
        {"machine": {"reception": {"a": {"name": {"vi": 3}, "role": ["x"]}}}, "transitions": [None, {"from": "a"}, 5]},
        {"machine": {"signing": {"a": {}, "b": {}}}, "transitions": [{"from": "b", "on": "x", "to": "a"}, {"to": {}}]},
        {"machine": {"processing": {"a": {}}, "return": {"a": {"when": 5}}}, "switch_off": 4, "parties": [{}]},
        {"machine": {"processing": {"a": {"parallel": {"b": {}}, "join": {"at_least": 99}}}}},
    ],
)
@pytest.mark.usefixtures("either_layout")
def test_a_draft_may_lack_anything(data: object) -> None:
    for language in ("vi", "en"):
        root = Tree.fromstring(draw(outline_of_data(data), language=language))

        assert root.findtext(f"{SVG}title")
        assert root.findtext(f"{SVG}desc")


def test_what_a_draft_lacks_is_a_question_mark() -> None:
    svg = draw(outline_of_data({"machine": {"processing": {"a": {"party": "lead"}, "b": {"parallel": {}}}}}))

    assert words(svg, "diagram-name") == ["?", "?"]
    assert "lead · ?" in words(svg, "diagram-small")


def long_draft(steps: int) -> Outline:
    places = {f"step_{at}": {"name": {"vi": f"Bước số {at} của thủ tục"}, "party": "lead"} for at in range(steps)}
    leaps = [{"from": f"step_{at}", "on": "leap", "to": f"step_{(at * 7) % steps}"} for at in range(0, steps, 3)]
    return outline_of_data({"machine": {"processing": places}, "transitions": leaps})


def test_forty_steps_are_drawn_at_once() -> None:
    """A tenth of a second on a machine of its own; the fastest of many counts, for the others work here, too."""
    outline = long_draft(40)
    taken = []
    for _ in range(20):
        started = time.process_time()
        draw(outline)
        taken.append(time.process_time() - started)

    assert min(taken) < 0.5


def test_a_tangle_is_drawn_plainly_and_soon() -> None:
    places = {f"step_{at}": {"name": {"vi": f"Bước {at}"}} for at in range(200)}
    moves = [{"from": f"step_{at}", "on": "leap", "to": f"step_{(at * 7) % 200}"} for at in range(200)]
    started = time.process_time()
    svg = draw(outline_of_data({"machine": {"processing": places}, "transitions": moves}))

    assert time.process_time() - started < 20
    assert len(words(svg, "diagram-name")) == 200


def rows(*ranks: int) -> list[Box]:
    return [Box(id=str(at), width=100, height=40, rank=rank) for at, rank in enumerate(ranks)]


LINES = [Line(source="0", target="1"), Line(source="1", target="2"), Line(source="0", target="3", label_width=80.0),
         Line(source="3", target="0", label_width=60.0), Line(source="2", target="3"), Line(source="1", target="1")]


@pytest.mark.parametrize("arrange", [layout, plain])
def test_lines_run_from_border_to_border_and_labels_have_a_place(arrange: object) -> None:
    made = (layout if arrange is layout else plain)(rows(0, 1, 1, 2), LINES)

    assert isinstance(made, Layout)
    assert len(made.routes) == len(LINES)
    for line, route in zip(LINES, made.routes, strict=True):
        assert (route.label_at is not None) == bool(line.label_width)
        for name, (x, y) in ((line.source, route.points[0]), (line.target, route.points[-1])):
            centre_x, centre_y = made.centres[name]
            assert abs(x - centre_x) <= 51
            assert abs(y - centre_y) <= 21


def test_a_graph_the_library_refuses_is_laid_out_all_the_same() -> None:
    huge = [Box(id="a", width=float("nan"), height=40, rank=0)]

    assert layout(huge, []).routes == ()
