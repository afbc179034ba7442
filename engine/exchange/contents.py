"""What the content of each kind of message must look like (docs/exchange.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from engine.casework.orders import unfit
from engine.errors import Invalid
from engine.exchange.envelope import Instant, Part, Short, Uuid

Line = Annotated[str, StringConstraints(max_length=200)]
Contact = Annotated[str, StringConstraints(max_length=500)]
Subject = Annotated[str, StringConstraints(max_length=1000)]
Free = Annotated[str, StringConstraints(max_length=4000)]
# What was written with a hand-off may be a question and its reason.
Asked = Annotated[str, StringConstraints(max_length=8200)]
Name = Annotated[str, StringConstraints(max_length=600)]


class BadContent(Invalid):
    """`why` names the member."""

    def __init__(self, *, why: str) -> None:
        super().__init__({"content": (f"nội dung thông điệp: {why}", f"the content of the message: {why}")})


class Named(Part):
    vi: Name
    en: Name


class By(Part):
    """Who did it; without a name the machine."""

    name: Line
    unit: Named


class ProcedureTold(Part):
    code: Line
    key: Line
    name: Named


class Applicant(Part):
    name: Line
    id_number: Line
    phone: Contact
    address: Contact


class FactTold(Part):
    label: Named
    value: Free


class DossierTold(Part):
    code: Short
    procedure: ProcedureTold
    subject: Subject
    applicant: Applicant
    facts: Annotated[list[FactTold], Field(max_length=100)]
    received_at: Instant | None
    due_at: Instant | None


class AnswerTold(Part):
    event: Short
    name: Named
    verdict: bool
    reason: bool


class TaskTold(Part):
    step: Named
    words: Asked
    due_at: Instant | None
    answers: Annotated[list[AnswerTold], Field(max_length=30)]
    paper: bool


class Handoff(Part):
    handoff: Uuid
    dossier: DossierTold
    task: TaskTold
    by: By


class Registered(Part):
    handoff: Uuid
    by: By
    at: Instant
    code: Line


class Reasoned(Part):
    """Refused, or asked back."""

    handoff: Uuid
    by: By
    at: Instant
    reason: Free


class Recalled(Part):
    handoff: Uuid
    at: Instant


class Kept(Part):
    handoff: Uuid
    at: Instant
    by: By


class Answered(Part):
    handoff: Uuid
    by: By
    at: Instant
    event: Short
    verdict: Literal["", "agree", "disagree", "conditional", "no_objection"]
    words: Free
    reason: Free


class Withdrawn(Part):
    handoff: Uuid
    at: Instant
    reason: Free


class MoreDocuments(Part):
    handoff: Uuid
    by: By
    at: Instant
    words: Free


class Progress(Part):
    dossier: DossierTold
    status: Annotated[int, Field(ge=1, le=10)]
    status_name: Named
    due_at: Instant | None
    ended: bool


class ResendWanted(Part):
    message: Uuid
    by: By
    at: Instant
    reason: Free


KINDS: dict[str, type[Part]] = {
    "handoff": Handoff, "registered": Registered, "refused": Reasoned, "recall": Reasoned, "recalled": Recalled,
    "kept": Kept, "answered": Answered, "withdrawn": Withdrawn, "more_documents": MoreDocuments, "progress": Progress,
    "resend_wanted": ResendWanted,
}


def check(kind: str, content: dict[str, Any]) -> None:
    """Raises BadContent, naming the member."""
    model = KINDS.get(kind)
    if model is None:
        raise BadContent(why="kind")
    try:
        model.model_validate(content)
    except ValidationError as error:
        raise BadContent(why=".".join(map(str, error.errors()[0]["loc"]))[:120] or "content") from None
    if any(unfit(text) for text in _texts(content)):
        raise BadContent(why="control characters")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
