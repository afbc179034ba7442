"""Verifies an export of evidence offline: `python verify_evidence.py FILE.zip`.

Kiểm chứng gói bằng chứng mà không cần mạng và không cần phần mềm nào khác ngoài Python.
This file imports nothing but Python's standard library and may be read, kept and run by anybody.
"""

from __future__ import annotations

import hashlib

# --- Ed25519, RFC 8032 section 5.1: curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P, base point of order L.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)

# A point as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    one, two = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    three, four = 2 * D * a[3] * b[3] % P, 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(factor: int, point: Point) -> Point:
    total = ZERO
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _point(data: bytes) -> Point | None:
    """RFC 8032 section 5.1.3; None for bytes that are no point, or another writing of one."""
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and odd):
        return None
    if x % 2 != odd:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or ZERO


def sound_key(public: bytes) -> bool:
    """Whether 32 bytes are a point that only its owner can sign for: none of the eight of small order."""
    point = _point(public)
    return point is not None and not _same(_times(8, point), ZERO)


def signed_by(public: bytes, signature: bytes, data: bytes) -> bool:
    """RFC 8032 section 5.1.7, without the cofactor."""
    key, commitment = _point(public), _point(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or len(signature) != 64 or answer >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + data).digest(), "little") % L
    return _same(_times(answer, BASE), _add(commitment, _times(challenge, key)))
