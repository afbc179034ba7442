"""One person and one dossier: look at it, put in the papers, do the act. What the script does not say is as usual."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.demo import scans
from api.demo.cast import Cast
from api.demo.client import Api, Json, Refusal
from api.demo.clock import StageClock
from api.demo.script import Case, Turn, Visit
from api.demo.subjects import required

# Where the draft of the answer is written, and where the signed one is scanned.
DRAFTED_AT = {"conference_permit_pm": "drafting", "conference_hosting_pm": "drafting", "funeral_allowance": "examining"}
SCANNED_AT = "issuing"
OPINIONS = ("agree", "no_objection", "agree", "conditional")
USUAL_WORDS: dict[str, object] = {
    "reason": "Theo hồ sơ.", "words": "Thống nhất với nội dung hồ sơ; đề nghị thực hiện đúng chương trình đã đăng ký.",
    "verdict": "agree", "proof": "BL-0001",
}
# An act takes a person so many seconds of the day.
ACT_SECONDS = 7.0
ON_ARRIVAL, CAME_BACK = frozenset({"register", "refuse_handoff"}), frozenset({"resend"})


class Stumble(Exception):
    """The script wanted something that the API does not offer."""


@dataclass(kw_only=True)
class Playing:
    """A dossier in play: its code, and what the script still has for each state."""

    case: Case
    code: str = ""
    turns: dict[str, deque[Turn]] = field(default_factory=dict)
    lost_once: bool = False
    left_once: bool = False
    stuck: bool = False

    def __post_init__(self) -> None:
        for turn in self.case.turns:
            self.turns.setdefault(turn.at, deque()).append(turn)

    def turn(self, state: str, kind: str) -> Turn | None:
        """What the script has for this piece of work. Registering is another piece than the step itself."""
        waiting = self.turns.get(state)
        return waiting[0] if waiting and _kind(waiting[0]) == kind else None


def _kind(turn: Turn) -> str:
    return "register" if turn.act in ON_ARRIVAL else "resolve" if turn.act in CAME_BACK else "step"


def kind_of(row: Json) -> str:
    """Of a row of the work list: a hand-off to register, one that came back, or the step."""
    return "resolve" if row["duty"] == "resolve" else "register" if row["handoff"] else "step"


@dataclass(kw_only=True)
class Hands:
    """Everything that changes a dossier goes through here, and through the API."""

    api: Api
    cast: Cast
    clock: StageClock
    acts: Counter[str] = field(default_factory=Counter)

    def receive(self, case: Case, who: str) -> Json:
        self.clock.step(ACT_SECONDS)
        person = case.applicant
        reply: Json = self.api.post(who, "/dossiers", {
            "procedure": case.procedure, "channel": case.channel, "return_way": case.returned_by,
            "applicant": {"name": person.name, "id_number": person.id_number, "phone": person.phone,
                          "email": person.email, "address": person.address},
            "subject": case.subject, "facts": dict(case.facts), "accept": case.accept,
            "papers": [{"component": paper, "form": form} for paper, form in required(case).items()],
        })
        self.acts["receive"] += 1
        for paper in case.papers:
            self.attach(case, reply["code"], who, paper)
        return reply

    def attach(self, case: Case, code: str, who: str, component: str, remark: str = "") -> int:
        """The dossier's version afterwards."""
        data, media_type, name = scans.paper(component, case, code, remark)
        reply = self.api.upload(who, f"/dossiers/{code}/documents", data, media_type, component=component, name=name)
        self.acts["attach"] += 1
        return int(reply["version"])

    def work(self, playing: Playing, row: Json, who: str) -> Json | None:
        """Does what is next with a row of the work list; None when its paper is not here yet."""
        case, state = playing.case, str(row["state"])
        turn = playing.turn(state, kind_of(row))
        usual = {"resolve": "resend", "register": "register"}.get(kind_of(row)) or self.cast.usual(case, state)
        event = turn.act if turn and turn.act else usual
        view = self.look(who, playing.code)
        offer = _offer(view, event, state, row["handoff"])
        if not offer["permitted"] and offer["code"] == "refused" and _about_paper(offer):
            return None
        self.clock.step(ACT_SECONDS)
        version = self._prepare(playing, turn, state, event, who, int(view["header"]["version"]))
        reply = self._do(playing, offer, who, version, dict(turn.told) if turn else {})
        if turn is not None:
            playing.turns[state].popleft()
        return reply

    def visit(self, playing: Playing, visit: Visit, who: str) -> Json | None:
        """None when it was refused, as the script expects."""
        view = self.look(who, playing.code)
        offer = _offer(view, visit.act)
        self.clock.step(ACT_SECONDS)
        try:
            reply = self._do(playing, offer, who, int(view["header"]["version"]), dict(visit.told))
        except Refusal as refusal:
            if refusal.code != visit.expects:
                raise
            self.acts["refused"] += 1
            return None
        if visit.expects:
            raise Stumble(f"{playing.code} {visit.act}: phải bị từ chối / should have been refused ({visit.expects})")
        return reply

    def look(self, who: str, code: str) -> Json:
        found: Json = self.api.get(who, f"/dossiers/{code}")
        return found

    def _prepare(self, playing: Playing, turn: Turn | None, state: str, event: str, who: str, version: int) -> int:
        """Puts in what goes with the act; the version afterwards."""
        case = playing.case
        wanted = [(component, "") for component in (turn.attach if turn else ())]
        if event == self.cast.usual(case, state) and state == DRAFTED_AT.get(case.procedure, "synthesis"):
            wanted.append(("result", "dự thảo"))
        if event == "issue" and state == SCANNED_AT:
            wanted.append(("result", "bản ký"))
        for component, remark in wanted:
            version = self.attach(case, playing.code, who, component, remark)
        return version

    def _do(self, playing: Playing, offer: Json, who: str, version: int, told: Json) -> Json:
        particulars = self._particulars(playing.case, offer) | told
        body = {"particulars": particulars} | ({"state": offer["state"]} if _names_state(offer) else {})
        reply: Json = self.api.post(who, f"/dossiers/{playing.code}/commands/{offer['event']}", body, version=version)
        self.acts[str(offer["event"])] += 1
        return reply

    def _particulars(self, case: Case, offer: Json) -> Json:
        """What a form asks for, filled in as everybody would."""
        words = USUAL_WORDS | {"recipient": case.applicant.name, "slip": f"EF{abs(hash_of(case.name)) % 10**9:09d}VN",
                               "verdict": OPINIONS[hash_of(case.name + str(offer["state"])) % len(OPINIONS)]}
        told = {name: words[name] for name in offer["fields"] if name in words}
        return told | ({"handoff": offer["handoff"]} if offer["handoff"] else {})


def hash_of(text: str) -> int:
    """The same in every process, unlike hash()."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(text)) * 7919


def _offer(view: Json, event: str, state: str | None = None, handoff: str | None = None) -> Json:
    found: list[Json] = [offer for offer in view["offers"] if offer["event"] == event
                         and (handoff is None or offer["handoff"] in (None, handoff))]
    exact = [offer for offer in found if state is not None and offer["state"] == state]
    if not found:
        here = ", ".join(str(place["state"]) for place in view["where"])
        raise Stumble(f"{view['header']['code']}: không có việc / no act “{event}” ({here})")
    return (exact or found)[0]


def _names_state(offer: Json) -> bool:
    return offer["state"] is not None and offer["handoff"] is None


def _about_paper(offer: Json) -> bool:
    """A result or a file that is still with the courier."""
    return bool({"paper", "return_receipt", "postal_slip"} & set(offer["needs"]))


def instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))
