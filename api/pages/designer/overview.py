"""Beginning a draft, the whole of it on one page, giving it up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from api.context import Caller, Counter, Person
from api.pages.designer.fields import Around
from api.pages.designer.frame import Desk, back, typed
from api.pages.designer.rows import form_lines, section_rows, step_rows
from api.pages.designer.sections import ALL, Shape
from api.pages.forms import Posted, Sheet, faults_of, whole
from api.pages.problems import PageRoute
from api.pages.rendering import BLANK, Entered, page
from api.pages.visits import Visit
from engine.access import may_write, must_write
from engine.designing import drafts
from engine.designing.drafts import Beginning
from engine.designing.troubles import SECTIONS
from engine.designing.words import fit
from engine.errors import Invalid, LienThongError
from engine.states.names import PHASES
from procedures.declaration import Text
from procedures.words import Phase

# What a copy of a procedure is to be.
MADE = {"next": fit(vi="Phiên bản mới của thủ tục này", en="A new version of this procedure"),
        "other": fit(vi="Thủ tục khác, dựa trên thủ tục này", en="Another procedure, based on this one")}
router = Counter(include_in_schema=False, route_class=PageRoute)


@router.get("/procedures/drafts/new")
def blank(caller: Caller, version: int | None = None, draft: int | None = None, made: str = "") -> Response:
    """`version` or `draft`: what it is to be a copy of; `made`: “next” version of it, or an “other” procedure."""
    given = {"version": str(version or ""), "draft": str(draft or ""), "made": made}
    return _beginning(caller, Entered(given=given))


@router.post("/procedures/drafts/new")
def begin(caller: Caller, posted: Sheet) -> Response:
    made = posted.text("made")
    beginning = Beginning(name_vi=posted.text("name.vi"), name_en=posted.text("name.en"), key=posted.text("key"),
                          version_id=whole(posted.text("version")), draft_id=whole(posted.text("draft")),
                          other=made == "other")
    try:
        if _asked(caller, beginning) and made not in MADE:
            raise Invalid({"made": ("Chọn: phiên bản mới của thủ tục đó, hay một thủ tục khác",
                                    "Choose: a new version of that procedure, or another procedure")})
        draft = drafts.create(caller.office, caller.actor, beginning, caller.now)
    except Invalid as refusal:
        return _beginning(caller, Entered(given=typed(posted), faults=faults_of(refusal)), 422)
    return back(f"/procedures/drafts/{draft.id}?did=created")


def _beginning(caller: Person, entered: Entered, status: int = 200) -> Response:
    must_write(caller.office, caller.actor, caller.now)
    copied = {name: number for name in ("version", "draft") if (number := entered.given.get(name))}
    return page(Visit(visitor=caller), "designer/new.html", entered, status=status, copied=copied, made=MADE,
                versions=_versions(caller))


def _asked(caller: Person, beginning: Beginning) -> bool:
    """Whether what is copied was published before, so that the copy could be its next version."""
    if beginning.version_id is None and beginning.draft_id is not None:
        copied = drafts.open_for(caller.office, caller.actor, beginning.draft_id, caller.now)
        return copied.row.base_version_id is not None
    return beginning.version_id is not None


def _versions(caller: Person) -> Mapping[str, Text]:
    """The newest version of every procedure, to begin with a copy."""
    catalogue = caller.office.fresh_catalogue()
    found: dict[str, Text] = {}
    seen: set[str] = set()
    for row in catalogue.versions:
        if row.procedure not in seen:
            seen.add(row.procedure)
            name = catalogue.listings[row.sha256].name
            found[str(row.id)] = fit(vi=f"{name.vi} (bản {row.number})", en=f"{name.en} (version {row.number})")
    return dict(sorted(found.items(), key=lambda item: item[1].vi))


@router.get("/procedures/drafts/{draft}")
def overview(caller: Caller, draft: int) -> Response:
    return _whole(Desk.find(caller, draft))


def _whole(desk: Desk, entered: Entered = BLANK, status: int = 200) -> Response:
    return desk.show("designer/draft.html", entered, status, links=desk.links(desk.missing), parts=_parts(desk),
                     picture=desk.picture(), based=desk.draft.data.get("version", 1) != 1, head=_head(desk.around),
                     may_begin=may_write(desk.caller.office, desk.caller.actor, desk.caller.now),
                     did=desk.caller.request.query_params.get("did", ""))


def _parts(desk: Desk) -> list[dict[str, Any]]:
    """Every section with its rows, in the order of the pages."""
    found: list[dict[str, Any]] = []
    for key, name in SECTIONS.items():
        section = ALL.get(key)
        rows = section_rows(section.holds, desk.around, desk.faulty) if section and section.holds else []
        phases = [{"name": PHASES[phase], "rows": step_rows(phase.value, desk.around, desk.faulty)}
                  for phase in Phase] if key == "steps" else []
        if key != "head":
            found.append({"key": key, "name": name, "rows": rows, "phases": phases,
                          "lines": form_lines(key, desk.around),
                          "form": section is not None and section.shape is Shape.FORM})
    return found


def _head(around: Around) -> list[tuple[Text, str]]:
    """The facts of the first section that are there."""
    data = around.data
    found = [(fit(vi="Mã thủ tục trong hệ thống", en="Key"), str(data.get("procedure", "")))]
    codes = data.get("codes")
    if isinstance(codes, list) and codes:
        found.append((fit(vi="Mã quốc gia", en="National code"),
                      ", ".join(str(code.get("code", "?")) for code in codes if isinstance(code, dict))))
    basis = data.get("legal_basis")
    if isinstance(basis, list) and basis:
        found.append((fit(vi="Căn cứ", en="Legal basis"), "; ".join(map(str, basis))))
    return found


@router.post("/procedures/drafts/{draft}/discard")
def discard(caller: Caller, draft: int, posted: Sheet) -> Response:
    desk, seen = Desk.find(caller, draft), posted.version()
    try:
        drafts.discard(caller.office, caller.actor, draft, -1 if seen is None else seen, caller.now)
    except LienThongError as refusal:
        entered, status = desk.again(refusal, Posted.none())
        return _whole(desk, entered, status)
    return back("/procedures?did=discarded")
