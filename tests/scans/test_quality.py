"""What a machine says of a scan: empty, crooked, too dark, too pale, too coarse; and pictures of its pages."""

from __future__ import annotations

import random
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from storage import previews
from storage.previews import Unpaintable
from tests import samples

A4 = (1654, 2339)  # at 200 dpi


@pytest.fixture(scope="module")
def letters() -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size=34)
    assert isinstance(found, ImageFont.FreeTypeFont)
    return found


def paper(tone: int = 246) -> Image.Image:
    return Image.new("L", A4, tone)


def written(letters: ImageFont.FreeTypeFont, *, ink: int = 30, tone: int = 246, lines: int = 30) -> Image.Image:
    page = paper(tone)
    pen, dice = ImageDraw.Draw(page), random.Random(7)
    for line in range(lines):
        words = " ".join("".join(dice.choices("aeimnorstu", k=dice.randint(2, 8))) for _ in range(9))
        pen.text((180, 220 + line * 62), words, ink, letters)
    return page


def specks(page: Image.Image) -> Image.Image:
    """Dust, and the black that a lid leaves along an edge."""
    pen, dice = ImageDraw.Draw(page), random.Random(3)
    for _ in range(250):
        x, y, size = dice.randrange(A4[0]), dice.randrange(A4[1]), dice.randint(1, 4)
        pen.ellipse((x, y, x + size, y + size), 60)
    pen.rectangle((0, 0, 90, A4[1]), 15)
    pen.rectangle((0, A4[1] - 40, A4[0], A4[1]), 20)
    return page


def look(folder: Path, content: bytes) -> dict[str, Any]:
    file = folder / "scan"
    file.write_bytes(content)
    seen = previews.look(file)
    assert seen is not None
    return seen


def seen_on(folder: Path, page: Image.Image, dpi: int = 200) -> dict[str, Any]:
    seen = look(folder, samples.saved(page, "JPEG", quality=80, dpi=(dpi, dpi)))
    told: dict[str, Any] = seen["pages"][0]
    return told


def kinds(seen: dict[str, Any]) -> list[str]:
    return [hint["kind"] for hint in seen["hints"]]


def of_pictures(*pages: Image.Image) -> bytes:
    out = BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=200)
    return out.getvalue()


def test_specks_and_a_black_edge_are_a_blank_page(tmp_path: Path) -> None:
    assert seen_on(tmp_path, specks(paper()))["blank"] is True
    assert seen_on(tmp_path, specks(paper(205)))["blank"] is True


def test_a_page_that_says_only_its_number_is_not_blank(tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    page = paper()
    ImageDraw.Draw(page).text((760, 2180), "Trang 2/2", 40, letters)
    assert seen_on(tmp_path, page)["blank"] is False
    assert seen_on(tmp_path, specks(page))["blank"] is False


@pytest.mark.parametrize("degrees", [-4.0, -2.3, -1.2, 0.0, 0.6, 1.5, 3.1])
def test_how_crooked_a_page_lies_is_found_to_a_fifth_of_a_degree(
        degrees: float, tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    page = written(letters).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=246)
    seen = look(tmp_path, samples.saved(page, "JPEG", quality=80, dpi=(200, 200)))
    assert seen["pages"][0]["skew"] == pytest.approx(degrees, abs=0.2)
    assert ("skew" in kinds(seen)) is (abs(degrees) > 1.0)


def test_a_crooked_page_with_dirt_is_still_measured(tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    page = specks(written(letters, lines=12).rotate(-2.3, Image.Resampling.BICUBIC, fillcolor=246))
    assert seen_on(tmp_path, page)["skew"] == pytest.approx(-2.3, abs=0.2)


def test_a_picture_without_lines_is_not_called_crooked(tmp_path: Path) -> None:
    noise = Image.frombytes("L", (600, 800), random.Random(5).randbytes(600 * 800))
    assert seen_on(tmp_path, noise)["skew"] is None


def test_too_dark_and_too_pale_are_told_apart_from_good(tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    assert seen_on(tmp_path, written(letters))["light"] is None
    assert seen_on(tmp_path, written(letters, tone=95, ink=10))["light"] == "dark"
    assert seen_on(tmp_path, written(letters, ink=185))["light"] == "pale"


def test_the_dots_an_inch_come_from_the_picture_and_the_size_of_the_page(
        tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    fine = written(letters)
    coarse = fine.resize((A4[0] // 2, A4[1] // 2))
    assert seen_on(tmp_path, fine)["dpi"] == 200
    assert look(tmp_path, samples.saved(coarse, "JPEG"))["pages"][0]["dpi"] == 100
    seen = look(tmp_path, samples.pdf())
    assert (seen["pages"][0]["dpi"], kinds(seen)) == (150, ["dpi"])
    drawn = look(tmp_path, samples.small_pdf())
    assert (drawn["pages"][0]["dpi"], kinds(drawn)) == (None, ["blank"])


def test_hints_name_the_pages_and_the_worst(tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    good = written(letters)
    crooked = good.rotate(-2.3, Image.Resampling.BICUBIC, fillcolor=246)
    worse = good.rotate(3.0, Image.Resampling.BICUBIC, fillcolor=246)
    seen = look(tmp_path, of_pictures(good, crooked, paper(), worse))
    assert seen["count"] == 4
    by_kind = {hint["kind"]: hint for hint in seen["hints"]}
    assert set(by_kind) == {"blank", "skew"}
    assert by_kind["blank"]["pages"] == [3]
    assert by_kind["skew"]["pages"] == [2, 4]
    assert by_kind["skew"]["worst"] == pytest.approx(3.0, abs=0.2)


def test_what_is_kept_with_the_document_is_short(tmp_path: Path, letters: ImageFont.FreeTypeFont) -> None:
    upright = written(letters)
    kept = previews.brief(look(tmp_path, of_pictures(upright, upright.rotate(90, expand=True))))
    assert kept is not None
    assert kept["shapes"].keys() == {"2"}
    wide, high = kept["shapes"]["2"]
    assert wide / high == pytest.approx(297 / 210, abs=0.01)
    assert (kept["count"], kept["hints"]) == (2, [])
    assert previews.brief(None) is None


def test_of_many_pages_some_are_looked_at_first_and_last_included(tmp_path: Path) -> None:
    seen = look(tmp_path, samples.small_pdf(pages=250))
    numbers = [page["no"] for page in seen["pages"]]
    assert len(numbers) == previews.MOST_LOOKED_AT
    assert (numbers[0], numbers[-1], seen["count"]) == (1, 250, 250)


def test_what_cannot_be_painted_is_no_reason_to_fail(tmp_path: Path) -> None:
    file = tmp_path / "scan"
    file.write_bytes(samples.truncated(samples.jpeg(), 0.02))
    assert previews.look(file) is None
    with file.open("rb") as opened, pytest.raises(Unpaintable):
        previews.paint(opened, 1, "small")


@pytest.mark.parametrize("content", [samples.pdf(), samples.jpeg(), samples.png()], ids=["PDF", "JPEG", "PNG"])
def test_a_page_is_painted_as_large_as_the_box(content: bytes) -> None:
    small = Image.open(BytesIO(previews.paint(BytesIO(content), 1, "small")))
    page = Image.open(BytesIO(previews.paint(BytesIO(content), 1, "page")))
    assert small.format == "WEBP"
    assert small.size[0] in (240, 241)
    assert 995 <= page.size[0] <= 1001
    assert len(previews.paint(BytesIO(content), 1, "small")) < 8000


def test_a_huge_page_is_painted_within_bounds() -> None:
    """14 400 points is what the format allows: five metres."""
    huge = samples.made_pdf(lambda document: document.add_blank_page(page_size=(14_400, 14_400)))
    painted = Image.open(BytesIO(previews.paint(BytesIO(huge), 1, "huge")))
    assert max(painted.size) <= 2401


def test_a_page_that_is_not_there_has_no_picture() -> None:
    with pytest.raises(Unpaintable):
        previews.paint(BytesIO(samples.small_pdf()), 2, "small")


def test_a_file_that_hurts_its_painter_hurts_nobody_else() -> None:
    def draw(document: pikepdf.Pdf) -> None:
        document.add_blank_page()
        endless = b"q 1 0 0 1 0 0 cm 0 0 m 500 800 l S Q\n" * 3_000_000
        document.pages[0].Contents = document.make_stream(endless)

    heavy = samples.made_pdf(draw)
    with suppress(Unpaintable):
        previews.paint(BytesIO(heavy), 1, "small")
    assert previews.paint(BytesIO(samples.small_pdf()), 1, "small").startswith(b"RIFF")


def test_kept_pictures_are_bounded_and_the_oldest_goes_first() -> None:
    kept = previews.Kept(100)
    for number in range(6):
        kept.put("a", number, "small", bytes(30))
    kept.get("a", 3, "small")
    kept.put("a", 9, "small", bytes(30))
    assert [number for number in (*range(6), 9) if kept.get("a", number, "small")] == [3, 5, 9]
