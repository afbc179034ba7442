"""Rules of the one-stop mechanism as parameters with dates: what held on the day a dossier was validly received."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from procedures.entry import Entry, Id, Limit, Line, Text
from procedures.reading import DeclarationError, Fault, Source, read, validated
from procedures.words import AfterSupplement, Channel, Unanswered

NATIONAL = Path(__file__).parent / "policies" / "national.yaml"
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{1,2}$")]
WorkingDays = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]? working days?$")]


class Policies(Entry):
    """Every parameter on one day. Rule numbers are those of the file; P marks practice, not law."""

    channels: tuple[Channel, ...]  # R1
    scan_at_intake: bool
    intake_outcomes: tuple[Literal["receive", "supplement", "refuse"], ...]
    max_supplement: int = Field(ge=0, le=5)  # R4
    code_on_slip: bool
    slip_for_immediate: bool
    desk_may_decide: bool
    cutoff: time  # R8
    forward_to_competent: bool
    head_assigns: bool
    verification_recorded: bool
    return_notice: Limit  # R12
    after_supplement_at_appraisal: AfterSupplement
    consultation_has_deadline: bool
    paper_order: Literal["sequential", "parallel"]
    electronic_order: Literal["sequential", "parallel"]
    return_where_received: bool
    refusal_within_limit: bool
    apology_lead: WorkingDays  # R17
    max_reappoint: int = Field(ge=0, le=5)
    originals_returned: bool
    early_return_announced: bool
    own_errors_free: bool
    payment_ways: tuple[Literal["direct", "account", "post", "online"], ...]
    queue_connected: bool
    staff_report_every: Limit  # R22
    authorities_meet_every: Limit
    secondment_least: Limit
    secondment_most: Limit
    service_years: int = Field(ge=0, le=40)
    substitutes: int = Field(ge=0, le=20)
    public_lookup: tuple[Literal["code", "progress"], ...]  # R24
    slip_size: Literal["A4", "A5"]
    book_size: Literal["A4", "A5"]
    book_period: Limit
    process_needs_decision: bool
    followed_outside_desk: bool
    chasing_by_order: bool
    ratings_anonymous: bool
    gather_window: Limit  # P1
    register_within: Limit
    online_answer: Limit
    supplement_within: Limit | None  # nothing: no time is set, the dossier waits
    payment_within: Limit | None
    request_expiry: Unanswered
    feedback_refuse: WorkingDays
    feedback_ask_more: WorkingDays
    feedback_handle: WorkingDays
    post_attempts: int = Field(ge=1, le=9)  # P6
    payout_procedures: tuple[Id, ...]  # P7
    payout_attempts: int = Field(ge=1, le=9)
    payout_list_before: int = Field(ge=1, le=28)  # day of the month before
    payout_report_before: int = Field(ge=1, le=28)
    payout_merged: tuple[Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")], ...]

    @property
    def apology_lead_days(self) -> int:
        return int(self.apology_lead.split()[0])


class Period(Entry):
    """The values from one day to another, both included."""

    valid_from: date
    valid_to: date | None = None
    basis: Line
    values: dict[Id, Any] = Field(min_length=1)
    unverified: bool = False

    def covers(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Rule(Entry):
    """`practice`: nobody but this system says so."""

    id: RuleId
    name: Text
    practice: bool = False
    periods: tuple[Period, ...] = Field(min_length=1)

    def on(self, day: date) -> Period | None:
        return next((period for period in self.periods if period.covers(day)), None)


class PolicyFile(Entry):
    """national.yaml"""

    policies: tuple[Rule, ...] = Field(min_length=1)


class NoPolicies(LookupError):
    """A day before the rules begin."""


@cache
def load(path: Path = NATIONAL) -> tuple[Rule, ...]:
    """The rules in the order of the file; DeclarationError lists every fault with file and line."""
    source = read(path.read_text(encoding="utf-8"), str(path))
    rules = validated(PolicyFile, source).policies
    faults = [*_periods(source, rules), *_owners(source, rules), *_values(source, rules)]
    if faults:
        raise DeclarationError(faults)
    return rules


def at(on: date, path: Path | None = None) -> Policies:
    """The parameters in force on `on`; NoPolicies before the oldest decree the file knows."""
    return _at(on, path or NATIONAL)


@lru_cache(maxsize=1024)
def _at(on: date, path: Path) -> Policies:
    found: dict[str, Any] = {}
    for rule in load(path):
        period = rule.on(on)
        if period is not None:
            found |= period.values
    missing = [name for name in Policies.model_fields if name not in found]
    if missing:
        raise NoPolicies(
            f"chưa khai báo quy định cho ngày {on:%d/%m/%Y} / no rules declared for {on}: {', '.join(missing)}"
        )
    return Policies.model_validate(found)


def basis(rule: RuleId, on: date) -> str:
    """The article a rule rests on, on a day. Raises NoPolicies."""
    period = next((one.on(on) for one in load() if one.id == rule), None)
    if period is None:
        raise NoPolicies(f"chưa khai báo {rule} cho ngày {on:%d/%m/%Y} / no {rule} declared for {on}")
    return period.basis


def _periods(source: Source, rules: tuple[Rule, ...]) -> Iterator[Fault]:
    for at, rule in enumerate(rules):
        last: Period | None = None
        for no, period in enumerate(rule.periods):
            where = ("policies", at, "periods", no, "valid_from")
            if period.valid_to is not None and period.valid_to < period.valid_from:
                yield source.fault(where, "ngày hết hiệu lực trước ngày có hiệu lực", "ends before it begins")
            if last is not None and (last.valid_to is None or period.valid_from <= last.valid_to):
                yield source.fault(
                    where,
                    f"{rule.id}: hiệu lực chồng lên giai đoạn trước",
                    f"{rule.id}: overlaps the period before it",
                )
            last = period


def _owners(source: Source, rules: tuple[Rule, ...]) -> Iterator[Fault]:
    """One rule says what a parameter is."""
    owners: dict[str, str] = {}
    for at, rule in enumerate(rules):
        for no, period in enumerate(rule.periods):
            for name in period.values:
                owner = owners.setdefault(name, rule.id)
                if owner != rule.id:
                    yield source.fault(
                        ("policies", at, "periods", no, "values", name),
                        f"“{name}” đã do {owner} quy định",
                        f"“{name}” is a parameter of {owner} already",
                    )
    count = [rule.id for rule in rules]
    for at, rule in enumerate(rules):
        if rule.id in count[:at]:
            yield source.fault(("policies", at, "id"), f"trùng mã {rule.id}", f"{rule.id} is there twice")


def _values(source: Source, rules: tuple[Rule, ...]) -> Iterator[Fault]:
    for at, rule in enumerate(rules):
        for no, period in enumerate(rule.periods):
            where = ("policies", at, "periods", no, "values")
            for name, (vi, en) in _wrong(period.values).items():
                yield source.fault((*where, name), vi, en)


def _wrong(values: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What is wrong with some of the parameters; that others are missing is no fault of theirs."""
    found: dict[str, tuple[str, str]] = {}
    known = {name: value for name, value in values.items() if name in Policies.model_fields}
    for name in values.keys() - known.keys():
        names = ", ".join(Policies.model_fields)
        found[name] = (f"không có tham số “{name}”; có: {names}", f"no parameter “{name}”; there are: {names}")
    try:
        Policies.model_validate(known)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if detail["type"] != "missing":
                found[str(detail["loc"][0])] = ("giá trị không hợp lệ", detail["msg"])
    return found
