"""Whom this installation believes, and the keys it has itself.

`home/trust` holds roots (`*.pem`) and lists of revoked certificates (`*.crl`, DER) that an administrator put there.
Where test keys are on, their root is believed too: their signatures say themselves that they have no legal force.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates

from engine.casework.scans import Scan
from engine.casework.signatures import Case
from engine.office import Office
from engine.settings import settings
from engine.signing.testpki import TestKeys
from engine.signing.verdict import Trust, Verdict, verdict
from storage.inspection import MediaType

# Every way of filling a signature field leaves this in the file; without it there is nothing to check.
SIGNED = b"/ByteRange"


def keys(office: Office) -> TestKeys | None:
    """Those this machine made for itself; None where they are off."""
    return TestKeys(_home(office) / "test-keys") if settings().test_keys else None


def trust(office: Office) -> Trust:
    folder, own = _home(office) / "trust", keys(office)
    roots = [one.public_bytes(Encoding.DER) for path in sorted(folder.glob("*.pem"))
             for one in load_pem_x509_certificates(path.read_bytes())]
    return Trust((*roots, *(own.roots() if own else ())),
                 tuple(path.read_bytes() for path in sorted(folder.glob("*.crl"))))


def judge(office: Office, pdf: bytes, now: datetime) -> Verdict:
    """Raises Unavailable when the checker does not work."""
    return verdict(pdf, trust(office), now)


def noted(office: Office, scan: Scan, path: Path, now: datetime) -> Scan:
    """With the verdict on the file's signatures, where it has any."""
    found = seen(office, path, scan.media_type, now)
    return scan if found is None else replace(scan, quality={**(scan.quality or {}), "signatures": found.row()})


def seen(office: Office, path: Path, media_type: str, now: datetime) -> Verdict | None:
    """None for a file that has no signatures at all."""
    if media_type != MediaType.PDF:
        return None
    pdf = path.read_bytes()
    found = judge(office, pdf, now) if SIGNED in pdf else None
    return None if found is None or found.case is Case.UNSIGNED else found


def _home(office: Office) -> Path:
    """The folder that holds all data of this machine."""
    return office.spool.folder.parent
