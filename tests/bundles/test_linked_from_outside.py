"""A document that an agency without our system sent with one part of a bundle, and that another part shares."""

from __future__ import annotations

import psycopg

from engine import delivery, desk
from engine.casework import outside
from engine.casework.act import transact
from engine.casework.outside import Voice
from engine.casework.scans import Scan
from tests.bundles.folder import Folder, open_folder
from tests.conftest import Fresh
from tests.journey import Journey

LAND = "H51.06.01.02"
VOICE = Voice(name="Trần Thị Hoa", where="Văn phòng đăng ký đất đai", proof={"slip": "HS-1", "entered_by": 1})
SCAN = Scan(sha256="ab" * 32, size=10, media_type="application/pdf", pages=1, quality=None)


def came(folder: Folder, part: str) -> str | None:
    view = desk.dossier(folder.office, folder[part].code, folder.receptionist, folder.now)
    document, = (row for row in view.documents if row.sha256 == SCAN.sha256)
    return document.came.vi if document.came else None


def test_what_was_linked_into_another_part_names_the_agency_it_came_from(journey: Journey, fresh: Fresh) -> None:
    with psycopg.connect(fresh.superuser_url, autocommit=True) as connection:
        connection.execute("select reach_agency(%s, 'paper', null, null)", (LAND,))
    folder = open_folder(journey, "land_certificate")
    walk = folder["change_info"]
    handoff = walk.of("handoff")[0]["id"]
    for event, decide in (("register", outside.register(VOICE, handoff)),
                          ("attach", outside.attach(VOICE, handoff, "certificate", "giay.pdf", SCAN))):
        transact(folder.office, outside.order(walk.code, event, VOICE), decide, folder.now)
    delivery.drain(folder.office, folder.now)

    said = came(folder, "change_info")
    assert said is not None
    assert said.startswith("theo trả lời của ")
    assert came(folder, "correct") == said
    assert came(folder, "confirm") == said
