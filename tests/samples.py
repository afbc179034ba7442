"""Files for tests: papers as a scanner makes them, and the commonest wrong ones."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO

import pikepdf
from PIL import Image

from api import demo_scans

TITLE = "Đơn đề nghị cho phép tổ chức hội nghị, hội thảo quốc tế"
LINES = (
    "Kính gửi: Chủ tịch Ủy ban nhân dân tỉnh Sóc Trăng",
    "Cơ quan đề nghị: Trường Đại học Nông nghiệp Ngã Bảy. Người đại diện: Nguyễn Thị Hường.",
    "Chủ đề: Nông nghiệp thông minh thích ứng biến đổi khí hậu vùng Đồng bằng sông Cửu Long.",
)
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@lru_cache
def pdf(pages: int = 1, seed: int = 0) -> bytes:
    """A scanned paper. Another seed is another file (and another SHA-256)."""
    return demo_scans.scanned_pdf(TITLE, *[LINES] * pages, seed=seed)


@lru_cache
def jpeg(seed: int = 0) -> bytes:
    return demo_scans.scanned_jpeg(TITLE, LINES, seed=seed)


@lru_cache
def png(seed: int = 0) -> bytes:
    return demo_scans.scanned_png(TITLE, LINES, seed=seed)


def small_pdf(pages: int = 1, mark: str = "") -> bytes:
    """A few hundred bytes without a picture, for tests that need many files. Another `mark`, another file."""

    def write(document: pikepdf.Pdf) -> None:
        for _ in range(pages):
            document.add_blank_page(page_size=(595, 842))
        document.trailer.Info = document.make_indirect(pikepdf.Dictionary(Title=f"Giấy tờ {mark}"))

    return made_pdf(write)


def made_pdf(
    write: Callable[[pikepdf.Pdf], object],
    *,
    packed: bool = False,
    linear: bool = False,
    lock: pikepdf.Encryption | None = None,
) -> bytes:
    """What `write` puts into a new document. `packed` hides all it can in object streams."""
    out = BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    with pikepdf.Pdf.new() as document:
        write(document)
        if lock is None:
            document.save(out, object_stream_mode=mode, linearize=linear, deterministic_id=True)
        else:
            document.save(out, object_stream_mode=mode, encryption=lock)
    return out.getvalue()


def encrypted_pdf(*, to_open: str = "bí mật", to_change: str = "chủ") -> bytes:
    lock = pikepdf.Encryption(user=to_open, owner=to_change, R=6)
    return made_pdf(lambda document: document.add_blank_page(), lock=lock)


def truncated(data: bytes, share: float = 0.6) -> bytes:
    """As a broken connection leaves it."""
    return data[: int(len(data) * share)]


def archive(text: bytes = b"echo 1") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("run.bat", (2026, 1, 2, 3, 4, 6)), text)
    return out.getvalue()


def picture(mode: str = "RGB", size: tuple[int, int] = (320, 450)) -> Image.Image:
    """A small piece of a scanned page in another colour mode."""
    with Image.open(BytesIO(jpeg())) as page:
        return page.resize(size).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
