"""Every file of the corpus gets its verdict, quickly, in a process that can do no harm."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from engine.errors import UnacceptableFile
from storage.inspection import Fault, MediaType, Verdict, inspect, prepare
from tests import samples
from tests.scans.case import Case
from tests.scans.corpus import CORPUS
from tests.scans.corpus_good import GOOD


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.what)
def test_every_file_of_the_corpus_gets_its_verdict(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(case.make())
    before, begun = psutil.Process().memory_info().rss, time.monotonic()
    try:
        inspect(file, case.name, case.declared)
        found = None
    except UnacceptableFile as refusal:
        found = refusal.data["reason"]
    assert found == (case.fault and case.fault.value)
    assert time.monotonic() - begun < 60
    assert psutil.Process().memory_info().rss - before < 200 * 1024**2


def test_the_corpus_is_large_and_knows_every_fault() -> None:
    assert len(CORPUS) >= 60
    assert {case.fault for case in CORPUS} == {None, *Fault}
    assert len({case.what for case in CORPUS}) == len(CORPUS)
    assert len(GOOD) >= 25


def test_a_verdict_tells_type_pages_and_size(tmp_path: Path) -> None:
    for name, data, verdict in (
        ("a.pdf", samples.pdf(3), Verdict(media_type=MediaType.PDF, pages=3)),
        ("a.jpg", samples.jpeg(), Verdict(media_type=MediaType.JPEG, pages=1, width=1240, height=1754)),
        ("a.png", samples.png(), Verdict(media_type=MediaType.PNG, pages=1, width=1240, height=1754)),
    ):
        (tmp_path / name).write_bytes(data)
        assert inspect(tmp_path / name, name, None) == verdict


def test_a_refusal_names_the_file_and_says_what_to_do_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(samples.truncated(samples.jpeg()))
    with pytest.raises(UnacceptableFile) as refusal:
        inspect(tmp_path / "x", "chứng minh.jpg", "image/jpeg")
    assert refusal.value.message("vi") == "Không nhận tệp “chứng minh.jpg”: tệp bị hỏng hoặc chưa đầy đủ. Hãy quét lại."
    assert "scan again" in refusal.value.message("en")


def test_a_normal_file_takes_well_under_half_a_second(tmp_path: Path) -> None:
    """The fastest of many: others work on this machine, too."""
    (tmp_path / "x").write_bytes(samples.pdf(3))
    prepare()
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        inspect(tmp_path / "x", "a.pdf", "application/pdf")
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.5
