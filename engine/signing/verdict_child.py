"""The process that validates the signatures of one foreign PDF and ends: question on stdin, answer as JSON on stdout.

The question is one line of JSON (roots and lists of revoked certificates in base64, the moment), then the file. It
says "ready" once everything is imported, then gives up what it could do harm with, and only then reads.
"""

from __future__ import annotations

import asyncio
import json
import sys
from base64 import b64decode
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto.x509 import Certificate as Asn1Certificate
from cryptography import x509
from cryptography.hazmat.backends import default_backend
from cryptography.x509.oid import NameOID
from lxml import etree
from pyhanko.pdf_utils import filters
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from engine.clocks.zone import ZONE
from storage.inspection_child import READY, give_up_powers

MOST = 8
LONGEST_NAME = 80
AGENCIES = ("MDV:", "MST:", "MNS:")

# What the validator imports only when it meets it: by then nothing can be opened any more.
NEEDED_LATER = (default_backend(), etree, filters)


def main() -> None:
    datetime.now(ZONE)
    loop = asyncio.new_event_loop()  # it needs descriptors, of which there are none left afterwards
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    give_up_powers()
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        answer = loop.run_until_complete(judged(sys.stdin.buffer.read(), asked))
    except MemoryError:
        answer = {"fault": "unreadable"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())
    sys.stdout.buffer.flush()


async def judged(pdf: bytes, asked: dict[str, Any]) -> dict[str, Any]:
    """`signatures` in the order they were made, or `fault`."""
    try:
        found = list(PdfFileReader(BytesIO(pdf)).embedded_regular_signatures)
    except (PdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return {"fault": "unreadable"}
    if len(found) > MOST:
        return {"fault": "too_many"}
    return {"signatures": [await _signature(one, one is found[-1], asked) for one in found]}


async def _signature(one: Any, last: bool, asked: dict[str, Any]) -> dict[str, Any]:
    now = datetime.fromisoformat(asked["now"])
    try:
        certificate = x509.load_der_x509_certificate(one.signer_cert.dump())
        claimed = one.self_reported_timestamp
        case = await _case(one, certificate, last, min(claimed or now, now), asked)
    except Exception:  # noqa: BLE001 - whatever a hostile file makes the validator stumble over, it is not valid
        return {"case": "broken", "kind": "personal", "name": "", "issuer": "", "serial": "", "at": None}
    identity = _told(certificate.subject, NameOID.USER_ID)
    return {"case": case, "kind": "agency" if identity.startswith(AGENCIES) else "personal",
            "name": _told(certificate.subject, NameOID.COMMON_NAME), "serial": f"{certificate.serial_number:x}",
            "issuer": _told(certificate.issuer, NameOID.COMMON_NAME), "at": claimed.isoformat() if claimed else None}


async def _case(one: Any, certificate: x509.Certificate, last: bool, moment: datetime, asked: dict[str, Any]) -> str:
    """By the bottom line, the coverage and the modification level; the rest only finds the word for a no."""
    roots = [Asn1Certificate.load(b64decode(root)) for root in asked["roots"]]
    context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment)
    status = await async_validate_pdf_signature(one, context)
    level, coverage = status.modification_level, status.coverage
    untouched = level in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES)
    whole = coverage == SignatureCoverageLevel.ENTIRE_FILE or (
        coverage == SignatureCoverageLevel.ENTIRE_REVISION and (not last or level == ModificationLevel.LTA_UPDATES))
    added = untouched or (not last and level == ModificationLevel.FORM_FILLING)
    if not (status.intact and status.valid):
        return "broken"
    if not (whole and added):
        return "altered"
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        return "expired"
    if _revoked(certificate, status, asked):
        return "revoked"
    return "valid" if status.bottom_line else "untrusted"


def _revoked(certificate: x509.Certificate, status: Any, asked: dict[str, Any]) -> bool:
    """Whenever it was revoked: without a trusted time stamp nobody knows that the signature is older."""
    path = status.validation_path
    issuers = [x509.load_der_x509_certificate(one.dump()) for one in path.iter_certs(include_root=True)] if path else []
    for told in asked["revoked"]:
        crl = x509.load_der_x509_crl(b64decode(told))
        vouched = any(issuer.subject == crl.issuer and crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
                      for issuer in issuers)
        if (vouched and crl.issuer == certificate.issuer
                and crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None):
            return True
    return False


def _told(name: x509.Name, what: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(what)
    return str(found[0].value)[:LONGEST_NAME] if found else ""


if __name__ == "__main__":
    main()
