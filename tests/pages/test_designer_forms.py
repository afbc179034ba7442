"""What a form of the designer shows, it gives back: opening an entry and saving it changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.datastructures import FormData

from api.pages.designer import posting, showing
from api.pages.designer.fields import Around, Field, Kind
from api.pages.designer.sections import ALL, GROUP, Shape, step_fields
from api.pages.designer.steps import flat, quorum
from api.pages.forms import Posted
from engine.designing import references
from engine.designing.conditions import known_of
from engine.designing.reading import Data, examined
from procedures import parties
from procedures.declaration import Declaration, canonical, load_library

LIBRARY = load_library()


def around(data: Data) -> Around:
    return Around(data=data, questions=known_of(data), parties=parties.known(),
                  procedures={key: one.name for key, one in LIBRARY.items()})


def sent(fields: tuple[Field, ...], given: dict[str, str]) -> Posted:
    """As a browser sends the form: every tick of a list under the list's name."""
    lists = {one.name for one in fields if one.kind is Kind.MANY}
    pairs = []
    for name, text in given.items():
        listed = next((one for one in lists if name.startswith(f"{one}.")), None)
        pairs.append((listed, name[len(listed) + 1:]) if listed else (name, text))
    return Posted(FormData(pairs))


def again(fields: tuple[Field, ...], entry: dict[str, Any], data: Data, language: str = "vi") -> dict[str, Any]:
    given = showing.given_of(fields, entry, around(data), language)
    return posting.entry_of(fields, sent(fields, given), around(data))


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
    given = showing.given_of(fields, entry, around(data), "vi")
    assert given["amount"] == "năm nghìn"
    assert given["when.text"] == "__import__('os')"


@pytest.mark.parametrize("pairs", [
    [("choices.999.vi", "x"), ("choices.1000.vi", "y"), ("choices.-1.vi", "z"), ("choices.a.vi", "z")],
    [("limit.amount", "9" * 4000), ("limit.unit", "<b>"), ("min", "1e400"), ("max", "-")],
    [(f"exemptions.{at}.name.vi", "x") for at in range(900)],
    [("when.0.fact", "a if b else c"), ("when.0.compared", "no such"), ("when.0.value", "'\"\\")],
])
def test_odd_forms_are_read_without_a_fault(pairs: list[tuple[str, str]]) -> None:
    for section in ALL.values():
        entry = posting.entry_of(section.fields, Posted(FormData(pairs)), around({}))
        given = showing.given_of(section.fields, entry, around({"facts": {"x": entry}}), "vi")
        assert showing.shown(section.fields, given, around({}))
        assert len(json.dumps(entry)) < 200_000
