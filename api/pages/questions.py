"""What a procedure asks at intake, as fields of a form, and what was typed into them, as the engine reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.pages.forms import whole, written_date
from engine.desk.dossier import NO, YES
from procedures.declaration import Fact, FactType, Text

YES_NO = {"yes": YES, "no": NO}
DATE_HINT = Text(vi="ngày/tháng/năm, ví dụ 20/11/2026", en="day/month/year, such as 20/11/2026")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """`mode` is the keyboard a telephone shows."""

    name: str
    label: Text
    required: bool
    hint: Text | None = None
    choices: Mapping[str, Text] | None = None
    mode: str | None = None
    short: bool = False


def answer(fact: Fact, text: str) -> str:
    """As the engine reads it: dates in ISO, numbers without their dots; what cannot be read stays as typed."""
    if fact.type is FactType.DATE:
        day = written_date(text)
        return day.isoformat() if day else text
    if fact.type is FactType.INTEGER:
        number = whole(text)
        return text if number is None else str(number)
    return text


def question(name: str, fact: Fact) -> Question:
    field = f"facts.{name}"
    match fact.type:
        case FactType.CHOICE:
            return Question(name=field, label=fact.label, required=fact.required, choices=fact.choices or {})
        case FactType.BOOLEAN:
            return Question(name=field, label=fact.label, required=fact.required, choices=YES_NO)
        case FactType.DATE:
            return Question(name=field, label=fact.label, required=fact.required, hint=_date_hint(fact), short=True)
        case FactType.INTEGER:
            return Question(name=field, label=fact.label, required=fact.required, mode="numeric", short=True)
        case _:
            return Question(name=field, label=fact.label, required=fact.required)


def _date_hint(fact: Fact) -> Text:
    if fact.at_least_days_ahead:
        days = fact.at_least_days_ahead
        return Text(vi=f"ngày/tháng/năm, sau hôm nay ít nhất {days} ngày",
                    en=f"day/month/year, at least {days} days from today")
    return DATE_HINT
