"""Keys of invented installations, and bodies they might sign."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.exchange.keys import PublicKey, Signer, key_id, signer_of

RECEIPT: dict[str, Any] = {
    "protocol": "lienthong-exchange/1", "type": "receipt", "message": "5f0c3f5e-0001-4000-8000-000000000001",
    "envelope": "ab" * 32, "sender": "ca-mau", "receiver": "soc-trang", "thread": "H51.02-261123-0001", "no": 1,
    "status": "stored", "expected": 2, "received_at": "2026-11-23T01:00:00.000000Z",
}
MESSAGE: dict[str, Any] = {
    "protocol": "lienthong-exchange/1", "type": "message", "message": "5f0c3f5e-0001-4000-8000-000000000001",
    "kind": "handoff", "sender": {"installation": "soc-trang", "agency": "H51.02", "unit": "tiep-nhan"},
    "receiver": {"installation": "ca-mau", "agency": "H12.05", "unit": "an-ninh"}, "thread": "H51.02-261123-0001",
    "no": 1, "created_at": "2026-11-23T01:00:00.000000Z", "content": {"subject": "Hội thảo “lúa thơm”"},
    "documents": [{"id": "5f0c3f5e-0001-4000-8000-000000000002", "component": "request", "name": "Đơn.pdf",
                   "media_type": "application/pdf", "size": 1234, "sha256": "cd" * 32}],
}


class Keyring:
    """One installation's key; `look` knows it alone."""

    def __init__(self, owner: str = "soc-trang", seed: int = 1) -> None:
        private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.signer: Signer = signer_of(private)
        public = private.public_key().public_bytes_raw()
        self.public = PublicKey(key_id=key_id(public), public=public, owner=owner)

    def look(self, wanted: str) -> PublicKey | None:
        return self.public if wanted == self.public.key_id else None
