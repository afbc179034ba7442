"""The four runs of a day: the courier takes what the manifest lists, the receivers confirm it or miss it.

What goes the way of a paper that will be missed goes in a bag, and the bag arrives under another seal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from api.demo.acting import ACT_SECONDS, Hands, Playing
from api.demo.cast import Cast
from api.demo.client import Json
from api.demo.rounds import Rounds
from api.demo.script import SEAL, SEAL_FOUND

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
        taken = self._bag(who, run)
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
        missed = self._open(who, run, at)
        for line in self._lines(who, run):
            playing = self.playing[line["code"]]
            if line["state"] == CARRIED:
                self._confirm(line, playing, at)
        return missed

    def found(self, playing: Playing, at: datetime) -> None:
        """It had slipped into another folder; the agency's own people come upon it in its dossier."""
        who = self._courier(0)
        for day_run in self.hands.api.get(who, "/courier/runs", day=at.date().isoformat()):
            for line in self._lines(who, int(day_run["id"])):
                if line["code"] == playing.code and line["state"] == "missing":
                    self._confirm(line, playing, at)
                    self._explain(self._somebody(line["sender"]))

    def _bag(self, who: str, run: int) -> int:
        """How many papers are in the bag the courier takes."""
        lines = self._lines(who, run)
        lost = next((line for line in lines if self._to_be_lost(line)), None)
        if lost is None:
            return 0
        way = (lost["sender"]["id"], lost["receiver"]["id"])
        inside = [line["barcode"] for line in lines if (line["sender"]["id"], line["receiver"]["id"]) == way
                  and line["state"] == "held" and not self.playing[line["code"]].case.left_behind]
        self.hands.clock.step(ACT_SECONDS)
        bag = self.hands.api.post(self._somebody(lost["sender"]), f"/courier/runs/{run}/bags", {
            "from_unit": way[0], "to_unit": way[1], "seal": SEAL, "barcodes": inside})
        self.hands.api.post(who, f"/courier/bags/{bag['id']}/take")
        self.hands.acts["paper_take"] += len(inside)
        return len(inside)

    def _open(self, who: str, run: int, at: datetime) -> list[Playing]:
        """Whose paper was not in the bag."""
        lines = self._lines(who, run)
        missed = [line for line in lines if line["state"] == CARRIED and self._to_be_lost(line)]
        for bag in self.hands.api.get(who, f"/courier/runs/{run}/bags") if missed else ():
            inside = [line for line in lines if line["bag_id"] == bag["id"]]
            counted = [line["barcode"] for line in inside if line not in missed]
            self.hands.clock.step(ACT_SECONDS)
            self.hands.api.post(self._receiver(missed[0]), f"/courier/bags/{bag['id']}/open",
                                {"seal": SEAL_FOUND, "barcodes": counted, "empty": not counted})
            self.hands.acts.update({"bag": 1, "paper_confirm": len(counted), "paper_missing": len(missed)})
            for line in inside:
                self.rounds.wake_all(self.playing[line["code"]], at)
        found = [self.playing[line["code"]] for line in missed]
        for playing in found:
            playing.lost_once = True
        return found

    def _to_be_lost(self, line: Json) -> bool:
        playing = self.playing[line["code"]]
        return playing.case.lost is not None and not playing.lost_once

    def _explain(self, who: str) -> None:
        """The unit that sealed the bag closes its incident; that of the missing paper was closed by its arrival."""
        for incident in self.hands.api.get(who, "/incidents")["incidents"]:
            if incident["kind"] == "seal_other":
                self.hands.api.post(who, f"/incidents/{incident['id']}/close", {
                    "reason": f"Niêm phong đứt khi xếp túi, đã thay {SEAL} bằng {SEAL_FOUND} mà chưa ghi."})
                self.hands.acts["incident"] += 1

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
        return self._somebody(line["receiver"])

    def _somebody(self, unit: Json) -> str:
        return self.cast.anybody(self.cast.unit_named(unit["agency"], unit["name"]["vi"]))
