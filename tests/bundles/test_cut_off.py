"""Whatever is cut off between two parts is finished by the next pass, as one whole pass would have done it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from engine import delivery
from engine.bundles.reception import receive
from engine.casework.orders import Actor
from tests.bundles.folder import DESK, Folder, cut_off, open_folder, submission
from tests.casework.racing import race, together
from tests.casework.test_crash import breaking, picture
from tests.casework.walking import Walk
from tests.conftest import Fresh
from tests.journey import Journey


def finish(folder: Folder, walk: Walk) -> None:
    """The last act before its result is ready; what it means for the others is not done yet."""
    walk.go_to("issuing")
    walk.provide(walk.procedure.command(sorted(walk.states), "issue"))
    walk.act(walk.order("issue", walk.holder("issuing")))


def picture_of(folder: Folder) -> list[Any]:
    """What must come out the same, however often it was begun."""
    parts = [(row["part"], sorted(row["states"]), row["released_at"], row["stopped_for"], row["expected_due_at"],
              sorted((paper["component"], paper["sha256"] or "") for paper in row["documents"]))
             for row in folder.row["parts"]]
    acts = [[(entry["action"], entry["at"]) for entry in walk.entries] for walk in folder.walks.values()]
    return [parts, acts, folder.row["letters"], folder.row["due_at"], folder.row["closed_at"]]


@pytest.mark.parametrize("victim", ["residence", "health_card"])
def test_a_release_cut_off_between_two_parts(journey: Journey, fresh: Fresh, victim: str) -> None:
    folder = open_folder(journey, "birth", channel="online")
    finish(folder, folder["registration"])

    with cut_off(fresh, folder[victim].id), pytest.raises(psycopg.Error, match="cut off on purpose"):
        folder.advance()
    assert folder.states()[victim] == "awaiting_parts"
    folder.advance()

    once = picture_of(folder)
    assert "awaiting_parts" not in (folder.states()["residence"], folder.states()["health_card"])
    assert folder.advance() == 0
    assert picture_of(folder) == once
    for key in ("residence", "health_card"):
        assert [entry["action"] for entry in folder[key].entries].count("release") == 1


def test_a_stop_cut_off_between_two_parts_leaves_one_notice(journey: Journey, fresh: Fresh) -> None:
    folder = open_folder(journey, "birth", channel="online")
    walk = folder["registration"].go_to("examining")
    walk.act(walk.order("stop", _head(walk), reason="Sai thẩm quyền"))

    with cut_off(fresh, folder["health_card"].id), pytest.raises(psycopg.Error, match="cut off on purpose"):
        folder.advance()
    folder.advance()

    assert set(folder.states().values()) == {"stopped"}
    assert len(folder.row["letters"]) == 1
    assert folder.row["letters"][0]["parts"] == ["health_card", "identity_card", "residence"]
    assert folder.office.db.value("select count(*) from notice where kind = 'bundle_stopped'") == 1
    assert folder.row["closed_at"] is not None
    assert delivery.drain(folder.office, folder.now).failed == 0


def _head(walk: Walk) -> Actor:
    """Of the unit at work, or whoever manages the desk: both may stop it."""
    unit = walk.items["examining"]["unit_id"]
    found = next(member for member in walk.cast.members
                 if (member.unit_id == unit and member.role == "head")
                 or (member.unit == DESK and member.role == "manager"))
    return Actor(id=found.id, name=found.name)


def test_one_letter_cut_off_between_two_parts_stops_both_clocks_at_one_instant(journey: Journey, fresh: Fresh) -> None:
    folder = open_folder(journey, "land_certificate")
    for part in ("change_info", "correct"):
        folder[part].go_to("examining")
        walk = folder[part]
        walk.journey.register_all(walk.code)
        walk.act(walk.order("request_supplement", walk.holder("examining"), documents=("identity",), reason="Mờ"))

    with cut_off(fresh, folder["correct"].id), pytest.raises(psycopg.Error, match="cut off on purpose"):
        folder.advance()
    assert folder["change_info"].states == {"awaiting_supplement"}
    folder.journey.now = folder.now.replace(hour=9)
    folder.advance()

    stops = [mark["at"] for part in ("change_info", "correct") for row in folder[part].clocks("dossier")
             for mark in row["marks"] if mark["kind"] == "stop"]
    assert stops == [folder.row["letters"][0]["at"]] * 2

    with cut_off(fresh, folder["correct"].id), pytest.raises(psycopg.Error, match="cut off on purpose"):
        folder.supplement("brought-1")
    assert folder["correct"].states == {"awaiting_supplement"}
    folder.advance()
    assert folder["correct"].states == {"examining"}
    assert len(folder.row["letters"]) == 1


@pytest.mark.parametrize("table", ["bundle", "bundle_part", "applicant", "audit", "asset_claim", "idempotency"])
def test_a_reception_that_fails_at_one_table_writes_to_none(journey: Journey, fresh: Fresh, table: str) -> None:
    told = submission(journey, "land_certificate")
    before = picture(fresh)

    with breaking(fresh, table), pytest.raises(psycopg.Error, match="broken on purpose"):
        receive(journey.office, told, journey.now)

    assert picture(fresh) == before
    first = receive(journey.office, told, journey.now)
    assert receive(journey.office, told, journey.now) == first


def test_two_passes_at_once_do_everything_once(journey: Journey) -> None:
    folder = open_folder(journey, "birth", channel="online")
    finish(folder, folder["registration"])

    together(folder.advance, folder.advance, folder.advance)
    folder.advance()

    for key in ("residence", "health_card"):
        actions = [entry["action"] for entry in folder[key].entries]
        assert actions.count("release") == actions.count("attach") == 1
    assert folder.advance() == 0


def test_two_parts_that_ask_at_once_are_both_gathered(journey: Journey) -> None:
    folder = open_folder(journey, "land_certificate")
    orders = []
    for part in ("change_info", "correct"):
        walk = folder[part].go_to("examining")
        walk.journey.register_all(walk.code)
        orders.append(walk.order("request_supplement", walk.holder("examining"), documents=("identity",), reason="Mờ"))

    race(folder["correct"], *orders)
    delivery.drain(folder.office, folder.now)

    (letter,) = folder.row["letters"]
    assert {row["part"] for row in letter["asking"]} == {"change_info", "correct"}
