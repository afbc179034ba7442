"""Starts a token process and talks to it over its standard input and output."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOKEN = Path(__file__).parent / "token.py"


class Held:
    """`certificate`: DER, as the token said it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.certificate = self._hear()

    def sign(self, digest: bytes) -> bytes:
        assert self._process.stdin is not None
        self._process.stdin.write(b64encode(digest).decode() + "\n")
        self._process.stdin.flush()
        return self._hear()

    def _hear(self) -> bytes:
        assert self._process.stdout is not None
        return b64decode(self._process.stdout.readline())


@contextmanager
def token(kind: str, trusted: Path) -> Iterator[Held]:
    """`trusted`: where the token writes the root of its certificate, PEM."""
    trusted.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen([sys.executable, "-P", str(TOKEN), kind, str(trusted)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    try:
        yield Held(process)
    finally:
        if process.stdin is not None:
            process.stdin.close()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()
