"""A token as a process of its own: it alone holds the key. First it says its certificate, then it signs digests.

    python token.py rsa|ecdsa root.pem      one line of base64 in, one line of base64 out; `root.pem` is written

It imports nothing of the engine but the maker of test certificates.
"""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from engine.signing.testpki import AGENCY_ID, PERSON_ID, agency_key, person_key, root


def main(kind: str, trusted: Path) -> None:
    issuer = root("Tổ chức chứng thực thử nghiệm")
    trusted.write_bytes(issuer.certificate.public_bytes(Encoding.PEM))
    key = (issuer.issue("Lê Thị Thùy Dương", PERSON_ID + "TOKEN", person_key()) if kind == "rsa"
           else issuer.issue("Văn phòng Ủy ban nhân dân tỉnh", AGENCY_ID + "H51.01", agency_key()))
    say(key.certificate.der)
    for line in sys.stdin:
        say(key.sign(b64decode(line)))


def say(data: bytes) -> None:
    sys.stdout.write(b64encode(data).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
