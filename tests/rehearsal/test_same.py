"""What is rehearsed is what happens: five hundred random ways through the library, in PostgreSQL and in memory."""

from __future__ import annotations

from datetime import date

from engine.office import Office
from tests.journey import Cast
from tests.rehearsal.twofold import Ground, Walk

WALKS, STEPS = 500, 20


def test_five_hundred_walks_are_the_same_in_memory_and_in_the_database(office: Office, cast: Cast) -> None:
    ground = Ground(office, cast)
    library = sorted(office.catalogue().offered(date(2026, 11, 23)))
    found, walked = [], 0

    for seed in range(WALKS):
        walk = Walk(ground, library[seed % len(library)], seed)
        if not walk.begin():
            continue
        walked += 1
        for _ in range(STEPS):
            if walk.over:
                break
            walk.step()
        found += [f"{walk.procedure.key} {seed} {walk.code}: {line}" for line in walk.differences()]
        assert found == []

    done = ground.done
    assert walked > WALKS / 2, done
    # legal and illegal acts alike, of every kind
    for kind in ("register", "recall", "resend", "refuse_handoff", "extend", "take_paper", "confirm_paper", "attach",
                 "alarm", "wrong_role", "stale_version", "not_possible_here", "not_registered", "not_found", "invalid",
                 "missing_document", "consult_further", "answer_consultation", "withdraw_consultation",
                 "propose_additions", "fulfil_obligation"):
        assert done[kind] > 0, (kind, done)
