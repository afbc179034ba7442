"""A dossier from the counter to its return, across agencies."""

from __future__ import annotations

from tests.journey import Cast, Journey


def test_a_conference_is_consulted_in_parallel_signed_and_returned(journey: Journey, cast: Cast) -> None:
    code = journey.receive().code
    journey.register_all(code)
    lead = cast["H51.01/ngoai-vu:officer"]
    journey.do(code, "consult", lead)
    journey.register_all(code)
    for state, unit in (("foreign_affairs", "H51.04"), ("police", "H51.05"), ("agriculture", "H51.06")):
        journey.do(code, "give_opinion", cast[f"{unit}/chuyen-mon:officer"], state=state, verdict="agree", words="Đồng ý")
    journey.register_all(code)

    assert journey.states(code) == {"synthesis"}
