"""Who stands in for whom, on every day of any absences: never in a circle, never outside the days, never more."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.absences.chain import Away, Gap, Lent, Post, circle, standing

D = date(2026, 11, 23)
A, B, C, E = 1, 2, 3, 4
DAYS = 12


def day(number: int) -> date:
    return D + timedelta(days=number)


def post(person: int, unit: int = 10, role: str = "officer", since: int = -100, until: int | None = None) -> Post:
    given_until = {} if until is None else {"until": day(until)}
    return Post(person=person, unit=unit, role=role, since=day(since), **given_until)


def away(number: int, person: int, substitute: int, first: int, last: int, units: tuple[int, ...] = (),
         procedures: tuple[str, ...] = ()) -> Away:
    return Away(id=number, person=person, substitute=substitute, first=day(first), last=day(last),
                units=frozenset(units), procedures=frozenset(procedures))


def rows(lent: tuple[Lent, ...]) -> set[tuple[int, int, int, date, date]]:
    return {(one.person, one.principal, one.unit, one.since, one.until) for one in lent}


def test_a_substitute_has_the_posts_for_the_days_of_the_absence() -> None:
    found = standing([post(A, 10), post(A, 11), post(B, 12)], [away(1, A, B, 0, 4)])

    assert rows(found.lent) == {(B, A, 10, day(0), day(4)), (B, A, 11, day(0), day(4))}
    assert found.gaps == ()


def test_a_chain_of_three_gives_the_posts_to_its_end_on_the_days_all_are_away() -> None:
    posts = [post(A, 10), post(B, 11), post(C, 12), post(E, 13)]

    found = standing(posts, [away(1, A, B, 0, 9), away(2, B, C, 3, 6), away(3, C, E, 5, 8)])

    assert {row for row in rows(found.lent) if row[1] == A} == {
        (B, A, 10, day(0), day(2)), (C, A, 10, day(3), day(4)), (E, A, 10, day(5), day(6)), (B, A, 10, day(7), day(9))}
    assert {row for row in rows(found.lent) if row[1] == B} == {(C, B, 11, day(3), day(4)), (E, B, 11, day(5), day(6))}
    assert found.gaps == ()


def test_a_chain_that_ends_in_somebody_who_has_left_says_on_which_days_nobody_stands_in() -> None:
    found = standing([post(A), post(B, until=3)], [away(1, A, B, 0, 6)])

    assert rows(found.lent) == {(B, A, 10, day(0), day(3))}
    assert found.gaps == (Gap(absence=1, person=A, missing=B, since=day(4), until=day(6)),)


def test_a_post_that_begins_or_ends_during_the_absence_is_lent_for_its_own_days_only() -> None:
    found = standing([post(A, 10, until=2), post(A, 11, since=2), post(B, 12)], [away(1, A, B, 0, 4)])

    assert rows(found.lent) == {(B, A, 10, day(0), day(2)), (B, A, 11, day(2), day(4))}


def test_administrators_and_auditors_lend_nothing_and_stand_in_for_nobody_by_that_post() -> None:
    posts = [post(A, 10, "administrator"), post(A, 11, "auditor"), post(A, 12), post(B, 13, "auditor")]

    found = standing(posts, [away(1, A, B, 0, 1)])

    assert found.lent == ()
    assert found.gaps == (Gap(absence=1, person=A, missing=B, since=day(0), until=day(1)),)


def test_who_is_away_for_one_procedure_keeps_his_place_and_his_substitute_has_that_one_beside_him() -> None:
    found = standing([post(A), post(B, 11), post(C, 12)], [away(1, A, B, 0, 2), away(2, B, C, 0, 2, procedures=("p",))])

    assert {(one.person, one.principal, one.procedures) for one in found.lent} == {
        (B, A, frozenset()), (C, A, frozenset({"p"})), (C, B, frozenset({"p"}))}


def test_procedures_of_a_chain_are_those_that_all_its_absences_name() -> None:
    found = standing([post(A), post(B, 11), post(C, 12)],
                     [away(1, A, B, 0, 2, procedures=("p", "q")), away(2, B, C, 0, 2, procedures=("q", "r"))])

    assert {(one.person, one.procedures) for one in found.lent if one.principal == A} == {
        (B, frozenset({"p", "q"})), (C, frozenset({"q"}))}


def test_units_that_are_not_named_are_not_lent() -> None:
    found = standing([post(A, 10), post(A, 11), post(B, 12)], [away(1, A, B, 0, 2, units=(11,))])

    assert rows(found.lent) == {(B, A, 11, day(0), day(2))}


def test_a_circle_of_any_length_is_named_and_one_without_a_common_day_is_none() -> None:
    chain = [away(1, A, B, 0, 5), away(2, B, C, 3, 8), away(3, C, E, 5, 9)]

    assert circle(chain, away(4, E, A, 5, 5)) == (E, A, B, C)
    assert circle(chain, away(4, E, A, 6, 9)) == ()
    assert circle(chain[:1], away(2, B, A, 5, 9)) == (B, A)
    assert circle([], away(1, A, B, 0, 1)) == ()


PEOPLE = st.integers(1, 6)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Post], list[Away]]:
    """Posts as they come, and absences that were entered one by one as the register lets them in."""
    posts = [Post(person=draw(PEOPLE), unit=draw(st.integers(10, 13)), since=day(draw(st.integers(-3, DAYS))),
                  role=draw(st.sampled_from(["officer", "head", "auditor"])), until=day(draw(st.integers(0, DAYS + 3))))
             for _ in range(draw(st.integers(1, 10)))]
    absences: list[Away] = []
    for number in range(draw(st.integers(1, 9))):
        first = draw(st.integers(0, DAYS))
        new = away(number, draw(PEOPLE), draw(PEOPLE), first, first + draw(st.integers(0, 5)),
                   tuple(draw(st.sets(st.integers(10, 13), max_size=2))),
                   tuple(draw(st.sets(st.sampled_from("pqr"), max_size=2))))
        overlaps = any(one.person == new.person and one.first <= new.last and new.first <= one.last for one in absences)
        if new.person != new.substitute and not overlaps and not circle(absences, new):
            absences.append(new)
    return posts, absences


@given(worlds())
def test_nobody_has_rights_outside_the_days_or_more_than_the_person_had(world: tuple[list[Post], list[Away]]) -> None:
    posts, absences = world
    by_id = {one.id: one for one in absences}

    for lent in standing(posts, absences).lent:
        cause = by_id[lent.absence]
        assert cause.first <= lent.since <= lent.until <= cause.last
        assert lent.principal == cause.person != lent.person
        assert cause.covers(lent.unit)
        assert not cause.procedures or (lent.procedures and lent.procedures <= cause.procedures)
        assert lent.role != "auditor"
        for number in range((lent.until - lent.since).days + 1):
            on = lent.since + timedelta(days=number)
            assert any((held.person, held.unit, held.role) == (lent.principal, lent.unit, lent.role)
                       and held.since <= on <= held.until for held in posts)


@given(worlds())
def test_on_every_day_somebody_who_is_there_stands_in_or_the_gap_is_said(world: tuple[list[Post], list[Away]]) -> None:
    posts, absences = world
    found = standing(posts, absences)

    for cause in absences:
        for number in range((cause.last - cause.first).days + 1):
            on = cause.first + timedelta(days=number)
            for held in posts:
                if held.person != cause.person or not held.since <= on <= held.until or held.role == "auditor" \
                        or not cause.covers(held.unit):
                    continue
                holders = [lent.person for lent in found.lent if lent.absence == cause.id and lent.unit == held.unit
                           and lent.role == held.role and lent.since <= on <= lent.until]
                said = any(gap.absence == cause.id and gap.since <= on <= gap.until for gap in found.gaps)
                assert holders or said
                fully_away = {one.person for one in absences if one.first <= on <= one.last and one.whole}
                assert not fully_away & set(holders)


@given(worlds())
def test_the_register_never_holds_a_circle(world: tuple[list[Post], list[Away]]) -> None:
    for on in (day(number) for number in range(DAYS + 6)):
        following = {one.person: one.substitute for one in world[1] if one.first <= on <= one.last}
        for begin in following:
            seen, at = {begin}, following[begin]
            while at in following:
                assert at not in seen
                seen.add(at)
                at = following[at]
