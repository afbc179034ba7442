"""A clock as the record keeps it: a limit, a way of counting, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from engine.clocks.faults import BadMark, NaiveInstant
from engine.clocks.limits import CountMode, Limit
from engine.clocks.zone import ZONE


class MarkKind(StrEnum):
    START = "start"
    STOP = "stop"
    RESUME = "resume"
    RESTART = "restart"
    EXTEND = "extend"
    END = "end"


class ClockState(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    STOPPED = "stopped"
    ENDED = "ended"


_NEXT: dict[ClockState, dict[MarkKind, ClockState]] = {
    ClockState.NOT_STARTED: {MarkKind.START: ClockState.RUNNING},
    ClockState.RUNNING: {
        MarkKind.STOP: ClockState.STOPPED,
        MarkKind.RESTART: ClockState.RUNNING,
        MarkKind.EXTEND: ClockState.RUNNING,
        MarkKind.END: ClockState.ENDED,
    },
    ClockState.STOPPED: {
        MarkKind.RESUME: ClockState.RUNNING,
        MarkKind.RESTART: ClockState.RUNNING,
        MarkKind.END: ClockState.ENDED,
    },
    ClockState.ENDED: {},
}
_STATES_VI = {
    ClockState.NOT_STARTED: "chưa bắt đầu",
    ClockState.RUNNING: "đang tính",
    ClockState.STOPPED: "đang dừng",
    ClockState.ENDED: "đã kết thúc",
}
MARKS_VI = {
    MarkKind.START: "bắt đầu",
    MarkKind.STOP: "dừng",
    MarkKind.RESUME: "tính tiếp",
    MarkKind.RESTART: "tính lại từ đầu",
    MarkKind.EXTEND: "hẹn lại",
    MarkKind.END: "kết thúc",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Something that happened to a clock; `until` is the new due date, for an extension only."""

    kind: MarkKind
    at: datetime
    reason: str = ""
    until: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.at, self.until):
            if instant is not None and instant.tzinfo is None:
                raise NaiveInstant(instant=instant.isoformat(sep=" "))
        if (self.until is not None) != (self.kind is MarkKind.EXTEND):
            raise BadMark(
                reason_vi="hẹn lại phải có hạn mới, và chỉ hẹn lại mới có.",
                reason_en="an extension has a new due date, and nothing else has.",
            )
        if self.until is not None and self.until <= self.at:
            raise BadMark(
                reason_vi="hạn mới phải sau lúc hẹn lại.",
                reason_en="the new due date must come after the extension.",
            )

    def to_json(self) -> dict[str, str]:
        """Plain values, instants in UTC, so that equal marks are equal bytes."""
        plain = {"kind": self.kind.value, "at": _written(self.at), "reason": self.reason}
        if self.until is not None:
            plain["until"] = _written(self.until)
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, object]) -> Mark:
        try:
            kind = MarkKind(str(plain["kind"]))
            at = datetime.fromisoformat(str(plain["at"]))
            until = datetime.fromisoformat(str(plain["until"])) if plain.get("until") else None
        except (KeyError, ValueError) as fault:
            raise BadMark(reason_vi=f"không đọc được {dict(plain)}.", reason_en=f"unreadable: {fault}.") from fault
        return cls(kind=kind, at=at, reason=str(plain.get("reason") or ""), until=until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """A legal clock. Everything else about it (due date, remainder, warnings) is computed."""

    limit: Limit
    mode: CountMode = CountMode.DAY
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        state = ClockState.NOT_STARTED
        for number, mark in enumerate(self.marks):
            following = _NEXT[state].get(mark.kind)
            if following is None:
                raise BadMark(
                    reason_vi=f"không thể {MARKS_VI[mark.kind]} khi thời hạn {_STATES_VI[state]}.",
                    reason_en=f"cannot {mark.kind} a clock that is {state.replace('_', ' ')}.",
                )
            if number and mark.at < self.marks[number - 1].at:
                at, before = (f"{one.at.astimezone(ZONE):%H:%M:%S %d/%m/%Y}" for one in (mark, self.marks[number - 1]))
                raise BadMark(
                    reason_vi=f"mốc {MARKS_VI[mark.kind]} lúc {at} có trước mốc liền trước, {before}; "
                              "hãy kiểm tra giờ của máy.",
                    reason_en=f"the mark {mark.kind} at {at} comes before the mark it follows, {before}; "
                              "check the clock of the machine.",
                )
            state = following

    @classmethod
    def started(cls, limit: Limit, mode: CountMode, at: datetime, reason: str = "") -> Clock:
        """A clock that starts when something is received."""
        return cls(limit=limit, mode=mode, marks=(Mark(kind=MarkKind.START, at=at, reason=reason),))

    @property
    def state(self) -> ClockState:
        state = ClockState.NOT_STARTED
        for mark in self.marks:
            state = _NEXT[state][mark.kind]
        return state

    def marked(self, kind: MarkKind, at: datetime, reason: str = "", until: datetime | None = None) -> Clock:
        """This clock with one more mark."""
        return replace(self, marks=(*self.marks, Mark(kind=kind, at=at, reason=reason, until=until)))

    def to_json(self) -> list[dict[str, str]]:
        """The marks; limit and mode are columns of their own."""
        return [mark.to_json() for mark in self.marks]

    @classmethod
    def from_json(cls, limit: str | list[str], mode: str, marks: Iterable[Mapping[str, object]]) -> Clock:
        if mode not in CountMode.__members__:
            raise BadMark(
                reason_vi=f"cách tính “{mode}” không phải DAY hoặc HOUR.",
                reason_en=f"“{mode}” is neither DAY nor HOUR.",
            )
        return cls(
            limit=Limit.parse(limit),
            mode=CountMode(mode),
            marks=tuple(Mark.from_json(mark) for mark in marks),
        )


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
