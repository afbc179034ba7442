"""What programs may send: every text bounded and free of what no database keeps, every number within its column."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Header, Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from procedures.declaration import Channel, CountMode, DocumentForm
from storage.tables.casework import ReturnWay

LARGEST_INT = 2**31 - 1
LARGEST_BIGINT = 2**63 - 1
LARGEST_AMOUNT = 10**12
_BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_CODE = r"[0-9A-Z.]{1,20}-[0-9]{6}-[0-9]{4,9}"


def clean(text: str) -> str:
    """Composed letters (NFC); tabs and line ends are the only control characters that may come."""
    if _BARRED.search(text):
        raise PydanticCustomError("control_character", "control characters are not allowed")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


Words = Annotated[str, StringConstraints(max_length=4000), AfterValidator(clean)]
Name = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True), AfterValidator(clean)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]

Code = Annotated[str, Path(pattern=f"^{_CODE}$", description="the dossier's code",
                           examples=["H51.02-261123-0001"])]
Barcode = Annotated[str, Path(pattern=f"^{_CODE}-[A-Z]$", description="the dossier's code and the letter of the paper",
                              examples=["H51.02-261123-0001-S"])]
Event = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,40}$", description="see `offers` of the dossier",
                            examples=["accept", "forward", "register", "sign"])]
ClockNo = Annotated[int, Path(ge=1, le=LARGEST_INT, description="the number of the clock in its dossier", examples=[1])]
RunId = Annotated[int, Path(ge=1, le=LARGEST_BIGINT)]
ProcedureKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,40}$", examples=["conference_permit_local"])]
Key = Annotated[str, Header(
    alias="Idempotency-Key", pattern=r"^[A-Za-z0-9._:\-]{8,100}$", examples=["5f0c6a3e-8f0e-4f0b-9d62-0d5a3e1b7c11"],
    description="made anew for each request, kept when the same is sent again: the first answer comes again")]
IfMatch = Annotated[str, Header(
    alias="If-Match", pattern=r'^(W/)?"?[0-9]{1,9}"?$', examples=['"3"'],
    description="the version of the dossier that was looked at (its ETag)")]
SearchText = Annotated[str, Query(max_length=200, description="code, name, ID number, telephone, words of the subject"),
                       AfterValidator(clean)]
Day = Annotated[date | None, Query(ge=date(2000, 1, 1), le=date(2100, 1, 1), description="today, if left out")]


def version_of(if_match: str) -> int:
    return int(if_match.removeprefix("W/").strip('"'))


class Input(BaseModel):
    """Nothing unknown is accepted: a misspelled field is said, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(Input):
    model_config = ConfigDict(json_schema_extra={"example": {"login": "han.ltn", "password": "lien-thong-2026"}})

    login: Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(clean)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(clean)]
    language: Annotated[str, StringConstraints(pattern="^(vi|en)$")] = "vi"


class Language(Input):
    language: Annotated[str, StringConstraints(pattern="^(vi|en)$")]


class Applicant(Input):
    name: Name
    id_number: Annotated[str, StringConstraints(pattern=r"^[0-9]{0,13}$")] = ""
    phone: Name = ""
    email: Name = ""
    address: Name = ""


class Paper(Input):
    """A paper the desk has taken in; `reason`: why its scan comes later."""

    component: Id
    form: DocumentForm = DocumentForm.ORIGINAL
    reason: Name = ""
    copies: Annotated[int, Field(ge=1, le=99)] = 1


FactValue = bool | Annotated[int, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)] | Words | None


class Submission(Input):
    """`unit`: the desk; it may be left out by who works at one desk only. `accept`: take it in with the same act."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "procedure": "conference_permit_local", "channel": "direct", "return_way": "counter",
        "applicant": {"name": "Nguyễn Thị Bích Ngọc", "id_number": "094000000001", "phone": "0900000001"},
        "subject": "Hội thảo quốc tế về lúa thơm",
        "facts": {"topic": "Lúa thơm ST", "topic_field": "agriculture", "event_date": "2027-03-18", "participants": 80,
                  "foreign_guests": 12, "head_of_state_level": False, "state_secret": False},
        "papers": [{"component": "request_letter"}, {"component": "plan"}],
    }})

    procedure: Id
    unit: Annotated[int, Field(ge=1, le=LARGEST_INT)] | None = None
    channel: Channel = Channel.DIRECT
    return_way: ReturnWay = ReturnWay.COUNTER
    applicant: Applicant
    subject: Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True), AfterValidator(clean)] = ""
    facts: Annotated[dict[Id, FactValue], Field(max_length=60)] = {}
    papers: Annotated[list[Paper], Field(max_length=60)] = []
    accept: bool = True
    slip: Annotated[Name, Field(description="by post: the slip, as a signed hand-over record lists it")] = ""


class Particulars(Input):
    """What an act may carry; `fields` of an offer says which of it this act asks for."""

    reason: Words = ""
    verdict: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$")] = ""
    words: Words = ""
    recipient: Name = ""
    slip: Name = ""
    amount: Annotated[int, Field(ge=0, le=LARGEST_AMOUNT, description="đồng")] = 0
    proof: Name = ""
    documents: Annotated[list[Id], Field(max_length=60)] = []
    handoff: UUID | None = None
    unit: Annotated[int, Field(ge=1, le=LARGEST_INT)] | None = None
    units: Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_INT)]],
                     Field(max_length=60, description="consult_further: who is asked, by id")] = []
    limit: Annotated[Name, Field(description="consult_further: by when they answer", examples=["3 working days"])] = ""
    join: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(
        description="consult_further: what the step waits for: all, any, first_negative or none")] = ""
    expiry: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(
        description="consult_further: what follows when no answer comes: escalate, return or tacit_yes")] = ""
    new_due: Instant | None = None
    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(
        description="take_feedback: complaint, petition or suggestion")] = ""
    outcome: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(
        description="answer_feedback: accepted or refused")] = ""
    people: Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_INT)]],
                      Field(max_length=30, description="comment: who should read it, beside those its words name")] = []
    person: Annotated[int, Field(ge=1, le=LARGEST_INT, description="assign: who is to do it")] | None = None
    day: Annotated[date, Field(description="record_posting, record_payout: when it happened")] | None = None
    way: Annotated[str, StringConstraints(pattern=r"^[a-z_]{0,40}$"), Field(
        description="order_payout: home, transfer or counter; record_payout: signed, fingerprint or transferred")] = ""
    names: Annotated[list[Name], Field(max_length=4, description="record_payout: the officers who went")] = []
    address: Annotated[Name, Field(
        description="send_by_post: another than the dossier has; order_payout, record_payout, pass_payout")] = ""
    identity: Annotated[Name, Field(description="pass_payout: the heir's ID number; his account goes in `words`")] = ""


class Command(Input):
    """`state`: which of the active states is meant; needed where several answer to the event."""

    model_config = ConfigDict(json_schema_extra={"example": {
        "state": "police", "particulars": {"verdict": "agree", "words": "Thống nhất cho phép tổ chức."}}})

    state: Id | None = None
    particulars: Particulars = Field(default_factory=Particulars)


class Due(Input):
    """A limit, or the procedure whose limit is meant. `received`: now, if left out. `agency`: whose calendar counts;
    left out, the one all agencies share.
    """

    model_config = ConfigDict(json_schema_extra={"example": {
        "limit": "3 working days", "mode": "DAY", "received": "2026-11-20T09:00:00+07:00"}})

    limit: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(clean)] | None = None
    procedure: Id | None = None
    mode: CountMode | None = None
    received: Instant | None = None
    agency: Annotated[str, StringConstraints(pattern=r"^[A-Z][0-9]{2}(\.[0-9]{2,3}){0,3}$")] | None = None


class NoticeIds(Input):
    ids: Annotated[list[Annotated[int, Field(ge=1, le=LARGEST_BIGINT)]], Field(min_length=1, max_length=200)]
