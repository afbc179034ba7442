"""What the limits of a declaration must agree on: with each other, with the way they are counted, with the steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from procedures.words import CountMode, Phase, Switch, Unanswered

if TYPE_CHECKING:
    from procedures.declaration import Declaration

Where = tuple[str | int, ...]
Found = tuple[Where, str, str]  # where in the file, what is wrong: Vietnamese, English


def faults(declaration: Declaration) -> Iterator[Found]:
    """Counting by the hour needs working time to count; a reminder comes before what it reminds of."""
    hours = declaration.count_mode is CountMode.HOUR
    yield from _counted(("limit",), _pieces(declaration.limit), hours=hours)
    for at, case in enumerate(declaration.limit_cases):
        mode = case.count_mode or declaration.count_mode
        yield from _counted(("limit_cases", at, "limit"), _pieces(case.limit), hours=mode is CountMode.HOUR)
    for at, obligation in enumerate(declaration.obligations):
        for no, before in enumerate(obligation.remind):
            if _rough_days(before) >= _rough_days(obligation.within):
                yield (
                    ("obligations", at, "remind", no),
                    f"nhắc trước phải ngắn hơn thời hạn “{obligation.within}”",
                    f"a reminder must lie less long before than “{obligation.within}”",
                )
    yield from _agency_limits(declaration)
    yield from _asked(declaration)


def _agency_limits(declaration: Declaration) -> Iterator[Found]:
    """A limit of an agency that has no work while the clock runs would never begin."""
    busy = {step.party for phase, _, step in declaration.machine.steps() if phase in (Phase.PROCESSING, Phase.SIGNING)}
    parties = [entry.party for entry in declaration.agency_limits]
    for at, party in enumerate(parties):
        where = ("agency_limits", at, "party")
        if party in parties[:at]:
            yield where, f"“{party}” đã có thời hạn ở trên", f"“{party}” has a limit already"
        if party not in busy:
            yield (
                where,
                f"“{party}” không làm bước xử lý hoặc ký duyệt nào; có: {', '.join(sorted(busy))}",
                f"“{party}” does no step of processing or signing; there are: {', '.join(sorted(busy))}",
            )


def _asked(declaration: Declaration) -> Iterator[Found]:
    """The system stops a dossier only where the law says so and the procedure knows how to stop."""
    for name, rule in (("supplement", declaration.supplement), ("payment", declaration.payment)):
        if rule.expiry is not None and rule.within is None:
            yield (name, "within"), "ghi người nộp có bao lâu", "say how long the applicant has"
        if rule.expiry is not Unanswered.RETURN:
            continue
        if rule.expiry_basis is None:
            yield (
                (name, "expiry_basis"),
                "dừng giải quyết khi quá hạn phải có căn cứ pháp lý",
                "to stop the dossier when the time is over needs a legal basis",
            )
        if Switch.STOP in declaration.switch_off:
            yield (
                (name, "expiry"),
                "thủ tục này không dùng việc dừng giải quyết",
                "this procedure has switched off stopping",
            )


def _counted(where: Where, pieces: tuple[str, ...], *, hours: bool) -> Iterator[Found]:
    if hours and pieces and all("working" not in piece for piece in pieces):
        yield (
            where,
            "đếm theo giờ (HOUR) cần thời hạn bằng ngày hoặc giờ làm việc",
            "counting by the hour (HOUR) needs working days or hours",
        )


def _pieces(limit: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (limit,) if isinstance(limit, str) else limit or ()


def _rough_days(limit: str) -> float:
    amount, _, unit = limit.partition(" ")
    lasts = {"working hour": 7 / 40, "working day": 7 / 5, "day": 1.0, "month": 30.5}
    return int(amount) * lasts[unit.removesuffix("s")]
