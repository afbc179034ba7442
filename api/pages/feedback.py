"""What citizens said of the handling of dossiers: what waits for an answer, and what was answered."""

from __future__ import annotations

from fastapi import Response

from api.context import Caller, Counter
from api.pages.problems import PageRoute
from api.pages.rendering import page
from api.pages.visits import Visit
from engine.clocks import ZONE, Limit
from engine.desk.voices import voices
from procedures import policies

router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/feedback")
def feedback(caller: Caller) -> Response:
    found = voices(caller.office, caller.id, caller.now)
    rules = policies.at(caller.now.astimezone(ZONE).date())
    return page(Visit(visitor=caller), "feedback.html", waiting=[row for row in found if row.answered_at is None],
                answered=[row for row in found if row.answered_at is not None],
                refuse=Limit.parse(rules.feedback_refuse), handle=Limit.parse(rules.feedback_handle))
