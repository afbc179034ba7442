"""Whether alarms ring: who looked last, what is due, what rang, what cannot ring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from engine import access
from engine.casework.orders import Actor
from engine.casework.telling import ACTS
from engine.clocks.zone import ZONE
from engine.office import Office
from procedures.declaration import Text
from storage import sweeps, timers
from storage.sweeps import Look, Sweep
from storage.timers import MOST_COUNTED, Failing

# The dispatcher looks every half second and says so every five.
SILENT_AFTER = 60
SHOWN = 50
SECOND, MINUTE, HOUR, DAY = 1, 60, 3600, 86_400
_UNITS = ((DAY, "ngày", "day"), (HOUR, "giờ", "hour"), (MINUTE, "phút", "minute"), (SECOND, "giây", "second"))

AT_ONCE = Text(vi="lượt tới", en="the next sweep")
_WHY = {
    "without_effect": Text(vi="Đã thực hiện nhưng mốc nhắc vẫn còn", en="It was done, and the alarm is still set"),
    "date_moving": Text(vi="Đang tính lại thời hạn theo lịch mới", en="Its dates are being recomputed"),
    "conflict": Text(vi="Hồ sơ đang được nhiều người thao tác", en="The dossier was busy"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulse:
    """`age` of the last look in words, None where nobody ever looked."""

    alive: bool
    age: Text | None
    who: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepRow:
    """`lag`: how late its oldest alarm was."""

    at: datetime
    took: Text
    rang: int
    passed: int
    failed: int
    lag: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class FailingRow:
    """An alarm that could not be rung `attempts` times, and when it is tried again."""

    code: str
    name: Text
    fires_at: datetime
    attempts: int
    why: Text
    again_in: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepReport:
    """`lag`: of the oldest alarm that is due and was never tried; `due`: how many there are, `more` than counted."""

    pulse: Pulse
    lag: Text | None
    due: int
    more: bool
    rang_today: list[tuple[Text, int]]
    failing: list[FailingRow]
    sweeps: list[SweepRow]


def report(office: Office, actor: Actor, now: datetime) -> SweepReport:
    """Raises NotFound for whoever is neither manager, administrator nor auditor today."""
    access.must_watch(office, actor, now)
    waiting = timers.waiting(office.db, now)
    midnight = datetime.combine(now.astimezone(ZONE).date(), time(), ZONE)
    rang = sweeps.rang_since(office.db, midnight)
    return SweepReport(
        pulse=pulse(office), lag=lasting(_seconds(waiting.oldest, now)) if waiting.oldest else None, due=waiting.due,
        more=waiting.due >= MOST_COUNTED,
        rang_today=[(alarm_name(kind), number) for kind, number in sorted(rang.items(), key=lambda one: -one[1])],
        failing=[_failing(row) for row in timers.failing(office.db, SHOWN)],
        sweeps=[_swept(row) for row in sweeps.newest(office.db, SHOWN)])


def pulse(office: Office) -> Pulse:
    look: Look | None = sweeps.last_look(office.db)
    if look is None:
        return Pulse(alive=False, age=None, who="")
    return Pulse(alive=look.age <= SILENT_AFTER, age=lasting(look.age), who=look.who)


def alarm_name(kind: str) -> Text:
    return ACTS.get(f"alarm:{kind}", Text(vi=kind, en=kind))


def lasting(seconds: int) -> Text:
    """The two largest units that say something: 3 phút 20 giây."""
    parts, left = [], max(0, seconds)
    for size, vi, en in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append((f"{count} {vi}", f"{count} {en}{'' if count == 1 else 's'}"))
    if not parts:
        return Text(vi="dưới 1 giây", en="under a second")
    return Text(vi=" ".join(part[0] for part in parts[:2]), en=" ".join(part[1] for part in parts[:2]))


def _seconds(since: datetime, now: datetime) -> int:
    return int((now - since).total_seconds())


def _swept(row: Sweep) -> SweepRow:
    return SweepRow(at=row.began_at, took=lasting(_seconds(row.began_at, row.ended_at)), rang=row.rang,
                    passed=row.passed, failed=row.failed, lag=lasting(row.lag))


def _failing(row: Failing) -> FailingRow:
    why = row.why or ""
    return FailingRow(
        code=row.code, name=alarm_name(row.kind), fires_at=row.fires_at, attempts=row.attempts,
        why=_WHY.get(why, Text(vi=f"Lỗi: {why}", en=f"Error: {why}")),
        again_in=lasting(row.again_in) if row.again_in else AT_ONCE)
