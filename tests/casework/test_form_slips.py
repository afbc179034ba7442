"""What is told apart in the record: overstepping, and filling in a form wrongly."""

from __future__ import annotations

import pytest

from engine.errors import Invalid, WrongRole
from tests.journey import Cast, Journey


def refusals(journey: Journey) -> int:
    return int(journey.office.db.value("select count(*) from audit where action = 'refused'"))


def test_a_form_filled_in_wrongly_is_not_recorded_as_a_refusal(journey: Journey, cast: Cast) -> None:
    code = journey.receive().code
    journey.register_all(code)
    with pytest.raises(Invalid) as fault:
        journey.do(code, "propose_rejection", cast["H51.01/ngoai-vu:officer"])

    assert set(fault.value.fields) == {"reason"}
    assert refusals(journey) == 0


def test_asking_for_what_belongs_to_another_is_recorded(journey: Journey, cast: Cast) -> None:
    code = journey.receive().code
    journey.register_all(code)
    with pytest.raises(WrongRole):
        journey.do(code, "propose_rejection", cast["H51.02/tiep-nhan:receptionist"], reason="x")

    assert refusals(journey) == 1
