"""When a consultation may be left before everybody has answered: told by the set of answers, never by their order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from procedures.declaration import AtLeast, Join, Parallel, Text

NEGATIVE = "disagree"  # of the verdicts an opinion may give


@dataclass(frozen=True, slots=True)
class JoinGuard:
    """`asked`: each branch with the slot of its condition. Whoever was not asked counts neither for nor against."""

    join: Join
    asked: Mapping[str, int | None]

    def __call__(
        self, configuration: Collection[str], answering: str, verdict: str, told: Callable[[int], bool | None]
    ) -> bool | None:
        """Whether the answer that comes now suffices, with those that are there; None: it cannot be told."""
        holds = {branch: True if slot is None else told(slot) for branch, slot in self.asked.items()}
        if None in holds.values():
            return None
        asked = {branch for branch, held in holds.items() if held}
        if answering not in asked:
            return False
        if self.join == "first_negative":
            return verdict == NEGATIVE
        came = {branch for branch in asked if branch == answering or done(branch) in configuration}
        return len(came) >= min(self.wanted(len(asked)), len(asked))

    def suffices(
        self, configuration: Collection[str], awaited: Collection[str], told: Callable[[int], bool | None]
    ) -> bool:
        """Whether those who answered and those who still may are enough to come to the end."""
        if self.join == "first_negative":
            return False  # without a disagreement everybody is waited for
        asked = [branch for branch, slot in self.asked.items() if slot is None or told(slot)]
        able = [branch for branch in asked if done(branch) in configuration or branch in awaited]
        return len(able) >= min(self.wanted(len(asked)), len(asked))

    def wanted(self, everybody: int) -> int:
        """How many answers suffice; of fewer bodies than that, all."""
        if isinstance(self.join, AtLeast):
            return self.join.at_least
        return 1 if self.join == "any" else everybody


def done(branch: str) -> str:
    """The state of a branch that has answered, or that nobody asked."""
    return f"{branch}_done"


def join_words(parallel: Parallel) -> Text:
    """What the consultation waits for."""
    match parallel.join:
        case AtLeast(at_least=number):
            return Text(vi=f"đủ {number} ý kiến", en=f"{number} opinion{'' if number == 1 else 's'} suffice")
        case "any":
            return Text(vi="chỉ cần một ý kiến", en="one opinion suffices")
        case "first_negative":
            return Text(vi="dừng ở ý kiến không đồng ý đầu tiên", en="until the first that disagrees")
        case _:
            return Text(vi="chờ đủ mọi ý kiến", en="all opinions are awaited")
