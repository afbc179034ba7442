"""`lienthong agency conformance` as it is typed: where its private key is kept."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from api.agency.parties import own, stranger

TOLD = "Khóa của bộ kiểm thử / the kit's key: "


def tried(folder: Path, *options: str) -> tuple[int, str]:
    """Against nobody: its exit code, and the line with the key that it prints as it begins."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "agency", "conformance", "http://127.0.0.1:9",
               "--peer-key", stranger("ca-mau").handed_over, "--to", "H51.01/van-thu", "--listen", "127.0.0.1:0",
               "--only", "identity", "--wait", "0", *options]
    (folder / "here").mkdir(exist_ok=True)
    done = subprocess.run(command, cwd=folder / "here", capture_output=True, text=True, check=False,
                          env={**os.environ, "LIENTHONG_HOME": str(folder / "home")})
    first = done.stdout.partition("\n")[0]
    assert first.startswith(TOLD), done
    return done.returncode, first.removeprefix(TOLD)


def test_it_lies_in_the_home_not_where_the_command_was_given_and_is_the_same_the_next_time(tmp_path: Path) -> None:
    found = {tried(tmp_path) for _ in range(2)}

    key = tmp_path / "home" / "conformance-kit.key"
    assert found == {(1, own("bo-kiem-thu", key).handed_over)}
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert list((tmp_path / "here").iterdir()) == []


def test_another_place_may_be_named(tmp_path: Path) -> None:
    _, line = tried(tmp_path, "--key", str(tmp_path / "kit.key"))

    assert own("bo-kiem-thu", tmp_path / "kit.key").handed_over == line
    assert not (tmp_path / "home" / "conformance-kit.key").exists()
