"""What the postal worker brings: the hand-over record (Biên bản giao nhận hồ sơ), drawn up, signed, then entered.

Dossiers are counted against their slips; the moment both sign is when they were submitted (Decision 45/2016/QĐ-TTg).
A record that was signed does not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.casework.orders import Actor, Faults, text_faults
from engine.casework.postal import MOST_DONG, written
from engine.casework.slips import USED, refuse_unwritten
from engine.clocks.zone import ZONE
from engine.counter.returning import scanned
from engine.errors import Conflict, Invalid, NotFound
from engine.office import Office
from engine.post import desks
from procedures.answers import required_documents
from procedures.declaration import Declaration, Text
from storage import post
from storage.post import Intake, Line

MOST_WORDS = 1000


class Signed(Conflict):
    code = "intake_signed"
    vi = "Biên bản này đã ký hoặc chưa có hồ sơ nào nên không thay đổi được. Hãy lập biên bản mới nếu cần."
    en = "This record was signed, or lists nothing yet. Draw up another one if needed."


class Changed(Conflict):
    code = "intake_changed"
    vi = "Biên bản đã thêm hoặc bớt dòng từ lúc bạn xem. Hãy đối chiếu, in lại rồi ký."
    en = "Lines were added to the record or taken off since you saw it. Compare, print it again, then sign."


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """A dossier as its slip lists it. `papers`: keys of the procedure's documents; `fee` in đồng that came with it."""

    slip: str
    sender: str
    procedure: str
    papers: tuple[str, ...] = ()
    also: str = ""
    complete: bool = True
    lacking: str = ""
    completes: str = ""
    fee: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """`names`: of the procedures and papers on its lines."""

    intake: Intake
    lines: list[Line]
    names: dict[str, Text]

    def paper(self, line: Line, key: str) -> Text:
        return self.names.get(f"{line.procedure}.{key}") or Text(vi=key, en=key)


def open_record(office: Office, actor: Actor, worker: str, carrier: str, now: datetime,
                unit: int | None = None) -> int:
    """The postal worker stands at the counter; whoever opens it signs for the desk. Raises WrongRole, Invalid."""
    units = desks.of(office, actor, now)
    carrier, worker = desks.carried_by(carrier, worker)
    return post.open_intake(office.db, desks.one_of(units, unit), carrier, worker, actor.name, actor.id, now)


def shown(office: Office, number: int, actor: Actor, now: datetime) -> Shown:
    """Raises NotFound for records of other desks."""
    intake = _one(office, number, actor, now)
    lines, catalogue, today = post.lines(office.db, number), office.fresh_catalogue(), now.astimezone(ZONE).date()
    names: dict[str, Text] = {}
    for key in {line.procedure for line in lines} & catalogue.offered(today).keys():
        declared = catalogue.current(key, today)[1].declaration
        names |= {key: declared.name, **{f"{key}.{name}": one.name for name, one in declared.documents.items()}}
    return Shown(intake=intake, lines=lines, names=names)


def waiting(office: Office, slip: str, actor: Actor, now: datetime) -> Line | None:
    """The line of a signed record of the person's desks that is to be entered."""
    line = post.line(office.db, written(slip)[:40])
    known = line is not None and line.signed_at is not None and line.dossier_id is None
    return line if known and line and line.unit_id in desks.of(office, actor, now) else None


def became(office: Office, slip: str, actor: Actor, now: datetime) -> str | None:
    """The code of the dossier that was entered from a slip of the person's desks."""
    line = post.line(office.db, written(slip)[:40])
    return line.code if line is not None and line.unit_id in desks.of(office, actor, now) else None


def add(office: Office, number: int, actor: Actor, told: Brought, now: datetime) -> None:
    """One slip after the other. Raises NotFound, Invalid (also for a slip that was listed before), Signed."""
    intake = _one(office, number, actor, now)
    faults, declared = _faults(office, intake, told, now), None
    if not faults:
        declared = office.catalogue().current(told.procedure, now.astimezone(ZONE).date())[1].declaration
        faults = _paper_faults(declared, told)
    if faults or declared is None:
        raise Invalid(faults)
    if post.posted(office.db, written(told.slip)):
        raise Invalid({"slip": USED})
    missing = "" if told.completes else "; ".join(lacking(declared, told.papers))
    added = post.add_line(office.db, {
        "intake": number, "slip": written(told.slip), "sender": told.sender.strip(), "procedure": told.procedure,
        "completes": scanned(told.completes), "papers": list(dict.fromkeys(told.papers)), "also": told.also.strip(),
        "complete": told.complete and not missing, "fee": told.fee,
        "lacking": "; ".join(filter(None, (missing, told.lacking.strip())))})
    if added is None:
        raise Invalid({"slip": USED})
    if not added:
        raise Signed


def lacking(declared: Declaration, papers: tuple[str, ...]) -> list[str]:
    """Required papers of the published list that the slip does not have, as far as no answer is needed to tell."""
    needed = required_documents(declared, {})
    return [one.name.vi for key, one in needed.items() if one.when is None and key not in papers]


def _faults(office: Office, intake: Intake, told: Brought, now: datetime) -> Faults:
    refuse_unwritten(told.slip)
    faults = text_faults({"sender": told.sender}, desks.LONGEST_NAME)
    faults |= text_faults({"also": told.also, "lacking": told.lacking, "completes": told.completes}, MOST_WORDS)
    if not told.slip.strip():
        faults["slip"] = ("ghi số phiếu gửi", "give the slip number")
    if not told.sender.strip():
        faults["sender"] = ("ghi họ tên người gửi", "give the sender's name")
    desk = office.fresh_catalogue().units[intake.unit_id]
    if told.procedure not in office.catalogue().offered(now.astimezone(ZONE).date(), desk):
        faults["procedure"] = ("chọn thủ tục mà quầy này tiếp nhận", "choose a procedure this desk takes in")
    if not 0 <= told.fee <= MOST_DONG:
        faults["fee"] = ("số tiền không hợp lệ", "this amount cannot be")
    if told.completes and scanned(told.completes) is None:
        faults["completes"] = ("ghi mã hồ sơ được bổ sung", "give the code of the dossier it is for")
    if not told.complete and not told.lacking.strip():
        faults["lacking"] = ("ghi giấy tờ còn thiếu", "say what is missing")
    return faults


def _paper_faults(declared: Declaration, told: Brought) -> Faults:
    if set(told.papers) - declared.documents.keys():
        return {"papers": ("có giấy tờ không thuộc thủ tục này", "a paper is not one of this procedure")}
    if "post" not in declared.channels:
        return {"procedure": ("thủ tục này không nhận qua bưu chính", "this procedure is not taken in by post")}
    return {}


def drop(office: Office, number: int, no: int, actor: Actor, now: datetime) -> None:
    _one(office, number, actor, now)
    if not post.drop_line(office.db, number, no):
        raise Signed


def sign(office: Office, number: int, at: datetime | None, actor: Actor, now: datetime,
         seen: Sequence[str] | None = None) -> None:
    """Both have signed at `at`, now if nothing is said: on the day it is entered, not in the future, and not before
    the record was opened or the desk that day. `seen`: its slips as they stood on the paper.

    Raises NotFound, Invalid, Signed, Changed.
    """
    intake = _one(office, number, actor, now)
    moment = at or now
    if moment > now:
        raise Invalid({"at": ("giờ ký ở tương lai", "the time of signing is in the future")})
    opening = _earliest(office, intake, now)
    if moment < opening:
        raise Invalid({"at": (f"giờ ký sớm hơn {opening:%H:%M %d/%m/%Y}: biên bản phải nhập trong ngày ký",
                              f"signed before {opening:%H:%M %d/%m/%Y}: a record is entered on the day it is signed")})
    if not post.sign(office.db, number, moment, actor.id, now, seen):
        found = _one(office, number, actor, now)
        raise Changed if seen is not None and found.lines and found.signed_at is None else Signed


def _earliest(office: Office, intake: Intake, now: datetime) -> datetime:
    """The opening of the day the record was drawn up; midnight where that is a day off."""
    day = intake.opened_at.astimezone(ZONE).date()
    calendar = office.catalogue().calendar(office.catalogue().units[intake.unit_id].agency)
    if calendar.is_working_day(day):
        return calendar.opening_of(day).astimezone(ZONE)
    return datetime.combine(day, datetime.min.time(), ZONE)


def _one(office: Office, number: int, actor: Actor, now: datetime) -> Intake:
    found = post.intake(office.db, number, desks.of(office, actor, now))
    if found is None:
        raise NotFound(what="biên bản giao nhận", what_en="the hand-over record")
    return found
