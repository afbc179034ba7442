"""The papers both sides sign, as PDF: what they say is what was recorded."""

from __future__ import annotations

import os
from pathlib import Path

import pypdfium2
import pytest

from engine.errors import NotFound
from engine.post import sheets
from tests.casework.conftest import Start
from tests.journey import Journey
from tests.post.test_intake import DESK, SLIP, brought, papers, record
from tests.post.test_mailing import clerk, ready, sent
from tests.printing import pdfa


def text(pdf: bytes, name: str = "") -> str:
    """All of it; pictures of the pages are kept where PAGES_SHOTS says. The file keeps the rules of PDF/A."""
    assert pdfa.faults(pdf) == []
    document, kept = pypdfium2.PdfDocument(pdf), os.environ.get("PAGES_SHOTS")
    told = []
    for number, page in enumerate(document):
        told.append(page.get_textpage().get_text_range())
        if kept and name:
            page.render(scale=1.5).to_pil().save(Path(kept) / f"{name}-{number}.png")
    document.close()
    return " ".join(" ".join(told).split())


def test_the_record_lists_every_slip_and_when_it_was_signed(journey: Journey) -> None:
    number = record(journey, brought(journey), brought(journey, "EH000000002VN", papers=papers(journey)[1:]))

    told = text(sheets.record(journey.office, number, journey.cast[DESK], journey.now).pdf, "record")

    for words in (SLIP, "EH000000002VN", "Thạch Sóc Kha", "08 giờ 00 phút, ngày 23/11/2026", "Đặng Văn Út", "Đầy đủ",
                  "Thiếu:"):
        assert words in told


def test_the_senders_slip_lists_the_papers(journey: Journey) -> None:
    number = record(journey)

    assert SLIP in text(sheets.slip(journey.office, number, 1, journey.cast[DESK], journey.now).pdf)
    with pytest.raises(NotFound):
        sheets.slip(journey.office, number, 2, journey.cast[DESK], journey.now)


def test_the_carriers_list_comes_with_the_slip_of_every_item(start: Start) -> None:
    walk = ready(start)
    number = sent(walk, fee=150_000, recipient="Lâm Hoàng Phúc")

    told = text(sheets.batch(walk.office, number, clerk(walk), walk.now).pdf, "batch")

    for words in (walk.code, "150.000 đ", "Lâm Hoàng Phúc", "bồi thường"):
        assert words in told
    one = text(sheets.return_slip(walk.office, "EH100000001VN", clerk(walk), walk.now).pdf)
    assert "EH100000001VN" in one
    assert "150.000 đ" in one
