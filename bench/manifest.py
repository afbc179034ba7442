"""A manifest of 500 papers: sealed in a bag, taken, counted and confirmed. `python -m bench.manifest`"""

from __future__ import annotations

import structlog

from bench.measure import Done, Run, Stopwatch, run
from bench.stage import bare
from engine import courier
from engine.casework.orders import Actor
from engine.casework.receive import receive
from engine.courier import bags
from storage import runs
from storage.local.machine import Machine, Service
from tests.journey import MONDAY, Cast, Journey
from tests.machine import machine as running_machine

PAPERS, WITHIN = 500, 2.0


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    with running_machine({Service.POSTGRES, Service.STORE}) as running:
        measure(running)


def measure(machine: Machine) -> Run:
    """Prints seconds for the whole manifest; the disk is waited for as in earnest."""
    stage = bare(machine)
    office = stage.office()
    cast = Cast(office)
    journey = Journey(office, cast)
    for _ in range(PAPERS):
        receive(office, journey.submission(), journey.now)
    courier.plan(office, MONDAY.date())
    manifest = next(one for one in runs.of_day(office.db, MONDAY.date()) if one.depart_at > MONDAY)
    now = manifest.depart_at
    courier.draw_due_manifests(office, now)
    line, carrier = runs.lines(office.db, manifest.id)[0], cast["H51.09/giao-nhan:courier"]
    bag = bags.seal(office, manifest.id, (line.from_unit_id, line.to_unit_id), "NP-1",
                    cast["H51.02/tiep-nhan:receptionist"], now)
    receiver = next(one for one in cast.members if one.unit_id == line.to_unit_id)

    def confirm() -> list[Done]:
        watch = Stopwatch()
        opened = bags.open_bag(office, bag.id, bag.seal, counted, Actor(id=receiver.id, name=receiver.name), now)
        return [watch.done(sum(one.done for one in opened.results))]

    bags.take(office, bag.id, carrier, now)
    counted = [one.barcode for one in runs.in_bag(office.db, bag.id)]
    assert len(counted) >= PAPERS
    confirmed = run("papers of a manifest confirmed", confirm, stage.server())
    print(f"\n{confirmed.line()}")
    print(f"  {confirmed.count} in {confirmed.wall:.2f} s (goal {WITHIN:.0f} s)")
    office.db.close()
    return confirmed


if __name__ == "__main__":
    main()
