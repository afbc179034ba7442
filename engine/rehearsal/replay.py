"""Real dossiers played on a draft: what would have gone otherwise. Read only; and every scenario before publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.catalogue import Catalogue
from engine.errors import LienThongError
from engine.office import Office
from engine.rehearsal.happened import Failed, Happened, Result
from engine.rehearsal.play import play
from engine.rehearsal.recording import confidential, recorded
from engine.rehearsal.scenario import Scenario, read
from engine.states.procedure import Procedure
from procedures.declaration import Declaration, Text
from storage import scenarios
from storage.scenarios import Recorded

MOST = 200
_DUE, _OUTCOME = ("due", "step_due"), ("outcome", "status", "closed")


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One real dossier on the draft. `refused`: at which act and why the draft would not have let it pass."""

    code: str
    received: datetime
    path: bool
    due: bool
    outcome: bool
    refused: Text | None
    differences: tuple[Text, ...]

    @property
    def same(self) -> bool:
        return not self.differences


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """`left_out`: confidential dossiers, and those whose record could not be played."""

    rows: tuple[Compared, ...]
    left_out: int

    @property
    def same(self) -> int:
        return sum(1 for row in self.rows if row.same)

    @property
    def refused(self) -> int:
        return sum(1 for row in self.rows if row.refused is not None)

    @property
    def other_path(self) -> int:
        return sum(1 for row in self.rows if not row.path)

    @property
    def other_due(self) -> int:
        return sum(1 for row in self.rows if not row.due)

    @property
    def other_outcome(self) -> int:
        return sum(1 for row in self.rows if not row.outcome)


def replay(office: Office, version_id: int, draft: Declaration, last: int = 50) -> Comparison:
    """The last dossiers of a version on `draft`, each by whoever the draft says may do it.

    They are played on their own version, too: what cannot be repeated even there (units bound otherwise since) is no
    difference of the draft's.
    """
    catalogue = office.fresh_catalogue()
    known, tried = catalogue.procedures[version_id], Procedure(draft)
    rows: list[Compared] = []
    codes = scenarios.codes(office.db, version_id, min(last, MOST))
    for code in codes:
        found = scenarios.recorded(office.db, code)
        if found is None or confidential(found, known):
            continue
        compared = _compared(found, known, tried, catalogue)
        if compared is not None:
            rows.append(compared)
    return Comparison(rows=tuple(rows), left_out=len(codes) - len(rows))


def by_anybody(scenario: Scenario) -> Scenario:
    """A draft may give a step to others; whether it does is told by who holds the step."""
    steps = tuple(step if step.who == "machine" else step.model_copy(update={"who": "holder"})
                  for step in scenario.steps)
    return scenario.model_copy(update={"steps": steps})


def _compared(found: Recorded, known: Procedure, tried: Procedure, catalogue: Catalogue) -> Compared | None:
    """None where the record cannot be played."""
    try:
        scenario = by_anybody(recorded(found, known, catalogue, holders=True))
        before, after = play(known, scenario, catalogue), play(tried, scenario, catalogue)
    except LienThongError:
        return None
    usual = {(number, failed.kind, failed.words) for number, failed in before.failures}
    other = [failed for number, failed in after.failures if (number, failed.kind, failed.words) not in usual]
    kinds = {failed.kind for failed in other}
    stopped = _stopped(after) if len(after.steps) < len(before.steps) or "refused" in kinds else None
    return Compared(
        code=found.dossier["code"], received=scenario.received, path=not kinds & {"states", "held_by", "refused"},
        due=kinds.isdisjoint(_DUE), outcome=kinds.isdisjoint(_OUTCOME), refused=stopped,
        differences=tuple(_words(other, stopped)))


def _stopped(result: Result) -> Text | None:
    """Where and why; None if it went through after all."""
    last: Happened = result.steps[-1]
    if last.why is None:
        return None
    return Text(vi=f"{last.title.vi}: {last.why.vi}", en=f"{last.title.en}: {last.why.en}")


def _words(other: Sequence[Failed], stopped: Text | None) -> list[Text]:
    """The first of each kind: what follows from it need not be told again."""
    first = {failed.kind: failed.words for failed in reversed(other) if failed.kind != "refused"}
    return ([stopped] if stopped else []) + list(reversed(first.values()))


def run_all(office: Office, procedure: str, declaration: Declaration, now: datetime) -> list[Result]:
    """Every scenario of the procedure on this declaration, in the order they were written."""
    catalogue, tried = office.fresh_catalogue(), Procedure(declaration)
    return [run_one(row.name, row.content, tried, catalogue, now)
            for row in scenarios.of_procedure(office.db, procedure)]


def run_one(name: str, content: object, procedure: Procedure, catalogue: Catalogue, now: datetime) -> Result:
    """A scenario that cannot even begin has failed, and says why."""
    try:
        return play(procedure, read(content), catalogue)
    except (LienThongError, ValueError) as error:
        told = Text(vi=str(error), en=str(error))
        if isinstance(error, LienThongError):
            told = Text(vi=error.message(), en=error.message("en"))
        nothing = Happened(
            event="receive", title=Text(vi="Kịch bản không chạy được", en="The scenario cannot be played"), by=None,
            at=now, states=(), places=(), status=1, due=None, provisional=False, outcome=None, closed=False, held=(),
            code="unplayable", why=told, failed=(Failed(kind="refused", words=told),))
        return Result(name=name, steps=(nothing,))
