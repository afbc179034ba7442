"""What a bundle file may say: one submission of the citizen, several procedures, what waits for what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from procedures.declaration import LIBRARY, Code, Declaration, canonical, content_hash, load_library
from procedures.entry import Condition, Entry, Id, Limit, Line, Text
from procedures.guards import GuardError, compile_guard
from procedures.reading import DeclarationError, Fault, Source, Where, read, validated
from procedures.words import CHANNEL, Channel, CountMode, Level, Switch

__all__ = ["Bundle", "Need", "OnRefuse", "Part", "Return", "canonical", "content_hash", "faults", "load",
           "load_bundles", "parse", "restore"]

FOLDER = LIBRARY / "bundles"
Found = tuple[Where, str, str]
Known = Mapping[str, Declaration]


class Need(StrEnum):
    """What a part waits for. RESULT: that the other part is granted. DECIDED: that it is decided, either way."""

    RESULT = "result"
    DECIDED = "decided"


class OnRefuse(StrEnum):
    """What becomes of the others when a part is refused, stopped or withdrawn."""

    STOP_ALL = "stop_all"
    CONTINUE = "continue"


class Return(StrEnum):
    """All results at once, or finished ones before the others if the citizen asks for that."""

    WHEN_ALL = "when_all"
    PARTIAL_ON_REQUEST = "partial_on_request"


class Part(Entry):
    """`when`: the part is left out of a submission where this does not hold; nothing waits for it then."""

    procedure: Id
    after: dict[Id, Need] = Field(default_factory=dict)
    on_refuse: OnRefuse = OnRefuse.CONTINUE
    when: Condition | None = None


class Bundle(Entry):
    """Several procedures as one dossier of the citizen (Decree 61/2018, article 19(6) and (7)).

    `limit` is a combined limit the law gives; without one the longest path of the parts counts.
    """

    bundle: Id
    version: int = Field(ge=1, le=9999)
    codes: tuple[Code, ...] = ()
    name: Text
    legal_basis: tuple[Line, ...] = Field(min_length=1)
    received_at: tuple[Level, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = Field(min_length=1)
    parts: dict[Id, Part] = Field(min_length=2, max_length=12)
    limit: Limit | tuple[Limit, ...] | None = None
    count_mode: CountMode = CountMode.DAY
    return_: Return = Field(default=Return.WHEN_ALL, alias="return")
    unverified: tuple[Line, ...] = ()

    @property
    def order(self) -> tuple[str, ...]:
        """The parts, each after those it waits for; otherwise as declared."""
        return _ordered(self.parts)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        found = list(_of_parts(self.parts))
        if found:
            raise PydanticCustomError("incoherent", "{count} faults", {"count": len(found), "faults": found})
        return self


def _ordered(parts: Mapping[str, Part]) -> tuple[str, ...]:
    """Shorter than `parts` where some wait for each other."""
    done: list[str] = []
    while ready := [key for key, part in parts.items() if key not in done and set(part.after) <= set(done)]:
        done += ready
    return tuple(done)


def _of_parts(parts: Mapping[str, Part]) -> Iterator[Found]:
    for key, part in parts.items():
        for other in part.after:
            if other not in parts or other == key:
                names = ", ".join(name for name in parts if name != key)
                yield (
                    ("parts", key, "after", other),
                    f"không có phần “{other}” để chờ; có: {names}",
                    f"there is no part “{other}” to wait for; there are: {names}",
                )
    known = {key: part.model_copy(update={"after": {name: need for name, need in part.after.items() if name in parts}})
             for key, part in parts.items()}
    circle = [key for key in parts if key not in _ordered(known)]
    if circle:
        names = ", ".join(circle)
        yield (
            ("parts", circle[0], "after"),
            f"các phần chờ lẫn nhau, không phần nào bắt đầu được: {names}",
            f"these parts wait for each other and none can begin: {names}",
        )


def faults(bundle: Bundle, known: Known) -> Iterator[Found]:
    """What the bundle and the procedures it joins do not agree on."""
    missing = {key: part.procedure for key, part in bundle.parts.items() if part.procedure not in known}
    for key, procedure in missing.items():
        yield (
            ("parts", key, "procedure"),
            f"không có thủ tục “{procedure}”",
            f"there is no procedure “{procedure}”",
        )
    if missing:
        return
    declared = {key: known[part.procedure] for key, part in bundle.parts.items()}
    yield from _intake(bundle, declared)
    yield from _facts(declared)
    yield from _produced(declared)
    names = frozenset((CHANNEL, *(name for procedure in declared.values() for name in procedure.facts)))
    for key, part in bundle.parts.items():
        if part.when is not None:
            try:
                compile_guard(part.when, names)
            except GuardError as error:
                yield ("parts", key, "when"), error.vi, error.en


def _intake(bundle: Bundle, declared: Known) -> Iterator[Found]:
    """A part must be taken in wherever and however the bundle is, and can be stopped when another one fails."""
    for key, procedure in declared.items():
        if Switch.STOP in procedure.switch_off:
            yield (
                ("parts", key, "procedure"),
                f"thủ tục “{procedure.procedure}” không cho dừng nên không ghép liên thông được",
                f"procedure “{procedure.procedure}” cannot be stopped and so cannot be joined with others",
            )
        for field, asked, possible in (("received_at", bundle.received_at, procedure.received_at),
                                       ("channels", bundle.channels, procedure.channels)):
            if left := [value for value in asked if value not in list(possible)]:
                yield (
                    ("parts", key, "procedure"),
                    f"thủ tục “{procedure.procedure}” không nhận {field}: {', '.join(left)}",
                    f"procedure “{procedure.procedure}” is not taken in with {field}: {', '.join(left)}",
                )


def _facts(declared: Known) -> Iterator[Found]:
    """One question has one kind of answer, whichever part asks it."""
    seen: dict[str, tuple[str, object]] = {}
    for key, procedure in declared.items():
        for name, fact in procedure.facts.items():
            kind = (fact.type, tuple(fact.choices or ()))
            first, other = seen.setdefault(name, (key, kind))
            if other != kind:
                yield (
                    ("parts", key, "procedure"),
                    f"dữ kiện “{name}” khác kiểu với phần “{first}”",
                    f"the fact “{name}” is of another type in part “{first}”",
                )


def _produced(declared: Known) -> Iterator[Found]:
    """What a part takes from another must be one of that one's results."""
    results = {procedure.procedure: procedure.results for procedure in declared.values()}
    for key, procedure in declared.items():
        for name, paper in procedure.documents.items():
            made = paper.result_of
            if made is None or made.procedure not in results:
                continue
            if made.result is not None and made.result not in results[made.procedure]:
                yield (
                    ("parts", key, "procedure"),
                    f"giấy tờ “{name}” chờ kết quả “{made.result}” mà “{made.procedure}” không làm ra",
                    f"the paper “{name}” waits for the result “{made.result}” that “{made.procedure}” does not produce",
                )


def parse(text: str, name: str, known: Known | None = None) -> Bundle:
    """A bundle from YAML; DeclarationError lists every fault with its line. `known`: the procedures it may join."""
    source = read(text, name)
    bundle = validated(Bundle, source)
    if known is not None:
        _refuse(source, list(faults(bundle, known)))
    return bundle


def _refuse(source: Source, found: list[Found]) -> None:
    if found:
        raise DeclarationError([source.fault(where, vi, en) for where, vi, en in found])


def load(path: Path, known: Known | None = None) -> Bundle:
    return parse(path.read_text(encoding="utf-8"), str(path), known)


def load_bundles(folder: Path = FOLDER, known: Known | None = None) -> dict[str, Bundle]:
    """Every bundle of the library by key, checked against `known`, else against the library's procedures."""
    procedures = load_library() if known is None else known
    found: dict[str, Bundle] = {}
    for path in sorted(folder.rglob("*.yaml")):
        bundle = load(path, procedures)
        if bundle.bundle in found:
            raise DeclarationError([Fault(str(path), 1, "bundle", f"trùng hồ sơ liên thông “{bundle.bundle}”",
                                          f"“{bundle.bundle}” is declared twice")])
        found[bundle.bundle] = bundle
    return found


@lru_cache(maxsize=256)
def restore(content: str) -> Bundle:
    """The bundle that `canonical` wrote."""
    return Bundle.model_validate(json.loads(content))
