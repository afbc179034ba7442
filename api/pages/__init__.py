"""The pages of a working day: `router` has their routes, `failure` is how they show what went wrong."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from api import problems
from api.context import Counter
from engine.errors import LienThongError

router = Counter()


def failure(request: Request, error: LienThongError) -> Response:
    """Whatever a page's endpoint raised, and addresses that lead nowhere."""
    return problems.respond(error, problems.language_of(request))
