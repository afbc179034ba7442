"""A page's reader: who is signed in or nobody yet, in which language, and which pages are of use to that person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.context import Person, Visitor
from engine.access import READERS
from engine.casework.postal import AT_THE_DESK
from engine.desk.mentions import count_unread
from engine.desk.troubles import how_many
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
        path = self.visitor.request.url.path
        return [Place(address=place.address, name=place.name, here=_within(path, place.address),
                      count=place.count(self.caller) if place.count else 0, unit=place.unit)
                for place in PLACES if self.caller.identity.has(*place.roles)]


def _within(path: str, address: str) -> bool:
    return path == address or (address != "/" and path.startswith(f"{address}/"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    address: str
    name: Text
    roles: frozenset[Role]
    count: Callable[[Person], int] | None = None
    unit: Text | None = None


def _unread(caller: Person) -> int:
    return count_unread(caller.office, caller.id, caller.now)


def _troubles(caller: Person) -> int:
    return how_many(caller.office, caller.id, caller.now)


PLACES = (
    Known(address="/", name=Text(vi="Việc của tôi", en="My work"), roles=DESK),
    Known(address="/receive", name=Text(vi="Tiếp nhận", en="Receive"), roles=frozenset({Role.RECEPTIONIST})),
    Known(address="/return", name=Text(vi="Trả kết quả", en="Return"), roles=frozenset({Role.RETURNER})),
    Known(address="/handoffs", name=Text(vi="Chuyển giao", en="Hand-offs"), roles=DESK),
    Known(address="/courier", name=Text(vi="Giao nhận", en="Courier"), roles=DESK | {Role.COURIER}, count=_troubles,
          unit=Text(vi="sự việc chưa xử lý", en="open incidents")),
    Known(address="/find", name=Text(vi="Tra cứu", en="Find"), roles=DESK | {Role.AUDITOR}),
    Known(address="/book", name=Text(vi="Sổ theo dõi", en="Book"),
          roles=frozenset({Role.RECEPTIONIST, Role.RETURNER, Role.MANAGER, Role.AUDITOR})),
    Known(address="/procedures", name=Text(vi="Thủ tục", en="Procedures"), roles=frozenset(READERS)),
    Known(address="/calendars", name=Text(vi="Lịch", en="Calendars"), roles=frozenset(READERS)),
    Known(address="/reports", name=Text(vi="Báo cáo", en="Reports"), roles=frozenset(READERS)),
    Known(address="/notices", name=Text(vi="Thông báo", en="Notices"), roles=DESK, count=_unread,
          unit=Text(vi="thông báo chưa đọc", en="unread")),
    Known(address="/post", name=Text(vi="Bưu chính", en="Post"), roles=frozenset(AT_THE_DESK)),
)


def home(caller: Person) -> str:
    """Where somebody starts who has no work list."""
    return next((place.address for place in PLACES if caller.identity.has(*place.roles)), "/notices")
