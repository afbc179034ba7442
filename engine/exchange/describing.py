"""What a message says (docs/exchange.md), from the rows of the moment it is first sent: its content, its documents."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.casework import outside
from engine.casework.telling import ACTS, STATUSES
from engine.catalogue import Catalogue, code_on
from engine.clocks.zone import ZONE
from engine.desk.dossier import answers_given
from engine.desk.holdings import unscanned
from engine.errors import NotPossibleHere
from engine.exchange.envelope import CONTROL, words_of
from engine.office import Office
from engine.states.procedure import Procedure
from procedures.declaration import Text
from storage import dossiers
from storage.dossiers import Loaded
from storage.exchange import Queued

Row = dict[str, Any]
UNTITLED = "tài liệu"
BETWEEN = " - "
MOST_FACTS = 100
UNSCANNED = Text(vi="Giấy tờ chưa có bản điện tử", en="Papers without an electronic copy")
LONGEST_NAME, LONGEST_VALUE = 255, 4000


@dataclass(slots=True)
class _Applicant:
    name: str
    id_number: str
    phone: str
    address: str
    subject: str


@dataclass(slots=True)
class _Sender:
    unit_id: int
    name: str | None


def content_of(office: Office, queued: Queued) -> tuple[Row, list[Row]]:
    """Every text in it is NFC, every instant in the protocol's form."""
    loaded = dossiers.read(office.db, queued.code)
    assert loaded is not None, "dossiers are never deleted"
    catalogue = office.catalogue(loaded.revision)
    content = _CONTENT.get(queued.kind, _as_queued)(office, queued, loaded, catalogue)
    procedure = catalogue.procedures[loaded.version_id]
    documents = [_document(row, procedure) for row in _enclosed(queued, loaded)]
    return _composed(content), [_composed(row) for row in documents]


def _handoff(office: Office, queued: Queued, loaded: Loaded, catalogue: Catalogue) -> Row:
    handoff = queued.payload["handoff"]
    sender = office.db.one(_Sender, "select h.from_unit_id as unit_id, p.name from handoff h "
                                    "left join person p on p.id = h.created_by where h.id = %s", (handoff,))
    unit = catalogue.units[sender.unit_id if sender else loaded.intake_unit_id]
    dossier = _dossier(office, loaded, catalogue)
    more = [] if loaded.counterpart else _unscanned(loaded, catalogue.procedures[loaded.version_id])
    return {"handoff": handoff, "dossier": {**dossier, "facts": [*dossier["facts"][:MOST_FACTS - len(more)], *more]},
            "task": _task(office, queued, loaded, catalogue),
            "by": {"name": (sender.name if sender else None) or "", "unit": {"vi": unit.full_vi, "en": unit.full_en}}}


def _task(office: Office, queued: Queued, loaded: Loaded, catalogue: Catalogue) -> Row:
    """Of a hand-off that closed before it was ever sent nothing can be answered: why follows in its lane."""
    handoff, state = queued.payload["handoff"], queued.payload["state"]
    try:
        task = outside.task(loaded, catalogue, handoff, queued.created_at,
                            outside.words_of(office, loaded, handoff))
    except NotPossibleHere:
        info = catalogue.procedures[loaded.version_id].states.get(state)
        task = outside.Task(step=info.name if info else ACTS["consult_further"], words="", due_at=None, answers=(),
                            paper=False)
    return {"step": _text(task.step), "words": task.words, "due_at": _at(task.due_at), "paper": task.paper,
            "answers": [{"event": one.event, "name": _text(one.name), "verdict": one.verdict, "reason": one.reason}
                        for one in task.answers]}


def _dossier(office: Office, loaded: Loaded, catalogue: Catalogue) -> Row:
    """As it is mastered; of one that we only work on, what its master says of it."""
    if loaded.counterpart is not None:
        known: Row = loaded.counterpart["task"]["dossier"]
        return {**known, "code": loaded.code}
    procedure = catalogue.procedures[loaded.version_id]
    who = office.db.one(_Applicant, "select a.name, a.id_number, a.phone, a.address, d.subject from applicant a "
                                    "join dossier d on d.id = a.dossier_id where a.dossier_id = %s", (loaded.id,))
    assert who is not None, "every dossier has an applicant"
    on = (loaded.received_at or loaded.last_at).astimezone(ZONE).date()
    return {
        "code": loaded.code, "subject": who.subject,
        "procedure": {"code": code_on(procedure.declaration.codes, on), "key": procedure.key,
                      "name": _text(procedure.declaration.name)},
        "applicant": {"name": who.name, "id_number": who.id_number, "phone": who.phone, "address": who.address},
        "facts": [{"label": _text(row.label), "value": row.value.vi[:LONGEST_VALUE]}
                  for row in answers_given(loaded, procedure)],
        "received_at": _at(loaded.received_at), "due_at": _at(loaded.due_at)}


def _progress(office: Office, queued: Queued, loaded: Loaded, catalogue: Catalogue) -> Row:
    """As the act that queued it left the dossier, whatever came after."""
    told = queued.payload
    return {"dossier": _dossier(office, loaded, catalogue), "status": told["status"], "ended": told["ended"],
            "status_name": _text(STATUSES[told["status"]]), "due_at": _at(told["due_at"])}


def _as_queued(office: Office, queued: Queued, loaded: Loaded, catalogue: Catalogue) -> Row:
    told = {name: value for name, value in queued.payload.items() if name not in ("documents", "units")}
    return {**told, **({"at": _at(told["at"])} if "at" in told else {})}


def _enclosed(queued: Queued, loaded: Loaded) -> list[Row]:
    """With a hand-off everything there is a file of; with an answer, or after a hand-off, what was chosen."""
    files = [row for row in loaded.documents if row["sha256"]]
    if queued.kind == "handoff":
        return files
    chosen = queued.payload.get("documents", ())
    return [row for row in files if row["id"] in chosen]


def _document(row: Row, procedure: Procedure) -> Row:
    return {"id": row["id"], "component": row["component"], "name": _told_name(row, procedure),
            "media_type": row["media_type"], "size": row["size"], "sha256": row["sha256"]}


def _told_name(row: Row, procedure: Procedure) -> str:
    """Which paper it is, and what its file is called: the receiver does not know our procedure, and a scanner's name
    says nothing.
    """
    name = CONTROL.sub(" ", row["name"] or UNTITLED)[:LONGEST_NAME]
    declared = procedure.declaration.documents.get(row["component"])
    if declared is None:
        return name
    paper = CONTROL.sub(" ", declared.name.vi).replace("/", "-")[:max(LONGEST_NAME - len(name) - len(BETWEEN), 0)]
    return f"{paper}{BETWEEN}{name}" if paper and not name.startswith(paper) else name


def _unscanned(loaded: Loaded, procedure: Procedure) -> list[Row]:
    names = [name.vi for name in unscanned(procedure, loaded.documents)]
    return [{"label": _text(UNSCANNED), "value": "; ".join(names)[:LONGEST_VALUE]}] if names else []


def _text(text: Text) -> Row:
    return {"vi": text.vi, "en": text.en}


def _at(moment: datetime | str | None) -> str | None:
    if moment is None:
        return None
    return words_of(datetime.fromisoformat(moment) if isinstance(moment, str) else moment)


def _composed(value: Any) -> Any:
    """Canonical bytes take NFC only; people type either form."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {name: _composed(member) for name, member in value.items()}
    return [_composed(member) for member in value] if isinstance(value, list) else value


_CONTENT: dict[str, Callable[[Office, Queued, Loaded, Catalogue], Row]] = {"handoff": _handoff, "progress": _progress}
