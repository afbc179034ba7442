"""What all pages of a letter share: its page as it is now, with a form that came back when something was not right."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Response

from api.context import Person
from api.pages.forms import Posted, faults_of
from api.pages.rendering import BLANK, Entered, Trouble, page
from api.pages.visits import Visit
from api.problems import status_of
from engine.casework.signatures import CASES
from engine.casework.telling import ACTS
from engine.errors import Invalid, LienThongError
from engine.letters import drafting
from engine.letters.drafting import Asked, LetterView
from engine.letters.sealing import DELEGATIONS
from engine.letters.templates import FIELDS
from engine.signing import trust

Number = Annotated[int, Path(ge=1, le=10_000)]
# What the page itself does with a form of its own; the rest are plain buttons with a reason at most.
ADAPTERS = {"software": ("Khóa thử nghiệm của máy chủ", "Test key of this server"),
            "deferred": ("Thiết bị ký số hoặc dịch vụ ký từ xa", "Token or remote service"),
            "wet": ("Ký trên giấy, quét lại", "Signed on paper and scanned")}


def show(caller: Person, code: str, no: int, entered: Entered = BLANK, *, status: int = 200,
         **told: Any) -> Response:
    view = drafting.view(caller.office, code, no, caller.actor, caller.now)
    allowed = {event for event, refusal in view.may.items() if refusal is None}
    return page(Visit(visitor=caller), "letters/letter.html", entered, status=status, view=view, row=view.row,
                fields=FIELDS, may=allowed, why=_why(view), acts=ACTS, delegations=DELEGATIONS, adapters=ADAPTERS,
                cases=CASES, keys=trust.keys(caller.office) is not None, **{"did": "", "meanwhile": False, **told})


def again(caller: Person, code: str, no: int, posted: Posted, refusal: LienThongError, *, scope: str = "",
          **told: Any) -> Response:
    """Nothing that was typed is lost; `scope` comes before the names of the fields of that act."""
    if isinstance(refusal, Invalid):
        faults = {f"{scope}.{name}" if scope else name: words for name, words in faults_of(refusal).items()}
        return show(caller, code, no, Entered(given=posted.typed(), faults=faults), status=422, **told)
    trouble = Trouble.of(refusal, caller.chosen_language)
    return show(caller, code, no, Entered(given=posted.typed(), trouble=trouble), status=status_of(refusal), **told)


def asked(caller: Person, code: str, no: int, posted: Posted, **more: Any) -> Asked:
    return Asked(code=code, no=no, actor=caller.actor, key=posted.once or "-", version=posted.version() or 0, **more)


def _why(view: LetterView) -> LienThongError | None:
    """Of the step that comes next, why the reader cannot do it."""
    following = {"draft": "submit_letter", "submitted": "sign_letter", "signed": "issue_letter"}
    event = following.get(view.row["state"])
    return view.may.get(event) if event else None
