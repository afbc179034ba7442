"""One act on many pieces of work: looked at first, then done one by one, each with its own answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from engine.casework.act import BESIDE, act
from engine.casework.offers import Offer, offers
from engine.casework.orders import Actor, Order, Particulars
from engine.casework.telling import ACTS
from engine.desk.places import day_of
from engine.desk.work import WorkRow, rows_of
from engine.errors import LienThongError, NotFound, NotSignedIn, Unavailable
from engine.office import Office
from procedures.declaration import Event, Text
from procedures.entry import text
from storage import dossiers
from storage.views import worklist
from storage.views.worklist import Item

# What a list lets people do with many at once. ADVANCE is the work of the step itself, where it asks for nothing.
ADVANCE, SNOOZE, WAKE = "advance", "snooze", "wake"
BULK = {
    "claim": ACTS["claim"], "let_go": ACTS["let_go"], "assign": ACTS["assign"], "register": ACTS["register"],
    ADVANCE: text("Chuyển bước tiếp theo", "Move on to the next step"),
    SNOOZE: text("Hoãn đến ngày (chỉ danh sách của tôi)", "Put off until a day (my list only)"),
    WAKE: text("Thôi hoãn", "Show again now"),
}
OWN = frozenset({SNOOZE, WAKE})
# Nobody signs what he has not opened; what ends a dossier, or takes something back, is decided one by one.
_ONE_BY_ONE = frozenset({Event.SIGN, Event.REFUSE, Event.STOP, Event.WITHDRAW, Event.SEND_BACK, Event.REQUEST_PAYMENT,
                         Event.REQUEST_SUPPLEMENT, Event.PROPOSE_REJECTION, Event.RECORD_FAILED_DELIVERY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Intent:
    """What would be done with one piece of work: `event` at `state`, on the version that was seen. `why` is set, and
    nothing would be done, where it is not possible.
    """

    row: WorkRow
    event: str
    name: Text
    state: str | None = None
    handoff: UUID | None = None
    why: Text | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One line of what somebody confirmed."""

    code: str
    event: str
    state: str | None
    version: int
    handoff: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """`why` is empty when it was done; `tried` is False for what was not reached because a part was down."""

    code: str
    name: Text
    why: Text | None = None
    tried: bool = True


def intents(office: Office, actor: Actor, items: Sequence[Item], wanted: str, now: datetime) -> list[Intent]:
    """A dry run of each; nothing is recorded."""
    return [_intent(office, actor, item, row, wanted, now)
            for item, row in zip(items, rows_of(office, items, now), strict=True)]


def _intent(office: Office, actor: Actor, item: Item, row: WorkRow, wanted: str, now: datetime) -> Intent:
    if wanted in OWN:
        return Intent(row=row, event=wanted, name=BULK[wanted])
    loaded = dossiers.load(office.db, code=row.code, person=actor.id, key=None, today=day_of(now), blind=False,
                           colleagues=wanted == "assign")
    if loaded is None:
        return Intent(row=row, event=wanted, name=BULK[wanted], why=_words(NotFound(what=row.code, what_en=row.code)))
    catalogue = office.catalogue(loaded.revision)
    if wanted == ADVANCE:
        return _advance(row, [offer for offer in offers(loaded, actor, catalogue, now) if offer.state == row.state])
    intent = Intent(row=row, event=wanted, name=BULK[wanted], state=None if wanted == "register" else row.state,
                    handoff=row.handoff if wanted == "register" else None)
    people = [person for unit, role, person, _ in loaded.colleagues
              if (unit, role) == (item.unit_id, item.role) and person != item.claimed_by]
    told = Particulars(handoff=intent.handoff, person=people[0] if people else None)
    order = Order(code=row.code, event=wanted, actor=actor, state=intent.state, particulars=told)
    try:
        BESIDE[wanted](loaded, order, catalogue, now)
    except LienThongError as refusal:
        return replace(intent, why=_words(refusal))
    return intent


_MANY = text("Bước này có nhiều cách xử lý, hoặc phải ghi nội dung: mở hồ sơ để chọn.",
             "This step can go several ways, or asks for something to be written: open the dossier.")


def _advance(row: WorkRow, found: Sequence[Offer]) -> Intent:
    """The one act of the step that asks for nothing; where there is another way as well, somebody has to look."""
    work = [offer for offer in found if offer.closes and offer.event not in _ONE_BY_ONE]
    ways = [offer for offer in work if offer.permitted]
    # what is asked of consulted bodies may be said, and need not
    if len(ways) == 1 and set(ways[0].fields) <= {"words"}:
        return Intent(row=row, event=ways[0].event, name=ways[0].name, state=ways[0].state)
    why = Text(vi=work[0].why_vi, en=work[0].why_en) if work and not ways else _MANY
    return Intent(row=row, event=ADVANCE, name=BULK[ADVANCE], why=why)


def carry_out(office: Office, actor: Actor, lines: Sequence[Told], key: str, person: int | None, now: datetime) -> list[
        Done]:
    """Each in a transaction of its own, under `key` with its code: the same lines sent again do nothing twice.

    What is refused stops nothing; when a part of the machine is down the rest is not tried.
    """
    found: list[Done] = []
    for at, line in enumerate(lines):
        name = BULK.get(line.event) or ACTS.get(line.event) or Text(vi=line.event, en=line.event)
        order = Order(code=line.code, event=line.event, actor=actor, state=line.state, seen_version=line.version,
                      key=f"{key}.{line.event}.{line.code}.{line.state or line.handoff or ''}",
                      particulars=Particulars(handoff=line.handoff, person=person if line.event == "assign" else None))
        try:
            act(office, order, now)
        except NotSignedIn:
            raise
        except Unavailable as down:
            return [*found, Done(code=line.code, name=name, why=_words(down)),
                    *(Done(code=left.code, name=name, why=_words(down), tried=False) for left in lines[at + 1:])]
        except LienThongError as refusal:
            found.append(Done(code=line.code, name=name, why=_words(refusal)))
        else:
            found.append(Done(code=line.code, name=name))
    return found


def colleagues(office: Office, rows: Sequence[WorkRow], now: datetime) -> dict[str, Text]:
    """By id: everybody who holds the post of one of these pieces of work today."""
    found = worklist.holders(office.db, {(row.unit.id, row.role) for row in rows}, day_of(now))
    return {str(person): Text(vi=name, en=name) for person, name in found}


def _words(refusal: LienThongError) -> Text:
    return Text(vi=refusal.message(), en=refusal.message("en"))
