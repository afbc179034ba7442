"""How a bundle stands, and what follows from that: pure, read from what is stored, the same whoever asks.

A move names what one dossier's act, or one change of the bundle itself, is to do next. Doing it makes it disappear from
the list; so a list that is worked through again after a crash gives the same end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from engine.casework.additions import waiting
from engine.casework.decision import Row
from engine.casework.evidence import OTHER, RESULT
from engine.casework.parts import SUPPLEMENT_LETTER, open_letter
from engine.catalogue import Catalogue
from engine.states.procedure import Procedure
from procedures import bundle as declarations
from procedures import planner
from procedures.bundle import Bundle, Need, OnRefuse
from procedures.declaration import At, Declaration, Event
from procedures.entry import Text
from procedures.planner import Requirements

MOST_FILES = 30
OTHER_PAPER = Text(vi="Giấy tờ khác (nêu trong lý do)", en="Other papers (named in the reason)")


def instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One dossier of the bundle; `row` as storage.bundles.read brings it."""

    key: str
    row: Row
    procedure: Procedure

    @property
    def code(self) -> str:
        return str(self.row["code"])

    @property
    def name(self) -> Text:
        return self.procedure.declaration.name

    @property
    def held(self) -> bool:
        return At.AWAITING_PARTS in self.row["states"]

    @property
    def awaiting_supplement(self) -> bool:
        return At.AWAITING_SUPPLEMENT in self.row["states"]

    @property
    def finished(self) -> bool:
        """It has a result; what ended without one has no outcome."""
        return self.row["finished_at"] is not None and self.row["outcome"] is not None

    @property
    def closed(self) -> bool:
        return self.row["closed_at"] is not None

    @property
    def approved(self) -> bool:
        return self.finished and self.row["outcome"] == "approved"

    @property
    def failed(self) -> bool:
        """Refused, rejected, stopped or withdrawn: its result will never come."""
        return (self.finished and self.row["outcome"] == "rejected") or (self.closed and not self.finished)

    @property
    def active(self) -> bool:
        return not (self.finished or self.closed or self.held)

    @property
    def may_ask(self) -> bool:
        """Whether the procedure lets the citizen be asked where the dossier is now."""
        return any(command.event == Event.REQUEST_SUPPLEMENT
                   for command in self.procedure.commands(tuple(self.row["states"])))

    @property
    def spoken(self) -> bool:
        """Nobody at work on it has still to say what is missing."""
        asked = waiting(self.row["additions"])
        states = self.procedure.states
        if any(row["state"] in states and states[row["state"]].branch_of is None for row in asked):
            return True
        return bool(asked) and {item["unit_id"] for item in self.row["items"]} <= {row["unit_id"] for row in asked}


@dataclass(frozen=True, slots=True)
class Release:
    part: str


@dataclass(frozen=True, slots=True)
class Stop:
    """`whole`: because of it everything else is stopped, with one notice."""

    part: str
    because: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Adopt:
    """Papers that another part has: a scan of the same paper, or a result that is a paper here."""

    part: str
    hashes: tuple[str, ...]
    papers: tuple[tuple[str, Any, str], ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Ask:
    part: str
    no: int
    letter: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class Resume:
    part: str
    no: int


Move = Release | Stop | Adopt | Ask | Resume


class Progress:
    """`now` decides only whether the window for requests is over."""

    def __init__(self, told: Row, catalogue: Catalogue, now: datetime) -> None:
        self.row, self.catalogue, self.now = told, catalogue, now
        self.bundle: Bundle = declarations.restore(told["content"])
        rows = {row["part"]: row for row in told["parts"]}
        self.parts: Mapping[str, Part] = {
            key: Part(key=key, row=rows[key], procedure=catalogue.procedures[rows[key]["version_id"]])
            for key in self.bundle.order if key in rows}

    @cached_property
    def declarations(self) -> dict[str, Declaration]:
        return {key: part.procedure.declaration for key, part in self.parts.items()}

    @cached_property
    def facts(self) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for part in self.parts.values():
            merged |= part.row["facts"]
        return {**merged, "channel": self.row["channel"]}

    @cached_property
    def plan(self) -> Requirements:
        return planner.merged(self.declarations, self.facts)

    @property
    def letters(self) -> list[Row]:
        return list(self.row["letters"])

    def moves(self) -> Iterator[Move]:
        """What is to be done, the most urgent first."""
        yield from self._stops()
        yield from self._adoptions()
        yield from self._held()
        yield from self._asked()
        yield from self._new_letter()

    def _stops(self) -> Iterator[Move]:
        for key, part in self.parts.items():
            if part.failed and self.bundle.parts[key].on_refuse is OnRefuse.STOP_ALL:
                yield from (Stop(other, key, True) for other, found in self.parts.items()
                            if other != key and not found.finished and not found.closed)
                return

    def _held(self) -> Iterator[Move]:
        for key, part in self.parts.items():
            if not part.held:
                continue
            after = {other: need for other, need in self.bundle.parts[key].after.items() if other in self.parts}
            never = [other for other, need in after.items() if need is Need.RESULT and self.parts[other].failed]
            if never:
                yield Stop(key, never[0], False)
            elif all(self._met(other, need) for other, need in after.items()):
                yield Release(key)

    def _met(self, other: str, need: Need) -> bool:
        found = self.parts[other]
        return found.approved if need is Need.RESULT else found.finished or found.closed

    def _adoptions(self) -> Iterator[Move]:
        for key, part in self.parts.items():
            if part.closed:
                continue
            has = {(row["component"], row["sha256"]) for row in part.row["documents"]}
            room = MOST_FILES - sum(1 for _, sha256 in has if sha256)
            found = {(component, row["sha256"]): (component, row, code)
                     for component, row, code in self._offered(key) if (component, row["sha256"]) not in has}
            if found and room > 0:
                papers = tuple(found.values())[:room]
                yield Adopt(key, tuple(row["sha256"] for _, row, _ in papers), papers)

    def _offered(self, key: str) -> Iterator[tuple[str, Row, str]]:
        """(component here, the document there, the code it is in): same papers, and results that are ready."""
        for asked in self.plan.papers.values():
            for other, names in asked.papers.items():
                if other != key and key in asked.papers:
                    yield from ((asked.papers[key][0], row, self.parts[other].code)
                                for row in _bytes(self.parts[other]) if row["component"] in names)
        for component, maker in self.plan.produced.get(key, {}).items():
            if self.parts[maker].approved:
                yield from ((component, row, self.parts[maker].code)
                            for row in _bytes(self.parts[maker]) if row["component"] == RESULT)

    def _asked(self) -> Iterator[Move]:
        """What a letter says that was written, and is not done yet for every part."""
        for letter in self.letters:
            if letter["kind"] != SUPPLEMENT_LETTER:
                continue
            for row in letter["asking"]:
                part = self.parts[row["part"]]
                unasked = {found["no"] for found in waiting(part.row["additions"])}
                if letter["answered_at"] is None and unasked & set(row["additions"]) and part.may_ask:
                    yield Ask(part.key, letter["no"], letter)
                if letter["answered_at"] is not None and part.awaiting_supplement and self._latest(part) is letter:
                    yield Resume(part.key, letter["no"])

    def _latest(self, part: Part) -> Row | None:
        """A part may have been asked before; only the last letter to it counts."""
        return next((letter for letter in reversed(self.row["letters"]) if letter["kind"] == SUPPLEMENT_LETTER
                     and any(row["part"] == part.key for row in letter["asking"])), None)

    @property
    def gathering_over(self) -> bool:
        until = instant(self.row["gather_until"])
        if until is None:
            return False
        active = [part for part in self.parts.values() if part.active and not part.awaiting_supplement]
        return self.now >= until or all(part.spoken for part in active)

    def _asking(self) -> list[Part]:
        return [part for part in self.parts.values() if waiting(part.row["additions"]) and part.may_ask]

    @property
    def gathered_nothing(self) -> bool:
        """The window is over and nobody who asked waits any more."""
        return self.row["gather_until"] is not None and self.gathering_over and not self._asking()

    def _new_letter(self) -> Iterator[Move]:
        asking = self._asking()
        if self.gathering_over and asking:
            letter = self._letter(asking)
            yield Ask(asking[0].key, letter["no"], letter)

    def _letter(self, asking: list[Part]) -> Row:
        rows = [{"part": part.key, "dossier_id": part.row["dossier_id"], "code": part.code,
                 "documents": _documents(part), "additions": [row["no"] for row in waiting(part.row["additions"])]}
                for part in asking]
        return {"no": len(self.letters) + 1, "kind": SUPPLEMENT_LETTER, "at": None, "asking": rows,
                "papers": list(self._papers_of(rows)), "answered_at": None, "answered_by": None}

    def _papers_of(self, rows: list[Row]) -> Iterator[Row]:
        """One list for the citizen, each paper once with who asks for it."""
        merged: dict[str, Row] = {}
        for row in rows:
            for component in row["documents"]:
                kind, name = self._kind(row["part"], component)
                line = merged.setdefault(kind, {"kind": kind, "name_vi": name.vi, "name_en": name.en, "parts": []})
                if row["part"] not in line["parts"]:
                    line["parts"].append(row["part"])
        yield from merged.values()

    def _kind(self, part: str, component: str) -> tuple[str, Text]:
        for kind, asked in self.plan.papers.items():
            if component in asked.papers.get(part, ()):
                return kind, asked.name
        if component == OTHER:
            return f"{part}_{OTHER}", OTHER_PAPER
        return f"{part}_{component}", self.declarations[part].documents[component].name

    def open_letter(self) -> Row | None:
        """The letter the citizen has not answered yet."""
        return next((letter for part in self.parts.values() if part.awaiting_supplement
                     and (letter := open_letter(self.letters, part.row["dossier_id"])) is not None), None)


def _bytes(part: Part) -> list[Row]:
    return [row for row in part.row["documents"] if row["sha256"] and row["state"] != "damaged"]


def _documents(part: Part) -> list[str]:
    return list(dict.fromkeys(name for row in waiting(part.row["additions"]) for name in row["documents"]))
