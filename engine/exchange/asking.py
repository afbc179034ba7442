"""Signs a request for something of another installation: what it gives, it gives to whom it knows."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from engine.exchange.envelope import seal, words_of
from engine.exchange.keys import signer
from engine.office import Office


def asking(office: Office, peer: str, path: str, now: datetime) -> str:
    """The header Exchange-Request for a GET of `path`."""
    told = seal(signer(office), {"type": "request", "method": "GET", "path": path, "sender": office.name,
                                 "receiver": peer, "at": words_of(now), "nonce": secrets.token_hex(16)})
    return base64.urlsafe_b64encode(told).decode().rstrip("=")
