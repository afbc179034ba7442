"""A part of a bundle is moved like any dossier; the date promised for the whole follows."""

from __future__ import annotations

import json

from engine import delivery
from engine.migrating import batch
from engine.migrating.batch import Proposal
from engine.migrating.plan import ClockRule, Plan
from procedures.declaration import Declaration, parse
from tests.bundles.folder import open_folder
from tests.journey import Journey
from tests.migrating.conftest import Cockpit
from tests.migrating.versions import publish


def longer(declaration: Declaration) -> Declaration:
    told = declaration.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return parse(json.dumps({**told, "version": declaration.version + 1, "limit": "60 working days"}), "x")


def test_the_bundle_is_promised_for_a_later_day_and_back_again(journey: Journey, cockpit: Cockpit) -> None:
    folder = open_folder(journey, "birth")
    walk = next(folder[part.part] for part in folder.reply.parts if folder[part.part].dossier["due_at"] is not None)
    version = walk.dossier["version_id"]
    new = publish(cockpit.fresh, longer(walk.procedure.declaration))
    told = Proposal(from_version=version, to_version=new, plan=Plan(clocks=ClockRule.ALL))
    promised = folder.row["due_at"]

    made = batch.plan(cockpit.office, cockpit.actor, told, decision_no="1", reason="x", codes=[walk.code], now=walk.now)
    assert batch.run(cockpit.office, cockpit.actor, made, walk.now).done == 1
    delivery.drain(cockpit.office, walk.now)
    assert folder.row["due_at"] > promised
    assert batch.undo_moves(cockpit.office, cockpit.actor, made, None, walk.now).done == 1
    delivery.drain(cockpit.office, walk.now)
    assert folder.row["due_at"] == promised
