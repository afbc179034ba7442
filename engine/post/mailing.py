"""Results that go by post: handed to the carrier in a batch, slip after slip, until each is delivered or back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.casework.act import act
from engine.casework.orders import Actor, Order, Particulars, Reply
from engine.casework.postal import written
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.counter.returning import scanned
from engine.errors import Conflict, Invalid, NotFound
from engine.office import Office
from engine.post import desks
from procedures.declaration import Text
from storage import post
from storage.post import Batch, Intake, Posted, ToSend

# Longer than this a delivery inside the province is asked about.
SLOW_DAYS = 5


class BatchClosed(Conflict):
    code = "batch_closed"
    vi = "Bảng kê này đã đóng. Hãy lập bảng kê mới."
    en = "This list is closed. Open another one."


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """What the page of the post shows of the person's desks."""

    to_send: list[ToSend]
    on_the_way: list[Posted]
    came_back: list[Posted]
    intakes: list[Intake]
    batches: list[Batch]
    catalogue: Catalogue
    today: date

    def procedure(self, row: ToSend | Posted) -> Text:
        return self.catalogue.procedures[row.version_id].declaration.name

    def age(self, row: Posted) -> int:
        """Days since it was sent."""
        return (self.today - row.sent_at.astimezone(ZONE).date()).days

    def slow(self, row: Posted) -> bool:
        return self.age(row) > SLOW_DAYS


def overview(office: Office, actor: Actor, now: datetime) -> Overview:
    units = desks.of(office, actor, now)
    return Overview(
        to_send=post.to_send(office.db, units), on_the_way=post.on_the_way(office.db, units),
        came_back=post.came_back(office.db, units), intakes=post.intakes(office.db, units),
        batches=post.batches(office.db, units), catalogue=office.fresh_catalogue(), today=now.astimezone(ZONE).date())


def open_batch(office: Office, actor: Actor, worker: str, carrier: str, now: datetime, unit: int | None = None) -> int:
    """The carrier's worker stands at the counter; results are packed in his presence. Raises WrongRole, Invalid."""
    units = desks.of(office, actor, now)
    carrier, worker = desks.carried_by(carrier, worker)
    return post.open_batch(office.db, desks.one_of(units, unit), carrier, worker, actor.id, now)


def batch(office: Office, number: int, actor: Actor, now: datetime) -> tuple[Batch, list[Posted]]:
    """Raises NotFound for those of other desks."""
    found = post.batch(office.db, number, desks.of(office, actor, now))
    if found is None:
        raise NotFound(what="bảng kê gửi bưu chính", what_en="the list for the carrier")
    return found, post.of_batch(office.db, number)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """`scan`: what a scanner read of the dossier or its result; `fee` in đồng, to be collected; `recipient`: who else
    may take it; `originals`: keys of the papers that go back with it. `address`: another than the dossier has; `why` it
    is sent once more.
    """

    scan: str
    slip: str
    fee: int = 0
    recipient: str = ""
    originals: tuple[str, ...] = ()
    address: str = ""
    why: str = ""


def send(office: Office, number: int, actor: Actor, item: Item, key: str, now: datetime) -> Reply:
    """Paper and slip scanned one after the other: the item is the carrier's from this moment on."""
    found, _ = batch(office, number, actor, now)
    if found.closed_at is not None:
        raise BatchClosed
    code = scanned(item.scan)
    if code is None:
        raise Invalid({"scan": ("không có mã hồ sơ trong nội dung vừa quét",
                                "there is no dossier code in what was scanned")})
    return act(office, Order(
        code=code, event="send_by_post", actor=actor, key=key or None,
        particulars=Particulars(slip=written(item.slip), amount=item.fee, recipient=item.recipient, batch=number,
                                documents=item.originals, carrier=found.carrier, address=item.address,
                                reason=item.why)), now)


def close(office: Office, number: int, actor: Actor, now: datetime) -> None:
    batch(office, number, actor, now)
    if not post.close_batch(office.db, number, now):
        raise BatchClosed


def one(office: Office, slip: str, actor: Actor, now: datetime) -> Posted:
    """Raises NotFound for slips no result of the person's desks was sent with."""
    found = post.posting(office.db, written(slip)[:40], desks.of(office, actor, now))
    if found is None:
        raise NotFound(what=f"phiếu gửi {slip[:40]}", what_en=f"slip {slip[:40]}")
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What the carrier says of an item. `event`: delivered, attempt, lost, back."""

    event: str
    day: date | None = None
    recipient: str = ""
    proof: str = ""
    why: str = ""
    note: str = ""


EVENTS = {"delivered": "confirm_delivery", "attempt": "record_posting", "lost": "record_posting",
          "back": "record_failed_delivery"}


def report(office: Office, slip: str, actor: Actor, told: Report, key: str, now: datetime) -> Reply:
    """The act it means. Raises NotFound, Invalid, and what the act does."""
    found = one(office, slip, actor, now)
    faults = {}
    if told.event not in EVENTS:
        faults["event"] = ("chọn kết quả bưu chính báo", "choose what the carrier reports")
    if told.event == "delivered" and not told.recipient.strip():
        faults["recipient"] = ("ghi họ tên người đã ký nhận", "name the person who signed for it")
    if told.event == "delivered" and not told.proof.strip():
        faults["proof"] = ("ghi số phiếu báo phát, hoặc tên bản quét", "give the number of the proof, or of its scan")
    if faults:
        raise Invalid(faults)
    reason = told.note or ("Bưu chính chuyển hoàn" if told.event == "back" else "")
    return act(office, Order(
        code=found.code, event=EVENTS[told.event], actor=actor, key=key or None,
        particulars=Particulars(kind=told.event, outcome=told.why, day=told.day, recipient=told.recipient,
                                proof=told.proof, reason=reason)), now)
