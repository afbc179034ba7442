"""A draft on its way to being published: checked, shown in plain words, compared, approved by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Response
from fastapi.responses import RedirectResponse

from api.context import Caller, Counter, Person
from api.pages.catalogue.frame import again, attached, picture, taken_out, told, writes
from api.pages.forms import Posted, Sheet, written_date
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, html_id, page
from api.pages.visits import Visit
from engine.designing import drafts, publishing, references, versions
from engine.designing.drafts import Draft
from engine.designing.troubles import troubles
from engine.designing.yaml_writing import data_yaml
from engine.errors import LienThongError
from engine.states.findings import Severity
from procedures.declaration import Fault, Text

router = Counter(include_in_schema=False, route_class=PageRoute)

DraftId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Ending = Annotated[str, Path(pattern=r"^[a-z]{2,6}$")]
WEIGHTS = {
    Severity.RED: Text(vi="Phải sửa trước khi công bố", en="Must be corrected before publication"),
    Severity.AMBER: Text(vi="Nên xem lại", en="Worth a second look"),
    Severity.NOTE: Text(vi="Để biết", en="For information"),
}
# Of a draft that was not checked yet.
UNTOLD: dict[str, Any] = {"findings": [], "number": None, "configurations": 0, "explored_all": True, "imported": None,
                          "rehearsed": []}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A finding beside the section of the draft it is about. `bind`: the party that is to be bound."""

    words: Text
    place: Text
    address: str
    bind: str = ""


@router.get("/procedures/drafts/{draft}/check")
def checked(caller: Caller, draft: DraftId) -> Response:
    return _page(caller, drafts.open_for(caller.office, caller.actor, draft, caller.now))


def _page(caller: Person, draft: Draft, entered: Entered = BLANK, status: int = 200) -> Response:
    report = UNTOLD | (draft.row.report or {})
    second = publishing.may_publish(caller.office, caller.actor, draft, caller.now)
    return page(Visit(visitor=caller), "catalogue/check.html", entered, status=status, draft=draft, report=report,
                groups=list(_groups(draft, report)), looked=report["number"] is not None,
                writes=writes(caller) and draft.open, second=second, base=_base(caller, draft),
                did=caller.request.query_params.get("did", ""))


def _groups(draft: Draft, report: dict[str, Any]) -> Iterator[tuple[Text, str, list[Shown]]]:
    for weight, name in WEIGHTS.items():
        found = [_shown(draft, one) for one in report["findings"] if one["severity"] == weight]
        if found:
            yield name, weight.value, found


def _shown(draft: Draft, finding: dict[str, Any]) -> Shown:
    """With the words of the draft's own list for what is missing in it."""
    if finding["code"] == "rehearsal_failed":
        return Shown(words=Text(vi=finding["vi"], en=finding["en"]), place=Text(vi="Diễn tập", en="Rehearsal"),
                     address=f"/procedures/drafts/{draft.id}/scenarios")
    fault = Fault("", 0, ".".join(map(str, finding["where"])), finding["vi"], finding["en"])
    trouble, = troubles(draft.data, [fault])
    vi, en = (finding[language].removeprefix(f"{getattr(trouble.place, language)}: ") for language in ("vi", "en"))
    words = trouble.words if finding["code"] == "fault" else Text(vi=vi, en=en)
    party = references.at(draft.data, tuple(finding["where"])) if finding["code"] == "party_not_bound" else None
    entry = f"?{urlencode({'edit': trouble.entry})}" if trouble.entry else ""
    field = f"#{html_id(trouble.field)}" if trouble.entry and trouble.field else ""
    return Shown(words=words, place=trouble.place, bind=party if isinstance(party, str) else "",
                 address=f"/procedures/drafts/{draft.id}/{trouble.section}{entry}{field}")


def _base(caller: Person, draft: Draft) -> str | None:
    """What the draft is compared with first: the version it was made from, else the newest."""
    if draft.row.base_version_id is not None:
        return f"v{draft.row.base_version_id}"
    others = versions.others(caller.office, caller.actor, draft.key, caller.now)
    return next((ref for ref in others if ref.startswith("v")), None)


@router.post("/procedures/drafts/{draft}/check")
def check(caller: Caller, draft: DraftId, posted: Sheet) -> Response:
    try:
        publishing.check(caller.office, caller.actor, draft, _seen(posted), caller.now)
    except LienThongError as refusal:
        return _again(caller, draft, posted, refusal)
    return RedirectResponse(f"/procedures/drafts/{draft}/check?did=check", 303)


@router.post("/procedures/drafts/{draft}/publish")
def publish(caller: Caller, draft: DraftId, posted: Sheet) -> Response:
    try:
        made = publishing.publish(caller.office, caller.actor, draft, _seen(posted), posted.text("decision_no"),
                                  written_date(posted.text("valid_from")), caller.now)
    except LienThongError as refusal:
        return _again(caller, draft, posted, refusal)
    side = versions.side(caller.office, caller.actor, f"v{made}", caller.now)
    number = side.declaration.version
    return RedirectResponse(f"/procedures/{side.declaration.procedure}/versions/{number}?did=published", 303)


def _seen(posted: Posted) -> int:
    seen = posted.version()
    return -1 if seen is None else seen


def _again(caller: Person, draft: int, posted: Posted, refusal: LienThongError) -> Response:
    entered, status = again(caller, refusal, posted)
    return _page(caller, drafts.open_for(caller.office, caller.actor, draft, caller.now), entered, status)


@router.get("/procedures/drafts/{draft}/summary")
def in_words(caller: Caller, draft: DraftId) -> Response:
    """As its readers will have it."""
    found = drafts.open_for(caller.office, caller.actor, draft, caller.now)
    declaration = versions.of_draft(found).declaration
    return page(Visit(visitor=caller), "catalogue/summary.html", draft=found, sections=told(caller, declaration),
                picture=picture(declaration, caller.chosen_language))


@router.get("/procedures/drafts/{draft}/difference")
def difference(caller: Caller, draft: DraftId) -> Response:
    """From the version it was made from, or the newest; a new procedure differs from nothing."""
    base = _base(caller, drafts.open_for(caller.office, caller.actor, draft, caller.now))
    following = f"/procedures/difference?old={base}&new=d{draft}" if base else f"/procedures/drafts/{draft}/summary"
    return RedirectResponse(following, 303)


@router.get("/procedures/drafts/{draft}/export.{ending}")
def export(caller: Caller, draft: DraftId, ending: Ending) -> Response:
    """YAML of what there is, complete or not; the other formats of complete drafts only."""
    found = drafts.open_for(caller.office, caller.actor, draft, caller.now)
    name = f"{found.key}-draft-{draft}"
    if found.declaration is None and ending == "yaml":
        return attached(data_yaml(found.data), name, ending)
    return taken_out(versions.of_draft(found).declaration, name, ending)
