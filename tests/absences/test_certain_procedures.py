"""Who stands in for certain procedures only learns nothing of the others, on any list."""

from __future__ import annotations

from datetime import timedelta

from engine.absences import register
from engine.absences.register import Asked
from engine.casework.receive import Person
from engine.clocks.zone import ZONE
from engine.counter import returning
from engine.notifying.drain import drain
from engine.printing import book
from engine.settings import Settings
from storage import documents, messages
from tests.casework.walking import FACTS, Walk
from tests.journey import Journey

RETURNER, CLERK, MANAGER = (f"H51.02/tiep-nhan:{role}" for role in ("returner", "receptionist", "manager"))
ELSEWHERE = "H51.07/chuyen-mon:officer"
WHO = Person(name="Nguyễn Thị Bích Ngọc", id_number="094000000001", email="bich.ngoc@example.vn")


def test_a_substitute_for_another_procedure_sees_no_names_codes_or_books(journey: Journey) -> None:
    office, cast = journey.office, journey.cast
    code = journey.receive(facts=FACTS["conference_permit_local"], applicant=WHO).code
    walk = Walk(journey, code).go_to("returning")
    walk.attach("plan", cast[CLERK])
    journey.register_all(code)
    drain(office, journey.now, chosen=Settings())  # no channel is set up: what was to be sent is left to the desk
    now, day, desk = journey.now, journey.now.astimezone(ZONE).date(), cast.member(CLERK).unit_id
    other = cast[ELSEWHERE]

    def seen(procedure: str) -> list[bool]:
        for absent in (RETURNER, CLERK):
            number = register.enter(office, cast[MANAGER], Asked(
                person=cast[absent].id, substitute=other.id, first=day, last=day + timedelta(days=1),
                reason="Nghỉ phép", procedures=(procedure,) if procedure else ()), now)
            entered.append(number)
        found = [bool(returning.ready(office, [desk], other.id, now)), bool(messages.stuck(office.db, other.id, day)),
                 bool(documents.earlier(office.db, WHO.id_number, other.id, day)),
                 any(one.agency == "H51.02" for one in book.books(office, other, now))]
        for number in entered:
            register.end(office, cast[MANAGER], number, now)
        entered.clear()
        return found

    entered: list[int] = []
    assert seen("conference_hosting_local") == [False, False, False, False]
    assert seen("conference_permit_local") == [True, True, True, False]
    assert seen("") == [True, True, True, True]
