"""What an administrator is changing of one scope: one draft a scope, kept until it is published or given up.

Every change leaves a calendar that could be published; what is wrong is refused at its field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from engine.calendaring import editing, entering, wording
from engine.calendaring.entering import Clerk, HoursGiven, RowGiven
from engine.calendaring.scopes import Content, Scope, as_of, must_read, must_write, newest, read
from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Conflict, NotFound, Refused
from engine.office import Office
from procedures.calendars.declaration import CalendarDeclaration, YearRules
from procedures.calendars.proposal import NoLunarDates, proposed
from procedures.declaration import Text
from storage import calendars as rows
from storage.calendars import Draft as Row

Edit = Callable[[Content], Content]


class StaleCalendar(Conflict):
    code = "stale_calendar"
    vi = "{who} đã sửa lịch này lúc {when}, sau khi bạn mở trang. Nội dung bạn nhập vẫn còn; hãy xem lại rồi lưu."
    en = "{who} changed this calendar at {when}, after you had opened the page. What you entered is kept; save again."


class NoCalendarDraft(Conflict):
    code = "no_calendar_draft"
    vi = "Bản thảo lịch này không còn: đã được áp dụng hoặc đã hủy. Hãy mở lịch và bấm “Sửa lịch này”."
    en = "This draft of the calendar is gone: put into force or given up. Open the calendar and choose “Change it”."


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`base` is what it was begun from; `outdated`: another version came since."""

    scope: Scope
    row: Row
    content: Content
    base: Content
    outdated: bool

    @property
    def version(self) -> int:
        return self.row.version

    @cached_property
    def changes(self) -> list[Text]:
        return wording.changes(self.base, self.content)

    @property
    def shared(self) -> CalendarDeclaration:
        """Raises NotFound: an agency has no years of its own."""
        return shared_of(self.content)


def shared_of(content: Content) -> CalendarDeclaration:
    if not isinstance(content, CalendarDeclaration):
        raise NotFound(what="năm trong lịch riêng của cơ quan", what_en="years in an agency's own calendar")
    return content


def begin(office: Office, actor: Actor, scope: Scope, now: datetime) -> Draft:
    """The scope's draft: begun from its newest version, or the one somebody has begun. Raises NotKeeper."""
    must_write(office, actor, now)
    base, content = newest(office, scope)
    rows.begin(office.db, scope.code, content.model_dump_json(), base, actor.id, now)
    return opened(office, actor, scope, now)


def opened(office: Office, actor: Actor, scope: Scope, now: datetime) -> Draft:
    """For readers, too. Raises NoCalendarDraft."""
    found = find(office, actor, scope, now)
    if found is None:
        raise NoCalendarDraft
    return found


def find(office: Office, actor: Actor, scope: Scope, now: datetime) -> Draft | None:
    must_read(office, actor, now)
    row = rows.draft(office.db, scope.code)
    if row is None:
        return None
    return Draft(scope=scope, row=row, content=read(scope, row.content), base=as_of(office, scope, row.base_id),
                 outdated=newest(office, scope)[0] != row.base_id)


def change(office: Office, actor: Actor, scope: Scope, seen: int, edit: Edit, now: datetime) -> Draft:
    """Raises NotKeeper, NoCalendarDraft, StaleCalendar, and whatever the edit refuses."""
    must_write(office, actor, now)
    draft = opened(office, actor, scope, now)
    if draft.version != seen:
        raise stale(draft)
    content = edit(draft.content).model_dump_json()
    if not rows.save(office.db, scope.code, seen, content, actor.id, now):
        raise stale(opened(office, actor, scope, now))
    return opened(office, actor, scope, now)


def discard(office: Office, actor: Actor, scope: Scope, seen: int, now: datetime) -> None:
    must_write(office, actor, now)
    draft = opened(office, actor, scope, now)
    if draft.version != seen or not rows.discard(office.db, scope.code, seen):
        raise stale(draft)


def stale(draft: Draft) -> StaleCalendar:
    at = draft.row.changed_at.astimezone(ZONE)
    return StaleCalendar(who=draft.row.changed_name, when=f"{at:%H:%M %d/%m/%Y}")


def entering_row(given: RowGiven, actor: Actor, now: datetime, before: date | None = None) -> Edit:
    """A new row, or in the place of the one that begins on `before`. Raises Invalid."""
    row = entering.row(given, Clerk(name=actor.name, today=now.astimezone(ZONE).date()))
    return lambda content: editing.put_row(content, row, before)


def entering_hours(given: HoursGiven, before: date | None) -> Edit:
    """New weekly hours, or in the place of those since `before`. Raises Invalid."""
    hours = entering.hours(given)
    return lambda content: editing.put_hours(content, hours, before)


def confirming(year: int, announced: bool, sources: Sequence[str]) -> Edit:
    return lambda content: editing.set_year(shared_of(content), year, announced, sources)


def proposing(year: int, actor: Actor, now: datetime) -> Edit:
    """The proposal for a year, every row as entered by who asked for it."""
    today = now.astimezone(ZONE).date()

    def edit(content: Content) -> Content:
        shared = shared_of(content)
        editing.unannounced(shared, year)
        try:
            found = proposed(year, shared)
        except NoLunarDates:
            raise Refused(reason_vi=f"Chưa có âm lịch của năm {year} nên không đề xuất được.",
                          reason_en=f"The lunar dates of {year} are not known: there is no proposal.") from None
        days = tuple(row.model_copy(update={"entered_by": actor.name, "entered_on": today}) for row in found.days)
        return editing.take_proposal(shared, YearRules(year=year, announced=False, days=days))

    return edit
