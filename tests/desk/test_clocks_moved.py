"""Why a date is that date after the dossier came under another version of its procedure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from engine import desk
from engine.migrating.plan import ClockRule
from tests.casework.walking import Walk
from tests.migrating.conftest import Cockpit, cockpit, start
from tests.migrating.versions import plan

__all__ = ["cockpit", "start"]


def test_a_clock_that_goes_on_under_another_version_keeps_its_acts_and_names_the_new_limit(
        start: Callable[..., Walk], cockpit: Cockpit) -> None:
    walk = start().go_to("examining")
    walk.step("request_supplement")
    walk.journey.now += timedelta(days=3)
    cockpit.publish()
    cockpit.move(walk, told=plan(clocks=ClockRule.ALL))

    found = [row for row in desk.clocks_of(walk.office, walk.code, None, walk.now).clocks if row.kind == "dossier"]
    old, new = (desk.why_due(walk.office, walk.code, row.no, None, walk.now) for row in found)

    assert (old.clock.limit.vi, new.clock.limit.vi) == ("20 ngày làm việc", "25 ngày làm việc")
    assert (old.clock.ended_at is not None, new.clock.ended_at) == (True, None)
    assert new.source.words.vi.startswith("Phiên bản 3")
    assert old.source.words.vi.startswith("Phiên bản 2")
    causes = [line.cause.action for line in new.lines if line.mark is not None and line.cause is not None]
    assert causes == ["accept", "request_supplement"]
    assert [change.cause.action for change in new.changes] == ["migrate"]
    for row in desk.clocks_of(walk.office, walk.code, None, walk.now).clocks:
        assert desk.why_due(walk.office, walk.code, row.no, None, walk.now).agrees
