"""A hand-off as whoever is asked sees it: what is wanted by when, the dossier, its documents, how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from engine.casework import outside
from engine.casework.outside import Answer, Task
from engine.catalogue import UnitInfo
from engine.desk.dossier import FactRow, answers_given
from engine.desk.holdings import unscanned
from engine.desk.story import document_name
from engine.errors import NotPossibleHere
from engine.office import Office
from procedures.declaration import Text
from storage import dossiers, links
from storage.dossiers import Loaded
from storage.links import Standing


class Stage(StrEnum):
    """ASKED: nobody signed for it yet. TAKEN: somebody did, the answer is awaited. Everything else is over."""

    ASKED = "asked"
    TAKEN = "taken"
    ANSWERED = "answered"
    REFUSED = "refused"
    RECALLED = "recalled"
    CLOSED = "closed"
    EXPIRED = "expired"


OPEN = frozenset({Stage.ASKED, Stage.TAKEN})
_WAITING = ("pending", "delivered")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    id: UUID
    name: str
    component: Text
    media_type: str
    size: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Only while it is open: afterwards a link tells nothing of the dossier."""

    task: Task
    procedure: Text
    applicant: str
    subject: str
    received_at: datetime | None
    facts: list[FactRow]
    files: list[File]
    unscanned: list[Text]
    register_by: datetime | None

    @property
    def wanted(self) -> Text:
        """What is asked, as whoever is asked would say it."""
        beside = any(one.event == "answer_consultation" for one in self.task.answers)
        return Text(vi="Cho ý kiến", en="Give an opinion") if beside else self.task.step

    def answer(self, event: str) -> Answer | None:
        return next((one for one in self.task.answers if one.event == event), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    standing: Standing
    stage: Stage
    sender: UnitInfo
    receiver: UnitInfo
    content: Content | None

    @property
    def slip(self) -> str:
        return number(self.standing.code, self.standing.seq)


def number(code: str, seq: int) -> str:
    """What stands on the slip and in its barcode."""
    return f"{code}-H{seq}"


def asked(office: Office, standing: Standing, now: datetime, *, by_link: bool) -> Asked:
    catalogue = office.catalogue(standing.revision)
    stage = _stage(standing, now, by_link=by_link)
    content = _content(office, standing, now) if stage in OPEN else None
    if stage in OPEN and content is None:
        stage = Stage.CLOSED
    return Asked(standing=standing, stage=stage, sender=catalogue.units[standing.from_unit_id],
                 receiver=catalogue.units[standing.to_unit_id], content=content)


def _stage(standing: Standing, now: datetime, *, by_link: bool) -> Stage:
    if standing.state == "refused":
        return Stage.REFUSED
    if standing.answered_at is not None:
        return Stage.ANSWERED
    if standing.state == "recalled":
        return Stage.RECALLED
    if standing.closed_at is not None:
        return Stage.CLOSED
    if by_link and standing.expires_at is not None and standing.expires_at < now:
        return Stage.EXPIRED
    return Stage.ASKED if standing.state in _WAITING else Stage.TAKEN


def load(office: Office, code: str) -> Loaded:
    """By the machine: whoever asks has the key of the link, or works where the hand-off came from."""
    loaded = dossiers.read(office.db, code)
    assert loaded is not None, "dossiers are never deleted"
    return loaded


def _content(office: Office, standing: Standing, now: datetime) -> Content | None:
    """None when it was closed since its standing was read."""
    loaded = load(office, standing.code)
    catalogue = office.catalogue(loaded.revision)
    try:
        task = outside.task(loaded, catalogue, standing.handoff_id, now,
                            outside.words_of(office, loaded, standing.handoff_id))
    except NotPossibleHere:
        return None
    procedure, told = catalogue.procedures[loaded.version_id], links.described(office.db, standing.dossier_id)
    files = [File(id=UUID(row["id"]), name=row["name"], component=document_name(procedure, row["component"]),
                  media_type=row["media_type"] or "", size=row["size"])
             for row in loaded.documents if row["sha256"]]
    return Content(task=task, procedure=procedure.declaration.name, applicant=told.applicant, subject=told.subject,
                   received_at=told.received_at, facts=answers_given(loaded, procedure), files=files,
                   unscanned=unscanned(procedure, loaded.documents),
                   register_by=_register_by(loaded, str(standing.handoff_id)))


def _register_by(loaded: Loaded, handoff: str) -> datetime | None:
    """While nobody has signed for it."""
    return next((datetime.fromisoformat(row["register_due_at"]) for row in loaded.handoffs
                 if row["id"] == handoff and row["state"] in _WAITING), None)
