"""Files chosen in the form of an answer: they are added to the dossier first, then they go with the answer."""

from __future__ import annotations

from starlette.datastructures import FormData

from api.context import Person
from api.pages.forms import Posted, Upload
from engine import desk, documents
from engine.casework.evidence import OTHER, RESULT


def with_files(caller: Person, code: str, posted: Posted) -> Posted:
    """The form as if its files had been uploaded before and ticked in it. The first is the written answer.

    Raises what an upload raises; what was taken before stays in the dossier.
    """
    scope = posted.text("scope")
    files = posted.uploads(f"{scope}.file")
    if not files:
        return posted
    hashes = [_added(caller, code, f"{posted.once}.{number}", file, OTHER if number else RESULT)
              for number, file in enumerate(files)]
    view = desk.dossier(caller.office, code, caller.actor, caller.now)
    added = [str(row.id) for row in view.documents
             if row.current and row.sha256 in hashes and row.component in (RESULT, OTHER)]
    # every file is a version of the dossier: one that somebody else made meanwhile still makes this stale
    seen = (posted.version() or 0) + len(files)
    kept = [(name, value) for name, value in posted.data.multi_items()
            if isinstance(value, str) and name != "seen_version"]
    return Posted(FormData([*kept, ("seen_version", str(seen)), *((f"{scope}.documents", one) for one in added)]))


def _added(caller: Person, code: str, key: str, file: Upload, component: str) -> str:
    spooled = caller.office.spool.receive(file.chunks(), name=file.name)
    upload = documents.Upload(code=code, component=component, name=file.name, declared_type=file.media_type,
                              actor=caller.actor, key=key)
    documents.take(caller.office, upload, spooled, caller.now)
    return spooled.sha256
