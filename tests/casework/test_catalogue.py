"""Thousands of procedures: lists compile none, a dossier's compiles its own, and nothing that is kept goes stale."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import islice

import pytest

from bench import catalogue as bench
from engine import catalogue, desk
from engine.catalogue import Catalogue, Compiled, code_on, read_catalogue
from engine.errors import NotFound, Refused
from engine.office import Office
from engine.states.procedure import Procedure
from procedures.declaration import Code, load_library, parse
from tests.casework.publishing import COPIES, publish
from tests.casework.staff import change
from tests.conftest import Fresh
from tests.journey import MONDAY, Journey

TODAY = date(2026, 11, 23)
WARD, OTHER_WARD = "H51.21", "H51.22"


def cold(office: Office) -> Catalogue:
    """As a process has it that has just started."""
    return read_catalogue(office.db)


def desk_of(found: Catalogue, agency: str) -> catalogue.UnitInfo:
    return next(unit for unit in found.units.values() if unit.agency == agency and unit.receives)


def test_lists_compile_nothing(office: Office) -> None:
    office._catalogue = cold(office)
    assert desk.procedures(office, MONDAY)
    assert office._catalogue.offered(TODAY, desk_of(office._catalogue, WARD))
    assert len(office._catalogue.procedures.compiled) == 0


def test_a_listing_says_what_the_declaration_says(office: Office) -> None:
    found = cold(office)
    for key, listing in found.offered(TODAY).items():
        declared = found.current(key, TODAY)[1].declaration
        shown = (listing.name, listing.field, listing.level, listing.received_at, listing.channels, listing.codes)
        assert shown == (declared.name, declared.field, declared.level, declared.received_at, declared.channels,
                         declared.codes)
        assert (listing.number, listing.limit_note, listing.documents) == (declared.version, declared.limit_note,
                                                                           len(declared.documents))
        assert (listing.limit is None) == (declared.limit is None)


def test_what_is_chosen_is_compiled_once(office: Office) -> None:
    found = cold(office)
    version, procedure = found.current("funeral_allowance", TODAY)
    assert found.procedures[version] is procedure
    assert len(found.procedures.compiled) == 1


def test_a_publication_is_seen_and_nothing_is_compiled_again(office: Office, fresh: Fresh) -> None:
    before = office.fresh_catalogue()
    version, procedure = before.current("funeral_allowance", TODAY)
    publish(fresh.owner_url)
    after = office.fresh_catalogue()
    assert "test_copies" in after.offered(TODAY)
    assert "test_copies" not in before.offered(TODAY)
    assert after.procedures[version] is procedure
    listed = {listing.key: listing for listing in before.listings.values()}
    assert all(listing is listed[listing.key] for listing in after.listings.values() if listing.key in listed)


def test_a_retired_version_takes_nothing_in_but_serves_its_dossiers(office: Office, fresh: Fresh) -> None:
    publish(fresh.owner_url)
    version, _ = office.fresh_catalogue().current("test_copies", TODAY)
    change(fresh, "update procedure_version set state = 'retired' where id = %s", version)
    after = cold(office)
    assert "test_copies" not in after.offered(TODAY)
    with pytest.raises(NotFound):
        after.current("test_copies", TODAY)
    assert after.procedures[version].key == "test_copies"


def test_a_version_is_in_force_from_its_first_to_its_last_day(office: Office, fresh: Fresh) -> None:
    publish(fresh.owner_url)
    change(fresh, "update procedure_version set valid_to = '2026-11-22' where procedure = 'test_copies'")
    told = parse(COPIES.replace("version: 1\n", "version: 2\n"), "next.yaml")
    bench.store(fresh.owner_url, [Procedure(told)], TODAY)
    found = cold(office)
    assert [row.number for row in found.versions if row.procedure == "test_copies"] == [2, 1]
    for day, number in ((date(2026, 11, 22), 1), (TODAY, 2)):
        assert found.current("test_copies", day)[1].declaration.version == number
        assert found.offered(day)["test_copies"].number == number
    assert "test_copies" not in found.offered(date(2020, 12, 31))


def test_a_dossier_newer_than_the_catalogue_finds_its_procedure(office: Office, fresh: Fresh) -> None:
    before = cold(office)
    publish(fresh.owner_url)
    version, _ = cold(office).current("test_copies", TODAY)
    assert before.procedures[version].key == "test_copies"
    with pytest.raises(KeyError):
        before.procedures[version + 1000]


def test_what_is_kept_has_an_end_and_comes_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "KEPT", 2)
    found = cold(office)
    versions = sorted(found.procedures)[:3]
    first, second, third = (found.procedures[version] for version in versions)
    assert len(found.procedures.compiled) == 2
    assert found.procedures[versions[2]] is third
    assert found.procedures[versions[1]] is second
    again = found.procedures[versions[0]]
    assert again is not first
    assert again.content_hash == first.content_hash
    assert found.procedures[versions[1]] is second, "the one that was not asked for longest went"


def test_threads_get_one_and_the_same(office: Office) -> None:
    found = cold(office)
    wanted = sorted(found.procedures) * 8
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda version: (version, found.procedures[version]), wanted))
    assert all(found.procedures[version].key == procedure.key for version, procedure in got)
    assert {id(procedure) for _, procedure in got} == {id(found.procedures[version]) for version in found.procedures}


def test_the_first_that_is_kept_is_the_one() -> None:
    told = parse(COPIES, "copies.yaml")
    compiled, one, other = Compiled(), Procedure(told), Procedure(told)
    assert compiled.keep("x", one) is one
    assert compiled.keep("x", other) is one
    assert compiled.get("x") is one


def test_the_nearer_binding_wins_up_the_organisation(office: Office, fresh: Fresh) -> None:
    """District above ward: the ward's own, then its district's, then what holds for all."""
    units = {agency: desk_of(cold(office), agency).id for agency in (WARD, OTHER_WARD, "H51.02")}
    change(fresh, "insert into agency (code, name_vi, name_en, level, receives, aliases) "
                  "values ('H51.90', 'Cụm phường', 'Wards', 'commune', false, '{}')")
    change(fresh, "update agency set parent = 'H51.90' where code = any(%s)", [WARD, OTHER_WARD])
    change(fresh, "update agency set parent = 'H51.02' where code = 'H51.90'")
    with pytest.raises(Refused):
        cold(office).unit_for("weighing", WARD, TODAY)
    for scope, unit, ward, other, elsewhere in (
            (None, "H51.02", "H51.02", "H51.02", "H51.02"),
            ("H51.02", OTHER_WARD, OTHER_WARD, OTHER_WARD, "H51.02"),
            ("H51.90", "H51.02", "H51.02", "H51.02", "H51.02"),
            (WARD, WARD, WARD, "H51.02", "H51.02")):
        change(fresh, "insert into binding (party, receiving_agency, unit_id, valid_from) "
                      "values ('weighing', %s, %s, '2021-01-01')", scope, units[unit])
        found = cold(office)
        assert [found.unit_for("weighing", agency, TODAY).agency for agency in (WARD, OTHER_WARD, "H51.01")] == [
            ward, other, elsewhere]


def test_agencies_above_one_another_in_a_circle_are_asked_once(office: Office, fresh: Fresh) -> None:
    change(fresh, "update agency set parent = %s where code = %s", OTHER_WARD, WARD)
    change(fresh, "update agency set parent = %s where code = %s", WARD, OTHER_WARD)
    with pytest.raises(Refused):
        cold(office).unit_for("weighing", WARD, TODAY)


def test_codes_are_those_of_the_day() -> None:
    old = Code(code="1.000001", valid_from=date(2020, 1, 1), valid_to=date(2025, 12, 31))
    new = Code(code="1.000002", valid_from=date(2026, 1, 1))
    assert code_on((old, new), date(2025, 12, 31)) == "1.000001"
    assert code_on((old, new), TODAY) == "1.000002"
    assert code_on((new,), date(2020, 1, 1)) == "1.000002", "before the first, the first"


def test_many_procedures_are_published_and_used(journey: Journey, fresh: Fresh) -> None:
    """The measurement itself, small: every shape once and two twice, then a dossier of one that nobody knew."""
    office, shapes = journey.office, len(load_library())
    known = len(office.fresh_catalogue().procedures)
    bench.publish(fresh.owner_url, islice(bench.declarations(shapes), shapes + 2))
    office._catalogue = None
    assert bench.load(office).procedures == known + shapes + 2
    told = office.fresh_catalogue()
    made = [told.current(f"procedure_{number}", TODAY)[1] for number in range(1, shapes + 3)]
    assert len({id(procedure.topology) for procedure in made}) == shapes
    assert [made[0].topology, made[1].topology] == [made[shapes].topology, made[shapes + 1].topology]
    local = next(procedure for procedure in made if procedure.declaration.name.vi.startswith(
        told.current("conference_permit_local", TODAY)[1].declaration.name.vi))
    assert journey.states(journey.receive(local.key).code)
