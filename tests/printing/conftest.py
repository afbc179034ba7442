"""Dossiers in every situation a form tells of; pictures of what was printed are kept where PAGES_SHOTS says."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from tests.casework.walking import FACTS, Walk
from tests.journey import Journey

Start = Callable[..., Walk]
Look = Callable[[bytes, str], list[Image.Image]]
PPI = 300


@pytest.fixture
def start(journey: Journey) -> Start:
    def begin(procedure: str = "conference_permit_local", **changes: Any) -> Walk:
        changes.setdefault("facts", FACTS.get(procedure, {}))
        walk = Walk(journey, journey.receive(procedure, **changes).code)
        journey.register_all(walk.code)
        return walk

    return begin


@pytest.fixture
def look() -> Look:
    """Every page of a PDF as a picture of 300 dpi."""
    def pages(pdf: bytes, name: str) -> list[Image.Image]:
        document = pypdfium2.PdfDocument(pdf)
        found = [page.render(scale=PPI / 72).to_pil() for page in document]
        document.close()
        if folder := os.environ.get("PAGES_SHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            for number, picture in enumerate(found[:3], 1):
                picture.reduce(2).save(Path(folder) / f"{name}-{number}.png")
        return found

    return pages


def text_of(pdf: bytes) -> str:
    """All words of a PDF, line breaks as spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))
