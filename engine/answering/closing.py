"""Registers, refuses and answers in the name of people who do not work here: the same for links and slips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import documents
from engine.answering.asked import Asked, Content, Stage, load
from engine.casework import outside
from engine.casework.act import transact
from engine.casework.decision import Decision, Row, iso
from engine.casework.evidence import OTHER, RESULT, VERDICTS
from engine.casework.orders import Faults, Order, reason_faults, text_faults
from engine.casework.outside import Decide, Said, Voice
from engine.casework.scans import MOST_FILES, Scan
from engine.casework.telling import ACTS
from engine.casework.telling import VERDICTS as VERDICT_NAMES
from engine.catalogue import Catalogue
from engine.errors import Invalid
from engine.office import Office
from storage.dossiers import Loaded
from storage.spool import Spooled

LONGEST_NAME = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Signer:
    """Who signs for it there."""

    name: str
    position: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A file as it comes: its bytes in pieces."""

    name: str
    declared_type: str | None
    chunks: Iterable[bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    name: str
    scan: Scan
    spooled: Spooled


def signer_faults(signer: Signer) -> Faults:
    faults = text_faults({"name": signer.name, "position": signer.position}, LONGEST_NAME)
    if not signer.name.strip():
        faults["name"] = ("ghi họ tên", "give the name")
    if not signer.position.strip():
        faults["position"] = ("ghi chức vụ", "give the position")
    return faults


def said_faults(content: Content, said: Said) -> Faults:
    """What is missing, before any file is taken in; the casework checks it all again."""
    wanted = content.answer(said.event)
    if wanted is None:
        return {"event": ("chọn nội dung trả lời", "choose an answer")}
    faults: Faults = text_faults({"words": said.words, "reason": said.reason})
    if wanted.verdict and said.verdict not in VERDICTS:
        faults["verdict"] = ("chọn một ý kiến", "choose an opinion")
    if wanted.verdict and not said.words.strip():
        faults["words"] = ("ghi nội dung ý kiến", "write the opinion")
    if wanted.reason:
        faults |= reason_faults(said.reason)
    return faults


def inspected(office: Office, sent: Sequence[Sent], now: datetime) -> list[Checked]:
    """All of them, before any is kept. Raises Invalid for too many, UnacceptableFile."""
    if len(sent) > MOST_FILES:
        raise Invalid({"file": (f"gửi tối đa {MOST_FILES} tệp", f"send at most {MOST_FILES} files")})
    found = []
    for one in sent:
        spooled = office.spool.receive(one.chunks, name=one.name)
        scan = documents.checked(office, one.name, one.declared_type, spooled, now)
        found.append(Checked(name=one.name[:200], scan=scan, spooled=spooled))
    return found


def register(office: Office, asked: Asked, voice: Voice, now: datetime) -> None:
    """What was never printed or mailed is awaited from now on, should the answer itself not come through."""
    decide = _kept(asked, outside.register(voice, asked.standing.handoff_id))
    _transact(office, asked, "register", voice, decide, now)


def refuse(office: Office, asked: Asked, signer: Signer, voice: Voice, reason: str, now: datetime) -> None:
    """Not taken in. Raises Invalid without a reason, NotPossibleHere when it was settled meanwhile."""
    told = {**_by(signer), "event_name": ACTS["refuse_handoff"].model_dump(), "reason": reason, "files": []}
    decide = _kept(asked, outside.refuse(voice, asked.standing.handoff_id, reason), told)
    _transact(office, asked, "refuse_handoff", voice, decide, now)


def answer(office: Office, asked: Asked, signer: Signer, voice: Voice, said: Said, files: Sequence[Checked],
           now: datetime) -> None:
    """Attaches what came with it, then answers. What an earlier try attached is not attached again."""
    assert asked.content is not None, "only what is open is answered"
    if asked.stage is Stage.ASKED:
        register(office, asked, voice, now)
    _attach(office, asked, voice, files, now)
    chosen = asked.content.answer(said.event)
    assert chosen is not None, "it was checked before"
    verdict = VERDICT_NAMES.get(said.verdict)
    told = {**_by(signer), "event_name": chosen.name.model_dump(), "words": said.words, "reason": said.reason,
            "verdict_name": verdict.model_dump() if verdict else None, "files": [one.name for one in files]}
    decide = _kept(asked, outside.answer(voice, asked.standing.handoff_id, said), told)
    _transact(office, asked, said.event, voice, decide, now)


def _attach(office: Office, asked: Asked, voice: Voice, files: Sequence[Checked], now: datetime) -> None:
    if not files:
        return
    known = {row["sha256"] for row in load(office, asked.standing.code).documents if row["added_by"] is None}
    for place, one in enumerate(files):
        if one.scan.sha256 not in known:
            component = RESULT if place == 0 else OTHER
            decide = outside.attach(voice, asked.standing.handoff_id, component, one.name, one.scan)
            _transact(office, asked, "attach", voice, decide, now)
            known.add(one.scan.sha256)
        documents.hand_to_store(office, one.spooled, one.scan.media_type)


def _by(signer: Signer) -> dict[str, Any]:
    return {"name": signer.name.strip(), "position": signer.position.strip()}


def _transact(office: Office, asked: Asked, event: str, voice: Voice, decide: Decide, now: datetime) -> None:
    transact(office, outside.order(asked.standing.code, event, voice), decide, now)


def _kept(asked: Asked, decide: Decide, told: dict[str, Any] | None = None) -> Decide:
    """With what was sent kept for whoever opens the link or scans the slip again; None: nothing was answered yet."""

    def decided(loaded: Loaded, order: Order, catalogue: Catalogue, now: datetime) -> Decision:
        decision = decide(loaded, order, catalogue, now)
        at = iso(decision.at) if told else None
        row: Row = {"handoff_id": str(asked.standing.handoff_id), "dossier_id": loaded.id,
                    "from_unit_id": asked.standing.from_unit_id, "made_at": iso(asked.standing.made_at),
                    "closed_at": at, "answered_at": at, "answer": told}
        decision.add("link_answer", row)
        return decision

    return decided
