"""Signing and issuing a letter: with a key of this machine, with a token, or on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet
from api.pages.letters.frame import Number, again, asked
from api.pages.problems import PageRoute
from api.v1.inputs import Code
from engine.errors import Invalid, LienThongError, NotFound, NotSignedIn
from engine.letters import sealing
from engine.letters.drafting import Asked
from engine.office import Office
from storage.letters import Request

router = Counter(include_in_schema=False, route_class=PageRoute)
LARGEST_CERTIFICATE = 20_000
Signs = Callable[[Office, Asked, datetime], Request | None]


@router.post("/dossiers/{code}/letters/{no}/sign")
def sign(caller: Caller, code: Code, no: Number, posted: Sheet) -> Response:
    return _sealed(caller, code, no, posted, sealing.sign, issuing=False)


@router.post("/dossiers/{code}/letters/{no}/issue")
def issue(caller: Caller, code: Code, no: Number, posted: Sheet) -> Response:
    return _sealed(caller, code, no, posted, sealing.issue, issuing=True)


@router.post("/dossiers/{code}/letters/{no}/number")
def number(caller: Caller, code: Code, no: Number, posted: Sheet) -> Response:
    """Alone, for a paper that is to be numbered and sealed by hand."""
    try:
        sealing.take_number(caller.office, asked(caller, code, no, posted), caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return again(caller, code, no, posted, refusal)
    return RedirectResponse(f"/dossiers/{code}/letters/{no}?did=number", 303)


def _sealed(caller: Person, code: str, no: int, posted: Posted, signs: Signs, *, issuing: bool) -> Response:
    waiting = None
    try:
        if posted.text("method") == "wet":
            _scanned(caller, asked(caller, code, no, posted, position=_position(posted)), posted, issuing=issuing)
        else:
            certificate = _certificate(posted) if posted.text("method") == "deferred" else None
            told = asked(caller, code, no, posted, position=_position(posted), certificate=certificate)
            waiting = signs(caller.office, told, caller.now)
    except (NotFound, NotSignedIn):
        raise
    except LienThongError as refusal:
        return again(caller, code, no, posted, refusal)
    if waiting is not None:
        return RedirectResponse(f"/signing-requests/{waiting.id}", 303)
    did = "issue_letter" if issuing else "sign_letter"
    return RedirectResponse(f"/dossiers/{code}/letters/{no}?did={did}", 303)


def _position(posted: Posted) -> str:
    """KT., TL. or TUQ. stands before the first line."""
    delegation, position = posted.text("delegation"), posted.text("signer_position")
    if delegation in sealing.DELEGATIONS and position and not position.startswith(delegation):
        return f"{delegation} {position}"
    return position


def _scanned(caller: Person, told: Asked, posted: Posted, *, issuing: bool) -> None:
    files = posted.uploads("scan")
    if not files:
        raise Invalid({"scan": ("chọn tệp quét của bản đã ký", "choose the scan of the signed paper")})
    sealing.take_scan(caller.office, told, files[0].name, files[0].chunks(), issuing=issuing, now=caller.now)


def _certificate(posted: Posted) -> bytes:
    """PEM or DER, from a file or pasted."""
    files = posted.uploads("certificate")
    data = files[0].file.read(LARGEST_CERTIFICATE) if files else posted.text("certificate_text").encode()
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificate(data).public_bytes(Encoding.DER)
        return x509.load_der_x509_certificate(data).public_bytes(Encoding.DER)
    except ValueError:
        raise Invalid({"certificate": ("chọn tệp chứng thư số (PEM hoặc DER) của người ký",
                                       "choose the signer's certificate (PEM or DER)")}) from None
