"""Draws a procedure for people: the phases as bands, a box a step, consultations as groups, exceptions as lines.

Only what the declaration says is drawn. What the mechanism allows everywhere would hide it: that is one line of the
legend. The picture is styled by the page's sheet, and holds no style, script or address of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from engine.states.layout import Box, Layout, Line, Point, layout
from engine.states.names import PHASES
from engine.states.outline import Outline, Spot, outline_of
from engine.states.procedure import Procedure
from procedures.declaration import Phase, Text
from procedures.markup import fit

WIDTH = 236.0  # px of a box
PER_ROW = 3  # branches of a consultation side by side
LETTER = 6.7  # px, the mean width of a letter of the page's font at 12 px
LETTERS = 28  # of a name in a line of a box
LEADING = 17.0  # px from line to line
PAD = 10.0
MARGIN = 28.0
HEADING = 30.0  # px of a band's name
LEGEND = 350.0  # px at most of a line of the legend: it is read on a telephone without moving the picture
LABEL = 44  # letters of a line's label; its title has the whole


def _text(vi: str, en: str) -> Mapping[str, str]:
    return {"vi": vi, "en": en}


_SAID = {
    "title": _text("Sơ đồ thủ tục: {name}", "Diagram of the procedure: {name}"),
    "here": _text("▶ Đang ở bước này", "▶ The dossier is here"),
    "done": _text("✓ Đã xong", "✓ Done"),
    "when": _text("Chỉ khi: {when}", "Only when: {when}"),
    "if": _text("khi {when}", "when {when}"),
    "limit": _text("Thời hạn: {limit}", "Limit: {limit}"),
    "external": _text("Chờ trả lời của: {body}", "Awaits the reply of: {body}"),
    "leads": _text("Từ “{source}” đến “{target}”: {label}", "From “{source}” to “{target}”: {label}"),
    "always": _text(
        "Luôn có thể, theo cơ chế một cửa (không vẽ): {acts}.",
        "Always possible under the one-stop mechanism (not drawn): {acts}.",
    ),
    "exceptions": _text(
        "Đường nét đứt: việc dẫn đến bước khác với thứ tự.",
        "Broken lines: what leads to another step than the next in order.",
    ),
    "nothing": _text("Chưa có bước nào", "No step yet"),
}
_LIMIT_UNITS = {
    "working day": "ngày làm việc",
    "working hour": "giờ làm việc",
    "day": "ngày",
    "month": "tháng",
}


def diagram(
    procedure: Procedure,
    *,
    here: Collection[str] = (),
    done: Collection[str] = (),
    language: str = "vi",
    marks: Mapping[str, str] | None = None,
    href: Mapping[str, str] | None = None,
    parties: Mapping[str, Text] | None = None,
) -> str:
    """`here`: states a dossier is in; `done`: those it has left behind; `marks`: a short note at a step."""
    outline = outline_of(procedure.declaration, parties)
    return draw(outline, here=here, done=done, language=language, marks=marks, href=href)


def draw(
    outline: Outline,
    *,
    here: Collection[str] = (),
    done: Collection[str] = (),
    language: str = "vi",
    marks: Mapping[str, str] | None = None,
    href: Mapping[str, str] | None = None,
) -> str:
    """An inline SVG. `href` makes steps links, each reached by the keyboard; else the picture is one image."""
    drawing = _Drawing(outline, frozenset(here), frozenset(done), language, marks or {}, href or {})
    return drawing.svg()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Card:
    """A place measured: its lines of text (class, words), its branches, its size in px."""

    spot: Spot
    lines: tuple[tuple[str, str], ...]
    width: float
    height: float
    parts: tuple[_Card, ...] = ()


class _Drawing:
    def __init__(
        self,
        outline: Outline,
        here: frozenset[str],
        done: frozenset[str],
        language: str,
        marks: Mapping[str, str],
        href: Mapping[str, str],
    ) -> None:
        self.outline, self.here, self.done = outline, here, done
        self.language, self.marks, self.href = language, marks, href
        self.cards = [self._card(spot) for _, spots in outline.phases for spot in spots]
        # A draft may use an id twice: places are known by their number, an arrow means the first of that name.
        self.first = {card.spot.id: at for at, card in reversed(list(enumerate(self.cards)))}
        self.boxes = [Box(id=str(at), width=c.width, height=c.height, rank=at) for at, c in enumerate(self.cards)]
        joined = list(self._joined())
        self.lines = [line for line, _ in joined]
        self.labels = [label for _, label in joined]

    def svg(self) -> str:
        """From top to bottom: bands, lines, boxes, legend."""
        placed = layout(self.boxes, self.lines)
        left, top, right, bottom = self._bounds(placed)
        legend = self._legend(right - left)
        height = bottom - top + LEADING * len(legend) + PAD
        name = f"diagram-{_safe_id(self.outline.key)}"
        title = self._say("title", name=self.outline.name.told(self.language))
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="{"group" if self.href else "img"}"'
            f' aria-labelledby="{name}-title {name}-desc" width="{_n(right - left)}" height="{_n(height)}"'
            f' viewBox="{_n(left)} {_n(top)} {_n(right - left)} {_n(height)}">',
            f'<title id="{name}-title">{_escaped(title)}</title>',
            f'<desc id="{name}-desc">{_escaped(self._told())}</desc>',
            *self._bands(placed, left, right),
            *self._routes(placed),
            *(self._drawn(card, placed.centres[str(at)]) for at, card in enumerate(self.cards)),
            *(
                _written("diagram-legend", (left + PAD, bottom + LEADING * (at + 1)), line)
                for at, line in enumerate(legend)
            ),
            "</svg>",
        ]
        return "".join(parts)

    def _say(self, key: str, **data: str) -> str:
        return _SAID[key]["en" if self.language == "en" else "vi"].format(**data)

    def _card(self, spot: Spot) -> _Card:
        letters = LETTERS * PER_ROW if spot.branches else LETTERS
        lines = [("diagram-name", line) for line in _wrapped(spot.name.told(self.language), letters, 4)]
        lines += [("diagram-small", line) for text in self._facts(spot) for line in _wrapped(text, letters + 3, 2)]
        lines += [("diagram-state", text) for text in self._state(spot)]
        height = PAD * 1.6 + LEADING * len(lines)
        if not spot.branches:
            return _Card(spot=spot, lines=tuple(lines), width=WIDTH, height=height)
        parts = tuple(self._card(branch) for branch in spot.branches)
        rows = [parts[at : at + PER_ROW] for at in range(0, len(parts), PER_ROW)]
        columns = min(PER_ROW, len(parts))
        return _Card(
            spot=spot,
            lines=tuple(lines),
            width=max(columns * (WIDTH + PAD) + PAD, WIDTH * 1.5),
            height=height + sum(max(part.height for part in row) + PAD for row in rows),
            parts=parts,
        )

    def _facts(self, spot: Spot) -> Iterator[str]:
        for words in (spot.who, spot.join):
            if words:
                yield words.told(self.language)
        if spot.limit:
            yield self._say("limit", limit=self._limit(spot.limit))
        if spot.when:
            yield self._say("when", when=spot.when)
        if spot.external:
            yield self._say("external", body=spot.external.told(self.language))

    def _limit(self, limit: str) -> str:
        number, _, unit = limit.partition(" ")
        known = _LIMIT_UNITS.get(unit.removesuffix("s"))
        return limit if known is None or self.language == "en" else f"{number} {known}"

    def _state(self, spot: Spot) -> Iterator[str]:
        if spot.id in self.here:
            yield self._say("here")
        elif spot.id in self.done:
            yield self._say("done")
        if spot.id in self.marks:
            yield self.marks[spot.id]

    def _joined(self) -> Iterator[tuple[Line, tuple[str, str]]]:
        """The lines, each with its label and its whole title; those in order have neither."""
        for at, (card, _) in enumerate(pairwise(self.cards)):
            if card.spot.id not in self.outline.replaced:
                yield Line(source=str(at), target=str(at + 1)), ("", "")
        for arrow in self.outline.arrows:
            source, target = self.first.get(arrow.source), self.first.get(arrow.target)
            if source is None or target is None or source == target:
                continue
            label = arrow.name.told(self.language)
            if arrow.when:
                label = f"{label}, {self._say('if', when=arrow.when)}"
            ends = {
                "source": self.cards[source].spot.name.told(self.language),
                "target": self.cards[target].spot.name.told(self.language),
            }
            short = _cut(label, LABEL)
            line = Line(source=str(source), target=str(target), label_width=_label_width(short))
            yield line, (short, self._say("leads", label=label, **ends))

    def _bounds(self, placed: Layout) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the bands."""
        xs, ys = [-WIDTH], [0.0]
        for at, card in enumerate(self.cards):
            x, y = placed.centres[str(at)]
            xs += [x - card.width / 2, x + card.width / 2]
            ys += [y - card.height / 2, y + card.height / 2]
        for route in placed.routes:
            xs += [x for x, _ in route.points]
            ys += [y for _, y in route.points]
        for route, (short, _) in zip(placed.routes, self.labels, strict=True):
            if route.label_at is not None:
                xs += [route.label_at[0] - _label_width(short) / 2, route.label_at[0] + _label_width(short) / 2]
        return min(xs) - MARGIN, min(ys) - HEADING, max(*xs, WIDTH) + MARGIN, max(ys) + MARGIN / 2

    def _bands(self, placed: Layout, left: float, right: float) -> Iterator[str]:
        _, top, _, bottom = self._bounds(placed)
        at = 0
        filled = [(phase, spots) for phase, spots in self.outline.phases if spots]
        for number, (phase, spots) in enumerate(filled):
            at += len(spots)
            end = bottom if at == len(self.cards) else self._between(placed, at)
            yield (
                f'<rect class="diagram-band{" odd" if number % 2 else ""}" x="{_n(left)}" y="{_n(top)}"'
                f' width="{_n(right - left)}" height="{_n(end - top)}"/>'
            )
            yield _written("diagram-phase", (left + PAD, top + LEADING + 2), self._phase(phase))
            top = end

    def _phase(self, phase: Phase) -> str:
        return PHASES[phase].en if self.language == "en" else PHASES[phase].vi

    def _between(self, placed: Layout, at: int) -> float:
        """Half way between a place and the one before it."""
        above, below = self.cards[at - 1], self.cards[at]
        foot = placed.centres[str(at - 1)][1] + above.height / 2
        return (foot + placed.centres[str(at)][1] - below.height / 2) / 2

    def _routes(self, placed: Layout) -> Iterator[str]:
        shown = []
        for route, (short, title) in zip(placed.routes, self.labels, strict=True):
            back = bool(title) and route.points[-1][1] <= route.points[0][1]
            kind = "diagram-line" + (" exception" if title else "") + (" back" if back else "")
            points = " ".join(f"{_n(x)},{_n(y)}" for x, y in route.points)
            told = f"<title>{_escaped(title)}</title>" if title else ""
            yield f'<g class="{kind}">{told}<polyline fill="none" points="{points}"/>{_head(route.points)}</g>'
            if route.label_at is not None:
                shown.append((route.label_at, short))
        for (x, y), short in shown:  # above every line
            yield _written("diagram-label", (x, y + 4), short, anchor="middle")

    def _drawn(self, card: _Card, centre: Point) -> str:
        """A box, its title first; within a link where there is an address for it."""
        left, top = centre[0] - card.width / 2, centre[1] - card.height / 2
        kind = "diagram-group" if card.parts else "diagram-step"
        state = " here" if card.spot.id in self.here else " done" if card.spot.id in self.done else ""
        words = [
            _written(style, (left + PAD, top + PAD / 2 + LEADING * (at + 1)), line)
            for at, (style, line) in enumerate(card.lines)
        ]
        title = _escaped(self._told_of(card.spot))
        body = (
            f'<g class="{kind}{state}"><title>{title}</title><rect x="{_n(left)}" y="{_n(top)}" rx="6"'
            f' width="{_n(card.width)}" height="{_n(card.height)}"/>{"".join(words)}</g>'
        )
        address = self.href.get(card.spot.id)
        if address is not None:
            body = f'<a class="diagram-link" href="{_escaped(address)}" aria-label="{title}">{body}</a>'
        return body + "".join(self._drawn(part, at) for part, at in _arranged(card, left, top))

    def _told_of(self, spot: Spot) -> str:
        return "; ".join((spot.name.told(self.language), *self._facts(spot), *self._state(spot)))

    def _told(self) -> str:
        """The whole order in words, for those who do not see it."""
        if not self.cards:
            return self._say("nothing")
        phases = []
        for phase, spots in self.outline.phases:
            names = []
            for spot in spots:
                inside = ", ".join(self._brief(branch) for branch in spot.branches)
                names.append(f"{self._brief(spot)} ({inside})" if inside else self._brief(spot))
            if names:
                phases.append(f"{self._phase(phase)}: {'; '.join(names)}")
        return ". ".join(phases) + "."

    def _brief(self, spot: Spot) -> str:
        return " ".join((spot.name.told(self.language), *self._state(spot)))

    def _legend(self, width: float) -> list[str]:
        told = []
        if self.outline.arrows:
            told.append(self._say("exceptions"))
        if self.outline.always:
            acts = ", ".join(words.told(self.language) for words in self.outline.always)
            told.append(self._say("always", acts=acts))
        return [line for text in told for line in wrap(text, max(20, int(min(width, LEGEND) / LETTER) - 2))]


def _arranged(card: _Card, left: float, top: float) -> Iterator[tuple[_Card, Point]]:
    """The branches in rows below the group's own lines."""
    y = top + PAD * 1.6 + LEADING * len(card.lines)
    for start in range(0, len(card.parts), PER_ROW):
        row = card.parts[start : start + PER_ROW]
        height = max(part.height for part in row)
        for column, part in enumerate(row):
            yield part, (left + PAD + column * (WIDTH + PAD) + WIDTH / 2, y + part.height / 2)
        y += height + PAD


def _label_width(label: str) -> float:
    return LETTER * len(label) + 2 * PAD


def _written(style: str, at: Point, text: str, anchor: str = "start") -> str:
    return f'<text class="{style}" text-anchor="{anchor}" x="{_n(at[0])}" y="{_n(at[1])}">{_escaped(text)}</text>'


def _head(points: Sequence[Point]) -> str:
    """The arrow's head, along the last piece of the line."""
    (from_x, from_y), (x, y) = points[-2], points[-1]
    if abs(x - from_x) > abs(y - from_y):
        back = -7 if x > from_x else 7
        corners = ((x, y), (x + back, y - 4), (x + back, y + 4))
    else:
        back = -7 if y > from_y else 7
        corners = ((x, y), (x - 4, y + back), (x + 4, y + back))
    return f'<polygon points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}"/>'


def _wrapped(text: str, letters: int, most: int) -> list[str]:
    lines = wrap(" ".join(text.split()), letters) or ["?"]
    return lines if len(lines) <= most else [*lines[: most - 1], _cut(" ".join(lines[most - 1 :]), letters)]


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _safe_id(key: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in key)


def _escaped(text: str) -> str:
    """Fit for text and attributes."""
    kept = fit(text)
    for letter, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        kept = kept.replace(letter, entity)
    return kept


def _n(value: float) -> str:
    """Short and the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")
