"""Draws made-up papers that look scanned, for the demonstration and for the tests."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from pikepdf import Dictionary, Name, Pdf, Stream
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

_DPI = 150
_A4 = (1240, 1754)
_MARGIN = 130
_INK, _PAPER, _STAMP = (38, 36, 52), (250, 248, 242), (196, 32, 44)
_HEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập – Tự do – Hạnh phúc")
_FOOT = "Bản mẫu để trình diễn, dữ liệu giả định · Sample for demonstration, invented data"


def scanned_page(title: str, lines: Sequence[str], *, seed: int = 0) -> Image.Image:
    """One A4 page in colour, slightly crooked and grainy. The same arguments give the same picture."""
    dice = random.Random(f"{seed}\n{title}")
    page = Image.new("RGB", _A4, _PAPER)
    pen = ImageDraw.Draw(page)
    centre = _A4[0] // 2
    pen.text((centre, 120), _HEAD[0], _INK, _font("Bold", 30), anchor="mm")
    pen.text((centre, 165), _HEAD[1], _INK, _font("SemiBold", 27), anchor="mm")
    pen.line((centre - 180, 192, centre + 180, 192), _INK, 2)
    y = 290
    for part in _wrapped(title.upper(), _font("Bold", 38)):
        pen.text((centre, y), part, _INK, _font("Bold", 38), anchor="mm")
        y += 54
    y += 40
    for line in lines:
        for part in _wrapped(line, _font("Regular", 27)) or [""]:
            pen.text((_MARGIN, y), part, _INK, _font("Regular", 27), anchor="ls")
            y += 44
    pen.text((centre, _A4[1] - 60), _FOOT, (120, 118, 126), _font("Italic", 18), anchor="mm")
    _sign(pen, min(max(y + 150, 1150), _A4[1] - 330), dice)
    return _through_the_scanner(page, dice)


def scanned_jpeg(title: str, lines: Sequence[str], *, seed: int = 0) -> bytes:
    return _jpeg(scanned_page(title, lines, seed=seed))


def scanned_png(title: str, lines: Sequence[str], *, seed: int = 0) -> bytes:
    """In greys, as scanners save PNG."""
    out = BytesIO()
    scanned_page(title, lines, seed=seed).convert("L").quantize(32).save(out, "PNG", dpi=(_DPI, _DPI))
    return out.getvalue()


def scanned_pdf(title: str, *pages: Sequence[str], seed: int = 0) -> bytes:
    """One picture a page, as scanners make PDF files. `pages` are the lines of each page."""
    pictures = [scanned_jpeg(title, lines, seed=seed + number) for number, lines in enumerate(pages or ([],))]
    return pdf_of(pictures, _A4, title)


def pdf_of(jpegs: Sequence[bytes], size: tuple[int, int], title: str) -> bytes:
    """A PDF whose pages are the given JPEG pictures, all of one size in pixels."""
    out = BytesIO()
    width, height = (round(side * 72 / _DPI, 2) for side in size)
    with Pdf.new() as pdf:
        for number, jpeg in enumerate(jpegs):
            picture = Stream(
                pdf,
                jpeg,
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=size[0],
                Height=size[1],
                ColorSpace=Name.DeviceRGB,
                BitsPerComponent=8,
                Filter=Name.DCTDecode,
            )
            pdf.add_blank_page(page_size=(width, height))
            page = pdf.pages[number]
            page.Resources = Dictionary(XObject=Dictionary(Scan=pdf.make_indirect(picture)))
            page.Contents = pdf.make_stream(f"q {width} 0 0 {height} 0 0 cm /Scan Do Q".encode())
        pdf.trailer.Info = pdf.make_indirect(Dictionary(Title=title, Producer="Máy quét mẫu"))
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _sign(pen: ImageDraw.ImageDraw, y: int, dice: random.Random) -> None:
    """A scribble, its caption, and a round red mark that says SAMPLE, so that it passes for no real seal."""
    centre = _A4[0] - 360
    pen.text((centre, y), "NGƯỜI KÝ", _INK, _font("Bold", 26), anchor="mm")
    waves = [(dice.uniform(10, 26), dice.uniform(0.05, 0.4), dice.uniform(0, 6)) for _ in range(3)]
    points = [
        (centre - 120 + step, y + 110 + sum(h * math.sin(step * f + late) for h, f, late in waves))
        for step in range(0, 250, 3)
    ]
    pen.line(points, (28, 48, 132), 4, joint="curve")
    mark = (centre - 190, y + 10)
    pen.ellipse((mark[0], mark[1], mark[0] + 190, mark[1] + 190), outline=_STAMP, width=6)
    pen.ellipse((mark[0] + 14, mark[1] + 14, mark[0] + 176, mark[1] + 176), outline=_STAMP, width=2)
    pen.text((mark[0] + 95, mark[1] + 82), "MẪU", _STAMP, _font("Bold", 40), anchor="mm")
    pen.text((mark[0] + 95, mark[1] + 122), "SAMPLE", _STAMP, _font("SemiBold", 20), anchor="mm")


def _through_the_scanner(page: Image.Image, dice: random.Random) -> Image.Image:
    """Crooked by a hair, grain, and the shadow that the lid leaves at one edge."""
    page = page.rotate(dice.uniform(-0.8, 0.8), Image.Resampling.BICUBIC, fillcolor=_PAPER)
    grain = Image.frombytes("L", (310, 310), dice.randbytes(310 * 310)).point(lambda value: 232 + value // 11)
    shade = Image.new("L", _A4)
    for left in range(0, _A4[0], 310):
        for top in range(0, _A4[1], 310):
            shade.paste(grain, (left, top))
    ImageDraw.Draw(shade).rectangle((0, 0, 9, _A4[1]), 176)
    return ImageChops.multiply(page, shade.filter(ImageFilter.GaussianBlur(0.8)).convert("RGB"))


def _jpeg(page: Image.Image) -> bytes:
    out = BytesIO()
    page.save(out, "JPEG", quality=72, dpi=(_DPI, _DPI))
    return out.getvalue()


def _wrapped(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= _A4[0] - 2 * _MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """Be Vietnam Pro: drawn for Vietnamese, every accent sits right."""
    face = files("fontpkg_be_vietnam_pro") / "files" / f"BeVietnamPro-{weight}.ttf"
    return ImageFont.truetype(BytesIO(face.read_bytes()), size)
