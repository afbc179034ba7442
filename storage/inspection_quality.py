"""What a machine sees on the picture of a page that a clerk would scan again: nothing, crooked, too dark, too pale.

Pictures are grey, one octet a dot, rows from the top; about a thousand dots for the longer side are enough.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_CELL = 8
"""Dots; about two millimetres of A4: a letter inks its cell, a speck of dust does not."""
_INKED = 7
_PAIRS = 3
"""Inked cells beside one another in a row: a word has more, dust and folds have fewer."""
_STEEPEST = 5.0
_DARK_PAPER, _PALE_INK = 130, 165
_MOST_DOTS = 30_000


def tone(page: Grey, share: float) -> int:
    """The grey that so many hundredths of the dots do not pass; numpy's own would import something late."""
    counts = np.cumsum(np.bincount(page.ravel(), minlength=256))
    return int(np.searchsorted(counts, page.size * share / 100))


def ink(page: Grey) -> Mask:
    """Where something is printed or written: clearly darker than the paper around it."""
    paper = tone(page, 75)
    return page < max(paper - 55, paper * 6 // 10)


def without_edges(mask: Mask) -> Mask:
    """The mask without a margin of three in a hundred, and without the black that scanners leave along an edge."""
    height, width = mask.shape
    inner = mask[height * 3 // 100 : height - height * 3 // 100, width * 3 // 100 : width - width * 3 // 100]
    rows, columns = inner.mean(axis=1) > 0.6, inner.mean(axis=0) > 0.6
    top, bottom = _solid(rows), _solid(rows[::-1])
    left, right = _solid(columns), _solid(columns[::-1])
    return inner[top : inner.shape[0] - bottom, left : inner.shape[1] - right]


def _solid(lines: Mask) -> int:
    """How many lines from this edge are black, and the blurred rest beside them."""
    count = int(np.argmin(lines)) if not lines.all() else len(lines)
    return min(len(lines), count + 4) if count else 0


def blank(mask: Mask) -> bool:
    """Nothing that is as long as a short word. `mask` without edges."""
    height, width = (side // _CELL * _CELL for side in mask.shape)
    if not height or not width:
        return True
    cells = mask[:height, :width].reshape(height // _CELL, _CELL, width // _CELL, _CELL).sum(axis=(1, 3)) >= _INKED
    return int((cells[:, :-1] & cells[:, 1:]).sum()) < _PAIRS


def skew(mask: Mask) -> float | None:
    """Degrees by which the lines were turned anticlockwise, to a tenth, under five; None where there are no lines."""
    y, x = np.nonzero(mask)
    if len(y) < 400:
        return None
    step = len(y) // _MOST_DOTS + 1
    rows, columns = y[::step].astype(np.float64), x[::step].astype(np.float64)

    def sharpness(degrees: float) -> float:
        """How much neighbouring rows differ in ink once the page is turned back: most where lines lie level."""
        level = np.rint(rows + columns * np.tan(np.radians(degrees))).astype(np.int64)
        profile = np.bincount(level - level.min()).astype(np.float64)
        return float(np.square(np.diff(profile)).sum())

    coarse = np.arange(-_STEEPEST, _STEEPEST + 0.01, 0.5)
    found = [sharpness(degrees) for degrees in coarse]
    best = coarse[int(np.argmax(found))]
    fine = [best + tenth / 10 for tenth in range(-5, 6)]
    values = [sharpness(degrees) for degrees in fine]
    steepest = abs(best) >= _STEEPEST  # no peak, only a slope
    if steepest or max(values) < 1.5 * sorted(found)[len(found) // 2]:
        return None
    return round(float(fine[int(np.argmax(values))]), 1)


def light(page: Grey) -> str | None:
    """"dark" for grey paper, "pale" for ink that hardly differs from it."""
    if tone(page, 75) < _DARK_PAPER:
        return "dark"
    if tone(page, 0.5) > _PALE_INK:
        return "pale"
    return None


def seen(page: Grey) -> dict[str, object]:
    """Everything about one page: `blank`, `skew` (degrees), `light`; a blank page is nothing else."""
    mask = without_edges(ink(page))
    if blank(mask):
        return {"blank": True, "skew": None, "light": None}
    return {"blank": False, "skew": skew(mask), "light": light(page)}
