"""Messages as another installation would sign them, and some that nobody should."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx

from engine.exchange.canonical import encode
from engine.exchange.envelope import PROTOCOL, seal, unseal
from engine.exchange.keys import Signer, own_key_of, signer
from tests.exchange.sides import Pair, Side

MESSAGES = "/exchange/v1/messages"
THREAD = "H51.02-261123-0777"
DOSSIER: dict[str, Any] = {
    "code": THREAD, "procedure": {"code": "1.000100", "key": "conference_permit_local",
                                  "name": {"vi": "Cho phép tổ chức hội thảo", "en": "Conference permit"}},
    "subject": "Hội thảo quốc tế về lúa thơm", "facts": [], "received_at": None, "due_at": None,
    "applicant": {"name": "Nguyễn Thị Bích Ngọc", "id_number": "094000000001", "phone": "", "address": ""},
}


def progress(status: int = 4) -> dict[str, Any]:
    return {"dossier": DOSSIER, "status": status, "status_name": {"vi": "Đang xử lý", "en": "In progress"},
            "due_at": None, "ended": False}


def body(pair: Pair, no: int = 1, **changes: Any) -> dict[str, Any]:
    """From the province's desk to the police: how a dossier stands."""
    told: dict[str, Any] = {
        "protocol": PROTOCOL, "type": "message", "message": str(uuid.uuid4()), "kind": "progress",
        "sender": {"installation": pair.here.name, "agency": "H51.02", "unit": "tiep-nhan"},
        "receiver": {"installation": pair.police.name, "agency": "H51.05", "unit": "chuyen-mon"},
        "thread": THREAD, "no": no, "created_at": "2026-11-23T03:00:00.000000Z", "content": progress(),
        "documents": [],
    }
    return {**told, **changes}


def message(pair: Pair, no: int = 1, **changes: Any) -> bytes:
    return seal(signer(pair.here.office), body(pair, no, **changes))


def signed_anyhow(key: Signer, told: dict[str, Any]) -> bytes:
    """Signed without being looked at, as a careless partner would."""
    data = f"{PROTOCOL}\n{told.get('type')}\n".encode() + encode({"body": told, "key": key.key_id})
    return encode({"body": told, "key": key.key_id, "signature": key.sign(data).hex()})


def post(to: Side, data: bytes, **headers: str) -> httpx.Response:
    return httpx.post(f"{to.url}{MESSAGES}", content=data, headers={"Content-Type": "application/json", **headers},
                      timeout=30)


def receipt(of: Side, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return unseal(answer.content, "receipt", own_key_of(of.office)).body


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code; an answer of the protocol, whatever was asked."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = json.loads(answer.content)
    assert {"code", "title", "detail"} <= set(told)
    return answer.status_code, told["code"]
