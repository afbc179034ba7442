"""The clauses of the conformance kit: each is one function, named, with the section of docs/exchange.md it tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from api.agency.kit.bench import Bench, Failed, Untested
from procedures.declaration import Text


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNTESTED = "untested"


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    key: str
    section: str
    words: Text
    test: Callable[[Bench], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """`expected` and `came`: why it failed; `came` alone: why it was not tested."""

    clause: Clause
    outcome: Outcome
    expected: str = ""
    came: str = ""


CLAUSES: list[Clause] = []


def clause(key: str, section: str, vi: str, en: str) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    def add(test: Callable[[Bench], None]) -> Callable[[Bench], None]:
        CLAUSES.append(Clause(key=key, section=section, words=Text(vi=vi, en=en), test=test))
        return test
    return add


def examine(one: Clause, bench: Bench) -> Finding:
    try:
        one.test(bench)
    except Failed as failed:
        return Finding(clause=one, outcome=Outcome.FAILED, expected=failed.expected, came=failed.came)
    except Untested as untested:
        return Finding(clause=one, outcome=Outcome.UNTESTED, came=str(untested))
    return Finding(clause=one, outcome=Outcome.PASSED)
