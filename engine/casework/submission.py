"""What a desk writes down when it takes a dossier in, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.casework.orders import Actor, Faults, fingerprint, text_faults
from engine.catalogue import UnitInfo, takes
from engine.states.procedure import Procedure
from procedures.declaration import DocumentForm
from storage.tables.casework import ReturnWay

LONGEST_CONTACT = 500
LONGEST_SUBJECT = 1000
LONGEST_NAME = 200
MOST_COPIES = 99
# Citizens have 12 digits (9 on the older card), organisations a tax code of 10 or 13.
ID_LENGTHS = (9, 10, 12, 13)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """The applicant as the desk writes him down. `id_number` may be empty for an organisation."""

    name: str
    id_number: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A required document that the desk has taken in. Its scan comes after; why not at once, `reason` says."""

    component: str
    form: str = "original"
    reason: str = ""
    copies: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Offline:
    """Taken in while the network was down: the code was set aside before, the rest is recorded at `synchronised_at`."""

    code: str
    received_at: datetime
    synchronised_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    procedure: str
    unit: int
    channel: str
    return_way: str
    applicant: Person
    subject: str
    actor: Actor
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    accept: bool = True
    offline: Offline | None = None
    # of the postal slip, where a signed hand-over record lists it
    slip: str = ""

    def fingerprint(self) -> bytes:
        said = [self.procedure, self.unit, self.channel, self.return_way, self.applicant, self.subject, self.facts,
                self.papers, self.accept]
        said += [self.slip] if self.slip else []
        return fingerprint([*said, self.offline.code, self.offline.received_at] if self.offline else said)


def form_faults(submission: Submission, procedure: Procedure, desk: UnitInfo) -> Faults:
    """Every field that is wrong, apart from the answers to the procedure's questions."""
    return {**_applicant(submission), **_choices(submission, procedure, desk), **_papers(submission, procedure)}


def _applicant(submission: Submission) -> Faults:
    who = submission.applicant
    contact = {f"applicant.{name}": getattr(who, name) for name in ("phone", "email", "address")}
    faults = text_faults(contact, LONGEST_CONTACT)
    faults |= text_faults({"applicant.name": who.name}, LONGEST_NAME)
    faults |= text_faults({"subject": submission.subject}, LONGEST_SUBJECT)
    if not who.name.strip():
        faults["applicant.name"] = ("ghi họ tên người nộp", "give the applicant's name")
    number = who.id_number
    if number and not (number.isascii() and number.isdigit() and len(number) in ID_LENGTHS):
        faults["applicant.id_number"] = ("số định danh gồm 12 chữ số (CMND cũ: 9)",
                                         "an ID number has 12 digits (older: 9)")
    return faults


def _choices(submission: Submission, procedure: Procedure, desk: UnitInfo) -> Faults:
    faults: Faults = {}
    if not takes(desk, procedure.declaration.received_at):
        faults["procedure"] = (f"{desk.agency_vi} không tiếp nhận thủ tục này",
                               f"{desk.agency_en} does not take in this procedure")
    if submission.channel not in procedure.declaration.channels:
        faults["channel"] = ("thủ tục này không nhận qua kênh đã chọn", "this procedure is not taken in that way")
    if submission.return_way not in list(ReturnWay):
        faults["return_way"] = ("chọn cách trả: quầy, bưu chính, điện tử", "choose counter, post or electronic")
    # What was taken in without a network is not turned away any more: its address is asked for when it is sent.
    by_post = submission.return_way == ReturnWay.POST and submission.offline is None
    if by_post and not submission.applicant.address.strip():
        faults["applicant.address"] = ("trả qua bưu chính thì ghi địa chỉ nhận, hoặc để người nộp nhận tại quầy",
                                       "by post it needs the address it goes to, or let the applicant collect it")
    return faults


def _papers(submission: Submission, procedure: Procedure) -> Faults:
    faults: Faults = {}
    times = Counter(paper.component for paper in submission.papers)
    for component, count in times.items():
        if component not in procedure.declaration.documents:
            faults["papers"] = (f"không có thành phần “{component[:80]}” trong thủ tục này",
                                f"this procedure has no document “{component[:80]}”")
        elif count > 1:
            faults["papers"] = (f"thành phần “{component}” ghi hai lần", f"“{component}” is listed twice")
    for paper in submission.papers:
        if paper.form not in list(DocumentForm):
            faults["papers"] = ("chọn bản chính, bản sao hoặc điện tử", "choose original, copy or electronic")
        if not 1 <= paper.copies <= MOST_COPIES:
            faults["papers"] = (f"số bản từ 1 đến {MOST_COPIES}", f"from 1 to {MOST_COPIES} copies")
        faults |= text_faults({"papers": paper.reason}, LONGEST_SUBJECT)
    return faults
