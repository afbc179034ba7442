"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("api", "engine", "procedures", "storage")
LONGEST = 450


def modules() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    long = {str(path.relative_to(ROOT)): lines for path in modules() if "versions" not in path.parts
            if (lines := path.read_text(encoding="utf-8").count("\n")) > LONGEST}

    assert long == {}


def test_only_the_session_module_commits() -> None:
    committing = [str(path.relative_to(ROOT)) for path in modules()
                  if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8"))]

    assert set(committing) <= {"storage/session.py", "storage/migrations/env.py"}


@pytest.mark.parametrize("synonym", ["case_file", "caseworker", "office_id", "folder_id", "deadline_at", "get_or_404"])
def test_one_word_for_one_thing(synonym: str) -> None:
    using = [str(path.relative_to(ROOT)) for path in modules() if synonym in path.read_text(encoding="utf-8")]

    assert using == []


NAMED = {"NotFound": {"what"}, "WrongRole": {"event", "who_vi"}, "NotPossibleHere": {"event", "where_vi"}}


def test_who_reads_english_is_refused_in_english() -> None:
    """What fills a message is given in both languages: `what` and `what_en`, `who_vi` and `who_en`."""
    silent = []
    for path in modules():
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                given = {word.arg for word in call.keywords if word.arg is not None}
                needed = NAMED.get(call.func.id, set()) & given
                silent += [f"{path.relative_to(ROOT)}:{call.lineno} {word}" for word in sorted(needed)
                           if f"{word.removesuffix('_vi')}_en" not in given]

    assert silent == []


def test_nothing_tracked_names_this_machine_or_a_package_index() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    names = [name for name in tracked.decode().split("\0") if name]
    found = {}
    for name in names:
        text = (ROOT / name).read_bytes().decode("utf-8", "replace") if (ROOT / name).is_file() else ""
        for sign in ("--index-" + "url", "extra-index" + "-url", "--hash=" + "sha256"):
            if sign in text:
                found[name] = sign

    assert names
    assert found == {}


def test_every_command_of_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"`?make ([a-z]+)`?", readme))

    assert {"run", "test", "demo", "bench", "chaos"} <= targets
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
