"""Absences entered, ended and kept in force: who may, what is refused, and what everybody may do because of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.absences.chain import EVER, NOT_LENT, Away, Lent, Post, Standing, circle, standing
from engine.casework.orders import Actor, Faults, reason_faults, text_faults
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import Conflict, Forbidden, Invalid, NotFound
from engine.office import Office
from procedures.words import Role
from storage import absences as kept
from storage.absences import AwayRow, Entered, LentRow, PostRow, Register

# Who answers for the people of an agency.
SUPERIORS = (Role.HEAD, Role.MANAGER)
LONGEST = timedelta(days=366)
LONGEST_REASON = 400
_DAY = timedelta(days=1)


class NotTheirSuperior(Forbidden):
    code = "not_their_superior"
    vi = "Chỉ người vắng mặt, hoặc lãnh đạo, quản lý ở cơ quan của người đó, được ghi và kết thúc việc vắng mặt."
    en = "Only the person, or a head or manager of his agency, may enter and end an absence."


class AlreadyOver(Conflict):
    code = "absence_over"
    vi = "Thời gian vắng mặt này đã kết thúc."
    en = "This absence is over already."


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Both days included. Empty `units` and `procedures`: everything the person has."""

    person: int
    substitute: int
    first: date
    last: date
    reason: str
    units: tuple[int, ...] = ()
    procedures: tuple[str, ...] = ()


def enter(office: Office, actor: Actor, asked: Asked, now: datetime) -> int:
    """The number of the absence; in force when it returns. Raises NotTheirSuperior, Invalid with every fault."""
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    with kept.opened(office.db) as register:
        world = _World(register, catalogue, today)
        if not world.answers_for(actor.id, asked.person):
            raise NotTheirSuperior
        if faults := _faults(world, actor, asked):
            raise Invalid(faults)
        number = register.enter(Entered(
            person=asked.person, substitute=asked.substitute, first=asked.first, last=asked.last, by=actor.id, at=now,
            units=list(asked.units), procedures=list(asked.procedures), reason=asked.reason.strip()))
        register.note("absence_entered", actor.id, now, {
            "absence": number, "person": asked.person, "substitute": asked.substitute, "first": str(asked.first),
            "last": str(asked.last), "units": list(asked.units), "procedures": list(asked.procedures)})
        _put_in_force(register, today)
    return number


def end(office: Office, actor: Actor, absence: int, now: datetime) -> None:
    """From now on the posts are the person's alone. Raises NotFound in other agencies, NotTheirSuperior,
    AlreadyOver.
    """
    catalogue, today = office.fresh_catalogue(), now.astimezone(ZONE).date()
    row = kept.one(office.db, absence)
    if row is None:
        raise NotFound(what="lần vắng mặt", what_en="absence")
    with kept.opened(office.db) as register:
        world = _World(register, catalogue, today)
        if not world.works_with(actor.id, row.person):
            raise NotFound(what="lần vắng mặt", what_en="absence")
        if not world.answers_for(actor.id, row.person):
            raise NotTheirSuperior
        if row.last < today or not register.end(absence, actor.id, now):
            raise AlreadyOver
        register.note("absence_ended", actor.id, now, {"absence": absence, "person": row.person})
        _put_in_force(register, today, absence)


def renew(office: Office, now: datetime) -> bool:
    """What is lent follows the posts as they are now; whether anything had to change."""
    today = now.astimezone(ZONE).date()
    with kept.looked_at(office.db) as register:
        if not _differs(register, today):
            return False
    with kept.opened(office.db) as register:
        _put_in_force(register, today)
    return True


def as_it_stands(office: Office, today: date) -> Standing:
    """Who stands in on which days, and on which days nobody does."""
    with kept.looked_at(office.db) as register:
        return _standing(register, today)


class _World:
    """What the rules look at, held still by the register."""

    def __init__(self, register: Register, catalogue: Catalogue, today: date) -> None:
        self.today, self.catalogue = today, catalogue
        self.posts = [post_of(row) for row in register.posts(today)]
        self.absences = [away_of(row) for row in register.absences(today)]

    def held(self, person: int, since: date, until: date) -> list[Post]:
        """Posts that can be lent, on some day of these."""
        return [post for post in self.posts if post.person == person and post.role not in NOT_LENT
                and post.since <= until and since <= post.until]

    def agencies(self, posts: Iterable[Post]) -> set[str]:
        return {self.catalogue.units[post.unit].agency for post in posts}

    def works_with(self, actor: int, person: int) -> bool:
        """In one of his agencies: nobody else learns that he is away."""
        mine, his = (self.agencies(self.held(one, self.today, EVER)) for one in (actor, person))
        return actor == person or bool(mine & his)

    def answers_for(self, actor: int, person: int) -> bool:
        if actor == person:
            return True
        leading = [post for post in self.held(actor, self.today, self.today) if post.role in SUPERIORS]
        return bool(self.agencies(leading) & self.agencies(self.held(person, self.today, EVER)))


def _faults(world: _World, actor: Actor, asked: Asked) -> Faults:
    """What is wrong, by field of the form."""
    faults: Faults = text_faults({"reason": asked.reason}, LONGEST_REASON) | reason_faults(asked.reason)
    faults |= _wrong_days(world, asked)
    if not faults.keys() & {"first", "last"}:
        faults |= _wrong_scope(world, asked)
        faults |= _wrong_substitute(world, actor, asked)
    return faults


def _wrong_days(world: _World, asked: Asked) -> Faults:
    faults: Faults = {}
    if asked.first < world.today:
        faults["first"] = ("ngày đầu không được ở trong quá khứ", "the first day must not lie in the past")
    if asked.last < asked.first:
        faults["last"] = ("ngày cuối phải từ ngày đầu trở đi", "the last day must not come before the first")
    elif asked.last - asked.first > LONGEST:
        faults["last"] = ("một lần vắng mặt dài tối đa một năm", "an absence lasts a year at most")
    return faults


def _wrong_scope(world: _World, asked: Asked) -> Faults:
    faults: Faults = {}
    mine = world.held(asked.person, asked.first, asked.last)
    if not mine:
        faults["person"] = ("người này không giữ vai trò nào thay được trong những ngày đó",
                            "this person holds no post on these days in which somebody could stand in")
    if not {post.unit for post in mine}.issuperset(asked.units):
        faults["units"] = ("chọn trong các đơn vị của người vắng mặt", "choose among the units of the person")
    if not {procedure.key for procedure in world.catalogue.procedures.values()}.issuperset(asked.procedures):
        faults["procedures"] = ("có thủ tục không có trong danh mục", "there is no such procedure")
    for other in world.absences:
        if other.person == asked.person and other.first <= asked.last and asked.first <= other.last:
            faults["first"] = (f"trùng với lần vắng mặt {other.first:%d/%m/%Y} – {other.last:%d/%m/%Y}",
                               f"overlaps with the absence of {other.first:%d/%m/%Y} to {other.last:%d/%m/%Y}")
    return faults


def _wrong_substitute(world: _World, actor: Actor, asked: Asked) -> Faults:
    """Whoever leaves names somebody of his agency; a superior may name anybody but himself."""
    if asked.substitute == asked.person:
        return {"substitute": ("không tự thay chính mình", "nobody stands in for himself")}
    if actor.id not in (asked.person,) and asked.substitute == actor.id:
        return {"substitute": ("người cử không tự cử mình thay người khác",
                               "who enters it for somebody else does not name himself")}
    posts = world.held(asked.substitute, asked.first, asked.last)
    same = world.agencies(posts) & world.agencies(world.held(asked.person, asked.first, asked.last))
    if not posts or (actor.id == asked.person and not same):
        return {"substitute": ("chọn người đang giữ vai trò ở cùng cơ quan trong những ngày đó; "
                               "người ở cơ quan khác do lãnh đạo cử",
                               "choose somebody with a post in the same agency on these days; "
                               "only a head may name somebody of another")}
    new = Away(id=0, person=asked.person, substitute=asked.substitute, first=asked.first, last=asked.last)
    if circle(world.absences, new):
        return {"substitute": ("người này cũng vắng và việc thay thế quay vòng lại chính bạn; chọn người khác",
                               "this person is away too and his substitutes lead back here; choose somebody else")}
    return {}


def _standing(register: Register, today: date) -> Standing:
    """Yesterday is written again with today: of what ends today it was the last day."""
    return standing([post_of(row) for row in register.posts(today - _DAY)],
                    [away_of(row) for row in register.absences(today - _DAY)])


def _differs(register: Register, today: date) -> bool:
    numbers = [row.id for row in register.absences(today - _DAY)]
    return bool(numbers) and {lent_of(row) for row in register.lent(numbers)} != set(_standing(register, today).lent)


def _put_in_force(register: Register, today: date, *over: int) -> None:
    """`over`: absences that may have ended before they began."""
    numbers = [row.id for row in register.absences(today - _DAY)]
    register.stand_in([*numbers, *over], [_row(lent) for lent in _standing(register, today).lent])


def _row(lent: Lent) -> dict[str, Any]:
    return {"person_id": lent.person, "unit_id": lent.unit, "role": lent.role, "valid_from": str(lent.since),
            "valid_to": str(lent.until), "for_person_id": lent.principal, "absence_id": lent.absence,
            "procedures": sorted(lent.procedures)}


def post_of(row: PostRow) -> Post:
    return Post(person=row.person, unit=row.unit, role=row.role, since=row.since, until=row.until or EVER)


def away_of(row: AwayRow) -> Away:
    return Away(id=row.id, person=row.person, substitute=row.substitute, first=row.first, last=row.last,
                units=frozenset(row.units), procedures=frozenset(row.procedures))


def lent_of(row: LentRow) -> Lent:
    told = asdict(row)
    return Lent(**(told | {"procedures": frozenset(row.procedures)}))
