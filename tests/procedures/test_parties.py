"""Functions have names, and the demonstration province fills each of them."""

from __future__ import annotations

from procedures import parties
from procedures.declaration import Declaration, Role, parse
from procedures.province import Province


def test_every_party_of_the_library_has_a_name(library: dict[str, Declaration]) -> None:
    used = {step.party for declaration in library.values() for _, _, step in declaration.machine.steps()}
    assert used <= set(parties.known())


def test_the_province_binds_every_known_party_at_a_ward(province: Province) -> None:
    for party in parties.known():
        unit = province.unit_of(party, "H51.21")
        assert unit is not None, party
        assert any(province.members(unit, role) for role in Role), party


def test_the_provinces_bindings_name_known_parties_only(province: Province) -> None:
    assert {binding.party for binding in province.bindings} <= set(parties.known())


def test_a_procedures_own_word_comes_first(small: str) -> None:
    declaration = parse(small + "parties: {police: {vi: Công an biên phòng, en: Border police}}\n", "small.yaml")
    assert parties.name(declaration, "police").en == "Border police"
    assert parties.name(declaration, "lead").vi == "Đơn vị chủ trì"
    assert parties.name(declaration, "farmers").vi == "farmers"
