"""The port of signing: make a file ready and say which digest is to be signed, then put the signature in.

Whoever holds the key never sees the file: a key on this machine, a token in a signer's hand and a remote service all
sign 32 bytes. What comes back is checked against the certificate before it becomes part of the file. Only appended
revisions are written; nothing that was signed before changes.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from base64 import b64decode, b64encode
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, Protocol

from asn1crypto import cms
from asn1crypto.x509 import Certificate as Asn1Certificate
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import load_der_x509_certificate
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, SimpleBoxLayoutRule
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.clocks.zone import ZONE
from engine.errors import Refused

HASH = "sha256"
# For the container of a signature with its chain of certificates.
RESERVED = 16_384
PERSON, AGENCY = "NguoiKy", "CoQuan"
WHOLE = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MID, AxisAlignment.ALIGN_MID)


class WrongSignature(Refused):
    """What came back was not made with the certificate's key for this very digest."""

    code = "wrong_signature"
    vi = "Chữ ký gửi lại không khớp với văn bản hoặc không do chứng thư đã chọn tạo ra. Văn bản chưa được ký."
    en = ("The signature does not match the document or was not made with the certificate chosen. "
          "The document was not signed.")


class UnfitCertificate(Refused):
    """Not a certificate that may sign documents, or of a kind of key that is not used here."""

    code = "unfit_certificate"
    vi = "Chứng thư số không dùng được để ký văn bản: {why_vi}."
    en = "The certificate cannot sign documents: {why_en}."


@dataclass(frozen=True, slots=True)
class Certificate:
    """DER; `chain` leads from the issuer towards the root."""

    der: bytes
    chain: tuple[bytes, ...] = ()

    def named(self) -> dict[str, str]:
        """Subject, issuer and serial number, as a row keeps them."""
        found = load_der_x509_certificate(self.der)
        return {"subject": found.subject.rfc4514_string(), "issuer": found.issuer.rfc4514_string(),
                "serial": f"{found.serial_number:x}"}


@dataclass(frozen=True, slots=True)
class Place:
    """A field for a signature: `box` is left, bottom, right, top in points of page `page` (from 0)."""

    field: str
    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file with room for one signature; `digest` (SHA-256) is what the key signs."""

    pdf: bytes
    digest: bytes
    attributes: bytes
    document_digest: bytes
    room: tuple[int, int]

    def state(self) -> dict[str, Any]:
        """Everything but the file, as JSON."""
        return {"attributes": b64encode(self.attributes).decode(), "room": list(self.room),
                "document_digest": b64encode(self.document_digest).decode()}

    @classmethod
    def resume(cls, pdf: bytes, state: dict[str, Any]) -> Prepared:
        attributes = b64decode(state["attributes"])
        return cls(pdf=pdf, digest=hashlib.sha256(attributes).digest(), attributes=attributes,
                   document_digest=b64decode(state["document_digest"]), room=(state["room"][0], state["room"][1]))


class Key(Protocol):
    """An adapter. `sign` returns the signature, or None where it comes later and from elsewhere."""

    @property
    def adapter(self) -> str: ...
    @property
    def certificate(self) -> Certificate: ...

    def sign(self, digest: bytes) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Token:
    """A token or remote service: only its certificate is known here, the signature comes back later."""

    certificate: Certificate
    adapter: str = "deferred"

    def sign(self, digest: bytes) -> bytes | None:
        return None


def with_fields(pdf: bytes, places: Sequence[Place]) -> bytes:
    """Empty fields for all who will sign, made before the first of them does."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    for place in places:
        append_signature_field(writer, SigFieldSpec(sig_field_name=place.field, on_page=place.page, box=place.box))
    return _written(writer)


def prepare(pdf: bytes, field: str, certificate: Certificate, at: datetime, *, appearance: bytes | None = None,
            reason: str | None = None) -> Prepared:
    """Fills the empty field `field`, except for the signature itself. `appearance`: a PDF of one page, shown there."""
    signer = _signer(certificate)
    with tempfile.NamedTemporaryFile(suffix=".pdf") as shown:
        shown.write(appearance or b"")
        shown.flush()
        style = (StaticStampStyle.from_pdf_file(shown.name, border_width=0, background_layout=WHOLE) if appearance
                 else None)
        told = PdfSignatureMetadata(field_name=field, md_algorithm=HASH, subfilter=SigSeedSubFilter.PADES,
                                    reason=reason)
        pdf_signer = PdfSigner(told, signer=signer, stamp_style=style)
        session = pdf_signer.init_signing_session(IncrementalPdfFileWriter(BytesIO(pdf)), existing_fields_only=True)
        session.system_time = at.astimezone(ZONE)
        out = BytesIO()
        digest, _ = session.prepare_tbs_document(None, RESERVED).digest_tbs_document(output=out)
    attributes: bytes = _at_once(signer.signed_attrs(digest.document_digest, HASH, use_pades=True)).dump()
    return Prepared(pdf=out.getvalue(), digest=hashlib.sha256(attributes).digest(), attributes=attributes,
                    document_digest=digest.document_digest,
                    room=(digest.reserved_region_start, digest.reserved_region_end))


def finish(prepared: Prepared, certificate: Certificate, signature: bytes) -> bytes:
    """The signed file. Raises WrongSignature; also for a file that is not the one that was prepared."""
    _refuse_changed(prepared)
    _refuse_wrong(certificate, prepared.digest, signature)
    signer = _signer(certificate, signature)
    container = _at_once(signer.async_sign_prescribed_attributes(HASH, cms.CMSAttributes.load(prepared.attributes)))
    out = BytesIO(prepared.pdf)
    PreparedByteRangeDigest(prepared.document_digest, *prepared.room).fill_with_cms(out, container)
    return out.getvalue()


def sign(pdf: bytes, field: str, key: Key, at: datetime, *, appearance: bytes | None = None) -> bytes | Prepared:
    """Signed at once where the key is here; what waits for its signature otherwise."""
    prepared = prepare(pdf, field, key.certificate, at, appearance=appearance)
    signature = key.sign(prepared.digest)
    return prepared if signature is None else finish(prepared, key.certificate, signature)


def check_certificate(der: bytes, at: datetime) -> Certificate:
    """Of a token, as it was sent; raises UnfitCertificate."""
    try:
        found = load_der_x509_certificate(der)
    except ValueError:
        raise UnfitCertificate(why_vi="không đọc được", why_en="it cannot be read") from None
    if not isinstance(found.public_key(), rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise UnfitCertificate(why_vi="loại khóa không được hỗ trợ", why_en="its kind of key is not supported")
    if not found.not_valid_before_utc <= at <= found.not_valid_after_utc:
        until = f"{found.not_valid_after_utc.astimezone(ZONE):%d/%m/%Y}"
        raise UnfitCertificate(why_vi=f"ngoài thời hạn hiệu lực (đến {until})", why_en=f"not in force (until {until})")
    return Certificate(der=der)


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """What the library writes as coroutines, in a loop of its own: there may be another one in this thread."""
    with ThreadPoolExecutor(max_workers=1) as alone:
        return alone.submit(asyncio.run, work).result()


def _signer(certificate: Certificate, signature: bytes | None = None) -> ExternalSigner:
    own = Asn1Certificate.load(certificate.der)
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([own, *(Asn1Certificate.load(der) for der in certificate.chain)])
    return ExternalSigner(own, store, signature_value=signature or 512)


def _refuse_changed(prepared: Prepared) -> None:
    start, end = prepared.room
    digest = hashlib.sha256(prepared.pdf[:start] + prepared.pdf[end:]).digest()
    told = {attribute["type"].native: attribute["values"][0].native
            for attribute in cms.CMSAttributes.load(prepared.attributes)}
    if digest != prepared.document_digest or told.get("message_digest") != digest:
        raise WrongSignature


def _refuse_wrong(certificate: Certificate, digest: bytes, signature: bytes) -> None:
    key = load_der_x509_certificate(certificate.der).public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        else:
            raise UnfitCertificate(why_vi="loại khóa không được hỗ trợ", why_en="its kind of key is not supported")
    except InvalidSignature:
        raise WrongSignature from None


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()
