"""Results and letters: drafted, reviewed, initialled, signed by the competent person, issued by the agency's clerk.

Until it is signed a letter is text that may change; afterwards it is a file, and only another letter replaces it.
The agency signs after the person, never before (Decree 30/2020). Whoever wrote a letter does not sign it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework.decision import Decision, Row
from engine.casework.evidence import OTHER, RESULT
from engine.casework.obligations import lead_of
from engine.casework.orders import Order, check_words
from engine.casework.signatures import Made, signature_row
from engine.catalogue import Catalogue, UnitInfo
from engine.clocks.zone import ZONE
from engine.errors import Conflict, FourEyes, NotFound, NotPossibleHere, Refused, WrongRole
from procedures.declaration import Phase, Role
from storage.dossiers import Loaded
from storage.tables.desk import LetterKind

PREFIX = "letter__"
# Forms 02 and 03 are numbered by the desk that issues them; everything else goes into the agency's book of documents.
BOOKS = {"supplement": "HDHS", "refusal": "TCHS"}
GENERAL = "documents"
OPEN = ("draft", "submitted")
# All of them are read with every act on the dossier; a long one has a dozen.
MOST = 100
WRITERS = frozenset({Role.OFFICER, Role.RECEPTIONIST, Role.RETURNER, Role.HEAD, Role.MANAGER, Role.CLERK, Role.SIGNER})
Decide = Callable[[Loaded, Order, Catalogue, datetime], Decision]
Post = tuple[int, Role]


class LetterChanged(Conflict):
    """Somebody else saved the letter since this text was opened; neither text is lost."""

    code = "letter_changed"
    vi = "{who} đã sửa văn bản này sau khi bạn mở. Nội dung bạn gõ vẫn còn; hãy so với bản đang lưu rồi lưu lại."
    en = "{who} changed this letter after you opened it. What you typed is kept; compare it and save again."


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """What a draft says: `content` is what its template asks for."""

    kind: str
    template: str
    title: str
    content: Mapping[str, str]
    replaces: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A signed file in the spool, with the verdict on its signatures."""

    sha256: str
    size: int
    pages: int | None
    media_type: str
    signatures: Mapping[str, object] | None


def place(no: int) -> str:
    """Names a letter in an order, as a state names a step; no state can be called so."""
    return f"{PREFIX}{no}"


def draft(text: Text) -> Decide:
    """The decider of a new letter."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = _begun(loaded, order, catalogue, now)
        unit = _acting(decision, set(_writers(decision, text.kind)), "soạn văn bản", "draft a letter")
        _check_replaced(decision, text)
        if len(loaded.letters) >= MOST:
            raise Refused(reason_vi=f"Một hồ sơ có tối đa {MOST} văn bản.",
                          reason_en=f"A dossier has {MOST} letters at most.")
        row: Row = {
            "dossier_id": loaded.id, "no": len(loaded.letters) + 1, "kind": text.kind, "template": text.template,
            "state": "draft", "title": text.title, "content": dict(text.content), "version": 1,
            "agency": issuer(decision, text.kind).agency, "drafted_by": order.actor.id, "drafted_at": decision.stamp,
            "changed_by": order.actor.id, "changed_at": decision.stamp, "replaces": text.replaces}
        decision.add("letter", row)
        decision.audit("draft_letter", unit=unit, details={"letter": row["no"], "kind": text.kind})
        return decision

    return decide


def save(text: Text, seen: int) -> Decide:
    """The decider of a changed text; `seen`: the letter's version when it was opened."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row = _of(loaded, order, catalogue, now)
        unit = _acting(decision, set(_menders(decision, row)), "sửa văn bản", "change a letter")
        _expect(row, ("draft",), "sửa văn bản", "change the letter")
        if row["version"] != seen:
            raise LetterChanged(who=loaded.last_actor, version=row["version"])
        _put(decision, row, title=text.title, content=dict(text.content), version=row["version"] + 1,
             changed_by=order.actor.id, changed_at=decision.stamp)
        decision.audit("save_letter", unit=unit, details={"letter": row["no"], "text": row["version"] + 1})
        return decision

    return decide


def submit(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """For review and signing; what was remarked must be settled."""
    decision, row = _of(loaded, order, catalogue, now)
    unit = _acting(decision, set(_menders(decision, row)), "trình ký", "submit a letter")
    _expect(row, ("draft",), "trình ký", "submit the letter")
    _put(decision, row, state="submitted")
    return _told(decision, unit, row)


def give_back(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """To be changed again, with the reason; an initial is no longer worth anything then."""
    decision, row = _of(loaded, order, catalogue, now)
    may = {*_writers(decision, row["kind"]), *reviewers(decision), *signers(decision, row["kind"])}
    unit = _acting(decision, may, "trả lại văn bản", "return a letter")
    _expect(row, ("submitted",), "trả lại văn bản", "return the letter")
    check_words(order.particulars, reason=True)
    _put(decision, row, state="draft", initialled_by=None, initialled_at=None)
    lead = lead_of(decision)
    if lead is not None and lead.id != unit.id:
        decision.add("notice", {"dossier_id": loaded.id, "clock_no": 0, "kind": "letter_returned",
                                "about": decision.stamp, "unit_id": lead.id, "at": decision.stamp})
    return _told(decision, unit, row)


def initial(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Ký nháy: the head vouches for what his unit wrote."""
    decision, row = _of(loaded, order, catalogue, now)
    unit = _acting(decision, set(reviewers(decision)), "ký nháy", "initial a letter")
    _expect(row, ("submitted",), "ký nháy", "initial the letter")
    _refuse_writer(decision, row)
    _put(decision, row, initialled_by=order.actor.id, initialled_at=decision.stamp)
    return _told(decision, unit, row)


def remark(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """A remark of review; its words are kept beside the letter, and committed to in the record."""
    decision, row = _of(loaded, order, catalogue, now)
    may = {*_writers(decision, row["kind"]), *reviewers(decision), *signers(decision, row["kind"])}
    unit = _acting(decision, may, "góp ý văn bản", "comment on a letter")
    _expect(row, OPEN, "góp ý văn bản", "comment on the letter")
    words = order.particulars.words.strip()
    if not words:
        raise Refused(reason_vi="Hãy ghi nội dung góp ý.", reason_en="Write the remark.")
    check_words(order.particulars, reason=False)
    decision.add("letter_comment", {"id": str(uuid.uuid4()), "dossier_id": loaded.id, "letter_no": row["no"],
                                    "person_id": order.actor.id, "body": words, "at": decision.stamp})
    decision.audit("remark_letter", unit=unit, details={"letter": row["no"]})
    return decision


def settle(comment: Row) -> Decide:
    """The decider that a remark was taken care of; `comment` as it is stored."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision, row = _of(loaded, order, catalogue, now)
        may = {*_writers(decision, row["kind"]), *reviewers(decision)}
        unit = _acting(decision, may, "khép góp ý", "settle a remark")
        _expect(row, OPEN, "khép góp ý", "settle the remark")
        decision.add("letter_comment", {**comment, "settled_at": decision.stamp, "settled_by": order.actor.id})
        decision.audit("settle_remark", unit=unit, details={"letter": row["no"]})
        return decision

    return decide


def cancel(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """With the reason. A number that was given stays given: the book has no gap and nobody else gets it."""
    decision, row = _of(loaded, order, catalogue, now)
    may = {*_writers(decision, row["kind"]), *signers(decision, row["kind"])}
    if row["state"] not in OPEN:
        may = {*signers(decision, row["kind"]), *issuers(decision, row)}
    unit = _acting(decision, may, "hủy văn bản", "cancel a letter")
    _expect(row, (*OPEN, "signed", "issued"), "hủy văn bản", "cancel the letter")
    check_words(order.particulars, reason=True)
    _put(decision, row, state="cancelled")
    if row["document_id"] is not None:
        decision.raise_version()
    return _told(decision, unit, row)


def may_sign(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """Raises what stands in the way of the signer, before any digest is made."""
    decision, row = _of(loaded, order, catalogue, now)
    _acting(decision, set(signers(decision, row["kind"])), "ký văn bản", "sign a letter")
    _expect(row, ("submitted",), "ký văn bản", "sign the letter")
    _refuse_writer(decision, row)
    return decision


def may_issue(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    """The same for the clerk: only what the competent person has signed."""
    decision, row = _of(loaded, order, catalogue, now)
    _acting(decision, set(issuers(decision, row)), "lấy số, ký của cơ quan", "number and issue a letter")
    _expect(row, ("signed",), "lấy số, ký của cơ quan", "issue the letter")
    return decision


def sign(file: File, made: Made, seen: int) -> Decide:
    """The decider of the person's signature: `file` is the letter's text of version `seen`, signed."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = may_sign(loaded, order, catalogue, now)
        row = find(loaded, order)
        if row["version"] != seen:
            raise LetterChanged(who=loaded.last_actor, version=row["version"])
        document = _keep(decision, row, file)
        unit = _unit(decision, signers(decision, row["kind"]))
        decision.add("signature", signature_row(decision, unit, document, made, row["no"]))
        _put(decision, row, state="signed", document_id=document["id"], signed_by=order.actor.id,
             signed_at=decision.stamp)
        return _told(decision, unit, row, document=document["id"], sha256=file.sha256, version=decision.version)

    return decide


def issue(file: File, made: Made, number: int) -> Decide:
    """The decider of the agency's signature and the issue; `number` was taken from the book for this letter."""

    def decide(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = may_issue(loaded, order, catalogue, now)
        row = find(loaded, order)
        refuse_other_way(loaded, row, on_paper=made.kind == "wet")
        document = _keep(decision, row, file)
        unit = _unit(decision, issuers(decision, row))
        decision.add("signature", signature_row(decision, unit, document, made, row["no"]))
        _put(decision, row, state="issued", document_id=document["id"], issued_by=order.actor.id,
             issued_at=decision.stamp)
        old = next((one for one in loaded.letters if one["no"] == row["replaces"]), None)
        if old is not None:
            _put(decision, old, state="replaced", replaced_by=row["no"])
        return _told(decision, unit, row, document=document["id"], sha256=file.sha256, version=decision.version,
                     number=number)

    return decide


def kinds(decision: Decision) -> frozenset[str]:
    """Of letters that the person of this decision may draft now."""
    held = {(unit, role) for unit, role in decision.loaded.memberships}
    return frozenset(kind.value for kind in LetterKind if held & set(_writers(decision, kind)))


def refuse_other_way(loaded: Loaded, row: Row, *, on_paper: bool) -> None:
    """A digital signature is sealed digitally, a paper on paper: else the file that was signed would be another."""
    if on_paper != any(one["kind"] == "wet" and one["document_id"] == row["document_id"] for one in loaded.signatures):
        raise Refused(reason_vi="Văn bản ký số thì cơ quan ký số; văn bản ký trên giấy thì đóng dấu rồi quét lại.",
                      reason_en="What was signed digitally is sealed digitally, what was signed on paper on paper.")


def signers(decision: Decision, kind: str) -> Iterator[Post]:
    """Of a result whoever signs the dossier; of letters also the heads that answer for it and the desk's management."""
    found = list(_of_signing(decision, Role.SIGNER))
    yield from found
    if kind != "result" or not found:
        yield from reviewers(decision)
        yield decision.loaded.intake_unit_id, Role.MANAGER


def issuers(decision: Decision, row: Row) -> Iterator[Post]:
    """The clerks of the issuing agency; at a desk that has none, the desk itself."""
    clerks = [(unit.id, Role.CLERK) for unit in decision.catalogue.units.values() if unit.agency == row["agency"]
              and (unit.id, Role.CLERK) in decision.catalogue.staffed]
    yield from clerks
    if not clerks:
        yield decision.loaded.intake_unit_id, Role.RECEPTIONIST
        yield decision.loaded.intake_unit_id, Role.MANAGER


def reviewers(decision: Decision) -> Iterator[Post]:
    """The heads of the lead and of the units that hold the dossier."""
    lead, states = lead_of(decision), decision.procedure.states
    if lead is not None:
        yield lead.id, Role.HEAD
    for item in decision.loaded.items:
        if item["state"] in states and states[item["state"]].branch_of is None:
            yield item["unit_id"], Role.HEAD


def issuer(decision: Decision, kind: str) -> UnitInfo:
    """The unit whose agency stands at the head of the letter: the desk for Forms 02 and 03, else signers or lead."""
    units, desk = decision.catalogue.units, decision.catalogue.units[decision.loaded.intake_unit_id]
    if kind in BOOKS:
        return desk
    if kind == "result":
        return next((units[unit] for unit, _ in _of_signing(decision, Role.SIGNER)), lead_of(decision) or desk)
    return lead_of(decision) or desk


def book(kind: str) -> str:
    return BOOKS.get(kind, GENERAL)


def find(loaded: Loaded, order: Order) -> Row:
    """The letter that the order names by its state."""
    for row in loaded.letters:
        if place(row["no"]) == order.state:
            return dict(row)
    raise NotFound(what="văn bản", what_en="the letter")


def _begun(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
    return Decision(loaded, order, catalogue, catalogue.procedures[loaded.version_id], now)


def _of(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> tuple[Decision, Row]:
    return _begun(loaded, order, catalogue, now), find(loaded, order)


def _told(decision: Decision, unit: UnitInfo, row: Row, **more: Any) -> Decision:
    decision.audit(decision.order.event, unit=unit, details={"letter": row["no"], **more},
                   spoken=decision.order.particulars.spoken())
    return decision


def _put(decision: Decision, row: Row, **changes: Any) -> None:
    decision.add("letter", {**row, **changes})


def _acting(decision: Decision, may: set[Post], vi: str, en: str) -> UnitInfo:
    for unit, role in decision.loaded.memberships:
        if (unit, role) in may:
            decision.act_as(unit, role)
            return decision.catalogue.units[unit]
    first = next(iter(sorted(may)), None)
    where = decision.catalogue.units[first[0]] if first else None
    raise WrongRole(event=vi, event_en=en, who_vi=where.full_vi if where else "đơn vị đang xử lý",
                    who_en=where.full_en if where else "the unit at work")


def _unit(decision: Decision, may: Iterator[Post]) -> UnitInfo:
    return _acting(decision, set(may), "", "")


def _expect(row: Row, states: tuple[str, ...], vi: str, en: str) -> None:
    if row["state"] not in states:
        where = STATES[row["state"]]
        raise NotPossibleHere(event=vi, event_en=en, where_vi=where[0], where_en=where[1], possible="-")


STATES = {
    "draft": ("Đang soạn", "Being drafted"), "submitted": ("Chờ ký", "Waiting to be signed"),
    "signed": ("Đã ký, chờ lấy số", "Signed, waiting for its number"), "issued": ("Đã phát hành", "Issued"),
    "replaced": ("Đã được thay thế", "Replaced"), "cancelled": ("Đã hủy", "Cancelled"),
}


def _writers(decision: Decision, kind: str) -> Iterator[Post]:
    """Whoever holds open work on the dossier, a consulted agency not; the desk for everything but the result."""
    states, loaded = decision.procedure.states, decision.loaded
    for item in loaded.items:
        info = states.get(item["state"])
        if info is not None and info.branch_of is None:
            yield from ((item["unit_id"], role) for role in WRITERS)
    if kind != "result":
        yield from ((loaded.intake_unit_id, role) for role in (Role.RECEPTIONIST, Role.MANAGER))


def _menders(decision: Decision, row: Row) -> Iterator[Post]:
    """Also the unit in charge, which changes what comes back to it from signing."""
    yield from _writers(decision, row["kind"])
    lead = lead_of(decision)
    if lead is not None:
        yield from ((lead.id, role) for role in WRITERS)


def _of_signing(decision: Decision, role: Role) -> Iterator[Post]:
    on = decision.at.astimezone(ZONE).date()
    for info in decision.procedure.states.values():
        if info.phase is Phase.SIGNING and info.role == role and info.party is not None:
            try:
                yield decision.catalogue.unit_for(info.party, decision.loaded.intake_agency, on).id, role
            except Refused:
                continue


def _refuse_writer(decision: Decision, row: Row) -> None:
    answering = {decision.actor.id} | ({decision.stands_for[0]} if decision.stands_for else set())
    if answering & {row["drafted_by"], row["changed_by"]}:
        raise FourEyes(step_vi="soạn văn bản", step_en="drafting the letter")
    if decision.stands_for and row["initialled_by"] == decision.actor.id:
        raise FourEyes(step_vi="ký nháy văn bản", step_en="initialling the letter")


def _check_replaced(decision: Decision, text: Text) -> None:
    if text.replaces is None:
        return
    old = next((row for row in decision.loaded.letters if row["no"] == text.replaces), None)
    if old is None or old["state"] != "issued" or old["kind"] != text.kind:
        raise Refused(reason_vi="Chỉ thay được văn bản cùng loại đã phát hành và còn hiệu lực.",
                      reason_en="Only an issued letter of the same kind that is still in force can be replaced.")


def _keep(decision: Decision, row: Row, file: File) -> Row:
    """The file as a document of the dossier. What it replaces stays, and still verifies."""
    decision.raise_version()
    component = RESULT if row["kind"] == "result" else OTHER
    document: Row = {
        "id": str(uuid.uuid4()), "dossier_id": decision.loaded.id, "component": component, "form": "electronic",
        "name": f"{row['title'][:150]}.pdf", "state": "pending", "reason": None, "media_type": file.media_type,
        "size": file.size, "pages": file.pages, "sha256": file.sha256, "added_by": decision.actor.id,
        "added_at": decision.stamp, "quality": {"signatures": dict(file.signatures)} if file.signatures else None}
    decision.add("document", document)
    replaced = [old for old in decision.loaded.documents
                if (component == RESULT and old["component"] == RESULT) or old["id"] == row["document_id"]]
    before = next((one for one in decision.loaded.letters if one["no"] == row["replaces"]), None)
    if before is not None and decision.order.event == "issue_letter":
        replaced += [old for old in decision.loaded.documents if old["id"] == before["document_id"]]
    for old in {one["id"]: one for one in replaced}.values():
        decision.add("document", {**old, "replaced_by": document["id"]})
    return document
