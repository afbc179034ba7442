"""Where the boxes of a drawing stand and how its lines run, from top to bottom.

The ranks are given: a procedure has an order. graphlay routes best; where it is missing, refuses a graph or would take
long, our own layout draws the same with plainer lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

try:
    import graphlay
except ImportError:  # no wheel for this machine
    graphlay = None  # type: ignore[assignment]

GAP = 64.0  # px between ranks; a band's heading and a label fit in
ASIDE = 36.0  # px between boxes of a rank, and from the boxes to the first line beside them
PORTS = 9.0  # px between lines that end on one side of a box
LABEL_HEIGHT = 18.0
FARTHEST = 600  # ranks all lines cross together; up to here graphlay takes less than 0.1 s, far beyond it seconds

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Sizes in px. Boxes of one rank stand side by side."""

    id: str
    width: float
    height: float
    rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    source: str
    target: str
    label_width: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """From border to border; the label's centre where the line has one."""

    points: tuple[Point, ...]
    label_at: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Centres by box; routes in the order of the lines."""

    centres: Mapping[str, Point]
    routes: tuple[Route, ...]


def layout(boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    """Deterministic. Lines name boxes that are given; ranks count from 0 without gaps."""
    rank = {box.id: box.rank for box in boxes}
    crossed = sum(abs(rank[line.target] - rank[line.source]) for line in lines)
    if graphlay is None or crossed > FARTHEST:
        return plain(boxes, lines)
    try:
        return _routed(boxes, lines)
    except graphlay.GraphlayError:
        return plain(boxes, lines)


def _routed(boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    graph = graphlay.Graph()
    for box in boxes:
        graph.node(box.id, width=box.width, height=box.height, rank={"fixed": box.rank})
    for line in lines:
        if line.label_width:
            graph.edge(line.source, line.target, label_size=[line.label_width, LABEL_HEIGHT])
        else:
            graph.edge(line.source, line.target)
    options = {"direction": "topbottom", "routing": {"style": "orthogonal"}, "spacing": {"layer_gap": GAP}}
    made = graphlay.layout(graph, preset="process_map", options=options)
    centres = {box.id: _point(node["center"]) for box, node in zip(boxes, made.nodes, strict=True)}
    routes = tuple(
        Route(
            points=tuple(_point(point) for point in edge["points"]),
            label_at=_point(edge["label_anchor"]) if edge["label_anchor"] else None,
        )
        for edge in made.edges
    )
    return Layout(centres=centres, routes=routes)


def _point(found: Mapping[str, Any]) -> Point:
    return round(float(found["x"]), 1), round(float(found["y"]), 1)


def plain(boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    """Ranks below each other; what is not simply the next rank runs beside the boxes: onwards right, back left."""
    centres = _centres(boxes)
    by_id = {box.id: box for box in boxes}
    lanes = {
        1: max((centres[box.id][0] + box.width / 2 for box in boxes), default=0.0) + ASIDE,
        -1: min((centres[box.id][0] - box.width / 2 for box in boxes), default=0.0) - ASIDE,
    }
    ports: defaultdict[tuple[str, int], int] = defaultdict(int)
    routes = []
    for line in lines:
        source, target = by_id[line.source], by_id[line.target]
        if target.rank == source.rank + 1 and not line.label_width:
            routes.append(Route(points=_down(centres, source, target)))
            continue
        side = 1 if target.rank > source.rank else -1
        at = lanes[side] + side * line.label_width / 2
        lanes[side] += side * (line.label_width + ASIDE / 2)
        start = _port(centres, source, side, ports)
        end = _port(centres, target, side, ports)
        middle = (at, (start[1] + end[1]) / 2)
        routes.append(
            Route(
                points=(start, (at, start[1]), (at, end[1]), end),
                label_at=middle if line.label_width else None,
            )
        )
    return Layout(centres=centres, routes=tuple(routes))


def _centres(boxes: Sequence[Box]) -> dict[str, Point]:
    ranks: defaultdict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        ranks[box.rank].append(box)
    centres = {}
    top = 0.0
    for rank in sorted(ranks):
        row = ranks[rank]
        left = -(sum(box.width for box in row) + ASIDE * (len(row) - 1)) / 2
        height = max(box.height for box in row)
        for box in row:
            centres[box.id] = (left + box.width / 2, top + height / 2)
            left += box.width + ASIDE
        top += height + GAP
    return centres


def _down(centres: Mapping[str, Point], source: Box, target: Box) -> tuple[Point, ...]:
    (x, y), (to_x, to_y) = centres[source.id], centres[target.id]
    start, end = (x, y + source.height / 2), (to_x, to_y - target.height / 2)
    if x == to_x:
        return start, end
    half = (start[1] + end[1]) / 2
    return start, (x, half), (to_x, half), end


def _port(centres: Mapping[str, Point], box: Box, side: int, used: defaultdict[tuple[str, int], int]) -> Point:
    """The next free place on the left or right border: the middle, then below and above it in turn."""
    number = used[box.id, side]
    used[box.id, side] += 1
    away = (number + 1) // 2 * PORTS * (1 if number % 2 else -1)
    x, y = centres[box.id]
    most = box.height / 2 - 4
    return x + side * box.width / 2, y + max(-most, min(most, away))
