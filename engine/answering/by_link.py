"""What may be done with the key that a mail brought: look, sign for it or refuse, answer once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

from engine import documents
from engine.answering import closing
from engine.answering.asked import OPEN, Asked, Stage, asked
from engine.answering.closing import Sent, Signer
from engine.casework.orders import reason_faults
from engine.casework.outside import Said, Voice
from engine.errors import Invalid, NotFound, NotPossibleHere
from engine.office import Office
from engine.signin import TooManyAttempts
from storage import links
from storage.documents import Stored

# Per address; nobody guesses 256 bits, but nobody shall fill the log with trying.
MOST_WRONG, WINDOW = 20, timedelta(minutes=10)
LONGEST_KEY = 100


class NoSuchLink(NotFound):
    """The same for a key that never was and for one that was replaced."""

    code = "no_such_link"
    vi = "Liên kết không đúng hoặc đã được thay bằng liên kết mới hơn."
    en = "The link is wrong, or a newer one has taken its place."


def look(office: Office, key: str, address: str, now: datetime) -> Asked:
    """Changes nothing, however often: scanners of mail open links. Raises NoSuchLink, TooManyAttempts."""
    found = links.of_key(office.db, key) if len(key) <= LONGEST_KEY else None
    if found is None:
        # after the look-up: behind a proxy everybody may have one address, and a right key is no guess
        seconds = links.barred(office.db, address, WINDOW, MOST_WRONG)
        if seconds > 0:
            raise TooManyAttempts(seconds=math.ceil(seconds))
        links.refused(office.db, address)
        raise NoSuchLink
    return asked(office, found, now, by_link=True)


def take(office: Office, found: Asked, signer: Signer, now: datetime) -> None:
    """The formal receipt. Raises Invalid, NotPossibleHere when it is too late."""
    _check(found, Stage.ASKED)
    _raise(closing.signer_faults(signer))
    closing.register(office, found, _voice(found, signer), now)


def refuse(office: Office, found: Asked, signer: Signer, reason: str, now: datetime) -> None:
    _check(found, Stage.ASKED)
    _raise({**closing.signer_faults(signer), **reason_faults(reason)})
    closing.refuse(office, found, signer, _voice(found, signer), reason, now)


def answer(office: Office, found: Asked, signer: Signer, said: Said, files: Sequence[Sent], now: datetime) -> None:
    """Once. Raises Invalid, UnacceptableFile, NotPossibleHere when it was answered, recalled or withdrawn."""
    _check(found, Stage.TAKEN)
    assert found.content is not None, "it is open"
    _raise({**closing.signer_faults(signer), **closing.said_faults(found.content, said)})
    checked = closing.inspected(office, files, now)
    closing.answer(office, found, signer, _voice(found, signer), said, checked, now)


def document(office: Office, found: Asked, wanted: UUID, now: datetime) -> tuple[Stored, IO[bytes]]:
    """A document of the dossier and its verified bytes, while the link is open; the reading is logged."""
    if found.content is None or all(file.id != wanted for file in found.content.files):
        raise NotFound(what="tài liệu", what_en="the document")
    return documents.read_outside(office, wanted, {"link": str(found.standing.handoff_id)}, now)


def _check(found: Asked, wanted: Stage) -> None:
    if found.stage is not wanted:
        vi, en = {Stage.ASKED: ("chưa ký nhận", "was not signed for yet")}.get(
            found.stage, ("đã ký nhận hoặc đã khép lại", "was signed for already, or is closed"))
        raise NotPossibleHere(event="trả lời", event_en="answer", where_vi=f"phiếu chuyển {vi}",
                              where_en=f"the hand-off {en}", possible="-", possible_en="-", open=found.stage in OPEN)


def _raise(faults: dict[str, tuple[str, str]]) -> None:
    if faults:
        raise Invalid(faults)


def _voice(found: Asked, signer: Signer) -> Voice:
    return Voice(name=signer.name, where=f"{signer.position.strip()}, {found.receiver.full_vi}"[:200],
                 proof={"link": str(found.standing.handoff_id)})
