"""Procedures to walk through, and a dossier that walks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from engine.states.exploration import Budget, Situation, explore
from engine.states.procedure import Outcome, Procedure
from procedures.declaration import load_library, parse

WHOLE = """\
procedure: whole
version: 1
codes:
  - {code: "1.000002", valid_from: 2026-01-01}
name: {vi: Thủ tục đủ mọi sự kiện, en: A procedure with every event}
field: {code: X, name: {vi: Lĩnh vực, en: A field}}
legal_basis: [Luật]
level: province
subjects: [person]
channels: [direct]
facts:
  a: {type: boolean, label: {vi: Á, en: A}}
  b: {type: boolean, label: {vi: Bê, en: B}}
  c: {type: integer, label: {vi: Xê, en: C}}
limit: 5 working days
results:
  letter: {name: {vi: Công văn, en: Letter}}
machine:
  reception:
    checking: {party: centre, role: receptionist, name: {vi: Kiểm tra, en: Checking}}
  processing:
    examining: {party: lead, role: officer, name: {vi: Thẩm định, en: Examining}, paper: needed}
    first_group:
      name: {vi: Hỏi lần một, en: First round}
      parallel:
        left: {party: left, role: officer, name: {vi: Trái, en: Left}, when: a}
        right: {party: right, role: officer, name: {vi: Phải, en: Right}, when: b}
    second_group:
      name: {vi: Hỏi lần hai, en: Second round}
      parallel:
        up: {party: up, role: officer, name: {vi: Trên, en: Up}, when: a and b}
        outside:
          party: lead
          role: officer
          name: {vi: Bên ngoài, en: Outside}
          external: {vi: Bộ, en: Ministry}
          when: c > 0
    asking: {party: lead, role: officer, name: {vi: Hỏi Bộ, en: Asking}, external: {vi: Bộ, en: Ministry}}
    checking_again: {party: lead, role: head, name: {vi: Kiểm lại, en: Checking again}}
    summing_up:
      party: lead
      role: officer
      name: {vi: Tổng hợp, en: Summing up}
      event: sum_up
      event_name: {vi: Tổng hợp xong, en: Summed up}
  signing:
    reviewing: {party: lead, role: head, name: {vi: Xem xét, en: Reviewing}}
    signing: {party: chair, role: signer, name: {vi: Ký, en: Signing}}
    issuing: {party: clerk, role: clerk, name: {vi: Phát hành, en: Issuing}}
  return:
    packing: {party: centre, role: returner, name: {vi: Gói, en: Packing}}
    returning: {party: centre, role: returner, name: {vi: Trả, en: Returning}, paper: needed}
transitions:
  - {from: examining, on: forward, to: asking, when: c == 7}
  - {from: examining, on: forward, to: summing_up, when: c == 8}
  - {from: examining, on: leap, to: reviewing, when: c > 100, reason: true, name: {vi: Trình thẳng, en: Leap}}
  - {from: summing_up, on: send_back, to: asking}
  - {from: first_group, on: close_round, to: asking, reason: true, name: {vi: Kết thúc sớm, en: Close early}}
"""


class Dossier:
    """Holds a configuration and moves it, as casework will."""

    def __init__(self, procedure: Procedure, facts: Mapping[str, object]) -> None:
        self.procedure, self.facts = procedure, facts
        self.last = procedure.start(facts)

    @property
    def at(self) -> tuple[str, ...]:
        return self.last.configuration

    @property
    def working(self) -> list[str]:
        """Where somebody has work."""
        return [state for state in self.at if self.procedure.states[state].party is not None]

    def does(self, *events: str) -> Outcome:
        """`event`, or `event@state` where several branches have it."""
        for event in events:
            name, _, state = event.partition("@")
            command = self.procedure.command(self.at, name, state or None)
            self.last = self.procedure.step(self.at, self.last.history, command, self.facts)
        return self.last

    def may(self) -> set[str]:
        return {command.event for command in self.procedure.possible(self.at, self.facts)}


Begin = Callable[..., Dossier]


@pytest.fixture(scope="session")
def procedures() -> dict[str, Procedure]:
    made = {key: Procedure(declaration) for key, declaration in load_library().items()}
    return {**made, "whole": Procedure(parse(WHOLE, "whole.yaml"))}


@pytest.fixture(scope="session")
def whole_text() -> str:
    return WHOLE


@pytest.fixture
def begin(procedures: dict[str, Procedure]) -> Begin:
    def begin(key: str, **facts: object) -> Dossier:
        return Dossier(procedures[key], facts)

    return begin


@pytest.fixture(scope="session")
def explored(procedures: dict[str, Procedure]) -> dict[str, Mapping[Situation, frozenset[Situation]]]:
    """Every situation of every procedure, and where one event can lead from it, whatever the facts."""
    found = {key: explore(procedure, Budget(seconds=60)) for key, procedure in procedures.items()}
    assert all(one.all for one in found.values())
    return {key: one.ways for key, one in found.items()}
