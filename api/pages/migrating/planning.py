"""Choosing two versions, saying what becomes of each step, looking at every dossier, deciding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Query, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.forms import Posted, Sheet, faults_of, plain, whole
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.access import must_write
from engine.catalogue import VersionRow
from engine.clocks.zone import ZONE
from engine.errors import Invalid
from engine.migrating import batch
from engine.migrating.batch import Preview, Proposal
from engine.migrating.plan import ClockRule, NewBranch, Plan, alike, places, propose
from engine.migrating.verdict import Kind
from engine.states.names import PHASES
from engine.states.procedure import Procedure, StateInfo
from procedures.declaration import Text

router = Counter(include_in_schema=False, route_class=PageRoute)

Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
Number = Annotated[int, Query(ge=0, le=2**31 - 1)]

CLOCKS = {
    ClockRule.KEEP: Text(vi="Giữ nguyên mọi thời hạn và ngày hẹn", en="Keep every limit and due date"),
    ClockRule.STEPS: Text(
        vi="Bước đang làm theo thời hạn của phiên bản mới, tính từ khi bước bắt đầu; ngày hẹn trả giữ nguyên",
        en="Open steps get the new version's limits, counted from when they began; the promised date stays"),
    ClockRule.ALL: Text(vi="Cả thời hạn giải quyết theo phiên bản mới, như đã áp dụng từ đầu",
                        en="The statutory limit, too, as if the new version had applied from the start"),
}
NEW_BRANCHES = {
    NewBranch.ASK: Text(vi="Hỏi thêm các nơi mới, nếu điều kiện của họ đúng với hồ sơ",
                        en="Ask the new bodies, too, where their condition holds"),
    NewBranch.LEAVE_OUT: Text(vi="Không hỏi các nơi mới ở hồ sơ này", en="Do not ask the new bodies here"),
}
KINDS = {
    Kind.MOVES: Text(vi="Chuyển được", en="Can move"),
    Kind.NEEDS_MAPPING: Text(vi="Chưa có bước tương ứng", en="No step for it yet"),
    Kind.STAYS: Text(vi="Giữ nguyên phiên bản", en="Stays"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A step of the old version, the steps it may become, and the one that is chosen ("" none)."""

    state: str
    name: Text
    phase: Text
    choices: Mapping[str, Text]
    chosen: str


@dataclass(frozen=True)
class Cockpit:
    """The page as its address has it: `given` are the fields of the query, or of the form that was posted."""

    caller: Person
    key: str
    given: Mapping[str, str]

    @property
    def rows(self) -> list[VersionRow]:
        return batch.versions(self.caller.office, self.key)

    @property
    def begun(self) -> list[VersionRow]:
        """Those dossiers may be under: one that has not begun yet rules over nothing."""
        return [row for row in self.rows if row.valid_from <= self.today]

    @property
    def coming(self) -> list[VersionRow]:
        return [row for row in self.rows if row.valid_from > self.today]

    @property
    def today(self) -> date:
        return self.caller.now.astimezone(ZONE).date()

    def version(self, name: str) -> VersionRow | None:
        wanted = whole(self.given.get(name, ""))
        return next((row for row in self.rows if row.id == wanted), None)

    def procedure(self, row: VersionRow) -> Procedure:
        return self.caller.office.catalogue().procedures[row.id]

    def proposal(self, old: VersionRow, new: VersionRow) -> Proposal:
        """As chosen on the page, else as it is proposed."""
        chosen = {name.removeprefix("states."): state for name, state in self.given.items()
                  if name.startswith("states.")}
        clocks, branches = self.given.get("clocks", ""), self.given.get("new_branches", "")
        return Proposal(from_version=old.id, to_version=new.id, plan=Plan(
            states=chosen or propose(self.procedure(old), self.procedure(new)),
            clocks=ClockRule(clocks) if clocks in set(ClockRule) else ClockRule.KEEP,
            new_branches=NewBranch(branches) if branches in set(NewBranch) else NewBranch.ASK))

    def lines(self, old: Procedure, new: Procedure, plan: Plan) -> list[Line]:
        return [Line(state=info.id, name=info.name, phase=PHASES[info.phase] if info.phase else info.name,
                     choices={other.id: other.name for other in places(new) if alike(info, other)},
                     chosen=plan.states.get(info.id, "")) for info in places(old)]

    def asked_anew(self, old: Procedure, new: Procedure, plan: Plan) -> list[StateInfo]:
        """Bodies that only the new version consults."""
        kept = {plan.of(info.id, old) for info in places(old)}
        return [info for info in places(new) if info.branch_of is not None and info.id not in kept]

    def address(self, told: Proposal, **more: str | int) -> str:
        """The preview of a plan, as a link."""
        fields: dict[str, str | int] = {
            "from": told.from_version, "to": told.to_version, "clocks": told.plan.clocks.value,
            "new_branches": told.plan.new_branches.value, "look": 1,
            **{f"states.{old}": new for old, new in told.plan.states.items()}, **more}
        return f"/procedures/{self.key}/migrate?{urlencode(fields)}#preview"


@router.get("/procedures/{key}/migrate")
def planning(caller: Caller, key: Key, look: bool = False, after: Number = 0, kind: str = "") -> Response:
    given = {name: plain(value) for name, value in caller.request.query_params.items()}
    return _shown(Cockpit(caller, key, given), look=look, after=after, kind=kind)


def _shown(cockpit: Cockpit, entered: Entered = BLANK, *, look: bool, after: int = 0, kind: str = "",
           status: int = 200) -> Response:
    caller = cockpit.caller
    must_write(caller.office, caller.actor, caller.now)
    old, new = cockpit.version("from"), cockpit.version("to")
    told: dict[str, Any] = {
        "key": cockpit.key, "rows": cockpit.begun, "coming": cockpit.coming,
        "old": old, "new": new, "given_": cockpit.given, "lines": [],
        "name": caller.office.catalogue().listings[cockpit.rows[0].sha256].name, "clocks": CLOCKS,
        "branches": NEW_BRANCHES, "kinds": KINDS, "preview": None, "asked": [], "kind": kind, "proposal": None,
        "moved": batch.history(caller.office, caller.actor, cockpit.key, caller.now),
    }
    if new is not None and new in cockpit.coming:
        since = f"{new.valid_from:%d/%m/%Y}"
        wrong = {"to": (f"Phiên bản này đến {since} mới áp dụng.", f"This version is not in force before {since}.")}
        entered, status = Entered(given=cockpit.given, faults=wrong), 422
    elif old is not None and new is not None and old.id != new.id:
        proposal = cockpit.proposal(old, new)
        before, later = cockpit.procedure(old), cockpit.procedure(new)
        told |= {"proposal": proposal, "lines": cockpit.lines(before, later, proposal.plan),
                 "asked": cockpit.asked_anew(before, later, proposal.plan)}
        if look:
            try:
                seen = batch.preview(caller.office, caller.actor, proposal, caller.now, after)
                told |= _looked(cockpit, proposal, seen, kind)
            except Invalid as refusal:
                entered, status = Entered(given=entered.given, faults=faults_of(refusal)), 422
    elif old is not None or new is not None:
        wrong = {"to": ("Chọn hai phiên bản khác nhau của thủ tục", "Choose two different versions")}
        entered, status = Entered(given=cockpit.given, faults=wrong), 422
    return page(Visit(visitor=caller), "migrating/plan.html", entered, status=status, **told)


def _looked(cockpit: Cockpit, proposal: Proposal, seen: Preview, kind: str) -> dict[str, Any]:
    shown = [row for row in seen.rows if kind in ("", row.verdict.kind)]
    chips = [("", Text(vi="Tất cả", en="All"), len(seen.rows))]
    chips += [(one.value, name, len(seen.of(one))) for one, name in KINDS.items()]
    return {
        "preview": seen, "shown": shown, "movable": [row for row in shown if row.moves],
        "chips": [(cockpit.address(proposal, kind=value), name, count, value == kind) for value, name, count in chips],
        "further": cockpit.address(proposal, kind=kind, after=seen.after) if seen.after else None,
        "remap": cockpit.address(proposal).partition("#")[0] + "#map",
    }


@router.post("/procedures/{key}/migrate")
def decide(caller: Caller, key: Key, posted: Sheet) -> Response:
    """Keeps the plan with its decision and moves the first slice."""
    cockpit = Cockpit(caller, key, posted.typed())
    old, new = cockpit.version("from"), cockpit.version("to")
    if old is None or new is None:
        return _shown(cockpit, look=False)
    try:
        made = batch.plan(caller.office, caller.actor, cockpit.proposal(old, new),
                          decision_no=posted.text("decision_no"), reason=posted.text("reason"),
                          codes=_chosen(posted), now=caller.now)
    except Invalid as refusal:
        entered = Entered(given=_typed(posted), faults=faults_of(refusal))
        return _shown(cockpit, entered, look=True, after=whole(posted.text("after")) or 0, status=422)
    batch.run(caller.office, caller.actor, made, caller.now)
    return RedirectResponse(f"/procedures/{key}/migrate/{made}", 303)


def _chosen(posted: Posted) -> tuple[str, ...] | None:
    """None: all that are open."""
    return None if posted.text("which") == "all" else posted.many("dossiers")


def _typed(posted: Posted) -> Mapping[str, str]:
    """With every tick under a name of its own; `sent` tells a form that came back from one that is fresh."""
    return {**posted.typed(), **{f"dossiers.{code}": "yes" for code in posted.many("dossiers")}, "sent": "yes"}
