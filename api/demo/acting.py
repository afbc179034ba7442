"""One person and one dossier: look at it, put in the papers, do the act. What the script does not say is as usual."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from api.demo import scans
from api.demo.cast import Cast, Desk
from api.demo.client import Api, Json, Refusal
from api.demo.clock import StageClock
from api.demo.letters import Writing
from api.demo.script import Bundle, Case, Turn, Visit
from api.demo.subjects import required
from engine.office import Office
from engine.post import intake
from engine.post.intake import Brought
from procedures.declaration import Role

# Where the signed answer is scanned.
SCANNED_AT = "issuing"
OPINIONS = ("agree", "no_objection", "agree", "conditional")
USUAL_WORDS: dict[str, object] = {
    "reason": "Theo hồ sơ.", "words": "Thống nhất với nội dung hồ sơ; đề nghị thực hiện đúng chương trình đã đăng ký.",
    "verdict": "agree", "proof": "BL-0001",
}
# An act takes a person so many seconds of the day.
ACT_SECONDS = 7.0
# Refusals that pass with time.
WAITS = frozenset({"refused", "asset_held", "claimed"})
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
    # the other parts of its bundle
    others: list[Playing] = field(default_factory=list)

    def __post_init__(self) -> None:
        for turn in self.case.turns:
            self.turns.setdefault(turn.at, deque()).append(turn)

    def turn(self, state: str, kind: str) -> Turn | None:
        """What the script has for this piece of work. Registering is another piece than the step itself."""
        waiting = self.turns.get(state)
        return waiting[0] if waiting and _kind(waiting[0]) == kind else None


def _submission(case: Case) -> Json:
    return {"procedure": case.procedure, "channel": case.channel, "return_way": case.returned_by,
            "applicant": asdict(case.applicant), "subject": case.subject, "facts": dict(case.facts),
            "accept": case.accept, "slip": case.slip,
            "papers": [{"component": paper, "form": form} for paper, form in required(case).items()]}


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
    office: Office
    acts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.writing = Writing(office=self.office, api=self.api, cast=self.cast, clock=self.clock, acts=self.acts)

    def receive(self, case: Case, who: str) -> Json:
        self.clock.step(ACT_SECONDS)
        if case.slip:
            self._take_from_post(case, who)
        return self._received(case, who, self.api.post(who, "/dossiers", _submission(case)))

    def _take_from_post(self, case: Case, who: str) -> None:
        """As on the page of the post: the record is drawn up and signed, and that is when it was submitted."""
        clerk = self.writing.person(who)
        number = intake.open_record(self.office, clerk, "Trần Văn Khởi", "", self.clock.now())
        intake.add(self.office, number, clerk, Brought(slip=case.slip, sender=case.applicant.name, papers=case.papers,
                                                       procedure=case.procedure), self.clock.step(ACT_SECONDS))
        intake.sign(self.office, number, None, clerk, self.clock.step(ACT_SECONDS))
        self.acts["post_intake"] += 1

    def set_aside(self, who: str) -> str:
        """A code for a dossier that will come in without a network."""
        codes: list[str] = self.api.post(who, "/offline/blocks")["codes"]
        return codes[0]

    def synchronise(self, case: Case, who: str, code: str) -> Json:
        """Sent twice, as after an answer that was lost: it is one dossier."""
        self.clock.step(ACT_SECONDS)
        receipt = {"code": code, "received_at": case.arrives.isoformat(), "submission": _submission(case)}
        reply, again = (self.api.post(who, "/offline/receipts", receipt, key=f"offline-{code}") for _ in range(2))
        if again != reply or reply["code"] != code:
            raise Stumble(f"{code}: đồng bộ lại khác lần đầu / synchronised again, it is not the same")
        self.acts["synchronise"] += 1
        return self._received(case, who, reply)

    def _received(self, case: Case, who: str, reply: Json) -> Json:
        self.acts["receive"] += 1
        for paper in case.papers:
            self.attach(case, reply["code"], who, paper)
        return reply

    def receive_bundle(self, bundle: Bundle, who: str) -> Json:
        """Each paper is scanned once, for the part it goes with; the other parts that know it get the same scan."""
        self.clock.step(ACT_SECONDS)
        reply: Json = self.api.post(who, "/bundles", {
            "bundle": bundle.bundle, "applicant": asdict(bundle.applicant), "subject": bundle.subject,
            "facts": dict(bundle.facts),
            "papers": [{"component": kind, "form": form} for kind, form in bundle.papers.items()],
        })
        self.acts["receive_bundle"] += 1
        cases = {part["code"]: bundle.cases[part["part"]] for part in reply["parts"]}
        for paper in self.look_bundle(who, reply["code"])["papers"]:
            self.attach(cases[paper["code"]], paper["code"], who, paper["component"])
            self.acts["adopt"] += len(paper["parts"]) - 1
        self.acts["adopt"] += bundle.handed_on
        return reply

    def look_bundle(self, who: str, code: str) -> Json:
        found: Json = self.api.get(who, f"/bundles/{code}")
        return found

    def agree_partial(self, code: str, who: str) -> None:
        self.clock.step(ACT_SECONDS)
        self.api.post(who, f"/bundles/{code}/partial")
        self.acts["agree_partial"] += 1

    def attach(self, case: Case, code: str, who: str, component: str, remark: str = "") -> int:
        """The dossier's version afterwards."""
        data, media_type, name = scans.paper(component, case, code, remark)
        reply = self.api.upload(who, f"/dossiers/{code}/documents", data, media_type, component=component, name=name)
        self.acts["attach"] += 1
        return int(reply["version"])

    def work(self, playing: Playing, row: Json, who: str) -> Json | None:
        """Does what is next with a row of the work list; None when it must wait: for its paper, for opinions that were
        asked, for the other parts of a bundle, for an object another dossier works on."""
        case, state = playing.case, str(row["state"])
        turn = playing.turn(state, kind_of(row))
        usual = {"resolve": "resend", "register": "register"}.get(kind_of(row)) or self.cast.usual(case, state)
        event = turn.act if turn and turn.act else usual
        if case.written and event == self.cast.usual(case, state):
            # the step waits for its letter
            self.writing.before(playing.code, state, who)
        view = self.look(who, playing.code)
        offer = _offer(view, event, state, row["handoff"])
        if not offer["permitted"] and offer["code"] in WAITS:
            return None
        self.clock.step(ACT_SECONDS)
        if turn is not None and turn.claims:
            self._do(playing, _offer(view, "claim", state), who, int(view["header"]["version"]), {})
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
        if case.written:
            return version
        wanted = [(component, "") for component in (turn.attach if turn else ())]
        if event == self.cast.usual(case, state) and state == self.cast.drafted_at(case):
            wanted.append(("result", "dự thảo"))
        if event == "issue" and state == SCANNED_AT:
            wanted.append(("result", "bản ký"))
        for component, remark in wanted:
            version = self.attach(case, playing.code, who, component, remark)
        return version

    def _do(self, playing: Playing, offer: Json, who: str, version: int, told: Json) -> Json:
        particulars = self._particulars(playing.case, offer) | told
        body = {"particulars": particulars} | ({"state": offer["state"]} if _names_state(offer) else {})
        if "person" in told:
            particulars["person"] = self.writing.person(str(told["person"])).id
        if "units" in told:
            particulars["units"] = [self._unit(path) for path in told["units"]]
        reply: Json = self.api.post(who, f"/dossiers/{playing.code}/commands/{offer['event']}", body, version=version)
        self.acts[str(offer["event"])] += 1
        return reply

    def _unit(self, path: str) -> int:
        """Its number, as one of its people knows it."""
        who = self.cast.on_duty(Desk(path, Role.OFFICER), 0)
        posts = self.api.get(who, "/me")["posts"]
        name = self.cast.province.units[path].name.vi
        return next(int(post["unit"]["id"]) for post in posts if post["unit"]["name"]["vi"] == name)

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


def instant(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))
