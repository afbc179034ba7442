"""What the applicant said at intake: answers made exact, and what is wrong with them, all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from procedures.declaration import (
    Check,
    CountMode,
    Declaration,
    Effect,
    Exemption,
    Fact,
    FactType,
    Fee,
    Obligation,
    RequiredDocument,
)
from procedures.entry import Text
from procedures.guards import Guard, compile_guard

Answer = str | int | bool
Faults = dict[str, tuple[str, str]]

LONGEST = 2000
LARGEST = 10**12
_YES = {"true", "1", "on", "yes", "có"}
_NO = {"false", "0", "off", "no", "không"}
_EARLIEST, _LATEST = date(1900, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeDue:
    """What one fee comes to, in đồng: `full` before the exemption, `amount` after it."""

    name: Text
    amount: int
    full: int
    exempted_by: Exemption | None
    fee: Fee


def typed(declaration: Declaration, raw: Mapping[str, object]) -> tuple[dict[str, Answer], Faults]:
    """Answers as text, whole numbers, booleans and ISO dates, fit for JSON; the unanswered are left out."""
    answers: dict[str, Answer] = {}
    faults: Faults = {
        name: (f"Thủ tục không hỏi “{name}”.", f"The procedure does not ask “{name}”.")
        for name in raw
        if name not in declaration.facts
    }
    for name, fact in declaration.facts.items():
        value = raw.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        answer = _typed(fact, value)
        if answer is None:
            faults[name] = _expected(fact)
        else:
            answers[name] = answer
    return answers, faults


def faults(declaration: Declaration, raw: Mapping[str, object], today: date) -> Faults:
    """Everything that keeps these answers from being accepted on `today`."""
    answers, found = typed(declaration, raw)
    for name, fact in declaration.facts.items():
        if name in found:
            continue
        if name not in answers:
            if fact.required:
                found[name] = (f"Chưa trả lời: {fact.label.vi}.", f"Not answered: {fact.label.en}.")
        elif (misplaced := _misplaced(fact, answers[name], today)) is not None:
            found[name] = misplaced
    for at, check in enumerate(declaration.checks):
        guard = _compiled(check.when, declaration.names)
        if check.effect is Effect.REFUSE and guard.names.isdisjoint(found) and guard(answers):
            found.setdefault(check.fact or f"checks.{at}", _said(check))
    return found


def advice(declaration: Declaration, answers: Mapping[str, object]) -> tuple[Check, ...]:
    """Checks that only advise."""
    return tuple(
        check
        for check in declaration.checks
        if check.effect is Effect.ADVISE and _holds(declaration, check.when, answers)
    )


def required_documents(declaration: Declaration, answers: Mapping[str, object]) -> dict[str, RequiredDocument]:
    """What must be handed in given these answers; papers that are welcome but not required are left out."""
    return {
        key: document
        for key, document in declaration.documents.items()
        if document.required and (document.when is None or _holds(declaration, document.when, answers))
    }


def fees(declaration: Declaration, answers: Mapping[str, object]) -> tuple[FeeDue, ...]:
    """Every fee that is due; one counted by a fact that is not answered yet stands for a single one."""
    return tuple(
        _due(declaration, fee, answers)
        for fee in declaration.fees
        if fee.when is None or _holds(declaration, fee.when, answers)
    )


def _due(declaration: Declaration, fee: Fee, answers: Mapping[str, object]) -> FeeDue:
    number = answers.get(fee.per) if fee.per is not None else None
    full = fee.amount * (number if isinstance(number, int) else 1)
    exemption = next((found for found in fee.exemptions if _holds(declaration, found.when, answers)), None)
    # a fraction of a đồng is the citizen's
    amount = full if exemption is None else full * (100 - exemption.percent) // 100
    return FeeDue(name=fee.name, amount=amount, full=full, exempted_by=exemption, fee=fee)


def limit(declaration: Declaration, answers: Mapping[str, object]) -> tuple[tuple[str, ...] | None, CountMode]:
    """The parts of the limit that holds for these answers, `channel` among them, and how it is counted.

    The first case that holds wins over the general limit; None: there is no overall limit.
    """
    for case in declaration.limit_cases:
        if _holds(declaration, case.when, answers):
            return _parts(case.limit), case.count_mode or declaration.count_mode
    return (_parts(declaration.limit) if declaration.limit else None), declaration.count_mode


def _parts(written: str | tuple[str, ...]) -> tuple[str, ...]:
    return (written,) if isinstance(written, str) else written


def obligations(declaration: Declaration, answers: Mapping[str, object]) -> tuple[Obligation, ...]:
    """What the applicant will owe after the result."""
    return tuple(
        owed for owed in declaration.obligations if owed.when is None or _holds(declaration, owed.when, answers)
    )


def confidential(declaration: Declaration, answers: Mapping[str, object]) -> bool:
    return declaration.confidential_when is not None and _holds(declaration, declaration.confidential_when, answers)


def applies(declaration: Declaration, when: str | None, answers: Mapping[str, object]) -> bool:
    """Whether what stands under this condition concerns a dossier with these answers."""
    return when is None or _holds(declaration, when, answers)


def _holds(declaration: Declaration, source: str, answers: Mapping[str, object]) -> bool:
    return _compiled(source, declaration.names)(answers)


@lru_cache(maxsize=2048)
def _compiled(source: str, names: frozenset[str]) -> Guard:
    return compile_guard(source, names)


def _typed(fact: Fact, value: object) -> Answer | None:
    match fact.type:
        case FactType.TEXT:
            return _text(value)
        case FactType.INTEGER:
            return _integer(fact, value)
        case FactType.BOOLEAN:
            return _boolean(value)
        case FactType.DATE:
            return _date(value)
        case FactType.CHOICE:
            return value if isinstance(value, str) and value in (fact.choices or {}) else None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    clean = value.strip()
    return clean if all(letter.isprintable() or letter in "\n\t" for letter in clean) else None


def _integer(fact: Fact, value: object) -> int | None:
    if isinstance(value, str) and len(value) <= 20 and value.strip().removeprefix("-").isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    least = -LARGEST if fact.min is None else fact.min
    most = LARGEST if fact.max is None else fact.max
    return value if least <= value <= most else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return True if word in _YES else False if word in _NO else None


def _date(value: object) -> str | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if type(day) is not date or not _EARLIEST <= day <= _LATEST:
        return None
    return day.isoformat()


def _expected(fact: Fact) -> tuple[str, str]:
    vi, en = fact.label.vi, fact.label.en
    match fact.type:
        case FactType.TEXT:
            return (
                f"{vi}: phải là chữ, nhiều nhất {LONGEST} ký tự.",
                f"{en}: text of at most {LONGEST} characters.",
            )
        case FactType.INTEGER:
            least = "" if fact.min is None else f" ≥ {fact.min}"
            most = "" if fact.max is None else f" ≤ {fact.max}"
            return f"{vi}: phải là số nguyên{least}{most}.", f"{en}: a whole number{least}{most}."
        case FactType.BOOLEAN:
            return f"{vi}: trả lời có hoặc không.", f"{en}: answer yes or no."
        case FactType.DATE:
            return f"{vi}: phải là ngày, ví dụ 2026-11-20.", f"{en}: a date such as 2026-11-20."
        case FactType.CHOICE:
            choices = (fact.choices or {}).values()
            return (
                f"{vi}: chọn một trong: {', '.join(c.vi for c in choices)}.",
                f"{en}: one of: {', '.join(c.en for c in choices)}.",
            )


def _misplaced(fact: Fact, answer: Answer, today: date) -> tuple[str, str] | None:
    """What is wrong with where a date lies, if anything."""
    if fact.not_in_future and date.fromisoformat(str(answer)) > today:
        return f"{fact.label.vi}: không được sau hôm nay.", f"{fact.label.en}: may not lie in the future."
    if fact.at_least_days_ahead is None:
        return None
    first = today + timedelta(days=fact.at_least_days_ahead)
    if date.fromisoformat(str(answer)) >= first:
        return None
    basis = f" ({fact.basis})" if fact.basis else ""
    days = fact.at_least_days_ahead
    return (
        f"{fact.label.vi}: phải nộp trước ít nhất {days} ngày{basis}; sớm nhất là {first:%d/%m/%Y}.",
        f"{fact.label.en}: at least {days} days ahead{basis}; the earliest is {first.isoformat()}.",
    )


def _said(check: Check) -> tuple[str, str]:
    return f"{check.message.vi} ({check.basis})", f"{check.message.en} ({check.basis})"
