"""A result written at the desk: drafted, reviewed, signed, numbered and sealed. The pages do this; the API has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from api.demo.cast import Cast, Desk
from api.demo.client import Api
from api.demo.clock import StageClock
from engine.casework import letters
from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars
from engine.letters import drafting, sealing
from engine.letters.drafting import Asked, LetterView
from engine.office import Office
from procedures.declaration import Role

HEAD = Desk("H51.01/ngoai-vu", Role.HEAD)
TEMPLATE = "approval"
REMARK = "Điều 2 cần nhắc thời hạn báo cáo kết quả sau hội nghị."
REPORT = "\nĐiều 4. Đơn vị tổ chức gửi báo cáo kết quả trong 15 ngày kể từ ngày kết thúc hội nghị."
SECONDS = 5.0


@dataclass(kw_only=True)
class Writing:
    """What is done with a dossier's letter before the act that ends a step. `drafted`: its number, by code."""

    office: Office
    api: Api
    cast: Cast
    clock: StageClock
    acts: Counter[str]
    drafted: dict[str, int] = field(default_factory=dict)
    _done: set[tuple[str, str]] = field(default_factory=set)
    _known: dict[str, Actor] = field(default_factory=dict)

    def before(self, code: str, state: str, who: str) -> None:
        """Nothing where the step has nothing to do with the letter."""
        scene: Callable[[str, str], None] | None = {
            "synthesis": self._write, "signing": self._sign, "issuing": self._issue}.get(state)
        if scene is not None and (code, state) not in self._done:
            self._done.add((code, state))
            scene(code, who)

    def person(self, login: str) -> Actor:
        if login not in self._known:
            me = self.api.get(login, "/me")
            self._known[login] = Actor(id=int(me["id"]), name=str(me["name"]))
        return self._known[login]

    def _write(self, code: str, who: str) -> None:
        """The head of the unit remarks on it, speaks to the writer, who changes it, and initials it then."""
        head = self.cast.on_duty(HEAD, 0)
        self.drafted[code] = drafting.begin(self.office, code, TEMPLATE, self.person(who), f"letter-{code}",
                                             self._now())
        self.acts["draft_letter"] += 1
        self._do("submit_letter", code, who)
        self._do("remark_letter", code, head, words=REMARK)
        version = self.api.get(head, f"/dossiers/{code}")["header"]["version"]
        self.api.post(head, f"/dossiers/{code}/commands/comment",
                      {"particulars": {"words": f"@{who} xem góp ý ở dự thảo giúp tôi."}}, version=version)
        self.acts["comment"] += 1
        self._do("return_letter", code, head, reason=REMARK)
        seen = self._seen(code, who)
        content = {name: str(text) for name, text in seen.row["content"].items()}
        drafting.save(self.office, self._asked(code, who), str(seen.row["title"]),
                      content | {"body": content["body"] + REPORT}, self._now())
        drafting.settle(self.office, self._asked(code, who), seen.remarks[0].id, self._now())
        self.acts.update(["save_letter", "settle_remark"])
        self._do("submit_letter", code, who)
        self._do("initial_letter", code, head)

    def _sign(self, code: str, who: str) -> None:
        sealing.sign(self.office, self._asked(code, who), self._now())
        self.acts["sign_letter"] += 1

    def _issue(self, code: str, who: str) -> None:
        sealing.issue(self.office, self._asked(code, who), self._now())
        self.acts["issue_letter"] += 1

    def _do(self, event: str, code: str, who: str, *, words: str = "", reason: str = "") -> None:
        act(self.office, Order(
            code=code, event=event, actor=self.person(who), state=letters.place(self.drafted[code]),
            key=f"{event}-{self._now():%H%M%S}", particulars=Particulars(words=words, reason=reason)), self.clock.now())
        self.acts[event] += 1

    def _seen(self, code: str, who: str) -> LetterView:
        return drafting.view(self.office, code, self.drafted[code], self.person(who), self.clock.now())

    def _asked(self, code: str, who: str) -> Asked:
        return Asked(code=code, no=self.drafted[code], actor=self.person(who), key=f"letter-{self._now():%d%H%M%S}",
                     version=int(self._seen(code, who).row["version"]))

    def _now(self) -> datetime:
        return self.clock.step(SECONDS)
