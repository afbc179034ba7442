"""One dossier as the forms read it: its page, the acts behind the forms, and what stands on every sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import desk
from engine.audit import read_told
from engine.casework.orders import Actor
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.desk.dossier import DossierView
from engine.desk.places import day_of
from engine.errors import NotFound
from engine.office import Office
from engine.printing import typeset, writing
from procedures import policies
from storage.tables.desk import LetterKind
from storage.views import printing
from storage.views.printing import Printed

Sheet = dict[str, Any]
SUPPLEMENT, REFUSE, REJECT = "request_supplement", "refuse", "propose_rejection"
ENDINGS = ("stop", "withdraw")
RETURNS = ("return_at_counter", "return_electronically", "confirm_delivery")
ACTS = ["receive", "accept", SUPPLEMENT, REFUSE, REJECT, *ENDINGS, *RETURNS]


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """An entry of the record: `told` are its details, `words` what was written with it. The machine has no unit."""

    action: str
    at: datetime
    who: str
    unit: UnitInfo | None
    told: dict[str, Any]
    words: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    view: DossierView
    more: Printed
    catalogue: Catalogue
    office: Office
    actor: Actor
    now: datetime

    @property
    def code(self) -> str:
        return self.view.header.code

    @property
    def desk(self) -> UnitInfo:
        return self.catalogue.units[self.view.header.desk.id]

    def acts(self, *actions: str) -> list[Act]:
        """Oldest first."""
        return [Act(action=row["action"], at=datetime.fromisoformat(row["at"]), who=row["who"],
                    unit=self.catalogue.units.get(row["unit_id"]), told=read_told(row["details"]),
                    words=read_told(row["words"]) if row["words"] else {})
                for row in self.more.acts if row["action"] in actions]

    def head(self, issuer: UnitInfo, number: str, at: datetime, *, whole: bool = False) -> Sheet:
        """What stands above and below every form. `issuer`: whose paper it is; `whole`: its agency's as such."""
        over, own = self._names(issuer, whole)
        return {
            "code": self.code, "above": over, "issuer": own, "number": number,
            "dated": writing.dated(issuer, at), "qr": typeset.qr(self.code), "bars": typeset.code128(self.code),
            "foot": f"Mã hồ sơ {self.code}", "submitter": self.view.header.applicant.name,
        }

    def _names(self, issuer: UnitInfo, whole: bool) -> tuple[str, str]:
        """The body above and the one that writes (Decree 30/2020): a unit under its agency where nothing is above."""
        above = (self.more.above or {}).get(issuer.agency, "")
        if above:
            # the desk is part of the Committee's office; departments stand under the Committee itself
            return above if issuer.receives else above.removeprefix("Văn phòng "), issuer.agency_vi
        if whole or issuer.agency_vi in issuer.name_vi:
            return "", issuer.agency_vi
        return issuer.agency_vi, issuer.name_vi

    def number(self, kind: LetterKind, symbol: str, nth: int) -> str:
        """That of the letter in its yearly book where one was issued for it, else the dossier's own code."""
        letters = [row for row in self.more.letters if row["kind"] == kind and row["number"] is not None]
        if nth <= len(letters):
            return f"{letters[nth - 1]['number']:02d}/{letters[nth - 1]['symbol'] or symbol}"
        return f"{self.code}/{symbol}" + (f"-{nth}" if nth > 1 else "")

    def basis(self, *rules: str) -> str:
        """The articles the rules rest on, on the day the dossier was received."""
        on = (self.view.header.received_at or self.view.header.submitted_at).astimezone(ZONE).date()
        return "; ".join(dict.fromkeys(policies.basis(rule, on) for rule in rules))


def read(office: Office, code: str, actor: Actor, now: datetime) -> Case:
    """Raises NotFound for strangers."""
    view = desk.dossier(office, code, actor, now)
    more = printing.printed(office.db, code, actor.id, day_of(now), ACTS)
    if more is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    return Case(view=view, more=more, catalogue=office.catalogue(), office=office, actor=actor, now=now)


def row(name: str, value: str, *, strong: bool = False) -> Sheet:
    return {"name": name, "value": value, "strong": strong}


def applicant(case: Case) -> list[Sheet]:
    """Who applied and for what, as every form of a dossier says it."""
    head = case.view.header
    who = head.applicant
    return [
        row("Người nộp hồ sơ", who.name, strong=True), row("Số định danh, mã số thuế", who.id_number),
        row("Địa chỉ", who.address), row("Điện thoại, email", ", ".join(filter(None, (who.phone, who.email)))),
        row("Nội dung yêu cầu", head.procedure_name.vi + (f": {head.subject}" if head.subject else "")),
    ]
