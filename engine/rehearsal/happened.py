"""What a rehearsal shows: after every step where the dossier is, who holds it, what rang; what was expected else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.casework.telling import STATUSES
from engine.clocks.zone import ZONE
from engine.rehearsal.scenario import Expect
from procedures.declaration import Text

# Recorded moments are whole seconds, alarms and sessions whole minutes.
NEARLY = timedelta(minutes=1)
OUTCOMES = {"approved": Text(vi="đồng ý", en="approved"), "rejected": Text(vi="từ chối giải quyết", en="rejected"),
            "none": Text(vi="chưa có kết quả", en="none")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An open piece of work. `path` is the unit as scenarios name it; `registered` false: nobody took it over yet."""

    state: str
    name: Text
    unit: Text
    path: str
    role: Text
    due: datetime | None
    registered: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Failed:
    """An expectation that did not hold. `kind`: states, status, due, step_due, held_by, outcome, closed, refused ..."""

    kind: str
    words: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Happened:
    """`code` and `why`: the refusal, if the act was refused. `states` are leaves; `places` those people would name."""

    event: str
    title: Text
    by: Text | None
    at: datetime
    states: tuple[str, ...]
    places: tuple[Text, ...]
    status: int
    due: datetime | None
    provisional: bool
    outcome: str | None
    closed: bool
    held: tuple[Held, ...]
    notices: tuple[str, ...] = ()
    rang: tuple[Text, ...] = ()
    sent_to: tuple[str, ...] = ()
    sent: tuple[Text, ...] = ()
    code: str | None = None
    why: Text | None = None
    failed: tuple[Failed, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """`steps[0]` is the reception. `left`: steps never played, because the one before was refused unexpectedly.

    `expects`: whether anything was expected at all; what expects nothing passes and shows nothing.
    """

    name: str
    steps: tuple[Happened, ...]
    end: tuple[Failed, ...] = ()
    left: int = 0
    stand_ins: tuple[Text, ...] = ()
    expects: bool = True

    @property
    def passed(self) -> bool:
        return not self.left and not self.failures

    @property
    def failures(self) -> list[tuple[int, Failed]]:
        """Number of the step (0 is the reception) and what was expected else."""
        return [*((number, failed) for number, step in enumerate(self.steps) for failed in step.failed),
                *((len(self.steps) - 1, failed) for failed in self.end)]

    @property
    def told(self) -> list[tuple[int, Failed, int]]:
        """The failures, each once: the first step it was seen at, and at how many steps in all."""
        found: dict[Text, list[tuple[int, Failed]]] = {}
        for number, one in self.failures:
            found.setdefault(one.words, []).append((number, one))
        return [(*same[0], len(same)) for same in found.values()]


def failed(expect: Expect | None, here: Happened, names: dict[str, Text]) -> Iterator[Failed]:
    """Every expectation that does not hold, in words; `names` of states."""
    wanted = expect or Expect()
    if wanted.refused != here.code:
        yield Failed(kind="refused", words=_refusal(wanted.refused, here))
    if expect is None:
        return
    if wanted.states is not None and set(wanted.states) != set(here.states):
        yield Failed(kind="states", words=_instead("hồ sơ ở bước", "the dossier at", _named(wanted.states, names),
                                                   _named(here.states, names)))
    if wanted.status is not None and wanted.status != here.status:
        yield Failed(kind="status", words=_instead("tình trạng", "the status", STATUSES[wanted.status],
                                                   STATUSES[here.status]))
    if wanted.due is not None:
        due = None if wanted.due == "none" else wanted.due
        if not _same(due, here.due):
            yield Failed(kind="due", words=_instead("hạn trả", "it due", _moment(due), _moment(here.due)))
    if wanted.outcome is not None and wanted.outcome != (here.outcome or "none"):
        yield Failed(kind="outcome", words=_instead("kết quả", "the outcome", OUTCOMES[wanted.outcome],
                                                    OUTCOMES[here.outcome or "none"]))
    if wanted.closed is not None and wanted.closed != here.closed:
        yield Failed(kind="closed", words=_instead("hồ sơ", "the dossier", _ended(wanted.closed), _ended(here.closed)))
    yield from _work(wanted, here, names)
    yield from _messages(wanted, here)


def _work(wanted: Expect, here: Happened, names: dict[str, Text]) -> Iterator[Failed]:
    held = {one.state: one for one in here.held}
    for state, due in wanted.step_due.items():
        found = held[state].due if state in held else None
        if not _same(due, found):
            name = names.get(state, Text(vi=state, en=state))
            yield Failed(kind="step_due", words=_instead(f"hạn bước “{name.vi}”", f"“{name.en}” due", _moment(due),
                                                         _moment(found)))
    for state, path in wanted.held_by.items():
        where = held[state].path if state in held else "–"
        if path != where:
            name = names.get(state, Text(vi=state, en=state))
            yield Failed(kind="held_by", words=_instead(f"bước “{name.vi}” do", f"“{name.en}” at", _plain(path),
                                                        held[state].unit if state in held else _plain("–")))


def _messages(wanted: Expect, here: Happened) -> Iterator[Failed]:
    for kind, expected, found in (("notices", wanted.notices, here.notices), ("sent_to", wanted.sent_to, here.sent_to)):
        if expected is not None and sorted(expected) != sorted(found):
            what = ("thông báo", "notices") if kind == "notices" else ("chuyển đến", "sent to")
            yield Failed(kind=kind, words=_instead(*what, _plain(", ".join(expected) or "–"),
                                                   _plain(", ".join(found) or "–")))


def _refusal(code: str | None, here: Happened) -> Text:
    if code is None and here.why is not None:
        return Text(vi=f"Bị từ chối ngoài dự kiến: {here.why.vi}", en=f"Refused, which was not expected: {here.why.en}")
    if here.why is None:
        return Text(vi=f"Chờ bị từ chối ({code}) nhưng lại làm được.",
                    en=f"Expected a refusal ({code}), but it was done.")
    return Text(vi=f"Chờ bị từ chối ({code}) nhưng bị từ chối vì lý do khác ({here.code}): {here.why.vi}",
                en=f"Expected a refusal ({code}), refused for another reason ({here.code}): {here.why.en}")


def _instead(vi: str, en: str, wanted: Text, found: Text) -> Text:
    return Text(vi=f"Chờ {vi} “{wanted.vi}”, nhưng là “{found.vi}”.",
                en=f"Expected {en} “{wanted.en}”, but it is “{found.en}”.")


def _named(states: tuple[str, ...], names: dict[str, Text]) -> Text:
    known = [names.get(state, Text(vi=state, en=state)) for state in states]
    return Text(vi=", ".join(dict.fromkeys(name.vi for name in known)) or "–",
                en=", ".join(dict.fromkeys(name.en for name in known)) or "–")


def _same(one: datetime | None, other: datetime | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) < NEARLY


def _moment(at: datetime | None) -> Text:
    if at is None:
        return Text(vi="không có hạn", en="no due date")
    return _plain(at.astimezone(ZONE).strftime("%H:%M %d/%m/%Y"))


def _ended(closed: bool) -> Text:
    return Text(vi="đã kết thúc", en="ended") if closed else Text(vi="chưa kết thúc", en="not ended")


def _plain(words: str) -> Text:
    return Text(vi=words, en=words)
