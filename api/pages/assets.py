"""Style sheet, modules and letters, read once, packed once, and addressed by what they contain."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from api.fonts import fonts

FOLDER = Path(__file__).parent.parent / "static"
MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
         ".woff2": "font/woff2"}

@dataclass(frozen=True, slots=True)
class Asset:
    media_type: str
    plain: bytes
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class Assets:
    """`mark` changes with any byte of any file, so an address may be kept for ever."""

    mark: str
    files: Mapping[str, Asset]

    def address(self, name: str) -> str:
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.mark}/{name}"


@lru_cache
def assets(home: Path) -> Assets:
    """Letters are cut once a machine, which takes a second, and kept under its home."""
    bodies = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in MEDIA}
    bodies |= {f"{weight}.woff2": body for weight, body in fonts(home / "fonts").items()}
    digest = hashlib.sha256()
    for name, body in sorted(bodies.items()):
        digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
    return Assets(digest.hexdigest()[:12], {name: _asset(name, body) for name, body in bodies.items()})


def _asset(name: str, body: bytes) -> Asset:
    suffix = Path(name).suffix
    return Asset(MEDIA[suffix], body, None if suffix == ".woff2" else gzip.compress(body, mtime=0))
