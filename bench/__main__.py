"""`make bench`: speed as ratios in one run on the embedded servers: acts, hand-offs, pages, legal time, lines.

`make bench FULL=1`: a million clocks, and pages among 200,000 dossiers, where the small run has 20,000.
"""

from __future__ import annotations

from bench import acts, catalogue, clocks, forms, handoffs, http, idle, lines, manifest, pages, recompute, sweep
from bench.stage import staged
from storage.local.machine import Service
from tests.machine import machine

ONE, FOUR, WEB, MANY = 600, 800, 216, 120


def main() -> None:
    with machine({Service.POSTGRES, Service.STORE}) as running, staged(running, ONE + FOUR + WEB + MANY) as stage:
        acts.prepare(stage)
        codes = stage.codes
        in_process = acts.compare(stage, codes[:ONE], 1)
        acts.compare(stage, codes[ONE:ONE + FOUR], 4)
        over_http = http.measure(stage, codes[ONE + FOUR:ONE + FOUR + WEB])
        print(f"\n{over_http.line()}")
        print(f"  ratio to in-process per CPU second: {over_http.per_core / in_process.per_core:.2f}")
        forms.measure(stage)
        catalogue.measure(stage, codes[-MANY:])
    handoffs.main()
    pages.main()
    clocks.measure()
    sweep.main()
    manifest.main()
    lines.main()
    recompute.main()
    idle.measure()


if __name__ == "__main__":
    main()
