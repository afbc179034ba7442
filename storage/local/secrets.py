"""The passwords and keys of one machine: made once, kept in one file that only its owner may read."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from storage.local.trouble import SecretsLost


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Losing this file loses the stored documents (`sse_key`) and the database (`superuser`): back it up."""

    superuser: str
    lienthong_owner: str
    lienthong_app: str
    lienthong_auditor: str
    lienthong_backup: str
    prefect: str
    seaweedfs: str
    s3_access_key: str
    s3_secret_key: str
    s3_admin_access_key: str
    s3_admin_secret_key: str
    jwt_signing_key: str
    jwt_signing_read_key: str
    jwt_filer_signing_key: str
    jwt_filer_signing_read_key: str
    sse_key: str
    prefect_auth: str

    def __repr__(self) -> str:
        return "Secrets(…)"


def load(home: Path) -> Secrets:
    """Read `<home>/secrets.json`, making it first where there is neither a file nor data.

    A file from an older version gets the keys it lacks.
    """
    path = home / "secrets.json"
    known: dict[str, str] = {}
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
    elif (home / "postgres" / "data" / "PG_VERSION").exists():
        raise SecretsLost(home=home, path=path)
    names = {field.name for field in fields(Secrets)}
    found = Secrets(**{name: known.get(name) or _fresh(name) for name in names})
    if asdict(found) != {name: known.get(name) for name in names}:
        _write(path, found)
    return found


def _fresh(name: str) -> str:
    if name == "sse_key":
        return secrets.token_hex(32)
    if name == "prefect_auth":
        return f"lienthong:{secrets.token_hex(24)}"
    if name.endswith("access_key"):
        return secrets.token_hex(10).upper()
    return secrets.token_hex(24)


def _write(path: Path, found: Secrets) -> None:
    """Whole or not at all, and on the disk before anything is encrypted with it."""
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(found), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
