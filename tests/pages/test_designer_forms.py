"""What a form of the designer shows, it gives back: opening an entry and saving it changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData

from api.pages.designer import posting, rows, showing
from api.pages.designer.fields import Around, Field, Kind
from api.pages.designer.frame import in_words
from api.pages.designer.sections import ALL, GROUP, Shape, step_fields
from api.pages.designer.steps import flat, quorum
from api.pages.forms import Posted
from engine.designing import references
from engine.designing.conditions import known_of
from engine.designing.reading import Data, examined
from engine.designing.troubles import troubles
from engine.states.diagram import draw
from engine.states.outline import outline_of_data
from procedures import parties
from procedures.declaration import Declaration, canonical, load_library, parse
from tests.casework.variants import CONFERENCE_TEXT, SUPPLEMENT, changed

# The library, and a procedure that says of time what none of the library says.
LIBRARY = load_library() | {"test_variant": parse(changed(
    CONFERENCE_TEXT, "conference_permit_local",
    (SUPPLEMENT, "supplement: {max: 2, after: resume, within: 30 days, expiry: return, expiry_basis: Điều 20}\n"
                 "payment: {within: 10 days, expiry: remind}\n"
                 "agency_limits: [{party: lead, limit: 3 working days}, {party: ppc, limit: 6 working hours}]\n"),
    ("limit: 2 working days\n      event: consult\n",
     "limit: 2 working days\n      starts: sent\n      event: consult\n")), "test.yaml")}


def around(data: Data) -> Around:
    return Around(data=data, questions=known_of(data), parties=parties.known(),
                  procedures={key: one.name for key, one in LIBRARY.items()})


def sent(fields: tuple[Field, ...], shown: dict[str, str]) -> Posted:
    """As a browser sends the form: every tick of a list under the list's name."""
    lists = {one.name for one in fields if one.kind is Kind.MANY}
    pairs = []
    for name, text in shown.items():
        listed = next((one for one in lists if name.startswith(f"{one}.")), None)
        pairs.append((listed, name[len(listed) + 1:]) if listed else (name, text))
    return Posted(FormData(pairs))


def again(fields: tuple[Field, ...], entry: dict[str, Any], data: Data, language: str = "vi") -> dict[str, Any]:
    shown = showing.given_of(fields, entry, around(data), language)
    return posting.entry_of(fields, sent(fields, shown), around(data))


def meaning(data: Data) -> Declaration:
    declaration, faults = examined(data, "test")
    assert declaration is not None, faults
    return declaration


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("key", LIBRARY)
def test_every_form_of_every_procedure_gives_back_what_it_shows(key: str, language: str) -> None:
    data: Data = json.loads(canonical(LIBRARY[key]))
    before = canonical(meaning(data))
    for section in ALL.values():
        if section.shape is Shape.FORM:
            entry = again(section.fields, data, data, language)
            names = {one.name.split(".")[0] for one in section.fields}
            for name in names:
                data.pop(name, None)
            data |= entry
        for _, held in references.entries(data, section.holds) if section.holds else ():
            kept = again(section.fields, held, data, language)
            held.clear()
            held.update(kept)
    for where, held in list(references.places(data)) + list(references.steps(data)):
        group = "parallel" in held
        kept = quorum(again(GROUP if group else step_fields(str(where[1])), flat(held), data, language))
        kept |= {name: held[name] for name in ("parallel", "event") if name in held}
        held.clear()
        held.update(kept)
    assert canonical(meaning(data)) == before


def test_what_cannot_be_read_is_kept_for_its_author_to_see() -> None:
    data: Data = {}
    fields = ALL["fees"].fields
    entry = posting.entry_of(fields, Posted(FormData([("name.vi", "Lệ phí"), ("amount", "năm nghìn"),
                                                      ("when.text", "__import__('os')")])), around(data))
    assert entry == {"name": {"vi": "Lệ phí"}, "amount": "năm nghìn", "when": "__import__('os')"}
    shown = showing.given_of(fields, entry, around(data), "vi")
    assert shown["amount"] == "năm nghìn"
    assert shown["when.text"] == "__import__('os')"


@pytest.mark.parametrize("pairs", [
    [("choices.999.vi", "x"), ("choices.1000.vi", "y"), ("choices.-1.vi", "z"), ("choices.a.vi", "z")],
    [("limit.amount", "9" * 4000), ("limit.unit", "<b>"), ("min", "1e400"), ("max", "-")],
    [(f"exemptions.{at}.name.vi", "x") for at in range(900)],
    [("when.0.fact", "a if b else c"), ("when.0.compared", "no such"), ("when.0.value", "'\"\\")],
])
def test_odd_forms_are_read_without_a_fault(pairs: list[tuple[str, str]]) -> None:
    for section in ALL.values():
        entry = posting.entry_of(section.fields, Posted(FormData(pairs)), around({}))
        known = around({"facts": {"x": entry}})
        assert showing.shown(section.fields, showing.given_of(section.fields, entry, known, "vi"), around({}))
        assert len(json.dumps(entry)) < 200_000


ODD = st.sampled_from([None, "", "x", 0, -1, True, [], {}, [[]], [{}], {"vi": 3}, {"parallel": 1},
                       {"parallel": {"a": 1}}, ["x", None], {"": {}}, {"a.b": {"name": {"vi": "x"}}}, 10**30,
                       "x" * 5000, {"at_least": {}}])


def places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [where, *(place for key, member in members for place in places(member, (*where, key)))]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_draft_of_any_shape_is_shown(drawn: st.DataObject) -> None:
    """Imported drafts were never on a form of ours."""
    data: Data = json.loads(canonical(LIBRARY[drawn.draw(st.sampled_from(sorted(LIBRARY)))]))
    for _ in range(drawn.draw(st.integers(1, 4))):
        where = drawn.draw(st.sampled_from(places(data)[1:]))
        references.at(data, where[:-1])[where[-1]] = json.loads(json.dumps(drawn.draw(ODD)))
    known = around(data)
    _, faults = examined(data, "x")
    list(references.unreadable(data))
    for trouble in troubles(data, faults):
        assert trouble.words.vi
    for section in ALL.values():
        rows.form_lines(section.key, known)
        for row in rows.section_rows(section.holds, known, frozenset()) if section.holds else ():
            assert row.name.vi
        held = [data] if section.shape is Shape.FORM else [one for _, one in references.entries(data, section.holds)]
        for entry in held:
            showing.shown(section.fields, showing.given_of(section.fields, entry, known, "vi"), known)
    for phase in ("reception", "processing", "signing", "return"):
        rows.step_rows(phase, known, frozenset())
    for where, held_step in references.steps(data):
        fields = step_fields(str(where[1]))
        showing.shown(fields, showing.given_of(fields, flat(held_step), known, "en"), known)
    assert draw(outline_of_data(in_words(data, known, "vi")), language="vi")
