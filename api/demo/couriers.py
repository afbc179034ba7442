"""The four runs of a day: the courier takes what the manifest lists, the receivers confirm it or miss it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from api.demo.acting import ACT_SECONDS, Hands, Playing
from api.demo.cast import Cast
from api.demo.client import Json
from api.demo.rounds import Rounds

CARRIED = "carried"


@dataclass(kw_only=True)
class Couriers:
    hands: Hands
    cast: Cast
    rounds: Rounds
    playing: dict[str, Playing]

    def depart(self, day: date, no: int) -> int:
        """The papers taken along."""
        who = self._courier(no)
        run = self._run(who, day, no)
        taken = 0
        for line in self._lines(who, run):
            playing = self.playing[line["code"]]
            if playing.case.left_behind and not playing.left_once:
                playing.left_once = True
            elif line["state"] == "held":
                self._on_paper(who, str(line["barcode"]), "take")
                taken += 1
        self.hands.api.post(who, f"/courier/runs/{run}/depart")
        self.hands.acts["depart"] += 1
        return taken

    def arrive(self, day: date, no: int, at: datetime) -> list[Playing]:
        """Those whose paper was missed."""
        who = self._courier(no)
        run = self._run(who, day, no)
        self.hands.api.post(who, f"/courier/runs/{run}/arrive")
        self.hands.acts["arrive"] += 1
        missed = []
        for line in self._lines(who, run):
            playing = self.playing[line["code"]]
            if line["state"] == CARRIED and playing.case.lost is not None and not playing.lost_once:
                playing.lost_once = True
                self._on_paper(self._receiver(line), str(line["barcode"]), "missing")
                missed.append(playing)
            elif line["state"] == CARRIED:
                self._confirm(line, playing, at)
        return missed

    def found(self, playing: Playing, at: datetime) -> None:
        """It had slipped into another folder; the agency's own people come upon it in its dossier."""
        who = self._courier(0)
        for day_run in self.hands.api.get(who, "/courier/runs", day=at.date().isoformat()):
            for line in self._lines(who, int(day_run["id"])):
                if line["code"] == playing.code and line["state"] == "missing":
                    self._confirm(line, playing, at)

    def _confirm(self, line: Json, playing: Playing, at: datetime) -> None:
        self._on_paper(self._receiver(line), str(line["barcode"]), "confirm")
        self.rounds.wake_all(playing, at)

    def _on_paper(self, who: str, barcode: str, what: str) -> None:
        self.hands.clock.step(ACT_SECONDS)
        self.hands.api.post(who, f"/papers/{barcode}/{what}")
        self.hands.acts[f"paper_{what}"] += 1

    def _courier(self, no: int) -> str:
        couriers = self.cast.couriers()
        return couriers[no % len(couriers)]

    def _run(self, who: str, day: date, no: int) -> int:
        runs = self.hands.api.get(who, "/courier/runs", day=day.isoformat())
        return next(int(run["id"]) for run in runs if run["no"] == no)

    def _lines(self, who: str, run: int) -> list[Json]:
        found: list[Json] = self.hands.api.get(who, f"/courier/runs/{run}")["lines"]
        return found

    def _receiver(self, line: Json) -> str:
        unit = line["receiver"]
        return self.cast.anybody(self.cast.unit_named(unit["agency"], unit["name"]["vi"]))
