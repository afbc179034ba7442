"""What a declaration says must fit together; each misfit is refused where it stands."""

from __future__ import annotations

import pytest

from procedures.declaration import DeclarationError
from tests.states import samples

FEE = "fees:\n  - {name: {vi: Phí, en: Fee}, amount: 8000, per: %s}\n"
OWED = "obligations:\n  - {name: {vi: Báo cáo, en: Report}, within: 15 days, after: day, remind: [%s]}\n"
CASE = "limit_cases:\n  - {when: a, limit: 3 days, count_mode: HOUR}\n"


@pytest.mark.parametrize(
    ("more", "line", "wrong"),
    [
        (FEE % "a", "per: a", "must be a fact of type integer: size"),
        (FEE % "nothing", "per: nothing", "must be a fact of type integer: size"),
        (OWED % "15 days", "remind", "less long before"),
        (OWED % "1 day, 12 working days", "remind", "less long before"),
        (CASE, "limit: 3 days", "counting by the hour"),
        ("limit_cases:\n  - {when: nobody, limit: 3 days}\n", "when: nobody", "there is no fact “nobody”"),
    ],
)
def test_what_does_not_fit_is_refused_where_it_stands(more: str, line: str, wrong: str) -> None:
    text = samples.text(more=more).replace("facts:\n", "facts:\n  day: {type: date, label: {vi: Ngày, en: Day}}\n")
    with pytest.raises(DeclarationError, match=wrong) as refused:
        samples.parsed(text)
    for fault in refused.value.faults:
        assert line in text.splitlines()[fault.line - 1]
        assert fault.vi != fault.en


def test_what_fits_is_taken() -> None:
    fitting = FEE % "size" + OWED % "1 day, 5 working days" + CASE.replace("3 days", "3 working days")
    text = samples.text(more=fitting).replace("facts:\n", "facts:\n  day: {type: date, label: {vi: Ngày, en: Day}}\n")
    assert samples.parsed(text).fees[0].per == "size"


@pytest.mark.parametrize("name", ["channel", "verdict"])
def test_words_that_mean_something_already_are_no_facts(name: str) -> None:
    text = samples.text().replace("facts:\n", f"facts:\n  {name}: {{type: text, label: {{vi: Kênh, en: Channel}}}}\n")
    with pytest.raises(DeclarationError, match=f"“{name}” is reserved") as refused:
        samples.parsed(text)
    assert refused.value.faults[0].where == f"facts.{name}"
