"""What the people of the simulated agency do: they fetch the documents, sign for the work, answer it with a PDF."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

import typst

from api.agency import bodies
from api.agency.bodies import BASE
from api.agency.ledger import Queued, Task, Wanted
from api.agency.line import Line
from api.agency.partner import Partner
from engine.errors import LienThongError
from engine.exchange.envelope import unseal

LONGEST_PAUSE = 30


@dataclass(kw_only=True)
class Life:
    partner: Partner
    line: Line
    refuses: bool = False

    def beat(self) -> None:
        """One round of everything that is due."""
        for wanted in self.partner.ledger.missing():
            self.pull(wanted)
        for task in self.partner.ledger.due_tasks(time.time()):
            self.take_up(task)
        for queued in self.partner.ledger.unsent(time.time()):
            self.send(queued)

    def pull(self, wanted: Wanted) -> None:
        """Goes on where it was cut; takes nothing whose bytes do not match."""
        path = f"{BASE}/documents/{wanted.sha256}?message={wanted.message}"
        answer = self.line.ask(path, part=f"bytes={len(wanted.data)}-" if wanted.data else "")
        if answer.status not in (200, 206):
            return
        data = (wanted.data if answer.status == 206 else b"") + answer.data
        if len(data) >= wanted.size and hashlib.sha256(data).hexdigest() != wanted.sha256:
            self.partner.tell(f"Tệp không khớp mã băm: {wanted.sha256[:12]}", "A document's bytes do not match")
            data = b""
        self.partner.ledger.got(wanted.sha256, data)
        if len(data) == wanted.size:
            self.partner.tell(f"Đã tải tệp {wanted.sha256[:12]}, {wanted.size} byte", "Pulled a document")

    def take_up(self, task: Task) -> None:
        ledger, partner = self.partner.ledger, self.partner
        spoken = {"handoff": task.handoff, "by": partner.person(), "at": bodies.instant()}
        with ledger.together():
            current = ledger.task(task.handoff)
            if current is None or current.state != task.state:
                return
            if task.state == "registered":
                self._answer(task, spoken)
            elif self.refuses:
                ledger.move_task(task.handoff, "refused")
                partner.queue(task.told, "refused", spoken | {"reason": "Không thuộc thẩm quyền (mô phỏng)."})
                partner.tell(f"Từ chối nhận {task.thread}", f"Refused {task.thread}")
            else:
                ledger.move_task(task.handoff, "registered", time.time() + partner.after)
                partner.queue(task.told, "registered", spoken | {"code": f"{partner.home.agency}/{task.handoff[:8]}"})
                partner.tell(f"Ký nhận {task.thread}", f"Registered {task.thread}")

    def _answer(self, task: Task, spoken: dict[str, Any]) -> None:
        wanted = task.told["content"]["task"]["answers"][0]
        written = opinion(task.thread)
        told = bodies.document(hashlib.sha256(written).hexdigest(), len(written))
        self.partner.ledger.move_task(task.handoff, "answered")
        self.partner.queue(task.told, "answered", spoken | {
            "event": wanted["event"], "verdict": "agree" if wanted["verdict"] else "",
            "words": "Đồng ý (trả lời mô phỏng)." if wanted["verdict"] else "",
            "reason": "Theo hồ sơ (trả lời mô phỏng)." if wanted["reason"] else "",
        }, ((told, written),))
        self.partner.tell(f"Trả lời {task.thread}: {wanted['name']['vi']}",
                          f"Answered {task.thread}: {wanted['name']['en']}")

    def send(self, queued: Queued) -> None:
        answer = self.line.post(queued.data)
        ledger, partner = self.partner.ledger, self.partner
        told = self._receipt(answer.data, queued) if answer.status == 200 else None
        if told is None:
            ledger.failed(queued.message, time.time() + min(LONGEST_PAUSE, 2 ** min(queued.tries, 5)))
            partner.tell(f"Chưa gửi được {queued.kind} số {queued.no}: {answer}",
                         f"Could not send {queued.kind} no {queued.no}")
            return
        with ledger.together():
            ledger.sent(queued.message)
            if told["expected"] < queued.no:
                ledger.again(queued.thread, told["expected"], queued.no)
        partner.tell(f"Đã gửi {queued.kind} số {queued.no} của {queued.thread}: {told['status']}",
                     f"Sent {queued.kind} no {queued.no} of {queued.thread}")

    def _receipt(self, data: bytes, queued: Queued) -> dict[str, Any] | None:
        try:
            body = unseal(data, "receipt", self.partner.other.key_of()).body
        except LienThongError:
            return None
        told = tuple(body[name] for name in ("message", "envelope", "thread", "no", "sender", "receiver"))
        partner = self.partner
        return body if told == (queued.message, queued.sha256, queued.thread, queued.no, partner.other.name,
                                partner.own.name) else None


def opinion(thread: str) -> bytes:
    """A small PDF."""
    page = "\n".join(('#set text(lang: "vi")', "= Ý kiến (mô phỏng)", f"Hồ sơ: #{json.dumps(thread)}",
                      "", "Đồng ý với nội dung được hỏi."))
    return bytes(typst.compile(page.encode(), format="pdf"))
