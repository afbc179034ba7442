"""The access key on a receipt: with the dossier's code it lets its holder look the dossier up. It is stored nowhere."""

from __future__ import annotations

import hmac
from hashlib import sha256

# Crockford's base 32: no letter that reads like a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH, BITS = 8, 5
OCTETS = LENGTH * BITS // 8
_READ_AS = str.maketrans("OIL", "011", "- \t\u00a0\u2010\u2011\u2012\u2013")


def access_key(commit_key: bytes, code: str) -> str:
    """XXXX-XXXX. `commit_key`: the applicant's; once it is erased no key opens the dossier any more."""
    whole = int.from_bytes(hmac.digest(commit_key, b"access key\0" + code.encode(), sha256)[:OCTETS], "big")
    letters = "".join(ALPHABET[whole >> BITS * place & 31] for place in reversed(range(LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def opens(commit_key: bytes, code: str, given: str) -> bool:
    """Whether that is the key, as people type it; takes as long for a wrong one as for the right one."""
    typed = given.strip().upper().translate(_READ_AS)
    wanted = access_key(commit_key, code).replace("-", "")
    return hmac.compare_digest(typed.encode(errors="replace"), wanted.encode())
