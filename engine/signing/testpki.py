"""Keys that this machine makes for itself, so that signing can be shown and tried. They have no legal force.

A root, a sub CA, one RSA key a person and one ECDSA key an agency, made when first needed and kept in one folder. An
installation that signs for real turns them off (LIENTHONG_TEST_KEYS=false) and uses tokens or a remote service.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from engine.signing.port import Certificate

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
LONG, SHORT = timedelta(days=30 * 365), timedelta(days=20 * 365)
NO_FORCE = "Thử nghiệm, không có giá trị pháp lý"
LONGEST_NAME = 64  # octets of UTF-8, RFC 5280
# How a certificate says whose it is: an identity of a person, or the code of an agency.
PERSON_ID, AGENCY_ID = "CCCD:", "MDV:"


@dataclass(frozen=True, slots=True)
class SoftwareKey:
    """An adapter of the port: the key is in the memory of this process."""

    private: PrivateKey
    certificate: Certificate
    adapter: str = "software"

    def sign(self, digest: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        return self.private.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA that issues; `above` is its own chain, nearest first."""

    private: PrivateKey
    certificate: x509.Certificate
    above: tuple[bytes, ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def issue(self, name: str, identity: str, private: PrivateKey, *, begin: datetime = BEGIN,
              until: datetime = BEGIN + SHORT) -> SoftwareKey:
        """A certificate that may sign documents and nothing else."""
        subject = _subject(name, identity)
        made = (_begun(subject, self.certificate.subject, private, begin, until)
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.private.public_key()), False)
                .sign(self.private, hashes.SHA256()))
        return SoftwareKey(private, Certificate(made.public_bytes(serialization.Encoding.DER),
                                                (self.der, *self.above)))

    def revoke(self, certificates: Sequence[bytes], at: datetime) -> bytes:
        """A list of revoked certificates, DER."""
        made = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        made = made.last_update(at).next_update(at + timedelta(days=3650))
        for der in certificates:
            serial = x509.load_der_x509_certificate(der).serial_number
            made = made.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build())
        return made.sign(self.private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def root(name: str = "Liên Thông – CA gốc thử nghiệm") -> Authority:
    """A CA that vouches for itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(name, "")
    return Authority(private, _authority(subject, subject, private, private))


def under(above: Authority, name: str = "Liên Thông – CA thử nghiệm") -> Authority:
    private = ec.generate_private_key(ec.SECP256R1())
    made = _authority(_subject(name, ""), above.certificate.subject, private, above.private)
    return Authority(private, made, (above.der, *above.above))


def person_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def agency_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class TestKeys:
    """The keys of one installation, in `folder`."""

    __test__ = False  # no test, whatever its name begins with

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def roots(self) -> list[bytes]:
        """What this machine trusts beside the roots it was given; DER."""
        return [self._authorities()[0].der]

    def of_person(self, person_id: int, name: str) -> SoftwareKey:
        return self._kept(f"person-{person_id}", name, f"{PERSON_ID}TEST{person_id:08d}", person_key)

    def of_agency(self, code: str, name: str) -> SoftwareKey:
        file = f"agency-{hashlib.sha256(code.encode()).hexdigest()[:16]}"
        return self._kept(file, name, AGENCY_ID + code, agency_key)

    def _kept(self, file: str, name: str, identity: str, make: Callable[[], PrivateKey]) -> SoftwareKey:
        with self._alone():
            issuer = self._authorities_alone()[1]
            path = self._folder / f"{file}.pem"
            if not path.exists():
                key = issuer.issue(name, identity, make())
                _write(path, key.private, x509.load_der_x509_certificate(key.certificate.der))
            private, certificate = _read(path)
            return SoftwareKey(private, Certificate(certificate.public_bytes(serialization.Encoding.DER),
                                                    (issuer.der, *issuer.above)))

    def _authorities(self) -> tuple[Authority, Authority]:
        with self._alone():
            return self._authorities_alone()

    def _authorities_alone(self) -> tuple[Authority, Authority]:
        paths = self._folder / "root.pem", self._folder / "sub.pem"
        if not paths[1].exists():
            top = root()
            for path, made in zip(paths, (top, under(top)), strict=True):
                _write(path, made.private, made.certificate)
        top = Authority(*_read(paths[0]))
        return top, Authority(*_read(paths[1]), (top.der,))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time makes keys."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(self._folder / ".lock", "ab", opener=_private) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _subject(name: str, identity: str) -> x509.Name:
    common = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, NO_FORCE),
             x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if identity:
        parts.append(x509.NameAttribute(NameOID.USER_ID, identity))
    return x509.Name(parts)


def _usage(**set_: bool) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: set_.get(name, False) for name in names})


def _begun(subject: x509.Name, issuer: x509.Name, private: PrivateKey, begin: datetime,
           until: datetime) -> x509.CertificateBuilder:
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(private.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False))


def _authority(subject: x509.Name, issuer: x509.Name, private: PrivateKey, signing: PrivateKey) -> x509.Certificate:
    return (_begun(subject, issuer, private, BEGIN, BEGIN + LONG)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
            .sign(signing, hashes.SHA256()))


def _write(path: Path, private: PrivateKey, certificate: x509.Certificate) -> None:
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
    partial = path.with_suffix(".part")
    with open(partial, "wb", opener=_private) as file:
        file.write(pem + certificate.public_bytes(serialization.Encoding.PEM))
    os.replace(partial, path)


def _read(path: Path) -> tuple[PrivateKey, x509.Certificate]:
    pem = path.read_bytes()
    private = serialization.load_pem_private_key(pem, None)
    assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    return private, x509.load_pem_x509_certificate(pem)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
