"""`make bench`: speed as ratios in one run on the embedded servers."""

from __future__ import annotations

from bench import acts
from bench.stage import staged
from storage.local.machine import Service
from tests.machine import machine


def main() -> None:
    with machine({Service.POSTGRES, Service.STORE}) as running, staged(running, 2000) as stage:
        acts.prepare(stage)
        one, four = stage.codes[:1000], stage.codes[1000:]
        stage.codes = one
        acts.compare(stage, 1)
        stage.codes = four
        acts.compare(stage, 4)


if __name__ == "__main__":
    main()
