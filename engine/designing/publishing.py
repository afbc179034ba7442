"""From a draft to the law of the house: checked, published by a second person, retired."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.access import may_write, must_write
from engine.casework.orders import Actor
from engine.catalogue import Catalogue, UnitInfo, takes
from engine.clocks.zone import ZONE
from engine.designing import drafts
from engine.designing.drafts import Draft, DraftClosed
from engine.designing.troubles import located
from engine.errors import Conflict, Invalid, NotFound, Refused
from engine.foresight import judge
from engine.office import Office
from engine.rehearsal.happened import Result
from engine.rehearsal.replay import run_all
from engine.states.findings import Finding, Severity
from engine.states.staffing import Staffing
from procedures.declaration import Declaration, Text, canonical
from procedures.words import Role
from storage import drafts as draft_rows
from storage import versions
from storage.tables.catalogue import DraftState
from storage.versions import NotAsChecked, Publication, SecondPerson

__all__ = ["Checked", "NotAsChecked", "SecondPerson", "check", "may_publish", "publish", "retire", "staffing_now"]

LONGEST_DECISION = 200
# Addresses of our own pages: a procedure called so could not be looked at, or not be received.
TAKEN = frozenset({"bundles", "difference", "drafts", "import", "parties"})


class DraftMoved(Conflict):
    code = "draft_moved"
    vi = "Bản thảo đã thay đổi sau khi bạn mở trang. Hãy tải lại rồi làm lại."
    en = "The draft changed after you had opened the page. Reload and try again."


class EndedAlready(Conflict):
    code = "ended_already"
    vi = "Phiên bản này đã kết thúc vào ngày đó hoặc sớm hơn."
    en = "This version ends on that day or earlier already."


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """`sha256`: of what would be published, as number `number`; None while anything red blocks it."""

    findings: tuple[Finding, ...]
    sha256: str | None
    number: int
    configurations: int
    explored_all: bool
    rehearsed: tuple[Result, ...] = ()

    @property
    def sound(self) -> bool:
        return self.sha256 is not None

    def report(self) -> dict[str, Any]:
        """As it is kept with the draft."""
        found = [{"severity": one.severity.value, "code": one.code, "where": list(one.where), "vi": one.vi,
                  "en": one.en} for one in self.findings]
        rehearsed = [{"name": one.name, "passed": one.passed, "expects": one.expects} for one in self.rehearsed]
        return {"findings": found, "number": self.number, "configurations": self.configurations,
                "explored_all": self.explored_all, "rehearsed": rehearsed}


def check(office: Office, actor: Actor, draft_id: int, seen: int, now: datetime) -> Checked:
    """Looks for everything that would block publication and keeps what it found with the draft.

    Raises NotAdministrator, NotFound, DraftClosed, DraftMoved.
    """
    must_write(office, actor, now)
    draft = drafts.open_for(office, actor, draft_id, now)
    if not draft.open:
        raise DraftClosed
    if draft.version != seen:
        raise DraftMoved
    found = examined(office, draft, now)
    report = {**{name: told for name, told in (draft.row.report or {}).items() if name == "imported"},
              **found.report()}
    told = {"person": actor.id, "at": now, "sha256": found.sha256, "report": report}
    if not versions.record_check(office.db, draft_id, seen, told):
        raise DraftMoved
    return found


def examined(office: Office, draft: Draft, now: datetime) -> Checked:
    """What a check finds, without keeping it."""
    number = draft_rows.last_number(office.db, draft.key) + 1
    findings: list[Finding] = list(_faults(draft))
    declaration = draft.declaration
    if declaration is None:
        return Checked(findings=tuple(findings), sha256=None, number=number, configurations=0, explored_all=False)
    numbered = declaration.model_copy(update={"version": number})
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    staffing = staffing_now(catalogue, declaration, today)
    report = judge(declaration, staffing=staffing, calendar=catalogue.calendar(""), today=today)
    findings += [*report.findings, *_nothing_new(catalogue, numbered)]
    # what is blocked already is not tried: it would only fail for the same reason again
    rehearsed = [] if _blocked(findings) else run_all(office, draft.key, numbered, now)
    findings = [*_failed(rehearsed), *findings]
    sha256 = None if _blocked(findings) else hashlib.sha256(canonical(numbered)).hexdigest()
    return Checked(findings=tuple(findings), sha256=sha256, number=number, configurations=report.configurations,
                   explored_all=report.explored_all, rehearsed=tuple(rehearsed))


def _blocked(findings: Iterable[Finding]) -> bool:
    return any(one.severity is Severity.RED for one in findings)


def _failed(rehearsed: Iterable[Result]) -> Iterator[Finding]:
    for result in rehearsed:
        if not result.passed:
            first = result.failures[0][1].words if result.failures else Text(
                vi="còn bước chưa diễn tập được", en="some steps were never reached")
            yield Finding(severity=Severity.RED, code="rehearsal_failed", where=(),
                          vi=f"Kịch bản “{result.name}” không đạt: {first.vi}",
                          en=f"The scenario “{result.name}” fails: {first.en}")


def _faults(draft: Draft) -> Iterator[Finding]:
    for fault in draft.faults:
        yield Finding(severity=Severity.RED, code="fault", where=located(draft.data, fault.where), vi=fault.vi,
                      en=fault.en)
    declared = draft.data.get("procedure")
    if declared != draft.key:
        yield Finding(severity=Severity.RED, code="other_key", where=("procedure",),
                      vi=f"Mã thủ tục là “{declared}” nhưng bản thảo này của “{draft.key}”.",
                      en=f"The key is “{declared}”, but this draft is of “{draft.key}”.")
    if draft.key in TAKEN:
        yield Finding(severity=Severity.RED, code="taken_key", where=("procedure",),
                      vi=f"Mã “{draft.key}” dành riêng cho hệ thống.", en=f"The key “{draft.key}” is reserved.")


def _nothing_new(catalogue: Catalogue, numbered: Declaration) -> Iterator[Finding]:
    newest = next((row for row in catalogue.versions if row.procedure == numbered.procedure), None)
    if newest is None:
        return
    same = numbered.model_copy(update={"version": newest.number})
    if hashlib.sha256(canonical(same)).hexdigest() == newest.sha256:
        yield Finding(severity=Severity.AMBER, code="nothing_new", where=(),
                      vi=f"Nội dung giống hệt phiên bản {newest.number} đã công bố.",
                      en=f"The content is the same as that of version {newest.number}.")


def staffing_now(catalogue: Catalogue, declaration: Declaration, today: date) -> Staffing:
    """Who is there today, as the database has it: desks of the right level, units of parties, roles somebody holds."""
    desks = {unit.agency for unit in catalogue.units.values() if takes(unit, declaration.received_at)}
    named: dict[str, UnitInfo] = {}

    def unit_of(party: str, desk: str) -> str | None:
        try:
            unit = catalogue.unit_for(party, desk, today)
        except Refused:
            return None
        named[unit.full_vi] = unit
        return unit.full_vi

    def held(unit: str, role: Role) -> bool:
        return (named[unit].id, role) in catalogue.staffed

    return Staffing(desks=tuple(sorted(desks)), unit_of=unit_of, held=held)


def may_publish(office: Office, actor: Actor, draft: Draft, now: datetime) -> bool:
    """Whether this administrator is the second person the checked draft waits for."""
    return (draft.state == DraftState.CHECKED and may_write(office, actor, now)
            and actor.id not in versions.involved(office.db, draft.id))


def publish(office: Office, actor: Actor, draft_id: int, seen: int, decision_no: str, valid_from: date | None,
            now: datetime) -> int:
    """The id of the new version, offered from `valid_from` on; dossiers in flight keep theirs.

    Raises NotAdministrator, NotFound, NotAsChecked, SecondPerson, Invalid (decision_no, valid_from).
    """
    must_write(office, actor, now)
    draft = drafts.open_for(office, actor, draft_id, now)
    if draft.state != DraftState.CHECKED or draft.version != seen or draft.declaration is None:
        raise NotAsChecked
    if actor.id in versions.involved(office.db, draft_id):
        raise SecondPerson
    number = draft_rows.last_number(office.db, draft.key) + 1
    begins = _decreed(office.fresh_catalogue(), draft.key, decision_no, valid_from, now.astimezone(ZONE).date())
    content = canonical(draft.declaration.model_copy(update={"version": number})).decode()
    made = versions.publish(office.db, Publication(
        draft=draft_id, seen=seen, content=content, approver=actor.id, decision_no=decision_no.strip(), begins=begins,
        at=now))
    office.fresh_catalogue()
    return made


def _decreed(catalogue: Catalogue, key: str, decision_no: str, begins: date | None, today: date) -> date:
    """The first day. Raises Invalid with everything that is wrong with the decision."""
    faults: dict[str, tuple[str, str]] = {}
    if not decision_no.strip() or len(decision_no) > LONGEST_DECISION:
        faults["decision_no"] = (f"Ghi số quyết định công bố, nhiều nhất {LONGEST_DECISION} ký tự.",
                                 f"Give the number of the decision, at most {LONGEST_DECISION} characters.")
    later = [row for row in catalogue.versions if row.procedure == key and row.state == "published" and begins
             and row.valid_from >= begins]
    if begins is None:
        faults["valid_from"] = ("Ghi ngày bắt đầu áp dụng, ví dụ 01/12/2026.", "Give the first day, as 01/12/2026.")
    elif begins < today:
        faults["valid_from"] = ("Ngày bắt đầu áp dụng không được ở quá khứ.", "The first day may not lie in the past.")
    elif begins > today + timedelta(days=3660):
        faults["valid_from"] = ("Ngày bắt đầu áp dụng cách hôm nay quá 10 năm.", "The first day is over 10 years away.")
    elif later:
        day = later[0].valid_from
        faults["valid_from"] = (
            f"Phiên bản {later[0].number} bắt đầu ngày {day:%d/%m/%Y}; phiên bản mới phải bắt đầu sau ngày đó, "
            "hoặc hãy ngừng phiên bản kia trước.",
            f"Version {later[0].number} begins on {day:%d/%m/%Y}; the new one must begin after that day, "
            "or retire the other one first.")
    if faults or begins is None:
        raise Invalid(faults)
    return begins


def retire(office: Office, actor: Actor, version_id: int, ends: date | None, now: datetime) -> None:
    """Nothing new is received under the version after `ends`, at the earliest yesterday.

    Raises NotAdministrator, NotFound, Invalid (ends), EndedAlready.
    """
    must_write(office, actor, now)
    found = versions.details(office.db, version_id) if 0 < version_id < 2**31 else None
    if found is None:
        raise NotFound(what="phiên bản thủ tục", what_en="version of a procedure")
    yesterday = now.astimezone(ZONE).date() - timedelta(days=1)
    if ends is None or not yesterday <= ends <= yesterday + timedelta(days=3660):
        raise Invalid({"ends": ("Ghi ngày tiếp nhận cuối cùng: từ hôm qua (ngừng ngay hôm nay) trở đi.",
                                "Give the last day of reception: yesterday (it ends today) or later.")})
    if not versions.retire(office.db, version_id, ends, actor.id, now):
        raise EndedAlready
    office.fresh_catalogue()
