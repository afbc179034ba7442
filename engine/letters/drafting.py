"""A letter while it is text: begun from a template, changed, shown, talked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine import desk
from engine.casework import letters
from engine.casework.act import Decide, transact
from engine.casework.decision import Decision
from engine.casework.orders import Actor, Order, Particulars, text_faults
from engine.catalogue import Catalogue
from engine.clocks.zone import ZONE
from engine.desk.letters import numbered
from engine.errors import Invalid, LienThongError, NotFound
from engine.letters import layout
from engine.letters.templates import FIELDS, LONGEST_TITLE, REQUIRED, TEMPLATES, Template, filled
from engine.office import Office
from procedures.declaration import Text
from storage import dossiers
from storage import letters as rows
from storage.dossiers import Loaded
from storage.letters import Remark

SIMPLE: Mapping[str, Decide] = {
    "submit_letter": letters.submit, "return_letter": letters.give_back, "initial_letter": letters.initial,
    "remark_letter": letters.remark, "cancel_letter": letters.cancel, "sign_letter": letters.may_sign,
    "issue_letter": letters.may_issue,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Who works on which letter. `version`: of the text that was read; `key` as in an Order.

    `position`: words above a signer's name, one a line. `certificate`: of a token or remote service (DER); without one
    the key of this machine signs.
    """

    code: str
    no: int
    actor: Actor
    key: str
    version: int = 0
    position: str = ""
    certificate: bytes | None = None

    def order(self, event: str) -> Order:
        return Order(code=self.code, event=event, actor=self.actor, state=letters.place(self.no), key=self.key)


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterView:
    """`row`: the letter as it is stored. `may`: acts and what stands in their way, None where nothing does.

    `names`: of people, by id. `stands_for`: in whose place the reader would sign. `unsettled`: remarks still open.
    """

    code: str
    row: dict[str, Any]
    template: Template
    state_name: Text
    names: Mapping[int, str]
    remarks: list[Remark]
    may: Mapping[str, LienThongError | None]
    signatures: list[dict[str, Any]]
    stands_for: str | None
    # of a draft: who returned it, and why
    given_back: rows.GivenBack | None

    @property
    def number(self) -> str:
        """07/QĐ, or nothing yet."""
        return numbered(self.row)

    @property
    def unsettled(self) -> int:
        return sum(remark.settled_at is None for remark in self.remarks)

    @property
    def wet(self) -> bool:
        """Signed by hand: the agency's seal is put on paper, too."""
        return any(one["kind"] == "wet" for one in self.signatures)


def load(office: Office, code: str, actor: Actor, now: datetime) -> Loaded:
    """Raises NotFound for strangers."""
    found = dossiers.load(office.db, code=code, person=actor.id, key=None, today=now.astimezone(ZONE).date(),
                          blind=False)
    if found is None:
        raise NotFound(what=f"hồ sơ {code}", what_en=f"dossier {code}")
    return found


def view(office: Office, code: str, no: int, actor: Actor, now: datetime) -> LetterView:
    loaded = load(office, code, actor, now)
    order = Order(code=code, event="", actor=actor, state=letters.place(no), particulars=Particulars(
        reason="-", words="-"))
    row = letters.find(loaded, order)
    catalogue = office.catalogue(loaded.revision)
    signatures = [one for one in loaded.signatures if one["letter_no"] == no]
    people = {row[name] for name in ("drafted_by", "changed_by", "initialled_by", "signed_by", "issued_by")}
    people |= {one["person_id"] for one in signatures} | {one["for_id"] for one in signatures}
    may = {event: _refusal(decide, loaded, order, catalogue, now) for event, decide in SIMPLE.items()}
    may["save_letter"] = _refusal(letters.save(_text(row), row["version"]), loaded, order, catalogue, now)
    replacing = letters.draft(_text(row, replaces=no))
    may["replace_letter"] = _refusal(replacing, loaded, order, catalogue, now)
    return LetterView(
        code=code, row=row, template=TEMPLATES[row["template"]], state_name=Text(**dict(zip(
            ("vi", "en"), letters.STATES[row["state"]], strict=True))),
        names=rows.names(office.db, [one for one in people if one]), remarks=rows.remarks(office.db, code, no),
        may=may, signatures=signatures, stands_for=_stands_for(loaded, order, catalogue, now),
        given_back=rows.given_back(office.db, code, no) if row["state"] == "draft" else None)


def begin(office: Office, code: str, template: str, actor: Actor, key: str, now: datetime) -> int:
    """A draft with what the dossier tells; returns its number in the dossier."""
    chosen = TEMPLATES.get(template)
    if chosen is None:
        raise Invalid({"template": ("chọn một mẫu văn bản", "choose a template")})
    title, content = filled(chosen, _known(office, code, chosen, actor, now))
    text = letters.Text(kind=chosen.kind, template=template, title=title, content=content)
    return _drafted(office, code, text, actor, key, now)


def replace(office: Office, code: str, no: int, actor: Actor, key: str, now: datetime) -> int:
    """A draft that says the same as the issued letter `no` and will take its place."""
    loaded = load(office, code, actor, now)
    row = letters.find(loaded, Order(code=code, event="draft_letter", actor=actor, state=letters.place(no)))
    return _drafted(office, code, _text(row, replaces=no), actor, key, now)


def save(office: Office, asked: Asked, title: str, content: Mapping[str, str], now: datetime) -> None:
    """Raises LetterChanged when the text was changed since it was read, Invalid for what no letter can say.

    A draft that says already what it should is left as it is.
    """
    faults = text_faults({"title": title}, LONGEST_TITLE)
    for name, (_, _, longest) in FIELDS.items():
        faults |= text_faults({name: content.get(name, "")}, longest)
    for name in REQUIRED:
        if not content.get(name, "").strip():
            faults[name] = (f"ghi {FIELDS[name][0].vi.lower()}", f"give the {FIELDS[name][0].en.lower()}")
    if not title.strip():
        faults["title"] = ("ghi tên văn bản", "give the letter a title")
    if faults:
        raise Invalid(faults)
    order = asked.order("save_letter")
    row = letters.find(load(office, asked.code, asked.actor, now), order)
    text = letters.Text(kind=row["kind"], template=row["template"], title=title.strip(),
                        content={name: content.get(name, "") for name in FIELDS})
    before = {name: row["content"].get(name, "") for name in FIELDS}
    if (row["state"], row["title"], before) != ("draft", text.title, text.content):
        transact(office, order, letters.save(text, asked.version), now)


def settle(office: Office, asked: Asked, remark: UUID, now: datetime) -> None:
    loaded = load(office, asked.code, asked.actor, now)
    found = next((one for one in rows.remarks(office.db, asked.code, asked.no) if one.id == remark), None)
    if found is None:
        raise NotFound(what="góp ý", what_en="the remark")
    row = {"id": str(found.id), "dossier_id": loaded.id, "letter_no": asked.no, "person_id": found.person_id,
           "body": found.body, "at": found.at.isoformat()}
    transact(office, asked.order("settle_remark"), letters.settle(row), now)


def preview(office: Office, code: str, no: int, actor: Actor, now: datetime) -> bytes:
    """The draft as a PDF that says that it is one."""
    loaded = load(office, code, actor, now)
    row = letters.find(loaded, Order(code=code, event="", actor=actor, state=letters.place(no)))
    issuer = issuer_of(office.catalogue(loaded.revision), row["agency"])
    return layout.sheets(row["content"], row["title"], issuer, code)


def issuer_of(catalogue: Catalogue, agency: str) -> dict[str, str]:
    """What stands at the head of a letter."""
    unit = next(unit for unit in catalogue.units.values() if unit.agency == agency)
    parent = catalogue.parents.get(agency)
    above = next((one.agency_vi for one in catalogue.units.values() if one.agency == parent), "")
    return layout.issuer_of(unit, above)


def _drafted(office: Office, code: str, text: letters.Text, actor: Actor, key: str, now: datetime) -> int:
    order = Order(code=code, event="draft_letter", actor=actor, key=key,
                  particulars=Particulars(kind=text.template, outcome=str(text.replaces or "")))
    transact(office, order, letters.draft(text), now)
    # the newest of that person: the same request asked again finds the same one
    mine = [row["no"] for row in load(office, code, actor, now).letters
            if row["drafted_by"] == actor.id and row["template"] == text.template]
    return int(mine[-1])


def _text(row: Mapping[str, Any], replaces: int | None = None) -> letters.Text:
    return letters.Text(kind=row["kind"], template=row["template"], title=row["title"], content=row["content"],
                        replaces=replaces if replaces else row["replaces"])


def _known(office: Office, code: str, template: Template, actor: Actor, now: datetime) -> dict[str, str]:
    """What a dossier tells a template."""
    head = desk.dossier(office, code, actor, now).header
    loaded = load(office, code, actor, now)
    catalogue = office.catalogue(loaded.revision)
    procedure = catalogue.procedures[loaded.version_id]
    looked = Decision(loaded, Order(code=code, event="", actor=actor), catalogue, procedure, now)
    basis = "\n".join(f"Căn cứ {one};" for one in procedure.declaration.legal_basis)
    return {"code": code, "applicant": head.applicant.name, "subject": head.subject or head.procedure_name.vi,
            "procedure": head.procedure_name.vi, "legal_basis": basis, "desk": head.desk.agency_name.vi,
            "agency": letters.issuer(looked, template.kind).agency_vi, "received": _day(head.received_at),
            "due": _day(head.due_at)}


def _day(at: datetime | None) -> str:
    return at.astimezone(ZONE).strftime("%d/%m/%Y") if at else ""


def _refusal(decide: Decide, loaded: Loaded, order: Order, catalogue: Catalogue,
             now: datetime) -> LienThongError | None:
    try:
        decide(loaded, order, catalogue, now)
    except LienThongError as refusal:
        return refusal
    return None


def _stands_for(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> str | None:
    try:
        decision = letters.may_sign(loaded, order, catalogue, now)
    except LienThongError:
        return None
    return decision.stands_for[1] if decision.stands_for else None
