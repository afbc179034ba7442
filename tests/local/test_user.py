"""The same without root: nothing is dropped, nothing copied, everything is one user's."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.machine import home

SCRIPT = Path(__file__).with_name("user_script.py")
CHECKOUT = SCRIPT.parents[2]
NOBODY = pwd.getpwnam("nobody")


def run_as_nobody(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    # The packages are named, because a virtual environment's own interpreter may lie in root's home.
    paths = os.pathsep.join([str(CHECKOUT), sysconfig.get_path("purelib")])
    return subprocess.run([program, *arguments], user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[],
                          env={"PATH": os.defpath, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}, cwd="/",
                          capture_output=True, check=False, timeout=120)


def interpreter() -> str | None:
    """One of our version that nobody may run."""
    want = f"{sys.version_info.major}.{sys.version_info.minor}"
    ask = "import sys, psycopg, minio; print('{}.{}'.format(*sys.version_info))"
    for program in (sys.executable, f"/usr/bin/python{want}"):
        try:
            told = run_as_nobody(program, "-c", ask)
        except OSError:
            continue
        if told.stdout.decode().strip() == want:
            return program
    return None


@pytest.mark.skipif(os.geteuid() != 0, reason="we are an ordinary user already: every other test shows it")
def test_an_ordinary_user_runs_everything() -> None:
    program = interpreter()
    if program is None:
        pytest.skip("no interpreter of this version that an ordinary user may run")
    with home() as folder:
        os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
        told = run_as_nobody(program, str(SCRIPT), str(folder))
        assert told.returncode == 0, told.stderr.decode()
        assert told.stdout.decode().strip() == f"uid {NOBODY.pw_uid} owner {NOBODY.pw_uid}"
