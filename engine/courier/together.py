"""Many acts on papers at once: a whole manifest is confirmed in the time of a few, with an answer for every paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from engine.casework import custody
from engine.casework.act import transact
from engine.casework.custody import Packed
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.errors import LienThongError
from engine.office import Office
from procedures.declaration import Text
from storage import custody as rows
from storage.dossiers import Loaded

Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
# Acts of one transaction: few enough that nobody waits long for a dossier that is among them.
AT_ONCE = 50

DECIDES: dict[str, Callable[..., Decision]] = {
    "take_paper": custody.take, "confirm_paper": custody.confirm, "report_missing": custody.missing,
    "report_extra": custody.extra,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`at`: when it was scanned, where that was before now; `key` makes it answerable once; `packed`: in which bag;
    `recipient`: who signed for it at an agency that does not work here.
    """

    barcode: str
    event: str
    key: str | None = None
    at: datetime | None = None
    packed: Packed | None = None
    recipient: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """`code` and `why` are those of the refusal, empty where it was done."""

    barcode: str
    event: str
    done: bool
    code: str = ""
    why: Text | None = None


@dataclass(slots=True)
class _Act:
    order: Order
    decide: Decide


def together(office: Office, asked: Sequence[Asked], actor: Actor, now: datetime) -> list[Result]:
    """One result for each, in order. What is refused is recorded as a refusal, as when it is asked alone."""
    acts = [_act(one, actor) for one in asked]
    left = set(range(len(acts)))
    for chunk in _chunks(acts):
        left -= _recorded(office, acts, chunk, now)
    return [_alone(office, acts[at], now) if at in left else _done(acts[at]) for at in range(len(acts))]


def _act(one: Asked, actor: Actor) -> _Act:
    decide = DECIDES[one.event]
    order = Order(code=one.barcode.rpartition("-")[0], event=one.event, actor=actor, key=one.key,
                  particulars=Particulars(slip=one.barcode, recipient=one.recipient))
    if one.packed is not None:
        decide = partial(decide, packed=one.packed)
    if one.at is not None and one.event in ("take_paper", "confirm_paper"):
        decide = custody.scanned(decide, one.at)
    return _Act(order, decide)


def _chunks(acts: list[_Act]) -> list[list[int]]:
    """A dossier once in each: its second paper is decided on what the first left behind."""
    chunks: list[list[int]] = []
    behind: dict[str, int] = {}
    for at, act in enumerate(acts):
        place = behind.get(act.order.code, 0)
        while place < len(chunks) and len(chunks[place]) >= AT_ONCE:
            place += 1
        if place == len(chunks):
            chunks.append([])
        chunks[place].append(at)
        behind[act.order.code] = place + 1
    return chunks


def _recorded(office: Office, acts: list[_Act], chunk: list[int], now: datetime) -> set[int]:
    """Those that went through at once; the others are asked again one by one."""
    # every such transaction locks dossiers in this order, so that no two wait for each other
    chunk = sorted(chunk, key=lambda at: acts[at].order.code)
    orders = [acts[at].order for at in chunk]
    loaded = rows.load_many(office.db, [order.code for order in orders], [order.key for order in orders],
                            orders[0].actor.id, now.astimezone(ZONE).date())
    decided: list[int] = []
    payloads: list[dict[str, Any]] = []
    for at, found in zip(chunk, loaded, strict=True):
        decision = _decided(office, acts[at], found, now)
        if decision is not None:
            decided.append(at)
            payloads.append(decision.payload())
    if not payloads:
        return set()
    moved = rows.record_many(office.db, payloads)
    return {at for place, at in enumerate(decided) if place not in moved}


def _decided(office: Office, act: _Act, loaded: Loaded | None, now: datetime) -> Decision | None:
    if loaded is None or loaded.asked_before is not None:
        return None
    loaded.blind = True
    try:
        return act.decide(loaded, act.order, office.catalogue(loaded.revision), now)
    except LienThongError:
        return None


def _alone(office: Office, act: _Act, now: datetime) -> Result:
    try:
        transact(office, act.order, act.decide, now)
    except LienThongError as refusal:
        return Result(barcode=act.order.particulars.slip, event=act.order.event, done=False, code=refusal.code,
                      why=Text(vi=refusal.message("vi"), en=refusal.message("en")))
    return _done(act)


def _done(act: _Act) -> Result:
    return Result(barcode=act.order.particulars.slip, event=act.order.event, done=True)
