"""No procedure can name an event so that another act is done instead."""

from __future__ import annotations

from engine.casework.act import BESIDE
from engine.casework.telling import ACTS
from procedures.words import RESERVED_EVENTS, Event


def test_every_act_outside_the_machine_has_a_name_that_no_procedure_may_use() -> None:
    assert BESIDE.keys() <= RESERVED_EVENTS
    assert {name for name in ACTS if ":" not in name} <= RESERVED_EVENTS
    assert set(Event) <= RESERVED_EVENTS
