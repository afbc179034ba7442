"""What a procedure file may say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from procedures import coherence
from procedures.entry import Condition, Entry, Id, Limit, Line, Text
from procedures.machine import AtLeast, Branch, Join, Machine, Parallel, Step, Transition
from procedures.reading import DeclarationError, Fault, read, validated
from procedures.words import (
    CHANNEL,
    AfterSupplement,
    At,
    Channel,
    CountMode,
    DocumentForm,
    Effect,
    Event,
    Expiry,
    FactType,
    Level,
    Paper,
    Phase,
    Role,
    Starts,
    Subject,
    Switch,
    Unanswered,
)

__all__ = [
    "CHANNEL",
    "AfterSupplement",
    "AgencyLimit",
    "Area",
    "Asked",
    "At",
    "AtLeast",
    "Branch",
    "Channel",
    "Check",
    "Code",
    "CountMode",
    "Declaration",
    "DeclarationError",
    "DocumentForm",
    "Effect",
    "Event",
    "Exemption",
    "Expiry",
    "Fact",
    "FactType",
    "Fault",
    "Fee",
    "Join",
    "Level",
    "LimitCase",
    "Machine",
    "Obligation",
    "Paper",
    "Parallel",
    "Payment",
    "Phase",
    "RequiredDocument",
    "Result",
    "ResultOf",
    "Role",
    "Starts",
    "Step",
    "Subject",
    "Supplement",
    "Switch",
    "Text",
    "Transition",
    "Unanswered",
    "canonical",
    "content_hash",
    "load",
    "load_library",
    "parse",
    "restore",
]

LIBRARY = Path(__file__).parent / "library"
NationalCode = Annotated[str, StringConstraints(pattern=r"^[0-9]\.[0-9]{6}$")]


class Area(Entry):
    code: Line
    name: Text


class Code(Entry):
    """A national procedure code and when it was in force: codes churn, the key of the procedure does not."""

    code: NationalCode
    valid_from: date
    valid_to: date | None = None
    aliases: tuple[Line, ...] = ()
    unverified: bool = False


class ResultOf(Entry):
    """The procedure that produces this paper; `result` where it has several."""

    procedure: Id
    result: Id | None = None


class RequiredDocument(Entry):
    """`kind`: papers of one kind are one and the same for every procedure that asks for them (default: the key).

    `substitutes`: papers taken instead. `reusable`: what the applicant handed in before need not be asked again, for
    `valid_for` from its issue. `result_of`: in a bundle it is never asked of the citizen if another part produces it.
    """

    name: Text
    form: DocumentForm = DocumentForm.ORIGINAL
    copies: int = Field(default=1, ge=1, le=20)
    when: Condition | None = None
    required: bool = True
    original_returned: bool = False
    kind: Id | None = None
    template: Line | None = None
    substitutes: tuple[Text, ...] = ()
    reusable: bool = False
    valid_for: Limit | None = None
    result_of: ResultOf | None = None


class Fact(Entry):
    """A question at intake. `at_least_days_ahead` says how far after the day of intake a date must lie."""

    type: FactType
    label: Text
    required: bool = True
    choices: dict[Id, Text] | None = None
    min: int | None = None
    max: int | None = None
    at_least_days_ahead: int | None = Field(default=None, ge=0, le=3660)
    not_in_future: bool = False
    basis: Line | None = None


class Check(Entry):
    """What is said at intake when `when` holds; `right_procedure` names the one to use instead."""

    when: Condition
    effect: Effect = Effect.REFUSE
    basis: Line
    message: Text
    fact: Id | None = None
    right_procedure: Id | None = None


class Exemption(Entry):
    """Who pays less, by how many per cent, and on which basis; shown next to the fee."""

    name: Text
    when: Condition
    percent: int = Field(default=100, ge=1, le=100)
    basis: Line


class Fee(Entry):
    """In đồng; `per` names the whole-number fact it is multiplied by. The first exemption that holds applies."""

    name: Text
    amount: int = Field(ge=0, le=10**12)
    when: Condition | None = None
    per: Id | None = None
    exemptions: tuple[Exemption, ...] = ()
    basis: Line | None = None


class LimitCase(Entry):
    """A limit that holds instead of the general one; the first case that holds counts. Limits in a list add up."""

    when: Condition
    limit: Limit | tuple[Limit, ...]
    count_mode: CountMode | None = None
    basis: Line | None = None


class AgencyLimit(Entry):
    """What the agency of a party has for all steps that follow one another there."""

    party: Id
    limit: Limit


class Asked(Entry):
    """How long the citizen has to hand in what he is asked for while the limit stands, and what follows if he does not.

    What is not said here, the policy in force says. `expiry_basis`: the law by which the dossier is then stopped.
    """

    within: Limit | None = None
    expiry: Unanswered | None = None
    expiry_basis: Line | None = None


class Supplement(Asked):
    """Decree 61/2018, articles 15(3) and 19(4). `max`: so often without the approval of a superior."""

    max: int = Field(default=1, ge=0, le=5)
    after: AfterSupplement | None = None


class Payment(Asked):
    """What holds when the citizen is asked to pay."""


class Result(Entry):
    name: Text
    signer: Role = Role.SIGNER
    template: Line | None = None
    valid_for: Limit | None = None


class Obligation(Entry):
    """What the applicant owes after the result, counted from a date he gave; reminders lie so long before it is due."""

    name: Text
    within: Limit
    after: Id
    remind: tuple[Limit, ...] = ()
    when: Condition | None = None
    basis: Line | None = None


class Declaration(Entry):
    """A procedure. `procedure`, its key, never changes; `version` rises with every published change.

    Conditions may use the facts and `channel`. `parties` names functions that the common list does not have.
    `immediate`: the result is given while the citizen waits (Decree 61/2018, article 17(4)); `at_desk` false: it is
    taken in elsewhere but followed all the same (article 14(5)). `expiry`: what happens when the limit of the dossier
    itself is used up.
    """

    procedure: Id
    version: int = Field(ge=1, le=9999)
    codes: tuple[Code, ...] = Field(min_length=1)
    name: Text
    field: Area
    legal_basis: tuple[Line, ...] = Field(min_length=1)
    level: Level
    received_at: tuple[Level, ...] = ()
    subjects: tuple[Subject, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = Field(min_length=1)
    parties: dict[Id, Text] = Field(default_factory=dict, max_length=60)
    immediate: bool = False
    at_desk: bool = True
    sets: int = Field(default=1, ge=1, le=20)
    documents: dict[Id, RequiredDocument] = Field(default_factory=dict, max_length=60)
    facts: dict[Id, Fact] = Field(default_factory=dict, max_length=60)
    checks: tuple[Check, ...] = ()
    fees: tuple[Fee, ...] = ()
    limit: Limit | tuple[Limit, ...] | None = None
    limit_cases: tuple[LimitCase, ...] = Field(default=(), max_length=20)
    limit_note: Text | None = None
    count_mode: CountMode = CountMode.DAY
    expiry: Expiry | None = None
    agency_limits: tuple[AgencyLimit, ...] = Field(default=(), max_length=20)
    supplement: Supplement = Supplement()
    payment: Payment = Payment()
    results: dict[Id, Result] = Field(min_length=1)
    obligations: tuple[Obligation, ...] = ()
    confidential_when: Condition | None = None
    switch_off: tuple[Switch, ...] = ()
    machine: Machine
    transitions: tuple[Transition, ...] = ()
    unverified: tuple[Line, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What a condition may ask about."""
        return frozenset((*self.facts, CHANNEL))

    @property
    def lead(self) -> str:
        """The party that answers for the dossier: that of the first step of processing."""
        first = next(iter(self.machine.processing.values()))
        return first.party if isinstance(first, Step) else next(iter(first.parallel.values())).party

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        faults = list(coherence.faults(self))
        if faults:
            raise PydanticCustomError("incoherent", "{count} faults", {"count": len(faults), "faults": faults})
        return self


def parse(text: str, name: str) -> Declaration:
    """A declaration from YAML; DeclarationError lists every fault with its line."""
    return validated(Declaration, read(text, name))


def load(path: Path) -> Declaration:
    return parse(path.read_text(encoding="utf-8"), str(path))


def load_library(folder: Path = LIBRARY) -> dict[str, Declaration]:
    """Every procedure of the library by key; bundles have their own loader."""
    found: dict[str, Declaration] = {}
    for path in sorted(folder.rglob("*.yaml")):
        if "bundles" in path.relative_to(folder).parts:
            continue
        declaration = load(path)
        if declaration.procedure in found:
            raise DeclarationError(
                [
                    Fault(
                        str(path),
                        1,
                        "procedure",
                        f"trùng thủ tục “{declaration.procedure}”",
                        f"“{declaration.procedure}” is declared twice",
                    )
                ]
            )
        found[declaration.procedure] = declaration
    return found


def canonical(declaration: Entry) -> bytes:
    """The content as JSON: order kept, defaults left out, so that new fields change no hash."""
    return json.dumps(plain(declaration, by_name=True), ensure_ascii=False, separators=(",", ":")).encode()


def restore(content: bytes | str) -> Declaration:
    """The declaration that `canonical` wrote."""
    return Declaration.model_validate(json.loads(content))


def content_hash(declaration: Entry) -> str:
    return hashlib.sha256(canonical(declaration)).hexdigest()


def plain(value: object, *, by_name: bool = False) -> object:
    """Without defaults, as mappings, lists and scalars; fields in the order of the vocabulary, or sorted `by_name`."""
    match value:
        case BaseModel():
            fields = [(field.alias or name, getattr(value, name), field)
                      for name, field in type(value).model_fields.items()]
            if by_name:
                fields.sort(key=lambda one: one[0])
            return {alias: plain(member, by_name=by_name) for alias, member, field in fields
                    if field.is_required() or member != field.get_default(call_default_factory=True)}
        case Mapping():
            return {key: plain(member, by_name=by_name) for key, member in value.items()}
        case tuple() | list():
            return [plain(member, by_name=by_name) for member in value]
        case StrEnum():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return value
