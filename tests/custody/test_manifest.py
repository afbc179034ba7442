"""The printed manifest: what a scanner reads on it are the codes of the papers, and nobody's name is on it."""

from __future__ import annotations

import io

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from engine.courier import bags
from engine.errors import NotFound, WrongRole
from engine.printing import manifest, typeset
from tests.custody.conftest import Round

DESK = "H51.02/tiep-nhan:receptionist"


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_range() for page in document)


def test_the_manifest_of_a_run_and_of_a_bag(day: Round) -> None:
    barcodes = day.received(3)
    run = day.listed()
    line = day.lines(run)[0]
    bag = bags.seal(day.office, run.id, (line.from_unit_id, line.to_unit_id), "NP-77", day.cast[DESK], day.now(),
                    barcodes[:2])
    whole = words(manifest.of_run(day.office, run.id, day.carrier, day.now()))
    inside = words(manifest.of_bag(day.office, bag.id, day.cast[DESK], day.now()))
    assert all(code in whole for code in barcodes)
    assert [code in inside for code in barcodes] == [True, True, False]
    assert "NP-77" in inside
    assert "Bên giao" in inside
    assert "Bên nhận" in inside
    assert "Nguyễn Thị Bích Ngọc" not in whole

    pictures = [Image.open(io.BytesIO(png)) for png in typeset.png("manifest.typ", {
        "title": "x", "label": True, "left_out": [], "sheets": [
            {"seal": "NP-77", "bars": typeset.code128("NP-77"), "rows": []}]})]
    assert [found.text for found in zxingcpp.read_barcodes(pictures[0])] == ["NP-77"]
    assert "NP-77" in words(manifest.label(day.office, bag.id, day.cast[DESK], day.now()))


def test_who_has_nothing_on_it_gets_none(day: Round) -> None:
    day.received()
    run = day.listed()
    stranger = day.cast["H51.22/mot-cua:receptionist"]
    with pytest.raises(NotFound):
        manifest.of_run(day.office, run.id, stranger, day.now())
    line = day.lines(run)[0]
    bag = bags.seal(day.office, run.id, (line.from_unit_id, line.to_unit_id), "NP-78", day.cast[DESK], day.now())
    with pytest.raises(WrongRole):
        manifest.label(day.office, bag.id, stranger, day.now())
