"""The form of a procedure, drawn from its declaration: questions, papers, desks, what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData, UploadFile

from api.context import Person
from api.dates import date_fault
from api.pages.forms import Posted, whole, written_date
from api.pages.questions import answer, question
from api.pages.reception_known import reused
from api.pages.rendering import Trouble
from api.words import CHANNELS, FORMS, RETURN_WAYS
from engine.casework.receive import Paper, Submission
from engine.casework.receive import Person as Applicant
from engine.catalogue import UnitInfo, code_on
from engine.counter.choosing import found, usual
from engine.desk.places import day_of
from engine.desk.promise import Promise, promise
from engine.errors import NotFound
from engine.post import intake
from engine.states.procedure import Procedure
from procedures.answers import typed
from procedures.declaration import Declaration, DocumentForm, FactType, Text
from storage.post import Line

# Why a scan comes later, as it is said most often; anything else is typed.
LATER = (
    Text(vi="quầy đang đông, quét trong ngày", en="busy, scanned today"),
    Text(vi="khổ giấy lớn, quét ở bộ phận lưu trữ", en="large format, scanned at the archive"),
    Text(vi="máy quét đang hỏng", en="the scanner is broken"),
    Text(vi="mất mạng hoặc mất điện", en="no network or no power"),
    Text(vi="giấy tờ không được phép sao chụp", en="may not be copied"),
)
REUSED = "dùng lại bản đã số hóa"
Faults = Mapping[str, tuple[str, str]]
# So many procedures are seen at a glance.
FEW = 6
NO_LIMIT = Text(vi="không có thời hạn chung", en="no overall limit")


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferedProcedure:
    key: str
    code: str
    name: Text
    field: Text
    limit: Text
    documents: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Area:
    name: Text
    procedures: list[OfferedProcedure]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperLine:
    key: str
    name: Text
    form: str
    needed: bool
    ticked: bool
    original_returned: bool
    copies: str
    later: str


def desks_of(caller: Person) -> list[UnitInfo]:
    """Not those of an agency that works elsewhere by now."""
    units = caller.office.fresh_catalogue().units
    return [units[unit] for unit, role in caller.identity.memberships
            if role == "receptionist" and not units[unit].outside]


def offered(caller: Person, search: str = "") -> list[Area]:
    """What the caller's desks take in, by field; only what `search` finds by name, code or field."""
    catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
    known = {key: listing for desk in desks_of(caller) for key, listing in catalogue.offered(today, desk).items()}
    areas: dict[str, Area] = {}
    for key, told in sorted(known.items(), key=lambda item: item[1].name.vi):
        code = code_on(told.codes, today)
        if not found(search, told.name.vi, told.name.en, told.field.name.vi, told.field.name.en, code, key):
            continue
        area = areas.setdefault(told.field.code, Area(name=told.field.name, procedures=[]))
        area.procedures.append(OfferedProcedure(
            key=key, code=code, name=told.name, field=told.field.name, documents=told.documents,
            limit=Text(vi=told.limit.vi, en=told.limit.en) if told.limit else NO_LIMIT))
    return list(areas.values())


def most_used(caller: Person, areas: list[Area]) -> list[OfferedProcedure]:
    """Of what is offered, what these desks take in most; nothing where that is all there is."""
    known = {offer.key: offer for area in areas for offer in area.procedures}
    if len(known) <= FEW:
        return []
    return [known[key] for key in usual(caller.office, [desk.id for desk in desks_of(caller)]) if key in known]


@dataclass(frozen=True, slots=True)
class Desk:
    """One procedure at the desks where this person may receive it."""

    caller: Person
    procedure: Procedure
    desks: list[UnitInfo]

    @classmethod
    def find(cls, caller: Person, key: str) -> Desk:
        catalogue, today = caller.office.fresh_catalogue(), day_of(caller.now)
        desks = [desk for desk in desks_of(caller) if key in catalogue.offered(today, desk)]
        if not desks:
            raise NotFound(what=f"thủ tục “{key}” tại quầy của bạn", what_en=f"procedure “{key}” at your desk")
        return cls(caller, catalogue.current(key, today)[1], desks)

    @property
    def declaration(self) -> Declaration:
        return self.procedure.declaration

    def by_slip(self, slip: str) -> Posted:
        """What the hand-over record says of it."""
        line = intake.waiting(self.caller.office, slip, self.caller.actor, self.caller.now)
        if line is None or line.procedure != self.procedure.key:
            return Posted.none()
        said: list[tuple[str, str | UploadFile]] = [
            ("slip", line.slip), ("channel", "post"), ("return_way", "post"), ("applicant.name", line.sender),
            ("unit", str(line.unit_id)), *(("paper", key) for key in line.papers)]
        return Posted(FormData(said))

    def submission(self, posted: Posted) -> Submission:
        """As the person meant it; every check is the engine's."""
        who = {name: posted.text(f"applicant.{name}") for name in ("name", "id_number", "phone", "email", "address")}
        who["id_number"] = who["id_number"].replace(" ", "")
        return Submission(
            procedure=self.procedure.key, unit=whole(posted.text("unit")) or self.desks[0].id,
            channel=posted.text("channel"), return_way=posted.text("return_way"), applicant=Applicant(**who),
            subject=posted.text("subject"), actor=self.caller.actor, key=posted.once, facts=self.facts(posted),
            papers=tuple(self._paper(posted, key) for key in self._taken(posted)),
            accept=posted.text("accept") != "no", slip=posted.text("slip"))

    def facts(self, posted: Posted) -> dict[str, Any]:
        answers = {name: answer(fact, posted.text(f"facts.{name}")) for name, fact in self.declaration.facts.items()}
        return {name: said for name, said in answers.items() if said}

    def _taken(self, posted: Posted) -> list[str]:
        """Ticked, sent along as a file now or in a moment, or taken from what is kept of the person."""
        ticked = {*posted.many("paper"), *posted.many("coming"), *reused(posted)}
        return [key for key in self.declaration.documents if key in ticked or posted.uploads(f"file.{key}")]

    def _paper(self, posted: Posted, key: str) -> Paper:
        if key in reused(posted):
            return Paper(component=key, form=DocumentForm.ELECTRONIC, reason=REUSED)
        copies = posted.text(f"copies.{key}")
        return Paper(component=key, form=self._form_of(posted, key), reason=posted.text(f"later.{key}"),
                     copies=(whole(copies) or 0) if copies else 1)

    def _form_of(self, posted: Posted, key: str) -> str:
        wanted = posted.text(f"form.{key}")
        return wanted if wanted in FORMS else self.declaration.documents[key].form

    def preview(self, posted: Posted) -> dict[str, Any]:
        told = self._promise(posted)
        return {"needed": list(told.documents), "due": told.due, "provisional": told.provisional,
                "received": told.received, "limit": told.limit, "limit_note": told.limit_note, "lines": told.lines,
                "fees": told.fees, "advice": told.advice}

    def _promise(self, posted: Posted) -> Promise:
        answers = typed(self.declaration, self.facts(posted))[0]
        facts = {**answers, "channel": posted.text("channel") or "direct"}
        return promise(self.caller.office.catalogue(), self.procedure, self.desks[0].agency, facts,
                       self._submitted(posted))

    def _line(self, posted: Posted) -> Line | None:
        slip = posted.text("slip")
        return intake.waiting(self.caller.office, slip, self.caller.actor, self.caller.now) if slip else None

    def _submitted(self, posted: Posted) -> datetime:
        """By post when both signed, else now."""
        line = self._line(posted)
        return line.signed_at or self.caller.now if line is not None and line.complete else self.caller.now

    def view(self, posted: Posted) -> dict[str, Any]:
        english = self.caller.chosen_language == "en"
        declared, desk, line = self.declaration, self.desks[0], self._line(posted)
        return {
            "procedure": {"key": self.procedure.key, "name": declared.name,
                          "code": code_on(declared.codes, day_of(self.caller.now)),
                          "field": declared.field.name.en if english else declared.field.name.vi},
            "form_address": f"/receive/{self.procedure.key}",
            "desk_name": desk.full_en if english else desk.full_vi,
            "desks": {str(unit.id): Text(vi=unit.full_vi, en=unit.full_en) for unit in self.desks},
            "questions": [question(name, fact) for name, fact in declared.facts.items()],
            "papers": self._papers(posted), "forms": FORMS, "laters": LATER, "return_ways": RETURN_WAYS,
            "lacking": "" if line is None or line.complete else line.lacking or "–",
            "channels": {key: CHANNELS[key] for key in declared.channels}, "preview": self.preview(posted),
        }

    def _papers(self, posted: Posted) -> list[PaperLine]:
        needed, taken = self._promise(posted).documents, self._taken(posted)
        return [PaperLine(key=key, name=paper.name, form=self._form_of(posted, key), needed=key in needed,
                          ticked=key in taken, original_returned=paper.original_returned,
                          copies=posted.text(f"copies.{key}") or "1", later=posted.text(f"later.{key}"))
                for key, paper in self.declaration.documents.items()]

    def faults(self, found: Faults, posted: Posted) -> dict[str, tuple[str, str]]:
        """By the field that shows them; a date is asked for in the way it is written here."""
        shown = {("applicant.address" if name == "applicant" else name): words for name, words in found.items()}
        for name, fact in self.declaration.facts.items():
            entered = posted.text(f"facts.{name}")
            if fact.type is FactType.DATE and entered and written_date(entered) is None:
                vi, en = date_fault(entered)
                shown[f"facts.{name}"] = (f"{fact.label.vi}: {vi}.", f"{fact.label.en}: {en}.")
        return shown

    def other_procedure(self, found: Faults) -> Trouble | None:
        """Where the declaration names the right procedure, the way there."""
        english = self.caller.chosen_language == "en"
        offered = self.caller.office.catalogue().offered(day_of(self.caller.now), self.desks[0])
        for check in self.declaration.checks:
            said = any(words[0].startswith(check.message.vi) for words in found.values())
            if said and check.right_procedure in offered:
                name = offered[check.right_procedure].name
                return Trouble(title="Another procedure" if english else "Hồ sơ thuộc thủ tục khác",
                               words=check.message.en if english else check.message.vi,
                               next=(f"/receive/{check.right_procedure}", name.en if english else name.vi))
        return None
