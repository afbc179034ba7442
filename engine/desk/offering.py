"""Procedures as they are offered at the counter: enough to draw a form, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.catalogue import Listing, code_on
from engine.desk.places import day_of
from engine.office import Office
from procedures.declaration import Channel, Declaration, Text

CHANNELS = {
    Channel.DIRECT: Text(vi="Trực tiếp", en="In person"), Channel.ONLINE: Text(vi="Trực tuyến", en="Online"),
    Channel.POST: Text(vi="Bưu chính công ích", en="By public post"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelRow:
    key: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureRow:
    """`code` is the national one in force; `limit` is None where no law sets one, and `limit_note` says why."""

    key: str
    code: str
    name: Text
    field: Text
    level: str
    limit: Text | None
    limit_note: Text | None
    channels: list[ChannelRow]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentField:
    """`when`: the condition on the facts under which it is asked for."""

    key: str
    name: Text
    form: str
    copies: int
    required: bool
    when: str | None
    original_returned: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceField:
    key: str
    name: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class FactField:
    """`type`: text, integer, boolean, date (ISO) or choice."""

    key: str
    type: str
    label: Text
    required: bool
    choices: list[ChoiceField]
    min: int | None
    max: int | None
    at_least_days_ahead: int | None
    not_in_future: bool
    basis: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRow:
    when: str
    effect: str
    basis: str
    message: Text
    right_procedure: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeeRow:
    name: Text
    amount: int
    when: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureForm:
    procedure: ProcedureRow
    version: int
    legal_basis: list[str]
    subjects: list[str]
    documents: list[DocumentField]
    facts: list[FactField]
    checks: list[CheckRow]
    fees: list[FeeRow]
    results: list[Text]


def procedures(office: Office, now: datetime) -> list[ProcedureRow]:
    """What may be received today, by name."""
    today = day_of(now)
    rows = [_row(listing, today) for listing in office.fresh_catalogue().offered(today).values()]
    return sorted(rows, key=lambda row: row.name.vi)


def procedure(office: Office, key: str, now: datetime) -> ProcedureForm:
    today, catalogue = day_of(now), office.fresh_catalogue()
    told = catalogue.current(key, today)[1].declaration
    return ProcedureForm(
        procedure=_row(catalogue.offered(today)[key], today), version=told.version, legal_basis=list(told.legal_basis),
        subjects=[str(subject) for subject in told.subjects], documents=_documents(told), facts=_facts(told),
        checks=[CheckRow(when=check.when, effect=check.effect, basis=check.basis, message=check.message,
                         right_procedure=check.right_procedure) for check in told.checks],
        fees=[FeeRow(name=fee.name, amount=fee.amount, when=fee.when) for fee in told.fees],
        results=[result.name for result in told.results.values()])


def _row(told: Listing, today: date) -> ProcedureRow:
    return ProcedureRow(
        key=told.key, code=code_on(told.codes, today), name=told.name, field=told.field.name, level=told.level,
        limit=Text(vi=told.limit.vi, en=told.limit.en) if told.limit else None, limit_note=told.limit_note,
        channels=[ChannelRow(key=channel, name=CHANNELS[Channel(channel)]) for channel in told.channels])


def _documents(told: Declaration) -> list[DocumentField]:
    return [DocumentField(key=key, name=document.name, form=document.form, copies=document.copies,
                          required=document.required, when=document.when,
                          original_returned=document.original_returned) for key, document in told.documents.items()]


def _facts(told: Declaration) -> list[FactField]:
    return [FactField(
        key=key, type=fact.type, label=fact.label, required=fact.required, min=fact.min, max=fact.max,
        choices=[ChoiceField(key=name, name=text) for name, text in (fact.choices or {}).items()],
        at_least_days_ahead=fact.at_least_days_ahead, not_in_future=fact.not_in_future, basis=fact.basis)
        for key, fact in told.facts.items()]
