"""What a bundle asks, merged: each paper once, nothing a part produces, the longest path as its date."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from procedures import planner
from procedures.bundle import Bundle, load_bundles
from procedures.declaration import CountMode, Declaration, DocumentForm, RequiredDocument, ResultOf, load_library

LIBRARY = load_library()
BUNDLES = load_bundles(known=LIBRARY)
NAMES = ("a", "b", "c", "d", "e")
KINDS = ("identity", "certificate", "map", "birth", "proof")
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)


def hours(limit: tuple[str, ...], mode: CountMode, received: datetime) -> datetime:
    """A calendar without closures: one hour an hour."""
    return received + sum((timedelta(hours=int(part.split()[0])) for part in limit), timedelta())


def declared(name: str, **changes: Any) -> Declaration:
    """A procedure that differs in what a bundle looks at; the rest is one of the library's."""
    return LIBRARY["birth_registration"].model_copy(update={"procedure": name, "fees": (), **changes})


def paper(name: str, **changes: Any) -> RequiredDocument:
    sample = LIBRARY["birth_registration"].documents["declaration"].name
    return RequiredDocument(name=sample.model_copy(update={"vi": name, "en": name}), **changes)


@st.composite
def bundles(draw: st.DrawFn) -> tuple[Bundle, dict[str, Declaration]]:
    """Parts that wait for some of those before them, each asking for papers of a few kinds and results of others."""
    names = NAMES[: draw(st.integers(2, 5))]
    parts: dict[str, Any] = {}
    found: dict[str, Declaration] = {}
    for at, name in enumerate(names):
        after = draw(st.sets(st.sampled_from(names[:at]))) if at else set()
        parts[name] = {"procedure": name, "after": dict.fromkeys(sorted(after), "result")}
        kinds = draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=4))
        documents = {f"{name}_{kind}": paper(kind, kind=kind, copies=draw(st.integers(1, 3)),
                                             form=draw(st.sampled_from(list(DocumentForm)))) for kind in kinds}
        documents |= {f"from_{other}": paper(other, result_of=ResultOf(procedure=other))
                      for other in draw(st.sets(st.sampled_from(names))) if other != name}
        limit = f"{draw(st.integers(1, 90))} working hours"
        found[name] = declared(name, documents=documents, limit=limit, limit_cases=(), count_mode=CountMode.HOUR)
    base = BUNDLES["birth"]
    return Bundle.model_validate({
        "bundle": "sample", "version": 1, "name": base.name, "legal_basis": ["x"], "received_at": ["commune"],
        "channels": ["direct"], "parts": parts}), found


@given(bundles())
def test_a_paper_is_asked_once_in_the_strictest_form_and_the_largest_number(
        sample: tuple[Bundle, dict[str, Declaration]]) -> None:
    bundle, found = sample
    plan = planner.plan(bundle, found, {}, "direct")

    assert len({asked.name.vi for asked in plan.papers.values()}) == len(plan.papers)
    for kind, asked in plan.papers.items():
        uses = [document for part in found.values() for document in part.documents.values() if document.kind == kind]
        assert asked.copies == max(document.copies for document in uses)
        assert asked.form == min((document.form for document in uses), key=planner.STRICTEST.index)
        assert set(asked.needed_by) == {part for part, told in found.items() if f"{part}_{kind}" in told.documents}


@given(bundles())
def test_what_a_part_produces_is_never_asked(sample: tuple[Bundle, dict[str, Declaration]]) -> None:
    bundle, found = sample
    plan = planner.plan(bundle, found, {}, "direct")

    asked = {key for merged in plan.papers.values() for keys in merged.papers.values() for key in keys}
    assert not any(key.startswith("from_") for key in asked)
    produced = {(part, key) for part, keys in plan.produced.items() for key in keys}
    assert produced == {(part, key) for part, told in found.items() for key in told.documents if key[:5] == "from_"}
    assert plan.unmet(set(plan.papers)) == {}


@given(bundles(), st.data())
def test_what_is_missing_is_named_for_each_part_that_needs_it(
        sample: tuple[Bundle, dict[str, Declaration]], data: st.DataObject) -> None:
    bundle, found = sample
    plan = planner.plan(bundle, found, {}, "direct")
    taken = data.draw(st.sets(st.sampled_from(sorted(plan.papers)))) if plan.papers else set()

    for part in plan.parts:
        missing = {asked.kind for asked in plan.unmet(taken).get(part, ())}
        assert missing == {kind for kind in KINDS if f"{part}_{kind}" in found[part].documents} - taken


@given(bundles())
def test_the_due_date_is_that_of_the_longest_path(sample: tuple[Bundle, dict[str, Declaration]]) -> None:
    bundle, found = sample
    path = planner.critical_path(bundle, bundle.order, planner.limits(found, {}, "direct"), hours, BEGIN)

    length = {part: int(str(told.limit).split()[0]) for part, told in found.items()}
    longest = max(sum(length[part] for part in way) for way in ways(bundle))
    assert path.due == BEGIN + timedelta(hours=longest)
    assert path.unlimited == ()


def ways(bundle: Bundle) -> list[tuple[str, ...]]:
    """Every sequence of parts in which each waits for the one before it."""
    chains = (way for count in range(1, len(bundle.parts) + 1) for way in itertools.permutations(bundle.order, count))
    return [way for way in chains
            if all(before in bundle.parts[after].after for before, after in itertools.pairwise(way))]


@given(bundles(), st.data())
def test_a_part_without_a_limit_promises_nothing_for_itself_and_what_follows(
        sample: tuple[Bundle, dict[str, Declaration]], data: st.DataObject) -> None:
    bundle, found = sample
    without = data.draw(st.sampled_from(bundle.order))
    found[without] = found[without].model_copy(update={"limit": None})

    path = planner.critical_path(bundle, bundle.order, planner.limits(found, {}, "direct"), hours, BEGIN)

    after = {way[-1] for way in ways(bundle) if without in way}
    assert set(path.unlimited) == after
    assert path.due is None


def test_each_agency_sees_its_own_questions_and_papers() -> None:
    bundle = BUNDLES["birth"]
    found = {part: LIBRARY[told.procedure] for part, told in bundle.parts.items()}
    plan = planner.plan(bundle, found, {"registrant": "newborn"}, "online")

    card = plan.own("health_card")
    assert "mother_name" not in card.facts
    assert dict(card.produced) == {"birth_certificate": "registration"}
    assert "birth_notice" not in card.papers.values()


def test_papers_of_one_name_are_not_one_paper() -> None:
    """Two declarations on two forms, both under the key "declaration"."""
    bundle = BUNDLES["death"]
    found = {part: LIBRARY[told.procedure] for part, told in bundle.parts.items()}
    plan = planner.plan(bundle, found, {}, "direct")

    assert plan.papers["declaration"].needed_by == ("registration",)
    assert plan.papers["allowance_declaration"].needed_by == ("allowance",)


def test_fees_are_those_of_the_parts_after_exemptions() -> None:
    bundle = BUNDLES["land_certificate"]
    found = {part: LIBRARY[told.procedure] for part, told in bundle.parts.items()}

    assert planner.plan(bundle, found, {}, "direct").total == 701_000
    assert planner.plan(bundle, found, {"fee_group": "poor"}, "direct").total == 0


def test_a_part_whose_condition_does_not_hold_is_left_out_and_nothing_waits_for_it() -> None:
    bundle, found = BUNDLES["birth"], {part: LIBRARY[told.procedure] for part, told in BUNDLES["birth"].parts.items()}
    parts = {**bundle.parts, "residence": bundle.parts["residence"].model_copy(
        update={"when": "residence_address != None"})}
    asked = bundle.model_copy(update={"parts": parts})

    plan = planner.plan(asked, found, {}, "online")

    assert "residence" not in plan.parts
    assert planner.waits_for(asked, "identity_card", plan.parts) == ("registration",)
    assert "residence_declaration" not in plan.papers
    assert "residence" in planner.plan(asked, found, {"residence_address": "Ấp Tham Đôn"}, "online").parts


def test_a_combined_limit_of_the_law_wins() -> None:
    bundle = BUNDLES["land_certificate"].model_copy(update={"limit": ("12 working hours",)})
    found = {part: LIBRARY[told.procedure] for part, told in bundle.parts.items()}

    path = planner.critical_path(bundle, bundle.order, planner.limits(found, {}, "direct"), hours, BEGIN)

    assert path.due == BEGIN + timedelta(hours=12)
