"""A page's reader: who is signed in or nobody yet, in which language, and which pages are of use to that person."""

from __future__ import annotations

from dataclasses import dataclass

from api.context import Person, Visitor
from engine import bar
from engine.access import READERS, WATCHERS
from engine.answering import by_slip
from engine.casework import payouts
from engine.casework.postal import AT_THE_DESK
from engine.portal import desk as portal
from engine.signin import LANGUAGES
from procedures.declaration import Text
from procedures.words import Role

LANGUAGE_COOKIE = "language"
NOT_DESK = frozenset({Role.COURIER, Role.ADMINISTRATOR, Role.AUDITOR})
DESK = frozenset(Role) - NOT_DESK


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A link of the bar. `count` is what waits there, in `unit`s."""

    address: str
    name: Text
    here: bool
    count: int = 0
    unit: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """As the bar shows the person; `id` goes with every form, to know whose words come back."""

    id: int
    name: str
    place: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    visitor: Visitor

    @property
    def caller(self) -> Person | None:
        """Who is signed in; the sign-in page has nobody."""
        found = self.visitor
        return found if isinstance(found, Person) and found.id else None

    @property
    def language(self) -> str:
        if self.caller is not None:
            return self.caller.chosen_language
        request = self.visitor.request
        chosen = getattr(request.state, "language", None) or request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else "vi"

    @property
    def now(self) -> object:
        return self.visitor.now

    @property
    def here(self) -> str:
        """Where to come back to: this page, or the page of the form that was posted."""
        url = self.visitor.request.url
        if self.visitor.request.method != "GET":
            return "/"
        return url.path + (f"?{url.query}" if url.query else "")

    @property
    def form_key(self) -> str:
        return self.caller.identity.form_key if self.caller else ""

    @property
    def person(self) -> Reader | None:
        if self.caller is None:
            return None
        unit_id, _ = self.caller.identity.memberships[0]
        unit = self.caller.office.catalogue().units[unit_id]
        place = unit.full_en if self.language == "en" else unit.full_vi
        return Reader(id=self.caller.id, name=self.caller.actor.name, place=place)

    def places(self) -> list[Place]:
        """Those the person's roles have a use for; what may be done there the engine decides."""
        if self.caller is None:
            return []
        caller, path = self.caller, self.visitor.request.url.path
        useful = [place for place in PLACES if caller.identity.has(*place.roles, *place.readers)]
        counts = bar.counts(caller.office, caller.id, caller.identity.memberships,
                            {place.count for place in useful if place.count}, caller.now)
        found = [(place, getattr(counts, place.count) if place.count else 0) for place in useful]
        return [Place(address=place.address, name=place.name, here=_within(path, place.address), count=count or 0,
                      unit=place.unit) for place, count in found if count is not None]


def _within(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address}/"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """`count`: the field of storage.views.bar.Counts; where that is None the page is of no use to anybody here.

    `readers`: have a use for it, and begin elsewhere.
    """

    address: str
    name: Text
    roles: frozenset[Role]
    readers: frozenset[Role] = frozenset()
    count: str | None = None
    unit: Text | None = None


PLACES = (
    Known(address="/", name=Text(vi="Việc của tôi", en="My work"), roles=DESK),
    Known(address="/receive", name=Text(vi="Tiếp nhận", en="Receive"), roles=frozenset({Role.RECEPTIONIST})),
    Known(address="/return", name=Text(vi="Trả kết quả", en="Return"), roles=frozenset({Role.RETURNER})),
    Known(address="/handoffs", name=Text(vi="Chuyển giao", en="Hand-offs"), roles=DESK),
    Known(address="/courier", name=Text(vi="Giao nhận", en="Courier"), roles=DESK | {Role.COURIER},
          readers=frozenset({Role.AUDITOR}), count="courier",
          unit=Text(vi="sự việc chưa xử lý", en="open incidents")),
    Known(address="/find", name=Text(vi="Tra cứu", en="Find"), roles=DESK | {Role.AUDITOR}),
    Known(address="/book", name=Text(vi="Sổ theo dõi", en="Book"),
          roles=frozenset({Role.RECEPTIONIST, Role.RETURNER, Role.MANAGER, Role.AUDITOR})),
    Known(address="/procedures", name=Text(vi="Thủ tục", en="Procedures"), roles=frozenset(READERS)),
    Known(address="/calendars", name=Text(vi="Lịch", en="Calendars"), roles=frozenset(READERS)),
    Known(address="/reports", name=Text(vi="Báo cáo", en="Reports"), roles=frozenset(READERS)),
    Known(address="/notices", name=Text(vi="Thông báo", en="Notices"), roles=DESK, count="notices",
          unit=Text(vi="thông báo chưa đọc", en="unread")),
    Known(address="/post", name=Text(vi="Bưu chính", en="Post"), roles=frozenset(AT_THE_DESK)),
    Known(address="/answers", name=Text(vi="Trả lời ngoài hệ thống", en="Answers from outside"), roles=by_slip.ROLES,
          count="answers", unit=Text(vi="phiếu chưa in hoặc thư chưa gửi được", en="slips to print or mails not sent")),
    Known(address="/payouts", name=Text(vi="Chi trả", en="Pay-out"), roles=frozenset(payouts.PAYS), count="payouts",
          unit=Text(vi="khoản chưa chuyển danh sách", en="not on a list passed on")),
    Known(address="/portal", name=Text(vi="Cổng quốc gia", en="National portal"), roles=frozenset(portal.WATCHERS),
          count="portal", unit=Text(vi="mục cần xử lý", en="exceptions")),
    Known(address="/exchange", name=Text(vi="Trao đổi", en="Exchange"), roles=frozenset(WATCHERS), count="exchange",
          unit=Text(vi="mục cần xử lý", en="to be seen to")),
)


def home(caller: Person) -> str:
    """Where somebody starts who has no work list."""
    return next((place.address for place in PLACES if caller.identity.has(*place.roles)), "/notices")
