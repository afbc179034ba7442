"""Evidence about a dossier or one message as a file that anybody verifies without us (docs/exchange.md, Evidence).

Everything in it is as it was signed; the audit chain comes as it is hashed, personal values as commitments.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from typing import Any
from uuid import UUID

from engine import access
from engine.anchoring.making import EVERY
from engine.anchoring.tree import Tree, leaf
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import NotFound
from engine.exchange.canonical import decode, encode
from engine.exchange.envelope import PROTOCOL, words_of
from engine.exchange.keys import signer
from engine.office import Office
from storage import anchors, chain, events
from storage import evidence as rows
from storage.chain import Chained
from storage.evidence import Message, Subject
from storage.views import dossier as views

FORMAT = "lienthong-evidence/1"
VERIFIER = "verify_evidence.py"
# An anchor that is due is made, signed and locked away by then.
A_WHILE = timedelta(minutes=5)
# All members of an export carry one date, so that the same evidence gives the same bytes.
DATE = (2000, 1, 1, 0, 0, 0)
README = """\
GÓI BẰNG CHỨNG / EVIDENCE

Gói này gồm: thông điệp đã ký và biên nhận đã ký của hai bên (messages/), khóa công khai (keys.json), sổ ghi vết của hồ
sơ (chain.json), mốc niêm phong của toàn bộ sổ ghi vết (anchors/), danh mục có chữ ký (manifest.json). Giá trị cá nhân
trong sổ ghi vết chỉ là cam kết băm; nội dung thông điệp giữ nguyên như đã gửi nên có dữ liệu cá nhân: hãy giữ cẩn thận.

Kiểm chứng, không cần mạng:    python3 verify_evidence.py FILE.zip --trust "<khóa>"
Chương trình chỉ dùng Python; nên lấy nó từ nơi bạn tin, không phải từ chính gói này. Chữ ký chỉ chứng minh được điều gì
khi khóa đúng là của bên đó: đối chiếu từng khóa (dòng “lienthong peer show-key” in ra) qua điện thoại hoặc văn bản.
Không ghi --trust thì mã kết thúc là 3: gói tự nhất quán, nhưng không ai bảo đảm các khóa.

This file holds: the messages and receipts both sides signed (messages/), public keys (keys.json), the audit chain of
the dossier (chain.json), the anchor of all chains (anchors/), a signed list of it all (manifest.json). Personal values
in the chain are commitments only; messages are as they were sent and hold personal data: keep them with care.

To verify, offline:            python3 verify_evidence.py FILE.zip --trust "<key>"
The program needs Python only; take it from where you trust, not from this very file. A signature proves something only
where the key is that party's: compare each key (the line that “lienthong peer show-key” prints) outside the line.
Without --trust the exit code is 3: consistent in itself, but nobody vouches for the keys.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchored:
    """`no`, `at`: of the newest anchor that holds the dossier, if one does; `next_at`: when the next is due."""

    no: int | None
    at: datetime | None
    next_at: datetime


@dataclass(slots=True)
class _Export:
    """Members by name, and the keys that signed any of them."""

    members: dict[str, bytes] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)

    def signed(self, name: str, data: bytes) -> str:
        self.members[name] = data
        self.keys.add(decode(data)["key"])
        return name


def for_auditor(office: Office, code: str, actor: Actor, now: datetime) -> bytes:
    """The same file for whoever is an auditor today and may see the dossier; that it was taken out stands in the log.

    Raises NotFound.
    """
    if not access.may_audit(office, actor, now) or not views.chain(
            office.db, code, actor.id, now.astimezone(ZONE).date()):
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    events.append(office.db, "evidence_exported", actor.id, now, {"code": code})
    return of_dossier(office, code, now)


def anchored(office: Office, code: str, now: datetime) -> Anchored:
    """What an export made now would say of anchors, and when to come again."""
    subject = rows.subject(office.db, code)
    made = anchors.covering(office.db, subject.id) if subject else None
    last = anchors.standing(office.db).made_at
    return Anchored(no=made.no if made else None, at=made.at if made else None,
                    next_at=max(now, last + EVERY if last else now) + A_WHILE)


def of_dossier(office: Office, code: str, now: datetime) -> bytes:
    """A ZIP file. Raises NotFound."""
    subject = rows.subject(office.db, code)
    if subject is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    export = _Export()
    _messages(export, rows.of_dossier(office.db, subject.id), whole=True)
    export.members["chain.json"] = encode({
        "dossier": subject.id, "code": code, "head": bytes(subject.audit_head).hex(),
        "entries": [_entry(row) for row in chain.entries(office.db, subject.id, subject.audit_seq)]})
    _anchor(office, export, subject)
    return _closed(office, export, {"dossier": code, "message": None}, now)


def of_message(office: Office, message: UUID, now: datetime) -> bytes:
    """A ZIP file. Raises NotFound."""
    found = rows.of_message(office.db, message)
    if not found:
        raise NotFound(what=f"thông điệp {message}", what_en=f"message {message}")
    export = _Export()
    _messages(export, found, whole=False)
    return _closed(office, export, {"dossier": None, "message": str(message)}, now)


def _messages(export: _Export, found: Iterable[Message], *, whole: bool) -> None:
    """`whole`: lanes from their first number on, so that a gap is one."""
    lanes: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in found:
        name = f"messages/{row.peer}/{row.way}-{row.no:06d}-{row.message_id}"
        lanes.setdefault((row.peer, row.thread, row.way), []).append({
            "no": row.no, "message": str(row.message_id), "kind": row.kind, "state": row.state,
            "envelope": export.signed(f"{name}.json", bytes(row.envelope)) if row.envelope else None,
            "receipt": export.signed(f"{name}.receipt.json", bytes(row.receipt)) if row.receipt else None})
    export.members["lanes.json"] = encode({"whole": whole, "lanes": [
        {"peer": peer, "thread": thread, "way": way, "messages": messages}
        for (peer, thread, way), messages in lanes.items()]})


def _entry(row: Chained) -> dict[str, Any]:
    return {"seq": row.seq, "at": words_of(row.at), "actor_id": row.actor_id, "actor_name": row.actor_name,
            "unit_id": row.unit_id, "unit_name": row.unit_name, "action": row.action, "from_states": row.from_states,
            "to_states": row.to_states, "details": row.details, "prev": bytes(row.prev).hex(),
            "hash": bytes(row.hash).hex()}


def _anchor(office: Office, export: _Export, subject: Subject) -> None:
    """The newest anchor that stands for the dossier, with the way from its head to the root."""
    made = anchors.covering(office.db, subject.id)
    if made is None:
        return
    tree, mine = Tree(), None
    with anchors.snapshot(office.db) as connection:
        for head in anchors.heads_at(connection, made.no):
            mine = head if head.id == subject.id else mine
            tree.add(leaf(head.id, head.seq, head.head), follow=head is mine)
    if mine is None:
        return
    name = f"anchors/{made.no:010d}"
    places = [{"place": kept.place, "at": words_of(kept.at),
               "receipt": export.signed(f"{name}.{kept.place}.receipt.json", bytes(kept.receipt))
               if kept.receipt else None} for kept in anchors.places(office.db, made.no)]
    export.members["anchors/path.json"] = encode({
        "anchor": export.signed(f"{name}.json", bytes(made.sealed)), "dossier": mine.id, "seq": mine.seq,
        "head": bytes(mine.head).hex(), "places": places,
        "path": [[side, beside.hex()] for side, beside in tree.path()]})


def _closed(office: Office, export: _Export, about: dict[str, Any], now: datetime) -> bytes:
    sign = signer(office, now)
    known = rows.keys(office.db, office.name, [*export.keys, sign.key_id])
    export.members["keys.json"] = encode({"keys": [
        {"key": row.key_id, "public": bytes(row.public).hex(), "owner": row.owner, "since": words_of(row.since),
         "until": words_of(row.until) if row.until else None} for row in known]})
    export.members["README.txt"] = README.encode()
    export.members[VERIFIER] = files("engine.exchange").joinpath(VERIFIER).read_bytes()
    body = {"protocol": PROTOCOL, "type": "evidence", "format": FORMAT, "installation": office.name, **about,
            "made_at": words_of(now), "members": [
                {"name": name, "size": len(data), "sha256": sha256(data).hexdigest()}
                for name, data in sorted(export.members.items())]}
    signed = encode({"body": body, "key": sign.key_id})
    signature = sign.sign(f"{PROTOCOL}\nevidence\n".encode() + signed).hex()
    export.members["manifest.json"] = encode({"body": body, "key": sign.key_id, "signature": signature})
    return _zipped(export.members)


def _zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
