"""Messages as people read them: those of a dossier, and those that failed and wait for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from engine.casework.orders import Actor
from engine.clocks.zone import ZONE
from engine.errors import Invalid
from engine.notifying.kinds import masked_address, name_of
from engine.office import Office
from procedures.declaration import Text
from procedures.entry import text
from storage import events, messages
from storage.messages import Sent
from storage.tables.desk import Channel

CHANNELS = {
    Channel.MAIL: text("Thư điện tử", "Mail"), Channel.SMS: text("Tin nhắn", "Text message"),
    Channel.WEBHOOK: text("Nhóm trao đổi", "Team chat"),
}
SENT, WAITING = text("Đã gửi", "Sent"), text("Chờ gửi", "Waiting")
PARKED, CLOSED = text("Chưa gửi được", "Not sent"), text("Đã đóng, không gửi", "Closed, not sent")
WHY = {
    "no_channel": text("chưa cấu hình kênh gửi; báo quản trị hệ thống",
                       "no way out is set up for this channel; tell the administrator"),
    "unknown_kind": text("loại tin này không còn mẫu", "this kind of message has no words any more"),
}
REFUSED = text("nơi nhận không nhận sau {attempts} lần gửi", "the partner did not take it in {attempts} attempts")
LONGEST_WHY = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """`state` in words, `good`: nothing is left to do; `address` is masked, `to` a colleague's name or empty."""

    name: Text
    channel: Text
    address: str
    to: str
    state: Text
    good: bool
    at: datetime
    why: Text | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """`detail` is the partner's own word."""

    id: UUID
    code: str | None
    name: Text
    channel: Text
    address: str
    why: Text
    detail: str
    at: datetime


def of_dossier(office: Office, code: str) -> list[Told]:
    """The newest first; whoever asks has been found to see the dossier."""
    return [_told(row) for row in messages.of_dossier(office.db, code)]


def _told(row: Sent) -> Told:
    why = None
    if row.sent_at is not None:
        state, at = SENT, row.sent_at
    elif row.closed_at is not None:
        state, at, why = CLOSED, row.closed_at, Text(vi=row.closed_why or "–", en=row.closed_why or "–")
    elif row.parked_at is not None:
        state, at, why = PARKED, row.parked_at, _why(row.last_error, row.attempts)
    else:
        state, at = WAITING, row.created_at
    return Told(name=name_of(row.kind), channel=CHANNELS[Channel(row.channel)],
                address=masked_address(row.channel, row.address), to=row.colleague or "", state=state,
                good=row.sent_at is not None, at=at, why=why)


def _why(error: str | None, attempts: int) -> Text:
    known = WHY.get(error or "")
    return known or Text(vi=REFUSED.vi.format(attempts=attempts), en=REFUSED.en.format(attempts=attempts))


def failed(office: Office, person: int, now: datetime) -> list[Failed]:
    """What failed for good and belongs to the person's units."""
    return [Failed(id=row.id, code=row.code, name=name_of(row.kind), channel=CHANNELS[Channel(row.channel)],
                   address=masked_address(row.channel, row.address), why=_why(row.last_error, row.attempts),
                   detail="" if row.last_error in WHY else row.last_error or "", at=row.parked_at)
            for row in messages.stuck(office.db, person, _today(now))]


def how_many_failed(office: Office, person: int, now: datetime) -> int:
    return messages.how_many_stuck(office.db, person, _today(now))


def send_again(office: Office, ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    done = messages.again(office.db, ids, actor.id, _today(now), now)
    _note(office, "messages_sent_again", ids, actor, now, {"done": done})
    return done


def close(office: Office, ids: Sequence[UUID], actor: Actor, why: str, now: datetime) -> int:
    """Raises Invalid without a reason."""
    if not why.strip() or len(why) > LONGEST_WHY:
        raise Invalid({"why": ("cần lý do đóng, tối đa 500 chữ", "give a reason, at most 500 letters")})
    done = messages.close(office.db, ids, actor.id, why.strip(), _today(now), now)
    _note(office, "messages_closed", ids, actor, now, {"done": done, "why": why.strip()})
    return done


def _note(office: Office, kind: str, ids: Sequence[UUID], actor: Actor, now: datetime, told: dict[str, object]) -> None:
    if told["done"]:
        events.append(office.db, kind, actor.id, now, {**told, "messages": [str(one) for one in ids]})


def _today(now: datetime) -> date:
    return now.astimezone(ZONE).date()
