"""A letter becomes a file: signed by the person, numbered, signed by the agency, kept as a document of the dossier.

Keys are on this machine (test keys), in a token or with a remote service, whose signature comes back later; or there is
no key, and a paper that was signed by hand comes back as a scan.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from engine import documents
from engine.casework import letters
from engine.casework.act import Decide, transact
from engine.casework.orders import Actor, Order
from engine.casework.signatures import CASES, Case, Made
from engine.clocks.zone import ZONE
from engine.errors import Conflict, NotFound, Refused, Unavailable
from engine.letters import layout
from engine.letters.drafting import Asked, issuer_of, load
from engine.office import Office
from engine.signing import port, trust
from engine.signing.port import AGENCY, PERSON, Certificate, Key, Prepared, Token
from engine.signing.testpki import SoftwareKey, TestKeys
from storage import events
from storage import letters as rows
from storage.dossiers import Loaded
from storage.inspection import inspect
from storage.letters import Request
from storage.lost import DocumentAbsent
from storage.spool import Spooled

# A token or a telephone answers within minutes; what was prepared is then no longer kept anywhere.
PATIENCE = timedelta(minutes=30)
DELEGATIONS = ("KT.", "TL.", "TUQ.")


class Expired(Conflict):
    code = "signing_request_expired"
    vi = "Yêu cầu ký đã quá {minutes} phút hoặc đã dùng rồi. Hãy bắt đầu ký lại."
    en = "This signing request is older than {minutes} minutes or was used before. Begin again."


class NoKeys(Refused):
    code = "no_test_keys"
    vi = "Máy chủ này không giữ khóa ký. Hãy ký bằng thiết bị ký số, dịch vụ ký từ xa hoặc ký trên giấy."
    en = "This server keeps no keys. Sign with a token, a remote service or on paper."


def sign(office: Office, asked: Asked, now: datetime) -> Request | None:
    """None when it is signed; what waits for the token's signature otherwise."""
    loaded, order = load(office, asked.code, asked.actor, now), asked.order("sign_letter")
    if _done(loaded, order, "signed"):
        return None
    letters.may_sign(loaded, order, office.catalogue(loaded.revision), now)
    _refuse_unsettled(office, asked)
    row = letters.find(loaded, order)
    if row["version"] != asked.version:
        raise letters.LetterChanged(who=loaded.last_actor, version=row["version"])
    position = asked.position.strip() or row["content"].get("position", "")
    issuer = issuer_of(office.catalogue(loaded.revision), row["agency"])
    sheets = layout.sheets(row["content"] | {"position": position}, row["title"], issuer, asked.code,
                           asked.actor.name, draft=False)
    key = _key(office, asked, now)
    seen = layout.seen_of_person(asked.actor.name, [issuer["agency"]], now)
    made = Made(kind="personal", adapter=key.adapter, position=position, certificate=key.certificate.named())
    done = port.sign(layout.to_be_signed(sheets), PERSON, key, now, appearance=seen)
    if isinstance(done, Prepared):
        return _wait(office, asked, loaded, done, key.certificate, made, now)
    _complete(office, asked, done, made, now)
    return None


def issue(office: Office, asked: Asked, now: datetime) -> Request | None:
    """Number, agency signature, issue; the same number whenever it is asked again."""
    loaded, order = load(office, asked.code, asked.actor, now), asked.order("issue_letter")
    if _done(loaded, order, "issued"):
        return None
    letters.may_issue(loaded, order, office.catalogue(loaded.revision), now)
    row = letters.find(loaded, order)
    letters.refuse_other_way(loaded, row, on_paper=False)
    unit = next(unit for unit in office.catalogue(loaded.revision).units.values() if unit.agency == row["agency"])
    number = take_number(office, asked, now)
    _, file = documents.read(office, UUID(row["document_id"]), asked.actor, now)
    with file:
        signed = file.read()
    key = _key_of_agency(office, asked, row["agency"], unit.agency_vi, now)
    made = Made(kind="agency", adapter=key.adapter, position=unit.agency_vi, certificate=key.certificate.named())
    seen = layout.seen_of_agency(number, row["content"].get("symbol", ""), unit, now)
    done = port.sign(signed, AGENCY, key, now, appearance=seen)
    if isinstance(done, Prepared):
        return _wait(office, asked, loaded, done, key.certificate, made, now)
    _complete(office, asked, done, made, now)
    return None


def take_number(office: Office, asked: Asked, now: datetime) -> int:
    """From the agency's book of the year. Only the clerk, only for what the competent person has signed."""
    loaded, order = load(office, asked.code, asked.actor, now), asked.order("issue_letter")
    letters.may_issue(loaded, order, office.catalogue(loaded.revision), now)
    row = letters.find(loaded, order)
    number = rows.take_number(office.db, loaded.id, asked.no, letters.book(row["kind"]), now.astimezone(ZONE).year)
    if row["number"] is None:
        events.append(office.db, "letter_numbered", asked.actor.id, now,
                      {"code": asked.code, "letter": asked.no, "number": number})
    return number


def finish(office: Office, request_id: UUID, signature: bytes, actor: Actor, now: datetime) -> Request:
    """The token's signature came back. Raises Expired, WrongSignature; a changed letter is refused, too."""
    request = waiting(office, request_id, actor)
    if request.done_at is not None or now > request.expires_at:
        raise Expired(minutes=int(PATIENCE.total_seconds() // 60))
    with _prepared(office, request.prepared) as file:
        prepared = Prepared.resume(file.read(), request.state)
    certificate = Certificate(request.certificate)
    pdf = port.finish(prepared, certificate, signature)
    asked = Asked(code=request.code, no=request.letter_no, actor=actor, key=str(request.id),
                  version=request.state["version"])
    made = Made(kind=request.kind, adapter="deferred", position=request.state["position"],
                certificate=certificate.named())
    _complete(office, asked, pdf, made, now)
    rows.request_done(office.db, request.id, now)
    return request


def waiting(office: Office, request_id: UUID, actor: Actor) -> Request:
    """Raises NotFound unless it is the actor's own."""
    found = rows.request(office.db, request_id, actor.id)
    if found is None:
        raise NotFound(what="yêu cầu ký", what_en="the signing request")
    return found


def take_scan(office: Office, asked: Asked, name: str, chunks: Iterable[bytes], *, issuing: bool,
              now: datetime) -> None:
    """A paper signed by hand, confirmed by the signer's act; or the same with the number and seal, by the clerk's."""
    if not issuing:
        _refuse_unsettled(office, asked)
    spooled = office.spool.receive(chunks, name=name)
    seen = inspect(spooled.path, name, None)
    digital = trust.seen(office, spooled.path, str(seen.media_type), now)
    file = letters.File(sha256=spooled.sha256, size=spooled.size, pages=seen.pages, media_type=str(seen.media_type),
                        signatures=digital.row() if digital else None)
    made = Made(kind="wet", adapter="wet", position=asked.position)
    _record(office, asked, spooled, file, made, now, issuing=issuing)


def _complete(office: Office, asked: Asked, pdf: bytes, made: Made, now: datetime) -> None:
    """Checked like any foreign file before it becomes a document."""
    found = trust.judge(office, pdf, now)
    case = found.case if not found.ok else found.lacking(
        ("personal",) if made.kind == "personal" else ("personal", "agency"))
    if case is not None and case is not Case.VALID:
        raise Refused(reason_vi=f"Không nhận chữ ký này: {CASES[case].vi}",
                      reason_en=f"The signature was not accepted: {CASES[case].en}", signature=case.value)
    spooled = office.spool.receive([pdf])
    file = letters.File(sha256=spooled.sha256, size=spooled.size, pages=None, media_type="application/pdf",
                        signatures=found.row())
    _record(office, asked, spooled, file, made, now, issuing=made.kind == "agency")


def _record(office: Office, asked: Asked, spooled: Spooled, file: letters.File, made: Made, now: datetime, *,
            issuing: bool) -> None:
    decide: Decide
    if issuing:
        decide = letters.issue(file, made, take_number(office, asked, now))
    else:
        decide = letters.sign(file, made, asked.version)
    transact(office, asked.order("issue_letter" if issuing else "sign_letter"), decide, now)
    documents.hand_to_store(office, spooled, file.media_type)


def _key(office: Office, asked: Asked, now: datetime) -> Key:
    if asked.certificate is not None:
        return Token(port.check_certificate(asked.certificate, now))
    return _own(office, lambda keys: keys.of_person(asked.actor.id, asked.actor.name))


def _key_of_agency(office: Office, asked: Asked, code: str, name: str, now: datetime) -> Key:
    if asked.certificate is not None:
        return Token(port.check_certificate(asked.certificate, now))
    return _own(office, lambda keys: keys.of_agency(code, name))


def _own(office: Office, choose: Callable[[TestKeys], SoftwareKey]) -> SoftwareKey:
    found = trust.keys(office)
    if found is None:
        raise NoKeys
    return choose(found)


def _wait(office: Office, asked: Asked, loaded: Loaded, prepared: Prepared, certificate: Certificate, made: Made,
          now: datetime) -> Request:
    spooled = office.spool.receive([prepared.pdf])
    request = Request(
        id=uuid.uuid4(), code=asked.code, letter_no=asked.no, kind=made.kind, person_id=asked.actor.id,
        certificate=certificate.der, prepared=spooled.sha256, digest=prepared.digest, created_at=now,
        expires_at=now + PATIENCE, done_at=None,
        state=prepared.state() | {"version": asked.version, "position": made.position})
    rows.keep_request(office.db, request, loaded.id)
    with suppress(Unavailable):  # in the store another machine may take the answer, too
        office.store.put(spooled.path, spooled.sha256, spooled.size, "application/pdf")
    return request


def _done(loaded: Loaded, order: Order, state: str) -> bool:
    """Asked again by the same person, after a double click or a lost answer: it stays done."""
    row = letters.find(loaded, order)
    return bool(row["state"] == state and row[f"{state}_by"] == order.actor.id)


def _prepared(office: Office, sha256: str) -> IO[bytes]:
    try:
        return office.spool.open_verified(sha256)
    except DocumentAbsent:
        return office.store.open_verified(sha256)


def _refuse_unsettled(office: Office, asked: Asked) -> None:
    left = sum(one.settled_at is None for one in rows.remarks(office.db, asked.code, asked.no))
    if left:
        raise Refused(reason_vi=f"Còn {left} góp ý chưa xử lý xong; hãy khép các góp ý rồi ký.",
                      reason_en=f"{left} remarks are not settled; settle them before signing.")
